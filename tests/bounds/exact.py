"""An independent small implementation at 50 digits: mpmath, lists and textbook formulas, for games of a few states.

Games are drawn with dyadic numbers (multiples of 1/64), so that float64 holds kernels, rewards and populations exactly
and there is one truth to compare with.
"""

from __future__ import annotations

from typing import Any

import mpmath as mp
import numpy as np

from mfbounds.games.affine import AffineGame

mp.mp.dps = 50


def dyadic_rows(rng: np.random.Generator, *shape: int, spread: float = 1.0) -> np.ndarray:
    """Distributions whose entries are multiples of 1/64."""
    weights = rng.dirichlet(np.full(shape[-1], spread), size=shape[:-1])
    return rng.multinomial(64, weights) / 64.0


def dyadic_game(
    seed: int, *, gamma: float, eta: float, n_states: int = 3, n_actions: int = 2, coupled: bool = True
) -> AffineGame:
    """A random affine game of dyadic numbers; rewards in [0, 1]."""
    rng = np.random.default_rng([seed, 20])
    shape = (n_states, n_states, n_actions) if coupled else (n_states, n_actions)
    kernels = dyadic_rows(rng, *shape, n_states, spread=0.5)
    return AffineGame(kernels, rng.integers(65, size=shape) / 64.0, gamma=gamma, eta=eta, name=f"dyadic {seed}")


def contractive_game(seed: int) -> AffineGame:
    """A dyadic game with a unique certified equilibrium: kernels and rewards move little with mu and with actions."""
    rng = np.random.default_rng([seed, 21])
    common, own = dyadic_rows(rng, 3), dyadic_rows(rng, 3, 3, 2, 3)
    kernels = 0.75 * common + 0.25 * own
    rewards = rng.integers(65, size=(3, 2)) / 64.0 + rng.integers(5, size=(3, 3, 2)) / 64.0
    return AffineGame(kernels, rewards, gamma=0.5, eta=2.0, name=f"dyadic contraction {seed}")


def vector(values: Any) -> list[mp.mpf]:
    return [mp.mpf(float(value)) for value in values]


def rows(values: Any) -> list[list[mp.mpf]]:
    return [vector(row) for row in values]


