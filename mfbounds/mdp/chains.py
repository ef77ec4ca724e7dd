"""What the matrix of a chain is asked for, dense or CSR: SciPy's own ways cost more than the numbers where states are few."""

from __future__ import annotations

from typing import Any

import numpy as np
import numpy.typing as npt
import scipy.sparse as sp
from scipy.sparse.csgraph import connected_components

from mfbounds.checks import FloatArray, Kernel, SparseKernel


def inflow(law: FloatArray, chain: Kernel) -> FloatArray:
    """law P, (S,): what enters each state in a step."""
    if not sp.issparse(chain):
        dense: FloatArray = law @ chain
        return dense
    moved = np.repeat(law, np.diff(chain.indptr))
    moved *= chain.data
    return _by_target(chain, moved)


def outflow_sums(chain: Kernel) -> FloatArray:
    """The sums of the rows, (S,)."""
    sums: FloatArray = chain @ np.ones(chain.shape[0])
    return sums


def inflow_sums(chain: Kernel) -> FloatArray:
    """The sums of the columns, (S,)."""
    if not sp.issparse(chain):
        dense: FloatArray = chain.sum(axis=0)
        return dense
    return _by_target(chain, chain.data)


def row_of(chain: Kernel, state: int) -> FloatArray:
    """P(.|state), (S,), a copy."""
    if not sp.issparse(chain):
        dense: FloatArray = chain[state].copy()
        return dense
    row, places = np.zeros(chain.shape[0]), slice(chain.indptr[state], chain.indptr[state + 1])
    np.add.at(row, chain.indices[places], chain.data[places])
    return row


def most_terms(chain: Kernel) -> int:
    """The most products, zeros left out, that one entry of P x or x P adds up."""
    target, counts = chain.nonzero()[1], np.diff(chain.indptr) if sp.issparse(chain) else (chain != 0.0).sum(axis=1)
    return int(max(np.bincount(target).max(), counts.max()))


def recurrent_classes(chain: Kernel) -> list[npt.NDArray[np.int64]]:
    """The closed communicating classes of a chain (S, S), each an array of states."""
    source, target = chain.nonzero()
    starts = np.searchsorted(source, np.arange(chain.shape[0] + 1)).astype(np.int32)
    graph = sp.csr_array((np.ones(len(source)), target.astype(np.int32), starts), shape=chain.shape)
    count, label = connected_components(graph, directed=True, connection="strong")
    if count == 1:
        return [np.arange(chain.shape[0])]
    open_classes = label[source[label[source] != label[target]]]
    closed = np.setdiff1d(np.arange(count), open_classes)
    return [np.flatnonzero(label == c) for c in closed]


def _by_target(chain: SparseKernel, weights: FloatArray) -> FloatArray:
    sums: Any = np.bincount(chain.indices, weights=weights, minlength=chain.shape[0])
    summed: FloatArray = sums
    return summed
