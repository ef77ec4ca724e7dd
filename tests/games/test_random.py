"""Random families: each has the property that its name promises, and the same arguments give the same game."""

from __future__ import annotations

import itertools
import json
import math

import numpy as np
import pytest
import scipy.sparse as sp

from mfbounds.errors import InputError, UnknownNameError
from mfbounds.games.affine import AffineGame
from mfbounds.games.random import families, garnet, random_affine, random_game, two_doors

SEEDS = range(25)


def vertex_kernels(game: AffineGame) -> np.ndarray:
    """(V, S, A, S) with V = S, or 1 when mu plays no role."""
    kernels = game.fixed_kernel if game.vertex_kernels is None else game.vertex_kernels
    if sp.issparse(kernels) or isinstance(kernels, tuple):
        stack = [kernels] if sp.issparse(kernels) else kernels
        return np.array([k.toarray().reshape(game.n_states, game.n_actions, game.n_states) for k in stack])
    return kernels.reshape(-1, game.n_states, game.n_actions, game.n_states)


def vertex_rewards(game: AffineGame) -> np.ndarray:
    rewards = game.fixed_reward if game.vertex_rewards is None else game.vertex_rewards
    return rewards.reshape(-1, game.n_states, game.n_actions)


def project(x: np.ndarray) -> np.ndarray:
    """Off the all-ones vector, along the first axis."""
    return x - x.mean(axis=0)


def best_response_law(game: AffineGame, mu: np.ndarray) -> np.ndarray:
    """F_1(mu), by soft value iteration."""
    kernel, reward, V = game.kernel(mu), game.reward(mu), np.zeros(game.n_states)
    for _ in range(int(40 / (1 - game.gamma))):
        Q = reward + game.gamma * kernel @ V
        top = Q.max(axis=1)
        weights = np.exp((Q - top[:, None]) / game.eta)
        V = top + game.eta * np.log(weights.sum(axis=1))
    policy = weights / weights.sum(axis=1, keepdims=True)
    return np.einsum("s,sa,sat->t", mu, policy, kernel)


@pytest.mark.parametrize("family", families())
def test_same_arguments_same_game(family: str) -> None:
    games = [random_game(family, seed) for seed in SEEDS]
    for seed, game in zip(SEEDS, games, strict=True):
        again = random_game(family, seed)
        np.testing.assert_array_equal(vertex_kernels(game), vertex_kernels(again))
        np.testing.assert_array_equal(vertex_rewards(game), vertex_rewards(again))
        assert (game.gamma, game.eta) == (again.gamma, again.eta)
        assert json.loads(json.dumps(dict(game.origin.arguments))) == {"family": family, "seed": seed}
    assert len({game.eta for game in games}) == len(games)
    assert len({game.gamma for game in games}) >= 4


@pytest.mark.parametrize("family", families())
def test_what_is_given_is_taken_and_the_rest_stays(family: str) -> None:
    drawn = random_game(family, 5)
    given = random_game(family, 5, gamma=0.7, eta=0.123)
    assert (given.gamma, given.eta) == (0.7, 0.123)
    assert (given.n_states, given.n_actions) == (drawn.n_states, drawn.n_actions)
    assert given.origin.arguments == {"family": family, "seed": 5, "gamma": 0.7, "eta": 0.123}


def test_sizes_and_temperatures_vary() -> None:
    games = [random_game("dense", seed) for seed in range(200)]
    assert {game.n_states for game in games} == set(range(2, 7))
    assert {game.n_actions for game in games} == {2, 3, 4}
    assert min(game.eta for game in games) < 0.1
    assert max(game.eta for game in games) > 2.5
    assert all(0.05 <= game.eta <= 5.0 for game in games)


