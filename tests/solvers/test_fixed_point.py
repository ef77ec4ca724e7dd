from __future__ import annotations

import math
from typing import Any

import numpy as np
import pytest
from scipy.optimize import brentq

from mfbounds.errors import InputError, NotUnichainError
from mfbounds.games import AffineGame
from mfbounds.games.crowd import crowd_grid, four_rooms
from mfbounds.games.random import random_affine, two_doors
from mfbounds.mdp import best_response_step
from mfbounds.solvers import FixedPoint, find_fixed_point


def judged(game: Any, found: FixedPoint, M: float) -> None:
    """The residual is what one more application of the map says, from the returned population alone."""
    again = best_response_step(game, found.mu, M)
    residual = float(np.linalg.norm(again.law - found.mu))
    assert abs(residual - found.residual) <= found.error_l1 + again.error_l1
    assert np.abs(again.policy - found.policy).sum(axis=1).max() < 1e-6
    assert found.mu.min() >= 0.0
    assert found.mu.sum() == pytest.approx(1.0, abs=1e-14)


@pytest.mark.parametrize("M", [1, 10, math.inf])
@pytest.mark.parametrize("start", [0.01, 0.3, 0.7, 0.99])
def test_two_doors_have_three_equilibria(M: float, start: float) -> None:
    """x = 0.1 + 0.8/(1 + exp(-0.9 * 0.8 * (2x - 1)/0.1)) has three roots; each start finds one of them."""

    def excess(x: float) -> float:
        return 0.1 + 0.8 / (1.0 + math.exp(-0.72 * (2 * x - 1) / 0.1)) - x

    low = brentq(excess, 0.0, 0.4, xtol=1e-15)
    roots = np.array([low, 0.5, 1.0 - low])
    found = find_fixed_point(two_doors(), M, start=[start, 1.0 - start])
    assert found.converged
    assert np.abs(found.mu[0] - roots).min() < 1e-11
    judged(two_doors(), found, M)


@pytest.mark.parametrize("M", [1, 10, math.inf])
@pytest.mark.parametrize("attraction", [-1.0, -30.0, -1e4])
def test_repelling_doors_share_the_crowd_however_steep_the_reward(M: float, attraction: float) -> None:
    game = two_doors(attraction=attraction)
    found = find_fixed_point(game, M, start=[0.83, 0.17])
    assert np.abs(found.mu - 0.5).sum() < 1e-11
    judged(game, found, M)


@pytest.mark.parametrize("M", [1, 10, math.inf])
@pytest.mark.parametrize("arguments", [{}, {"target": (10, 10)}, {"kappa": 1.0, "floor": 1e-8, "target": (10, 10)}])
def test_four_rooms(M: float, arguments: dict[str, Any]) -> None:
    game = four_rooms(**arguments)
    found = find_fixed_point(game, M)
    assert found.converged
    assert found.residual <= 1e-12
    judged(game, found, M)


@pytest.mark.parametrize("seed", range(8))
def test_equilibria_are_consistent_for_every_number_of_steps(seed: int) -> None:
    game = random_affine(seed=seed, n_states=3, n_actions=2)
    found = find_fixed_point(game, math.inf)
    assert found.converged
    for M in (1, 2, 7):
        assert np.abs(best_response_step(game, found.mu, M).law - found.mu).sum() < 1e-10


def test_an_unreachable_tolerance_is_reported_and_not_raised() -> None:
    game = four_rooms()
    found = find_fixed_point(game, 1, tol=1e-30)
    assert not found.converged
    assert 0.0 < found.residual < 1e-13
    judged(game, found, 1)


def test_several_recurrent_classes() -> None:
    stuck = AffineGame(np.repeat(np.eye(2)[:, None, :], 2, axis=1), np.zeros((2, 2)), gamma=0.5, eta=1.0)
    assert find_fixed_point(stuck, 1, start=[0.2, 0.8]).mu.tolist() == [0.2, 0.8]
    with pytest.raises(NotUnichainError):
        find_fixed_point(stuck, math.inf)


@pytest.mark.parametrize(("M", "tol", "start"), [(0, 1e-12, None), (1, 0.0, None), (1, 1e-12, [0.5, 0.6])])
def test_arguments_out_of_range(M: int, tol: float, start: Any) -> None:
    with pytest.raises(InputError):
        find_fixed_point(two_doors(), M, tol=tol, start=start)


def test_cooling_reaches_what_newton_alone_does_not() -> None:
    """A reward so steep and a temperature so low that the iteration from the start stalls at a residual of 0.3."""
    game = crowd_grid(kappa=10.0, eta=0.005)
    found = find_fixed_point(game, math.inf)
    assert found.converged
    judged(game, found, math.inf)
