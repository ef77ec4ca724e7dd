"""Systems solved by the factors of a matrix nearby: generalised conjugate residuals, preconditioned by them.

Where matrices differ in m rows, m + 1 solves are enough; where they differ little everywhere, a few. How far to go is judged
by the residual itself, so that an answer is as good as its tolerance, whatever the factors were.
"""

from __future__ import annotations

import math
from collections.abc import Callable

import numpy as np

from mfbounds.checks import FloatArray

SOLVES = 8  # at most: on a grid, half of what an LU costs
PROBE = 4  # after this many solves
ROUNDED = 2.0**-48  # a residual this small, relative to the numbers that make it, is rounding
PROGRESS = 1e-3  # the residual has to be down to this share


def refined(
    product: Callable[[FloatArray], FloatArray],
    nearby: Callable[[FloatArray], FloatArray],
    rhs: FloatArray,
    enough: float,
) -> FloatArray | None:
    """x with |product(x) - rhs| <= enough in each entry, up to rounding, or None where that takes longer than factoring.

    Args:
        product: x -> A x.
        nearby: r -> B^-1 r for a matrix B near A.
    """
    size = float(np.abs(rhs).max())
    if not 0.0 < size < math.inf:
        return np.zeros_like(rhs) if size == 0.0 else None
    aim, residual, total = enough / size, rhs / size, np.zeros_like(rhs)
    steps: list[tuple[FloatArray, FloatArray]] = []  # orthonormal images A d, and their d
    for solve in range(1, SOLVES + 1):
        step = nearby(residual)
        image = product(step)
        for before, its in steps:
            share = before @ image
            image -= share * before
            step -= share * its
        length = math.sqrt(image @ image)
        if not 0.0 < length < math.inf:
            return None
        image /= length
        step /= length
        steps.append((image, step))
        along = image @ residual
        total += along * step
        residual = residual - along * image
        reached = max(aim, ROUNDED * float(np.abs(total).max()))
        if np.abs(residual).max() <= reached:
            residual = rhs / size - product(total)  # that of the recursion drifts: the last word is with the true one
            if np.abs(residual).max() <= reached:
                return size * total
        if solve == PROBE and np.abs(residual).max() > PROGRESS:
            return None
    return None
