"""Random dynamic games small enough to enumerate, by family; the same arguments give the same game."""

from __future__ import annotations

import zlib
from collections.abc import Callable, Mapping
from copy import copy
from types import MappingProxyType
from typing import TypeAlias

import numpy as np

from mfbounds.checks import FloatArray, check_count
from mfbounds.errors import UnknownNameError
from mfbounds.games.dynamic.lattice import Lattice
from mfbounds.games.dynamic.tabular import TabularGame
from mfbounds.games.origins import origin_of

JOINT_LIMIT = 1300  # joint state-actions D^N, so that exact enumeration over all players stays quick
Parts: TypeAlias = tuple[FloatArray, FloatArray]  # kernels (N, S, A, D^K, S) or (N, S, A, S), rewards (N, S, A, D^K)


class Draw:
    """A generator with the sizes of a game: N players, S states, A actions, J = D^K joint state-actions of the others."""

    def __init__(self, rng: np.random.Generator, sizes: tuple[int, int, int]) -> None:
        self.rng = rng
        self.N, self.S, self.A = sizes
        self.lattice = Lattice(self.N - 1, self.S * self.A)
        self.J = self.lattice.cells**self.lattice.agents

    def laws(self, *shape: int, concentration: float = 1.0) -> FloatArray:
        """Dirichlet rows, (*shape, S)."""
        weights = self.rng.gamma(concentration, size=(*shape, self.S)) + 1e-12
        rows: FloatArray = weights / weights.sum(axis=-1, keepdims=True)
        return rows

    def of_counts(self, table: FloatArray) -> FloatArray:
        """A table over lattice points, (..., L, ...) at axis 2, as one over joint state-actions."""
        return table[:, :, self.lattice.arrangements]


def _dense(draw: Draw) -> Parts:
    """Every player's law and reward drawn anew for every joint state-action of the others."""
    shape = (draw.N, draw.S, draw.A, draw.J)
    return draw.laws(*shape), draw.rng.random(shape)


def _symmetric(draw: Draw) -> Parts:
    """All players alike, and only counts matter: alpha = beta = 0."""
    cells = (draw.S, draw.A, draw.lattice.size)
    kernel, reward = draw.of_counts(draw.laws(*cells)), draw.of_counts(draw.rng.random(cells))
    return np.repeat(kernel[None], draw.N, axis=0), np.repeat(reward[None], draw.N, axis=0)


def _nearly_symmetric(draw: Draw) -> Parts:
    """A symmetric game, mixed with a little of a dense one."""
    weight = draw.rng.choice([0.01, 0.05, 0.2])
    (kernel, reward), (other_kernel, other_reward) = _symmetric(draw), _dense(draw)
    return (1 - weight) * kernel + weight * other_kernel, (1 - weight) * reward + weight * other_reward


def _independent(draw: Draw) -> Parts:
    """Every player's law is its own and ignores the others; rewards fall with the crowd at the own pair."""
    weight = draw.rng.choice([0.0, 0.1, 1.0])
    common = draw.laws(1, draw.S, draw.A)
    kernels = (1 - weight) * common + weight * draw.laws(draw.N, draw.S, draw.A)
    crowd = draw.lattice.points[draw.lattice.arrangements] / draw.lattice.agents  # (J, D)
    slopes = draw.rng.random((draw.N, draw.S, draw.A, 1)) / 2
    rewards = draw.rng.random((draw.N, draw.S, draw.A, 1)) / 2 - slopes * crowd.T.reshape(1, draw.S, draw.A, draw.J)
    return kernels, rewards


def _affine(draw: Draw) -> Parts:
    """Laws and rewards affine in the empirical distribution of the others, the players a little apart."""
    D, crowd = draw.lattice.cells, draw.lattice.distributions[draw.lattice.arrangements]  # (J, D)
    weight = draw.rng.choice([0.0, 0.1, 0.5])
    laws = (1 - weight) * draw.laws(1, draw.S, draw.A, D) + weight * draw.laws(draw.N, draw.S, draw.A, D)
    rewards = (1 - weight) * draw.rng.random((1, draw.S, draw.A, D)) + weight * draw.rng.random(
        (draw.N, draw.S, draw.A, D)
    )
    return np.einsum("jx,nsaxt->nsajt", crowd, laws), np.einsum("jx,nsax->nsaj", crowd, rewards)


def _nearly_deterministic(draw: Draw) -> Parts:
    """Rows and rewards near 0 and 1, drawn anew for every joint state-action of the others."""
    shape = (draw.N, draw.S, draw.A, draw.J)
    return draw.laws(*shape, concentration=0.05), draw.rng.integers(0, 2, shape).astype(np.float64)


def _followers(draw: Draw) -> Parts:
    """Everybody looks at player 0 only (who looks at player 1): no two players are alike, kappa = 1 would not tell."""
    digit = np.arange(draw.J) // draw.lattice.cells ** (draw.N - 2)  # the first of the others
    kernel = draw.laws(draw.N, draw.S, draw.A, draw.lattice.cells)[:, :, :, digit]
    reward = draw.rng.random((draw.N, draw.S, draw.A, draw.lattice.cells))[:, :, :, digit]
    return kernel, reward


_FAMILIES: Mapping[str, Callable[[Draw], Parts]] = MappingProxyType(
    {
        "dense": _dense,
        "symmetric": _symmetric,
        "nearly symmetric": _nearly_symmetric,
        "independent": _independent,
        "affine": _affine,
        "nearly deterministic": _nearly_deterministic,
        "followers": _followers,
    }
)


def dynamic_families() -> tuple[str, ...]:
    """The names of the families of random dynamic games."""
    return tuple(_FAMILIES)


def random_dynamic(family: str, seed: int, *, horizon: int | None = None) -> TabularGame:
    """A random game of a family: 2 to 5 players, up to 3 states and 3 actions, up to 4 steps, rewards within [-1, 1].

    Raises:
        UnknownNameError: the family is not known.
        InputError: the seed is no integer >= 0, or H < 1.

    Example:
        >>> random_dynamic("symmetric", 1)
        <random_dynamic(family='symmetric', seed=1): N=2, S=2, A=2, H=1>
    """
    if family not in _FAMILIES:
        raise UnknownNameError("family", family, _FAMILIES)
    rng = np.random.default_rng([check_count(seed, "seed", least=0), zlib.crc32(family.encode())])
    sizes = _sizes(rng)
    steps = int(rng.integers(1, 5)) if horizon is None else check_count(horizon, "horizon")
    draw = Draw(rng, sizes)
    kernels, rewards = _FAMILIES[family](draw)
    kernels = kernels / kernels.sum(axis=-1, keepdims=True)
    start = draw.laws() if rng.random() < 0.5 else np.eye(draw.S)[rng.integers(draw.S)]
    game = copy(TabularGame.of(kernels, rewards, horizon=steps, start=start))
    arguments = {"family": family, "seed": seed} | ({} if horizon is None else {"horizon": horizon})
    object.__setattr__(game, "origin", origin_of("random_dynamic", arguments))
    return game


def _sizes(rng: np.random.Generator) -> tuple[int, int, int]:
    """(N, S, A) drawn until exact enumeration over all players is quick."""
    while True:
        n, s, a = int(rng.integers(2, 6)), int(rng.integers(1, 4)), int(rng.integers(1, 4))
        if (s * a) ** n <= JOINT_LIMIT:
            return n, s, a
