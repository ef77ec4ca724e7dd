"""Simulated dynamic games against the exact laws of all players, by enumeration; error rate of each check 1e-8."""

from __future__ import annotations

import numpy as np
import pytest

from mfbounds.checks import FloatArray
from mfbounds.errors import InputError
from mfbounds.games.dynamic import CountGame, DynamicGame, TabularGame
from mfbounds.games.dynamic.lattice import counts_of_arrangements, digits
from mfbounds.games.dynamic.random import random_dynamic
from mfbounds.games.dynamic.rps import a_rps
from mfbounds.games.dynamic.sis import a_sis
from mfbounds.mdp.joint import JointGame
from mfbounds.simulation.dynamic import PooledBatch, simulate
from mfbounds.simulation.dynamic_counts import simulate_agent, simulate_counts
from tests.simulation.statistics import assert_counts, assert_mean, show_seed

RUNS = 20_000


def random_policy(game: DynamicGame, seed: int, players: int = 0) -> FloatArray:
    shape = (game.horizon, game.n_states)
    return np.random.default_rng(seed).dirichlet(np.ones(game.n_actions), size=(players, *shape) if players else shape)


def tables(game: DynamicGame) -> TabularGame:
    if isinstance(game, CountGame):
        return game.tabular()
    assert isinstance(game, TabularGame)
    return game


def exact_laws(game: DynamicGame, policy: FloatArray) -> FloatArray:
    """(H, D^N)."""
    profile = policy if policy.ndim == 4 else np.repeat(policy[None], game.n_players, axis=0)
    return JointGame(tables(game)).pair_laws(profile)


GAMES = [
    random_dynamic("dense", 3),
    random_dynamic("followers", 5),
    random_dynamic("independent", 2),
    a_sis(n_players=4, horizon=3),
    a_rps(n_players=3, horizon=3),
]


@pytest.mark.parametrize("own", [False, True])
@pytest.mark.parametrize("game", GAMES, ids=repr)
def test_agents_follow_the_exact_joint_law(game: DynamicGame, own: bool) -> None:
    show_seed(11)
    policy = random_policy(game, 7, game.n_players if own else 0)
    batch = simulate(game, policy, trajectories=RUNS, seed=11)
    pairs = batch.states.astype(np.int64) * game.n_actions + batch.actions
    numbers = (pairs * game.n_pairs ** np.arange(game.n_players - 1, -1, -1)).sum(axis=2)
    for h, law in enumerate(exact_laws(game, policy)):
        assert_counts(np.bincount(numbers[:, h], minlength=len(law)), law)


@pytest.mark.parametrize("game", GAMES, ids=repr)
def test_rewards_are_the_rewards_of_the_joint_pair(game: DynamicGame) -> None:
    batch = simulate(game, random_policy(game, 8), trajectories=200, seed=12)
    for h in range(game.horizon):
        states, actions = batch.states[:, h].astype(np.int64), batch.actions[:, h].astype(np.int64)
        np.testing.assert_allclose(batch.rewards[:, h], tables(game).rewards(states, actions), atol=1e-12)


ALIKE = [a_rps(n_players=3, horizon=3), a_sis(n_players=4, horizon=3, alpha=0.0, beta=0.2)]


@pytest.mark.parametrize("game", ALIKE, ids=repr)
def test_counts_follow_the_exact_law_of_counts(game: CountGame) -> None:
    show_seed(21)
    policy = random_policy(game, 9)
    batch = simulate_counts(game, policy, trajectories=RUNS, seed=21)
    points = counts_of_arrangements(game.n_players, game.n_pairs)
    code = (game.n_players + 1) ** np.arange(game.n_pairs)
    for h, law in enumerate(exact_laws(game, policy)):
        values, place = np.unique(points @ code, return_inverse=True)
        wanted = np.bincount(place, weights=law)
        seen = np.searchsorted(values, batch.counts[:, h].reshape(RUNS, -1) @ code)
        assert_counts(np.bincount(seen, minlength=len(values)), wanted)


def exact_means(game: CountGame, policy: FloatArray, h: int) -> tuple[FloatArray, FloatArray]:
    """E of the sum of rewards in each pair, (D,), and of the transition counts to pairs of the next step, (D, D)."""
    law, joint = exact_laws(game, policy)[h], digits(game.n_players, game.n_pairs)
    states, actions = joint // game.n_actions, joint % game.n_actions
    rewards, laws = tables(game).rewards(states, actions), tables(game).laws(states, actions)
    sums, moves = np.zeros(game.n_pairs), np.zeros((game.n_pairs, game.n_pairs))
    for i in range(game.n_players):
        np.add.at(sums, joint[:, i], law * rewards[:, i])
        if h + 1 < game.horizon:
            following = (laws[:, i, :, None] * policy[h + 1]).reshape(len(joint), -1)
            np.add.at(moves, joint[:, i], law[:, None] * following)
    return sums, moves


