"""C_op and K_F of games without interaction: closed forms and measured slopes."""

from __future__ import annotations

import math

import numpy as np
import pytest

from mfbounds.bounds.linear import linear_constants
from mfbounds.games.affine import AffineGame
from mfbounds.mdp.population import best_response_step


def random_game(seed: int, n_states: int = 4, n_actions: int = 2) -> AffineGame:
    rng = np.random.default_rng(seed)
    kernel = rng.dirichlet(np.full(n_states, 0.5), size=(n_states, n_actions))
    return AffineGame(kernel, rng.random((n_states, n_actions)), gamma=0.9, eta=0.1)


@pytest.mark.parametrize("M", [1, 2, 3])
@pytest.mark.parametrize("probability", [0.95, 0.5, 0.05])
def test_two_states_have_the_second_eigenvalue(probability: float, M: int) -> None:
    """For a symmetric chain on two states both are powers of 2p - 1, the norm without its sign."""
    chain = np.array([[[probability, 1 - probability]], [[1 - probability, probability]]])
    C_op, K_F = linear_constants(AffineGame(chain, np.zeros((2, 1)), gamma=0.9, eta=0.1), M)
    eigenvalue = (2 * probability - 1) ** M
    assert eigenvalue <= C_op.value <= eigenvalue + 1e-12
    assert abs(eigenvalue) <= K_F.value <= abs(eigenvalue) + 1e-12
    assert C_op.certified
    assert K_F.certified


@pytest.mark.parametrize("M", [1, 4])
@pytest.mark.parametrize("seed", range(3))
def test_no_measured_slope_exceeds_them_and_they_are_attained(seed: int, M: int) -> None:
    game, rng = random_game(seed), np.random.default_rng(100 + seed)
    C_op, K_F = linear_constants(game, M)
    centre = np.full(4, 0.25)
    slopes, ratios = [], []
    for _ in range(300):
        x = rng.normal(size=4)
        x = 0.1 * (x - x.mean()) / np.abs(x).max()
        y = best_response_step(game, centre + x, M).law - best_response_step(game, centre, M).law
        slopes.append(float(y @ x / (x @ x)))
        ratios.append(float(np.linalg.norm(y) / np.linalg.norm(x)))
    assert max(slopes) <= C_op.value + 1e-10
    assert max(ratios) <= K_F.value + 1e-10
    # 300 directions of a two-sphere come within a few degrees of the extreme one.
    assert max(slopes) >= C_op.value - 0.05
    assert max(ratios) >= 0.95 * K_F.value


def test_the_stationary_law_is_a_constant_map() -> None:
    C_op, K_F = linear_constants(random_game(0), math.inf)
    assert C_op.value == K_F.value == 0.0


def test_the_stationary_law_needs_one_recurrent_class() -> None:
    apart = AffineGame(np.eye(2)[:, None, :], np.zeros((2, 1)), gamma=0.9, eta=0.1)
    assert linear_constants(apart, math.inf) is None
    C_op, K_F = linear_constants(apart, 1)
    assert C_op.value == pytest.approx(1.0)
    assert K_F.value == pytest.approx(1.0)


def test_interaction_in_the_reward_matters_only_with_a_choice() -> None:
    crowd = np.eye(2)[:, :, None]
    doors = np.array([[[0.9, 0.1], [0.1, 0.9]]] * 2)
    assert linear_constants(AffineGame(doors, crowd * np.ones((2, 2, 2)), gamma=0.9, eta=0.1), 1) is None
    assert linear_constants(AffineGame(doors[:, :1], crowd, gamma=0.9, eta=0.1), 1) is not None


def test_interaction_in_the_kernel_is_not_linear() -> None:
    kernels = np.random.default_rng(0).dirichlet(np.ones(2), size=(2, 2, 1))
    assert linear_constants(AffineGame(kernels, np.zeros((2, 1)), gamma=0.9, eta=0.1), 1) is None


def test_one_state_has_one_population() -> None:
    C_op, K_F = linear_constants(AffineGame(np.ones((1, 2, 1)), np.zeros((1, 2)), gamma=0.9, eta=0.1), 3)
    assert C_op.value == K_F.value == 0.0
