"""How far a dynamic game is from symmetric: alpha for dynamics, beta for rewards (P2, Definition 7).

Read as maxima over players, state-action pairs and joint state-actions of the N - 1 others: only points of the lattice
Delta_{X,N-1} are empirical distributions of others, so a maximum over the whole simplex, as printed, is over empty sets.
"""

from __future__ import annotations

from dataclasses import dataclass

import numpy as np

from mfbounds.checks import FloatArray
from mfbounds.errors import NotEnumerableError
from mfbounds.games.dynamic.counts import CountGame
from mfbounds.games.dynamic.game import DynamicGame, IntArray
from mfbounds.games.dynamic.tabular import TabularGame
from mfbounds.numbers import Constant, Provenance
from mfbounds.symmetry.symmetrise import CHUNK, averages_at, symmetrise
from mfbounds.words import size_text

WORK_LIMIT = 200_000_000  # evaluations of a count function that are made at most
ROUNDING = 1e-14


@dataclass(frozen=True)
class Heterogeneity:
    """alpha: largest l1 distance of a player's law from the average; beta: of its reward, reward units."""

    alpha: Constant
    beta: Constant


def heterogeneity(game: DynamicGame) -> Heterogeneity:
    """alpha and beta by enumeration, or as the game declares them.

    Raises:
        NotEnumerableError: neither declared nor small enough to enumerate.
    """
    if "alpha" in game.declared and "beta" in game.declared:
        return Heterogeneity(game.declared["alpha"], game.declared["beta"])
    if isinstance(game, TabularGame):
        return _certified(*_of_tables(game), "maximum over players, pairs and joint state-actions of the others")
    if isinstance(game, CountGame):
        work = game.n_players * game.n_pairs * game.lattice.size
        if work > WORK_LIMIT:
            raise NotEnumerableError(
                f"{game!r}: alpha and beta by enumeration take {size_text(work)} evaluations, must be <= {WORK_LIMIT:.3g}: "
                "declare them with the game, or bound them by mfbounds.symmetry.sampled_heterogeneity"
            )
        return _certified(*_of_counts(game), "maximum over players, pairs and counts of the others")
    raise NotEnumerableError(f"game == {game!r}, must be a TabularGame or a CountGame")


def _certified(alpha: float, beta: float, argument: str) -> Heterogeneity:
    def constant(value: float, scale: float) -> Constant:
        return Constant(value=value + ROUNDING * scale, provenance=Provenance.CERTIFIED, argument=argument, exact=True)

    return Heterogeneity(constant(alpha, 1.0), constant(beta, max(1.0, beta)))


def _of_tables(game: TabularGame) -> tuple[float, float]:
    tables = symmetrise(game)
    kernels = np.moveaxis(tables.kernels[tables.lattice.arrangements], 0, 2)  # (S, A, D^K, S)
    rewards = np.moveaxis(tables.rewards[tables.lattice.arrangements], 0, 2)
    alpha = max(float(np.abs(kernel - kernels).sum(axis=-1).max()) for kernel in game.kernels)
    return alpha, max(float(np.abs(reward - rewards).max()) for reward in game.reward_table)


def _of_counts(game: CountGame) -> tuple[float, float]:
    alpha = beta = 0.0
    rows = max(1, CHUNK // (game.n_players * game.n_pairs * game.n_states))
    for first in range(0, game.lattice.size, rows):
        counts = game.lattice.points[first : first + rows]
        distances = distances_at(game, counts)
        alpha, beta = max(alpha, float(distances[0].max())), max(beta, float(distances[1].max()))
    return alpha, beta


def distances_at(game: CountGame, counts: IntArray) -> tuple[FloatArray, FloatArray]:
    """Each player's l1 distance to the average law, and distance to the average reward: both (N, B, S, A)."""
    kernels, rewards = averages_at(game, counts)
    players, rows, states, actions = np.indices((game.n_players, *rewards.shape))
    reward_gap = np.abs(game.rewards_at(players, states, actions, counts[rows]) - rewards)
    if game.fixed_kernels is not None:
        gap = np.abs(game.fixed_kernels - game.fixed_kernels.mean(axis=0)).sum(axis=-1)
        return np.broadcast_to(gap[:, None], reward_gap.shape), reward_gap
    law_gap = np.abs(game.laws_at(players, states, actions, counts[rows]) - kernels).sum(axis=-1)
    return law_gap, reward_gap
