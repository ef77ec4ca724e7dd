"""Largest differences between rows of kernels, and norms of kernels as maps on zero-mass vectors.

The rounding rule, once: a number computed with k dependent float64 operations on terms of one sign is multiplied by
``1 + k * EPS`` (EPS is twice the unit roundoff); what cancellation can add, and the distance of the stored rows from
exact distributions (`row_defect`), is added on top. A computed 0 is an exact 0 here and stays 0: it only arises from
entries that are equal bit by bit.
"""

from __future__ import annotations

import math
from collections.abc import Iterator
from itertools import combinations
from typing import Any, TypeAlias

import numpy as np
import scipy.sparse as sp
from scipy.spatial.distance import cdist

from mfbounds.checks import FloatArray, Kernel
from mfbounds.games.game import kernel_sizes

Kernels: TypeAlias = "FloatArray | tuple[Kernel, ...]"  # several kernels; one array (V, S, A, S) when they are dense

EPS = 2.0**-52
PAIR_BUDGET = 3e9  # entries compared by one enumeration of pairs of rows: some seconds
SIGN_BUDGET = 4e8  # multiplications of one enumeration of sign vectors
BLOCK = 4_000_000  # entries of one dense block: memory stays at a few times 32 MB


def outward(value: float, operations: int, *, slack: float = 0.0) -> float:
    """`value` rounded up after that many operations, plus `slack`; 0 stays 0."""
    return value * (1.0 + (operations + 4) * EPS) + slack if value > 0.0 else 0.0


def flat_rows(kernel: Kernel) -> Any:
    """The rows of a kernel, (S*A, S), dense or CSR."""
    return kernel.reshape(-1, kernel.shape[-1]) if isinstance(kernel, np.ndarray) else kernel


def row_defect(kernels: Kernels) -> float:
    """An upper bound on |sum of a row - 1| over all rows: how far stored rows are from the distributions they mean."""
    worst: float = max(float(np.abs(np.asarray(kernel.sum(axis=-1)) - 1.0).max()) for kernel in kernels)
    return worst + float(kernels[0].shape[-1]) * EPS


def variation_of_actions(kernel: Kernel) -> float:
    """max_{s,a,a'} TV(P(.|s,a), P(.|s,a')), not yet rounded outward."""
    _, n_actions = kernel_sizes(kernel)
    rows = [flat_rows(kernel)[a::n_actions] for a in range(n_actions)]
    return max((0.5 * float(abs(p - q).sum(axis=-1).max()) for p, q in combinations(rows, 2)), default=0.0)


