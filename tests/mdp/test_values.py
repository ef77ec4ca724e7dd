from __future__ import annotations

import numpy as np
import pytest
import scipy.sparse as sp

from mfbounds.errors import InputError, NotConvergedError
from mfbounds.games import AffineGame
from mfbounds.mdp import Frozen, evaluate, frozen_occupation, occupation, policy_values

from .oracles import distance, exact_values, meant, random_frozen, with_uneven_rows


@pytest.mark.parametrize("seed", range(40))
def test_the_error_bounds_the_distance_to_exact_values(seed: int) -> None:
    frozen, policy = random_frozen(seed)
    values = policy_values(frozen, policy)
    assert distance(exact_values(frozen, policy), values.V) <= values.error
    # Not absurdly large: some hundred rounding errors of the value, amplified by 1/(1-gamma).
    size = np.abs(values.V).max() + np.abs(frozen.reward).max() + frozen.eta
    assert values.error <= 500 * 2.0**-53 * size / (1.0 - frozen.gamma)


def test_the_error_covers_policies_that_are_normalised_only_to_1e_12() -> None:
    frozen = Frozen(kernel=np.ones((1, 2, 1)), reward=np.ones((1, 2)) * 1e3, gamma=0.99, eta=1.0)
    policy = np.array([[0.5, 0.5 + 9e-13]])
    values = policy_values(frozen, policy)
    assert distance(exact_values(frozen, policy), values.V) <= values.error


@pytest.mark.parametrize("seed", range(20))
def test_the_error_covers_kernels_that_are_normalised_only_to_1e_12(seed: int) -> None:
    frozen, policy = random_frozen(seed)
    frozen = with_uneven_rows(frozen, seed)
    values = policy_values(frozen, policy)
    assert distance(exact_values(meant(frozen), policy), values.V) <= values.error


def test_deterministic_policies_have_no_entropy() -> None:
    game = AffineGame([[[1.0], [1.0]]], [[3.0, -5.0]], gamma=0.75, eta=1e3)
    assert evaluate(game, [[0.0, 1.0]], [1.0]).V[0] == pytest.approx(-20.0, rel=1e-14)


def test_without_discount_values_are_rewards_plus_entropy() -> None:
    frozen, policy = random_frozen(3)
    frozen = Frozen(kernel=frozen.kernel, reward=frozen.reward, gamma=0.0, eta=0.5)
    played = np.where(policy > 0, policy, 1.0)
    expected = (policy * frozen.reward).sum(axis=1) - 0.5 * (played * np.log(played)).sum(axis=1)
    values = policy_values(frozen, policy)
    assert np.abs(values.V - expected).max() <= values.error
    assert (values.Q == frozen.reward).all()


@pytest.mark.parametrize("n_states", [7, 600])
def test_sparse_and_dense_kernels_agree(n_states: int) -> None:
    rng = np.random.default_rng(n_states)
    dense = np.zeros((n_states, 2, n_states))
    for shift in (0, 1, 5):
        dense[np.arange(n_states), :, (np.arange(n_states) + shift) % n_states] = rng.uniform(0.1, 1.0, (n_states, 2))
    dense /= dense.sum(axis=-1, keepdims=True)
    sparse = sp.csr_array(dense.reshape(-1, n_states))
    reward, policy = rng.normal(size=(n_states, 2)), rng.dirichlet([1.0, 1.0], size=n_states)
    first, second = (
        policy_values(Frozen(kernel=kernel, reward=reward, gamma=0.95, eta=0.1), policy) for kernel in (dense, sparse)
    )
    assert np.abs(first.V - second.V).max() <= first.error + second.error < 1e-10
    start = rng.dirichlet(np.ones(n_states))
    occupations = [frozen_occupation(v.frozen, policy, start) for v in (first, second)]
    assert np.abs(occupations[0] - occupations[1]).sum() < 1e-11


@pytest.mark.parametrize("gamma", [0.0, 0.5, 0.9])
def test_occupation_is_the_discounted_sum_of_laws(gamma: float) -> None:
    rng = np.random.default_rng(5)
    kernel, policy = rng.dirichlet(np.ones(4), size=(4, 3)), rng.dirichlet(np.ones(3), size=4)
    game = AffineGame(kernel, np.zeros((4, 3)), gamma=gamma, eta=1.0)
    start = np.array([0.7, 0.3, 0.0, 0.0])
    chain = np.einsum("sa,sat->st", policy, kernel)
    law, total = start.copy(), np.zeros(4)
    for t in range(2000 if gamma else 1):
        total += (1.0 - gamma) * gamma**t * law
        law = law @ chain
    computed = occupation(game, policy, game.start, start)
    assert np.abs(computed - total).sum() < 1e-13
    value = evaluate(game, policy, game.start).V @ start
    entropy = -(policy * np.log(policy)).sum(axis=1)
    assert value == pytest.approx(computed @ entropy / (1.0 - gamma), rel=1e-12)


@pytest.mark.parametrize(
    ("policy", "mu", "message"),
    [
        ([[0.5, 0.6]], [1.0], "policy"),
        ([[0.5, 0.5]], [0.9], "mu"),
        ([[0.5]], [1.0], "policy.shape"),
        ([[np.nan, 1.0]], [1.0], "policy"),
        ([[1.5, -0.5]], [1.0], "policy"),
    ],
)
def test_bad_arguments_are_named(policy: object, mu: object, message: str) -> None:
    game = AffineGame([[[1.0], [1.0]]], [[1.0, 0.0]], gamma=0.5, eta=1.0)
    with pytest.raises(InputError, match=message):
        evaluate(game, policy, mu)


@pytest.mark.parametrize(("gamma", "reward"), [(1.0 - 2.0**-53, 1.0), (0.9999, 1e305)])
def test_a_value_beyond_float64_is_refused(gamma: float, reward: float) -> None:
    game = AffineGame([[[0.5, 0.5]], [[0.5, 0.5]]], [[reward], [reward]], gamma=gamma, eta=1.0)
    try:
        values = evaluate(game, [[1.0], [1.0]], [0.5, 0.5])
    except NotConvergedError as why:
        assert "gamma" in str(why)  # noqa: PT017 - either outcome is right
    else:
        assert np.abs(values.V * (1.0 - gamma) - reward).max() <= values.error * (1.0 - gamma)
