"""What one step can lead to, row by row: the tables that both particles and counts draw from."""

from __future__ import annotations

from dataclasses import dataclass, field
from typing import Any

import numpy as np
import numpy.typing as npt
import scipy.sparse as sp

from mfbounds.checks import FloatArray, Kernel
from mfbounds.mdp.frozen import Frozen

IntArray = npt.NDArray[np.int64]


@dataclass(frozen=True, eq=False, kw_only=True)
class Cells:
    """The possible outcomes of each row, most likely first, so that a draw seldom has to look at the unlikely ones.

    Rows are filled up to C cells with copies of their first outcome at probability 0: what rounding leaves over when
    all cells of a row are exhausted then falls on an outcome that is possible.

    Attributes:
        probability: (rows, C), each row sums to 1.
        target: next state, (rows, C).
        reward: reward that comes with the outcome, (rows, C).
    """

    probability: FloatArray
    target: IntArray
    reward: FloatArray = field(repr=False)


def pack(row: IntArray, probability: FloatArray, target: IntArray, reward: FloatArray, n_rows: int) -> Cells:
    """Cells of outcomes listed one by one; `row` says which row each belongs to."""
    order = np.lexsort((-probability, row))
    row, probability, target, reward = row[order], probability[order], target[order], reward[order]
    size = np.bincount(row, minlength=n_rows)
    first = np.cumsum(size) - size
    place = np.arange(size.max(initial=1))
    inside = place < size[:, None]
    source = np.where(inside, first[:, None] + place, first[:, None])
    weights = np.where(inside, probability[source], 0.0)
    return Cells(probability=weights / weights.sum(axis=1, keepdims=True), target=target[source], reward=reward[source])


def kernel_cells(kernel: Kernel, reward: FloatArray) -> Cells:
    """The outcomes of each state-action pair, row s*A + a; `reward` (S, A)."""
    matrix = kernel if sp.issparse(kernel) else sp.csr_array(kernel.reshape(-1, kernel.shape[-1]))
    row, target, probability = _entries(matrix)
    return pack(row, probability, target, reward.ravel()[row], matrix.shape[0])


def _entries(matrix: Kernel) -> tuple[IntArray, IntArray, FloatArray]:
    """Row, column and value of each positive entry of a CSR matrix."""
    listed = sp.coo_array(matrix)
    positive = listed.data > 0.0
    row, column = listed.coords
    return row[positive].astype(np.int64), column[positive].astype(np.int64), listed.data[positive]


class PolicyCells:
    """The outcomes (next state, reward) of each state when a policy chooses the action.

    Actions with the same reward in a state are one class there: particles that move to the same state from the same
    class are not told apart, which changes no law and saves most of the draws. The classes are found once and serve
    every policy.
    """

    def __init__(self, frozen: Frozen, *, merge: bool = True) -> None:
        self.frozen = frozen
        matrix = frozen.kernel if sp.issparse(frozen.kernel) else frozen.kernel.reshape(-1, frozen.n_states)
        self._pair, target, self._weight = _entries(sp.csr_array(matrix))
        labels = _reward_classes(frozen.reward) if merge else np.arange(frozen.reward.size)
        key = labels[self._pair] * frozen.n_states + target
        cells, first, self._cell = np.unique(key, return_index=True, return_inverse=True)
        self._size = len(cells)
        self._target, self._first_pair = target[first], self._pair[first]

    def at(self, policy: FloatArray, reward: FloatArray) -> Cells:
        """The cells under `policy` (S, A); `reward` (S, A) must be constant on the classes if they were merged."""
        weights = self._weight * policy.ravel()[self._pair]
        probability: Any = np.bincount(self._cell, weights=weights, minlength=self._size)
        state = self._first_pair // self.frozen.n_actions
        return pack(state, probability, self._target, reward.ravel()[self._first_pair], self.frozen.n_states)


def _reward_classes(reward: FloatArray) -> IntArray:
    """For each pair s*A + a, a label shared by the actions that have the same reward in s, flat (S*A,)."""
    order = np.argsort(reward, axis=1, kind="stable")
    ranked = np.take_along_axis(reward, order, axis=1)
    steps = np.concatenate([np.zeros((len(reward), 1)), np.diff(ranked, axis=1) != 0.0], axis=1)
    labels = np.empty(reward.shape, dtype=np.int64)
    np.put_along_axis(labels, order, steps.cumsum(axis=1).astype(np.int64), axis=1)
    flat: IntArray = (labels + np.arange(len(reward))[:, None] * reward.shape[1]).ravel()
    return flat
