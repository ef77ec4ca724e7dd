"""Where the entries of a sparse kernel fall in a chain P^pi, so that chains are assembled without sorting."""

from __future__ import annotations

from dataclasses import dataclass
from typing import Any, TypeAlias

import numpy as np
import numpy.typing as npt
import scipy.sparse as sp

from mfbounds.checks import FloatArray, Kernel, SparseKernel

IntArray: TypeAlias = npt.NDArray[np.int64]
DENSE_LIMIT = 200  # up to this many states a dense LU beats a sparse one on the kernels of this package


@dataclass(frozen=True, eq=False, kw_only=True)
class ChainPattern:
    """The structure that every chain of a CSR kernel (S*A, S) shares: dense up to `DENSE_LIMIT` states, else CSR.

    Attributes:
        size: S.
        row: for each stored entry of the kernel, its row s*A + a.
        slot: for each of them, where it is added: s*S + s' in a dense chain, else the place in the chain's CSR data.
        indices, indptr: CSR structure of the chain, the diagonal included; None for a dense one.
    """

    size: int
    row: IntArray
    slot: IntArray
    indices: npt.NDArray[np.int32] | None = None
    indptr: npt.NDArray[np.int32] | None = None

    @staticmethod
    def of(kernel: SparseKernel) -> ChainPattern:
        """The pattern of a CSR kernel (S*A, S)."""
        size = int(kernel.shape[1])
        n_actions = kernel.shape[0] // size
        row: IntArray = np.repeat(np.arange(kernel.shape[0]), np.diff(kernel.indptr))
        cell = (row // n_actions) * size + kernel.indices.astype(np.int64)
        if size <= DENSE_LIMIT:
            return ChainPattern(size=size, row=row, slot=cell)
        # The rows of a state's actions, read as one row. With the diagonal stored, I - gamma P has the structure of P.
        ones = np.ones(len(kernel.data), dtype=np.int32)
        merged = sp.csr_array((ones, kernel.indices, kernel.indptr[::n_actions]), shape=(size, size), copy=True)
        merged.sum_duplicates()
        structure = sp.csr_array(merged + sp.eye_array(size, format="csr", dtype=np.int32))
        cells = np.repeat(np.arange(size), np.diff(structure.indptr)) * size + structure.indices
        return ChainPattern(
            size=size,
            row=row,
            slot=np.searchsorted(cells, cell),
            indices=structure.indices,
            indptr=structure.indptr,
        )

    def chain(self, kernel: SparseKernel, policy: FloatArray) -> Kernel:
        """P^pi(s'|s) = sum_a pi(a|s) P(s'|s,a), (S, S), of a kernel with this pattern."""
        weighted = kernel.data * policy.ravel()[self.row]
        if self.indices is None:
            entries: Any = np.bincount(self.slot, weights=weighted, minlength=self.size**2)
            flat: FloatArray = entries
            return flat.reshape(self.size, self.size)
        data = np.bincount(self.slot, weights=weighted, minlength=len(self.indices))
        assert self.indptr is not None
        return sp.csr_array((data, self.indices, self.indptr), shape=(self.size, self.size))
