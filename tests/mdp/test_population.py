from __future__ import annotations

import math
from typing import Any

import numpy as np
import pytest

from mfbounds.errors import InputError, NotUnichainError
from mfbounds.games import AffineGame
from mfbounds.games.random import two_doors
from mfbounds.mdp import Frozen, best_response_step, freeze, frozen_step, push

from .oracles import gth


def frozen_chain(chain: np.ndarray) -> tuple[Frozen, np.ndarray]:
    size = len(chain)
    return Frozen(kernel=chain[:, None, :], reward=np.zeros((size, 1)), gamma=0.5, eta=1.0), np.ones((size, 1))


@pytest.mark.parametrize("M", [1, 2, 7, 60, 1000, 12345])
def test_m_steps_are_a_matrix_power(M: int) -> None:
    rng = np.random.default_rng(M)
    chain, xi = rng.dirichlet(np.ones(5), size=5), rng.dirichlet(np.ones(5))
    chain = 0.01 * chain + 0.99 * np.roll(np.eye(5), 1, axis=0)
    frozen, policy = frozen_chain(chain)
    pushed = push(frozen, policy, xi, M)
    assert np.abs(pushed - xi @ np.linalg.matrix_power(chain, M)).sum() < 1e-11
    assert pushed.sum() == pytest.approx(1.0, abs=4e-16)


def test_a_period_is_kept_over_any_number_of_steps() -> None:
    frozen, policy = frozen_chain(np.array([[0.0, 1.0], [1.0, 0.0]]))
    for M in (1, 99, 10**6 + 1):
        assert push(frozen, policy, np.array([1.0, 0.0]), M).tolist() == [0.0, 1.0]
    assert push(frozen, policy, np.array([1.0, 0.0]), math.inf).tolist() == [0.5, 0.5]


def test_infinitely_many_steps_are_the_stationary_law() -> None:
    chain = np.random.default_rng(0).dirichlet(np.ones(6), size=6)
    frozen, policy = frozen_chain(chain)
    assert np.abs(push(frozen, policy, np.eye(6)[0], math.inf) - gth(chain)).sum() < 1e-13
    with pytest.raises(NotUnichainError):
        push(*frozen_chain(np.eye(3)), np.eye(3)[0], math.inf)


@pytest.mark.parametrize("M", [1, 3, math.inf])
def test_two_doors_in_closed_form(M: float) -> None:
    """Every state offers the same choice, so V's difference is the reward's and the policy is explicit."""
    game, mu = two_doors(gamma=0.9, eta=0.1, slip=0.1, attraction=1.0), np.array([0.3, 0.7])
    step = best_response_step(game, mu, M)
    odds = math.exp(0.9 * (1 - 2 * 0.1) * (mu[0] - mu[1]) / 0.1)
    first = odds / (1.0 + odds)
    law = np.array([0.9 * first + 0.1 * (1 - first), 0.1 * first + 0.9 * (1 - first)])
    assert np.abs(step.policy - [first, 1 - first]).sum(axis=1).max() <= step.policy_error < 1e-11
    assert np.abs(step.law - law).sum() <= step.error_l1 < 1e-10


def test_the_mass_is_kept_over_ten_thousand_outer_steps() -> None:
    game = two_doors(attraction=-1.0)
    mu = np.array([0.9, 0.1])
    for _ in range(10_000):
        mu = 0.5 * mu + 0.5 * frozen_step(freeze(game, mu), mu, 1).law
    assert mu.sum() == pytest.approx(1.0, abs=1e-14)


@pytest.mark.parametrize(("M", "tol"), [(0, 1e-12), (1.5, 1e-12), (-math.inf, 1e-12), (True, 1e-12), (1, 0.0)])
def test_arguments_out_of_range(M: Any, tol: float) -> None:
    game = AffineGame(np.ones((1, 1, 1)), np.ones((1, 1)), gamma=0.5, eta=1.0)
    with pytest.raises(InputError, match=r"M|tol"):
        best_response_step(game, [1.0], M, tol=tol)
