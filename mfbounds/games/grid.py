"""Square grids with walls: the free cells, and how the five actions move a player between them."""

from __future__ import annotations

from collections.abc import Iterable
from dataclasses import dataclass
from functools import cached_property
from typing import Any

import numpy as np
import numpy.typing as npt
import scipy.sparse as sp
from scipy.sparse.csgraph import connected_components

from mfbounds.checks import FloatArray, SparseKernel, check_count
from mfbounds.errors import InputError
from mfbounds.games.options import check_entries

Cell = tuple[int, int]

ACTIONS = ("stay", "up", "down", "left", "right")
STEPS = ((0, 0), (-1, 0), (1, 0), (0, -1), (0, 1))


def room_walls(size: int) -> tuple[Cell, ...]:
    """The wall cells of `four_rooms`: the middle row and column less four doors.

    Raises:
        InputError: `size` is even, so that there is no middle row.
    """
    check_entries(size**2 * len(ACTIONS) ** 2, "size", size)
    if size % 2 == 0:
        raise InputError(f"size == {size}, must be odd: the walls are the middle row and column")
    middle = size // 2
    doors = {(middle - 1) // 2, size - 1 - (middle - 1) // 2}
    across = [(middle, i) for i in range(size) if i not in doors]
    down = [(i, middle) for i in range(size) if i not in doors and i != middle]
    return (*across, *down)


@dataclass(frozen=True, eq=False)
class Grid:
    """The free cells of a square grid: `free` is a boolean (size, size) array."""

    free: npt.NDArray[np.bool_]

    @classmethod
    def with_walls(cls, size: int, walls: Iterable[Cell]) -> Grid:
        if not isinstance(walls, Iterable) or isinstance(walls, str):
            raise InputError(f"walls == {walls!r}, must be cells (row, column)")
        check_entries(size**2 * len(ACTIONS) ** 2, "size", size)
        free = np.ones((size, size), dtype=bool)
        for wall in walls:
            free[read_cell(wall, size, "walls")] = False
        if not free.any():
            raise InputError(f"walls == all {size * size} cells, must leave a free cell: a game has a state")
        grid = cls(free)
        if grid.n_parts > 1:
            raise InputError(f"walls split the free cells into {grid.n_parts} parts, must leave them connected")
        return grid

    @cached_property
    def cells(self) -> npt.NDArray[np.intp]:
        """(row, column) of each state, shape (S, 2)."""
        return np.argwhere(self.free)

    @cached_property
    def walls(self) -> list[Cell]:
        return [(int(row), int(column)) for row, column in np.argwhere(~self.free)]

    @cached_property
    def neighbours(self) -> npt.NDArray[np.intp]:
        """The state that each action leads to without slip, -1 where it is blocked; shape (S, A)."""
        index = np.full(np.add(self.free.shape, 2), -1)
        index[1:-1, 1:-1][self.free] = np.arange(len(self.cells))
        steps = np.array(STEPS) + 1
        rows, columns = (self.cells[:, None, axis] + steps[None, :, axis] for axis in range(2))
        found: npt.NDArray[np.intp] = index[rows, columns]
        return found

    @property
    def n_parts(self) -> int:
        own, action = np.nonzero(self.neighbours >= 0)
        edges = (np.ones(len(own)), (own, self.neighbours[own, action]))
        return int(connected_components(sp.csr_array(edges, shape=(len(self.cells),) * 2), directed=False)[0])

    def state(self, cell: Any, name: str) -> int:
        """The number of a free cell."""
        place = read_cell(cell, len(self.free), name)
        if not self.free[place]:
            raise InputError(f"{name} == {place}, must be a free cell: it is a wall")
        return int(np.flatnonzero((self.cells == place).all(axis=1))[0])

    def kernel(self, slip: float, slip_over: str, blocked: str) -> SparseKernel:
        """P(.|s,a) as CSR (S*A, S)."""
        valid = self.neighbours >= 0
        carried = _carried_out(valid, slip, slip_over)
        if blocked == "redistribute":
            lost = (carried * ~valid[:, None, :]).sum(axis=2)
            carried = carried * valid[:, None, :] + (lost / valid.sum(axis=1)[:, None])[:, :, None] * valid[:, None, :]
        own = np.arange(len(valid))[:, None]
        reached = np.broadcast_to(np.where(valid, self.neighbours, own)[:, None, :], carried.shape)
        rows = np.broadcast_to(np.arange(valid.size).reshape(*valid.shape, 1), carried.shape)
        matrix = sp.csr_array((carried.ravel(), (rows.ravel(), reached.ravel())), shape=(valid.size, len(valid)))
        matrix.eliminate_zeros()
        return matrix


def _carried_out(valid: npt.NDArray[np.bool_], slip: float, slip_over: str) -> FloatArray:
    """Probability that action e is carried out when a is chosen, shape (S, A, A); blocked actions count as such."""
    n_actions = valid.shape[1]
    other = ~np.eye(n_actions, dtype=bool)
    candidates = np.broadcast_to(other, (len(valid), n_actions, n_actions))
    if slip_over == "valid":
        candidates = candidates & valid[:, None, :]
    number = candidates.sum(axis=2)
    slips = np.where(number > 0, slip, 0.0)  # a single cell has nothing to slip to but the chosen action
    shares: FloatArray = candidates * (slips / np.maximum(number, 1))[:, :, None]
    return shares + np.eye(n_actions) * (1.0 - slips)[:, :, None]


def read_cell(cell: Any, size: int, name: str) -> Cell:
    """A cell (row, column) of a size x size grid."""
    if not isinstance(cell, list | tuple | np.ndarray) or len(cell) != 2:
        raise InputError(f"{name} == {cell!r}, must be cells (row, column)")
    row, column = (check_count(cell[i], f"{name}: coordinate {i}", least=0) for i in range(2))
    if max(row, column) >= size:
        raise InputError(f"{name} == {(row, column)}, must lie on the grid: rows and columns 0 to {size - 1}")
    return row, column
