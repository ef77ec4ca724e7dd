"""Scaling: both sides of an inequality must change alike when a unit is changed.

Two units can be changed without changing a game. *Reward*: (r, eta) -> (c r, c eta) multiplies values by c and leaves
policies as they are. *Population*: measuring distances of populations in another unit divides L_r and L_P by c.
A formula whose terms carry exponents that fit is homogeneous, which proves the first half; where they do not fit, the
terms that clash are named. Nothing is simplified numerically, so no cancellation can hide a clash.
"""

from __future__ import annotations

from collections.abc import Iterable, Mapping
from dataclasses import dataclass
from fractions import Fraction
from functools import cache

import sympy as sp

from mfbounds.bounds.definitions import DEFINITIONS
from mfbounds.bounds.formula import symbols_of
from mfbounds.bounds.outer import monotone
from mfbounds.bounds.statement import Bound, Statement, Tier
from mfbounds.bounds.symbols import LEGEND
from mfbounds.verification.referee.algebra import Step
from mfbounds.verification.referee.findings import Check, Finding

ANY = None  # the degree of 0 and of infinity: they fit to everything
Degree = Fraction | None

# Inequalities that are claimed for one norm of populations as for any other: their left sides do not contain it.
ANY_NORM = ("P1.E.1", "P1.E.3", "P1.E.4", "P1.E.5", "P1.2.2", "P1.W")
# The l2 geometry enters these through a factor 1/sqrt 2 in front: what it multiplies must still fit together.
ANY_NORM_INSIDE = ("P1.E.6",)
PER_DISTANCE = frozenset({"L_r", "L_P", "L_P_entry", "L_J", "b", "K_pi", "C_pi_mu", "C_phi"})
ACCURACY = "epsilon"  # a number of the reader's: the paper gives it no unit, so every fitting one is allowed
ACCURACY_DEGREES = (1, 0)


@dataclass(frozen=True)
class Clash(Exception):
    """Parts of a formula that must scale alike and do not."""

    parts: tuple[tuple[sp.Expr, Degree], ...]
    inside: sp.Expr

    def __str__(self) -> str:
        told = ", ".join(f"{_short(part)} scales like c^{degree}" for part, degree in self.parts)
        return f"in {_short(self.inside)}: {told}"


@dataclass(frozen=True, kw_only=True)
class Unit:
    """A unit that may be changed: the degree of every symbol in it, 0 where none is named."""

    name: str
    degrees: Mapping[str, Fraction]

    def of(self, name: str) -> Fraction:
        return self.degrees.get(name, Fraction(0))


def reward_unit(statement: Statement | None = None, accuracy: int = 0) -> Unit:
    """Degrees in the unit of reward: the units of the legend and of the statement's measured quantities."""
    found = {name: _reward_degree(entry.unit) for name, entry in LEGEND.items()}
    for name, (_, meaning) in () if statement is None else statement.quantities.items():
        found[name] = Fraction("reward units" in meaning)
    return Unit(name="reward", degrees={**found, ACCURACY: Fraction(accuracy)})


def _reward_degree(unit: str) -> Fraction:
    return Fraction(unit.startswith("reward")) - Fraction(unit.startswith("1/reward"))


def population_unit(statement: Statement | None = None) -> Unit:
    """Degrees in the unit of the l2 distance of populations; sqrt|S| converts it to l1, which has none."""
    found = dict.fromkeys(PER_DISTANCE, Fraction(-1)) | {"n_S": Fraction(-2)}
    for name, (_, meaning) in () if statement is None else statement.quantities.items():
        found[name] = Fraction("l2 distance" in meaning)
    return Unit(name="population", degrees=found)


def degree(expression: sp.Expr, unit: Unit) -> Degree:
    """The exponent with which a formula scales in a unit.

    Raises:
        Clash: parts that must scale alike do not.

    Example:
        >>> from mfbounds.bounds.symbols import R, eta
        >>> str(degree(R**2 / eta, reward_unit()))
        '1'
    """
    if expression.is_Symbol:
        return unit.of(expression.name)
    if expression.is_number:
        return ANY if expression.is_zero or expression.is_infinite else Fraction(0)
    if expression.is_Mul:
        factors = [degree(part, unit) for part in expression.args]
        return ANY if ANY in factors else sum((factor for factor in factors if factor is not None), Fraction(0))
    if expression.is_Pow:
        return _power(expression, unit)
    if expression.is_Add or expression.func in (sp.Min, sp.Max):
        return _alike(expression.args, expression, unit)
    parts = [(part, degree(part, unit)) for part in expression.args]  # log, exp, floor, ceiling: of pure numbers only
    if any(found not in (ANY, 0) for _, found in parts):
        raise Clash(tuple(parts), expression)
    return Fraction(0)


