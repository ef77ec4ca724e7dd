"""Linear systems of a chain: (I - gamma P) x = b and its transpose, and the factors behind them."""

from __future__ import annotations

import math
from collections.abc import Callable
from typing import Any, TypeAlias

import numpy as np
import scipy.sparse as sp
from scipy.linalg.lapack import dgetrf, dgetrs
from scipy.sparse.linalg import bicgstab, splu

from mfbounds.checks import FloatArray, Kernel, SparseKernel
from mfbounds.errors import NotConvergedError

DIRECT_LIMIT = 1000  # up to this many states a sparse LU beats BiCGSTAB
KRYLOV_STEPS = 60
KRYLOV_ROUNDS = 3
Solver: TypeAlias = Callable[[FloatArray, bool], FloatArray]


def solve_discounted(chain: Kernel, gamma: float, rhs: FloatArray, *, transposed: bool = False) -> FloatArray:
    """x with (I - gamma P) x = rhs, or (I - gamma P)^T x = rhs; `chain` (S, S) dense or sparse, `rhs` (S,).

    A Krylov method for large sparse chains, where its residual ends at rounding; else a direct solve. The callers judge
    the answer by its residual in either case.

    Raises:
        NotConvergedError: the solution does not exist in float64 (gamma within rounding of 1, or an overflow).
    """
    return discounted_solver(chain, gamma)(rhs, transposed)


def discounted_solver(chain: Kernel, gamma: float) -> Solver:
    """`solve_discounted` for several right sides: solve(rhs, transposed), the factors computed at most once."""
    factors: list[Solver] = []

    def solve(rhs: FloatArray, transposed: bool) -> FloatArray:
        x = None if factors or len(rhs) <= DIRECT_LIMIT else _krylov(identity_minus(chain, gamma), rhs, transposed)
        if x is None:
            if not factors:
                factors.append(factored(identity_minus(chain, gamma)))
            x = factors[0](rhs, transposed)
        if not np.isfinite(x).all():
            raise NotConvergedError(
                f"gamma == {gamma}, must leave (I - gamma P) x = b solvable in float64: "
                "take gamma further from 1 or rewards further from overflow"
            )
        return x

    return solve


def _krylov(system: Kernel, rhs: FloatArray, transposed: bool) -> FloatArray | None:
    """The solution by BiCGSTAB, or None if its residual does not end at rounding: gamma near 1, say.

    Each round solves for the residual of the last to eight digits: the recursion's own residual drifts off beyond that.
    """
    matrix, size = system.T if transposed else system, float(np.abs(rhs).max())
    if size == 0.0 or not math.isfinite(size):
        return rhs.copy() if size == 0.0 else None
    x, residual, left = np.zeros_like(rhs), rhs, size
    for _ in range(KRYLOV_ROUNDS):
        # Scaled, as BiCGSTAB takes small numbers for a breakdown.
        correction, _ = bicgstab(matrix, residual / left, rtol=1e-8, atol=0.0, maxiter=KRYLOV_STEPS)
        x = x + left * correction
        residual = rhs - matrix @ x
        left = float(np.abs(residual).max())
        if left <= 2.0**-48 * (size + float(np.abs(x).max())):
            return x
        if not math.isfinite(left):
            break
    return None


def identity_minus(chain: Kernel, gamma: float) -> Kernel:
    """I - gamma P, a new matrix."""
    if not sp.issparse(chain):
        system = np.multiply(chain, -gamma, order="C")
        system.ravel()[:: len(system) + 1] += 1.0
        return system
    size = chain.shape[0]
    diagonal = np.flatnonzero(chain.indices == np.repeat(np.arange(size), np.diff(chain.indptr)))
    if len(diagonal) != size:
        return sp.csr_array(sp.eye_array(size, format="csr") - gamma * chain)
    data = -gamma * chain.data
    data[diagonal] += 1.0
    return sp.csr_array((data, chain.indices, chain.indptr), shape=chain.shape)


def factored(system: Kernel) -> Solver:
    """solve(rhs, transposed) for a matrix that is overwritten; the answers are NaN where a pivot is exactly 0.

    Sparse systems are diagonally dominant by rows here, so that no pivoting is needed, and the order of elimination that
    keeps A + A^T sparse is the right one.
    """
    if not sp.issparse(system):
        # LAPACK reads rows as columns, so what is factored, in place, is the transpose.
        factors, pivots, info = dgetrf(system.T, overwrite_a=True)

        def solve(rhs: FloatArray, transposed: bool) -> FloatArray:
            x, _ = dgetrs(factors, pivots, rhs, trans=0 if transposed else 1)
            return x if info == 0 else np.full_like(rhs, np.nan)

        return solve
    return _factored_sparse(system)


def _factored_sparse(system: SparseKernel) -> Solver:
    turned = sp.csc_array((system.data, system.indices, system.indptr), shape=system.shape)  # rows read as columns
    try:
        factors: Any = splu(
            turned,
            permc_spec="MMD_AT_PLUS_A",
            diag_pivot_thresh=0.0,
            panel_size=1,  # on grids columns have little in common, and gathering them costs more than it gains
            relax=1,
            options={"SymmetricMode": True, "Equil": False},
        )
    except RuntimeError:  # a pivot is exactly 0
        return lambda rhs, _: np.full_like(rhs, np.nan)

    def solve(rhs: FloatArray, transposed: bool) -> FloatArray:
        x: FloatArray = factors.solve(rhs, trans="N" if transposed else "T")
        return x

    return solve
