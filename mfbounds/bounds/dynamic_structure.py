"""Structure of a dynamic game that some statements of P2 use: affine rewards, crowds at the own state, players that differ."""

from __future__ import annotations

import math

import numpy as np

from mfbounds.bounds.dynamic_problem import DynamicProblem
from mfbounds.bounds.statement import Case, HypothesisResult
from mfbounds.checks import FloatArray
from mfbounds.games.dynamic.counts import CountGame
from mfbounds.games.dynamic.lattice import digits
from mfbounds.games.dynamic.tabular import TabularGame
from mfbounds.numbers import Provenance
from mfbounds.symmetry.sparsity import Sparsity, sparsity

AFFINE = 1e-12  # distance from affine, relative to the reward range, that is taken for rounding


def affine_rewards(problem: DynamicProblem, case: Case) -> HypothesisResult:  # noqa: ARG001
    """Every R^i is affine in the empirical distribution of the others, and the induced game is its linear extension."""
    distance = problem.remember("distance from affine", lambda: distance_from_affine(problem))
    linear = problem.induced.extension in ("Kuhn", "analytic")
    holds = linear and distance <= AFFINE * max(problem.game.R, 1e-300)
    told = f"rewards are {distance:.3g} from affine in the counts of the others; extension: {problem.induced.extension}"
    return _result("affine rewards", holds, distance, AFFINE, told)


def distance_from_affine(problem: DynamicProblem) -> float:
    """max |R^i(s,a,rho) - sum_x sigma(rho)(x) R^i(s,a,all others at x)|, reward units; inf where it is not known."""
    game = problem.game
    if isinstance(game, CountGame):
        return 0.0 if game.affine_rewards else math.inf
    if not isinstance(game, TabularGame):
        return math.inf
    table, lattice = game.reward_table, game.lattice
    if table.shape[3] == 1:
        return 0.0
    step = (lattice.arrangements.size - 1) // max(game.n_pairs - 1, 1)  # all others at x: the digits xx...x in base D
    affine = table[..., step * np.arange(game.n_pairs)] @ lattice.distributions[lattice.arrangements].T
    return float(np.abs(table - affine).max())


def unit_range(problem: DynamicProblem, case: Case) -> HypothesisResult:  # noqa: ARG001
    """Rewards in [0, 1] up to a shift, as the paper assumes: their range is at most 1 wide."""
    R = problem.game.R
    return _result("rewards of range 1", R <= 1.0, R, 1.0, f"the reward range is {R:.4g} wide")


def laws_look(problem: DynamicProblem, case: Case) -> HypothesisResult:  # noqa: ARG001
    """Some law depends on the others, and there are states to go to: else both sides of some inequalities are 0."""
    C_1 = 0.0 if problem.game.n_states == 1 else found_sparsity(problem).C_1.value
    return _result("C_1 > 0", C_1 > AFFINE, C_1, AFFINE, f"C_1 = {C_1:.3g}")


def rewards_look(problem: DynamicProblem, case: Case) -> HypothesisResult:  # noqa: ARG001
    """Some reward depends on the others."""
    C_2, limit = found_sparsity(problem).C_2.value, AFFINE * max(problem.game.R, 1e-300)
    return _result("C_2 > 0", C_2 > limit, C_2, limit, f"C_2 = {C_2:.3g}")


def found_sparsity(problem: DynamicProblem) -> Sparsity:
    """kappa, C_1 and C_2 of the game, computed once."""
    return problem.remember("sparsity", lambda: sparsity(problem.game))


def crowd_at_own_state(problem: DynamicProblem, case: Case) -> HypothesisResult:  # noqa: ARG001
    """In state s a player feels which of the others are in s, and nothing else."""
    game = problem.game
    table = game.tabular() if isinstance(game, CountGame) else game
    assert isinstance(table, TabularGame)
    off = max(_beyond_own_state(table, values) for values in (table.kernels, table.reward_table[..., None]))
    told = (
        "players feel the others in their state"
        if off == 0.0
        else f"what others do elsewhere moves values by {off:.3g}"
    )
    return _result("crowd at the own state", off == 0.0, off, 0.0, told)


def _beyond_own_state(game: TabularGame, table: FloatArray) -> float:
    """The largest difference of values (N, S, A, D^K or 1, m) at joint state-actions with the same others in s."""
    if table.shape[3] == 1:
        return 0.0
    joint, largest = digits(game.n_others, game.n_pairs) // game.n_actions, 0.0
    for s in range(game.n_states):
        pattern = (joint == s) @ (1 << np.arange(game.n_others))
        order = np.argsort(pattern, kind="stable")
        starts = np.searchsorted(pattern[order], np.unique(pattern))
        values = table[:, s][:, :, order]
        spread = np.maximum.reduceat(values, starts, axis=2) - np.minimum.reduceat(values, starts, axis=2)
        largest = max(largest, float(spread.max()))
    return largest


def laws_differ(problem: DynamicProblem, case: Case) -> HypothesisResult:  # noqa: ARG001
    """alpha > 0 beyond rounding: where all players have one law, both sides of some inequalities are 0."""
    alpha = problem.primitives["alpha"].value
    return _result("alpha > 0", alpha > AFFINE, alpha, AFFINE, f"alpha = {alpha:.3g}")


def rewards_differ(problem: DynamicProblem, case: Case) -> HypothesisResult:  # noqa: ARG001
    """beta > 0 beyond rounding."""
    beta, limit = problem.primitives["beta"].value, AFFINE * max(problem.game.R, 1e-300)
    return _result("beta > 0", beta > limit, beta, limit, f"beta = {beta:.3g}")


def _result(name: str, holds: bool, value: float, limit: float, reason: str) -> HypothesisResult:
    return HypothesisResult(
        name=name,
        holds=holds,
        value=value,
        margin=abs(limit - value) if holds else -abs(limit - value),
        provenance=Provenance.CERTIFIED,
        reason=reason,
    )
