"""What statements of P2 assume, executable: on one dynamic game each holds, fails, or is not decided, with the number."""

from __future__ import annotations

import math

import numpy as np

from mfbounds.bounds.dynamic_problem import DynamicProblem
from mfbounds.bounds.statement import Case, HypothesisResult
from mfbounds.games.dynamic.counts import CountGame
from mfbounds.games.dynamic.tabular import TabularGame
from mfbounds.numbers import Provenance
from mfbounds.symmetry.monotonicity import Monotonicity, monotonicity


def rewards_unit(problem: DynamicProblem, case: Case) -> HypothesisResult:  # noqa: ARG001
    """Rewards in [0, 1], as P2 assumes throughout."""
    low, high = problem.game.reward_range
    return _result(
        "rewards in [0, 1]", low >= 0.0 and high <= 1.0, min(low, 1.0 - high), f"rewards in [{low:g}, {high:g}]"
    )


def independent(problem: DynamicProblem, case: Case) -> HypothesisResult:  # noqa: ARG001
    """No player's transition law depends on the others."""
    holds = problem.game.independent
    K_mu = problem.primitives["K_mu"].value
    reason = "no law depends on the others" if holds else f"laws depend on the others: K_mu = {K_mu:.4g}"
    return _result("P independent of mu", holds, 0.0 if holds else -K_mu, reason)


def one_law(problem: DynamicProblem, case: Case) -> HypothesisResult:  # noqa: ARG001
    """alpha = 0 exactly: all players have the same law, which sees the counts of the others only."""
    holds = problem.remember("one law", lambda: _one_law(problem))
    value = problem.primitives["alpha"].value
    return _result("alpha = 0", holds, 0.0 if holds else -value, f"alpha = {0.0 if holds else value:.4g}")


def small_step(problem: DynamicProblem, case: Case) -> HypothesisResult:  # noqa: ARG001
    """tau xi_t < 1 for every xi_t = (t+1)^(-1/2), t >= 0: tau < 1."""
    tau = problem.parameters.tau
    return _result("tau xi_0 < 1", tau < 1.0, 1.0 - tau, f"tau = {tau:g}, xi_0 = 1")


def small_entropy(problem: DynamicProblem, case: Case) -> HypothesisResult:  # noqa: ARG001
    """tau in (0, 1/2), as Theorem 3 prints."""
    tau = problem.parameters.tau
    return _result("tau < 1/2", tau < 0.5, 0.5 - tau, f"tau = {tau:g}")


def monotone_printed(problem: DynamicProblem, case: Case) -> HypothesisResult:  # noqa: ARG001
    """Definition 10 literally: the inner product below 0 for all mu, mu', equal ones included. No game has it."""
    reason = "at mu = mu' the inner product is 0, which is not < 0: no game satisfies Definition 10 as printed"
    return _result("monotone (Def. 10, printed)", False, 0.0, reason)


def monotone_weak(problem: DynamicProblem, case: Case) -> HypothesisResult:  # noqa: ARG001
    """The inner product at most 0 for all mu, mu'."""
    found = known_monotonicity(problem)
    return _slope("monotone (weak)", found.weak, found.slope, found)


def monotone_strict(problem: DynamicProblem, case: Case) -> HypothesisResult:  # noqa: ARG001
    """The inner product below 0 for mu != mu'."""
    found = known_monotonicity(problem)
    return _slope("monotone (strict)", found.strict, found.slope, found)


def monotone_flow(problem: DynamicProblem, case: Case) -> HypothesisResult:  # noqa: ARG001
    """P independent of mu, and the inner products of two flows sum to at most 0."""
    found = known_monotonicity(problem)
    return _slope("monotone (flows)", found.flow, found.flow_slope, found)


def known_monotonicity(problem: DynamicProblem) -> Monotonicity:
    """What is known of the induced game's monotonicity, computed once."""
    return problem.remember("monotonicity", lambda: monotonicity(problem.induced, problem.rng("monotone")))


def _slope(name: str, holds: bool | None, slope: float, found: Monotonicity) -> HypothesisResult:
    provenance = Provenance.CERTIFIED if holds is not None else Provenance.ESTIMATED
    undefined = math.isnan(slope)  # where the dynamics depend on mu
    margin = 0.0 if undefined else -slope
    return HypothesisResult(
        name=name,
        holds=holds,
        value=slope,
        margin=margin,
        provenance=provenance,
        reason=found.argument if undefined else f"{found.argument}; largest slope {slope:.4g}",
    )


def _result(name: str, holds: bool, margin: float, reason: str) -> HypothesisResult:
    return HypothesisResult(
        name=name, holds=bool(holds), value=margin, margin=margin, provenance=Provenance.CERTIFIED, reason=reason
    )


def _one_law(problem: DynamicProblem) -> bool:
    game = problem.game
    if isinstance(game, CountGame):
        return game.alike
    if not isinstance(game, TabularGame) or not (game.kernels == game.kernels[0]).all():
        return False
    if game.independent:
        return True
    arrangements = game.lattice.arrangements
    first = np.unique(arrangements, return_index=True)[1]
    return bool((game.kernels[0] == game.kernels[0][:, :, first[arrangements]]).all())
