"""Tabular and count games: indexing by hand, one against the other, bad input, files."""

from __future__ import annotations

from pathlib import Path
from typing import Any

import numpy as np
import pytest

import mfbounds as mb
from mfbounds.errors import FileFormatError, InputError, NotEnumerableError, UnknownNameError
from mfbounds.games import files
from mfbounds.games.dynamic import CountGame, FiniteHorizonGame, TabularGame
from mfbounds.games.dynamic.catalogue import build_dynamic, dynamic_from_origin
from mfbounds.games.dynamic.random import dynamic_families, random_dynamic
from mfbounds.games.dynamic.sis import a_sis
from mfbounds.simulation.dynamic_exploitability import n_player_exploitability
from mfbounds.symmetry import heterogeneity, sparsity, symmetrise


def tables(rng: np.random.Generator, sizes: tuple[int, int, int]) -> tuple[np.ndarray, np.ndarray]:
    n, s, a = sizes
    shape = (n, s, a, (s * a) ** (n - 1))
    return rng.dirichlet(np.ones(s), size=shape), rng.random(shape)


def crowd_game(**changes: Any) -> CountGame:
    """Players who differ in one number; law and reward depend on the counts of the others."""

    def kernel(players, states, actions, others):
        stay = (others[..., 0] + players) / 10.0
        return np.stack([stay, 1.0 - stay], axis=-1)

    def reward(players, states, actions, others):
        return others[..., 1] / 2 + 0.1 * states + 0.01 * players * actions

    sizes = {"n_players": 3, "n_states": 2, "n_actions": 2, "horizon": 2, "reward_range": (0.0, 2.0)}
    return CountGame.of(kernel, reward, **{**sizes, **changes})


@pytest.mark.parametrize("sizes", [(2, 3, 2), (3, 2, 2), (4, 2, 1)])
def test_joint_state_actions_are_looked_up_in_player_order(sizes: tuple[int, int, int]) -> None:
    n, s, a = sizes
    rng = np.random.default_rng(3)
    kernels, rewards = tables(rng, sizes)
    game = TabularGame.of(kernels, rewards, horizon=2)
    states, actions = rng.integers(0, s, (6, n)), rng.integers(0, a, (6, n))
    laws, found = game.laws(states, actions), game.rewards(states, actions)
    for b in range(6):
        for i in range(n):
            place = 0
            for j in range(n):
                if j != i:
                    place = place * s * a + int(states[b, j] * a + actions[b, j])
            assert np.array_equal(laws[b, i], kernels[i, states[b, i], actions[b, i], place])
            assert found[b, i] == rewards[i, states[b, i], actions[b, i], place]


def test_functions_see_the_others_in_player_order() -> None:
    def kernel(i, s, a, others):
        return [1.0, 0.0] if others[0] == (1, 0) else [0.0, 1.0]

    game = TabularGame.from_functions(
        kernel, lambda i, s, a, others: float(i), n_players=3, n_states=2, n_actions=1, horizon=1
    )
    states, actions = np.array([[0, 1, 0]]), np.zeros((1, 3), dtype=np.int64)
    assert game.laws(states, actions)[0, :, 0].tolist() == [1.0, 0.0, 0.0]  # only player 0 sees player 1 first
    assert game.rewards(states, actions).tolist() == [[0.0, 1.0, 2.0]]


def test_a_count_game_and_its_tables_agree() -> None:
    game = crowd_game()
    table = game.tabular()
    rng = np.random.default_rng(5)
    states, actions = rng.integers(0, 2, (20, 3)), rng.integers(0, 2, (20, 3))
    assert np.array_equal(game.laws(states, actions), table.laws(states, actions))
    assert np.array_equal(game.rewards(states, actions), table.rewards(states, actions))
    others = game.others(states, actions)
    for b in range(20):
        for i in range(3):
            pairs = np.delete(states[b] * 2 + actions[b], i)
            assert others[b, i].tolist() == np.bincount(pairs, minlength=4).tolist()


