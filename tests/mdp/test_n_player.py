"""Exploitability of every player against enumeration of all joint states and deviations."""

from __future__ import annotations

import dataclasses

import numpy as np
import pytest

import mfbounds as mb
from mfbounds.checks import FloatArray
from mfbounds.errors import InputError, NotEnumerableError, UnknownNameError
from mfbounds.games.dynamic import DynamicGame, TabularGame
from mfbounds.games.dynamic.random import random_dynamic
from mfbounds.games.dynamic.rps import a_rps
from mfbounds.games.dynamic.sis import a_sis
from mfbounds.mdp.joint import JointGame
from mfbounds.mdp.n_player import n_player_exploitability
from mfbounds.mdp.n_player_independent import can_respond, counts_law
from mfbounds.mdp.n_player_joint import _climb, informed_value
from tests.simulation.statistics import show_seed


def random_policies(game: DynamicGame, seed: int, players: int) -> FloatArray:
    rng = np.random.default_rng(seed)
    return rng.dirichlet(np.ones(game.n_actions), size=(players, game.horizon, game.n_states))


def exact(game: DynamicGame, policies: FloatArray) -> FloatArray:
    tables = game if isinstance(game, TabularGame) else game.tabular()  # type: ignore[attr-defined]
    return JointGame(tables).exploitability(np.broadcast_to(policies, (game.n_players, *policies.shape[1:])))


@pytest.mark.parametrize("common", [True, False])
@pytest.mark.parametrize("seed", range(6))
def test_independent_dynamics_are_solved_exactly(seed: int, common: bool) -> None:
    game = random_dynamic("independent", seed)
    policies = random_policies(game, seed, 1 if common else game.n_players)
    found = n_player_exploitability(game, policies[0] if common else policies)
    assert found.method == "independent"
    np.testing.assert_allclose(found.values, exact(game, policies), atol=1e-12)
    assert (found.lower <= found.values).all()
    assert (found.values <= found.upper).all()


@pytest.mark.parametrize("affine", [True, False])
@pytest.mark.parametrize("common", [True, False])
def test_rewards_of_counts_are_averaged_over_the_law_of_counts(common: bool, affine: bool) -> None:
    game = dataclasses.replace(a_rps(n_players=3, horizon=2, seed=1), affine_rewards=affine)
    policies = random_policies(game, 4, 1 if common else 3)
    found = n_player_exploitability(game, policies[0] if common else policies)
    np.testing.assert_allclose(found.values, exact(game, policies), atol=1e-12)


def test_a_best_response_is_worth_what_is_said() -> None:
    game = a_rps(n_players=3, horizon=2, seed=1)
    policies = random_policies(game, 5, 3)
    found, joint = n_player_exploitability(game, policies), JointGame(game.tabular())
    assert found.responses is not None
    for i in range(3):
        changed = policies.copy()
        changed[i] = np.eye(3)[found.responses[i]]
        assert joint.value(i, changed) - joint.value(i, policies) == pytest.approx(found.values[i], abs=1e-12)


def test_counts_of_independent_agents() -> None:
    laws = np.array([[0.5, 0.5, 0.0], [0.2, 0.3, 0.5]])
    # counts in the lattice's order: (2,0,0), (1,1,0), (1,0,1), (0,2,0), (0,1,1), (0,0,2)
    np.testing.assert_allclose(counts_law(laws), [0.1, 0.25, 0.25, 0.15, 0.25, 0.0], atol=1e-15)


@pytest.mark.parametrize("common", [True, False])
@pytest.mark.parametrize(
    "settings", [{"n_players": 4}, {"n_players": 5, "seed": 3, "susceptibility": 0.9}, {"n_players": 4, "healing": 0.6}]
)
def test_monotone_epidemics_bound_the_exact_value(settings: dict[str, float], common: bool) -> None:
    show_seed(7)  # error rate 1e-7 for all players and both sides
    game = a_sis(horizon=3, **settings)  # type: ignore[arg-type]
    policies = random_policies(game, 6, 1 if common else game.n_players)
    found = n_player_exploitability(
        game, policies[0] if common else policies, trajectories=20_000, confidence=1 - 1e-7, seed=7
    )
    truth = exact(game, policies)
    assert (found.lower <= truth).all()
    assert (truth <= found.upper).all()
    assert found.errors.max() < game.horizon * game.R / 2  # they say something


def test_the_recursion_gets_better_with_more_players() -> None:
    errors = []
    for n in (3, 5):
        game = a_sis(n_players=n, horizon=3, alpha=0.0, beta=0.0)
        policies = random_policies(game, 8, 1)
        errors.append(float(np.abs(n_player_exploitability(game, policies[0]).values - exact(game, policies)).max()))
    assert errors[1] < errors[0] < 0.1


def test_without_paths_only_the_range_bounds_the_recursion() -> None:
    found = n_player_exploitability(a_sis(n_players=30, horizon=3), np.full((3, 2, 2), 0.5))
    assert found.method == "recursion"
    assert "range of rewards only" in repr(found)
    assert found.lower.max() == 0.0


