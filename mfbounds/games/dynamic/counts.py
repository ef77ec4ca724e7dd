"""Dynamic games in which only the counts of the others matter: any number of players, any heterogeneity of players."""

from __future__ import annotations

from collections.abc import Callable, Mapping
from dataclasses import dataclass
from typing import Any, Self, TypeAlias

import numpy as np

from mfbounds.checks import FloatArray, check_count, check_distribution, check_rows, frozen_array
from mfbounds.errors import InputError
from mfbounds.games.declared import check_declared
from mfbounds.games.dynamic.game import (
    DECLARABLE,
    SIGNED,
    DynamicGame,
    IntArray,
    check_in_range,
    check_reward_range,
)
from mfbounds.games.dynamic.lattice import Lattice, counts_of_arrangements
from mfbounds.games.dynamic.tabular import TabularGame, check_table_size
from mfbounds.games.game import Origin
from mfbounds.numbers import Constant

CHUNK = 4_000_000  # entries of a count function's arguments that are held at once
# (players, states, actions, others): integer arrays of one shape (...), others (..., D) the counts of the N - 1 others
CountFunction: TypeAlias = Callable[[IntArray, IntArray, IntArray, IntArray], FloatArray]
# mu (S, A) -> (S, A, S) or (S, A): the average over the players, as a function on the whole simplex
LiftedFunction: TypeAlias = Callable[[FloatArray], FloatArray]