@pytest.mark.parametrize("level", ["agents", "counts"])
@pytest.mark.parametrize("game", ALIKE, ids=repr)
def test_pooled_rewards_and_transitions_have_the_exact_means(game: CountGame, level: str) -> None:
    show_seed(31)
    policy = random_policy(game, 10)
    batch: PooledBatch
    if level == "agents":
        batch = simulate(game, policy, trajectories=RUNS, seed=31).pooled
    else:
        batch = simulate_counts(game, policy, trajectories=RUNS, seed=31)
    for h in range(game.horizon):
        sums, moves = exact_means(game, policy, h)
        seen = (batch.counts * batch.rewards)[:, h].reshape(RUNS, -1)
        ends = np.append(game.reward_range, 0.0) * game.n_players
        assert_mean(seen, sums, float(np.ptp(ends)))
        if h + 1 < game.horizon:
            gone = batch.transitions[:, h].reshape(RUNS, *moves.shape)
            assert_mean(gone, moves, game.n_players)
            np.testing.assert_array_equal(gone.sum(axis=2), batch.counts[:, h].reshape(RUNS, -1))
            np.testing.assert_array_equal(gone.sum(axis=1), batch.counts[:, h + 1].reshape(RUNS, -1))


@pytest.mark.parametrize("game", ALIKE, ids=repr)
def test_targets_are_means_over_agents(game: CountGame) -> None:
    policy = random_policy(game, 13)
    runs = simulate(game, policy, trajectories=5, seed=41)
    ahead = np.random.default_rng(1).normal(size=(game.n_states, game.n_actions))
    for h in range(game.horizon):
        targets = runs.pooled.targets(h, ahead)
        for m, s, a in np.ndindex(targets.shape):
            inside = (runs.states[m, h] == s) & (runs.actions[m, h] == a)
            own = runs.rewards[m, h].copy()
            if h + 1 < game.horizon:
                own += ahead[runs.states[m, h + 1], runs.actions[m, h + 1]]
            np.testing.assert_allclose(targets[m, s, a], own[inside].mean() if inside.any() else 0.0, atol=1e-12)


@pytest.mark.parametrize("game", ALIKE, ids=repr)
def test_one_agent_among_counts_has_its_exact_law(game: CountGame) -> None:
    show_seed(51)
    policy, player = random_policy(game, 14), 1
    batch = simulate_agent(game, policy, trajectories=RUNS, player=player, seed=51)
    joint = digits(game.n_players, game.n_pairs)
    for h, law in enumerate(exact_laws(game, policy)):
        seen = batch.states[:, h] * game.n_actions + batch.actions[:, h]
        assert_counts(
            np.bincount(seen, minlength=game.n_pairs), np.bincount(joint[:, player], law, minlength=game.n_pairs)
        )
        rewards = tables(game).rewards(joint // game.n_actions, joint % game.n_actions)[:, player]
        assert_mean(batch.rewards[:, h], float(law @ rewards), game.R)


def test_a_seed_fixes_everything_and_a_generator_goes_on() -> None:
    game, policy = a_sis(n_players=9, horizon=3), np.full((3, 2, 2), 0.5)
    first, second = (simulate(game, policy, trajectories=4, seed=1) for _ in range(2))
    np.testing.assert_array_equal(first.states, second.states)
    rng = np.random.default_rng(1)
    third, fourth = (simulate(game, policy, trajectories=4, seed=rng) for _ in range(2))
    np.testing.assert_array_equal(first.actions, third.actions)
    assert (third.actions != fourth.actions).any()


def test_a_start_replaces_the_games() -> None:
    game = a_sis(n_players=9, horizon=3)
    assert simulate(game, np.full((3, 2, 2), 0.5), trajectories=4, seed=1, start=[0.0, 1.0]).states[:, 0].min() == 1


@pytest.mark.parametrize(
    ("arguments", "message"),
    [
        ({"policy": np.full((2, 2, 2), 0.5)}, r"policy.shape == \(2, 2, 2\), must be \(3, 2, 2\)"),
        ({"policy": np.full((3, 2, 2), 0.6)}, "must be 1"),
        ({"trajectories": 0}, "trajectories == 0"),
        ({"seed": -1}, "seed == -1"),
        ({"start": [0.5, 0.4]}, "start"),
    ],
)
def test_wrong_input_is_refused(arguments: dict[str, object], message: str) -> None:
    right: dict[str, object] = {"policy": np.full((3, 2, 2), 0.5), "trajectories": 2, "seed": 0}
    with pytest.raises(InputError, match=message):
        simulate(a_sis(n_players=5, horizon=3), **(right | arguments))  # type: ignore[arg-type]


def test_different_laws_cannot_be_counted() -> None:
    with pytest.raises(InputError, match="must have players of one transition law"):
        simulate_counts(a_sis(n_players=5, horizon=3), np.full((3, 2, 2), 0.5), trajectories=2)
    with pytest.raises(InputError, match="player == 3, must be < n_players == 3"):
        simulate_agent(a_rps(n_players=3, horizon=3), np.full((3, 3, 3), 1 / 3), trajectories=2, player=3)
