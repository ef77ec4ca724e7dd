"""Extension by Kuhn interpolation: linear on the simplices of the Kuhn triangulation of the scaled simplex.

In cumulative coordinates y_j = K (mu_0 + ... + mu_j), j = 0..D-2, the cell of y has the corners floor(y) plus unit
steps added by decreasing fractional part. At most D lattice points are asked for, whatever the number of players; the
extension is linear in f, and a convex combination of values of f, so that laws stay laws.

The order of the pairs is a choice. A function that looks at k pairs only, listed first, keeps its l1 modulus up to the
factor floor((k' + 1)/2), k' = min(k, D - 1): on a cell its derivative along e_x - e_z is a sum of steps that is one
agent's move less the steps outside, at most min(m, k' + 1 - m) moves of the k' steps that matter.
"""

from __future__ import annotations

from collections.abc import Sequence

import numpy as np

from mfbounds.checks import FloatArray
from mfbounds.games.dynamic.game import IntArray


def kuhn_weights(mu: FloatArray, agents: int, order: Sequence[int] | None = None) -> tuple[IntArray, FloatArray]:
    """The corners (counts, (C, D)) of the cell of `mu` (D,) and its weights (C,), C <= D; weights sum to 1.

    Corners of weight zero are left out, so that a point of the lattice asks for itself only.

    Args:
        order: the pairs in the order in which they are cumulated, a permutation of 0..D-1; as they are by default.
    """
    if order is not None:
        counts, weights = kuhn_weights(mu[list(order)], agents)
        return counts[:, np.argsort(order)], weights
    y = np.minimum(np.cumsum(mu)[:-1] * agents, agents)
    base = np.floor(y)
    fractions = y - base
    decreasing = np.argsort(-fractions[::-1], kind="stable")  # of equal fractions the later first: y stays sorted
    decreasing = len(y) - 1 - decreasing
    weights = -np.diff(np.concatenate([[1.0], fractions[decreasing], [0.0]]))
    steps = np.zeros((len(y) + 1, len(y)))
    steps[np.arange(1, len(y) + 1), decreasing] = 1.0
    cumulative = np.minimum(base + np.cumsum(steps, axis=0), agents)
    ends = np.full((len(cumulative), 1), float(agents))
    counts = np.diff(np.concatenate([np.zeros_like(ends), cumulative, ends], axis=1), axis=1)
    kept = weights > 0.0
    return counts[kept].astype(np.int64), weights[kept]


def sparse_first(looked_at: Sequence[int], cells: int) -> tuple[int, ...]:
    """The order of the pairs for a function that looks at some: those first, or as they are where that gains nothing."""
    if kuhn_factor(len(looked_at), cells) == kuhn_factor(cells - 1, cells):
        return tuple(range(cells))
    return (*looked_at, *(cell for cell in range(cells) if cell not in looked_at))


def kuhn_factor(looked_at: int, cells: int) -> int:
    """By how much Kuhn interpolation may multiply the l1 modulus of a function of `looked_at` pairs, listed first."""
    return max(1, (min(looked_at, cells - 1) + 1) // 2)
