"""A-4: the coefficient against a long explicit sum, its certified bound, and what breaks it."""

from __future__ import annotations

import numpy as np
import pytest

from mfbounds.bounds.concentrability import a4, concentrability, enough_visits, worst_concentrability
from mfbounds.bounds.problem import Problem
from mfbounds.bounds.symbols import K
from mfbounds.games.random import random_game
from mfbounds.mdp.optimum import soft_optimal


def by_power_series(problem: Problem, mu: np.ndarray) -> np.ndarray:
    """d_{s0}(s) by summing gamma^t (P^pi)^t, one row for each start."""
    game = problem.game
    policy = soft_optimal(game, mu, tol=1e-14).policy
    chain = np.einsum("sa,sat->st", policy, game.kernel(mu))
    power, total = np.eye(game.n_states), np.zeros((game.n_states,) * 2)
    for t in range(4000):
        total += (1 - game.gamma) * game.gamma**t * power
        power = power @ chain
    return total


@pytest.mark.parametrize("seed", range(4))
def test_coefficients_against_the_power_series(seed):
    game = random_game("dense", seed, n_states=4, gamma=0.9, eta=0.5)
    game = game.replace(restart=np.array([0.1, 0.2, 0.3, 0.4]))
    problem, mu = Problem(game), np.array([0.4, 0.3, 0.2, 0.1])
    d, found = by_power_series(problem, mu), concentrability(Problem(game), mu)
    for measured, expected in (
        (found.mean, (d / game.restart).sum(axis=1).max()),
        (found.square, (d**2 / game.restart).sum(axis=1).max()),
        (found.from_mu, (mu @ d / game.restart).max()),
    ):
        assert abs(measured.value - expected) <= measured.error + 1e-9
    largest, _ = worst_concentrability(problem)
    result = a4(problem, {})
    assert (1 - game.gamma) / game.restart.min() <= largest <= result.value == 1 / game.restart.min()


def test_a_state_without_restart_mass_is_named():
    game = random_game("dense", 0, n_states=3).replace(restart=[0.5, 0.5, 0.0])
    result = a4(Problem(game), {})
    assert result.holds is False
    assert "nu[2] == 0.0" in result.reason
    assert concentrability(Problem(game), game.start).mean.value == np.inf


def test_enough_visits_is_chernoff_at_the_shared_confidence():
    game = random_game("dense", 0, n_states=3, gamma=0.5)
    nu = float(game.restart.min())
    case = {"L": 9, "K": 4, "delta": 0.1}
    least = 8 / (0.5 * nu) * np.log(2 * 10 * 3 / (0.1 / 8))
    hypothesis = enough_visits(K)
    assert hypothesis(Problem(game), {**case, "I": int(np.ceil(least * (1 + 1e-12)))}).holds
    assert not hypothesis(Problem(game), {**case, "I": int(least) - 1}).holds
