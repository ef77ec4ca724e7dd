"""How much a player minds the others: kappa, C_1 and C_2 (P2, Definition 8 and Lemma 2).

U_{s,a} is the smallest set of pairs such that P^i(.|s,a,.) (or R^i) does not change while the others outside of it are
moved among themselves, for every player. The pairs outside are a class of an equivalence, so that the largest class gives
the smallest set; kappa is the size of the largest U_{s,a}. C_1 and C_2 are the largest changes, of a law in l1 and of a
reward, when one other player changes its pair.
"""

from __future__ import annotations

import itertools
from collections.abc import Iterator
from dataclasses import dataclass

import numpy as np

from mfbounds.checks import FloatArray
from mfbounds.errors import NotEnumerableError
from mfbounds.games.dynamic.counts import CountGame
from mfbounds.games.dynamic.game import DynamicGame
from mfbounds.games.dynamic.tabular import TabularGame
from mfbounds.numbers import Constant, Provenance
from mfbounds.symmetry.lattice_moduli import largest_moves, outside_the_largest_class, single_moves
from mfbounds.symmetry.symmetrise import symmetrise
from mfbounds.words import size_text

LIMIT = 2_000_000  # values of a count function that are looked at
ROUNDING = 1e-14
Pairs = tuple[tuple[int, ...], ...]


@dataclass(frozen=True)
class Sparsity:
    """Which others matter, and how much.

    Attributes:
        kappa_P, kappa_R: sizes of the largest U_{s,a} of the laws and of the rewards.
        pairs_P, pairs_R: U_{s,a} by x = s A + a, pairs of the others as x; of equally small ones the first.
        C_1, C_2: largest change of a law (l1) and of a reward (reward units) when one other player changes its pair.
        C_1_mean, C_2_mean: the same of the players' averages after symmetrisation, at most C_1 and C_2: they may stand
            for C_1 and C_2 in Lemma 2, since the induced game is made of the averages.
    """

    kappa_P: int
    kappa_R: int
    pairs_P: Pairs
    pairs_R: Pairs
    C_1: Constant
    C_2: Constant
    C_1_mean: Constant
    C_2_mean: Constant

    @property
    def kappa(self) -> int:
        """One number for both: the larger of kappa_P and kappa_R."""
        return max(self.kappa_P, self.kappa_R)


def sparsity(game: DynamicGame) -> Sparsity:
    """kappa, C_1 and C_2 of a game, exact: every change of one other player is looked at.

    Raises:
        NotEnumerableError: neither tables nor functions of counts on a lattice that can be listed.

    Example:
        >>> from mfbounds.games.dynamic.witnesses import at_own_state
        >>> found = sparsity(at_own_state(n_players=3))
        >>> found.kappa_P, found.kappa_R, found.pairs_R, round(found.C_2.value, 12)
        (0, 2, ((0, 1), (0, 1), (0, 1), (0, 1)), 0.5)
    """
    if isinstance(game, TabularGame):
        laws = _of_changes(_table_changes(game.kernels, game.n_pairs), game)
        rewards = _of_changes(_table_changes(game.reward_table[..., None], game.n_pairs), game)
    elif isinstance(game, CountGame):
        laws, rewards = (_of_changes(changes, game) for changes in _count_changes(game))
    else:
        raise NotEnumerableError(f"game == {game!r}, must be a TabularGame or a CountGame")
    tables = symmetrise(game)
    size, cells = tables.lattice.size, tables.lattice.cells
    means = [tables.kernels.reshape(size, cells, -1), tables.rewards.reshape(size, cells, 1)]
    C = [_exact(float(largest_moves(tables.lattice, values).max()), "averages at all counts") for values in means]
    return Sparsity(
        kappa_P=max(map(len, laws[0])),
        kappa_R=max(map(len, rewards[0])),
        pairs_P=laws[0],
        pairs_R=rewards[0],
        C_1=_exact(laws[1], "all changes of one other player"),
        C_2=_exact(rewards[1], "all changes of one other player"),
        C_1_mean=C[0],
        C_2_mean=C[1],
    )


# x, y and f(.., y, ..) - f(.., x, ..), (N, D, M, n): of every player, pair, and M ways in which the others stand
Changes = Iterator[tuple[int, int, FloatArray]]


def _of_changes(changes: Changes, game: DynamicGame) -> tuple[Pairs, float]:
    """U_{s,a} and the largest change in l1."""
    cells = game.n_pairs
    alike, largest = np.broadcast_to(np.eye(cells, dtype=bool), (cells, cells, cells)).copy(), 0.0
    seen = False
    for source, target, change in changes:
        seen = True
        alike[:, source, target] = (change == 0.0).all(axis=(0, 2, 3))
        largest = max(largest, float(np.abs(change).sum(axis=-1).max(initial=0.0)))
    if not seen:
        alike[:] = True
    return tuple(outside_the_largest_class(relation) for relation in alike), largest


def _table_changes(table: FloatArray, cells: int) -> Changes:
    """Of a table (N, S, A, D^K, n); of one that the others play no role in, none."""
    players, size = len(table), table.shape[3]
    if size == 1:
        return
    digits = round(np.log(size) / np.log(cells)) if cells > 1 else 1
    for source, target in itertools.permutations(range(cells), 2):
        parts = []
        for digit in range(digits):
            split = table.reshape(players, cells, cells**digit, cells, -1, table.shape[-1])
            parts.append((split[:, :, :, target] - split[:, :, :, source]).reshape(players, cells, -1, table.shape[-1]))
        yield source, target, np.concatenate(parts, axis=2)


def _count_changes(game: CountGame) -> tuple[Changes, Changes]:
    work = game.n_players * game.n_pairs * game.lattice.size * game.n_states
    if work > LIMIT:
        raise NotEnumerableError(
            f"{game!r}: kappa, C_1 and C_2 by enumeration take {size_text(work)} values, must be <= {LIMIT:.3g}: declare them "
            "with the game, or bound kappa by D - 1, C_1 by 2 and C_2 by the reward range"
        )
    points = game.lattice.points
    players, rows, states, actions = np.indices((game.n_players, len(points), game.n_states, game.n_actions))
    rewards = game.rewards_at(players, states, actions, points[rows])[..., None]
    laws = iter(()) if game.independent else _moves(game, game.laws_at(players, states, actions, points[rows]))
    return laws, _moves(game, rewards)


def _moves(game: CountGame, values: FloatArray) -> Changes:
    """Of values (N, L, S, A, n)."""
    players, size, n = values.shape[0], values.shape[1], values.shape[-1]
    flat = np.moveaxis(values.reshape(players, size, game.n_pairs, n), 1, 0).reshape(size, players * game.n_pairs, n)
    for source, target, change in single_moves(game.lattice, flat):
        yield source, target, np.moveaxis(change.reshape(len(change), players, game.n_pairs, n), 0, 2)


def _exact(value: float, argument: str) -> Constant:
    return Constant(
        value=value * (1 + ROUNDING) + (ROUNDING if value else 0.0),
        provenance=Provenance.CERTIFIED,
        argument=f"exact: {argument}",
        exact=True,
    )
