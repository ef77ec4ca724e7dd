"""Norms of differences of policies and laws, with the rounding they carry."""

from __future__ import annotations

import numpy as np

from mfbounds.checks import FloatArray
from mfbounds.numbers import Cause, Measured

UNIT = float(np.finfo(np.float64).eps)


def l1(difference: FloatArray, error: float = 0.0, cause: Cause = Cause.ROUNDING) -> Measured:
    """The l1 norm of a vector whose l1 error is `error`."""
    value = float(np.abs(difference).sum())
    return Measured(value, error + difference.size * UNIT * value, cause)


def l2(difference: FloatArray, error: float = 0.0, cause: Cause = Cause.ROUNDING) -> Measured:
    """The l2 norm of a vector whose l2 error is `error`."""
    value = float(np.linalg.norm(difference))
    return Measured(value, error + difference.size * UNIT * value, cause)


def row_l1(first: FloatArray, second: FloatArray) -> FloatArray:
    """||pi(.|s) - pi'(.|s)||_1 for every state, shape (S,)."""
    distance: FloatArray = np.abs(first - second).sum(axis=1)
    return distance


def sup(values: FloatArray, error: float, cause: Cause = Cause.ROUNDING) -> Measured:
    """The largest of values that are each known up to `error`."""
    value = float(values.max())
    return Measured(value, error + 8 * UNIT * abs(value), cause)
