"""Theorem 2 and Algorithm 1: the witness in closed form, the bounds by hand, and what the verdicts are about."""

from __future__ import annotations

import math

import numpy as np
import pytest

from mfbounds.bounds import td_measures
from mfbounds.bounds.dynamic_problem import DynamicParameters, DynamicProblem
from mfbounds.bounds.statements.p2 import algorithm_1, theorem_2
from mfbounds.bounds.td_errors import bias_bound, evaluation, variance_bound
from mfbounds.games.dynamic.catalogue import build_dynamic
from mfbounds.games.dynamic.random import random_dynamic
from mfbounds.games.dynamic.tabular import TabularGame
from mfbounds.verification.check import check
from mfbounds.verification.witness import replay_defect, replay_witness


@pytest.mark.parametrize("p", [0.5, 0.1])
def test_the_error_of_the_holdout_is_half_of_alpha_and_a_quarter_of_its_square(p):
    game = build_dynamic("one_stays", n_players=4, p=p)
    alpha = 2 * p * 3 / 4
    found = td_measures.measure(DynamicProblem(game), {"policy": np.ones((2, 2, 1)), "C": 1.0})["bias_mu"]
    assert found.value == pytest.approx(alpha / 2 + alpha**2 / 4, abs=1e-15)
    assert found.error < 1e-12


@pytest.mark.parametrize("constant", [1.0, 10.0, 30.0])
def test_no_constant_saves_theorem_2_in_the_norm_of_the_flow(constant):
    verdict = replay_witness(theorem_2.STATEMENT, theorem_2.holdout_witness(constant))
    assert verdict.status == "violated"
    n = math.ceil((8 * constant) ** 2)
    assert verdict.lhs == pytest.approx(1 / (2 * math.sqrt(n)) + 1 / (4 * n), rel=1e-9)
    assert verdict.rhs == pytest.approx(2 * constant / n, rel=1e-9)


def test_the_extra_term_of_the_flow_norm_is_what_the_holdout_needs():
    verdicts = {v.bound: v for v in check("P2.T2", build_dynamic("one_stays", n_players=4, p=0.1), tiers=["repaired"])}
    assert verdicts["repaired / norm of the flow"].status != "violated"
    # under its own visits only the value of leaving is missed: alpha/2 at the first step
    assert verdicts["repaired / own visits"].lhs == pytest.approx(0.15**2 / 4)


def test_a_and_t_by_hand():
    game = TabularGame.of(
        np.ones((2, 1, 2, 1)), np.zeros((2, 1, 2)), horizon=2, reward_range=(0.0, 1.0), name="two idle players"
    )
    problem = DynamicProblem(game, DynamicParameters(tau=0.5))
    step = 1 + 0.5 * math.log(2)
    last = max(step**2, 2 * 0.25)
    assert float(variance_bound(problem, 1, 2).mid()) == pytest.approx(last)
    assert float(variance_bound(problem, 0, 2).mid()) == pytest.approx(
        max(4 * step**2, 2 * (last + (1 + step) ** 2 / 4))
    )
    assert float(bias_bound(problem, 0).mid()) <= 1e-12  # alpha = beta = L_mu = K_mu = 0


def test_the_bias_of_one_law_is_free_of_beta_only_where_the_player_is_drawn_anew():
    """Two players, one pair, rewards 0 and 1: player 0 alone is off by beta = 1/2, a random player not at all."""
    game = TabularGame.of(np.ones((2, 1, 1, 1)), np.array([[[0.0]], [[1.0]]]), horizon=1)
    problem, policy = DynamicProblem(game), np.ones((1, 1, 1))
    alone, pooled = evaluation(problem, policy), evaluation(problem, policy, pooled=True)
    assert abs(alone.limit.Q - alone.Q).max() == pytest.approx(0.5)
    assert abs(pooled.limit.Q - pooled.Q).max() <= 1e-15


def test_a_rps_is_learnt_within_its_beta():
    verdicts = {v.bound: v for v in check("P2.T2", build_dynamic("a_rps"), tiers=["sharpened"])}
    affine = verdicts["sharpened / independent dynamics, affine rewards"]
    assert affine.status == "holds"
    assert affine.rhs <= 10 * 0.1 * (1 + 1e-9)  # sum of beta over the steps left
    assert verdicts["sharpened / variance, c = H+1"].status == "not applicable"


@pytest.mark.parametrize("statement", [theorem_2.STATEMENT, algorithm_1.STATEMENT])
def test_recorded_witnesses_are_reproduced(statement):
    for defect in statement.defects:
        if defect.witness is not None:
            assert replay_defect(statement, defect).status == "violated"


def test_no_proved_inequality_is_violated_on_a_few_games():
    for seed, family in enumerate(["dense", "independent", "nearly symmetric"]):
        for verdict in check("P2.T2", random_dynamic(family, 40 + seed, horizon=2), M=20):
            assert verdict.status != "violated" or verdict.bound.startswith("printed / limit")
