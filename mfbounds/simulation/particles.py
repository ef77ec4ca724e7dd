"""Rollouts particle by particle, for simulators whose kernel is not known."""

from __future__ import annotations

from collections.abc import Iterator

import numpy as np

from mfbounds.checks import FloatArray
from mfbounds.simulation.cells import IntArray
from mfbounds.simulation.rollouts import Batch, bonus_reward
from mfbounds.simulation.simulator import Particles
from mfbounds.simulation.streams import generator


class ParticleRollouts:
    """Batches of rollouts from a simulator at one population (P1, Algorithms 3 and 6).

    The actions are drawn here, from the stream of the batch; the states are drawn by the simulator.

    Args:
        particles: the simulator.
        mu: population, (S,).
        bonus: "entropy" or "log-prob", see `CountRollouts`.
    """

    def __init__(self, particles: Particles, mu: FloatArray, *, bonus: str = "entropy") -> None:
        self.particles, self.mu, self.bonus = particles, mu, bonus

    def __call__(self, log_policy: FloatArray, I: int, T: int, seed: np.random.SeedSequence) -> Batch:  # noqa: E741
        rng, before = generator(seed, 0), (self.particles.resets, self.particles.steps)
        size = log_policy.size
        visits, totals = np.zeros(size, dtype=np.int64), np.zeros(size)
        for origin, returns in self.returns(log_policy, I, T, rng):
            visits += np.bincount(origin, minlength=size)
            totals += np.bincount(origin, weights=returns, minlength=size)
        return Batch(
            visits=visits.reshape(log_policy.shape),
            totals=totals.reshape(log_policy.shape),
            resets=self.particles.resets - before[0],
            steps=self.particles.steps - before[1],
        )

    def returns(
        self,
        log_policy: FloatArray,
        I: int,  # noqa: E741
        T: int,
        rng: np.random.Generator,
    ) -> Iterator[tuple[IntArray, FloatArray]]:
        """The origin s*A + a and the return of each of I rollouts, some at a time."""
        simulator = self.particles.simulator
        policy = np.exp(log_policy)
        extra = (
            bonus_reward(np.zeros_like(log_policy), log_policy, simulator.eta, self.bonus) - simulator.reward_range[0]
        )
        for n in sizes(I, self.particles.batch):
            states, everyone = self.starts(policy, n, rng), np.arange(n)
            actions = rng.integers(simulator.n_actions, size=n)
            origin = states * simulator.n_actions + actions
            states, rewards = self.particles.step(everyone, actions, self.mu)
            totals, weight = rewards - simulator.reward_range[0], 1.0
            for _ in range(T):
                weight *= simulator.gamma
                actions = draw_actions(rng, policy[states])
                gained = extra[states, actions]
                states, rewards = self.particles.step(everyone, actions, self.mu)
                totals += weight * (rewards + gained)
            yield origin, totals

    def starts(self, policy: FloatArray, n: int, rng: np.random.Generator) -> IntArray:
        """`n` draws from the discounted occupation: each particle stops with probability 1-gamma before each step."""
        states = self.particles.reset(n)
        alive = np.flatnonzero(rng.random(n) < self.particles.simulator.gamma)
        while alive.size:
            states[alive], _ = self.particles.step(alive, draw_actions(rng, policy[states[alive]]), self.mu)
            alive = alive[rng.random(alive.size) < self.particles.simulator.gamma]
        return states


def sizes(n: int, batch: int) -> Iterator[int]:
    """n divided into batches of at most `batch` particles."""
    for done in range(0, n, batch):
        yield min(batch, n - done)


def draw_actions(rng: np.random.Generator, rows: FloatArray) -> IntArray:
    """One action from each row pi(.|s), (n, A), by the inverse distribution function."""
    cumulative = np.cumsum(rows, axis=1)
    cumulative[:, -1] = np.inf  # what rounding leaves over
    actions: IntArray = (rng.random(len(rows))[:, None] >= cumulative).sum(axis=1)
    return actions
