"""How the random families are drawn: one builder each, returning what `AffineGame` takes."""

from __future__ import annotations

import math
from collections.abc import Callable, Mapping
from dataclasses import dataclass
from types import MappingProxyType
from typing import Any

import numpy as np
import numpy.typing as npt
import scipy.sparse as sp

from mfbounds.checks import FloatArray
from mfbounds.games.options import check_entries

GAMMAS = (0.0, 0.3, 0.5, 0.9, 0.99)


@dataclass(frozen=True, kw_only=True)
class Draw:
    """What a builder draws from: the generator, the sizes, and gamma and eta (in units of the reward's scale)."""

    rng: np.random.Generator
    n_states: int
    n_actions: int
    gamma: float = 0.0
    eta: float = 1.0

    def shape(self, coupled: bool) -> tuple[int, ...]:
        """(S, S, A) for an array given at the vertices, (S, A) for one in which mu plays no role."""
        return (self.n_states,) * (1 + coupled) + (self.n_actions,)

    def rows(self, coupled: bool, concentration: float = 1.0) -> FloatArray:
        """Dirichlet distributions over the states."""
        return self.rng.dirichlet(np.full(self.n_states, concentration), size=self.shape(coupled))

    def rewards(self, coupled: bool) -> FloatArray:
        """Rewards uniform in [0, 1)."""
        return self.rng.random(self.shape(coupled))

    def check_size(self, per_row: int) -> None:
        """Raises `InputError` when arrays of `per_row` numbers for each (s,a) would not fit."""
        entries = self.n_states * self.n_actions * per_row
        check_entries(entries, "n_states", self.n_states, advice="garnet(coupling='none') needs only S*A*branching")


@dataclass(frozen=True, kw_only=True)
class Parts:
    """What a builder returns: the first arguments of `AffineGame`."""

    kernels: Any
    rewards: FloatArray
    start: FloatArray | None = None
    restart: FloatArray | None = None


@dataclass(frozen=True, kw_only=True)
class Family:
    """A builder and what it can be asked for; rewards are multiplied by `scale`, then moved by `shift`."""

    build: Callable[[Draw], Parts]
    states: tuple[int, int] = (2, 6)
    actions: tuple[int, int] = (2, 4)
    square: bool = False  # as many actions as states
    gammas: tuple[float, ...] = GAMMAS
    scale: float = 1.0
    shift: float = 0.0


def dense(draw: Draw, in_kernel: bool = True, in_reward: bool = True, concentration: float = 1.0) -> Parts:
    return Parts(kernels=draw.rows(in_kernel, concentration), rewards=draw.rewards(in_reward))


def garnet(
    draw: Draw, branching: int, in_kernel: bool, in_reward: bool, strength: float, sparse: bool = False
) -> Parts:
    n_states, n_rows = draw.n_states, draw.n_states * draw.n_actions
    draws = [draw.rng.choice(n_states, branching, replace=False, shuffle=False) for _ in range(n_rows)]
    support = np.sort(np.array(draws), axis=1)
    weights = draw.rng.dirichlet(np.ones(branching), size=n_rows)
    if in_kernel:
        own = draw.rng.dirichlet(np.ones(branching), size=(n_states, n_rows))
        weights = (1.0 - strength) * weights + strength * own
    rewards = draw.rewards(False)
    if in_reward:
        rewards = (1.0 - strength) * rewards + strength * draw.rewards(True)
    return Parts(kernels=_kernels_on(support, weights, draw, sparse), rewards=rewards)


def _kernels_on(support: npt.NDArray[np.int64], weights: FloatArray, draw: Draw, sparse: bool) -> Any:
    """Kernels with the given next states (S*A, b) and weights (S*A, b), or (S, S*A, b) at the vertices."""
    if sparse:
        shape = (len(support), draw.n_states)
        bounds = np.arange(0, support.size + 1, support.shape[1])
        stack = [
            sp.csr_array((w.ravel(), support.ravel(), bounds), shape=shape) for w in weights.reshape(-1, *support.shape)
        ]
        return stack[0] if weights.ndim == 2 else stack
    kernels = np.zeros((*weights.shape[:-1], draw.n_states))
    np.put_along_axis(kernels, np.broadcast_to(support, weights.shape), weights, axis=-1)
    return kernels.reshape(*draw.shape(weights.ndim == 3), draw.n_states)


def random_garnet(draw: Draw) -> Parts:
    branching = int(draw.rng.integers(1, min(3, draw.n_states) + 1))
    in_kernel, in_reward = ((True, True), (True, False), (False, True))[draw.rng.integers(3)]
    return garnet(draw, branching, in_kernel, in_reward, strength=draw.rng.random())


def contractive(draw: Draw, reward_share: float = 0.2) -> Parts:
    """Rows (1-e) p + e q(s,a,x) around a common p, with e so small that K_F < 1 at M = 1 (P1, Lemma E.6, repaired).

    rho_1 <= e and kappa_A <= e; and since ||d||_1 <= sqrt(S) ||d||_2, L_P <= e sqrt(S) and L_r <= share sqrt(S)/2.
    """
    root, target = math.sqrt(draw.n_states), draw.rng.uniform(0.3, 0.95)
    span = (1.0 + draw.eta * math.log(draw.n_actions)) / (1.0 - draw.gamma)

    def slope(e: float) -> float:
        sensitivity = (reward_share * root / 2.0 + draw.gamma / 2.0 * e * root * span) / (1.0 - draw.gamma)
        return (e * sensitivity / draw.eta + e * root + e * root) / math.sqrt(2.0)

    e = 0.5
    while slope(e) > target:
        e /= 2.0
    common = draw.rng.dirichlet(np.ones(draw.n_states))
    return Parts(
        kernels=(1.0 - e) * common + e * draw.rows(True),
        rewards=(1.0 - reward_share) * draw.rewards(False) + reward_share * draw.rewards(True),
    )


