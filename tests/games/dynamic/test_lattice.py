"""Lattices of counts, against enumeration by itertools."""

from __future__ import annotations

import itertools
import math

import numpy as np
import pytest

from mfbounds.errors import InputError
from mfbounds.games.dynamic.lattice import Lattice, counts_of_arrangements, digits

SIZES = [(1, 1), (1, 3), (3, 1), (4, 3), (5, 4), (2, 6), (8, 2)]


def by_hand(agents: int, cells: int) -> list[tuple[int, ...]]:
    found = [c for c in itertools.product(range(agents + 1), repeat=cells) if sum(c) == agents]
    return sorted(found, reverse=True)


@pytest.mark.parametrize(("agents", "cells"), SIZES)
def test_points_are_all_count_vectors_in_order(agents: int, cells: int) -> None:
    lattice = Lattice(agents, cells)
    assert list(map(tuple, lattice.points.tolist())) == by_hand(agents, cells)
    assert lattice.size == len(lattice.points)
    assert np.allclose(lattice.distributions.sum(axis=1), 1.0, rtol=0, atol=1e-15)


@pytest.mark.parametrize(("agents", "cells"), SIZES)
def test_index_inverts_points(agents: int, cells: int) -> None:
    lattice = Lattice(agents, cells)
    assert lattice.index(lattice.points).tolist() == list(range(lattice.size))
    assert int(lattice.index(lattice.points[-1])) == lattice.size - 1


@pytest.mark.parametrize(("agents", "cells"), [(1, 3), (3, 2), (4, 3)])
def test_arrangements_have_their_counts_and_multinomial_multiplicities(agents: int, cells: int) -> None:
    lattice = Lattice(agents, cells)
    for place, joint in enumerate(itertools.product(range(cells), repeat=agents)):
        counts = tuple(joint.count(cell) for cell in range(cells))
        assert tuple(lattice.points[lattice.arrangements[place]]) == counts
    for point, many in zip(lattice.points, lattice.multiplicities, strict=True):
        assert many == math.factorial(agents) / math.prod(math.factorial(int(c)) for c in point)


def test_digits_put_the_first_player_first() -> None:
    assert digits(2, 3).tolist() == [list(joint) for joint in itertools.product(range(3), repeat=2)]
    assert counts_of_arrangements(2, 2).tolist() == [[2, 0], [1, 1], [1, 1], [0, 2]]


def test_a_lattice_too_large_to_list_says_its_size() -> None:
    lattice = Lattice(1000, 9)
    assert lattice.size == math.comb(1008, 8)
    with pytest.raises(InputError, match=r"2.57e\+19 points, must be <="):
        _ = lattice.points


@pytest.mark.parametrize("sizes", [(0, 2), (2, 0), (1.5, 2)])
def test_empty_lattices_are_refused(sizes: tuple[int, int]) -> None:
    with pytest.raises(InputError, match="must be an integer >= 1"):
        Lattice(*sizes)
