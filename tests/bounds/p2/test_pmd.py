"""Symm-PMD: runs against a line-by-line loop, the bounds of Theorem 3 by hand, plans that suffice and what forbids one."""

from __future__ import annotations

import itertools
import json
import math
import re

import numpy as np
import pytest
from scipy.special import softmax
from typer.testing import CliRunner, Result

import mfbounds as mb
from mfbounds.bounds import pmd_measures
from mfbounds.bounds.dynamic_problem import DynamicParameters, DynamicProblem
from mfbounds.bounds.pmd_runs import pmd_run
from mfbounds.bounds.pmd_sufficient import Reach, lowest_floor, rarest_visit
from mfbounds.bounds.statement import Tier
from mfbounds.bounds.statements.p2 import algorithm_2, theorem_3
from mfbounds.cli import app
from mfbounds.errors import InputError, UnknownNameError
from mfbounds.games.affine import AffineGame
from mfbounds.games.dynamic.catalogue import build_dynamic
from mfbounds.games.dynamic.random import random_dynamic
from mfbounds.games.dynamic.tabular import TabularGame
from mfbounds.verification.check import check
from mfbounds.verification.witness import replay_defect


def bandit(rewards: list[float]) -> TabularGame:
    A = len(rewards)
    return TabularGame.of(np.ones((2, 1, A, 1)), np.broadcast_to(np.array([rewards]), (2, 1, A)), horizon=1)


def test_a_run_on_a_bandit_is_the_printed_loop():
    rewards, tau, T = np.array([0.0, 0.4, 1.0]), 0.2, 20
    run = pmd_run(DynamicProblem(bandit(list(rewards)), DynamicParameters(tau=tau, T=T)), 0.0)
    policy, target = np.full(3, 1 / 3), softmax(rewards / tau)
    for t in range(T + 1):
        np.testing.assert_allclose(run.policies[t, 0, 0], policy, atol=1e-13)
        assert run.distance[t] == pytest.approx(float((target * np.log(target / policy)).sum()), abs=1e-5)
        xi, beta = 1 / math.sqrt(t + 1), 1 / (t + 1)
        moved = policy ** (1 - tau * xi) * np.exp(xi * rewards)
        policy = (1 - beta) * moved / moved.sum() + beta / 3
    np.testing.assert_allclose(run.output[0, 0], run.policies[:, 0, 0].mean(axis=0), atol=1e-15)


def test_the_first_step_is_thrown_away():
    run = pmd_run(DynamicProblem(bandit([0.0, 1.0])), 0.0)
    np.testing.assert_allclose(run.policies[1], 0.5, atol=1e-15)
    assert run.before[1, 0, 0, 1] > 0.7


def test_the_recursion_by_hand():
    """One epoch from Delta_1 = log 2: H = 1, Gamma = R = 1, T = 2."""
    tau = 0.1
    problem = DynamicProblem(bandit([0.0, 1.0]), DynamicParameters(tau=tau, T=2))
    found = pmd_measures.run_down(problem, {})["run_down"]
    reach = 1 + tau * math.log(2)
    expected = (1 - tau / math.sqrt(2)) * math.log(2) + reach**2 / 16 + math.log(2)
    assert found.value == pytest.approx(expected, abs=1e-9)  # the gap of the reference policy is below 1e-12


@pytest.mark.parametrize("statement", [theorem_3.STATEMENT, algorithm_2.STATEMENT], ids=lambda item: item.id)
def test_nothing_proved_is_violated(statement):
    for seed in (1001, 1003, 1008):
        for verdict in check(statement, random_dynamic("independent", seed)):
            assert verdict.status != "violated" or verdict.bound.startswith("printed / floor")


@pytest.mark.parametrize("game", [build_dynamic("a_rps", n_players=300, horizon=4), random_dynamic("independent", 3)])
def test_players_are_bounded_wherever_backward_induction_finds_their_responses(game):
    """Not where joint states can be enumerated: A-RPS is exact for any N. The left side: the best of all deviations."""
    problem = DynamicProblem(game, DynamicParameters(tau=0.2, T=6))
    measured = pmd_measures.measure(problem, {"noise": 0.0})["most"]
    output = pmd_run(problem, 0.0).output
    if isinstance(game, TabularGame):
        gains = mb.n_player_exploitability(game, output, method="enumeration").values
        assert abs(measured.value - gains.max()) <= measured.error + 1e-12
    verdicts = {v.bound: v for v in check("P2.T.3", game, tiers=["repaired"], tau=0.2, T=6)}
    applied = {result.name: result.holds for result in verdicts["repaired / N players"].hypotheses}
    assert applied["left side known exactly"]


def test_the_recorded_witness_of_algorithm_2():
    (defect,) = [d for d in algorithm_2.STATEMENT.defects if d.witness]
    assert replay_defect(algorithm_2.STATEMENT, defect).status == "violated"


def test_the_rarest_visit_is_a_minimum_over_policies():
    """Policies with entries least and 1 - least are the vertices; independent choices a step and a state."""
    least = 0.2
    game = build_dynamic("at_own_state")
    vertices = [np.array([least, 1 - least]), np.array([1 - least, least])]
    worst = math.inf
    for rows in itertools.product(vertices, repeat=4):
        policy = np.array(rows).reshape(2, 2, 2)
        law = game.start
        for h in range(2):
            pairs = law[:, None] * policy[h]
            worst = min(worst, float(pairs.min()))
            law = np.einsum("sa,sat->t", pairs, game.fixed_kernels[0])
    assert rarest_visit(DynamicProblem(game), least) == pytest.approx(worst)


@pytest.fixture(scope="module")
def crowd():
    return build_dynamic("at_own_state", n_players=3)


