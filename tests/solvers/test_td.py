from __future__ import annotations

import math
from collections import Counter
from typing import Any

import numpy as np
import pytest
from scipy.special import entr

from mfbounds.errors import InputError, UnknownNameError
from mfbounds.games.dynamic import DynamicGame, TabularGame
from mfbounds.games.dynamic.lattice import digits
from mfbounds.games.dynamic.random import random_dynamic
from mfbounds.games.dynamic.rps import a_rps
from mfbounds.games.dynamic.sis import a_sis
from mfbounds.mdp.joint import JointGame
from mfbounds.mdp.td_limit import td_limit, td_moments
from mfbounds.mdp.td_paths import own_paths
from mfbounds.simulation.dynamic import simulate
from mfbounds.solvers.td import agent_tables, check_td, pooled_tables, td_learning

ERROR_RATE = 1e-6  # of each stochastic test


def some_policy(game: DynamicGame, seed: int = 0) -> np.ndarray:
    rng = np.random.default_rng(seed)
    return rng.dirichlet(np.full(game.n_actions, 2.0), size=(game.horizon, game.n_states))


def bernstein(variance: Any, width: float, runs: int, cells: int) -> np.ndarray:
    """How far a mean of `runs` draws within `width` of their mean may be, with probability 1 - ERROR_RATE for all cells."""
    log = math.log(2 * cells / ERROR_RATE)
    return np.sqrt(2 * np.asarray(variance) * log / runs) + 2 * width * log / (3 * runs)


def test_one_agent_follows_the_exact_moments() -> None:
    game = random_dynamic(seed=3, family="dense")
    assert isinstance(game, TabularGame)
    policy, tau, M, u, runs = some_policy(game), 0.3, 4, 5.0, 3000
    paths = own_paths(JointGame(game), policy)
    limit = td_limit(paths, policy, tau)
    exact = td_moments(paths, limit, policy, tau, u=u, M=M)
    rng = np.random.default_rng(20240501)
    tables = np.array(
        [td_learning(game, policy, M=M, tau=tau, data="agent", u=u, seed=rng, from_minimum=True).Q for _ in range(runs)]
    )
    width = game.horizon * (game.R + tau * math.log(game.n_actions)) + exact.error
    variance = exact.square - exact.mean**2 + exact.error
    radius = bernstein(variance, width, runs, policy.size) + 2 * exact.error
    off = np.abs(tables.mean(axis=0) - (limit.Q + exact.mean))
    assert (off <= radius).all(), f"seed 20240501, {runs} runs: {off.max()}, allowed {radius[off.argmax() // 4]}"


