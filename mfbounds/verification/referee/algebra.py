"""Proof steps as data, and one procedure that proves them, refutes them, or leaves them open.

A step claims ``left relation right`` for all values of its symbols in their intervals. It is refuted by numbers: exact
fractions in the intervals at which both sides, as balls, are apart the wrong way. An identity is proved by simplifying
the difference to 0. An inequality is proved after each interval is mapped to [0, oo): the difference is then a quotient
of polynomials in non-negative variables, whose sign is read off its coefficients, its factors, its discriminant in one
variable, or its real roots; a difference in one variable with logarithms or exponentials by its derivatives.
"""

from __future__ import annotations

import random
from collections.abc import Iterator, Mapping
from dataclasses import dataclass, field
from enum import StrEnum
from itertools import islice
from typing import Any

import sympy as sp
from flint import arb, fmpq

from mfbounds.bounds.formula import evaluate
from mfbounds.bounds.statement import Tier
from mfbounds.verification.referee.signs import POSITIVE, nonnegative, rises
from mfbounds.verification.status import show

Interval = tuple[Any, Any]  # open; ends may contain the symbols named before
FIRST, TRIES = 40, 600  # points tried for a counterexample, before a proof is tried and after
LONGEST = 12  # characters of an exact number before it is shown in decimals
FRACTIONS = tuple(map(sp.Rational, ("1/2", "1/4", "3/4", "1/10", "9/10", "1/100", "99/100")))  # of an interval
REACHES = tuple(map(sp.Rational, ("1", "2", "1/2", "1/10", "10", "1/100", "100", "1000")))  # into a half-line


class Relation(StrEnum):
    """What a step claims."""

    EQUAL = "="
    AT_MOST = "<="
    LESS = "<"


class Outcome(StrEnum):
    """What is known about a step."""

    PROVED = "proved"
    REFUTED = "refuted"
    OPEN = "undecided"


@dataclass(frozen=True, kw_only=True, eq=False)
class Step:
    """One step of a proof.

    Attributes:
        statement: id of the statement whose proof it belongs to.
        tier: printed (a step of the paper) or repaired, sharpened (a step of our proofs).
        name: a few words.
        source: where it stands.
        left, relation, right: the claim, for all values in `domain`.
        domain: the interval of each symbol in order, or the list of its values.
        units: degrees in the unit of reward, where both sides must scale alike.
    """

    statement: str
    tier: Tier
    name: str
    source: str
    left: sp.Expr
    right: sp.Expr
    relation: Relation = Relation.EQUAL
    domain: Mapping[sp.Symbol, Interval | list[Any]] = field(default_factory=dict)
    units: Mapping[str, int] = field(default_factory=dict)

    @property
    def claim(self) -> str:
        """``left <= right`` as text."""
        return f"{self.left} {self.relation} {self.right}"


@dataclass(frozen=True)
class Decision:
    """Outcome, how it was reached, and the numbers that refute."""

    outcome: Outcome
    how: str
    counterexample: Mapping[str, str] = field(default_factory=dict)


def decide(step: Step) -> Decision:
    """Prove or refute a step, or say that neither was possible.

    Example:
        >>> x, y = sp.symbols("x y")
        >>> everywhere = {x: (0, sp.oo), y: (0, sp.oo)}
        >>> young = Step(statement="P1.C.5", tier=Tier.PRINTED, name="Young", source="", left=x * y,
        ...              right=x**2 / 2 + y**2 / 2, relation=Relation.AT_MOST, domain=everywhere)
        >>> decide(young).outcome.value
        'proved'
    """
    difference = sp.expand(step.right - step.left)
    if difference == 0:
        return _strict(step, Decision(Outcome.PROVED, "both sides are one and the same"))
    early = _refutation(step, FIRST)  # most false claims fail soon, before a proof is tried
    if early is not None:
        return early
    proved = _identity(difference) if step.relation is Relation.EQUAL else _inequality(step, difference)
    return proved or _refutation(step, TRIES) or Decision(Outcome.OPEN, "neither proved nor refuted")


def _strict(step: Step, decision: Decision) -> Decision:
    return Decision(Outcome.REFUTED, "both sides are equal") if step.relation is Relation.LESS else decision