def test_a_plan_suffices_and_one_trajectory_fewer_does_not(crowd):
    found = mb.plan(crowd, epsilon=0.5, tier="sharpened", tau=0.1)
    reach = Reach(DynamicProblem(crowd, DynamicParameters(tau=0.1)), Tier.SHARPENED)
    assert found.bound <= 0.5
    assert reach.bound(found.T, found.M) <= 0.5
    assert not reach.bound(found.T, found.M - 1) <= 0.5
    assert found.trajectories == found.T * found.M
    parts = found.terms["regularisation"] + found.terms["learning"] + found.terms["players"]
    assert parts == pytest.approx(found.bound)
    shares = [value for name, value in found.terms.items() if name.startswith("learning: ")]
    assert sum(shares) == pytest.approx(1.0, abs=0.05)  # the constant start counts in the first
    assert "T = 10^" in str(found)


def test_the_bound_of_a_plan_tends_to_its_floor(crowd):
    reach = Reach(DynamicProblem(crowd, DynamicParameters(tau=0.1)), Tier.SHARPENED)
    far = float(reach.bound(10**40, 10**120).mid())
    assert far == pytest.approx(float(reach.floor().mid()), rel=1e-3)
    assert float(reach.floor().mid()) == pytest.approx(0.1 * 2 * math.log(2), rel=1e-3)  # alpha = beta = 0, affine


def test_no_plan_goes_below_the_lowest_floor(crowd):
    scale = crowd.horizon * crowd.R
    least = lowest_floor(DynamicProblem(crowd), Tier.SHARPENED) * scale
    assert mb.plan(crowd, epsilon=1.5 * least, tier="sharpened").floor < 1.5 * least
    with pytest.raises(InputError, match="the floor that no numbers T, M go below"):
        mb.plan(crowd, epsilon=0.5 * least, tier="sharpened")


def test_what_forbids_an_epsilon_is_the_floor_at_the_best_tau_of_all():
    """The least bias of regularisation, below a small epsilon, is not where the floor is lowest."""
    game = build_dynamic("a_rps", n_players=100)
    with pytest.raises(InputError) as refused:
        mb.plan(game, epsilon=0.1)
    named = float(re.search(r"must be > (\S+):", str(refused.value))[1])
    assert mb.plan(game, epsilon=1.01 * named).bound <= 1.01 * named


def test_a_floor_names_what_sets_it():
    with pytest.raises(InputError, match=r"epsilon == 1, must be > 2.*at the best tau tried.*by beta = 0\.1"):
        mb.plan(build_dynamic("a_rps"), epsilon=1.0, tier="sharpened")
    with pytest.raises(InputError, match=r"by N = 3.*by tau = 0\.3"):
        mb.plan(build_dynamic("at_own_state"), epsilon=0.3, tau=0.3)


@pytest.mark.parametrize(
    ("name", "arguments", "message"),
    [
        ("a_sis", {"epsilon": 1.0}, "P independent of mu == fails"),
        ("a_rps", {"epsilon": 1.0, "tier": "printed"}, "gives orders without constants"),
        ("a_rps", {"epsilon": 1.0, "tau": 1.0}, r"tau == 1\.0, must be in \(0, 1\)"),
        ("a_rps", {"epsilon": -1.0}, "epsilon == -1.0, must be > 0"),
        ("a_rps", {"epsilon": 1.0, "delta": 0.1}, "delta == 0.1, must not be given"),
        ("motionless", {"epsilon": 1.0}, "n_actions == 1, must be >= 2"),
    ],
)
def test_requests_that_cannot_be_planned(name, arguments, message):
    with pytest.raises(InputError, match=message):
        mb.plan(build_dynamic(name), **arguments)


def test_crowding_below_the_threshold_forbids_a_plan():
    with pytest.raises(InputError, match=r"monotone \(flows\) == fails"):
        mb.plan(build_dynamic("a_rps", crowding=1.0), epsilon=10.0)


def test_names_and_kinds_are_checked(crowd):
    with pytest.raises(UnknownNameError):
        mb.plan(crowd, epsilon=1.0, tier="best")
    mean_field = AffineGame(np.ones((1, 1, 1)), np.zeros((1, 1)), gamma=0.5, eta=1.0)
    with pytest.raises(InputError, match="must not be given for"):
        mb.plan(mean_field, epsilon=1.0, tau=0.1)


def verb(*arguments: object) -> Result:
    return CliRunner().invoke(app, ["plan", *map(str, arguments)])


def test_the_verb_plans_dynamic_games():
    found = json.loads(verb("at_own_state", "--epsilon", 0.5, "--tau", 0.1, "--tier", "sharpened", "--json").stdout)
    (plan,) = found["plans"]
    assert plan["trajectories"] == plan["T"] * plan["M"]
    assert plan["bound"] <= 0.5
    told = verb("at_own_state", "--epsilon", 0.5, "--tau", 0.1, "--tier", "sharpened").stdout
    assert "expected exploitability <= 0.5" in told


@pytest.mark.parametrize(
    ("arguments", "message"),
    [
        (("a_rps", "--epsilon", 1.0, "--tier", "sharpened"), "the floor that no numbers T, M go below"),
        (("a_rps", "--epsilon", 1.0, "--delta", 0.1), "--delta == 0.1, must not be given"),
        (("two_doors", "--epsilon", 1.0, "--tau", 0.1), "--tau == 0.1, must not be given"),
    ],
)
def test_the_verb_refuses_in_one_line(arguments, message):
    result = verb(*arguments)
    assert result.exit_code == 2
    assert message in result.stderr
    assert result.stderr.count("\n") == 1
