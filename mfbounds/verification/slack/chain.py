"""What a chain of inequalities is, and the arithmetic of balls that all of them share."""

from __future__ import annotations

from collections.abc import Callable, Iterable, Mapping
from dataclasses import dataclass

from flint import arb

from mfbounds.bounds.definitions import formula
from mfbounds.bounds.formula import evaluate
from mfbounds.bounds.norms import row_l1, sup
from mfbounds.bounds.problem import Problem
from mfbounds.bounds.runs import trpo_level
from mfbounds.bounds.statement import Case
from mfbounds.checks import FloatArray
from mfbounds.numbers import Measured
from mfbounds.verification.trial import Trial

Quantity = tuple[str, arb]  # the link that leads to it, and its value
Balls = Mapping[str, arb]


@dataclass(frozen=True, kw_only=True)
class Chain:
    """The chain of one bound: how a case is made, and the quantities after the left side."""

    statement: str
    bound: str
    case: Callable[[Problem], Case]
    quantities: Callable[[Problem, Trial], list[Quantity]]


def values_of(trial: Trial) -> Balls:
    """The values of the bound's symbols, with B and E_pi in its tier."""
    values = dict(trial.values or {})
    if "L" not in values:
        return values
    return values | {name: evaluate(formula(name, trial.bound.tier), values) for name in ("B", "E_pi")}


def policy_error(problem: Problem, mu: FloatArray, L: int) -> Measured:
    """The largest l1 distance of TRPO's policy after L iterations to the optimal policy."""
    level, optimum = trpo_level(problem, mu, L), problem.optimum(mu)
    error = optimum.policy_error + level.drift / problem.game.eta + 1e-15
    return sup(row_l1(level.policy, optimum.policy), error)


def at_least_zero(quantity: Measured) -> arb:
    """The ball of a quantity that is not negative."""
    return quantity.ball.nonnegative_part()


def square(x: arb) -> arb:
    """flint's own power is undefined on balls that contain 0."""
    return (x * x).nonnegative_part()


def total(values: Iterable[arb]) -> arb:
    """The sum of balls."""
    result = arb(0)
    for value in values:
        result = result + value
    return result
