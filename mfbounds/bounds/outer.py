"""What the statements about outer iterations share: distances to the equilibrium, step sizes, the constant of A-2."""

from __future__ import annotations

import math
from collections.abc import Iterator
from functools import cache

import sympy as sp
from flint import arb

from mfbounds.bounds.cases import populations
from mfbounds.bounds.formula import evaluate
from mfbounds.bounds.norms import l2
from mfbounds.bounds.problem import Problem
from mfbounds.bounds.statement import L1, Case, Hypothesis, HypothesisResult, Quantities, Reading, Tier
from mfbounds.bounds.symbols import measured
from mfbounds.checks import FloatArray
from mfbounds.errors import NotConvergedError
from mfbounds.numbers import Cause, Measured, Provenance

beta, K, d_0, d_K = map(measured, ("beta", "K", "d_0", "d_K"))


def monotone(problem: Problem, case: Case) -> Quantities:
    """C_op and tau as A-2 means them: any proved (or vouched for) constant, in every tier.

    The printed formula of Lemma E.6 is not a valid constant; taking it would blame the theorem for the lemma.
    """
    c_op = problem.c_op(case["M"]).value
    return {"C_op": Measured(c_op), "tau": Measured(1.0 - c_op, 2.3e-16 * (1.0 + abs(c_op)))}


def step_limit(limit: sp.Expr, tier: Tier, problem: Problem, M: int | float, reading: Reading = L1) -> arb:
    """The largest admissible step of a tier, with C_op as in `monotone`."""
    values = dict(problem.constants(tier, reading, M))
    values.update((key, quantity.ball) for key, quantity in monotone(problem, {"M": M}).items())
    return evaluate(limit, values)


@cache
def step_below(name: str, limit: sp.Expr, tier: Tier, *, strict: bool, reading: Reading = L1) -> Hypothesis:
    """The hypothesis that the case's step beta is below (or at) `limit`."""

    def hypothesis(problem: Problem, case: Case) -> HypothesisResult:
        weak = problem.constant_set(case["M"]).provenance("beta_max", tier) is Provenance.ESTIMATED
        bound, step = step_limit(limit, tier, problem, case["M"], reading), arb(case["beta"])
        known = bound.is_finite() and bool(bound > 0)
        inside = known and bool(step < bound if strict else step <= bound)
        value = float(bound.mid()) if known else 0.0
        relation = f"{'<' if strict else '<='} {value:.6g}"
        reason = (
            f"beta == {case['beta']:.6g} {relation}" if inside else f"beta == {case['beta']:.6g}, must be {relation}"
        )
        return HypothesisResult(
            name=name,
            holds=None if inside and weak else inside,
            value=case["beta"],
            margin=value - case["beta"],
            provenance=Provenance.CERTIFIED,
            reason=reason if known else "no step is admissible: its limit is not positive",
        )

    hypothesis.__name__ = name  # documents name hypotheses by it
    return hypothesis


def steps_to_try(problem: Problem, M: int | float, *limits: tuple[sp.Expr, Tier]) -> Iterator[float]:
    """The caller's step, or for each limit the largest admissible step (with a hair of room) and a tenth of it."""
    if problem.parameters.beta is not None:
        yield problem.parameters.beta
        return
    for limit, tier in limits:
        bound = step_limit(limit, tier, problem, M)
        if bound.is_finite() and bound > 0:
            largest = min(1.0, 0.999 * float(bound.lower()))
            yield from (largest, largest / 10.0)


def starts(problem: Problem, label: str) -> Iterator[FloatArray]:
    """Two populations to start from: the game's, and a random one."""
    everything = list(populations(problem, label))
    yield everything[0]
    yield everything[-1]


def distance(problem: Problem, mu: FloatArray, M: int | float, rounding: float = 0.0) -> Measured:
    """||mu - mu*||_2 with the certified distance of the computed equilibrium to mu*.

    Raises:
        NotConvergedError: the equilibrium is not located.
    """
    found = problem.equilibrium(M)
    bound = found.distance_bound
    if problem.parameters.C_op is not None and problem.parameters.C_op < 1.0:
        bound = min(bound, found.residual / (1.0 - problem.parameters.C_op))
    if not math.isfinite(bound):
        raise NotConvergedError(f"distance to the equilibrium == {bound}, must be finite: {found.reason}")
    return l2(mu - found.mu, bound + rounding, Cause.FIXED_POINT)