@pytest.mark.parametrize("seed", SEEDS)
def test_contractive_games_have_a_certified_contraction(seed: int) -> None:
    """K_F < 1 at M = 1, with rho_1, kappa_A, L_P, L_r by enumeration (P1, Lemma E.6, repaired)."""
    game = random_game("contractive", seed)
    P, r, (S, A) = vertex_kernels(game), vertex_rewards(game), (game.n_states, game.n_actions)
    flat = P.reshape(len(P), S * A, S)
    rho_1 = 0.5 * np.abs(flat[:, :, None] - flat[:, None, :]).sum(axis=-1).max()
    kappa_A = 0.5 * np.abs(P[:, :, :, None] - P[:, :, None, :]).sum(axis=-1).max()
    signs = np.array(list(itertools.product((-1.0, 1.0), repeat=S))).T
    L_P = np.linalg.norm(project(flat @ signs), axis=0).max()
    L_r = np.linalg.norm(project(r), axis=0).max()
    V_max = (game.R + game.eta * math.log(A)) / (1 - game.gamma)
    K_pi = (L_r + game.gamma / 2 * L_P * V_max) / (1 - game.gamma) / game.eta
    assert (kappa_A * K_pi + L_P + rho_1 * math.sqrt(S)) / math.sqrt(2.0) < 0.951
    assert L_P > 0.0
    assert L_r > 0.0


def test_two_doors_has_three_equilibria() -> None:
    game = two_doors()
    populations = [np.array([x, 1.0 - x]) for x in np.linspace(0.0, 1.0, 401)]
    moves = np.array([best_response_law(game, mu)[0] - mu[0] for mu in populations])
    assert np.flatnonzero(np.diff(np.sign(moves[np.abs(moves) > 1e-12]))).size == 3
    assert best_response_law(game, np.array([0.10261, 0.89739]))[0] == pytest.approx(0.10261, abs=1e-5)


@pytest.mark.parametrize("seed", SEEDS)
def test_several_equilibria(seed: int) -> None:
    """F_1 keeps the line towards door 0 and leaves the uniform population on it in both directions."""
    game = random_game("several-equilibria", seed)
    S = game.n_states
    line = [np.array([x] + [(1.0 - x) / (S - 1)] * (S - 1)) for x in (0.0, 1 / S - 1e-4, 1 / S, 1 / S + 1e-4, 1.0)]
    images = [best_response_law(game, mu) for mu in line]
    moves = [image[0] - mu[0] for image, mu in zip(images, line, strict=True)]
    assert all(np.ptp(image[1:]) <= 1e-12 for image in images)
    assert moves[2] == pytest.approx(0.0, abs=1e-12)
    assert moves[0] > -1e-15
    assert moves[1] < -1e-5
    assert moves[3] > 1e-5
    assert moves[4] < 1e-15


@pytest.mark.parametrize("seed", SEEDS)
def test_each_family_is_what_it_says(seed: int) -> None:
    game = {family: random_game(family, seed) for family in families()}
    for family, in_kernel, in_reward in [
        ("dense", True, True),
        ("kernel-coupled", True, False),
        ("reward-coupled", False, True),
        ("no-interaction", False, False),
        ("crowd-averse", False, True),
        ("crowd-attracting", False, True),
        ("zero-rewards", True, False),
    ]:
        coupled = (game[family].vertex_kernels is not None, game[family].vertex_rewards is not None)
        assert coupled == (in_kernel, in_reward), family
    for family, sign in [("crowd-averse", -1.0), ("crowd-attracting", 1.0)]:
        crowd = vertex_rewards(game[family])
        for x, s in itertools.permutations(range(game[family].n_states), 2):
            assert (sign * (crowd[s, s] - crowd[x, s]) >= 0.1 - 1e-12).all()
    assert not vertex_rewards(game["zero-rewards"]).any()
    assert game["one-action"].n_actions == 1
    assert game["one-state"].n_states == 1
    assert game["point-start"].start.max() == game["point-start"].restart.max() == 1.0
    assert set(np.unique(vertex_kernels(game["deterministic"]))) == {0.0, 1.0}
    np.testing.assert_array_equal(vertex_kernels(game["ties"])[..., 0, :], vertex_kernels(game["ties"])[..., 1, :])
    np.testing.assert_array_equal(vertex_rewards(game["ties"])[..., 0], vertex_rewards(game["ties"])[..., 1])
    stuck = (vertex_kernels(game["absorbing"]) == 1.0).all(axis=(0, 2))
    assert np.diag(stuck).any()
    steps = vertex_kernels(game["periodic"]).sum(axis=(0, 2)) > 0
    assert not np.diag(steps @ steps @ steps).any()
    assert game["huge-rewards"].R > 1e5
    assert game["tiny-rewards"].R < 1e-6
    assert game["negative-rewards"].reward_range[1] < 0.0


