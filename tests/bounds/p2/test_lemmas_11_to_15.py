"""Lemmas 11 to 15: closed forms, brute force, and false variants that must be caught."""

from __future__ import annotations

import itertools
import math
from dataclasses import replace

import numpy as np
import pytest
from scipy.special import softmax
from sympy import Rational

from mfbounds.bounds.dynamic_problem import DynamicParameters, DynamicProblem
from mfbounds.bounds.regularised import reference, regularised_exploitability
from mfbounds.bounds.statement import Statement, Tier
from mfbounds.bounds.statements.p2 import lemma_11, lemma_12, lemma_13, lemma_14, lemma_15
from mfbounds.games.dynamic.catalogue import build_dynamic
from mfbounds.games.dynamic.random import random_dynamic
from mfbounds.games.dynamic.tabular import TabularGame
from mfbounds.verification.check import check

STATEMENTS = [item.STATEMENT for item in (lemma_11, lemma_12, lemma_13, lemma_14, lemma_15)]


def bandit(rewards: list[float]) -> TabularGame:
    """Two players who do not meet: one state, one step."""
    A = len(rewards)
    return TabularGame.of(np.ones((2, 1, A, 1)), np.broadcast_to(np.array([rewards]), (2, 1, A)), horizon=1)


def tightened(statement: Statement, tier: Tier, factor: Rational) -> Statement:
    """A false statement: the right sides of a tier multiplied by a factor."""
    bounds = (replace(bound, right=bound.right * factor) for bound in statement.bounds if bound.tier is tier)
    return replace(statement, bounds=tuple(bounds), defects=())


def test_the_regularised_equilibrium_of_a_bandit_is_a_softmax():
    rewards, tau = [0.0, 0.3, 1.0], 0.2
    found = reference(DynamicProblem(bandit(rewards), DynamicParameters(tau=tau)))
    expected = softmax(np.array(rewards) / tau)
    np.testing.assert_allclose(found.policy[0, 0], expected, atol=1e-6)
    assert found.gap.value <= 1e-12


def test_the_gap_of_a_policy_is_the_divergence_from_the_soft_optimum():
    rewards, tau, policy = np.array([0.0, 1.0]), 0.5, np.array([[[0.8, 0.2]]])
    target = softmax(rewards / tau)
    expected = tau * float((policy[0, 0] * np.log(policy[0, 0] / target)).sum())
    problem = DynamicProblem(bandit(list(rewards)), DynamicParameters(tau=tau))
    assert regularised_exploitability(problem, policy).value == pytest.approx(expected)
    plain = lemma_11.measure(problem, {"policy": policy, "policy_2": policy})["plain"].value
    assert plain == pytest.approx(0.8)


def test_both_sides_of_the_performance_difference_by_enumeration_of_paths():
    game = random_dynamic("dense", 3, horizon=3)
    problem, rng = DynamicProblem(game), np.random.default_rng(3)
    policy, other = (rng.dirichlet(np.ones(game.n_actions), (3, game.n_states)) for _ in range(2))
    flow, tau = problem.flow(policy), 0.1

    def value(pi: np.ndarray, first: int) -> float:
        total = 0.0
        S, A = game.n_states, game.n_actions
        for rest in itertools.product(range(S), repeat=2):
            for acts in itertools.product(range(A), repeat=3):
                states, p, gain = (first, *rest), 1.0, 0.0
                for h in range(3):
                    s, a = states[h], acts[h]
                    p *= pi[h, s, a] * (flow.kernels[h, s, a, states[h + 1]] if h < 2 else 1.0)
                    gain += flow.rewards[h, s, a] - tau * math.log(pi[h, s, a])
                total += p * gain
        return total

    left, right = lemma_13.sides(flow, policy, other, tau)
    np.testing.assert_allclose(left, right, atol=1e-13)
    for s in range(game.n_states):
        difference = value(other, s) - value(policy, s)  # what both sides are less the divergence
        assert difference <= left[s] + 1e-12


@pytest.mark.parametrize("statement", STATEMENTS, ids=lambda item: item.id)
def test_nothing_is_violated(statement):
    for game in (random_dynamic("independent", 3), random_dynamic("dense", 7), build_dynamic("a_sis", n_players=20)):
        for verdict in check(statement, game):
            assert verdict.status in ("holds", "vacuous", "not applicable"), str(verdict)


@pytest.mark.parametrize(
    ("statement", "tier", "factor"),
    [(lemma_15.STATEMENT, Tier.SHARPENED, Rational(99, 100)), (lemma_14.STATEMENT, Tier.SHARPENED, Rational(2, 5))],
    ids=["L.15", "L.14"],
)
def test_a_false_variant_is_caught(statement, tier, factor):
    verdicts = check(tightened(statement, tier, factor), random_dynamic("nearly deterministic", 12))
    assert any(verdict.status == "violated" for verdict in verdicts)


def test_monotone_improvement_is_the_inner_product_of_the_flows():
    """Independent dynamics: V(mu,pi) + V(mu',pi') - V(mu,pi') - V(mu',pi) = sum <R(mu) - R(mu'), mu - mu'>."""
    problem = DynamicProblem(build_dynamic("at_own_state"))
    rng = np.random.default_rng(0)
    policies = rng.dirichlet(np.ones(2), (2, 2, 2))
    first, second = (problem.flow(policy) for policy in policies)
    expected = float(((first.rewards - second.rewards) * (first.mu - second.mu)).sum())
    found = lemma_12.measure(problem, {"policy": policies[0], "policy_2": policies[1]})["swap"]
    assert abs(found.value - expected) <= found.error + 1e-15
    assert expected < 0.0
