"""Linear systems of a chain: (I - gamma P) x = b and its transpose, and the factors behind them."""

from __future__ import annotations

import math
from collections.abc import Callable
from copy import copy
from typing import Any, Literal, TypeAlias

import numpy as np
import scipy.sparse as sp
from scipy.linalg.lapack import dgetrf, dgetrs
from scipy.sparse.linalg import bicgstab, splu

from mfbounds.checks import FloatArray, Kernel
from mfbounds.errors import NotConvergedError
from mfbounds.games.elimination import UNPIVOTED, Elimination
from mfbounds.games.pattern import ChainPattern
from mfbounds.mdp.chains import inflow
from mfbounds.mdp.refinement import ROUNDED, refined

DIRECT_LIMIT = 1000  # up to this many states a sparse LU beats BiCGSTAB
KRYLOV_STEPS = 60
KRYLOV_ROUNDS = 3
NEAR_LIMIT = 200  # beyond this many states an LU of a grid costs more than several solves
Solver: TypeAlias = Callable[[FloatArray, bool], FloatArray]


def solve_discounted(chain: Kernel, gamma: float, rhs: FloatArray, *, transposed: bool = False) -> FloatArray:
    """x with (I - gamma P) x = rhs, or (I - gamma P)^T x = rhs; `chain` (S, S) dense or sparse, `rhs` (S,).

    A Krylov method for large sparse chains, where its residual ends at rounding; else a direct solve. The callers judge
    the answer by its residual in either case.

    Raises:
        NotConvergedError: the solution does not exist in float64 (gamma within rounding of 1, or an overflow).
    """
    return DiscountedSolver(chain, gamma)(rhs, transposed)


class DiscountedSolver:
    """`solve_discounted` for several right sides: solver(rhs, transposed), factors computed at most once.

    Args:
        pattern: that of the chain, where it is known.
        near: the solver of a chain that may be near this one; where its factors serve, none are computed.
    """

    def __init__(
        self, chain: Kernel, gamma: float, pattern: ChainPattern | None = None, near: DiscountedSolver | None = None
    ) -> None:
        self._chain, self._gamma = chain, gamma
        self._near = near if chain.shape[0] > NEAR_LIMIT else None
        self._elimination = pattern.elimination if pattern is not None else None
        self._factors: Solver | None = None

    def __call__(self, rhs: FloatArray, transposed: bool, *, enough: float = 0.0) -> FloatArray:
        """The solution up to a residual at rounding, or a residual of `enough` in each entry if that is larger."""
        x = self._by_neighbour(rhs, transposed, enough) if self._near is not None else None
        if x is None:
            self._near = None
            if self._factors is None and self._elimination is None and len(rhs) > DIRECT_LIMIT:
                x = _krylov(identity_minus(self._chain, self._gamma), rhs, transposed)
        if x is None:
            x = self._factored(rhs, transposed)
        if not np.isfinite(x).all():
            raise NotConvergedError(
                f"gamma == {self._gamma}, must leave (I - gamma P) x = b solvable in float64: "
                "take gamma further from 1 or rewards further from overflow"
            )
        return x

    def alone(self) -> DiscountedSolver:
        """A solver that has no neighbour; this one, if it has none."""
        if self._near is None:
            return self
        fresh = copy(self)
        fresh._near = None
        return fresh

    @property
    def anchor(self) -> DiscountedSolver | None:
        """The solver whose factors this one uses, itself perhaps; None where none are used."""
        if self._near is not None:
            return self._near
        return self if self._factors is not None else None

    def _by_neighbour(self, rhs: FloatArray, transposed: bool, enough: float) -> FloatArray | None:
        assert self._near is not None
        near = self._near

        def product(x: FloatArray) -> FloatArray:
            ahead = inflow(x, self._chain) if transposed else self._chain @ x
            ahead *= -self._gamma
            ahead += x
            return ahead

        enough = max(enough, ROUNDED * float(np.abs(rhs).max()))
        return refined(product, lambda residual: near._factored(residual, transposed), rhs, enough)

    def _factored(self, rhs: FloatArray, transposed: bool) -> FloatArray:
        if self._factors is None:
            self._factors = chain_factors(self._chain, self._gamma, self._elimination)
        return self._factors(rhs, transposed)


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
        if left <= ROUNDED * (size + float(np.abs(x).max())):
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


def chain_factors(chain: Kernel, gamma: float, elimination: Elimination | None, root: int | None = None) -> Solver:
    """solve(rhs, transposed) for I - gamma P, the row and the column of `root` replaced by those of the identity."""
    if elimination is not None:
        assert sp.issparse(chain)
        return _reordered(elimination, elimination.system(chain.data, gamma, root))
    system = identity_minus(chain, gamma)
    return factored(system if root is None else _without(system, root))


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
    turned = sp.csc_array((system.data, system.indices, system.indptr), shape=system.shape)  # rows read as columns
    return _turned_factors(turned, "MMD_AT_PLUS_A")


def _turned_factors(turned: Any, order: Literal["MMD_AT_PLUS_A", "NATURAL"]) -> Solver:
    """solve(rhs, transposed) for the transpose of a CSC matrix."""
    try:
        factors: Any = splu(turned, permc_spec=order, **UNPIVOTED)
    except RuntimeError:  # a pivot is exactly 0
        return lambda rhs, _: np.full_like(rhs, np.nan)

    def solve(rhs: FloatArray, transposed: bool) -> FloatArray:
        x: FloatArray = factors.solve(rhs, trans="N" if transposed else "T")
        return x

    return solve


def _reordered(elimination: Elimination, system: Any) -> Solver:
    inner, order = _turned_factors(system, "NATURAL"), elimination.order

    def solve(rhs: FloatArray, transposed: bool) -> FloatArray:
        x = np.empty_like(rhs)
        x[order] = inner(rhs[order], transposed)
        return x

    return solve


def _without(system: Kernel, root: int) -> Kernel:
    """The system with the row and the column of `root` replaced by those of the identity, in place."""
    if not sp.issparse(system):
        system[root], system[:, root] = 0.0, 0.0
        system[root, root] = 1.0
        return system
    row = slice(system.indptr[root], system.indptr[root + 1])
    own = row.start + np.flatnonzero(system.indices[row] == root)
    system.data[system.indices == root] = 0.0
    system.data[row] = 0.0
    system.data[own] = 1.0
    return system
