"""Trajectories of N-player dynamic games at agent level: every player's state, action and reward (P2, Section 2).

For learning by `CountGame`s with players of one transition law, `mfbounds.simulation.dynamic_counts` draws the same
pooled statistics without moving agents one by one.
"""

from __future__ import annotations

from dataclasses import dataclass
from functools import cached_property
from typing import Any, TypeAlias

import numpy as np
import numpy.typing as npt

from mfbounds.checks import FloatArray, check_count, check_distribution, check_rows, frozen_array
from mfbounds.errors import InputError
from mfbounds.games.dynamic.game import DynamicGame, IntArray

SmallInts: TypeAlias = npt.NDArray[np.signedinteger]
BLOCK = 32_768  # agents that move at once: their arrays fit the cache
Seed: TypeAlias = int | np.random.SeedSequence | np.random.Generator | None


@dataclass(frozen=True, eq=False)
class PooledBatch:
    """What a pooled learner needs of M joint trajectories: one table entry per trajectory, step and pair.

    Attributes:
        counts: (M, H, S, A): how many agents are in the pair.
        rewards: (M, H, S, A): the mean reward of the agents in the pair (reward units; 0 where there is nobody). From
            the count level, its conditional expectation given all counts.
        transitions: (M, H - 1, S, A, S, A): how many go from a pair to a pair of the next step.

    The pooled TD target of a pair (P2, Algorithm 1, averaged over the agents in it) is, where counts > 0,
    ``rewards + tau * entropy + (transitions * q_next).sum((-2, -1)) / counts``, as `targets` computes.
    """

    counts: IntArray
    rewards: FloatArray
    transitions: IntArray

    def targets(self, step: int, ahead: FloatArray) -> FloatArray:
        """Mean over the agents in each pair at `step` of reward + ahead(s', a'), (M, S, A); NaN-free: 0 where nobody is.

        Args:
            ahead: (S, A), the value of the pair at the next step; ignored at the last step.
        """
        if step == self.counts.shape[1] - 1:
            return self.rewards[:, step]
        following = np.tensordot(self.transitions[:, step], ahead, axes=2)
        result: FloatArray = self.rewards[:, step] + following / np.maximum(self.counts[:, step], 1)
        return result


@dataclass(frozen=True, eq=False)
class Trajectories:
    """M joint trajectories.

    Attributes:
        game: the game that was played.
        states, actions: (M, H, N), small integers.
        rewards: (M, H, N), reward units.
    """

    game: DynamicGame
    states: SmallInts
    actions: SmallInts
    rewards: FloatArray

    @cached_property
    def pooled(self) -> PooledBatch:
        """Counts, mean rewards and transition counts over all agents."""
        game, (runs, horizon, _) = self.game, self.states.shape
        D, cells = game.n_pairs, (game.n_states, game.n_actions)
        counts, sums = np.empty((runs, horizon, D), np.int64), np.empty((runs, horizon, D))
        moves = np.empty((runs, horizon - 1, D * D), np.int64)
        rows = np.arange(runs)[:, None]
        before = rows  # (row, pair) of the step before, times D
        for h in range(horizon):
            place = rows * D + (self.states[:, h] * game.n_actions + self.actions[:, h])  # D fits the integers' type
            counts[:, h] = np.bincount(place.ravel(), minlength=runs * D).reshape(runs, D)
            weights = np.ascontiguousarray(self.rewards[:, h]).ravel()
            sums[:, h] = np.bincount(place.ravel(), weights=weights, minlength=runs * D).reshape(runs, D)
            if h:
                codes = before + (place - rows * D)
                moves[:, h - 1] = np.bincount(codes.ravel(), minlength=runs * D * D).reshape(runs, D * D)
            before = place * D
        return PooledBatch(
            counts.reshape(runs, horizon, *cells),
            (sums / np.maximum(counts, 1)).reshape(runs, horizon, *cells),
            moves.reshape(runs, horizon - 1, *cells, *cells),
        )

    @property
    def returns(self) -> FloatArray:
        """The sum of rewards of each trajectory and player, (M, N), reward units."""
        total: FloatArray = self.rewards.sum(axis=1)
        return total


