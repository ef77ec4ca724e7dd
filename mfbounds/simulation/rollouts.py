"""One batch of I rollouts for the estimator of Sample-Based TRPO (P1, Algorithms 3 and 6), with a known kernel."""

from __future__ import annotations

from dataclasses import dataclass, replace
from functools import partial
from typing import Protocol

import numpy as np
from scipy.special import entr

from mfbounds.checks import FloatArray
from mfbounds.mdp.frozen import Frozen
from mfbounds.mdp.occupation import frozen_occupation
from mfbounds.simulation.cells import IntArray, PolicyCells, kernel_cells
from mfbounds.simulation.counts import draw_law, draw_starts, sum_returns
from mfbounds.simulation.streams import generator
from mfbounds.simulation.threads import in_threads

BONUSES = ("entropy", "log-prob")
LEAST_BLOCKS = 2
BLOCK_CELLS = 2**16  # origins x states of one block: bounds the memory in use


@dataclass(frozen=True, eq=False, kw_only=True)
class Batch:
    """What I rollouts brought.

    Attributes:
        visits: rollouts that begin at each state-action pair, (S, A).
        totals: sums of their returns, (S, A), reward units above r_min.
        resets, steps: oracle calls.
    """

    visits: IntArray
    totals: FloatArray
    resets: int
    steps: int


class Rollouts(Protocol):
    """A source of batches at one population."""

    def __call__(self, log_policy: FloatArray, I: int, T: int, seed: np.random.SeedSequence) -> Batch:  # noqa: E741
        """I rollouts of T steps after the first under a policy, log policy (S, A)."""
        ...


def bonus_reward(reward: FloatArray, log_policy: FloatArray, eta: float, bonus: str) -> FloatArray:
    """Reward plus bonus of a step, (S, A): -eta log pi(a|s), or its mean over the actions eta H(pi(.|s))."""
    if bonus == "log-prob":
        return reward - eta * log_policy
    entropy: FloatArray = entr(np.exp(log_policy)).sum(axis=1, keepdims=True)
    return reward + eta * entropy


class CountRollouts:
    """Rollouts drawn as counts: the law of I particles, at a cost that does not depend on I.

    Args:
        frozen: the process, its rewards shifted to start at 0.
        restart: nu, (S,).
        bonus: "entropy" adds eta H(pi(.|s_t)) to each reward after the first, so that every return lies in [0, Q_max];
            "log-prob" adds -eta log pi(a_t|s_t), which has the same mean and no bound.
        workers: threads; they change nothing but the time.
    """

    def __init__(self, frozen: Frozen, restart: FloatArray, *, bonus: str = "entropy", workers: int = 1) -> None:
        self.frozen, self.restart, self.bonus, self.workers = frozen, restart, bonus, workers
        self._first = kernel_cells(frozen.kernel, frozen.reward)
        self._later = PolicyCells(frozen, merge=bonus == "entropy")
        self._chain = PolicyCells(replace(frozen, reward=np.zeros_like(frozen.reward)))

    def __call__(self, log_policy: FloatArray, I: int, T: int, seed: np.random.SeedSequence) -> Batch:  # noqa: E741
        frozen, policy = self.frozen, np.exp(log_policy)
        rng = generator(seed, 0)
        chain = self._chain.at(policy, self._chain.frozen.reward)
        starts, steps = draw_starts(rng, I, self.restart, chain, frozen.gamma)
        visits = uniform_actions(rng, starts, frozen.n_actions)
        return Batch(
            visits=visits, totals=self._totals(visits, log_policy, T, seed), resets=I, steps=steps + I * (T + 1)
        )

    def _totals(self, visits: IntArray, log_policy: FloatArray, T: int, seed: np.random.SeedSequence) -> FloatArray:
        frozen = self.frozen
        later = self._later.at(np.exp(log_policy), bonus_reward(frozen.reward, log_policy, frozen.eta, self.bonus))
        origins = np.flatnonzero(visits)
        # The division into blocks, each with a stream of its own, depends on nothing but the visits.
        blocks = np.array_split(origins, max(LEAST_BLOCKS, len(origins) * frozen.n_states // BLOCK_CELLS))

        def task(block: int, part: IntArray) -> FloatArray:
            rng, counts = generator(seed, 1, block), visits.ravel()[part]
            return sum_returns(rng, part, counts, self._first, later, gamma=frozen.gamma, T=T)

        totals = np.zeros(visits.size)
        totals[origins] = np.concatenate(
            in_threads([partial(task, *block) for block in enumerate(blocks)], self.workers)
        )
        return totals.reshape(visits.shape)


class ExpectedRollouts:
    """Rollouts whose returns are their means: the printed expectation, but from s_1 ~ P(.|s_i, a_i, mu).

    Only the starts are drawn, directly from the occupation law, which is the law of stopped rollouts; the oracle calls
    are those that drawing the starts takes, their number drawn from its own law.
    """

    def __init__(self, frozen: Frozen, restart: FloatArray) -> None:
        self.frozen, self.restart = frozen, restart

    def __call__(self, log_policy: FloatArray, I: int, T: int, seed: np.random.SeedSequence) -> Batch:  # noqa: E741
        rng, frozen = generator(seed, 0), self.frozen
        starts = draw_law(rng, I, frozen_occupation(frozen, np.exp(log_policy), self.restart))
        visits = uniform_actions(rng, starts, frozen.n_actions)
        steps = _steps_of_starts(rng, I, frozen.gamma)
        return Batch(visits=visits, totals=visits * truncated_values(frozen, log_policy, T), resets=I, steps=steps)


def _steps_of_starts(rng: np.random.Generator, n: int, gamma: float) -> int:
    """The steps of `n` rollouts that stop with probability 1-gamma before each, in parts that NumPy can draw."""
    if gamma == 0.0:
        return 0
    parts = 1 + int(n * gamma / (1.0 - gamma) / 2**60)
    counts = [n // parts + (i < n % parts) for i in range(parts)]
    return sum(int(rng.negative_binomial(count, 1.0 - gamma)) for count in counts)


def uniform_actions(rng: np.random.Generator, starts: IntArray, n_actions: int) -> IntArray:
    """Starts (S,) divided among the actions, each equally likely, (S, A)."""
    return rng.multinomial(starts, np.full(n_actions, 1.0 / n_actions))


def truncated_values(frozen: Frozen, log_policy: FloatArray, T: int) -> FloatArray:
    """The mean return of a rollout, (S, A): r(s,a) + sum_{t=1..T} gamma^t E[r(s_t,a_t) - eta log pi(a_t|s_t)].

    It misses at most gamma^(T+1) V_max of Q^pi.
    """
    policy = np.exp(log_policy)
    mean = (policy * bonus_reward(frozen.reward, log_policy, frozen.eta, "entropy")).sum(axis=1)
    chain, tail = frozen.chain(policy), np.zeros(frozen.n_states)
    for _ in range(T):
        tail = mean + frozen.gamma * (chain @ tail)
    return frozen.backup(tail)
