"""Structure of a dynamic game that some statements of P2 use: affine rewards, Kuhn interpolation, crowds at the own state."""

from __future__ import annotations

import math

import numpy as np

from mfbounds.bounds.dynamic_problem import DynamicProblem
from mfbounds.bounds.statement import Case, HypothesisResult
from mfbounds.games.dynamic.counts import CountGame
from mfbounds.games.dynamic.tabular import TabularGame
from mfbounds.numbers import Provenance

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


def interpolated(problem: DynamicProblem, case: Case) -> HypothesisResult:  # noqa: ARG001
    """The induced game is the Kuhn interpolation of its values on the lattice."""
    holds = problem.induced.extension == "Kuhn"
    told = f"the extension is {problem.induced.extension}"
    return _result("Kuhn interpolation", holds, 0.0 if holds else 1.0, 0.0, told)


def _result(name: str, holds: bool, value: float, limit: float, reason: str) -> HypothesisResult:
    return HypothesisResult(
        name=name,
        holds=holds,
        value=value,
        margin=limit - value,
        provenance=Provenance.CERTIFIED,
        reason=reason,
    )