def simulate(
    game: DynamicGame, policy: Any, *, trajectories: int, seed: Seed = None, start: Any = None
) -> Trajectories:
    """Independent joint trajectories of all players, vectorised over trajectories and agents.

    Args:
        policy: (H, S, A) for all players, or (N, H, S, A), one policy a player.
        trajectories: M >= 1.
        seed: an integer, a `SeedSequence`, or a `Generator` to continue; the same seed gives the same trajectories.
        start: the law of first states, (S,), instead of the game's.

    Raises:
        InputError: a policy or law of wrong shape or off the simplex, M < 1.

    Example:
        >>> from mfbounds.games.dynamic.sis import a_sis
        >>> game = a_sis(n_players=50, horizon=4)
        >>> batch = simulate(game, np.full((4, 2, 2), 0.5), trajectories=3, seed=0)
        >>> batch.states.shape, batch.rewards.shape, batch.pooled.counts.sum(axis=(2, 3)).tolist()[0]
        ((3, 4, 50), (3, 4, 50), [50, 50, 50, 50])
    """
    policies = joint_policy(game, policy)
    law = game.start if start is None else check_distribution(start, game.n_states, "start")
    rng = generator_of(seed)
    runs = check_count(trajectories, "trajectories")
    shape, kind = (runs, game.horizon, game.n_players), np.min_scalar_type(-max(game.n_pairs, 2))
    found = Trajectories(game, np.empty(shape, kind), np.empty(shape, kind), np.empty(shape))
    block = max(1, BLOCK // game.n_players)
    for first in range(0, runs, block):
        rows = slice(first, min(first + block, runs))
        size = (rows.stop - first, game.n_players)
        states: SmallInts = np.searchsorted(np.cumsum(law)[:-1], rng.random(size), side="right").astype(kind)
        for h in range(game.horizon):
            actions = _choices(policies[:, h], states, rng)
            found.states[rows, h], found.actions[rows, h] = states, actions
            found.rewards[rows, h], states = game.step(states, actions, rng)
            states = states.astype(kind, copy=False)
    return found


def joint_policy(game: DynamicGame, policy: Any) -> FloatArray:
    """(1, H, S, A), the policy of all players, or (N, H, S, A), one a player, checked.

    Raises:
        InputError: another shape, or rows off the simplex.
    """
    array = frozen_array(policy, "policy")
    one = (game.horizon, game.n_states, game.n_actions)
    if array.shape not in (one, (game.n_players, *one)):
        raise InputError(
            f"policy.shape == {array.shape}, must be {one} (H, S, A) for all players or {(game.n_players, *one)} "
            "(N, H, S, A), one policy a player"
        )
    check_rows(array, "policy")
    return array.reshape(-1, *one)


def generator_of(seed: Seed) -> np.random.Generator:
    """A generator for a seed, or the generator itself.

    Raises:
        InputError: a seed that is no integer >= 0.
    """
    if seed is None or isinstance(seed, np.random.SeedSequence | np.random.Generator):
        return np.random.default_rng(seed)
    return np.random.default_rng(check_count(seed, "seed", least=0))


def _choices(policies: FloatArray, states: SmallInts, rng: np.random.Generator) -> SmallInts:
    """Actions (M, N) of the players' policies at one step, (1 or N, S, A)."""
    thresholds = np.cumsum(policies, axis=-1)[..., :-1]
    own = states if len(policies) == 1 else states + np.arange(len(policies)) * policies.shape[1]
    uniforms = rng.random(states.shape)
    actions = np.zeros(states.shape, states.dtype)
    for column in np.moveaxis(thresholds, -1, 0):
        actions += uniforms >= column.ravel()[own]
    return actions
