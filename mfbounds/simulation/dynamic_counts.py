"""Trajectories at count level: exact in law where all players share one transition law (P2, alpha = 0).

Players that start alike, follow one policy and move by one law are exchangeable given the counts, so the counts
n_h(s, a) are a Markov chain of multinomial draws whose cost does not depend on N. Given all counts, the expected mean
reward of the agents in a pair is the average of all players' rewards there, which is what a `PooledBatch` from here
holds: the pooled TD target, averaged over who is where (never a larger variance than at agent level).
"""

from __future__ import annotations

from dataclasses import dataclass
from typing import Any

import numpy as np

from mfbounds.checks import FloatArray, check_count
from mfbounds.errors import InputError
from mfbounds.games.dynamic.counts import CountGame
from mfbounds.games.dynamic.game import DynamicGame, IntArray
from mfbounds.simulation.dynamic import PooledBatch, Seed, generator_of


@dataclass(frozen=True, eq=False)
class AgentBatch:
    """M trajectories of one agent: states, actions (M, H) and rewards (M, H), reward units."""

    states: IntArray
    actions: IntArray
    rewards: FloatArray


def simulate_counts(game: DynamicGame, policy: Any, *, trajectories: int, seed: Seed = None) -> PooledBatch:
    """M independent trajectories of all players as counts, with mean rewards and transition counts.

    Args:
        policy: (H, S, A), of all players: players of different policies are not exchangeable.
        trajectories: M >= 1.
        seed: an integer, a `SeedSequence`, or a `Generator` to continue.

    Raises:
        InputError: players with different transition laws, a policy of wrong shape or off the simplex, M < 1.

    Example:
        >>> from mfbounds.games.dynamic.rps import a_rps
        >>> batch = simulate_counts(a_rps(), np.full((10, 3, 3), 1 / 3), trajectories=2, seed=0)
        >>> batch.counts.sum(axis=(2, 3)).tolist()[0], batch.transitions.shape
        ([2000, 2000, 2000, 2000, 2000, 2000, 2000, 2000, 2000, 2000], (2, 9, 3, 3, 3, 3))
    """
    exchangeable, rows = _checked(game, policy)
    rng, runs = generator_of(seed), check_count(trajectories, "trajectories")
    horizon, S, A = rows.shape
    counts = np.empty((runs, horizon, S, A), np.int64)
    rewards = np.empty((runs, horizon, S, A))
    transitions = np.empty((runs, horizon - 1, S, A, S, A), np.int64)
    counts[:, 0] = rng.multinomial(rng.multinomial(game.n_players, game.start, size=runs), rows[0])
    for h in range(horizon):
        states, actions, others = _others_of_pairs(counts[:, h])
        means = exchangeable.mean_rewards_at(states, actions, others)
        rewards[:, h] = np.where(counts[:, h] > 0, means, 0.0)
        if h + 1 < horizon:
            laws = _laws(exchangeable, states, actions, others)[..., None] * rows[h + 1]
            joint = laws.reshape(*laws.shape[:-2], -1)  # over the next pairs (s', a')
            flat = rng.multinomial(counts[:, h], joint / joint.sum(axis=-1, keepdims=True))  # rounding only
            transitions[:, h] = flat.reshape(runs, S, A, S, A)
            counts[:, h + 1] = transitions[:, h].sum(axis=(1, 2))
    return PooledBatch(counts, rewards, transitions)


def simulate_agent(
    game: DynamicGame, policy: Any, *, trajectories: int, player: int = 0, seed: Seed = None
) -> AgentBatch:
    """M independent trajectories of one agent among N - 1 others that are moved as counts.

    Args:
        policy: (H, S, A), of all players.
        player: the agent whose rewards are told.

    Raises:
        InputError: as `simulate_counts`, or a player that is not in the game.
    """
    exchangeable, rows = _checked(game, policy)
    if check_count(player, "player", least=0) >= game.n_players:
        raise InputError(f"player == {player}, must be < n_players == {game.n_players}")
    rng, runs = generator_of(seed), check_count(trajectories, "trajectories")
    shape = (runs, game.horizon)
    states, actions, rewards = np.empty(shape, np.int64), np.empty(shape, np.int64), np.empty(shape)
    place = _drawn(np.broadcast_to(game.start, (runs, game.n_states)), rng)
    others = rng.multinomial(game.n_others, game.start, size=runs)
    for h in range(game.horizon):
        states[:, h], actions[:, h] = place, _drawn(rows[h, place], rng)
        pairs = rng.multinomial(others, rows[h])  # (M, S, A)
        seen = pairs.reshape(runs, -1)
        players = np.full(runs, player)
        rewards[:, h] = exchangeable.rewards_at(players, place, actions[:, h], seen)
        own = np.zeros((runs, game.n_pairs), np.int64)
        own[np.arange(runs), place * game.n_actions + actions[:, h]] = 1
        moved = rng.multinomial(pairs, _laws(exchangeable, *_others_of_pairs(pairs, own)))
        place = _drawn(exchangeable.laws_at(players, place, actions[:, h], seen), rng)
        others = moved.sum(axis=(1, 2))
    return AgentBatch(states, actions, rewards)


def _checked(game: DynamicGame, policy: Any) -> tuple[CountGame, FloatArray]:
    if not isinstance(game, CountGame) or not game.alike:
        raise InputError(
            f"game == {game!r}, must have players of one transition law (alpha == 0) that see counts only to be moved as "
            "counts: use simulate, at agent level"
        )
    return game, game.policy(policy)


def _others_of_pairs(counts: IntArray, extra: IntArray | None = None) -> tuple[IntArray, IntArray, IntArray]:
    """For an agent in each pair: its state, its action, both (M, S, A), and its others' counts (M, S, A, D).

    Where nobody is in a pair, an agent of the fullest pair is thought to be there instead.
    """
    runs, S, A = counts.shape
    cells = np.indices(counts.shape)
    flat = counts.reshape(runs, -1)
    leaves = np.where(flat > 0, np.arange(S * A), flat.argmax(axis=1)[:, None])  # (M, D): who leaves the crowd
    total = flat if extra is None else flat + extra
    others: IntArray = total[:, None, :] - np.eye(S * A, dtype=np.int64)[leaves]
    return cells[1].astype(np.int64), cells[2].astype(np.int64), others.reshape(runs, S, A, S * A)


def _laws(game: CountGame, states: IntArray, actions: IntArray, others: IntArray) -> FloatArray:
    """The common transition law at each pair, (M, S, A, S), or (S, A, S) where the others play no role."""
    if game.fixed_kernels is not None:
        fixed: FloatArray = game.fixed_kernels[0]
        return fixed
    return game.laws_at(np.zeros_like(states), states, actions, others)


def _drawn(laws: FloatArray, rng: np.random.Generator) -> IntArray:
    """One draw of each row."""
    drawn: IntArray = (rng.random(len(laws))[:, None] >= np.cumsum(laws, axis=1)[:, :-1]).sum(axis=1)
    return drawn
