"""How far the empirical distribution of N players is from the mean-field flow, exactly, by enumeration of joint states."""

from __future__ import annotations

from dataclasses import dataclass

import numpy as np

from mfbounds.bounds.dynamic_play import enumerated, flow_errors, joint_rounding
from mfbounds.bounds.dynamic_problem import DynamicProblem
from mfbounds.checks import FloatArray
from mfbounds.games.dynamic.game import IntArray
from mfbounds.games.dynamic.lattice import counts_of_arrangements, digits


@dataclass(frozen=True)
class Distances:
    """Moments of the distance of an empirical distribution from mu_h, step by step, each (H,), and their error."""

    mean_l1: FloatArray
    square_l1: FloatArray
    square_l2: FloatArray
    error: float


def own_pairs(problem: DynamicProblem) -> IntArray:
    """The state-action of each player in each joint state-action, (D^N, N)."""
    return problem.remember("own pairs", lambda: digits(problem.game.n_players, problem.game.n_pairs))


def distances(problem: DynamicProblem, laws: FloatArray, policy: FloatArray, leave_out: int | None = None) -> Distances:
    """How far the empirical distribution is from the flow of `policy`, all players counted or all but one.

    Args:
        laws: of the joint state-action, (H, D^N).
    """
    shares = problem.remember(("shares", leave_out), lambda: _shares(problem, leave_out))
    mu = problem.flow(policy).mu.reshape(len(laws), -1)
    found = [_moments(shares - target, law) for target, law in zip(mu, laws, strict=True)]
    mean, square, euclid = (np.array(column) for column in zip(*found, strict=True))
    error = 4 * (joint_rounding(enumerated(problem)) + float(flow_errors(problem).max()))
    return Distances(mean, square, euclid, error)


def _shares(problem: DynamicProblem, leave_out: int | None) -> FloatArray:
    """The empirical distribution of every joint state-action, (D^N, D)."""
    game = problem.game
    counts = counts_of_arrangements(game.n_players, game.n_pairs)
    if leave_out is None:
        everybody: FloatArray = counts / game.n_players
        return everybody
    own = own_pairs(problem)[:, leave_out]
    others: FloatArray = (counts - np.eye(game.n_pairs, dtype=np.int64)[own]) / game.n_others
    return others


def _moments(difference: FloatArray, law: FloatArray) -> tuple[float, float, float]:
    l1 = np.abs(difference).sum(axis=1)
    return float(law @ l1), float(law @ l1**2), float(law @ (difference**2).sum(axis=1))
