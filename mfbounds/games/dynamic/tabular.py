"""Dynamic games given by tables over the joint state-actions of the others: any asymmetry, few players."""

from __future__ import annotations

import math
from collections.abc import Callable
from dataclasses import dataclass
from typing import Any, Self

import numpy as np

from mfbounds.checks import FloatArray, check_count, check_distribution, check_rows, check_shape, frozen_array
from mfbounds.errors import InputError, NotEnumerableError
from mfbounds.games.dynamic.game import DynamicGame, IntArray, check_in_range, check_reward_range
from mfbounds.games.dynamic.lattice import Lattice, digits

TABLE_LIMIT = 50_000_000  # entries of the kernel table


@dataclass(frozen=True, eq=False, kw_only=True, repr=False)
class TabularGame(DynamicGame):
    """P^i and R^i as tables; build one with `TabularGame.of` or `TabularGame.from_functions`.

    Attributes:
        kernels: (N, S, A, D^K, S): P^i(.|s,a,rho^{-i}); the fourth axis is 1 when the others play no role.
        reward_table: (N, S, A, D^K) or (N, S, A, 1), reward units.

    The others stand in increasing player order, the first is the most significant digit in base D, x = s A + a.
    """

    kernels: FloatArray
    reward_table: FloatArray

    @classmethod
    def of(
        cls,
        kernels: Any,
        rewards: Any,
        *,
        horizon: int,
        start: Any = None,
        reward_range: Any = None,
        name: str = "",
    ) -> Self:
        """A game from its tables.

        Args:
            kernels: (N, S, A, D^K, S) or (N, S, A, S) when the others play no role.
            rewards: (N, S, A, D^K) or (N, S, A), reward units.
            horizon: H >= 1.
            start: rho_0, shape (S,); uniform by default.
            reward_range: (r_min, r_max); by default the extremes of the table.

        Raises:
            InputError: wrong shapes, rows off the simplex, N < 2, H < 1, rewards outside the declared range.
        """
        kernel_table, reward_table = _check_tables(kernels, rewards)
        n_players, n_states, n_actions = kernel_table.shape[:3]
        if reward_range is None:
            reward_range = (reward_table.min(), reward_table.max())
        ends = check_reward_range(reward_range)
        check_in_range(reward_table, ends, "rewards")
        law = np.full(n_states, 1 / n_states) if start is None else start
        return cls(
            n_players=n_players,
            n_states=n_states,
            n_actions=n_actions,
            horizon=check_count(horizon, "horizon"),
            start=check_distribution(law, n_states, "start"),
            reward_range=ends,
            name=name,
            kernels=kernel_table,
            reward_table=reward_table,
        )

    @classmethod
    def from_functions(
        cls,
        kernel: Callable[[int, int, int, tuple[tuple[int, int], ...]], Any],
        reward: Callable[[int, int, int, tuple[tuple[int, int], ...]], float],
        *,
        n_players: int,
        n_states: int,
        n_actions: int,
        horizon: int,
        start: Any = None,
        reward_range: Any = None,
        name: str = "",
    ) -> Self:
        """A game from functions of (i, s, a, others), others the pairs (s^j, a^j), j != i, in player order.

        Raises:
            NotEnumerableError: the table would be too large; the message gives its size and the alternative.
            InputError: as `of`.
        """
        n = check_count(n_players, "n_players", least=2)
        pairs = check_count(n_states, "n_states") * check_count(n_actions, "n_actions")
        check_table_size(n, n_states, n_actions)
        joint = [tuple(divmod(int(x), n_actions) for x in row) for row in digits(n - 1, pairs)]
        cells = [(i, s, a) for i in range(n) for s in range(n_states) for a in range(n_actions)]
        kernels = frozen_array([[kernel(i, s, a, rho) for rho in joint] for i, s, a in cells], "kernel(...)")
        rewards = frozen_array([[reward(i, s, a, rho) for rho in joint] for i, s, a in cells], "reward(...)")
        check_shape(kernels[0, 0], (n_states,), "kernel(i, s, a, others)")
        check_shape(rewards[0, 0], (), "reward(i, s, a, others)")
        shape = (n, n_states, n_actions, len(joint))
        return cls.of(
            kernels.reshape(*shape, n_states),
            rewards.reshape(shape),
            horizon=horizon,
            start=start,
            reward_range=reward_range,
            name=name,
        )

    @property
    def independent(self) -> bool:
        return bool(self.kernels.shape[3] == 1)

    @property
    def mean_kernel(self) -> FloatArray | None:
        return self.kernels[:, :, :, 0].mean(axis=0) if self.independent else None

    @property
    def lattice(self) -> Lattice:
        """Delta_{X,N-1}."""
        return Lattice(self.n_others, self.n_pairs)

    def laws(self, states: IntArray, actions: IntArray) -> FloatArray:
        players = np.arange(self.n_players)
        others = self._others(states, actions) if self.kernels.shape[3] > 1 else 0
        laws: FloatArray = self.kernels[players, states, actions, others]
        return laws

    def rewards(self, states: IntArray, actions: IntArray) -> FloatArray:
        players = np.arange(self.n_players)
        others = self._others(states, actions) if self.reward_table.shape[3] > 1 else 0
        rewards: FloatArray = self.reward_table[players, states, actions, others]
        return rewards

    def _others(self, states: IntArray, actions: IntArray) -> IntArray:
        """The index of rho^{-i} for every player, (B, N): the joint number with digit i taken out."""
        joint = states * self.n_actions + actions
        powers = self.n_pairs ** np.arange(self.n_players - 1, -1, -1, dtype=np.int64)
        number = (joint * powers).sum(axis=-1, keepdims=True)
        others: IntArray = number // (powers * self.n_pairs) * powers + number % powers
        return others


