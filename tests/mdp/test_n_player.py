"""The parts of N-player exploitability that need no sampling, against enumeration of all joint states and deviations."""

from __future__ import annotations

import dataclasses

import numpy as np
import pytest

from mfbounds.checks import FloatArray
from mfbounds.games.dynamic import DynamicGame
from mfbounds.games.dynamic.random import random_dynamic
from mfbounds.games.dynamic.rps import a_rps
from mfbounds.games.dynamic.sis import a_sis
from mfbounds.mdp.joint import JointGame
from mfbounds.mdp.n_player_independent import can_respond, counts_law
from mfbounds.mdp.n_player_joint import _climb, informed_value


def random_policies(game: DynamicGame, seed: int) -> FloatArray:
    rng = np.random.default_rng(seed)
    return rng.dirichlet(np.ones(game.n_actions), size=(game.n_players, game.horizon, game.n_states))


def test_counts_of_independent_agents() -> None:
    laws = np.array([[0.5, 0.5, 0.0], [0.2, 0.3, 0.5]])
    # counts in the lattice's order: (2,0,0), (1,1,0), (1,0,1), (0,2,0), (0,1,1), (0,0,2)
    np.testing.assert_allclose(counts_law(laws), [0.1, 0.25, 0.25, 0.15, 0.25, 0.0], atol=1e-15)


def test_responses_are_known_where_dynamics_ignore_the_others_and_rewards_can_be_averaged() -> None:
    assert can_respond(a_rps())
    assert can_respond(dataclasses.replace(a_rps(n_players=4), affine_rewards=False))
    assert not can_respond(dataclasses.replace(a_rps(n_players=60), affine_rewards=False))
    assert not can_respond(a_sis(n_players=5))
    assert can_respond(random_dynamic("independent", 1))
    assert not can_respond(random_dynamic("dense", 1))


@pytest.mark.parametrize("seed", range(4))
def test_the_best_deviation_lies_between_a_climbed_one_and_a_player_that_sees_all(seed: int) -> None:
    game = random_dynamic("dense", seed)
    policies, joint = random_policies(game, seed), JointGame(game)
    for i in range(game.n_players):
        steps = [joint.deviator(i, policies, h) for h in range(game.horizon)]
        best = joint.best_deviation(i, policies)
        assert _climb(joint, steps, policies[i], i) <= best + 1e-12
        assert informed_value(joint, steps) >= best - 1e-12


def test_climbing_finds_the_value_of_its_own_policy() -> None:
    game = random_dynamic("independent", 3)
    policies, joint = random_policies(game, 3), JointGame(game)
    steps = [joint.deviator(0, policies, h) for h in range(game.horizon)]
    # dynamics ignore the others, so that one backward pass is already optimal where every state is reached
    assert _climb(joint, steps, policies[0], 0) == pytest.approx(joint.best_deviation(0, policies), abs=1e-9)