def test_independence_is_known_from_the_representation() -> None:
    kernel = np.full((1, 2, 2, 2), 0.5)
    game = crowd_game()
    alike = CountGame.of(
        kernel, game.reward_function, n_players=3, n_states=2, n_actions=2, horizon=1, reward_range=(0, 2)
    )
    assert not game.independent
    assert game.mean_kernel is None
    assert alike.independent
    assert np.array_equal(alike.mean_kernel, kernel[0])
    assert alike.tabular().kernels.shape == (3, 2, 2, 64 // 4, 2) or alike.tabular().independent


BAD = {
    "off the simplex": (lambda k, r: (k * 0.9, r, {}), r"kernels.*sum\(\) == 0.8999.*must be 1"),
    "negative": (lambda k, r: (k - 2.0, r, {}), "must be >= 0"),
    "nan": (lambda k, r: (k, r * np.nan, {}), "must be finite"),
    "one player": (lambda k, r: (k[:1], r[:1], {}), "n_players == 1, must be >= 2"),
    "no step": (lambda k, r: (k, r, {"horizon": 0}), "horizon == 0, must be an integer >= 1"),
    "reward outside": (lambda k, r: (k, r, {"reward_range": (0.0, 0.1)}), "must stay inside reward_range"),
    "range upside down": (lambda k, r: (k, r, {"reward_range": (2.0, 1.0)}), "r_min <= r_max"),
    "ragged": (lambda k, r: (k, [[1.0], [2.0, 3.0]], {}), "rewards == rows of unequal length"),
    "wrong others": (lambda k, r: (k[:, :, :, :-1], r, {}), "must be D\\^K == 16, or 1"),
    "wrong rewards": (lambda k, r: (k, r[:, :1], {}), "rewards.shape"),
    "start": (lambda k, r: (k, r, {"start": [1.0, 1.0]}), "start.*must be 1"),
}


@pytest.mark.parametrize("name", BAD)
def test_bad_tables_are_refused(name: str) -> None:
    change, message = BAD[name]
    kernels, rewards, arguments = change(*tables(np.random.default_rng(0), (3, 2, 2)))
    with pytest.raises(InputError, match=message):
        TabularGame.of(kernels, rewards, **{"horizon": 2, **arguments})


def test_a_table_too_large_names_the_alternative() -> None:
    with pytest.raises(NotEnumerableError, match=r"n_players == 20 .* entries, must be <= .*CountGame"):
        TabularGame.from_functions(lambda *_: [1.0], lambda *_: 0.0, n_players=20, n_states=2, n_actions=2, horizon=1)
    with pytest.raises(NotEnumerableError, match=r"keep the game as counts.*monte carlo"):
        crowd_game(n_players=50).tabular()


def test_crowds_of_any_size_are_told_that_they_cannot_be_listed() -> None:
    """D^N has more digits than a float holds, and for a million players more than need be computed."""
    for n_players in (600, 10**6):
        with pytest.raises(NotEnumerableError, match=r"the table has 10\^\d+ entries, .*monte carlo"):
            a_sis(n_players=n_players).tabular()
    still = TabularGame.of(np.full((600, 2, 2, 2), 0.5), np.zeros((600, 2, 2)), horizon=2)
    with pytest.raises(NotEnumerableError, match=r"joint kernel has 10\^542 entries"):  # 600 log10(4 * 2)
        n_player_exploitability(still, np.full((2, 2, 2), 0.5), method="enumeration")


@pytest.mark.parametrize(("n_players", "n_pairs"), [(5001, 20), (10**6 + 1, 50)])
def test_lattices_of_any_size_are_told_in_powers_of_ten(n_players: int, n_pairs: int) -> None:
    """Their sizes have more digits than a float holds, and more than Python prints."""
    game = CountGame.of(
        np.full((1, n_pairs, n_pairs, n_pairs), 1 / n_pairs), lambda players, *_: np.zeros(players.shape),
        n_players=n_players, n_states=n_pairs, n_actions=n_pairs, horizon=1, reward_range=(0, 1),
    )  # fmt: skip
    for ask in (heterogeneity, sparsity, symmetrise):
        with pytest.raises(NotEnumerableError, match=r"10\^\d+ (evaluations|values|points), must be <="):
            ask(game)


RETURNS = {
    "a number for a law": (lambda *_: 0.5, lambda *_: 0.0, r"kernel\(i, s, a, others\).shape == \(\), must be \(2,\)"),
    "laws of unequal length": (lambda i, *_: [1.0] * (i + 1), lambda *_: 0.0, "kernel.* rows of unequal length"),
    "several rewards": (lambda *_: [0.5, 0.5], lambda *_: [0.0, 1.0], r"reward\(i, s, a, others\).shape == \(2,\)"),
    "text": (lambda *_: [0.5, 0.5], lambda *_: "much", "reward.*must be a real number type"),
    "nothing": (lambda *_: [0.5, 0.5], lambda *_: None, "reward.*must be a real number type"),
}


@pytest.mark.parametrize("name", RETURNS)
def test_what_functions_of_joint_pairs_return_is_checked(name: str) -> None:
    kernel, reward, message = RETURNS[name]
    with pytest.raises(InputError, match=message):
        TabularGame.from_functions(kernel, reward, n_players=3, n_states=2, n_actions=2, horizon=1)


def test_count_functions_are_checked_where_they_are_called() -> None:
    with pytest.raises(InputError, match=r"reward == 3.0, must be a function"):
        CountGame.of(
            np.full((1, 2, 2, 2), 0.5), 3.0, n_players=3, n_states=2, n_actions=2, horizon=1, reward_range=(0, 4)
        )
    states = np.zeros((1, 3), dtype=np.int64)
    with pytest.raises(InputError, match=r"reward\(...\) in .* must stay inside reward_range"):
        crowd_game(reward_range=(0.0, 0.5)).rewards(states, states + 1)
    wrong = CountGame.of(
        lambda players, *_: np.ones(players.shape), lambda players, *_: np.zeros(players.shape),
        n_players=3, n_states=2, n_actions=2, horizon=1, reward_range=(0, 1),
    )  # fmt: skip
    with pytest.raises(InputError, match=r"kernel\(...\).shape == \(1, 3\), must be \(1, 3, 2\)"):
        wrong.laws(states, states)


@pytest.mark.parametrize("policy", [np.full((2, 2, 2), 0.4), np.full((1, 2, 2), 0.5), np.full((2, 2, 2), np.nan)])
def test_policies_off_the_simplex_or_of_wrong_shape_are_refused(policy: np.ndarray) -> None:
    with pytest.raises(InputError, match="policy"):
        crowd_game().policy(policy)


def test_a_mean_field_game_checks_what_its_functions_return() -> None:
    sizes = {"n_states": 2, "n_actions": 1, "horizon": 1, "reward_range": (0.0, 1.0)}
    game = FiniteHorizonGame.of(lambda mu: np.full((2, 1, 2), 0.6), lambda mu: mu + 1.0, **sizes)
    mu = np.array([[0.5], [0.5]])
    with pytest.raises(InputError, match=r"kernel\(mu\)"):
        game.kernel(mu)
    with pytest.raises(InputError, match=r"reward\(mu\) in"):
        game.reward(mu)
    with pytest.raises(InputError, match="mu"):
        game.kernel(np.array([0.5, 0.5]))


@pytest.mark.parametrize("family", dynamic_families())
def test_random_games_are_reproducible_and_survive_files(family: str, tmp_path) -> None:
    game = random_dynamic(family, 7)
    again = dynamic_from_origin(game.origin)
    files.save(game, tmp_path / "game.npz")
    stored = files.load_any(tmp_path / "game.npz")
    for other in (again, stored):
        assert np.array_equal(game.kernels, other.kernels)
        assert np.array_equal(game.reward_table, other.reward_table)
        assert (game.horizon, game.reward_range, game.origin) == (other.horizon, other.reward_range, other.origin)
        assert np.array_equal(game.start, other.start)
    with pytest.raises(FileFormatError, match="must hold a mean-field game"):
        files.load(tmp_path / "game.npz")


def test_count_games_without_a_factory_cannot_be_stored(tmp_path) -> None:
    with pytest.raises(InputError, match="must be a TabularGame or made by a factory"):
        files.save(crowd_game(), tmp_path / "game.npz")
    assert not list(tmp_path.iterdir())


def test_symmetric_family_is_symmetric_and_unknown_names_are_told() -> None:
    game = random_dynamic("symmetric", 2)
    assert all(np.array_equal(kernel, game.kernels[0]) for kernel in game.kernels)
    with pytest.raises(UnknownNameError, match="nearly symmetric"):
        random_dynamic("symetric", 2)
    with pytest.raises(UnknownNameError, match="random_dynamic"):
        build_dynamic("random_dynamics", family="dense", seed=0)
    with pytest.raises(InputError, match="seed"):
        build_dynamic("random_dynamic", family="dense")


def test_the_mean_kernel_of_many_players_is_a_kernel() -> None:
    kernels = np.random.default_rng(0).dirichlet(np.ones(2), size=(400_000, 2, 1))
    game = CountGame.of(
        kernels,
        lambda players, *_: 0.0 * players,
        n_players=400_000,
        n_states=2,
        n_actions=1,
        horizon=1,
        reward_range=(0, 0),
    )
    assert np.abs(game.mean_kernel.sum(axis=-1) - 1.0).max() < 1e-14


def test_a_game_of_ones_own_needs_nothing_but_the_public_names(tmp_path: Path) -> None:
    """Three players, two places; each pays 1 minus the share of the others there."""

    def pays(players: Any, states: Any, actions: Any, others: Any) -> Any:
        there = others.reshape(*others.shape[:-1], 2, 2).sum(axis=-1)
        return 1 - np.take_along_axis(there, states[..., None], axis=-1)[..., 0] / 2

    place = np.eye(2)[None, None].repeat(2, axis=1)  # (1, S, A, S): the action is the next place
    counted = mb.games.CountGame.of(
        place,
        pays,
        n_players=3,
        n_states=2,
        n_actions=2,
        horizon=2,
        reward_range=(0.0, 1.0),
    )
    listed = counted.tabular()
    assert isinstance(listed, mb.games.TabularGame)
    assert isinstance(listed, mb.games.DynamicGame)
    assert isinstance(mb.symmetry.induced_game(listed), mb.games.FiniteHorizonGame)
    mb.games.save(listed, tmp_path / "own.npz")
    again = mb.games.load_any(tmp_path / "own.npz")
    assert isinstance(again, mb.games.TabularGame)
    np.testing.assert_array_equal(again.reward_table, listed.reward_table)
    assert listed.reward_table[0, 0, 0].min() == 0.0  # both others are at the same place