def _identity(difference: sp.Expr) -> Decision | None:
    return Decision(Outcome.PROVED, "the difference simplifies to 0") if sp.simplify(difference) == 0 else None


def _refutation(step: Step, tries: int) -> Decision | None:
    """Numbers at which the claim is certainly false."""
    if not (step.left.is_commutative and step.right.is_commutative):
        return Decision(Outcome.REFUTED, f"the sides differ by {sp.expand(step.right - step.left)}")
    for chosen in islice(_points(step), tries):
        values = {symbol.name: arb(fmpq(int(value.p), int(value.q))) for symbol, value in chosen.items()}
        left, right = (evaluate(side, values) for side in (step.left, step.right))
        wrong = left > right or (step.relation is Relation.EQUAL and left < right)
        if wrong or (step.relation is Relation.LESS and left == right):
            numbers = {symbol.name: _short(value) for symbol, value in chosen.items()}
            told = ", ".join(f"{name} = {number}" for name, number in numbers.items()) or "no symbol is free"
            text = f"{told}: left {show(left)}, right {show(right)}"
            return Decision(Outcome.REFUTED, text, numbers)
    return None


def _short(value: sp.Rational) -> str:
    text = str(value)
    return text if len(text) <= LONGEST else show(arb(fmpq(int(value.p), int(value.q))).mid())


def _points(step: Step) -> Iterator[dict[sp.Symbol, sp.Rational]]:
    """Points inside the domain, plain ones first; the same ones every time."""
    draw = random.Random(0)
    for attempt in range(TRIES):
        chosen: dict[sp.Symbol, sp.Rational] = {}
        for symbol, interval in step.domain.items():
            chosen[symbol] = _inside(interval, chosen, draw, 0 if attempt == 0 else None)
        yield chosen


def _inside(interval: Interval | list[Any], chosen: Mapping[Any, Any], draw: random.Random, pick: int | None) -> Any:
    if isinstance(interval, list):
        return sp.Rational(interval[pick] if pick is not None else draw.choice(interval))
    low, high = (sp.sympify(end).subs(chosen) for end in interval)
    steps = REACHES if high is sp.oo or low is -sp.oo else FRACTIONS
    size = steps[pick] if pick is not None else draw.choice(steps)
    if low is -sp.oo:
        return (-size if draw.random() < 0.5 else size) if high is sp.oo else high - size
    value = low + size if high is sp.oo else low + (high - low) * size
    return value if value.is_Rational else sp.Rational(str(sp.N(value, 15)))  # well inside: 1e-15 does not matter


def _inequality(step: Step, difference: sp.Expr) -> Decision | None:
    if any(isinstance(interval, list) and min(interval) <= 0 for interval in step.domain.values()):
        return None  # the arguments below are about positive variables
    free, placed = _unbounded(step, difference)
    numerator, denominator = sp.fraction(sp.together(placed))
    if numerator.is_polynomial(*free) and denominator.is_polynomial(*free):
        for sign in (1, -1):
            how = nonnegative(sp.expand(sign * numerator), free)
            if step.relation is Relation.LESS and how != POSITIVE:
                continue  # the other arguments allow 0
            if how and nonnegative(sp.expand(sign * denominator), free):
                return Decision(Outcome.PROVED, f"on non-negative variables: {how}")
        return None
    if len(free) == 1 and step.relation is Relation.AT_MOST and rises(placed, free[0]):
        return Decision(Outcome.PROVED, "0 at the start, and the derivatives are not negative")
    return None


def _unbounded(step: Step, difference: sp.Expr) -> tuple[list[sp.Symbol], sp.Expr]:
    """The difference with every interval mapped to the positive half-line, the last symbol first."""
    free: list[sp.Symbol] = []
    for symbol, interval in reversed(list(step.domain.items())):
        if isinstance(interval, list):
            free.append(symbol)
            continue
        low, high = map(sp.sympify, interval)
        if low is -sp.oo:
            free += [sp.Symbol(f"{symbol.name}_plus", positive=True), sp.Symbol(f"{symbol.name}_minus", positive=True)]
            difference = difference.subs(symbol, free[-2] - free[-1])
            continue
        t = sp.Symbol(f"{symbol.name}_t", positive=True)
        difference = difference.subs(symbol, low + t if high is sp.oo else (low + high * t) / (1 + t))
        free.append(t)
    return free, difference
