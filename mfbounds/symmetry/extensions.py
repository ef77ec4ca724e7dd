"""From values on the lattice to functions on the simplex: one builder for each kind of extension (P2, Definition 6).

Each returns P, mu (S, A) -> (S, A, S), and R, mu (S, A) -> (S, A), reward units, of the players' averages.
"""

from __future__ import annotations

from collections import defaultdict
from collections.abc import Callable
from typing import TypeAlias

import numpy as np

from mfbounds.checks import FloatArray
from mfbounds.errors import InputError
from mfbounds.games.dynamic.counts import CountGame
from mfbounds.games.dynamic.game import DynamicGame
from mfbounds.games.dynamic.tabular import TabularGame
from mfbounds.symmetry.kirszbraun import kirszbraun
from mfbounds.symmetry.kuhn import kuhn_weights, sparse_first
from mfbounds.symmetry.lattice_moduli import check_pairs, lattice_moduli, lattice_moduli_l2, looked_at
from mfbounds.symmetry.mcshane import mcshane
from mfbounds.symmetry.symmetrise import LatticeTables, averages_at, symmetrise

Function: TypeAlias = Callable[[FloatArray], FloatArray]
ENTRIES = 4_000_000  # values of a count function that are tabulated at most to see which pairs it looks at
ABOVE = 1 + 1e-12  # moduli are used a little above what was found: below the true ones an extension does not extend


def tabulated(game: DynamicGame) -> LatticeTables | None:
    """The averages on the whole lattice, or None for a count game whose lattice is too large to look at first."""
    return None if _too_large(game) else symmetrise(game)


def _too_large(game: DynamicGame) -> bool:
    return isinstance(game, CountGame) and game.lattice.size * game.n_players * game.n_pairs * game.n_states > ENTRIES


def kuhn_work(game: DynamicGame) -> int:
    """Entries of the players' functions behind one Kuhn interpolation: D corners, D own pairs, all players; 0 for tables."""
    seen = game.n_pairs + (0 if game.independent else game.n_states)  # counts that are given, laws that are returned
    return game.n_players * game.n_pairs**2 * seen if _too_large(game) else 0


def rows_of(tables: LatticeTables) -> tuple[FloatArray, FloatArray]:
    """The kernels as (L, D, S) and the rewards as (L, D, 1): functions of the point, one a row."""
    size, cells = tables.lattice.size, tables.lattice.cells
    return tables.kernels.reshape(size, cells, -1), tables.rewards.reshape(size, cells, 1)


def kuhn_extension(game: DynamicGame) -> tuple[Function, Function]:
    """Kuhn interpolation; where the lattice can be tabulated, each row lists the pairs that it looks at first."""
    tables = tabulated(game)
    if tables is not None:
        kernels, rewards = rows_of(tables)
        shape = tables.rewards.shape[1:]
        return _interpolated(tables, kernels, (*shape, shape[0])), _interpolated(tables, rewards, shape)
    assert isinstance(game, CountGame)

    def at(mu: FloatArray, which: int) -> FloatArray:
        counts, weights = kuhn_weights(mu.ravel(), game.n_others)
        values: FloatArray = np.tensordot(weights, averages_at(game, counts)[which], 1)
        return values

    return lambda mu: at(mu, 0), lambda mu: at(mu, 1)


def _interpolated(tables: LatticeTables, values: FloatArray, shape: tuple[int, ...]) -> Function:
    lattice, groups = tables.lattice, defaultdict(list)
    for row, pairs in enumerate(looked_at(lattice, values)):
        groups[sparse_first(pairs, lattice.cells)].append(row)

    def extended(mu: FloatArray) -> FloatArray:
        result = np.empty(values.shape[1:])
        for order, rows in groups.items():
            counts, weights = kuhn_weights(mu.ravel(), lattice.agents, order)
            result[rows] = np.tensordot(weights, values[lattice.index(counts)][:, rows], 1)
        return result.reshape(shape)

    return extended


def mcshane_extension(game: DynamicGame) -> tuple[Function, Function]:
    """McShane's midpoint in l1, of each R(s,a,.) and, with two states, of each P(1|s,a,.).

    Raises:
        InputError: laws over three states or more that depend on the others.
    """
    tables = symmetrise(game)
    kernels, rewards = rows_of(tables)
    points, S, A = tables.lattice.distributions, game.n_states, game.n_actions
    reward = mcshane(points, rewards[:, :, 0], lattice_moduli(tables.lattice, rewards) * ABOVE)
    fixed = game.mean_kernel
    if fixed is not None or S == 1:
        return lambda mu: kernels[0].reshape(S, A, S), lambda mu: reward(mu.ravel()).reshape(S, A)  # noqa: ARG005
    if S > 2:
        raise InputError(
            f"n_states == {S} with extension == 'mcshane', must be <= 2 where laws depend on the others: entry by entry "
            "they would leave the simplex; take 'kirszbraun' or 'kuhn'"
        )
    one = mcshane(points, kernels[:, :, 1], lattice_moduli(tables.lattice, kernels[:, :, 1:]) * ABOVE)

    def kernel(mu: FloatArray) -> FloatArray:
        p = one(mu.ravel()).reshape(S, A)
        return np.stack([1.0 - p, p], axis=-1)

    return kernel, lambda mu: reward(mu.ravel()).reshape(S, A)


def kirszbraun_extension(game: DynamicGame) -> tuple[Function, Function]:
    """Azagra, Le Gruyer and Mudarra's extension of each P(.|s,a,.), McShane's midpoint in l2 of each R(s,a,.)."""
    if isinstance(game, CountGame | TabularGame):
        check_pairs(game.lattice)
    tables = symmetrise(game)
    kernels, rewards = rows_of(tables)
    points, S, A = tables.lattice.distributions, game.n_states, game.n_actions
    reward = mcshane(points, rewards[:, :, 0], lattice_moduli_l2(tables.lattice, rewards) * ABOVE, norm=2)
    moduli = lattice_moduli_l2(tables.lattice, kernels) * ABOVE

    def kernel(mu: FloatArray) -> FloatArray:
        x = mu.ravel()
        laws = [kirszbraun(points, kernels[:, row], float(moduli[row]), x).value for row in range(S * A)]
        return np.stack(laws).reshape(S, A, S)

    if game.mean_kernel is not None:
        return lambda mu: kernels[0].reshape(S, A, S), lambda mu: reward(mu.ravel()).reshape(S, A)  # noqa: ARG005
    return kernel, lambda mu: reward(mu.ravel()).reshape(S, A)
