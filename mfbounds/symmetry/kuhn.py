"""Extension by Kuhn interpolation: linear on the simplices of the Kuhn triangulation of the scaled simplex.

In cumulative coordinates y_j = K (mu_0 + ... + mu_j), j = 0..D-2, the cell of y has the corners floor(y) plus unit
steps added by decreasing fractional part. At most D lattice points are asked for, whatever the number of players; the
extension is linear in f, and a convex combination of values of f, so that laws stay laws.
"""

from __future__ import annotations

import numpy as np

from mfbounds.checks import FloatArray
from mfbounds.games.dynamic.game import IntArray


def kuhn_weights(mu: FloatArray, agents: int) -> tuple[IntArray, FloatArray]:
    """The corners (counts, (C, D)) of the cell of `mu` (D,) and its weights (C,), C <= D; weights sum to 1.

    Corners of weight zero are left out, so that a point of the lattice asks for itself only.
    """
    y = np.minimum(np.cumsum(mu)[:-1] * agents, agents)
    base = np.floor(y)
    fractions = y - base
    order = np.argsort(-fractions[::-1], kind="stable")  # of equal fractions the later coordinate first: y stays sorted
    order = len(y) - 1 - order
    sorted_fractions = fractions[order]
    weights = -np.diff(np.concatenate([[1.0], sorted_fractions, [0.0]]))
    steps = np.zeros((len(y) + 1, len(y)))
    steps[np.arange(1, len(y) + 1), order] = 1.0
    cumulative = np.minimum(base + np.cumsum(steps, axis=0), agents)
    ends = np.full((len(cumulative), 1), float(agents))
    counts = np.diff(np.concatenate([np.zeros_like(ends), cumulative, ends], axis=1), axis=1)
    kept = weights > 0.0
    return counts[kept].astype(np.int64), weights[kept]
