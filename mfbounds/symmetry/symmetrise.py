"""Sym and the lifted functions on the lattice Delta_{X,N-1} (P2, Definition 3)."""

from __future__ import annotations

from dataclasses import dataclass

import numpy as np

from mfbounds.checks import FloatArray
from mfbounds.errors import NotEnumerableError
from mfbounds.games.dynamic.counts import CountGame
from mfbounds.games.dynamic.game import DynamicGame, IntArray
from mfbounds.games.dynamic.lattice import Lattice
from mfbounds.games.dynamic.tabular import TabularGame

CHUNK = 4_000_000  # entries of a count function's answer that are held at once


@dataclass(frozen=True)
class LatticeTables:
    """The players' average of the symmetrised P^i and R^i at every point of the lattice.

    Attributes:
        lattice: Delta_{X,N-1}, L points.
        kernels: (L, S, A, S).
        rewards: (L, S, A), reward units.
    """

    lattice: Lattice
    kernels: FloatArray
    rewards: FloatArray


def symmetrise(game: DynamicGame) -> LatticeTables:
    """The average over the players of the lifted symmetrisations of P^i and R^i (P2, Definitions 3 and 6).

    Raises:
        NotEnumerableError: the lattice has too many points to be listed.
    """
    if isinstance(game, TabularGame):
        kernels, rewards = symmetrised_players(game)
        return LatticeTables(game.lattice, kernels.mean(axis=0), rewards.mean(axis=0))
    if isinstance(game, CountGame):
        return LatticeTables(game.lattice, *averages_at(game, game.lattice.points))
    raise NotEnumerableError(f"game == {game!r}, must be a TabularGame or a CountGame to be symmetrised")


def symmetrised_players(game: TabularGame) -> tuple[FloatArray, FloatArray]:
    """Each player's lifted Sym(P^i), (N, L, S, A, S), and Sym(R^i), (N, L, S, A): means over the arrangements.

    The mean over the distinct arrangements of a count vector equals the mean over all K! permutations.
    """
    lattice = game.lattice
    return (
        np.moveaxis(_mean_over_arrangements(game.kernels, lattice), 3, 1),
        np.moveaxis(_mean_over_arrangements(game.reward_table, lattice), 3, 1),
    )


def _mean_over_arrangements(table: FloatArray, lattice: Lattice) -> FloatArray:
    """Axis 3 of `table` from arrangements (D^K) to points of the lattice (L)."""
    if table.shape[3] == 1:
        return np.repeat(table, lattice.size, axis=3)
    order = np.argsort(lattice.arrangements, kind="stable")
    starts = np.searchsorted(lattice.arrangements[order], np.arange(lattice.size))
    sums = np.add.reduceat(table[:, :, :, order], starts, axis=3)
    multiplicities = lattice.multiplicities.reshape(-1, *[1] * (table.ndim - 4))
    result: FloatArray = sums / multiplicities
    return result


def averages_at(game: CountGame, counts: IntArray) -> tuple[FloatArray, FloatArray]:
    """The players' average of P^i, (B, S, A, S), and of R^i, (B, S, A), where the others' counts are `counts` (B, D)."""
    shape = (len(counts), game.n_states, game.n_actions)
    kernels, rewards = np.zeros((*shape, game.n_states)), np.zeros(shape)
    step = max(1, CHUNK // (len(counts) * game.n_pairs * game.n_states))
    for first in range(0, game.n_players, step):
        ids = np.arange(first, min(first + step, game.n_players))
        players, rows, states, actions = np.indices((len(ids), *shape))
        rewards += game.rewards_at(ids[players], states, actions, counts[rows]).sum(axis=0)
        if game.fixed_kernels is None:
            kernels += game.laws_at(ids[players], states, actions, counts[rows]).sum(axis=0)
    if game.mean_kernel is not None:
        kernels += game.n_players * game.mean_kernel
    return kernels / game.n_players, rewards / game.n_players
