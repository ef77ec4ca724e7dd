"""Sample-Based TRPO: its estimator against plain sums, its limit, the mixtures of its policies, wrong input."""

from __future__ import annotations

import itertools
from typing import Any

import numpy as np
import pytest
from scipy.stats import binom

from mfbounds.checks import FloatArray
from mfbounds.errors import InputError
from mfbounds.games import AffineGame, MeanFieldGame
from mfbounds.mdp import Frozen, evaluate, freeze, occupation
from mfbounds.simulation import CountRollouts, RestartOracle
from mfbounds.simulation.n_players_bands import bernstein_radius
from mfbounds.simulation.streams import child
from mfbounds.solvers import Run, UniformMixture, sampled_trpo, trpo
from mfbounds.solvers.sampled_trpo import estimate

SEED = 31_337
ERROR_RATE = 1e-8


def game(seed: int = 0, n_states: int = 3, n_actions: int = 2, **changes: Any) -> MeanFieldGame:
    rng = np.random.default_rng(seed)
    arguments: dict[str, Any] = {"gamma": 0.7, "eta": 0.4, "restart": rng.dirichlet(np.ones(n_states)), **changes}
    return AffineGame(
        rng.dirichlet(np.full(n_states, 0.7), size=(n_states, n_states, n_actions)),
        rng.uniform(-1.0, 2.0, size=(n_states, n_states, n_actions)),
        **arguments,
    )


def mean_return(frozen: Any, policy: FloatArray, s: int, a: int, T: int) -> float:
    """r(s,a) + sum_{t=1..T} gamma^t E[r + eta H], following the law of s_t step by step."""
    value, law = frozen.reward[s, a], np.asarray(frozen.kernel)[s, a]
    bonus = -frozen.eta * (policy * np.log(policy)).sum(axis=1)
    for t in range(1, T + 1):
        value += frozen.gamma**t * (law * ((policy * frozen.reward).sum(axis=1) + bonus)).sum()
        law = sum(law[x] * policy[x, b] * frozen.kernel[x, b] for x in range(len(law)) for b in range(policy.shape[1]))
    return float(value)


@pytest.mark.parametrize("estimator", ["importance", "mean"])
@pytest.mark.parametrize("bonus", ["entropy", "log-prob"])
def test_the_estimator_is_unbiased_where_it_is_defined(estimator: str, bonus: str) -> None:
    played, I, T, batches = game(1), 6, 3, 5_000  # noqa: E741
    frozen, rng = freeze(played, played.start), np.random.default_rng(2)
    policy = rng.dirichlet(np.ones(2), size=3)
    rollouts = CountRollouts(frozen, played.restart, bonus=bonus)
    found: dict[tuple[int, int], list[float]] = {(s, a): [] for s in range(3) for a in range(2)}
    for i in range(batches):
        Q, known = estimate(rollouts(np.log(policy), I, T, child(np.random.SeedSequence(SEED), i)), estimator)
        assert (Q[~known] == 0.0).all()
        for s in np.flatnonzero(known):
            for a in range(2):
                found[s, a].append(Q[s, a])
    surprise = -np.log(policy) if bonus == "log-prob" else -(policy * np.log(policy)).sum(axis=1, keepdims=True)
    earned, later = frozen.reward + frozen.eta * surprise, sum(played.gamma**t for t in range(1, T + 1))
    least, most = (end(frozen.reward) + later * end(earned) for end in (np.min, np.max))  # of a return; least >= 0
    width = 2.0 * most if estimator == "importance" else most - least  # 2 actions: up to twice a return, or nothing
    for (s, a), values in found.items():
        limit = bernstein_radius(np.var(values, ddof=1), width, len(values), ERROR_RATE / 2)
        assert abs(np.mean(values) - mean_return(frozen, policy, s, a, T)) <= limit, f"seed {SEED}"


def test_only_visited_states_are_updated_and_as_printed() -> None:
    """Expected rollouts, one update, by hand: pi_1 ~ pi_0 exp((Qhat - eta log pi_0)/(2 eta)) where n(s) > 0."""
    played = game(3, restart=[0.0, 1.0, 0.0], gamma=0.0)  # with gamma = 0 every start is at state 1
    start = np.array([[0.2, 0.8], [0.6, 0.4], [0.5, 0.5]])
    run = sampled_trpo(played, [0.0, 1.0, 0.0], 1, I=7, T=1, rollouts="expected", start=start, seed=SEED)
    _, policy = np.exp(run.state["log_policies"])
    assert policy[[0, 2]] == pytest.approx(start[[0, 2]], abs=1e-15)
    assert run.history.updated.tolist() == [0, 1]
    reward = played.reward([0.0, 1.0, 0.0])[1] - played.reward_range[0]
    candidates = []
    for n in range(8):  # the number of rollouts that took action 0
        Q = 2.0 * np.array([n, 7 - n]) / 7.0 * reward
        weights = start[1] * np.exp((Q - played.eta * np.log(start[1])) / (2.0 * played.eta))
        candidates.append(weights / weights.sum())
    assert min(np.abs(policy[1] - candidate).max() for candidate in candidates) < 1e-14


