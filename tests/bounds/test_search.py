"""The search for the worst pair, against closed forms and against directions drawn at random."""

from __future__ import annotations

import math

import numpy as np
import pytest

from mfbounds.bounds.linear import linear_constants
from mfbounds.bounds.search import near_pair, slopes, worst_pair
from mfbounds.errors import InputError, NotUnichainError
from mfbounds.games.affine import AffineGame
from mfbounds.mdp.population import best_response_step


def two_doors(attraction: float, gamma: float = 0.9, eta: float = 0.1) -> AffineGame:
    doors = np.array([[[0.9, 0.1], [0.1, 0.9]]] * 2)
    return AffineGame(doors, attraction * np.eye(2)[:, :, None] * np.ones((2, 2, 2)), gamma=gamma, eta=eta)


def random_game(seed: int, n_states: int = 4) -> AffineGame:
    rng = np.random.default_rng(seed)
    kernels = rng.dirichlet(np.ones(n_states), size=(n_states, n_states, 2))
    return AffineGame(kernels, rng.random((n_states, n_states, 2)), gamma=0.9, eta=0.1)


@pytest.mark.parametrize(("gamma", "eta"), [(0.9, 0.1), (0.5, 0.2), (0.99, 1.0)])
def test_two_doors_with_attraction_have_the_closed_form(gamma: float, eta: float) -> None:
    """Derivative at (1/2, 1/2), where it is largest: 0.32 gamma/eta; there the curvature is of second order."""
    found = worst_pair(two_doors(1.0, gamma, eta))
    expected = 0.32 * gamma / eta
    for value in (found.C_op, found.K_F):
        assert value.error < 1e-5
        assert value.value <= expected + value.error
        assert value.value >= expected * (1 - 1e-3)
    assert found.mu == pytest.approx([0.5, 0.5], abs=0.02)


def test_two_doors_with_aversion_have_a_large_norm_and_no_positive_slope() -> None:
    found = worst_pair(two_doors(-1.0))
    assert found.C_op.value <= 0.0
    assert found.K_F.value == pytest.approx(2.88, rel=1e-3)
    assert np.abs(found.mu_K - found.mu).max() > 1e-3  # the two witnesses differ


@pytest.mark.parametrize("M", [1, 3])
@pytest.mark.parametrize("seed", range(2))
def test_the_reported_pairs_reproduce_the_reported_slopes(seed: int, M: int) -> None:
    game = random_game(seed)
    found = worst_pair(game, M, seed=seed)
    for mu, other, name in ((found.mu, found.mu_2, "C_op"), (found.mu_K, found.mu_2_K, "K_F")):
        again = slopes(mu, best_response_step(game, mu, M), other, best_response_step(game, other, M))[name]
        reported = getattr(found, name)
        assert abs(again.value - reported.value) <= again.error + reported.error
        assert mu.min() >= 0.0
        assert mu.sum() == pytest.approx(1.0, abs=1e-12)


@pytest.mark.parametrize("seed", range(3))
def test_no_random_pair_does_clearly_better(seed: int) -> None:
    game, rng = random_game(10 + seed), np.random.default_rng(seed)
    found = worst_pair(game)
    best = {"C_op": -math.inf, "K_F": 0.0}
    for i in range(400):
        mu, other = rng.dirichlet(np.ones(4)), rng.dirichlet(np.ones(4))
        other = other if i % 2 else 0.999 * mu + 0.001 * other
        for name, value in slopes(mu, best_response_step(game, mu), other, best_response_step(game, other)).items():
            best[name] = max(best[name], value.value - value.error)
    assert found.C_op.value >= best["C_op"] - 0.02 * abs(best["C_op"])
    assert found.K_F.value >= 0.98 * best["K_F"]


@pytest.mark.parametrize("effort", [400, 24])
def test_linear_games_bound_the_search_and_large_ones_need_no_jacobian(effort: int) -> None:
    rng = np.random.default_rng(0)
    kernel = rng.dirichlet(np.full(12, 0.3), size=(12, 2))
    game = AffineGame(kernel, rng.random((12, 2)), gamma=0.9, eta=0.1)
    C_op, K_F = linear_constants(game, 1)
    found = worst_pair(game, effort=effort)
    assert found.C_op.value - found.C_op.error <= C_op.value
    assert found.K_F.value - found.K_F.error <= K_F.value
    if effort == 400:
        assert found.C_op.value + found.C_op.error >= C_op.value - 1e-4
        assert found.K_F.value + found.K_F.error >= K_F.value - 1e-4


def test_the_same_seed_gives_the_same_pair() -> None:
    one, two = (worst_pair(random_game(3), seed=5, effort=100) for _ in range(2))
    assert one.C_op == two.C_op
    assert (one.mu == two.mu).all()


def test_the_stationary_law_is_searched_too() -> None:
    found = worst_pair(two_doors(1.0), math.inf)
    assert found.C_op.value == pytest.approx(2.88, rel=1e-3)  # equal rows: one step is already stationary


def test_several_recurrent_classes_are_reported() -> None:
    apart = AffineGame(np.eye(2)[:, None, :], np.zeros((2, 1)), gamma=0.9, eta=0.1)
    with pytest.raises(NotUnichainError):
        worst_pair(apart, math.inf)


def test_one_state_has_no_pair() -> None:
    with pytest.raises(InputError, match="one population"):
        worst_pair(AffineGame(np.ones((1, 1, 1)), np.zeros((1, 1)), gamma=0.9, eta=0.1))


def test_near_pairs_stay_in_the_simplex_and_have_zero_mass() -> None:
    rng = np.random.default_rng(0)
    for _ in range(100):
        centre = rng.dirichlet(np.full(5, 0.2)) * 0.99 + 0.002
        first, second = near_pair(centre, rng.normal(size=5))
        assert min(first.min(), second.min()) > 0.0
        assert abs((second - first).sum()) <= 5 * 2.0**-52  # one rounding for each of five entries below 1
    assert near_pair(centre, np.full(5, 0.1)) is None
