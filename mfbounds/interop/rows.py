"""Distributions that other libraries computed in float32: how they are read, and how much that changes them."""

from __future__ import annotations

import importlib
from typing import Any

import numpy as np

from mfbounds.checks import FloatArray, check_rows, frozen_array
from mfbounds.errors import InputError

FLOAT32_TOLERANCE = 1e-5  # how far a sum of float32 probabilities may be from 1; beyond, something else is wrong


def read_rows(values: Any, name: str, *, renormalise: bool) -> tuple[FloatArray, float]:
    """Distributions along the last axis in float64, and how far from 1 the sums were that had to be corrected.

    float32 rows sum to 1 only up to 1e-7, while games ask for 1e-12. With `renormalise` such rows are divided by their
    sums, as long as these are within `FLOAT32_TOLERANCE` of 1. Rows that are right as they are stay bit for bit.

    Raises:
        InputError: an entry is negative or not finite, or a sum is too far from 1.

    Example:
        >>> rows, correction = read_rows(np.full(3, 1 / 3, dtype=np.float32), "law", renormalise=True)
        >>> float(rows.sum()), correction < 1e-7
        (1.0, True)
    """
    rows = frozen_array(values, name)
    sums = rows.sum(axis=-1, keepdims=True)
    correction = float(np.abs(sums - 1.0).max(initial=0.0))
    try:
        check_rows(rows, name)
    except InputError as error:
        if correction > FLOAT32_TOLERANCE or (rows < 0.0).any():
            raise
        if not renormalise:
            raise InputError(
                f"{name} == rows whose sums are off by up to {correction:.2g}, must sum to 1 in float64: float32 numbers "
                "do not; renormalise=True divides each row by its sum"
            ) from error
        return frozen_array(rows / sums, name), correction
    return rows, 0.0


def as_array(tensor: Any) -> FloatArray:
    """A tensor of torch, or what NumPy reads, in float64."""
    values = tensor.detach().cpu().numpy() if hasattr(tensor, "detach") else tensor
    return np.array(values, dtype=np.float64)


def required(package: str, distribution: str) -> Any:
    """A package that is not a dependency of this one.

    Raises:
        InputError: it is not installed; the message says what to install.
    """
    try:
        return importlib.import_module(package)
    except ImportError as error:
        raise InputError(
            f"package {package!r} is missing, must be installed for this: pip install {distribution}, or the extra "
            "with all peers, pip install 'mfbounds[peers]'"
        ) from error