@pytest.mark.parametrize("estimator", ["importance", "mean"])
@pytest.mark.parametrize("rollouts", ["sampled", "expected"])
def test_enormous_batches_follow_exact_trpo(estimator: str, rollouts: str) -> None:
    played, mu = game(4), [0.2, 0.5, 0.3]
    run = sampled_trpo(played, mu, 12, I=10**14, T=100, seed=SEED, estimator=estimator, rollouts=rollouts)
    exact = trpo(played, mu, 12)
    assert run.history.quality.to_numpy() == pytest.approx(exact.history.quality.to_numpy(), abs=1e-5)
    assert run.history.value.to_numpy() == pytest.approx(exact.history.value.to_numpy(), abs=1e-5)
    mean = [exact.history.quality[: l + 1].mean() for l in range(13)]  # noqa: E741
    assert run.history.average_quality.to_numpy() == pytest.approx(mean, abs=1e-5)


def test_a_simulator_is_played_particle_by_particle() -> None:
    played, mu = game(5), [0.2, 0.5, 0.3]
    oracle = RestartOracle(played, seed=SEED)
    L, I, T = 3, 160_000, 20  # noqa: E741
    run = sampled_trpo(oracle, mu, L, I=I, T=T, seed=SEED, estimator="mean")
    assert oracle.resets == L * I
    assert run.history.oracle_calls.iloc[-1] == oracle.resets + oracle.steps
    assert run.history[["value", "quality", "average_quality"]].isna().all(axis=None)
    assert run.game["fingerprint"] is None
    frozen, log_policies = freeze(played, np.array(mu)), run.state["log_policies"]
    for l, (before, after) in enumerate(itertools.pairwise(log_policies)):  # noqa: E741
        # eta (l + 2) log pi_{l+1} = eta (l + 1) log pi_l + Qhat + const, solved for Qhat(s, 1) - Qhat(s, 0)
        found = np.diff(frozen.eta * ((l + 2) * after - (l + 1) * before), axis=1)[:, 0]
        policy = np.exp(before)
        expected = [np.diff([mean_return(frozen, policy, s, a, T) for a in range(2)])[0] for s in range(3)]
        visits = binom.ppf(
            ERROR_RATE / L / 12, I, occupation(played, policy, mu, played.restart) / 2
        )  # at least so many
        limit = _width(frozen, T) * np.sqrt(2.0 * np.log(24 * L / ERROR_RATE) / visits)  # two means, by Hoeffding
        assert (np.abs(found - expected) <= limit).all(), f"seed {SEED}"
        assert (limit < 0.3).all()  # the test can see something: exact differences are up to 0.4


def _width(frozen: Frozen, T: int) -> float:
    """How far two returns of T further steps may be apart, with the entropy bonus."""
    later = sum(frozen.gamma**t for t in range(1, T + 1))
    return float(np.ptp(frozen.reward)) * (1.0 + later) + later * frozen.eta * np.log(frozen.n_actions)


def same(one: Run, two: Run) -> bool:
    return bool((one.state["log_policies"] == two.state["log_policies"]).all()) and one.history.equals(two.history)


def test_the_seed_decides_and_the_workers_do_not() -> None:
    played, arguments = game(6), {"I": 5_000, "T": 9}
    run = sampled_trpo(played, played.start, 4, seed=1, **arguments)
    assert same(run, sampled_trpo(played, played.start, 4, seed=1, workers=3, **arguments))
    assert not same(run, sampled_trpo(played, played.start, 4, seed=2, **arguments))
    fresh = sampled_trpo(played, played.start, 4, **arguments)
    assert same(fresh, sampled_trpo(played, played.start, 4, seed=fresh.parameters["seed"], **arguments))


def test_the_expensive_columns_and_progress() -> None:
    seen: list[tuple[int, int]] = []
    run = sampled_trpo(
        game(),
        game().start,
        5,
        I=100,
        seed=1,
        every=3,
        progress=lambda l, L: seen.append((l, L)),  # noqa: E741
    )
    assert run.history.quality.notna().tolist() == [True, False, False, True, False, True]
    assert run.history.oracle_calls.is_monotonic_increasing
    assert seen[-1] == (5, 5)


def J(played: MeanFieldGame, policy: FloatArray, mu: FloatArray) -> float:
    return float(mu @ evaluate(played, policy, mu).V)


