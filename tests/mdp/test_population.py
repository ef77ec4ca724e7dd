from __future__ import annotations

import math
from dataclasses import replace
from typing import Any

import numpy as np
import pytest
from flint import arb, ctx

from mfbounds.errors import InputError, NotUnichainError
from mfbounds.games import AffineGame
from mfbounds.games.random import two_doors
from mfbounds.mdp import Frozen, best_response_step, freeze, frozen_step, push

from .oracles import (
    BITS,
    exact_law,
    exact_soft_policy,
    exact_soft_values,
    gth,
    meant,
    random_frozen,
    with_uneven_rows,
)


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


@pytest.mark.parametrize("uneven", [False, True])
@pytest.mark.parametrize("M", [1, 2, 7, 60, math.inf])
@pytest.mark.parametrize("seed", range(12))
def test_steps_lie_within_their_error_of_exact_arithmetic(seed: int, M: float, uneven: bool) -> None:
    """Where rows miss mass 1, as far as an input check lets them, the process meant is that of their exact shares."""
    frozen, _ = random_frozen(seed)
    frozen = replace(frozen, kernel=0.9 * frozen.kernel + 0.1 / frozen.n_states)  # far below 10^4 steps mix
    frozen = with_uneven_rows(frozen, seed) if uneven else frozen
    mu = np.random.default_rng(seed).dirichlet(np.ones(frozen.n_states))
    step = frozen_step(frozen, mu, M)
    exact = meant(frozen)
    policy = exact_soft_policy(exact, exact_soft_values(exact))
    law = exact_law(exact, policy, mu, 10_000 if M == math.inf else int(M))
    with ctx.workprec(BITS):
        off = sum((abs(a - arb(float(b))) for a, b in zip(law, step.law, strict=True)), arb(0))
        apart = [
            sum((abs(a - arb(float(b))) for a, b in zip(row, mine, strict=True)), arb(0))
            for row, mine in zip(policy, step.policy, strict=True)
        ]
        assert off <= arb(step.error_l1) + arb("1e-60")
        assert all(row <= arb(step.policy_error) + arb("1e-40") for row in apart)


@pytest.mark.parametrize(("M", "tol"), [(0, 1e-12), (1.5, 1e-12), (-math.inf, 1e-12), (True, 1e-12), (1, 0.0)])
def test_arguments_out_of_range(M: Any, tol: float) -> None:
    game = AffineGame(np.ones((1, 1, 1)), np.ones((1, 1)), gamma=0.5, eta=1.0)
    with pytest.raises(InputError, match=r"M|tol"):
        best_response_step(game, [1.0], M, tol=tol)