@pytest.mark.parametrize("coupling", ["both", "kernel", "reward", "none"])
def test_garnet_is_the_same_sparse_and_dense(coupling: str) -> None:
    sparse, full = (garnet(seed=4, n_states=7, coupling=coupling, sparse=flag) for flag in (True, False))
    np.testing.assert_array_equal(vertex_kernels(sparse), vertex_kernels(full))
    np.testing.assert_array_equal(vertex_rewards(sparse), vertex_rewards(full))
    assert ((vertex_kernels(full).sum(axis=0) > 0).sum(axis=-1) == 3).all()
    coupled = (full.vertex_kernels is not None, full.vertex_rewards is not None)
    assert coupled == (coupling in ("both", "kernel"), coupling in ("both", "reward"))


def test_strength_zero_means_no_interaction() -> None:
    game = garnet(seed=4, strength=0.0)
    assert np.ptp(vertex_kernels(game), axis=0).max() == 0.0
    assert np.ptp(vertex_rewards(game), axis=0).max() == 0.0


def test_large_garnet_is_sparse() -> None:
    game = garnet(seed=0, n_states=3000, n_actions=2, branching=4, coupling="none")
    assert sp.issparse(game.fixed_kernel)
    assert (np.diff(game.fixed_kernel.indptr) == 4).all()


def test_numpy_integers_leave_a_json_origin() -> None:
    game = garnet(seed=np.int64(3), n_states=np.int64(4))
    assert json.dumps(dict(game.origin.arguments))


@pytest.mark.parametrize(
    ("call", "message"),
    [
        (lambda: random_game("dense", -1), "seed == -1"),
        (lambda: random_game("dense", 1.5), "seed == 1.5"),
        (lambda: random_game("dense", 0, n_states=1), "n_states == 1"),
        (lambda: random_game("one-state", 0, n_states=2), "n_states == 2, must be 1"),
        (lambda: random_game("one-action", 0, n_actions=2), "n_actions == 2, must be 1"),
        (lambda: random_game("several-equilibria", 0, n_states=3, n_actions=2), "must be n_states"),
        (lambda: random_game("several-equilibria", 0, gamma=0.0), "must be > 0"),
        (lambda: random_game("dense", 0, eta=-1.0), "eta == -1.0"),
        (lambda: random_game("dense", 0, gamma=1.0), "gamma == 1.0"),
        (lambda: random_game("dense", 0, n_states=10_000), "must be smaller"),
        (lambda: random_affine(seed=0, concentration=0.0), "concentration == 0.0"),
        (lambda: random_affine(seed=0, n_states=0), "n_states == 0"),
        (lambda: garnet(seed=0, branching=21), "branching == 21"),
        (lambda: garnet(seed=0, branching=0), "branching == 0"),
        (lambda: garnet(seed=0, strength=1.5), "strength == 1.5"),
        (lambda: garnet(seed=0, n_states=20_000), "must be smaller"),
        (lambda: two_doors(slip=2.0), "slip == 2.0"),
        (lambda: two_doors(attraction=math.inf), "attraction == inf"),
    ],
)
def test_bad_input(call, message: str) -> None:
    with pytest.raises(InputError, match=message):
        call()


@pytest.mark.parametrize("call", [lambda: random_game("dens", 0), lambda: garnet(seed=0, coupling="kernels")])
def test_unknown_names(call) -> None:
    with pytest.raises(UnknownNameError, match="did you mean"):
        call()
