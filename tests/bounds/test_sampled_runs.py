"""Runs of the sampled algorithms as statements see them: unbiased means, sample sizes of the theory, laws of starts."""

from __future__ import annotations

import itertools
import time

import numpy as np
import pytest

from mfbounds.bounds.problem import Problem
from mfbounds.bounds.sampled_runs import sampled_level
from mfbounds.bounds.statements.p1 import algorithm_3, algorithm_8, theorem_d2
from mfbounds.games.random import random_game
from mfbounds.mdp.frozen import freeze
from mfbounds.mdp.values import policy_values
from mfbounds.solvers.trpo import trpo_iterates


def test_with_many_trajectories_the_run_is_exact_trpo():
    """At I = 2^50 the sampling noise is below 1e-5: gaps agree with those of the exact iterates."""
    game = random_game("contractive", 3, n_states=3, n_actions=2, gamma=0.3, eta=1.0)
    problem = Problem(game)
    mu = game.start
    level = sampled_level(problem, mu, {"L": 6, "I": 2**50, "T": 40}, np.random.SeedSequence(5))
    exact = [iterate.values.V for iterate in trpo_iterates(problem.frozen(mu), 6)]
    gaps = problem.optimum(mu).V - np.mean(exact, axis=0)
    np.testing.assert_allclose(level.gaps, gaps, atol=1e-5)


def test_the_size_that_d2_asks_for_on_five_states_runs_in_seconds():
    """epsilon = 0.01: above 1e8 rollouts in each iteration."""
    game = random_game("contractive", 3, n_states=5, n_actions=2, gamma=0.6, eta=1.0)
    problem = Problem(game)
    case = theorem_d2.sized(problem, game.start, 10, "repaired", 0.05, 0.01)
    assert case["I"] > 10**8
    began = time.perf_counter()
    level = sampled_level(problem, game.start, case, np.random.SeedSequence(1))
    assert time.perf_counter() - began < 20.0
    assert level.policies.shape == (11, 5, 2)


def test_printed_rollouts_forget_the_first_action():
    """The mean that line 8 prints, by enumeration of all paths of two steps."""
    game = random_game("dense", 2, n_states=2, n_actions=2, gamma=0.7, eta=0.3)
    problem, rng = Problem(game), np.random.default_rng(0)
    policy = rng.dirichlet([1.0, 1.0], size=2)
    mu = game.start
    frozen = freeze(game, mu)
    reward = frozen.reward - game.reward_range[0]
    chain = np.einsum("sa,sat->st", policy, frozen.kernel)
    bonus = (policy * (reward - game.eta * np.log(policy))).sum(axis=1)
    mean = np.zeros((2, 2))
    for s, a in itertools.product(range(2), repeat=2):
        mean[s, a] = reward[s, a]
        for s1, s2 in itertools.product(range(2), repeat=2):
            mean[s, a] += chain[s, s1] * chain[s1, s2] * (0.7 * bonus[s1] + 0.49 * bonus[s2])
    expected = np.abs(policy_values(frozen, policy).Q - game.reward_range[0] / 0.3 - mean).max()
    case = {"mu": mu, "policy": policy, "share": 0.05, "T": 2, "sizes": "printed"}
    found = algorithm_3.measure(problem, case)["off_printed"]
    assert found.value == pytest.approx(expected, abs=1e-12)


def test_printed_start_against_enumeration_of_levels():
    """Two levels by hand: printed weight b to nu P_1 P_2, the truth b (1-b) to nu P_2 and b^2 to nu P_1 P_2."""
    game = random_game("dense", 4, n_states=3, n_actions=2, gamma=0.5, eta=1.0)
    fixed = type(game)(game.kernel(game.start), game.reward(game.start), gamma=0.5, eta=1.0)
    rng, b = np.random.default_rng(1), 0.3
    policies = rng.dirichlet([1.0, 1.0], size=(2, 3))
    one, two = (np.einsum("sa,sat->st", policy, fixed.kernel(fixed.start)) for policy in policies)
    nu = fixed.restart
    printed = (1 - b) ** 2 * nu + b * (1 - b) * nu @ one + b * nu @ one @ two
    truth = (1 - b) ** 2 * nu + b * (1 - b) * (nu @ one + nu @ two) + b**2 * nu @ one @ two
    case = {"policies": policies, "beta": b, "M": 1, "K": 2, "P": 50, "delta": 0.1}
    found = algorithm_8.measure(Problem(fixed), case)["off_printed"]
    assert found.value == pytest.approx(np.abs(printed - truth).sum(), abs=1e-13)
