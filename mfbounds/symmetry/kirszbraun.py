"""Extension of laws by Azagra, Le Gruyer and Mudarra's formula: the l2 modulus is kept, on the whole simplex.

With f of l2 modulus M on points z, the value at x is the mean of f under the weights that minimise
Var(z) + 2 |mean z - x|^2 - Var(f)/M^2 over all weights: a convex quadratic program, |A w|^2 + c.w with the columns
A_z = (z - x, (f(z) - f_0)/M) and c_z = |z - x|^2 - |f(z) - f_0|^2/M^2. The value is a convex combination of values of f,
so that laws stay laws. Choosing the best value at each x by itself does not do: it is not M-Lipschitz.

The program is solved by an active set that keeps few points, as Wolfe's for the nearest point of a polytope (SciPy has
no quadratic programs). How good the answer is does not rest on the method: the gap between |A w|^2 + c.w and its minimum
is at most the largest descent of the gradient over all points, and the value is within M sqrt(gap) of the true one.
"""

from __future__ import annotations

from dataclasses import dataclass

import numpy as np

from mfbounds.checks import FloatArray
from mfbounds.errors import NotConvergedError

TOLERANCE = 1e-14  # gap at which the search for weights stops
WORST_GAP = 1e-10  # beyond it the value would be off by 1e-5 M
ROUNDING = 1e-15  # of the gap, relative to the size of the gradient
RANK = 1e-9  # singular values below it, relative to the largest, are 0


@dataclass(frozen=True)
class Extended:
    """The value of an extension at a point, (n,), and the bound on its l2 distance from the true one."""

    value: FloatArray
    error: float


def kirszbraun(points: FloatArray, values: FloatArray, modulus: float, x: FloatArray) -> Extended:
    """The extension of a function with values in R^n from L points, at x.

    Args:
        points: (L, D).
        values: (L, n).
        modulus: M, from l2 to l2 on the points, or above; at a smaller one the extension does not extend.
        x: (D,).

    Raises:
        NotConvergedError: the weights were not found to the accuracy of `WORST_GAP`.
    """
    if modulus == 0.0:
        return Extended(values[0], 0.0)
    away = points - x
    nearest = int((away**2).sum(axis=1).argmin())
    scaled = (values - values[nearest]) / modulus
    linear = (away**2).sum(axis=1) - (scaled**2).sum(axis=1)
    support, weights, gap = minimise(np.concatenate([away.T, scaled.T]), linear, nearest)
    if gap > WORST_GAP:
        raise NotConvergedError(f"gap == {gap:.3g}, must be <= {WORST_GAP}: scale the values or use Kuhn interpolation")
    return Extended(weights @ values[support], float(modulus * np.sqrt(gap)))


def minimise(columns: FloatArray, linear: FloatArray, first: int) -> tuple[list[int], FloatArray, float]:
    """argmin of |A w|^2 + c.w over weights w >= 0 of sum 1.

    Args:
        columns: A, (k, L).
        linear: c, (L,).
        first: the point to start from.

    Returns:
        The points of positive weight, their weights, and a bound on the distance to the minimum.
    """
    support, weights = [first], np.ones(1)
    best: tuple[list[int], FloatArray, float] = (support, weights, np.inf)
    for _ in range(20 * len(columns) + 20):
        gradient = linear + 2 * (columns[:, support] @ weights) @ columns
        entering = int(gradient.argmin())
        gap = float(gradient[support] @ weights - gradient[entering])
        rounding = ROUNDING * len(columns) * float(np.abs(gradient).max())
        if gap + rounding < best[2]:
            best = (support, weights, max(gap, 0.0) + rounding)
        if gap <= TOLERANCE or entering in support:
            break
        support, weights = _settle(columns, linear, [*support, entering], np.append(weights, 0.0))
    return best


def _settle(
    columns: FloatArray, linear: FloatArray, support: list[int], weights: FloatArray
) -> tuple[list[int], FloatArray]:
    """The minimum over weights on `support`, or on a part of it when others would become negative."""
    while len(support) > 1:
        chosen = columns[:, support]
        direction, length = _descent(chosen[:, 1:] - chosen[:, :1], linear[support], chosen @ weights)
        with np.errstate(divide="ignore"):
            limits = np.where(direction < 0.0, -weights / np.where(direction < 0.0, direction, 1.0), np.inf)
        blocking = int(limits.argmin())
        if limits[blocking] >= length:
            weights = np.maximum(weights + length * direction, 0.0)
            return support, weights / weights.sum()
        weights = np.maximum(weights + limits[blocking] * direction, 0.0)
        support = support[:blocking] + support[blocking + 1 :]
        weights = np.delete(weights, blocking)
    return support, np.ones(1)


def _descent(edges: FloatArray, linear: FloatArray, at: FloatArray) -> tuple[FloatArray, float]:
    """(direction of sum 0, how far the objective falls along it): to the minimum, or without end where it is not curved."""
    slope = linear[1:] - linear[0] + 2 * edges.T @ at
    _, sizes, axes = np.linalg.svd(edges)
    rank = int((sizes > RANK * sizes[0]).sum()) if sizes.size and sizes[0] > 0.0 else 0
    if rank < edges.shape[1]:
        flat = axes[-1]
        move, length = (-flat if slope @ flat > 0.0 else flat), np.inf
    else:
        move, length = -axes[:rank].T @ ((axes[:rank] @ slope) / (2 * sizes[:rank] ** 2)), 1.0
    return np.concatenate([[-move.sum()], move]), length
