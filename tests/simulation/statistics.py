"""Tests of laws at a stated error rate: a correct sampler fails each call with probability at most ERROR_RATE.

All bounds hold at the number of samples at hand; none rests on a limit.
"""

from __future__ import annotations

import itertools
import sys
from collections.abc import Sequence
from typing import Any

import numpy as np
from scipy.stats import binom, hypergeom

from mfbounds.checks import FloatArray
from mfbounds.games import AffineGame, MeanFieldGame
from mfbounds.mdp import Frozen
from mfbounds.simulation.n_players_bands import bernstein_radius

ERROR_RATE = 1e-8


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


def smallest_tail(observed: Sequence[int] | FloatArray, probabilities: Sequence[float] | FloatArray) -> float:
    """How likely independent draws of a known law are to stray as far as these counts of outcomes, (K,), at most.

    Each outcome's count, and that of the first k outcomes together, is binomial: the smallest tail of these, times how many
    there are. Exact at every number of draws.
    """
    counts, law = np.asarray(observed, dtype=float), np.asarray(probabilities, dtype=float)
    seen = np.concatenate([counts, np.cumsum(counts)[:-1]])
    p = np.minimum(np.concatenate([law, np.cumsum(law)[:-1]]), 1.0)
    return _corrected(binom(counts.sum(), p), seen)


def assert_counts(observed: Sequence[int] | FloatArray, probabilities: Sequence[float] | FloatArray) -> None:
    """Counts of the outcomes of independent draws, (K,), against the known law of one."""
    counts, law = np.asarray(observed, dtype=float), np.asarray(probabilities, dtype=float)
    assert counts[law == 0.0].sum() == 0.0, "an impossible outcome was drawn"
    found = smallest_tail(counts, law)
    assert found >= ERROR_RATE, found


def assert_mean(samples: FloatArray, mean: FloatArray | float, width: FloatArray | float) -> None:
    """Means along axis 0 of independent samples, each from an interval of that width, against what they should be.

    Empirical Bernstein bounds hold for every such law at every number of samples.
    """
    failure = ERROR_RATE / 2 / samples[0].size
    limit = bernstein_radius(samples.var(axis=0, ddof=1), width, len(samples), failure)
    deviation = np.abs(samples.mean(axis=0) - mean)
    assert (deviation <= limit + 1e-9).all(), (deviation, limit)


def assert_same_law(one: FloatArray, two: FloatArray) -> None:
    """Independent samples (n, ...) and (m, ...) of which each entry has the same law in both.

    The bins of an entry end at the deciles of both samples together. Given the values, every choice of those that are of
    the first sample is as likely as any other, so its share of a bin, and of the first bins together, is hypergeometric.
    """
    columns = (x.reshape(len(x), -1).round(9).T for x in (one, two))  # what differs by rounding alone is the same
    for first, second in zip(*columns, strict=True):
        both = np.concatenate([first, second])
        edges = np.unique(np.quantile(both, np.linspace(0.0, 1.0, 11)[1:-1], method="inverted_cdf"))
        mine, all_ = (np.bincount(np.searchsorted(edges, x), minlength=len(edges) + 1) for x in (first, both))
        seen, sizes = (np.concatenate([x, np.cumsum(x)[:-1]]) for x in (mine, all_))
        found = _corrected(hypergeom(len(both), sizes, len(first)), seen) * one[0].size
        assert found >= ERROR_RATE, found


def _corrected(law: Any, seen: FloatArray) -> float:
    """The smallest two-sided tail of what was seen, times the number of tests."""
    return float(2.0 * np.minimum(law.cdf(seen), law.sf(seen - 1)).min() * seen.size)


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
