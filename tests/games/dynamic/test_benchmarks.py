"""A-RPS and A-SIS: rewards and laws as the paper writes them, and their constants against enumeration."""

from __future__ import annotations

import dataclasses
import itertools
from pathlib import Path

import numpy as np
import pytest

from mfbounds.errors import InputError
from mfbounds.games.dynamic import CountGame
from mfbounds.games.dynamic.catalogue import build_dynamic, dynamic_catalogue, dynamic_from_origin
from mfbounds.games.dynamic.rps import RPSGame, a_rps, rps_game
from mfbounds.games.dynamic.sis import SISGame, a_sis, sis_game
from mfbounds.games.files import load_any, save
from mfbounds.symmetry.heterogeneity import heterogeneity
from mfbounds.symmetry.induced import induced_game
from mfbounds.symmetry.moduli import lattice_modulus
from mfbounds.symmetry.symmetrise import symmetrise

SMALL: list[CountGame] = [
    a_rps(n_players=3, horizon=2),
    a_rps(n_players=4, horizon=2, crowding=1.0, beta=0.5, seed=2),
    a_sis(n_players=5, horizon=2),
    a_sis(n_players=4, horizon=2, alpha=0.2, beta=0.2, seed=3),
    a_sis(n_players=3, horizon=2, alpha=0.0, beta=0.0),
]


def joint(game: CountGame, runs: int = 40) -> tuple[np.ndarray, np.ndarray]:
    rng = np.random.default_rng(5)
    shape = (runs, game.n_players)
    return rng.integers(0, game.n_states, shape), rng.integers(0, game.n_actions, shape)


def test_rps_pays_as_the_paper_writes() -> None:
    game = a_rps(n_players=5, horizon=2)
    assert isinstance(game, RPSGame)
    states, actions = joint(game)
    found = game.rewards(states, actions)
    beater, beaten = {0: 1, 1: 2, 2: 0}, {0: 2, 1: 0, 2: 1}
    for m, i in np.ndindex(found.shape):
        s, a = int(states[m, i]), int(actions[m, i])
        crowd = np.mean(actions[m] == a)
        wanted = (
            -game.crowding[i] * crowd
            - game.losses[i, s] * np.mean(states[m] == beater[s])
            + game.gains[i, s] * np.mean(states[m] == beaten[s])
        )
        assert found[m, i] == pytest.approx(wanted, abs=1e-13)
    assert (game.laws(states, actions).argmax(axis=-1) == actions).all()


def test_sis_moves_and_pays_as_the_paper_writes() -> None:
    game = a_sis(n_players=5, horizon=2)
    assert isinstance(game, SISGame)
    states, actions = joint(game)
    laws, rewards = game.laws(states, actions), game.rewards(states, actions)
    for m, i in np.ndindex(rewards.shape):
        ill, out = states[m, i] == 1, actions[m, i] == 1
        share = np.mean((states[m] == 1) & (actions[m] == 1))
        infected = 1 - game.healing[i] if ill else game.susceptibility[i] * share * out
        assert laws[m, i, 1] == pytest.approx(infected, abs=1e-14)
        assert rewards[m, i] == pytest.approx(-1.0 * ill - game.aversion[i] * (not out), abs=1e-14)


@pytest.mark.parametrize("game", SMALL, ids=repr)
def test_one_step_of_simulation_has_the_games_rewards(game: CountGame) -> None:
    states, actions = joint(game)
    rewards, _ = game.step(states, actions, np.random.default_rng(0))
    np.testing.assert_allclose(rewards, game.rewards(states, actions), atol=1e-13)


@pytest.mark.parametrize("game", SMALL, ids=repr)
def test_alpha_and_beta_are_those_of_the_tables(game: CountGame) -> None:
    found = heterogeneity(game.tabular())
    for name, constant in (("alpha", found.alpha), ("beta", found.beta)):
        declared = game.declared[name]
        assert declared.certified
        assert declared.exact
        assert declared.value == pytest.approx(constant.value, abs=3e-13)


@pytest.mark.parametrize("game", SMALL, ids=repr)
def test_moduli_are_those_of_the_lattice(game: CountGame) -> None:
    tables = symmetrise(game)
    size = tables.lattice.size
    kernels, rewards = tables.kernels.reshape(size, -1, game.n_states), tables.rewards.reshape(size, -1, 1)
    assert game.declared["K_mu"].value == pytest.approx(lattice_modulus(tables.lattice, kernels), abs=1e-12)
    assert game.declared["L_mu"].value == pytest.approx(lattice_modulus(tables.lattice, rewards), abs=1e-12)
    pairs = range(kernels.shape[1])
    spread = max(
        float(np.abs(kernels[:, x] - kernels[:, y]).sum(axis=-1).max()) for x, y in itertools.product(pairs, pairs)
    )
    assert game.declared["K_sa"].value == pytest.approx(spread, abs=1e-12)


@pytest.mark.parametrize("game", SMALL, ids=repr)
def test_closed_forms_are_the_averages_of_the_players(game: CountGame) -> None:
    analytic, tables = induced_game(game, "analytic"), symmetrise(game)
    for point, kernel, reward in zip(tables.lattice.distributions, tables.kernels, tables.rewards, strict=True):
        mu = point.reshape(game.n_states, game.n_actions)
        np.testing.assert_allclose(analytic.kernel(mu), kernel, atol=1e-13)
        np.testing.assert_allclose(analytic.reward(mu), reward, atol=1e-13)
    states, actions = np.indices((game.n_states, game.n_actions))
    counts = tables.lattice.points[-2]
    seen = np.broadcast_to(counts, (*states.shape, game.n_pairs))
    np.testing.assert_allclose(game.mean_rewards_at(states, actions, seen), tables.rewards[-2], atol=1e-13)


