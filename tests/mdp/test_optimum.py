from __future__ import annotations

import numpy as np
import pytest
from flint import arb, ctx
from scipy.optimize import minimize

from mfbounds.errors import InputError
from mfbounds.games import AffineGame
from mfbounds.games.crowd import four_rooms
from mfbounds.mdp import Frozen, certify, freeze, frozen_optimum, hard_optimal, policy_values, soft_optimal

from .oracles import (
    BITS,
    best_deterministic,
    distance,
    exact_soft_policy,
    exact_soft_values,
    exact_values,
    mean_gap,
    random_frozen,
)


@pytest.mark.parametrize("seed", range(40))
@pytest.mark.parametrize("policy_tol", [2.0, 1e-12])
def test_certificates_hold_against_exact_values(seed: int, policy_tol: float) -> None:
    frozen, _ = random_frozen(seed)
    optimum = frozen_optimum(frozen, policy_tol=policy_tol)
    best, own = exact_soft_values(frozen), exact_values(frozen, optimum.policy)
    assert distance(own, optimum.V) <= optimum.error
    with ctx.workprec(BITS):
        oracle = arb("1e-55") * arb(1e-9 + float(np.abs(optimum.V).max()))  # what the oracle itself resolves
        for v_best, v_own, v in zip(best, own, optimum.V, strict=True):
            assert v_best - v_own <= arb(optimum.gap) + oracle
            assert v_best >= arb(float(v)) - arb(optimum.error) - oracle
            assert v_best <= arb(float(v)) + arb(optimum.gap) + arb(optimum.error) + oracle
        for row, computed in zip(exact_soft_policy(frozen, best), optimum.policy, strict=True):
            off = sum((abs(p - arb(float(q))) for p, q in zip(row, computed, strict=True)), arb(0))
            assert off <= arb(optimum.policy_error)


@pytest.mark.parametrize("seed", range(10))
def test_any_policy_is_certified(seed: int) -> None:
    frozen, policy = random_frozen(seed)
    policy = 0.9 * policy + 0.1 / frozen.n_actions
    certified = certify(policy_values(frozen, policy), np.log(policy))
    gap = mean_gap(exact_soft_values(frozen), exact_values(frozen, policy), np.full(frozen.n_states, 1.0))
    assert float(gap.mid()) <= certified.gap * frozen.n_states + 1e-50


def test_one_state_in_closed_form() -> None:
    reward, eta, gamma = np.array([[0.3, -1.0, 2.0]]), 0.7, 0.9
    optimum = soft_optimal(AffineGame(np.ones((1, 3, 1)), reward, gamma=gamma, eta=eta), [1.0])
    weights = np.exp(reward[0] / eta)
    assert np.abs(optimum.policy[0] - weights / weights.sum()).sum() <= optimum.policy_error < 1e-10
    assert optimum.V[0] == pytest.approx(eta * np.log(weights.sum()) / (1 - gamma), rel=1e-13)


def test_an_optimiser_finds_nothing_better() -> None:
    rng = np.random.default_rng(8)
    frozen = Frozen(kernel=rng.dirichlet(np.ones(2), size=(2, 2)), reward=rng.normal(size=(2, 2)), gamma=0.8, eta=0.3)
    optimum = frozen_optimum(frozen)

    def loss(logits: np.ndarray) -> float:
        p = 1.0 / (1.0 + np.exp(-logits))
        policy = np.stack([p, 1.0 - p], axis=1)
        chain = np.einsum("sa,sat->st", policy, frozen.kernel)
        right = (policy * (frozen.reward - frozen.eta * np.log(policy))).sum(axis=1)
        return -float(np.linalg.solve(np.eye(2) - frozen.gamma * chain, right).sum())

    found = minimize(loss, np.zeros(2), method="BFGS", options={"gtol": 1e-10})
    assert -found.fun <= optimum.V.sum() + 2 * (optimum.gap + optimum.error)
    assert -found.fun == pytest.approx(optimum.V.sum(), abs=1e-8)


