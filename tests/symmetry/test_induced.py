"""Symmetrisation, Kuhn interpolation, heterogeneity and moduli, against brute force."""

from __future__ import annotations

import itertools
from fractions import Fraction

import numpy as np
import pytest

from mfbounds.errors import InputError, UnknownNameError
from mfbounds.games.dynamic import CountGame, TabularGame
from mfbounds.games.dynamic.random import dynamic_families, random_dynamic
from mfbounds.symmetry import induced_game, symmetrise
from mfbounds.symmetry.heterogeneity import heterogeneity
from mfbounds.symmetry.kuhn import kuhn_weights
from mfbounds.symmetry.moduli import lattice_modulus, moduli

SMALL = [(family, seed) for family in dynamic_families() for seed in (1, 4, 6)]


def others_of(game: TabularGame) -> list[tuple[int, ...]]:
    return list(itertools.product(range(game.n_pairs), repeat=game.n_others))


def place(game: TabularGame, joint: tuple[int, ...]) -> int:
    number = 0
    for x in joint:
        number = number * game.n_pairs + x
    return number


def full(table: np.ndarray, game: TabularGame) -> np.ndarray:
    return np.repeat(table, game.n_pairs**game.n_others, axis=3) if table.shape[3] == 1 else table


@pytest.mark.parametrize(("family", "seed"), SMALL)
def test_sym_is_the_mean_over_all_permutations(family: str, seed: int) -> None:
    game = random_dynamic(family, seed)
    tables = symmetrise(game)
    kernels, rewards = full(game.kernels, game), full(game.reward_table, game)
    for joint in others_of(game)[:: max(1, len(others_of(game)) // 25)]:
        counts = np.bincount(joint, minlength=game.n_pairs)
        point = int(tables.lattice.index(counts))
        orders = [place(game, order) for order in itertools.permutations(joint)]
        assert np.allclose(tables.kernels[point], kernels[:, :, :, orders].mean(axis=(0, 3)), rtol=0, atol=1e-14)
        assert np.allclose(tables.rewards[point], rewards[:, :, :, orders].mean(axis=(0, 3)), rtol=0, atol=1e-14)


@pytest.mark.parametrize(("family", "seed"), SMALL)
def test_alpha_and_beta_are_maxima_over_everything(family: str, seed: int) -> None:
    game = random_dynamic(family, seed)
    tables, found = symmetrise(game), heterogeneity(game)
    kernels, rewards = full(game.kernels, game), full(game.reward_table, game)
    alpha = beta = 0.0
    for joint in others_of(game):
        point = int(tables.lattice.index(np.bincount(joint, minlength=game.n_pairs)))
        alpha = max(alpha, np.abs(kernels[:, :, :, place(game, joint)] - tables.kernels[point]).sum(axis=-1).max())
        beta = max(beta, np.abs(rewards[:, :, :, place(game, joint)] - tables.rewards[point]).max())
    assert alpha <= found.alpha.value <= alpha + 1e-12
    assert beta <= found.beta.value <= beta + 1e-12
    if family == "symmetric":
        assert found.alpha.value < 1e-12


@pytest.mark.parametrize("seed", range(40))
def test_kuhn_weights_are_convex_and_reproduce_the_point(seed: int) -> None:
    rng = np.random.default_rng(seed)
    cells, agents = int(rng.integers(1, 7)), int(rng.integers(1, 9))
    mu = rng.dirichlet(np.full(cells, rng.choice([0.1, 1.0, 5.0])))
    counts, weights = kuhn_weights(mu, agents)
    assert len(weights) <= cells
    assert (weights > 0).all()
    assert abs(weights.sum() - 1.0) < 1e-12
    assert (counts >= 0).all()
    assert (counts.sum(axis=1) == agents).all()
    assert np.allclose(weights @ counts / agents, mu, rtol=0, atol=1e-12)


def test_kuhn_interpolation_is_exact_on_the_lattice_and_linear_in_one_dimension() -> None:
    game = random_dynamic("dense", 6)
    tables, induced = symmetrise(game), induced_game(game, "kuhn")
    for point, mu in enumerate(tables.lattice.distributions[:40]):
        mu = mu.reshape(game.n_states, game.n_actions)
        assert np.allclose(induced.reward(mu), tables.rewards[point], rtol=0, atol=1e-9)
        assert np.allclose(induced.kernel(mu), tables.kernels[point], rtol=0, atol=1e-9)
    two = TabularGame.of(np.ones((3, 1, 2, 4, 1)), np.arange(24.0).reshape(3, 1, 2, 4), horizon=1)
    line, values = induced_game(two, "kuhn"), symmetrise(two).rewards
    for third in range(7):
        share = Fraction(third, 6)
        mu = np.array([[float(share), float(1 - share)]])
        position = 2 * (1 - share)  # points are (2, 0), (1, 1), (0, 2)
        low = min(int(position), 1)
        expected = values[low] + float(position - low) * (values[low + 1] - values[low])
        assert np.allclose(line.reward(mu), expected, rtol=0, atol=1e-12)


@pytest.mark.parametrize(("family", "seed"), SMALL)
def test_moduli_bound_random_pairs_and_are_attained_on_the_lattice(family: str, seed: int) -> None:
    game = random_dynamic(family, seed)
    induced = induced_game(game, "kuhn")
    slopes, rng = moduli(game, induced), np.random.default_rng(seed)
    for _ in range(60):
        mu, other = rng.dirichlet(np.full(game.n_pairs, 0.5), size=2).reshape(2, game.n_states, game.n_actions)
        distance = np.abs(mu - other).sum()
        rows = np.abs(induced.kernel(mu) - induced.kernel(other)).sum(axis=-1).max()
        assert rows <= slopes.K_mu.value * distance + 1e-12
        assert np.abs(induced.reward(mu) - induced.reward(other)).max() <= slopes.L_mu.value * distance + 1e-12
        flat = induced.kernel(mu).reshape(game.n_pairs, -1)
        assert np.abs(flat[:, None] - flat[None]).sum(axis=-1).max() <= slopes.K_sa.value + 1e-12


@pytest.mark.parametrize("seed", range(4))
def test_single_moves_give_the_lattice_modulus(seed: int) -> None:
    """Against the maximum over all pairs of lattice points."""
    game = random_dynamic("nearly deterministic", seed)
    tables = symmetrise(game)
    values = tables.rewards.reshape(tables.lattice.size, -1, 1)
    mus = tables.lattice.distributions
    largest = 0.0
    for i, j in itertools.combinations(range(min(tables.lattice.size, 150)), 2):
        largest = max(largest, np.abs(values[i] - values[j]).max() / np.abs(mus[i] - mus[j]).sum())
    found = lattice_modulus(tables.lattice, values)
    assert largest <= found * (1 + 1e-12)
    if tables.lattice.size <= 150:
        assert largest >= found * (1 - 1e-12)


def crowd(lifted: bool) -> CountGame:
    def reward(players, states, actions, others):
        return -others[..., 0] / 4 + 0.0 * players

    closed = (lambda mu: np.full((1, 2), -mu[0, 0])) if lifted else None
    return CountGame.of(
        np.ones((1, 1, 2, 1)), reward, n_players=5, n_states=1, n_actions=2, horizon=1,
        reward_range=(-1.0, 0.0), lifted_reward=closed,
    )  # fmt: skip


def test_closed_form_and_kuhn_agree_on_an_affine_reward_and_missing_closed_forms_are_told() -> None:
    mu = np.array([[0.3, 0.7]])
    assert np.allclose(induced_game(crowd(True)).reward(mu), induced_game(crowd(False)).reward(mu), rtol=0, atol=1e-15)
    assert induced_game(crowd(True)).extension == "analytic"
    assert induced_game(crowd(False)).extension == "Kuhn"
    with pytest.raises(InputError, match="the game has no closed form"):
        induced_game(crowd(False), "analytic")
    with pytest.raises(UnknownNameError, match="kuhn"):
        induced_game(crowd(True), "khun")
