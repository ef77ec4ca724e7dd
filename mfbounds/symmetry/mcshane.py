"""Extension of scalar functions by McShane and Whitney: the modulus is kept exactly, in any norm.

The largest and the smallest extension of f with modulus L are min_z f(z) + L |x - z| and max_z f(z) - L |x - z|; their
midpoint is one too, and cutting it off at the extremes of f keeps the modulus. Laws over three states or more cannot be
extended this way entry by entry: the entries leave the simplex.
"""

from __future__ import annotations

from collections.abc import Callable
from typing import Literal, TypeAlias

import numpy as np

from mfbounds.checks import FloatArray, check_shape

Norm: TypeAlias = Literal[1, 2]


def mcshane(
    points: FloatArray, values: FloatArray, moduli: FloatArray, *, norm: Norm = 1
) -> Callable[[FloatArray], FloatArray]:
    """The midpoint extension of F scalar functions from L points, x (D,) -> (F,).

    Args:
        points: where the functions are known, (L, D).
        values: the functions there, (L, F).
        moduli: of each function on the points in `norm`, (F,), or above; below them the extension does not extend.
        norm: 1 or 2, the norm of differences of points.

    Raises:
        InputError: wrong shapes.

    Example:
        >>> between = mcshane(np.array([[1.0, 0.0], [0.0, 1.0]]), np.array([[0.0], [1.0]]), np.array([0.5]))
        >>> between(np.array([0.25, 0.75]))
        array([0.75])
    """
    check_shape(values, (len(points), values.shape[-1]), "values")
    check_shape(moduli, (values.shape[1],), "moduli")
    low, high = values.min(axis=0), values.max(axis=0)

    def extended(x: FloatArray) -> FloatArray:
        reach = np.linalg.norm(points - x, ord=norm, axis=1)[:, None] * moduli
        middle: FloatArray = ((values + reach).min(axis=0) + (values - reach).max(axis=0)) / 2
        return np.clip(middle, low, high)

    return extended
