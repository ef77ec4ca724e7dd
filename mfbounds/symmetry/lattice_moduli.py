"""Functions on the lattice: how much they change, and which pairs they look at.

On the lattice the l1 modulus is the largest change by moving one of the others, over 2/K: the graph of single moves is
the l1 metric. Whether moving one of the others from pair x to pair y never changes a function is an equivalence of pairs;
the function looks at all pairs but those of one class, and at fewest when the class is the largest.
"""

from __future__ import annotations

from collections.abc import Iterator

import numpy as np
from scipy.spatial.distance import cdist

from mfbounds.checks import FloatArray
from mfbounds.errors import InputError
from mfbounds.games.dynamic.lattice import Lattice
from mfbounds.words import size_text

SAME = 1e-14  # differences below it, relative to the largest value, are rounding of the means over arrangements
PAIRS_LIMIT = 3000  # points of a lattice on which all pairs are compared


def single_moves(lattice: Lattice, values: FloatArray) -> Iterator[tuple[int, int, FloatArray]]:
    """For pairs x != y: x, y and f(one of the others moved from x to y) - f, (points with somebody in x, rows, n)."""
    for source in range(lattice.cells):
        movable = np.flatnonzero(lattice.points[:, source] > 0)
        for target in range(lattice.cells):
            if target != source:
                moved = lattice.points[movable].copy()
                moved[:, source] -= 1
                moved[:, target] += 1
                yield source, target, values[lattice.index(moved)] - values[movable]


def largest_moves(lattice: Lattice, values: FloatArray) -> FloatArray:
    """The largest l1 change of each row, (rows,), by a single move; values (L, rows, n), l1 over the last axis."""
    largest = np.zeros(values.shape[1])
    for _, _, change in single_moves(lattice, values):
        largest = np.maximum(largest, np.abs(change).sum(axis=-1).max(axis=0))
    return largest


def lattice_moduli(lattice: Lattice, values: FloatArray) -> FloatArray:
    """max |f(mu) - f(mu')|_1 / ||mu - mu'||_1 of each row, (rows,), over the lattice; values (L, rows, n)."""
    return largest_moves(lattice, values) * lattice.agents / 2


def lattice_modulus(lattice: Lattice, values: FloatArray) -> float:
    """The largest of `lattice_moduli`."""
    return float(lattice_moduli(lattice, values).max())


def lattice_moduli_l2(lattice: Lattice, values: FloatArray) -> FloatArray:
    """max ||f(mu) - f(mu')||_2 / ||mu - mu'||_2 of each row, (rows,), over all pairs of points; values (L, rows, n).

    Raises:
        InputError: the lattice has too many points for all pairs.
    """
    check_pairs(lattice)
    distances = cdist(lattice.distributions, lattice.distributions)
    np.fill_diagonal(distances, np.inf)
    rows = [cdist(values[:, row], values[:, row]) / distances for row in range(values.shape[1])]
    return np.array([ratios.max() for ratios in rows])


def check_pairs(lattice: Lattice) -> None:
    """Raises when the lattice has too many points to compare all pairs."""
    if lattice.size > PAIRS_LIMIT:
        raise InputError(
            f"lattice of {size_text(lattice.size)} points, must have <= {PAIRS_LIMIT}: its l2 modulus compares all pairs; "
            "use Kuhn interpolation, whose l1 modulus does not"
        )


def looked_at(lattice: Lattice, values: FloatArray) -> tuple[tuple[int, ...], ...]:
    """The fewest pairs that each row looks at: outside of them it does not matter who is where; values (L, rows, n)."""
    size = SAME * float(np.abs(values).max(initial=0.0))
    alike = np.broadcast_to(np.eye(lattice.cells, dtype=bool), (values.shape[1], lattice.cells, lattice.cells)).copy()
    for source, target, change in single_moves(lattice, values):
        alike[:, source, target] = (np.abs(change) <= size).all(axis=(0, 2))
    return tuple(outside_the_largest_class(relation) for relation in alike)


def distance_from_affine(lattice: Lattice, values: FloatArray) -> FloatArray:
    """The largest distance of each row, (rows,), from the affine function with its values at the vertices."""
    vertices = values[lattice.index(lattice.agents * np.eye(lattice.cells, dtype=np.int64))]
    gaps = np.abs(values - np.tensordot(lattice.distributions, vertices, 1))
    return np.asarray(gaps.max(axis=(0, 2)), dtype=np.float64)


def outside_the_largest_class(alike: np.ndarray) -> tuple[int, ...]:
    """The pairs outside the largest class of an equivalence, (D, D) of truth values; of equal ones the last class."""
    sizes = alike.sum(axis=1)
    anchor = len(sizes) - 1 - int(sizes[::-1].argmax())
    return tuple(int(x) for x in np.flatnonzero(~alike[anchor]))