def check_table_size(
    n_players: int,
    n_states: int,
    n_actions: int,
    *,
    alternative: str = "give the game as functions of counts (CountGame), for any N",
) -> None:
    """Raises when the tables of such a game are too large to enumerate; `alternative` ends the message."""
    pairs = n_states * n_actions
    size = product_text(n_players * pairs * n_states, (pairs, n_players - 1), limit=TABLE_LIMIT)
    if size:
        raise NotEnumerableError(
            f"n_players == {n_players} with {pairs} state-action pairs: the table has {size} entries, must be <= "
            f"{TABLE_LIMIT}: {alternative}"
        )


def product_text(factor: int, power: tuple[int, int], *, limit: int) -> str:
    """factor base**exponent in words where it is above `limit`, else ""; power = (base, exponent) of any size."""
    base, exponent = power
    decades = math.log10(factor) + exponent * math.log10(base)
    if decades > 300:  # more than a float holds, and more digits than need be computed
        return f"10^{decades:.0f}"
    size = factor * base**exponent
    return f"{size:.3g}" if size > limit else ""


def _check_tables(kernels: Any, rewards: Any) -> tuple[FloatArray, FloatArray]:
    kernel_table, reward_table = frozen_array(kernels, "kernels"), frozen_array(rewards, "rewards")
    if kernel_table.ndim == 4:
        kernel_table = kernel_table[:, :, :, None, :]
    if reward_table.ndim == 3:
        reward_table = reward_table[:, :, :, None]
    if kernel_table.ndim != 5 or kernel_table.shape[1] != kernel_table.shape[4]:
        raise InputError(f"kernels.shape == {kernel_table.shape}, must be (N, S, A, D^K, S) or (N, S, A, S)")
    n_players, n_states, n_actions = kernel_table.shape[:3]
    if n_players < 2:
        raise InputError(f"n_players == {n_players}, must be >= 2: a game needs another player")
    allowed = (1, (n_states * n_actions) ** (n_players - 1))
    if kernel_table.shape[3] not in allowed:
        raise InputError(f"kernels.shape[3] == {kernel_table.shape[3]}, must be D^K == {allowed[1]}, or 1")
    if reward_table.shape[:3] != (n_players, n_states, n_actions) or reward_table.shape[3:] not in [
        (size,) for size in allowed
    ]:
        raise InputError(
            f"rewards.shape == {reward_table.shape}, must be {(n_players, n_states, n_actions, allowed[1])} or "
            f"{(n_players, n_states, n_actions)}"
        )
    check_rows(kernel_table, "kernels")
    return kernel_table, reward_table