@pytest.mark.parametrize("game", [SMALL[0], SMALL[2]], ids=repr)
def test_kappa_counts_the_pairs_that_matter(game: CountGame) -> None:
    players, states, actions = np.indices((game.n_players, game.n_states, game.n_actions))
    base = np.zeros((*players.shape, game.n_pairs), np.int64)
    matters = []
    for x in range(game.n_pairs):
        more = base.copy()
        more[..., x] = 1
        rewards = game.reward_function(players, states, actions, more) != game.reward_function(
            players, states, actions, base
        )
        laws = game.laws_at(players, states, actions, more) != game.laws_at(players, states, actions, base)
        matters.append(rewards | laws.any(axis=-1))
    assert np.sum(matters, axis=0).max() == game.declared["kappa"].value


def test_the_population_modulus_of_sis_is_attained_and_never_exceeded() -> None:
    game = a_sis(n_players=50, horizon=2)
    induced, rng, bound = induced_game(game), np.random.default_rng(1), game.declared["L_pop"].value

    def infected(mu: np.ndarray) -> float:
        return float(np.tensordot(mu.reshape(2, 2), induced.kernel(mu.reshape(2, 2)), axes=2)[1])

    for _ in range(300):
        mu, nu = rng.dirichlet(np.full(4, 0.4), size=2)
        assert 2 * abs(infected(mu) - infected(nu)) <= bound * np.abs(mu - nu).sum() + 1e-12
    out, step = np.array([0.0, 1.0, 0.0, 0.0]), 1e-6
    moved = np.array([0.0, 1.0 - 2 * step, 0.0, 0.0]) + step * np.array([0.0, 0.0, 0.0, 2.0])
    back = np.array([2 * step, 1.0 - 2 * step, 0.0, 0.0])
    assert 2 * abs(infected(moved) - infected(back)) / np.abs(moved - back).sum() == pytest.approx(bound, rel=1e-4)
    assert infected(out) == 0.0


def test_defaults_are_the_papers() -> None:
    rps, sis = a_rps(), a_sis()
    assert (rps.n_players, rps.horizon, sis.n_players, sis.horizon) == (2000, 10, 1000, 20)
    assert rps.declared["alpha"].value == 0.0
    for constant in (rps.declared["beta"], sis.declared["alpha"], sis.declared["beta"]):
        assert constant.value == pytest.approx(0.1, abs=1e-12)
    np.testing.assert_allclose(rps.losses.mean(axis=0), [2, 4, 6], atol=1e-12)
    np.testing.assert_allclose(rps.gains.mean(axis=0), [1, 2, 3], atol=1e-12)


@pytest.mark.parametrize(
    "game", [a_rps(n_players=7, seed=4, crowding=1.0), a_sis(n_players=6, seed=9, start=[0.9, 0.1])], ids=repr
)
def test_an_origin_makes_the_same_game_again(game: CountGame) -> None:
    assert game.origin is not None
    again = dynamic_from_origin(game.origin)
    states, actions = joint(game)
    np.testing.assert_array_equal(again.rewards(states, actions), game.rewards(states, actions))
    np.testing.assert_array_equal(again.laws(states, actions), game.laws(states, actions))
    np.testing.assert_array_equal(again.start, game.start)


def test_players_alike_are_told_from_players_that_are_not() -> None:
    assert a_rps(n_players=4).alike
    assert a_sis(n_players=4, alpha=0.0).alike
    assert not a_sis(n_players=4).alike
    assert not dataclasses.replace(a_sis(n_players=4, alpha=0.0), declared={}).alike


def test_the_catalogue_leaves_a_place_for_taxis() -> None:
    assert {"a_rps", "a_sis", "a_taxi"} <= set(dynamic_catalogue())
    with pytest.raises(InputError, match=r"A-Taxi .* is not available yet"):
        build_dynamic("a_taxi")


@pytest.mark.parametrize(
    ("make", "message"),
    [
        (lambda: a_rps(n_players=1), "n_players == 1, must be an integer >= 2"),
        (lambda: a_sis(horizon=0), "horizon == 0, must be an integer >= 1"),
        (lambda: a_rps(beta=-0.1), "beta == -0.1, must be >= 0"),
        (lambda: a_sis(alpha=-0.1), "alpha == -0.1, must be >= 0"),
        (lambda: a_sis(healing=0.99), r"must be in \[0, 1\]"),
        (lambda: a_rps(losses=[1.0, 2.0]), r"losses.shape == \(2,\), must be \(3,\)"),
        (lambda: a_rps(gains=[0.01, 2.0, 3.0]), r"gains == .* must be >= 0"),
        (lambda: sis_game(susceptibility=[0.5], healing=[0.5], aversion=[0.5], horizon=2), "N >= 2"),
        (lambda: sis_game(susceptibility=[0.5, 0.5], healing=[0.5], aversion=[0.5, 0.1], horizon=2), "healing.shape"),
        (lambda: rps_game(crowding=[1.0], losses=[[1, 1, 1]], gains=[[1, 1, 1]], horizon=2), "N >= 2"),
    ],
)
def test_wrong_input_is_refused(make, message: str) -> None:  # type: ignore[no-untyped-def]
    with pytest.raises(InputError, match=message):
        make()


def test_files_keep_a_benchmark_by_its_origin(tmp_path: Path) -> None:
    game = a_rps(n_players=9, seed=2)
    save(game, tmp_path / "game.npz")
    again = load_any(tmp_path / "game.npz")
    assert isinstance(again, RPSGame)
    np.testing.assert_array_equal(again.losses, game.losses)