@pytest.mark.parametrize("seed", range(4))
def test_enumeration_and_its_bounds(seed: int) -> None:
    game = random_dynamic("dense", seed)
    policies = random_policies(game, seed, game.n_players)
    truth, joint = exact(game, policies), JointGame(game)
    found = n_player_exploitability(game, policies)
    assert found.method == "enumeration"
    np.testing.assert_allclose(found.values, truth, atol=1e-12)
    for i in range(game.n_players):
        steps = [joint.deviator(i, policies, h) for h in range(game.horizon)]
        value = joint.value(i, policies)
        assert _climb(joint, steps, policies[i], i) - value <= truth[i] + 1e-12
        assert informed_value(joint, steps) - value >= truth[i] - 1e-12


def test_climbing_finds_the_value_of_its_own_policy() -> None:
    game = random_dynamic("independent", 3)
    policies, joint = random_policies(game, 3, game.n_players), JointGame(game)
    steps = [joint.deviator(0, policies, h) for h in range(game.horizon)]
    # dynamics ignore the others, so that one backward pass is already optimal where every state is reached
    assert _climb(joint, steps, policies[0], 0) == pytest.approx(joint.best_deviation(0, policies), abs=1e-9)


def test_a_played_deviation_is_a_lower_bound() -> None:
    show_seed(3)
    game = a_sis(n_players=4, horizon=2)
    policies = random_policies(game, 9, 1)
    found = n_player_exploitability(
        game, policies[0], players=[0, 2], method="monte carlo", trajectories=20_000, confidence=1 - 1e-7, seed=3
    )
    truth = exact(game, policies)[[0, 2]]
    assert (found.lower <= truth).all()
    assert (truth <= found.upper).all()
    assert found.players.tolist() == [0, 2]


def test_all_players_of_the_benchmark_at_once() -> None:
    game = a_rps()
    found = mb.n_player_exploitability(game, np.full((10, 3, 3), 1 / 3))
    one = mb.n_player_exploitability(game, np.full((10, 3, 3), 1 / 3), players=[17])
    assert found.values.shape == (2000,)
    assert one.values[0] == pytest.approx(found.values[17], abs=1e-12)
    assert found.errors.max() < 1e-8
    assert found.mean <= found.max


@pytest.mark.parametrize(
    ("arguments", "message"),
    [
        ({"players": [5]}, r"players == \[5\], must be one or more numbers in 0..4"),
        ({"players": []}, "must be one or more"),
        ({"confidence": 1.0}, r"confidence == 1.0, must be in \(0, 1\)"),
        ({"trajectories": -1}, "trajectories == -1"),
        ({"trajectories": 1}, "trajectories == 1, must be an integer >= 2"),
        ({"method": "independent"}, "must have dynamics that ignore the others"),
        ({"method": "monte carlo"}, "trajectories == 0, must be an integer >= 2"),
        ({"policy": np.full((3, 2, 3), 1 / 3)}, "policy.shape"),
    ],
)
def test_wrong_input_is_refused(arguments: dict[str, object], message: str) -> None:
    right: dict[str, object] = {"policy": np.full((3, 2, 2), 0.5)}
    with pytest.raises(InputError, match=message):
        n_player_exploitability(a_sis(n_players=5, horizon=3), **(right | arguments))  # type: ignore[arg-type]


def test_methods_that_do_not_fit_name_another() -> None:
    with pytest.raises(UnknownNameError, match="recursion"):
        n_player_exploitability(a_rps(n_players=5), np.full((10, 3, 3), 1 / 3), method="recursive")  # type: ignore[arg-type]
    with pytest.raises(InputError, match="must be A-SIS"):
        n_player_exploitability(a_rps(n_players=5), np.full((10, 3, 3), 1 / 3), method="recursion")
    with pytest.raises(NotEnumerableError, match="the table has"):
        n_player_exploitability(a_sis(n_players=50), np.full((20, 2, 2), 0.5), method="enumeration")
    crowd = dataclasses.replace(a_rps(n_players=60), affine_rewards=False)
    with pytest.raises(NotEnumerableError, match="affine_rewards"):
        n_player_exploitability(crowd, np.full((10, 3, 3), 1 / 3))
    assert not can_respond(crowd)
    assert can_respond(dataclasses.replace(a_rps(n_players=4), affine_rewards=False))
    assert not can_respond(a_sis(n_players=5))


def test_long_horizons_are_enclosed_by_what_a_player_may_know() -> None:
    game = a_sis(n_players=3, horizon=12)  # 4^11 deviations: too many to enumerate
    found = n_player_exploitability(game, np.full((12, 2, 2), 0.5), method="enumeration")
    assert "sees all states" in found.guarantee
    assert (found.lower <= found.upper).all()
    assert found.errors.max() < 0.1 * found.max
    other = n_player_exploitability(game, np.full((12, 2, 2), 0.5), trajectories=5000, confidence=1 - 1e-7, seed=1)
    assert (other.lower <= found.upper).all()
    assert (found.lower <= other.upper).all()
