"""Where the entries of a sparse kernel fall in a chain P^pi, so that chains are assembled without sorting."""

from __future__ import annotations

from dataclasses import dataclass
from functools import cached_property
from typing import Any, TypeAlias

import numpy as np
import numpy.typing as npt
import scipy.sparse as sp
from scipy.sparse.csgraph import connected_components

from mfbounds.checks import FloatArray, Kernel, SparseKernel
from mfbounds.games.elimination import Elimination, is_slim, with_data

IntArray: TypeAlias = npt.NDArray[np.int64]
BLOCK = 100  # states
DENSE_LIMIT = 200  # up to this many states a dense LU is no slower than a sparse one on the kernels of this package


@dataclass(frozen=True, eq=False, kw_only=True)
class ChainPattern:
    """The structure that every chain of a CSR kernel (S*A, S) shares: dense up to `DENSE_LIMIT` states, else CSR.

    Attributes:
        size: S.
        counts: numbers of stored entries of the kernel's rows s*A + a.
        slot: for each stored entry, where it is added: s*S + s' in a dense chain, else the place in the chain's CSR data.
        frame: CSR structure of the chain, the diagonal included; None for a dense one.
    """

    size: int
    counts: npt.NDArray[np.int32]
    slot: IntArray | npt.NDArray[np.int32]
    frame: SparseKernel | None = None

    @staticmethod
    def of(kernel: SparseKernel) -> ChainPattern:
        """The pattern of a CSR kernel (S*A, S)."""
        size = int(kernel.shape[1])
        n_actions = kernel.shape[0] // size
        counts = np.diff(kernel.indptr)
        cell = np.repeat(np.arange(kernel.shape[0]) // n_actions * size, counts)
        cell += kernel.indices
        if size <= DENSE_LIMIT:
            return ChainPattern(size=size, counts=counts, slot=cell)
        # The rows of a state's actions, read as one row. With the diagonal stored, I - gamma P has the structure of P.
        ones = np.ones(len(kernel.data), dtype=np.int32)
        merged = sp.csr_array((ones, kernel.indices, kernel.indptr[::n_actions]), shape=(size, size), copy=True)
        merged.sum_duplicates()
        structure = sp.csr_array(merged + sp.eye_array(size, format="csr", dtype=np.int32))
        cells = np.repeat(np.arange(size), np.diff(structure.indptr)) * size + structure.indices
        slot = np.searchsorted(cells, cell).astype(np.int32)
        frame = with_data(structure, np.zeros(len(structure.indices), dtype=np.int8))
        return ChainPattern(size=size, counts=counts, slot=slot, frame=frame)

    def chain(self, kernel: SparseKernel, policy: FloatArray) -> Kernel:
        """P^pi(s'|s) = sum_a pi(a|s) P(s'|s,a), (S, S), of a kernel with this pattern."""
        if self.frame is None:
            return self._added(kernel, policy, slice(0, self.size), 0, self.size**2).reshape(self.size, self.size)
        starts, data = self.frame.indptr, np.empty(len(self.frame.indices))
        for first in range(0, self.size, BLOCK):  # in blocks, as copies of all entries would be half the game
            states = slice(first, min(first + BLOCK, self.size))
            places = slice(starts[states.start], starts[states.stop])
            data[places] = self._added(kernel, policy, states, places.start, places.stop - places.start)
        chain: SparseKernel = with_data(self.frame, data)
        return chain

    @cached_property
    def elimination(self) -> Elimination | None:
        """An order of elimination for the systems of all chains; None where factoring may be dear, or chains are dense."""
        return Elimination.of(self.frame) if self.frame is not None and is_slim(self.frame) else None

    def _added(self, kernel: SparseKernel, policy: FloatArray, states: slice, first: int, length: int) -> FloatArray:
        """pi P of a block of states, added up at the places `first`, `first` + 1, ... of the chain's entries."""
        n_actions = policy.shape[1]
        rows = slice(states.start * n_actions, states.stop * n_actions)
        stored = slice(kernel.indptr[rows.start], kernel.indptr[rows.stop])
        weighted = np.repeat(policy[states].ravel(), self.counts[rows])
        weighted *= kernel.data[stored]
        entries: Any = np.bincount(self.slot[stored] - first, weights=weighted, minlength=length)
        added: FloatArray = entries
        return added

    @cached_property
    def terms(self) -> int:
        """The most entries that a row or a column of a chain has, the diagonal included."""
        source, target = self._ends
        return int(max(np.bincount(source).max(), np.bincount(target).max()))

    def connected(self, chain: Kernel) -> bool:
        """Whether it is plain that all states of a chain communicate: no link is missing, and the links connect them."""
        entries: FloatArray = chain.data if sp.issparse(chain) else chain.ravel()
        return self._one_class and bool((entries[self._links] > 0.0).all())

    @property
    def _ends(self) -> tuple[IntArray, IntArray]:
        """(s, s') of each stored entry of a CSR chain; of a dense one, the entries that the kernel has."""
        if self.frame is None:
            source, target = np.divmod(np.unique(self.slot), self.size)
            return source, target
        return np.repeat(np.arange(self.size), np.diff(self.frame.indptr)), self.frame.indices.astype(np.int64)

    @cached_property
    def _links(self) -> IntArray:
        """Where a chain's entries off the diagonal are, in a flat dense chain or in CSR data."""
        source, target = self._ends
        off: IntArray = np.flatnonzero(source != target)
        return off if self.frame is not None else source[off] * self.size + target[off]

    @cached_property
    def _one_class(self) -> bool:
        source, target = self._ends
        if not self._links.size:
            return False
        graph = sp.coo_array((np.ones(len(source)), (source, target)), shape=(self.size, self.size))
        count, _ = connected_components(graph, directed=True, connection="strong")
        return int(count) == 1