def own_mass(draw: Draw, weight: float) -> FloatArray:
    """weight * mu(s) as rewards at the vertices, (S, S, A)."""
    return weight * np.eye(draw.n_states)[:, :, None] * np.ones(draw.n_actions)


def crowd(draw: Draw, sign: float) -> Parts:
    rewards = draw.rewards(False) + own_mass(draw, sign * draw.rng.uniform(0.1, 2.0))
    return Parts(kernels=draw.rows(False), rewards=rewards)


def doors(draw: Draw, slip: float, attraction: float) -> Parts:
    """From everywhere, action a leads to state a, or by a slip evenly to the others; r(s,a,mu) = attraction * mu(s)."""
    n = draw.n_states
    row = np.full((n, n), slip / (n - 1)) + (1.0 - slip - slip / (n - 1)) * np.eye(n)
    return Parts(kernels=np.broadcast_to(row, (n, n, n)), rewards=own_mass(draw, attraction))


def several_equilibria(draw: Draw) -> Parts:
    """Doors that attract so much that F_1 has slope > 1 at the uniform population, on the line towards one door.

    F_1 maps that line, an interval, into its interior and fixes the uniform population; so it crosses the diagonal on
    either side of it again: at least three equilibria.
    """
    slip, slope = draw.rng.uniform(0.0, 0.3), draw.rng.uniform(1.5, 4.0)
    reach = 1.0 - slip * draw.n_states / (draw.n_states - 1)
    return doors(draw, slip, slope * draw.eta * draw.n_states / (draw.gamma * reach**2))


def absorbing(draw: Draw) -> Parts:
    parts = dense(draw)
    stuck = draw.rng.choice(draw.n_states, draw.rng.integers(1, draw.n_states + 1), replace=False)
    parts.kernels[:, stuck] = np.eye(draw.n_states)[stuck][:, None, :]
    return parts


def deterministic(draw: Draw) -> Parts:
    goals = draw.rng.integers(draw.n_states, size=draw.shape(False))
    return Parts(kernels=np.eye(draw.n_states)[goals], rewards=draw.rewards(True))


def periodic(draw: Draw) -> Parts:
    """Every step leads from one half of the states to the other: period 2 under every policy."""
    kernels = draw.rows(True)
    half = np.arange(draw.n_states) < draw.n_states // 2
    kernels = kernels * (half[:, None] != half)[:, None, :]
    return Parts(kernels=kernels / kernels.sum(axis=-1, keepdims=True), rewards=draw.rewards(True))


def ties(draw: Draw) -> Parts:
    """The first two actions do the same, and rewards take the values 0, 1/2 and 1."""
    kernels, rewards = draw.rows(True), draw.rng.integers(3, size=draw.shape(True)) / 2.0
    kernels[..., 1, :], rewards[..., 1] = kernels[..., 0, :], rewards[..., 0]
    return Parts(kernels=kernels, rewards=rewards)


def zero_rewards(draw: Draw) -> Parts:
    return Parts(kernels=draw.rows(True), rewards=np.zeros(draw.shape(False)))


def point_start(draw: Draw) -> Parts:
    start, restart = np.eye(draw.n_states)[draw.rng.integers(draw.n_states, size=2)]
    return Parts(kernels=draw.rows(True), rewards=draw.rewards(True), start=start, restart=restart)


FAMILIES: Mapping[str, Family] = MappingProxyType(
    {
        "dense": Family(build=dense),
        "kernel-coupled": Family(build=lambda draw: dense(draw, in_reward=False)),
        "reward-coupled": Family(build=lambda draw: dense(draw, in_kernel=False)),
        "no-interaction": Family(build=lambda draw: dense(draw, in_kernel=False, in_reward=False)),
        "garnet": Family(build=random_garnet),
        "contractive": Family(build=contractive),
        "crowd-averse": Family(build=lambda draw: crowd(draw, -1.0)),
        "crowd-attracting": Family(build=lambda draw: crowd(draw, 1.0)),
        "several-equilibria": Family(
            build=several_equilibria, states=(2, 4), square=True, gammas=tuple(g for g in GAMMAS if g > 0.0)
        ),
        "absorbing": Family(build=absorbing),
        "deterministic": Family(build=deterministic),
        "periodic": Family(build=periodic),
        "ties": Family(build=ties),
        "zero-rewards": Family(build=zero_rewards),
        "one-action": Family(build=dense, actions=(1, 1)),
        "one-state": Family(build=dense, states=(1, 1)),
        "point-start": Family(build=point_start),
        "huge-rewards": Family(build=dense, scale=1e6),
        "tiny-rewards": Family(build=dense, scale=1e-6),
        "negative-rewards": Family(build=dense, shift=-2.0),
    }
)
