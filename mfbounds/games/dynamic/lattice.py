"""The lattice Delta_{X,K}: the empirical distributions of K others over D state-action pairs (P2, Section 2).

A point is its vector of counts (c_0..c_{D-1}), c_x >= 0, sum K; there are C(K+D-1, D-1) of them. Points are ordered
lexicographically with the first count largest first, so that point 0 has everybody in pair 0.
"""

from __future__ import annotations

import math
from dataclasses import dataclass
from functools import cached_property

import numpy as np
import numpy.typing as npt

from mfbounds.checks import FloatArray, check_count
from mfbounds.errors import NotEnumerableError
from mfbounds.games.dynamic.game import IntArray
from mfbounds.words import size_text

LIMIT = 2_000_000  # points that are listed at most; beyond, work with functions of counts


@dataclass(frozen=True)
class Lattice:
    """The counts of `agents` over `cells`.

    Raises:
        InputError: fewer than one agent or cell.

    >>> lattice = Lattice(agents=2, cells=2)
    >>> lattice.points.tolist()
    [[2, 0], [1, 1], [0, 2]]
    >>> lattice.index(lattice.points).tolist()
    [0, 1, 2]
    """

    agents: int
    cells: int

    def __post_init__(self) -> None:
        check_count(self.agents, "agents")
        check_count(self.cells, "cells")

    @property
    def size(self) -> int:
        """C(K+D-1, D-1), the number of points."""
        return math.comb(self.agents + self.cells - 1, self.cells - 1)

    @cached_property
    def points(self) -> IntArray:
        """All points as counts, shape (size, cells).

        Raises:
            NotEnumerableError: more points than can be listed.
        """
        if self.size > LIMIT:
            raise NotEnumerableError(
                f"lattice of {self.agents} agents over {self.cells} pairs: {size_text(self.size)} points, must be <= {LIMIT} to "
                "be listed: use a game with an analytic lifted function, or fewer players"
            )
        points = np.zeros((1, 0), dtype=np.int64)
        left = np.array([self.agents])
        for _ in range(self.cells - 1):
            repeats = left + 1
            ends = np.repeat(np.cumsum(repeats), repeats)
            used = ends - 1 - np.arange(ends.size)  # left, left-1, ..., 0 within each parent
            points = np.column_stack([np.repeat(points, repeats, axis=0), used])
            left = np.repeat(left, repeats) - used
        points = np.column_stack([points, left]).astype(np.int64)
        points.setflags(write=False)
        return points

    @cached_property
    def distributions(self) -> FloatArray:
        """All points as distributions sigma, shape (size, cells)."""
        result = self.points / self.agents
        result.setflags(write=False)
        return result

    @cached_property
    def _binomials(self) -> IntArray:
        """b[d, n] = number of points of n agents over d cells, C(n+d-1, d-1); b[0, n] = 0 by convention."""
        table = np.zeros((self.cells + 1, self.agents + 1), dtype=np.int64)
        for d in range(1, self.cells + 1):
            table[d] = [math.comb(n + d - 1, d - 1) for n in range(self.agents + 1)]
        return table

    def index(self, counts: npt.ArrayLike) -> IntArray:
        """The positions in `points` of count vectors, shape (..., cells) -> (...)."""
        array = np.asarray(counts, dtype=np.int64)
        left = self.agents - np.cumsum(array, axis=-1)  # agents still to be placed after each cell
        below = np.where(left > 0, left - 1, 0)
        position = np.zeros(array.shape[:-1], dtype=np.int64)
        for cell in range(self.cells - 1):
            # points that agree before this cell and have more agents in it come first: sum_{j < left} b[rest, j]
            rest = self.cells - 1 - cell
            ahead = self._binomials[rest + 1, below[..., cell]]
            position = position + np.where(left[..., cell] > 0, ahead, 0)
        return position

    @cached_property
    def arrangements(self) -> IntArray:
        """The point of each joint state-action of the others, shape (cells**agents,), first player most significant."""
        return self.index(counts_of_arrangements(self.agents, self.cells))

    @cached_property
    def multiplicities(self) -> FloatArray:
        """The number of arrangements of each point, K!/(prod c_x!), shape (size,)."""
        return np.bincount(self.arrangements, minlength=self.size).astype(np.float64)


def digits(agents: int, cells: int) -> IntArray:
    """The joint state-actions of `agents` as base-`cells` digits, shape (cells**agents, agents), first most significant."""
    numbers = np.arange(cells**agents, dtype=np.int64)
    powers = cells ** np.arange(agents - 1, -1, -1, dtype=np.int64)
    return (numbers[:, None] // powers) % cells


def counts_of_arrangements(agents: int, cells: int) -> IntArray:
    """The counts of every joint state-action, shape (cells**agents, cells)."""
    joint = digits(agents, cells)
    return np.stack([(joint == cell).sum(axis=1) for cell in range(cells)], axis=1).astype(np.int64)
