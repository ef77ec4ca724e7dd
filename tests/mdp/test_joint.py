"""Exact laws and exploitability of all players, against sums over joint paths and over all deterministic policies."""

from __future__ import annotations

import itertools

import numpy as np
import pytest

from mfbounds.errors import NotEnumerableError
from mfbounds.games.dynamic import TabularGame
from mfbounds.games.dynamic.random import dynamic_families, random_dynamic
from mfbounds.mdp.joint import JointGame
from mfbounds.simulation.dynamic_exploitability import n_player_exploitability


def small(family: str) -> list[TabularGame]:
    """Two games of several states and actions where a seed has them, and of many players."""
    games = (random_dynamic(family, seed, horizon=2) for seed in range(40))
    tiny = [game for game in games if game.n_pairs**game.n_players <= 81]
    return sorted(tiny, key=lambda game: (min(game.n_states, game.n_actions) > 1, game.n_players), reverse=True)[:2]


def policies_of(game: TabularGame, seed: int) -> np.ndarray:
    shape = (game.n_players, game.horizon, game.n_states)
    return np.random.default_rng(seed).dirichlet(np.ones(game.n_actions), size=shape)


def by_paths(game: TabularGame, policies: np.ndarray) -> tuple[np.ndarray, list[dict]]:
    """(J of every player, the law of the joint state-action at each step), one joint state at a time."""
    n = game.n_players
    laws = {s: np.prod(game.start[list(s)]) for s in itertools.product(range(game.n_states), repeat=n)}
    totals, seen = np.zeros(n), []
    for h in range(game.horizon):
        after, here = {}, {}
        for states, weight in laws.items():
            for actions in itertools.product(range(game.n_actions), repeat=n):
                w = weight * np.prod([policies[j, h, states[j], actions[j]] for j in range(n)])
                here[tuple(s * game.n_actions + a for s, a in zip(states, actions, strict=True))] = w
                rows = game.laws(np.array([states]), np.array([actions]))[0]
                totals += w * game.rewards(np.array([states]), np.array([actions]))[0]
                for nexts in itertools.product(range(game.n_states), repeat=n):
                    step = np.prod([rows[j, nexts[j]] for j in range(n)])
                    after[nexts] = after.get(nexts, 0.0) + w * step
        laws = after
        seen.append(here)
    return totals, seen


@pytest.mark.parametrize("family", dynamic_families())
def test_values_and_laws_are_sums_over_joint_paths(family: str) -> None:
    for game in small(family):
        policies, joint = policies_of(game, 3), JointGame(game)
        totals, seen = by_paths(game, policies)
        for i in range(game.n_players):
            assert abs(joint.value(i, policies) - totals[i]) < 1e-12
        for law, here in zip(joint.pair_laws(policies), seen, strict=True):
            expected = [here[x] for x in itertools.product(range(game.n_pairs), repeat=game.n_players)]
            assert np.allclose(law, expected, rtol=0, atol=1e-13)


@pytest.mark.parametrize("family", dynamic_families())
def test_best_deviations_beat_every_deterministic_policy(family: str) -> None:
    for game in small(family):
        if game.n_actions ** (game.n_states * game.horizon) > 100:
            continue
        policies, joint = policies_of(game, 4), JointGame(game)
        for i in range(game.n_players):
            values = []
            for choice in itertools.product(range(game.n_actions), repeat=game.n_states * game.horizon):
                trial = policies.copy()
                trial[i] = np.eye(game.n_actions)[np.array(choice).reshape(game.horizon, game.n_states)]
                values.append(joint.value(i, trial))
            assert abs(joint.best_deviation(i, policies) - max(values)) < 1e-12


def test_exploitability_is_zero_where_actions_play_no_role_and_positive_where_they_pay() -> None:
    kernels = np.full((2, 1, 2, 1), 1.0)
    rewards = np.zeros((2, 1, 2))
    rewards[1, 0, 1] = 1.0  # only player 1 cares
    game = TabularGame.of(kernels, rewards, horizon=3)
    uniform = np.full((2, 3, 1, 2), 0.5)
    assert np.allclose(JointGame(game).exploitability(uniform), [0.0, 1.5], rtol=0, atol=1e-14)


@pytest.mark.parametrize(("n_states", "horizon"), [(17, 2), (30, 1)])
def test_many_states_are_bounded_or_solved_within_memory(n_states: int, horizon: int) -> None:
    """Few branches, yet 2^17 maps of 17^4 moves, or 2^30 maps that the last step has no use for."""
    laws = np.zeros((2, n_states, 2, n_states))
    for a in range(2):
        laws[:, np.arange(n_states), a, (np.arange(n_states) + a) % n_states] = 1.0
    rewards = np.zeros((2, n_states, 2))
    rewards[:, n_states - 1, :] = rewards[:, :, 1] = 1.0  # to move pays, and to be in the last state
    game = TabularGame.of(laws, rewards, horizon=horizon)
    policy = np.tile([1.0, 0.0], (horizon, n_states, 1))  # nobody moves: 1/S a step
    found = n_player_exploitability(game, policy, method="enumeration")
    truth = horizon * (n_states - 1) / n_states
    assert (found.lower <= truth).all()
    assert (truth <= found.upper).all()
    assert (found.upper - found.lower < 1e-6).all()


def test_what_is_too_large_is_refused() -> None:
    many = TabularGame.of(np.full((12, 2, 2, 2), 0.5), np.zeros((12, 2, 2)), horizon=1)
    with pytest.raises(NotEnumerableError, match=r"joint kernel has .* entries, must be <="):
        JointGame(many)
    long = TabularGame.of(np.full((2, 3, 3, 3), 1 / 3), np.zeros((2, 3, 3)), horizon=9)
    with pytest.raises(NotEnumerableError, match="deterministic policies"):
        JointGame(long).best_deviation(0, np.full((2, 9, 3, 3), 1 / 3))
