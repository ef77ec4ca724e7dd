"""Tests of laws at a stated error rate: a correct sampler fails each call with probability at most about ERROR_RATE."""

from __future__ import annotations

import itertools
import sys
from collections.abc import Sequence

import numpy as np
from scipy.stats import chi2, norm

from mfbounds.checks import FloatArray
from mfbounds.games import AffineGame, MeanFieldGame
from mfbounds.mdp import Frozen

ERROR_RATE = 1e-8
LEAST_EXPECTED = 20.0  # cells of the chi-square below it are put together


def show_seed(seed: int) -> None:
    """pytest shows it when the test fails."""
    sys.stdout.write(f"seed {seed}\n")


def tiny_game(seed: int, n_states: int = 3, n_actions: int = 2, gamma: float = 0.7) -> MeanFieldGame:
    """A game with interaction; rewards in {0, 1, 2} so that actions and paths tie, and kernels with zeros."""
    rng = np.random.default_rng(seed)
    kernels = rng.dirichlet(np.full(n_states, 0.6), size=(n_states, n_states, n_actions))
    kernels = np.where(kernels < 0.05, 0.0, kernels)
    rewards = rng.integers(0, 3, size=(n_states, n_actions)).astype(float)
    return AffineGame(
        kernels / kernels.sum(axis=-1, keepdims=True),
        rewards,
        gamma=gamma,
        eta=0.5,
        restart=rng.dirichlet(np.ones(n_states)),
    )


def random_log_policy(seed: int, game: MeanFieldGame) -> FloatArray:
    return np.log(np.random.default_rng(seed).dirichlet(np.ones(game.n_actions), size=game.n_states))


def assert_counts(observed: Sequence[int] | FloatArray, probabilities: Sequence[float] | FloatArray) -> None:
    """Pearson's chi-square against known probabilities."""
    counts, law = np.asarray(observed, dtype=float), np.asarray(probabilities, dtype=float)
    assert counts[law == 0.0].sum() == 0.0, "an impossible outcome was drawn"
    expected = law * counts.sum()
    large = expected >= LEAST_EXPECTED
    cells = [(counts[large], expected[large])]
    if (~large).any() and expected[~large].sum() >= LEAST_EXPECTED:
        cells.append((counts[~large].sum()[None], expected[~large].sum()[None]))
    seen, wanted = (np.concatenate(part) for part in zip(*cells, strict=True))
    statistic = float(((seen - wanted) ** 2 / wanted).sum())
    assert statistic <= chi2.isf(ERROR_RATE, max(1, len(seen) - 1)), (statistic, len(seen))


def assert_mean(samples: FloatArray, mean: FloatArray | float, variance: FloatArray | float) -> None:
    """Sample means along axis 0 against known mean and variance, by the normal law."""
    deviation = np.abs(samples.mean(axis=0) - mean)
    limit = norm.isf(ERROR_RATE / 2 / max(1, np.size(mean))) * np.sqrt(np.asarray(variance) / len(samples))
    assert (deviation <= limit + 1e-9).all(), (deviation, limit)


def assert_variance(samples: FloatArray, mean: FloatArray | float, variance: FloatArray | float) -> None:
    """Sample variances about a known mean; the fourth moment is estimated from the samples."""
    squares = (samples - mean) ** 2
    assert_mean(squares, variance, squares.var(axis=0))


def return_law(
    frozen: Frozen, policy: FloatArray, reward: FloatArray, s: int, a: int, T: int
) -> tuple[FloatArray, FloatArray]:
    """Values and probabilities of one return from (s, a), by enumeration of all paths.

    `reward` includes the bonus; it counts from t = 1 on.
    """
    kernel = np.asarray(frozen.kernel)
    law: list[tuple[float, float]] = []
    for path in itertools.product(itertools.product(range(frozen.n_states), range(frozen.n_actions)), repeat=T):
        here, value, probability = (s, a), frozen.reward[s, a], 1.0
        for t, (state, action) in enumerate(path, 1):
            probability *= kernel[*here, state] * policy[state, action]
            value += frozen.gamma**t * reward[state, action]
            here = (state, action)
        law.append((value, probability))
    return _together(law)


def sum_law(law: tuple[FloatArray, FloatArray], n: int) -> tuple[FloatArray, FloatArray]:
    """The law of the sum of n independent draws."""
    total = [(0.0, 1.0)]
    for _ in range(n):
        pairs = itertools.product(total, zip(*law, strict=True))
        total = list(zip(*_together([(x + y, p * q) for (x, p), (y, q) in pairs]), strict=True))
    return _together(total)


def _together(law: list[tuple[float, float]]) -> tuple[FloatArray, FloatArray]:
    """Values within rounding of each other are one value."""
    values, probabilities = np.array(sorted(pair for pair in law if pair[1] > 0.0)).T
    group = np.concatenate([[0], np.cumsum(np.diff(values) > 1e-9)])
    first = np.searchsorted(group, np.arange(group[-1] + 1))
    return values[first], np.bincount(group, weights=probabilities)
