"""An order of the states in which the systems of a sparse chain fill up little as they are factored, found once."""

from __future__ import annotations

from copy import copy
from dataclasses import dataclass, field
from typing import Any

import numpy as np
import numpy.typing as npt
import scipy.sparse as sp
from scipy.sparse.csgraph import reverse_cuthill_mckee
from scipy.sparse.linalg import splu

from mfbounds.checks import FloatArray, SparseKernel

SLIM = 8.0  # a structure is slim if it can be laid along a line with links no longer than sqrt(8 S)
IntArray32 = npt.NDArray[np.int32]
# SuperLU without pivoting, for matrices that are diagonally dominant by rows; on grids columns have little in common, and
# gathering them costs more than it gains.
UNPIVOTED: dict[str, Any] = {
    "diag_pivot_thresh": 0.0,
    "panel_size": 1,
    "relax": 1,
    "options": {"SymmetricMode": True, "Equil": False},
}


@dataclass(frozen=True, eq=False, kw_only=True)
class Elimination:
    """Where the entries of a chain stand once its states are put in an order that keeps A + A^T sparse.

    Attributes:
        order: the state at each place, (S,).
        taken: for each stored entry of the reordered matrix, its place in the chain's CSR data.
        frame: CSC, the reordered structure; its columns are the chain's rows.
        diagonal: the places of the diagonal in the data of `frame`, in the order of places, (S,).
    """

    order: IntArray32
    taken: IntArray32
    frame: sp.csc_array = field(repr=False)
    diagonal: IntArray32

    @staticmethod
    def of(structure: SparseKernel) -> Elimination:
        """The order for the chains of a CSR structure (S, S) that stores its diagonal."""
        size = int(structure.shape[0])
        shares = 0.5 / np.repeat(np.diff(structure.indptr), np.diff(structure.indptr))
        probe = sp.csr_array(sp.eye_array(size) - sp.csr_array((shares, structure.indices, structure.indptr)))
        factors: Any = splu(sp.csc_array(probe.T), permc_spec="MMD_AT_PLUS_A", **UNPIVOTED)
        order = np.argsort(factors.perm_c)
        numbered = np.arange(1, len(structure.indices) + 1)  # from 1, as sparse matrices may drop a 0
        turned = sp.csc_array((numbered, structure.indices, structure.indptr), shape=structure.shape)
        moved = sp.csc_array(turned[order][:, order])
        moved.sort_indices()
        columns = np.repeat(np.arange(size), np.diff(moved.indptr))
        places = (moved.indices.astype(np.int32), moved.indptr.astype(np.int32))
        return Elimination(
            order=order.astype(np.int32),
            taken=(moved.data - 1).astype(np.int32),
            frame=sp.csc_array((np.zeros(len(moved.data), dtype=np.int8), *places), shape=moved.shape),
            diagonal=np.flatnonzero(moved.indices == columns).astype(np.int32),
        )

    def system(self, data: FloatArray, gamma: float, root: int | None) -> Any:
        """CSC: (I - gamma P)^T in the new order, for the CSR data of P; the row and the column of `root` are those of I."""
        entries = data[self.taken]
        entries *= -gamma
        entries[self.diagonal] += 1.0
        if root is not None:
            place = int(np.flatnonzero(self.order == root)[0])
            entries[self.frame.indptr[place] : self.frame.indptr[place + 1]] = 0.0
            entries[self.frame.indices == place] = 0.0
            entries[self.diagonal[place]] = 1.0
        return with_data(self.frame, entries)


def is_slim(structure: SparseKernel) -> bool:
    """Whether factoring is known to be cheap beforehand: a band of width b takes S b^2 operations at most."""
    size = int(structure.shape[0])
    places = np.empty(size, dtype=np.int64)
    places[reverse_cuthill_mckee(structure, symmetric_mode=False)] = np.arange(size)
    lengths = np.abs(np.repeat(places, np.diff(structure.indptr)) - places[structure.indices])
    return float(lengths.max()) ** 2 <= SLIM * size


def with_data(frame: Any, data: FloatArray) -> Any:
    """A sparse array of the structure of `frame` with other numbers, without the checks of a constructor."""
    made = copy(frame)
    made.data = data
    return made
