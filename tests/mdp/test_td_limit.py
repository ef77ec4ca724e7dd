"""TD on one player's trajectories: limits and moments against brute force over every sequence of trajectories."""

from __future__ import annotations

import itertools

import numpy as np
import pytest
from scipy.special import entr

from mfbounds.errors import InputError
from mfbounds.games.dynamic.catalogue import build_dynamic
from mfbounds.games.dynamic.random import dynamic_families, random_dynamic
from mfbounds.games.dynamic.tabular import TabularGame
from mfbounds.mdp.joint import JointGame
from mfbounds.mdp.td_limit import td_limit, td_limit_of_strangers, td_moments
from mfbounds.mdp.td_paths import own_paths

TAU = 0.3


def tiny(S: int, A: int, seed: int) -> TabularGame:
    """Two players, two steps, everything random."""
    rng = np.random.default_rng(seed)
    kernels = rng.dirichlet(np.ones(S), (2, S, A, S * A))
    return TabularGame.of(kernels, rng.random((2, S, A, S * A)) - 0.3, horizon=2, start=rng.dirichlet(np.ones(S)))


def trajectories(game: TabularGame, policy: np.ndarray) -> list[tuple[float, list[tuple[int, int, float]]]]:
    """(probability, what player 0 sees) of every joint trajectory of two players over two steps."""
    found = []
    S, A = game.n_states, game.n_actions
    for s in itertools.product(range(S), repeat=4):
        for a in itertools.product(range(A), repeat=4):
            states, actions = np.array(s).reshape(2, 2), np.array(a).reshape(2, 2)  # (step, player)
            p = game.start[states[0]].prod() * policy[0, states[0], actions[0]].prod()
            p *= policy[1, states[1], actions[1]].prod()
            laws = game.laws(states[:1], actions[:1])[0]
            p *= laws[0, states[1, 0]] * laws[1, states[1, 1]]
            rewards = game.rewards(states, actions)[:, 0] - game.reward_range[0]
            found.append((p, [(states[h, 0], actions[h, 0], rewards[h]) for h in range(2)]))
    return found


def learn(table: np.ndarray, seen: list[tuple[int, int, float]], policy: np.ndarray, eta: float) -> np.ndarray:
    """One update of Algorithm 1, line by line."""
    new = table.copy()
    for h, (s, a, r) in enumerate(seen):
        ahead = table[1][seen[1][0], seen[1][1]] if h == 0 else 0.0
        new[h, s, a] += eta * (ahead + r + TAU * entr(policy[h, s]).sum() - table[h, s, a])
    return new


@pytest.mark.parametrize(("S", "A", "seed"), [(2, 1, 1), (1, 2, 2), (2, 1, 3)])
def test_moments_are_those_of_every_sequence_of_trajectories(S, A, seed):
    game = tiny(S, A, seed)
    policy = np.random.default_rng(seed).dirichlet(np.ones(A), (2, S))
    all_of_them, u = trajectories(game, policy), 2.5
    mean = square = 0.0
    paths = own_paths(JointGame(game), policy)
    limit = td_limit(paths, policy, TAU)
    for (p, first), (q, second) in itertools.product(all_of_them, repeat=2):
        table = learn(learn(np.zeros(policy.shape), first, policy, 1.0), second, policy, u / (1 + u))
        mean += p * q * (table - limit.Q)
        square += p * q * (table - limit.Q) ** 2
    found = td_moments(paths, limit, policy, TAU, u=u, M=2)
    assert np.abs(found.mean - mean).max() <= found.error + 1e-13
    assert np.abs(found.square - square).max() <= found.error + 1e-13


@pytest.mark.parametrize("family", dynamic_families())
def test_the_limit_satisfies_its_equation_along_all_trajectories(family):
    game = random_dynamic(family, 4, horizon=2)
    policy = np.random.default_rng(4).dirichlet(np.ones(game.n_actions), (2, game.n_states))
    joint = JointGame(game)
    paths = own_paths(joint, policy)
    laws = joint.pair_laws(np.repeat(policy[None], game.n_players, axis=0)).reshape(2, game.n_pairs, -1)
    limit = td_limit(paths, policy, TAU)
    np.testing.assert_allclose(limit.visits.reshape(2, -1), laws.sum(axis=2), atol=1e-14)
    rewards = joint.pairs[1][0].reshape(game.n_pairs, -1) - game.reward_range[0]
    expected = (laws[1] * rewards).sum(axis=1)  # weighted by the probability of the visit
    bonus = TAU * entr(policy[1]).sum(axis=1)[:, None]
    np.testing.assert_allclose(
        (limit.visits[1] * (limit.Q[1] - bonus)).ravel(), expected, atol=1e-13, err_msg="last step"
    )


def test_strangers_with_affine_rewards_need_no_enumeration():
    game = build_dynamic("at_own_state", n_players=3)
    policy = np.random.default_rng(5).dirichlet(np.ones(2), (2, 2))
    by_paths = td_limit(own_paths(JointGame(game.tabular()), policy), policy, TAU)
    directly = td_limit_of_strangers(game, policy, TAU)
    np.testing.assert_allclose(directly.Q, by_paths.Q, atol=1e-14)
    np.testing.assert_allclose(directly.visits, by_paths.visits, atol=1e-14)


def test_the_holdout_learns_nothing_about_the_state_it_never_visits():
    game, policy = build_dynamic("lone_holdout", n_players=50, alpha=0.1), np.ones((2, 2, 1))
    limit = td_limit_of_strangers(game, policy, 0.0)
    assert limit.Q.tolist() == np.zeros((2, 2, 1)).tolist()
    assert limit.visits[:, 0, 0].tolist() == [1.0, 1.0]
    assert limit.delta == 1.0


def test_games_that_cannot_be_done_are_refused():
    with pytest.raises(InputError, match="must have laws that ignore the others"):
        td_limit_of_strangers(build_dynamic("a_sis", n_players=5), np.full((20, 2, 2), 0.5), 0.1)
    large = random_dynamic("dense", 0, horizon=9)  # N=2, D=9
    with pytest.raises(InputError, match="own paths take"):
        own_paths(JointGame(large), np.full((9, 3, 3), 1 / 3))
    with pytest.raises(InputError, match=r"alpha == 3\.0, must be in \[0"):
        build_dynamic("lone_holdout", alpha=3.0)