def expected_pooled(game: TabularGame, policy: np.ndarray, tau: float, u: float, M: int) -> np.ndarray:
    """E Qhat^M of pooled learning by enumeration of joint paths: trajectories are independent of the table before."""
    joint = JointGame(game)
    kernel, rewards = joint.pairs
    N, D, A, H = game.n_players, game.n_pairs, game.n_actions, game.horizon
    pairs = digits(N, D)
    laws = joint.pair_laws(np.repeat(policy[None], N, axis=0))
    own = joint.own_states
    visit, known, share = np.zeros((H, D)), np.zeros((H, D)), np.zeros((H, D, D))
    bonus = tau * entr(policy).sum(axis=2)
    for h in range(H):
        for joint_pair, weight in zip(range(len(pairs)), laws[h], strict=True):
            for x, size in Counter(pairs[joint_pair].tolist()).items():
                inside = np.flatnonzero(pairs[joint_pair] == x)
                visit[h, x] += weight
                reward = rewards[inside, joint_pair].mean() - game.reward_range[0]
                known[h, x] += weight * (reward + bonus[h, x // A])
                if h + 1 < H:
                    for i in inside:
                        law = np.bincount(own[:, i], kernel[joint_pair], game.n_states)
                        share[h, x] += weight / size * (law[:, None] * policy[h + 1]).ravel()
    Q = np.zeros((H + 1, D))
    for m in range(M):
        before = Q.copy()
        for h in range(H):
            ahead = share[h] @ before[h + 1] if h + 1 < H else 0.0
            Q[h] = before[h] + u / (m + u) * (known[h] + ahead - visit[h] * before[h])
    return Q[:H].reshape(policy.shape)


@pytest.mark.parametrize("level", ["agents", "counts"])
def test_pooled_learning_follows_the_exact_mean(level: str) -> None:
    game = a_rps(n_players=2, horizon=2, crowding=0.3, losses=[0.2, 0.4, 0.6], gains=[0.1, 0.2, 0.3], beta=0.05, seed=2)
    policy, tau, M, u, runs = some_policy(game, 1), 0.2, 3, 4.0, 2500
    rng = np.random.default_rng(7)
    tables = np.array(
        [td_learning(game, policy, M=M, tau=tau, u=u, level=level, seed=rng, from_minimum=True).Q for _ in range(runs)]
    )
    width = game.horizon * (game.R + tau * math.log(3))
    exact = expected_pooled(game.tabular(), policy, tau, u, M)
    # empirical Bernstein (Maurer and Pontil 2009): the variance is not known
    log = math.log(4 * policy.size / ERROR_RATE)
    radius = np.sqrt(2 * tables.var(axis=0, ddof=1) * log / runs) + 7 * width * log / (3 * (runs - 1))
    assert (np.abs(tables.mean(axis=0) - exact) <= radius).all(), "seed 7"
    assert radius.max() < 0.15  # the test can see something: rewards have a range of 1.2


def test_pooled_learning_of_one_trajectory_is_exact_where_nothing_is_random() -> None:
    game = a_rps(n_players=2, horizon=1, start=[1.0, 0.0, 0.0])
    policy = np.zeros((1, 3, 3))
    policy[..., 1] = 1.0
    both = game.rewards(np.zeros((1, 2), dtype=int), np.ones((1, 2), dtype=int))
    for level in ("agents", "counts"):
        found = td_learning(game, policy, M=1, level=level, seed=0)
        assert found.Q[0, 0, 1] == pytest.approx(both.mean(), abs=1e-13)
        assert found.visits.sum() == 1
        assert (np.delete(found.Q.ravel(), 1) == 0.0).all()


@pytest.mark.parametrize("rule", ["printed", "counts"])
def test_tables_are_those_of_the_algorithm_line_by_line(rule: str) -> None:
    game = a_sis(n_players=5, horizon=3, alpha=0.05)
    policy = some_policy(game, 4)
    batch = simulate(game, policy, trajectories=7, seed=5)
    bonus = 0.1 * entr(policy).sum(axis=2)
    options = check_td(game, M=7, tau=0.1, rule=rule, u=2.5)
    Q, visits = agent_tables(batch.states, batch.actions, batch.rewards, bonus[None], options, 2)
    for i in range(game.n_players):
        table, seen = np.zeros((4, 2, 2)), np.zeros((3, 2, 2), dtype=int)
        for m in range(7):
            old = table.copy()
            for h in range(3):
                s, a = int(batch.states[m, h, i]), int(batch.actions[m, h, i])
                following = old[h + 1, batch.states[m, h + 1, i], batch.actions[m, h + 1, i]] if h < 2 else 0.0
                eta = 2.5 / ((m if rule == "printed" else seen[h, s, a]) + 2.5)
                table[h, s, a] += eta * (following + batch.rewards[m, h, i] + bonus[h, s] - old[h, s, a])
                seen[h, s, a] += 1
        assert np.abs(Q[i] - table[:3]).max() < 1e-12
        assert (visits[i] == seen).all()


@pytest.mark.parametrize("rule", ["printed", "counts"])
def test_pooled_tables_are_those_of_the_algorithm_line_by_line(rule: str) -> None:
    game = a_sis(n_players=3, horizon=3, alpha=0.05)
    policy = some_policy(game, 6)
    batch = simulate(game, policy, trajectories=5, seed=8)
    bonus = 0.1 * entr(policy).sum(axis=2)
    found = pooled_tables(batch.pooled, bonus, check_td(game, M=5, tau=0.1, rule=rule, u=3.0), 0.0)
    table, seen = np.zeros((4, 2, 2)), np.zeros((3, 2, 2), dtype=int)
    for m in range(5):
        old = table.copy()
        for h in range(3):
            targets: dict[tuple[int, int], list[float]] = {}
            for i in range(3):
                s, a = int(batch.states[m, h, i]), int(batch.actions[m, h, i])
                following = old[h + 1, batch.states[m, h + 1, i], batch.actions[m, h + 1, i]] if h < 2 else 0.0
                targets.setdefault((s, a), []).append(following + batch.rewards[m, h, i] + bonus[h, s])
            for (s, a), values in targets.items():
                eta = 3.0 / ((m if rule == "printed" else seen[h, s, a]) + 3.0)
                table[h, s, a] += eta * (np.mean(values) - old[h, s, a])
                seen[h, s, a] += 1
    assert np.abs(found.Q - table[:3]).max() < 1e-12
    assert (found.visits == seen).all()


def test_the_same_seed_gives_the_same_tables() -> None:
    game = a_sis(n_players=20, horizon=3)
    policy = some_policy(game)
    first, second = (td_learning(game, policy, M=5, seed=3).Q for _ in range(2))
    assert first.tobytes() == second.tobytes()


@pytest.mark.parametrize(
    ("options", "message"),
    [
        ({"M": 0}, "M == 0"),
        ({"tau": -1.0}, "tau == -1.0"),
        ({"u": 0.0}, "u == 0.0"),
        ({"agent": 50}, "agent == 50"),
        ({"level": "counts"}, "level == 'counts'"),
        ({"from_minimum": 1}, "from_minimum == 1"),
    ],
)
def test_options_out_of_range_are_refused(options: dict[str, Any], message: str) -> None:
    game = a_sis(n_players=50, horizon=2)
    with pytest.raises(InputError, match=message):
        td_learning(game, np.full((2, 2, 2), 0.5), **{"M": 1, **options})


def test_unknown_options_are_named() -> None:
    game = a_sis(n_players=50, horizon=2)
    for options in ({"data": "all"}, {"rule": "best"}, {"level": "x"}, {"nothing": 1}):
        with pytest.raises(UnknownNameError):
            td_learning(game, np.full((2, 2, 2), 0.5), M=1, **options)
    with pytest.raises(InputError, match="policy"):
        td_learning(game, np.full((2, 2, 3), 0.5), M=1)