class Exact:
    """A game frozen at mu: kernel P[s][a][s'], reward r[s][a], at 50 digits."""

    def __init__(self, game: AffineGame, mu: Any) -> None:
        weights = mu if isinstance(mu, list) else vector(mu)
        self.S, self.A = game.n_states, game.n_actions
        self.gamma, self.eta = mp.mpf(game.gamma), mp.mpf(game.eta)
        kernel, reward = game.vertex_kernels, game.vertex_rewards
        self.P = [[self._row(kernel, game.fixed_kernel, weights, s, a) for a in range(self.A)] for s in range(self.S)]
        self.r = [[self._cell(reward, game.fixed_reward, weights, s, a) for a in range(self.A)] for s in range(self.S)]

    @staticmethod
    def _row(vertices: Any, fixed: Any, mu: list[mp.mpf], s: int, a: int) -> list[mp.mpf]:
        if vertices is None:
            return vector(fixed[s, a])
        columns = range(vertices.shape[-1])
        return [mp.fsum(m * mp.mpf(float(vertices[x, s, a, t])) for x, m in enumerate(mu)) for t in columns]

    @staticmethod
    def _cell(vertices: Any, fixed: Any, mu: list[mp.mpf], s: int, a: int) -> mp.mpf:
        if vertices is None:
            return mp.mpf(float(fixed[s, a]))
        return mp.fsum(m * mp.mpf(float(vertices[x, s, a])) for x, m in enumerate(mu))

    def chain(self, policy: list[list[mp.mpf]]) -> list[list[mp.mpf]]:
        return [
            [mp.fsum(policy[s][a] * self.P[s][a][t] for a in range(self.A)) for t in range(self.S)]
            for s in range(self.S)
        ]

    def values(self, policy: list[list[mp.mpf]]) -> list[mp.mpf]:
        """V^pi by one linear solve; 0 log 0 = 0."""
        chain = self.chain(policy)
        system = mp.matrix(self.S, self.S)
        right = mp.matrix(self.S, 1)
        for s in range(self.S):
            right[s] = mp.fsum(p * (self.r[s][a] - self.eta * mp.log(p)) for a, p in enumerate(policy[s]) if p > 0)
            for t in range(self.S):
                system[s, t] = (1 if s == t else 0) - self.gamma * chain[s][t]
        return list(mp.lu_solve(system, right))

    def Q(self, V: list[mp.mpf]) -> list[list[mp.mpf]]:
        return [
            [self.r[s][a] + self.gamma * mp.fsum(p * v for p, v in zip(self.P[s][a], V, strict=True)) for a in range(self.A)]
            for s in range(self.S)
        ]  # fmt: skip

    def optimum(self) -> tuple[list[list[mp.mpf]], list[mp.mpf]]:
        """Value iteration would crawl: policy iteration, stopped by its own Bellman residual."""
        policy = self.uniform()
        for _ in range(200):
            V = self.values(policy)
            Q = self.Q(V)
            T = [self.eta * logsumexp([q / self.eta for q in row]) for row in Q]
            policy = [softmax([q / self.eta for q in row]) for row in Q]
            if max(abs(t - v) for t, v in zip(T, V, strict=True)) < mp.mpf(10) ** -40 * (1 + max(map(abs, V))):
                return policy, self.values(policy)
        raise AssertionError("policy iteration did not converge")

    def uniform(self) -> list[list[mp.mpf]]:
        return [[mp.mpf(1) / self.A] * self.A for _ in range(self.S)]

    def trpo(self, L: int) -> list[list[list[mp.mpf]]]:
        """pi_0, ..., pi_L by the closed form pi_l = softmax(sum_{j<l} Q_j/(eta (l+1))), not by the update."""
        policies, total = [self.uniform()], [[mp.mpf(0)] * self.A for _ in range(self.S)]
        for l in range(1, L + 1):  # noqa: E741
            Q = self.Q(self.values(policies[-1]))
            total = [[t + q for t, q in zip(*pair, strict=True)] for pair in zip(total, Q, strict=True)]
            policies.append([softmax([t / (self.eta * (l + 1)) for t in row]) for row in total])
        return policies

    def stationary(self, policy: list[list[mp.mpf]]) -> list[mp.mpf]:
        """The stationary law: the last balance equation replaced by the total mass."""
        chain = self.chain(policy)
        system, right = mp.matrix(self.S, self.S), mp.matrix(self.S, 1)
        for t in range(self.S):
            for s in range(self.S):
                system[t, s] = mp.mpf(1) if t == self.S - 1 else (1 if s == t else 0) - chain[s][t]
        right[self.S - 1] = 1
        return list(mp.lu_solve(system, right))

    def push(self, policy: list[list[mp.mpf]], xi: list[mp.mpf], M: int) -> list[mp.mpf]:
        chain = self.chain(policy)
        for _ in range(M):
            xi = [mp.fsum(xi[s] * chain[s][t] for s in range(self.S)) for t in range(self.S)]
        return xi


def softmax(x: list[mp.mpf]) -> list[mp.mpf]:
    top = max(x)
    weights = [mp.exp(v - top) for v in x]
    total = mp.fsum(weights)
    return [w / total for w in weights]


def logsumexp(x: list[mp.mpf]) -> mp.mpf:
    top = max(x)
    return top + mp.log(mp.fsum(mp.exp(v - top) for v in x))


def population_step(game: AffineGame, mu: list[mp.mpf], M: int | float = 1) -> list[mp.mpf]:
    """F_M(mu); M = infinity: the stationary law of the soft-optimal policy."""
    frozen = Exact(game, mu)
    policy, _ = frozen.optimum()
    return frozen.stationary(policy) if M == mp.inf else frozen.push(policy, mu, int(M))


def fixed_point(game: AffineGame, M: int | float = 1) -> list[mp.mpf]:
    """The fixed point of a contraction by iteration to 35 digits."""
    mu = [mp.mpf(1) / game.n_states] * game.n_states
    for _ in range(2000):
        after = population_step(game, mu, M)
        if l1(after, mu) < mp.mpf(10) ** -35:
            return after
        mu = after
    raise AssertionError("the population iteration did not converge")


def exploitability(game: AffineGame, policy: list[list[mp.mpf]], mu: Any) -> mp.mpf:
    """Equation (7)."""
    law = Exact(game, mu).stationary(policy)
    at_law = Exact(game, law)
    best, own = at_law.optimum()[1], at_law.values(policy)
    return mp.fsum(w * (b - v) for w, b, v in zip(law, best, own, strict=True))


def l1(x: list[mp.mpf], y: list[mp.mpf]) -> mp.mpf:
    return mp.fsum(abs(a - b) for a, b in zip(x, y, strict=True))


def l2(x: list[mp.mpf], y: list[mp.mpf]) -> mp.mpf:
    return mp.sqrt(mp.fsum((a - b) ** 2 for a, b in zip(x, y, strict=True)))


def contains(measured: Any, truth: mp.mpf) -> bool:
    """Whether a `Measured` holds the true value."""
    return abs(mp.mpf(measured.value) - truth) <= mp.mpf(measured.error)