@dataclass(frozen=True, eq=False, kw_only=True, repr=False)
class CountGame(DynamicGame):
    """P^i and R^i as functions of the counts of the others; build one with `CountGame.of`.

    Attributes:
        fixed_kernels: (N, S, A, S) or (1, S, A, S) (all players alike) when the others play no role in P^i, else None.
        kernel_function: (players, states, actions, others) -> laws (..., S), else None.
        reward_function: (players, states, actions, others) -> rewards (...), reward units.
        lifted_kernel, lifted_reward: the players' average on the whole simplex in closed form, when it is known; they
            must agree with the average of P^i and R^i at every empirical distribution of N - 1 others, which is looked at
            where the mean-field game is induced.
        affine_rewards: whether R^i is affine in the counts, so that the reward function at expected counts (any real
            numbers) is the expected reward.
    """

    fixed_kernels: FloatArray | None
    kernel_function: CountFunction | None
    reward_function: CountFunction
    lifted_kernel: LiftedFunction | None = None
    lifted_reward: LiftedFunction | None = None
    affine_rewards: bool = False

    @classmethod
    def of(
        cls,
        kernel: Any,
        reward: CountFunction,
        *,
        n_players: int,
        n_states: int,
        n_actions: int,
        horizon: int,
        reward_range: Any,
        start: Any = None,
        lifted_kernel: LiftedFunction | None = None,
        lifted_reward: LiftedFunction | None = None,
        affine_rewards: bool = False,
        declared: Mapping[str, float | Constant] | None = None,
        name: str = "",
        origin: Origin | None = None,
    ) -> Self:
        """A game from a kernel (table or function of counts) and a reward function of counts.

        Args:
            kernel: (N, S, A, S), (1, S, A, S), or a function (players, states, actions, others) -> (..., S).
            reward: a function (players, states, actions, others) -> (...), reward units.
            n_players, n_states, n_actions, horizon: N >= 2, S, A, H >= 1.
            reward_range: (r_min, r_max), reward units.
            start: rho_0, shape (S,); uniform by default.
            lifted_kernel, lifted_reward: functions of mu (S, A), (S, A, S) and (S, A), when they are known.
            declared: constants that you vouch for (see `DynamicGame`), each an upper bound; a bare number counts as
                *declared*.

        Raises:
            InputError: wrong shapes, rows off the simplex, N < 2, H < 1, a reward or closed form that is no function, a
                declared constant that is no number or below 0.
            UnknownNameError: `declared` names something else.
        """
        if not callable(reward):
            raise InputError(f"reward == {reward!r}, must be a function (players, states, actions, others) -> rewards")
        for label, closed in (("lifted_kernel", lifted_kernel), ("lifted_reward", lifted_reward)):
            if closed is not None and not callable(closed):
                raise InputError(
                    f"{label} == {closed!r}, must be a function of mu (S, A), or None where it is not known"
                )
        n = check_count(n_players, "n_players", least=2)
        shape = (check_count(n_states, "n_states"), check_count(n_actions, "n_actions"), n_states)
        law = np.full(n_states, 1 / n_states) if start is None else start
        return cls(
            n_players=n,
            n_states=n_states,
            n_actions=n_actions,
            horizon=check_count(horizon, "horizon"),
            start=check_distribution(law, n_states, "start"),
            reward_range=check_reward_range(reward_range),
            declared=check_declared(declared, DECLARABLE, signed=SIGNED),
            name=name,
            origin=origin,
            fixed_kernels=None if callable(kernel) else _check_kernels(kernel, n, shape),
            kernel_function=kernel if callable(kernel) else None,
            reward_function=reward,
            lifted_kernel=lifted_kernel,
            lifted_reward=lifted_reward,
            affine_rewards=affine_rewards,
        )

    @property
    def independent(self) -> bool:
        return self.fixed_kernels is not None

    @property
    def mean_kernel(self) -> FloatArray | None:
        if self.fixed_kernels is None:
            return None
        # players last: NumPy adds pairwise along a contiguous axis only, and many players would lose digits
        mean: FloatArray = np.ascontiguousarray(np.moveaxis(self.fixed_kernels, 0, -1)).mean(axis=-1)
        return mean

    @property
    def lattice(self) -> Lattice:
        """Delta_{X,N-1}."""
        return Lattice(self.n_others, self.n_pairs)

    def laws_at(self, players: IntArray, states: IntArray, actions: IntArray, others: IntArray) -> FloatArray:
        """P^i(.|s,a,rho^{-i}), (..., S), for index arrays (...) and counts of the others (..., D)."""
        if self.fixed_kernels is not None:
            rows: FloatArray = self.fixed_kernels[players if len(self.fixed_kernels) > 1 else 0, states, actions]
            return rows
        assert self.kernel_function is not None
        laws = frozen_array(self.kernel_function(players, states, actions, others), "kernel(...)")
        if laws.shape != (*players.shape, self.n_states):
            raise InputError(f"kernel(...).shape == {laws.shape}, must be {(*players.shape, self.n_states)}")
        check_rows(laws, "kernel(...)")
        return laws

    def rewards_at(self, players: IntArray, states: IntArray, actions: IntArray, others: IntArray) -> FloatArray:
        """R^i(s,a,rho^{-i}), (...), for index arrays (...) and counts of the others (..., D)."""
        rewards = frozen_array(self.reward_function(players, states, actions, others), "reward(...)")
        if rewards.shape != players.shape:
            raise InputError(f"reward(...).shape == {rewards.shape}, must be {players.shape}")
        check_in_range(rewards, self.reward_range, "reward(...)")
        return rewards

    @property
    def alike(self) -> bool:
        """Whether all players share one transition law (alpha = 0): then they are exchangeable given the counts."""
        if self.fixed_kernels is not None:
            return bool((self.fixed_kernels == self.fixed_kernels[0]).all())
        alpha = self.declared.get("alpha")
        return alpha is not None and alpha.certified and alpha.value == 0.0

    def mean_rewards_at(self, states: IntArray, actions: IntArray, others: IntArray) -> FloatArray:
        """The players' average of R^i(s,a,rho^{-i}), (...), for index arrays (...) and counts of the others (..., D)."""
        total = np.zeros(states.shape)
        step = max(1, CHUNK // max(1, states.size * self.n_pairs))
        for first in range(0, self.n_players, step):
            ids = np.arange(first, min(first + step, self.n_players)).reshape(-1, *[1] * states.ndim)
            shape = (len(ids), *states.shape)
            players, s, a = (np.broadcast_to(array, shape) for array in (ids, states, actions))
            total += self.rewards_at(players, s, a, np.broadcast_to(others, (*shape, self.n_pairs))).sum(axis=0)
        return total / self.n_players

    def laws(self, states: IntArray, actions: IntArray) -> FloatArray:
        players = np.broadcast_to(np.arange(self.n_players), states.shape)
        if self.fixed_kernels is not None:
            return self.laws_at(players, states, actions, states)
        return self.laws_at(players, states, actions, self.others(states, actions))

    def rewards(self, states: IntArray, actions: IntArray) -> FloatArray:
        players = np.broadcast_to(np.arange(self.n_players), states.shape)
        return self.rewards_at(players, states, actions, self.others(states, actions))

    def others(self, states: IntArray, actions: IntArray) -> IntArray:
        """The counts of the others of every player, (B, N, D), in B joint states and actions (B, N)."""
        joint = states * self.n_actions + actions
        batch = np.arange(joint.shape[0])[:, None]
        flat = np.bincount((batch * self.n_pairs + joint).ravel(), minlength=joint.shape[0] * self.n_pairs)
        counts = np.repeat(flat.reshape(-1, 1, self.n_pairs), self.n_players, axis=1)
        np.put_along_axis(counts, joint[:, :, None], np.take_along_axis(counts, joint[:, :, None], 2) - 1, 2)
        return counts

    def tabular(self) -> TabularGame:
        """The same game as tables over joint state-actions.

        Raises:
            InputError: the tables would be too large.
        """
        check_table_size(
            self.n_players,
            self.n_states,
            self.n_actions,
            alternative="keep the game as counts, and sample where joint states would be listed (method='monte carlo')",
        )
        counts = counts_of_arrangements(self.n_others, self.n_pairs)
        shape = (self.n_players, self.n_states, self.n_actions, len(counts))
        players, states, actions, rho = np.indices(shape)
        kernels: FloatArray | None = self.fixed_kernels
        if kernels is None:
            kernels = self.laws_at(players, states, actions, counts[rho])
        elif kernels.shape[0] == 1:
            kernels = np.repeat(kernels, self.n_players, axis=0)
        return TabularGame.of(
            kernels,
            self.rewards_at(players, states, actions, counts[rho]),
            horizon=self.horizon,
            start=self.start,
            reward_range=self.reward_range,
            name=self.name,
        )


def _check_kernels(kernels: Any, n_players: int, shape: tuple[int, int, int]) -> FloatArray:
    array = frozen_array(kernels, "kernel")
    if array.shape not in ((n_players, *shape), (1, *shape)):
        raise InputError(f"kernel.shape == {array.shape}, must be {(n_players, *shape)} or {(1, *shape)}")
    check_rows(array, "kernel")
    return array
