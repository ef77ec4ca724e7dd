"""Many small games at once: values, optima and stationary laws over a leading axis of games.

Dimension letters: B games, X vertices (S where the population enters, else 1), S states, A actions. These are plain
float64 numbers without error bounds: they steer a search, and decide nothing.
"""

from __future__ import annotations

from dataclasses import dataclass

import numpy as np
import numpy.typing as npt
from scipy.special import entr

from mfbounds.checks import FloatArray

MOST_STEPS = 60  # of Newton's method; it needs about ten
RELATIVE = 1e-15  # improvement of a value, relative to its bound, at which Newton's method has converged


@dataclass(frozen=True, eq=False, kw_only=True)
class Games:
    """B affine games of one shape.

    Attributes:
        kernels: P(.|s,a,delta_x), (B, X, S, A, S).
        rewards: r(s,a,delta_x), (B, X, S, A), reward units.
        gamma, eta: (B,).
    """

    kernels: FloatArray
    rewards: FloatArray
    gamma: FloatArray
    eta: FloatArray

    def at(self, mu: FloatArray) -> Processes:
        """The processes at the populations `mu`, (B, S)."""
        kernel = self.kernels[:, 0] if self.kernels.shape[1] == 1 else np.einsum("bx,bxsat->bsat", mu, self.kernels)
        reward = self.rewards[:, 0] if self.rewards.shape[1] == 1 else np.einsum("bx,bxsa->bsa", mu, self.rewards)
        return Processes(kernel=kernel, reward=reward, gamma=self.gamma, eta=self.eta)


@dataclass(frozen=True, eq=False, kw_only=True)
class Processes:
    """B games, each frozen at a population: kernel (B, S, A, S), reward (B, S, A), gamma and eta (B,)."""

    kernel: FloatArray
    reward: FloatArray
    gamma: FloatArray
    eta: FloatArray

    def chain(self, policy: FloatArray) -> FloatArray:
        """P^pi, (B, S, S)."""
        found: FloatArray = np.matmul(policy[:, :, None, :], self.kernel)[:, :, 0, :]
        return found

    def backup(self, V: FloatArray) -> FloatArray:
        """Q = r + gamma P V, (B, S, A), without the entropy of the current step."""
        expected = np.matmul(self.kernel, V[:, None, :, None])[..., 0]
        mixed: FloatArray = self.reward + self.gamma[:, None, None] * expected
        return mixed

    def solve(self, policy: FloatArray, right: FloatArray) -> FloatArray:
        """(I - gamma P^pi)^-1 right, (B, S)."""
        chain = self.chain(policy)
        matrix = np.eye(chain.shape[-1]) - self.gamma[:, None, None] * chain
        solved: FloatArray = np.asarray(np.linalg.solve(matrix, right[..., None])[..., 0], dtype=np.float64)
        return solved

    def values(self, policy: FloatArray) -> FloatArray:
        """V^pi, (B, S)."""
        bonus = self.eta[:, None, None] * np.asarray(entr(policy), dtype=np.float64)
        step: FloatArray = (policy * self.reward + bonus).sum(axis=2)
        return self.solve(policy, step)

    def subset(self, chosen: npt.NDArray[np.intp]) -> Processes:
        """The processes at an index over the games."""
        return Processes(
            kernel=self.kernel[chosen], reward=self.reward[chosen], gamma=self.gamma[chosen], eta=self.eta[chosen]
        )


@dataclass(frozen=True, eq=False, kw_only=True)
class Optima:
    """Soft optima: V (B, S), Q, policy and log_policy (B, S, A)."""

    V: FloatArray
    Q: FloatArray
    policy: FloatArray
    log_policy: FloatArray


def soft_optima(processes: Processes) -> Optima:
    """Soft policy iteration on all processes; those that have converged are not touched again."""
    n_actions = processes.reward.shape[2]
    V = processes.values(np.full(processes.reward.shape, 1.0 / n_actions))
    level = (np.abs(processes.reward).max(axis=(1, 2)) + processes.eta) / (1.0 - processes.gamma)
    active = np.arange(len(V))
    before = np.full(len(V), np.inf)
    for _ in range(MOST_STEPS):
        part = processes.subset(active)
        log_policy, soft = _greedy(part.backup(V[active]), part.eta)
        excess = soft - V[active]
        V[active] += part.solve(np.exp(log_policy), excess)
        size = np.abs(excess).max(axis=1)
        # Newton's method converges quadratically: what no longer halves has met rounding.
        going = (size > RELATIVE * level[active]) & (size < before[active] / 2.0)
        before[active] = size
        active = active[going]
        if active.size == 0:
            break
    Q = processes.backup(V)
    log_policy, _ = _greedy(Q, processes.eta)
    return Optima(V=V, Q=Q, policy=np.exp(log_policy), log_policy=log_policy)


def _greedy(Q: FloatArray, eta: FloatArray) -> tuple[FloatArray, FloatArray]:
    """log softmax(Q/eta), (B, S, A), and eta log sum exp(Q/eta), (B, S)."""
    top = Q.max(axis=2, keepdims=True)
    logits = (Q - top) / eta[:, None, None]
    log_total = np.log(np.exp(logits).sum(axis=2, keepdims=True))
    return logits - log_total, top[..., 0] + eta[:, None] * log_total[..., 0]


def trpo(processes: Processes, L: int, start: FloatArray | None = None) -> tuple[FloatArray, FloatArray, FloatArray]:
    """Log policy (B, S, A), V (B, S) and Q (B, S, A) of exact TRPO after L iterations, from uniform or a log policy."""
    shape, eta = processes.reward.shape, processes.eta[:, None, None]
    log_policy = np.full(shape, -np.log(shape[2])) if start is None else start
    for step in range(L + 1):
        V = processes.values(np.exp(log_policy))
        Q = processes.backup(V)
        if step < L:
            moved = log_policy + (Q - eta * log_policy) / (eta * (step + 2))
            log_policy, _ = _greedy(moved, np.ones(shape[0]))
    return log_policy, V, Q


def stationary(chain: FloatArray) -> tuple[FloatArray, npt.NDArray[np.bool_]]:
    """The stationary laws (B, S), and whether each is the only one as far as float64 tells, (B,)."""
    size = chain.shape[-1]
    matrix = np.swapaxes(np.eye(size) - chain + 1.0, 1, 2)  # law (I - P + 1 1') = 1'
    single: npt.NDArray[np.bool_] = np.abs(np.linalg.det(matrix)) > 1e-9
    matrix = np.where(single[:, None, None], matrix, np.eye(size))
    law = np.linalg.solve(matrix, np.ones((len(chain), size, 1)))[..., 0].clip(min=0.0)
    law /= law.sum(axis=1, keepdims=True)
    return law, single


def push(chain: FloatArray, mu: FloatArray, steps: int) -> FloatArray:
    """mu P^steps, (B, S), by repeated squaring when there are many."""
    if steps > 8:
        chain, steps = np.linalg.matrix_power(chain, steps), 1
    for _ in range(steps):
        mu = np.matmul(mu[:, None, :], chain)[:, 0]
    return mu
