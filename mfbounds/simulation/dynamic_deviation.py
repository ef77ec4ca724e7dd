"""The gain of one concrete deviation in an N-player game, by playing it: a lower bound of exploitability for any game."""

from __future__ import annotations

import numpy as np

from mfbounds.checks import FloatArray, check_count
from mfbounds.games.dynamic.game import DynamicGame, IntArray
from mfbounds.mdp.finite_horizon import flow_of, flow_optimum
from mfbounds.simulation.dynamic import simulate
from mfbounds.simulation.n_players_bands import bernstein_radius
from mfbounds.symmetry.induced import induced_game

BATCH = 2_000_000  # agent-steps that are played at once


def played_gains(
    game: DynamicGame,
    policies: FloatArray,
    players: IntArray,
    *,
    trajectories: int,
    confidence: float,
    rng: np.random.Generator,
) -> tuple[FloatArray, FloatArray, IntArray]:
    """(lower bounds (P,), mean gains (P,), deviation (P, H, S)) of the best response in the induced mean-field game.

    Lower bounds hold together with the given confidence (empirical Bernstein, Maurer and Pontil 2009).

    Raises:
        InputError: fewer than two trajectories, or a game whose mean-field game cannot be had.
    """
    runs = check_count(trajectories, "trajectories", least=2)
    induced = induced_game(game)
    deviation, _ = flow_optimum(flow_of(induced, policies.mean(axis=0)))
    kept = _returns(game, policies, runs, rng)
    failure = (1.0 - confidence) / len(players)
    width = 2.0 * game.horizon * game.R
    lower, means = np.empty(len(players)), np.empty(len(players))
    for place, i in enumerate(players):
        profile = np.broadcast_to(policies, (game.n_players, *policies.shape[1:])).copy()
        profile[i] = deviation
        gains = _returns(game, profile, runs, rng)[:, i] - kept[:, i]
        means[place] = gains.mean()
        radius = bernstein_radius(gains.var(ddof=1), width, runs, failure)
        lower[place] = max(means[place] - float(radius), 0.0)
    actions = np.broadcast_to(deviation.argmax(axis=2), (len(players), game.horizon, game.n_states))
    return lower, np.maximum(means, 0.0), actions


def _returns(game: DynamicGame, policies: FloatArray, runs: int, rng: np.random.Generator) -> FloatArray:
    """The returns of all players, (M, N)."""
    profile = policies[0] if len(policies) == 1 else policies
    step = max(1, BATCH // (game.n_players * game.horizon))
    parts = [
        simulate(game, profile, trajectories=min(step, runs - first), seed=rng).returns
        for first in range(0, runs, step)
    ]
    return np.concatenate(parts)