@pytest.mark.parametrize("seed", range(30))
def test_the_averaged_occupation_gains_what_21_says(seed: int) -> None:
    played = game(seed)
    mixture = UniformMixture(np.random.default_rng(seed).dirichlet(np.full(2, 0.4), size=(4, 3)))
    policy, mu = mixture.by_occupation(played, played.start), played.start
    average = np.mean([occupation(played, pi, mu, mu) for pi in mixture.policies], axis=0)
    assert occupation(played, policy, mu, mu) == pytest.approx(average, abs=1e-12)
    mean = np.mean([J(played, pi, mu) for pi in mixture.policies])
    assert J(played, policy, mu) >= mean - 1e-12


def test_the_average_state_by_state_can_lose() -> None:
    """From the middle, pi_0 goes left and stays there, pi_1 goes right and stays there; both sides pay 1 a step.

    The average by state leaves each side again half of the time. The average by occupation never leaves: the policy
    that is found on a side is the one that stays.
    """
    kernel = np.zeros((3, 2, 3))
    kernel[0, 0, 1] = kernel[0, 1, 2] = kernel[1, 0, 1] = kernel[1, 1, 0] = kernel[2, 0, 0] = kernel[2, 1, 2] = 1.0
    reward = np.array([[0.0, 0.0], [1.0, 0.0], [0.0, 1.0]])
    played = AffineGame(kernel, reward, gamma=0.9, eta=1e-3, start=[1.0, 0.0, 0.0])
    mixture = UniformMixture(np.array([[[1.0, 0.0]] * 3, [[0.0, 1.0]] * 3]))
    mean = np.mean([J(played, pi, played.start) for pi in mixture.policies])
    assert mean == pytest.approx(9.0)
    assert J(played, mixture.by_state(), played.start) < 0.6 * mean
    assert J(played, mixture.by_occupation(played, played.start), played.start) >= mean


def test_a_trajectory_keeps_one_policy_drawn_uniformly() -> None:
    run = sampled_trpo(game(7), game(7).start, 3, I=50, seed=2)
    mixture = UniformMixture.of(run)
    assert run.policy == pytest.approx(mixture.policies.mean(axis=0), abs=1e-15)
    rng = np.random.default_rng(SEED)
    drawn = [int(np.flatnonzero((mixture.policies == mixture.draw(rng)).all(axis=(1, 2)))[0]) for _ in range(4_000)]
    # Each count is binomial(4000, 1/4); the limit is its Hoeffding bound at 1e-8 over the four.
    limit = np.sqrt(4_000 * np.log(8 / ERROR_RATE) / 2)
    assert np.abs(np.bincount(drawn, minlength=4) - 1_000).max() <= limit
    with pytest.raises(InputError, match=r"run\.method"):
        UniformMixture.of(trpo(game(), game().start, 2))


@pytest.mark.parametrize(
    ("name", "values"),
    [
        ("I", (0, -1, 2.5, True, "many", 2**53 + 1)),
        ("T", (0, -3, 1.5)),
        ("L", (0, -1, 2.0)),
        ("every", (0,)),
        ("workers", (0, 1.5)),
        ("seed", (-1, 1.5, "x")),
        ("rollouts", ("exact", None)),
        ("bonus", ("kl",)),
        ("estimator", ("median",)),
        ("mu", ([0.5, 0.5], [0.5, 0.6, -0.1], None)),
        ("start", ([[1.0, 0.0]] * 3, [[0.5, 0.5]])),
    ],
)
def test_wrong_arguments_are_named(name: str, values: tuple[Any, ...]) -> None:
    for value in values:
        arguments = {"mu": [0.2, 0.3, 0.5], "L": 2, name: value}
        with pytest.raises(InputError, match=name):
            sampled_trpo(game(), **arguments)


def test_a_simulator_has_no_expectations_and_nothing_else_is_a_game() -> None:
    with pytest.raises(InputError, match="rollouts == 'expected'"):
        sampled_trpo(RestartOracle(game()), game().start, 2, rollouts="expected")
    with pytest.raises(InputError, match="must be a game, or have a method reset"):
        sampled_trpo("game", [1.0], 2)  # type: ignore[arg-type]


def test_a_restart_that_leaves_out_what_matters_is_refused_with_the_state() -> None:
    kernel = np.array([[[1.0, 0.0, 0.0]] * 2, [[0.0, 1.0, 0.0]] * 2, [[0.5, 0.0, 0.5]] * 2])
    played = AffineGame(kernel, np.zeros((3, 2)), gamma=0.9, eta=0.1, restart=[0.0, 0.0, 1.0])
    with pytest.raises(InputError, match=r"restart\[1\] == 0.0, must be > 0, or reach state 1.*A-4"):
        sampled_trpo(played, [0.5, 0.5, 0.0], 2)
    # Where the population never goes, nothing is missed; and state 0 is reached from state 2.
    sampled_trpo(played, [0.5, 0.0, 0.5], 2, I=10)
