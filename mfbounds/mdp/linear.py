"""The one linear system behind values and occupations: (I - gamma P) x = b, and its transpose."""

from __future__ import annotations

from typing import Any

import numpy as np
import scipy.sparse as sp
from scipy.linalg.lapack import dgetrf, dgetrs
from scipy.sparse.linalg import splu

from mfbounds.checks import FloatArray, Kernel
from mfbounds.errors import NotConvergedError


def solve_discounted(chain: Kernel, gamma: float, rhs: FloatArray, *, transposed: bool = False) -> FloatArray:
    """x with (I - gamma P) x = rhs, or (I - gamma P)^T x = rhs; `chain` (S, S) dense or sparse, `rhs` (S,).

    A direct solve. The callers judge the answer by its residual, so another solver may take its place.

    Raises:
        NotConvergedError: the solution does not exist in float64 (gamma within rounding of 1, or an overflow).
    """
    x = _solve_sparse(chain, gamma, rhs, transposed) if sp.issparse(chain) else _solve(chain, gamma, rhs, transposed)
    if not np.isfinite(x).all():
        raise NotConvergedError(
            f"gamma == {gamma}, must leave (I - gamma P) x = b solvable in float64: "
            "take gamma further from 1 or rewards further from overflow"
        )
    return x


def _solve(chain: FloatArray, gamma: float, rhs: FloatArray, transposed: bool) -> FloatArray:
    system = np.multiply(chain, -gamma, order="C")
    system.ravel()[:: len(system) + 1] += 1.0
    # LAPACK reads rows as columns, so what is factored, in place, is the transpose.
    factors, pivots, info = dgetrf(system.T, overwrite_a=True)
    x, _ = dgetrs(factors, pivots, rhs, trans=0 if transposed else 1)
    return x if info == 0 else np.full_like(rhs, np.nan)


def _solve_sparse(chain: Kernel, gamma: float, rhs: FloatArray, transposed: bool) -> FloatArray:
    try:
        factors: Any = splu(sp.csc_array(sp.eye_array(chain.shape[0]) - gamma * chain))
    except RuntimeError:  # a pivot is exactly 0
        return np.full_like(rhs, np.nan)
    x: FloatArray = factors.solve(rhs, trans="T" if transposed else "N")
    return x
