"""Limits: a right side that becomes 0, negative, infinite or undefined where the left side does not.

Each symbol is sent to its limit with all others at plain numbers. A right side that vanishes or turns negative there is
called a mistake only when a concrete game in that limit has a left side above it, measured and compared in balls.
One that becomes infinite or undefined, while the trivial bound stays finite, says nothing there: a remark.
"""

from __future__ import annotations

from collections.abc import Iterator, Mapping
from dataclasses import dataclass

import sympy as sp
from flint import arb

from mfbounds.bounds.problem import Problem
from mfbounds.bounds.statement import Bound, Statement, Tier
from mfbounds.bounds.statements.p1.theorem_c5 import lipschitz
from mfbounds.bounds.symbols import epsilon
from mfbounds.numbers import log10
from mfbounds.verification.referee.corners import GAMES, LIMITS, ROUNDS, SAMPLED_LIMITS, Limit, corner_problem
from mfbounds.verification.referee.findings import Check, Finding, Weight
from mfbounds.verification.referee.points import Point
from mfbounds.verification.status import Status, show
from mfbounds.verification.trial import TROUBLE, Trial, try_case

NEAR, NEARER = 40, 80  # decades towards a limit that is not attained
FLAT = 0.05  # a slope in decades a decade below which only logarithms are left
STEEP = 12  # a slope beyond which it is no power: geometric in a number of iterations


@dataclass(frozen=True)
class Behaviour:
    """What a formula does in a limit: a word, and the exponent with which it vanishes or grows (0: attained)."""

    word: str  # "regular", "zero", "negative", "infinite" or "undefined"
    power: float = 0.0


def behaviour(expression: sp.Expr, bound: Bound, limit: Limit) -> Behaviour:
    """What a side of an inequality does in a limit, all other symbols being plain numbers."""
    near, nearer = (limit.point(decades).value(expression, bound) for decades in (NEAR, NEARER))
    if nearer.is_nan():
        return Behaviour("undefined")
    if nearer < 0:
        return Behaviour("negative")
    if nearer == 0 or not nearer.is_finite():
        return Behaviour("zero" if nearer == 0 else "infinite")
    apart = (NEARER - NEAR) / (ROUNDS if "K" in limit.towards else 1)
    slope = (log10(nearer) - log10(near)) / apart if limit.towards else 0.0
    if abs(slope) < FLAT:
        return Behaviour("regular")
    return Behaviour("zero" if slope < 0 else "infinite", slope)


def check_bound(statement: Statement, bound: Bound) -> list[Finding]:
    """What goes wrong with the right side of one inequality in the corners of the parameters."""
    if bound.trivial is sp.oo or bound.right == epsilon or sp.sympify(bound.right).is_number:
        return []  # an order, an accuracy that the sizes are made for, or a constant side: no limits
    found: list[Finding] = []
    seen: dict[str, str] = {}
    for limit in SAMPLED_LIMITS if bound.failure is not None else LIMITS:
        right = behaviour(sp.sympify(bound.right), bound, limit)
        if right.word == "regular" or any(seen.get(part) == right.word for part in limit.name.split(", ")):
            continue  # a corner of two limits tells nothing new where one of them is enough
        seen[limit.name] = right.word
        found += _irregular(statement, bound, limit, right)
    return found


def _irregular(statement: Statement, bound: Bound, limit: Limit, right: Behaviour) -> list[Finding]:
    text = f"{limit.name}: the right side is {_told(right, limit)}"
    if right.word in ("zero", "negative"):
        if bound.failure is None:
            return list(_vanished(statement, bound, limit, text))
        return [_remark(statement, bound, f"{text} (sampled runs are not played here)")]
    if lipschitz in bound.hypotheses and not limit.point(NEAR).constants(bound.tier)["K_F"] < 1:
        return []  # nothing is claimed there
    known = behaviour(sp.sympify(bound.trivial), bound, limit).word == "regular"
    return [_remark(statement, bound, text)] if known else []


def _vanished(statement: Statement, bound: Bound, limit: Limit, told: str) -> Iterator[Finding]:
    """A mistake where a game of the corner refutes the inequality; nothing where both sides vanish together."""
    worst = refutation(statement, bound, limit)
    if worst is not None:
        game, trial = worst
        text = f"{told}, the left side is not: on {game!r} left {show(trial.left)} > right {show(trial.right)}"
        yield Finding(
            check=Check.LIMITS,
            statement=statement.id,
            tier=bound.tier,
            place=bound.key,
            text=text,
            weight=Weight.MISTAKE,
        )


def refutation(statement: Statement, bound: Bound, limit: Limit) -> tuple[str, Trial] | None:
    """A game in the corner whose left side is above the right side, with that trial; the first one found."""
    for index in range(len(GAMES)):
        problem = corner_problem(index, limit.name)
        if problem is None:
            continue
        for trial in _trials(statement, bound, problem, limit):
            if trial.status is Status.VIOLATED:
                return problem.game.name, trial
    return None


def _trials(statement: Statement, bound: Bound, problem: Problem, limit: Limit) -> Iterator[Trial]:
    try:
        for case in statement.cases(problem):
            if limit.case(case) and (bound.where is None or bound.where(case)):
                yield from try_case(statement, [bound], problem, case)
    except TROUBLE:
        return


# Numbers that are asked for so that an error is at most epsilon: the statement that asks, and the error, in words.
SIZES: Mapping[str, tuple[str, str]] = {
    "T_l": ("P1.Alg.3", "what a horizon cuts off"),
    "I_l": ("P1.D.2", "the sampling noise of TRPO"),
    "I_l_algorithm": ("P1.D.4", "the sampling noise of TRPO"),
    "I_l_proof": ("P1.D.2", "the sampling noise of TRPO"),
    "P_k": ("P1.D.3", "the sampling noise of a population step"),
}


def check_size(name: str, tier: Tier, expression: sp.Expr) -> list[Finding]:
    """A number of steps or samples must grow beyond all bounds as the accuracy goes to 0, and is never negative."""
    statement, error = SIZES[name]
    values = [_size(expression, tier, decades) for decades in (NEAR, NEARER)]
    if values[1] > values[0] and values[1] > 0:
        return []
    text = f"epsilon -> 0: {name} falls to {show(values[1])} at epsilon = 1e-{NEARER}, as if {error} vanished by itself"
    return [Finding(check=Check.LIMITS, statement=statement, tier=tier, place=name, text=text)]


def _size(expression: sp.Expr, tier: Tier, decades: int) -> arb:
    point = Point({"epsilon": arb(10) ** -decades})
    asked = Bound(tier=tier, left=epsilon, right=expression, trivial=sp.oo)
    return point.value(expression, asked)


def _told(found: Behaviour, limit: Limit) -> str:
    if not found.power:
        return {"zero": "0"}.get(found.word, found.word)
    ((symbol, sign), *_) = limit.towards.items()
    speed = (
        f"like {symbol}^{round(sign * found.power, 1):g}" if abs(found.power) < STEEP else f"geometrically in {symbol}"
    )
    return f"{'0' if found.word == 'zero' else 'infinite'}, {speed}"


def _remark(statement: Statement, bound: Bound, text: str) -> Finding:
    return Finding(
        check=Check.LIMITS, statement=statement.id, tier=bound.tier, place=bound.key, text=text, weight=Weight.REMARK
    )
