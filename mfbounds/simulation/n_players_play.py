"""N players who all use one policy, played as counts: independent replications of their value."""

from __future__ import annotations

from dataclasses import dataclass
from functools import partial

import numpy as np

from mfbounds.checks import FloatArray
from mfbounds.simulation.cells import IntArray
from mfbounds.simulation.n_players_dynamics import Dynamics
from mfbounds.simulation.n_players_flow import Flow
from mfbounds.simulation.streams import generator
from mfbounds.simulation.threads import in_threads

BLOCK = 25  # replications played together; each block has a stream of its own
STARTS = ("iid", "proportions")


@dataclass(frozen=True, eq=False, kw_only=True)
class Played:
    """Replications of the value of N players.

    Attributes:
        difference: value of the players minus value of the mean field over the same steps, (R,), reward units.
        martingale: a control variate whose mean is 0, (R,), reward units.
    """

    difference: FloatArray
    martingale: FloatArray


def play(
    dynamics: Dynamics,
    flow: Flow,
    *,
    N: int,
    T: int,
    replications: int,
    start: str,
    seed: np.random.SeedSequence,
    workers: int = 1,
) -> Played:
    """The value of N players over steps 0..T, `replications` times; `workers` (threads) change nothing but the time."""

    def block(first: int) -> Played:
        size = min(BLOCK, replications - first)
        return _block(dynamics, flow, N, T, size, start, generator(seed, N, first // BLOCK))

    parts = in_threads([partial(block, first) for first in range(0, replications, BLOCK)], workers)
    return Played(
        difference=np.concatenate([part.difference for part in parts]),
        martingale=np.concatenate([part.martingale for part in parts]),
    )


def _block(dynamics: Dynamics, flow: Flow, N: int, T: int, size: int, start: str, rng: np.random.Generator) -> Played:
    counts = start_counts(rng, N, flow.laws[0], size, start)
    m, weight = counts / N, 1.0
    difference = np.zeros(size)
    martingale = (m - flow.laws[0]) @ flow.slopes[0] if start == "iid" else np.zeros(size)
    for t in range(T + 1):
        difference += weight * ((m * dynamics.rewards(m)).sum(axis=1) - flow.rewards[t])
        if t == T:
            break
        counts, mean = dynamics.move(rng, counts, m)
        m, weight = counts / N, weight * flow.gamma
        martingale += weight * ((m - mean) @ flow.slopes[t + 1])
    return Played(difference=difference, martingale=martingale)


def start_counts(rng: np.random.Generator, N: int, mu: FloatArray, size: int, start: str) -> IntArray:
    """Counts of N players at the start, (size, S): drawn from `mu`, or the integers closest to N mu."""
    if start == "iid":
        support = np.flatnonzero(mu)
        counts = np.zeros((size, len(mu)), dtype=np.int64)
        counts[:, support] = rng.multinomial(N, mu[support] / mu[support].sum(), size=size)
        return counts
    shared: IntArray = np.tile(proportions(N, mu), (size, 1))
    return shared


def proportions(N: int, mu: FloatArray) -> IntArray:
    """N players shared out as `mu`, by largest remainders (of equal ones the first state gets the player)."""
    shares = N * (mu / mu.sum())
    counts: IntArray = np.floor(shares).astype(np.int64)
    left, support = N - int(counts.sum()), np.flatnonzero(mu)
    if 0 <= left <= len(support):
        counts[support[np.argsort((counts - shares)[support], kind="stable")[:left]]] += 1
    else:  # near 2^53 shares are rounded to integers, which need not add up
        counts[counts.argmax()] += left
    return counts