def _power(expression: sp.Expr, unit: Unit) -> Degree:
    base, exponent = expression.args
    found = degree(base, unit)
    if exponent.is_Rational:
        return ANY if found is ANY else found * Fraction(int(exponent.p), int(exponent.q))
    above = degree(exponent, unit)
    if found not in (ANY, 0) or above not in (ANY, 0):
        raise Clash(((base, found), (exponent, above)), expression)
    return Fraction(0)


def _alike(parts: Iterable[sp.Expr], inside: sp.Expr, unit: Unit) -> Degree:
    found = [(part, degree(part, unit)) for part in parts]
    degrees = {value for _, value in found if value is not ANY}
    if len(degrees) > 1:
        raise Clash(tuple(found), inside)
    return degrees.pop() if degrees else ANY


def check_bound(statement: Statement, bound: Bound) -> list[Finding]:
    """The mistakes in scaling of one inequality, those of the constants it uses included."""
    found = [_finding(statement, bound, text) for text in _bound_clashes(statement, bound)]
    given = ("C_op", "tau") if bound.extra is monotone else ()  # then A-2's own constant, whatever a tier proves for it
    for name in _constants(bound.right, bound.tier, given):
        found += [
            _finding(statement, bound, f"through {name}: {text}") for text in definition_clashes(name, bound.tier)
        ]
    return found


def _bound_clashes(statement: Statement, bound: Bound) -> list[str]:
    sides = (sp.sympify(bound.left), sp.sympify(bound.right), sp.sympify(bound.trivial))
    texts = [_clash(sides, [reward_unit(statement, d) for d in _accuracies(*sides)])]
    if statement.id in ANY_NORM:
        texts.append(_clash(sides[:2], [population_unit(statement)]))
    if statement.id in ANY_NORM_INSIDE:
        texts.append(_clash(sides[1:2], [population_unit(statement)]))
    return [text for text in texts if text]


def _clash(sides: Iterable[sp.Expr], units: Iterable[Unit]) -> str:
    """What clashes under the first unit when it does under all, else nothing."""
    told: list[str] = []
    for unit in units:
        try:
            degrees = {side: degree(side, unit) for side in sides}
        except Clash as clash:
            told.append(f"{unit.name} unit: {clash}")
            continue
        if len({value for value in degrees.values() if value is not ANY}) <= 1:
            return ""
        shown = ", ".join(f"{_short(side)} like c^{value}" for side, value in degrees.items())
        told.append(f"{unit.name} unit: the sides scale differently: {shown}")
    return told[0]


@cache
def definition_clashes(name: str, tier: Tier) -> tuple[str, ...]:
    """What is wrong with the scaling of a constant's own formula in a tier."""
    formula = DEFINITIONS[name].formula(tier)
    return () if formula is None else formula_clashes(name, formula)


def formula_clashes(name: str, formula: sp.Expr) -> tuple[str, ...]:
    """The same for any formula that is to stand for the constant."""
    texts = [_clash((sp.Symbol(name), formula), [reward_unit(accuracy=d) for d in _accuracies(formula)])]
    if name in PER_DISTANCE or name in ("C_op", "K_F_1", "C_Erg_M"):
        texts.append(_norm_clash(name, formula))
    return tuple(text for text in texts if text)


def _norm_clash(name: str, formula: sp.Expr) -> str:
    """Whether a constant of the population's unit is consistent; C_op and its kin: only whether their terms fit."""
    sides = (sp.Symbol(name), formula) if name in PER_DISTANCE else (formula,)
    return _clash(sides, [population_unit()])


def _accuracies(*sides: sp.Expr) -> tuple[int, ...]:
    used = any(symbol.name == ACCURACY for side in sides for symbol in side.free_symbols)
    return ACCURACY_DEGREES if used else (0,)


def _constants(expression: sp.Expr, tier: Tier, given: tuple[str, ...] = ()) -> tuple[str, ...]:
    """The constants in a formula and in the formulas of those, sorted; not what is `given`."""
    done: set[str] = set(given)
    waiting = list(symbols_of(expression))
    while waiting:
        name = waiting.pop()
        formula = DEFINITIONS[name].formula(tier) if name in DEFINITIONS and name not in done else None
        if formula is not None:
            done.add(name)
            waiting += symbols_of(formula)
    return tuple(sorted(done - set(given)))


def _finding(statement: Statement, bound: Bound, text: str) -> Finding:
    return Finding(check=Check.HOMOGENEITY, statement=statement.id, tier=bound.tier, place=bound.key, text=text)


def _short(expression: sp.Expr, longest: int = 60) -> str:
    text = str(expression)
    return text if len(text) <= longest else f"{text[: longest - 3]}..."


def check_step(step: Step) -> list[Finding]:
    """The mistakes in scaling of a proof step that names the units of its symbols."""
    if not step.units:
        return []
    unit = Unit(name="reward", degrees={name: Fraction(value) for name, value in step.units.items()})
    text = _clash((step.left, step.right), [unit])
    place, check = step.name, Check.HOMOGENEITY
    return [Finding(check=check, statement=step.statement, tier=step.tier, place=place, text=text)] if text else []