def test_newton_needs_few_steps_and_any_start_will_do() -> None:
    rng = np.random.default_rng(2)
    frozen = Frozen(kernel=rng.dirichlet(np.ones(6), size=(6, 3)), reward=rng.normal(size=(6, 3)), gamma=0.99, eta=0.01)
    cold = frozen_optimum(frozen)
    corner = np.full((6, 3), np.log(1e-8))
    corner[:, 0] = np.log1p(-2e-8)
    far = frozen_optimum(frozen, start=corner)
    deterministic = frozen_optimum(frozen, start=policy_values(frozen, np.eye(3)[[0, 1, 2, 0, 1, 2]]))
    wrong = frozen_optimum(frozen, guess=rng.normal(scale=100.0, size=6))
    shifted = frozen_optimum(frozen, start=policy_values(frozen, np.full((6, 3), 1 / 3)), guess=cold.V + 1e3)
    for other in (far, deterministic, wrong, shifted):
        assert np.abs(cold.V - other.V).max() <= cold.gap + cold.error + other.gap + other.error


@pytest.mark.parametrize("seed", range(20))
def test_hard_optimum_is_the_best_deterministic_policy(seed: int) -> None:
    frozen, _ = random_frozen(seed)
    optimum = hard_optimal(frozen)
    best = best_deterministic(frozen)
    slack = 1e-13 * np.abs(best).max() / (1.0 - frozen.gamma) + 1e-300
    assert (best <= optimum.V + optimum.gap + optimum.error + slack).all()
    assert (best >= optimum.V - optimum.error - slack).all()
    assert (optimum.policy.sum(axis=1) == 1.0).all()


def test_howard_goes_on_from_the_values_at_another_population() -> None:
    """The same kernel and other rewards: chain and factors are used again, and the answer is the same to the last bit."""
    rng = np.random.default_rng(4)
    kernel = rng.dirichlet(np.ones(7), size=(7, 3))
    first, second = (Frozen(kernel=kernel, reward=rng.normal(size=(7, 3)), gamma=0.95, eta=0.1) for _ in range(2))
    before = hard_optimal(first)
    again = hard_optimal(second, before.values)
    actions = hard_optimal(second, before.policy.argmax(axis=1))
    assert (again.V == actions.V).all()
    assert (again.policy == actions.policy).all()
    assert np.abs(again.V - best_deterministic(second)).max() <= again.gap + again.error + 1e-12


def test_ties_do_not_make_howard_cycle() -> None:
    frozen = Frozen(kernel=np.full((3, 4, 3), 1 / 3), reward=np.full((3, 4), 0.1), gamma=0.9999, eta=1.0)
    optimum = hard_optimal(frozen)
    assert np.abs(optimum.V - 0.1 / (1.0 - 0.9999)).max() <= optimum.error


@pytest.mark.parametrize("tol", [0.0, -1.0, np.nan])
def test_a_tolerance_must_be_positive(tol: float) -> None:
    game = AffineGame(np.ones((1, 2, 1)), np.ones((1, 2)), gamma=0.5, eta=1.0)
    with pytest.raises(InputError, match="tol"):
        soft_optimal(game, [1.0], tol)


@pytest.mark.parametrize("seed", range(6))
def test_optima_of_rooms_are_found_from_anywhere_by_factors_nearby(seed: int) -> None:
    """Newton's steps are solved roughly while they are large: that must not end the search early."""
    rng = np.random.default_rng(seed)
    game = four_rooms(size=21, target=(20, 20))
    frozen = freeze(game, rng.dirichlet(np.full(game.n_states, 0.05)))
    cold = frozen_optimum(frozen)
    for start, guess in (
        (None, 10.0 * rng.normal(size=game.n_states)),
        (None, cold.V + 1e-3 * rng.normal(size=game.n_states)),
        (policy_values(frozen, rng.dirichlet(np.ones(5), size=game.n_states)), None),
        (policy_values(frozen, np.eye(5)[rng.integers(5, size=game.n_states)]), np.zeros(game.n_states)),
    ):
        found = frozen_optimum(frozen, start=start, guess=guess, policy_tol=1e-9)
        assert np.abs(found.V - cold.V).max() <= found.gap + found.error + cold.gap + cold.error < 1e-9
        assert found.policy_error <= 1e-9
        assert np.abs(found.policy - cold.policy).sum(axis=1).max() <= found.policy_error + cold.policy_error