def variation_of_rows(kernel: Kernel, *, budget: float = PAIR_BUDGET) -> float | None:
    """max TV over all pairs of rows, not yet rounded outward: None when that takes more than `budget` operations.

    Two rows with disjoint supports settle it at 1, whatever the size.
    """
    n_states, n_actions = kernel_sizes(kernel)
    rows = sp.csr_array(flat_rows(kernel))
    n_rows = n_states * n_actions
    if _has_disjoint_supports(rows, budget):
        return 1.0
    if 0.5 * n_rows**2 * n_states > budget:
        return None
    dense = np.unique(rows.toarray(), axis=0)
    step = max(1, BLOCK // len(dense))
    blocks = range(0, len(dense), step)
    return max(0.5 * float(cdist(dense[i : i + step], dense[i:], "cityblock").max()) for i in blocks)


def _has_disjoint_supports(rows: Any, budget: float) -> bool:
    """Whether two rows share no state; a few rows against all first, since one pair settles it."""
    support: Any = sp.csr_array((np.ones(rows.nnz, dtype=np.float32), rows.indices, rows.indptr), shape=rows.shape)
    support.data[rows.data == 0.0] = 0.0
    n_rows = support.shape[0]
    few = np.unique(np.linspace(0, n_rows - 1, min(n_rows, 16)).astype(int))
    if (support @ support[few].T.toarray() == 0.0).any():
        return True
    if float(support.nnz) * n_rows > budget:
        return False
    step = max(1, BLOCK // n_rows)
    return any((support @ support[i : i + step].T.toarray() == 0.0).any() for i in range(0, n_rows, step))


def vertex_blocks(kernels: Kernels) -> Iterator[FloatArray]:
    """The vertex kernels as blocks of shape (rows, S vertices, S next states), rows running over (s, a)."""
    n_states, n_actions = kernel_sizes(kernels[0])
    n_rows = n_states * n_actions
    step = max(1, BLOCK // n_states**2)
    if isinstance(kernels, np.ndarray):
        flat = kernels.reshape(n_states, n_rows, n_states)
        for i in range(0, n_rows, step):
            yield np.ascontiguousarray(flat[:, i : i + step].transpose(1, 0, 2))
        return
    stacked = sp.csr_array(sp.vstack([sp.csr_array(kernel) for kernel in kernels]))
    for i in range(0, n_rows, step):
        chosen = (np.arange(n_states)[None, :] * n_rows + np.arange(i, min(i + step, n_rows))[:, None]).ravel()
        yield stacked[chosen].toarray().reshape(-1, n_states, n_states)


def centred(block: FloatArray) -> FloatArray:
    """Each matrix minus its mean over the vertices: the same map on zero-mass vectors, of the smallest norm.

    Differences with the first vertex come first, so that a column without dependence becomes an exact 0. Any rounding
    of the mean only raises the norm, so an upper bound stays one.
    """
    differences = block - block[:, :1, :]
    differences -= differences.mean(axis=1, keepdims=True)
    return differences


def largest_column(block: FloatArray) -> float:
    """The largest l2 norm of a column of centred matrices (rows, S, n), not yet rounded outward."""
    scale = float(np.abs(block).max())
    return 0.0 if scale == 0.0 else scale * float(np.sqrt(((block / scale) ** 2).sum(axis=1)).max())


def vertex_variation(block: FloatArray) -> float:
    """max over rows and pairs of vertices of TV(P_x, P_x'), not yet rounded outward."""
    return max(0.5 * float(cdist(matrix, matrix, "cityblock").max()) for matrix in block)


def l2_to_l1(block: FloatArray, *, fine: bool = True) -> tuple[float, bool]:
    """An upper bound on max_x ||x K||_1 / ||x||_2 over the centred matrices K of a block, and whether it is exact.

    The norm of K equals max ||K sigma||_2 over sign vectors sigma, which are enumerated while there are few enough.
    Beyond that, with G = K'K and any d > 0, sigma' G sigma <= (sum d) lambda_max(D^-1/2 G D^-1/2): the best of some d
    if `fine`, else the sum of the columns' norms.
    """
    rows, n, _ = block.shape
    operations = math.ceil(2 * n**1.5)  # cancellation in K sigma, relative to the largest ||K sigma||_2
    if n <= 24 and float(rows) * n * n * 2.0 ** (n - 1) <= SIGN_BUDGET:
        return outward(_enumerated(block), operations), True
    if not fine:
        return outward(float(np.sqrt((block**2).sum(axis=1)).sum(axis=1).max()), 2 * n), False
    gram = np.matmul(block.transpose(0, 2, 1), block)
    cheap = np.abs(gram).sum(axis=(1, 2))
    best = 0.0
    for i in np.argsort(-cheap):
        if cheap[i] <= best:
            break
        best = max(best, min(float(cheap[i]), _dual_bound(gram[i])))
    return outward(math.sqrt(best), 4 * n * n), False


def _enumerated(block: FloatArray) -> float:
    rows, n, _ = block.shape
    best, step = 0.0, max(1, BLOCK // (rows * n))
    for start in range(0, 2 ** (n - 1), step):
        codes = np.arange(start, min(start + step, 2 ** (n - 1)))
        signs = 1.0 - 2.0 * ((codes[None, :] >> np.arange(n)[:, None]) & 1)
        best = max(best, float((np.matmul(block, signs) ** 2).sum(axis=1).max()))
    return math.sqrt(best)


def _dual_bound(gram: FloatArray) -> float:
    """An upper bound on the largest sigma' G sigma over sign vectors."""
    live = np.diag(gram) > 0.0
    part = gram[np.ix_(live, live)]
    if part.size == 0:
        return 0.0
    bounds = []
    for weights in (np.ones(len(part)), np.sqrt(np.diag(part)), np.abs(part).sum(axis=0)):
        root = np.sqrt(weights)
        bounds.append(float(weights.sum()) * eigenvalue_bound(part / np.outer(root, root)))
    return min(bounds)


def eigenvalue_bound(matrix: FloatArray) -> float:
    """An upper bound on the largest eigenvalue of a symmetric matrix, from the residual of a computed decomposition.

    A = Q D Q' + E gives lambda_max(A) <= lambda_max(D) + |lambda_max(D)| ||Q'Q - I||_F + ||E||_F.
    """
    n = len(matrix)
    if n == 0:
        return 0.0
    values, vectors = np.linalg.eigh(matrix)
    rounding = 4.0 * n * n * EPS
    residual = float(np.linalg.norm(matrix - (vectors * values) @ vectors.T))
    defect = float(np.linalg.norm(vectors.T @ vectors - np.eye(n))) + rounding
    top = float(values[-1])
    return top + abs(top) * defect + residual * (1.0 + rounding) + rounding * float(np.abs(values).max())


def spectral_norm_bound(matrix: FloatArray) -> float:
    """An upper bound on the spectral norm, from the residual of a computed singular value decomposition."""
    n = len(matrix)
    if n == 0:
        return 0.0
    left, values, right = np.linalg.svd(matrix)
    rounding = 4.0 * n * n * EPS
    residual = float(np.linalg.norm(matrix - (left * values) @ right))
    defects = [float(np.linalg.norm(q.T @ q - np.eye(n))) + rounding for q in (left, right)]
    return float(values[0]) * (1.0 + max(defects)) + residual * (1.0 + rounding) + rounding * float(values[0])
