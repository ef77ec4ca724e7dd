"""Plans: they suffice, one fewer does not, and what forbids one is named."""

from __future__ import annotations

import math

import numpy as np
import pytest
from flint import arb

from mfbounds.bounds.formula import evaluate
from mfbounds.bounds.outer import monotone
from mfbounds.bounds.planning import plan
from mfbounds.bounds.planning_orders import PAPER, orders
from mfbounds.bounds.planning_result import LIMIT, Plan
from mfbounds.bounds.planning_search import oracle_calls
from mfbounds.bounds.planning_tables import affordable_epsilon, plan_table, plot_plans
from mfbounds.bounds.problem import Problem
from mfbounds.bounds.sampled_bounds import exploitability_bound
from mfbounds.bounds.statement import L1, Tier
from mfbounds.bounds.sufficient import Requirement, smallest
from mfbounds.errors import InputError, UnknownNameError
from mfbounds.games.affine import AffineGame
from mfbounds.games.random import random_game, two_doors
from mfbounds.solvers.solve import solve

PROVED = (Tier.REPAIRED, Tier.SHARPENED)


@pytest.fixture(scope="module")
def game() -> AffineGame:
    return random_game("contractive", 3, n_states=5, n_actions=2, gamma=0.3, eta=2.0)


def d5(game: AffineGame, tier: Tier, found: Plan, **changed: int) -> arb:
    """The bound of D.5 as the statement evaluates it: one expression, every symbol a number of the plan."""
    problem = Problem(game)
    values = dict(problem.constants(tier, L1, found.M))
    values |= {key: number.ball for key, number in monotone(problem, {"M": found.M}).items()}
    values |= {name: arb(changed.get(name, getattr(found, name))) for name in "LKITP"}
    values |= {"beta": arb(found.beta), "delta": arb(found.delta)}
    start = game.start if found.initial == "reset" else game.restart
    away = max(np.linalg.norm(start - vertex) for vertex in np.eye(game.n_states))
    values |= {"d_0": arb(away), **dict.fromkeys(("D", "D2"), 1 / arb(float(game.restart.min())))}
    return evaluate(exploitability_bound(tier, found.initial), values)


@pytest.mark.parametrize("initial", ["repaired", "reset"])
@pytest.mark.parametrize("tier", PROVED)
def test_a_plan_suffices_and_one_fewer_does_not(game, tier, initial):
    found = plan(game, epsilon=0.2, delta=0.05, tier=tier, initial=initial)
    assert d5(game, tier, found) <= 0.2 * (1 + 1e-12)
    assert found.bound <= 0.2
    seen = 8 / ((1 - 0.3) * game.restart.min()) * math.log(2 * (found.L + 1) * 5 * 2 * (found.K + 1) / 0.05)
    assert found.I >= seen
    for name in "LKITP":
        fewer = getattr(found, name) - 1
        covered = (name != "I" or fewer >= seen) and fewer >= 1
        assert not covered or d5(game, tier, found, **{name: fewer}) > 0.2 * (1 - 1e-12), name


def test_sampled_bound_by_hand(game):
    """The repaired bound of D.5 in plain floats, from the text of the theorem."""
    found = plan(game, epsilon=0.2, delta=0.05)
    c = {name: float(ball.mid()) for name, ball in Problem(game).constants(Tier.REPAIRED, L1, found.M).items()}
    c_op = Problem(game).c_op(found.M).value
    S, A, g, eta, tau, nu = 5, 2, 0.3, 2.0, 1 - c_op, game.restart.min()
    share = 0.05 / (2 * (found.K + 1))
    lead = (eta * math.log(A) + (A * c["Q_max"]) ** 2 * math.log(found.L + 2) / (2 * eta)) / ((1 - g) * (found.L + 1))
    each = math.log(4 * S * A * (found.L + 1) / share)
    noise = 2 * A * c["Q_max"] * math.sqrt(each / nu / (found.I * (1 - g))) + g ** (found.T + 1) * c["V_max"]
    gap = lead + noise / (1 - g)
    error = math.sqrt(2 / eta * gap)
    e_P = (1 + math.sqrt(math.log(2 * found.K / 0.05))) / math.sqrt(found.P)
    W = found.beta / (2 - found.beta)
    n_bar = min(2 * math.sqrt(W * math.log(4 * found.K / 0.05) / found.P), e_P)
    moved = (c["kappa_A"] * c["K_pi"] + c["L_P"]) / math.sqrt(2)
    away = max(np.linalg.norm(game.restart - vertex) for vertex in np.eye(S))
    left = (1 - tau * found.beta / 2) ** found.K * away
    e_pi = c["kappa_A"] * c["Sigma_M"] / math.sqrt(2) * error
    distance = left + 2 / tau * (e_pi + c["Sigma_M"] * moved * n_bar) + n_bar
    law = (1 + c["Sigma_inf"] * moved) * distance + c["Sigma_inf"] * c["kappa_A"] / math.sqrt(2) * error
    assert math.isclose(gap / (1 - g) + c["C_phi"] * law, found.bound, rel_tol=1e-9)


def test_exact_part_needs_no_delta(game):
    found = plan(game, epsilon=0.2, tier="sharpened")
    assert (found.I, found.oracle_calls) == (None, None)
    assert found.exact_L < plan(game, epsilon=0.2).exact_L


def test_printed_says_that_its_horizon_is_negative(game):
    found = plan(game, epsilon=0.2, delta=0.05, tier="printed")
    assert found.T == 1
    assert any("negative" in note for note in found.notes)
    assert not found.runnable
    assert max(found.I, found.P) > LIMIT
    assert any("2^53" in note for note in found.notes)
    assert f"10^{math.log10(found.I):.1f}" in str(found)


def test_smaller_accuracy_costs_more(game):
    table = plan_table(game, [0.4, 0.2, 0.1], delta=0.05, tiers=["sharpened"])
    assert list(table["epsilon"]) == [0.4, 0.2, 0.1]
    assert table["log10_oracle_calls"].is_monotonic_increasing
    assert len(plot_plans(table).axes) == 1


def test_affordable_epsilon_is_the_inverse(game):
    found = affordable_epsilon(game, budget=10**13, delta=0.05, tier="sharpened")
    assert found.oracle_calls <= 10**13
    closer = plan(game, epsilon=found.epsilon * (1 - 3e-3), delta=0.05, tier="sharpened")
    assert closer.oracle_calls > 10**13
    with pytest.raises(InputError, match=r"budget == 100, must be >= \d+"):
        affordable_epsilon(game, budget=100, delta=0.05, tier="sharpened")


def test_orders():
    """Remark D.7, derived: its population step is 1/eps^4 by its own P, not 1/eps^2; the sharpened total is 1/eps^4."""
    printed, sharpened = orders(Tier.PRINTED), orders(Tier.SHARPENED)
    assert {name: int(printed[name]) for name in PAPER} == {**PAPER, "population": 4}
    assert (int(sharpened["L"]), int(sharpened["I"]), int(sharpened["P"]), int(sharpened["total"])) == (2, 2, 2, 4)


def test_measured_growth_approaches_the_order(game):
    """From 1e-6 to 1e-9 the calls grow by the derived power, up to logarithms (below a tenth there)."""
    for tier in Tier:
        table = plan_table(game, [1e-6, 1e-9], delta=0.05, tiers=[tier])
        assert 0.0 <= table["order"].iloc[-1] - float(orders(tier)["total"]) < 0.3


@pytest.mark.parametrize(
    ("change", "message"),
    [
        ({"epsilon": 0.0}, r"epsilon == 0.0, must be > 0"),
        ({"delta": 1.0}, r"delta == 1.0, must be in \(0, 1\)"),
        ({"M": math.inf}, r"M == inf, must be finite"),
        ({"beta": 1.5}, r"beta == 1.5, must be in \(0, 1\]"),
        ({"tier": "best"}, r"tier == 'best', must be a known name"),
        ({"initial": "cold"}, r"initial == 'cold', must be a known name"),
    ],
)
def test_bad_arguments(game, change, message):
    with pytest.raises((InputError, UnknownNameError), match=message):
        plan(game, **{"epsilon": 0.2, "delta": 0.05, **change})


def test_what_forbids_a_plan_is_named(game):
    with pytest.raises(InputError, match=r"A-2 == fails, .*K_F = 15\.09"):
        plan(two_doors(), epsilon=0.1, delta=0.05)
    corner = game.replace(restart=np.eye(5)[0])
    with pytest.raises(InputError, match=r"A-4 == fails, .*nu\[1\] == 0\.0"):
        plan(corner, epsilon=0.1, delta=0.05)
    assert plan(corner, epsilon=0.1).exact_L > 0  # the exact algorithm needs no restart law


def test_smallest():
    assert [smallest(lambda n, least=least: n >= least, "n") for least in (1, 2, 3, 1000, 10**40)] == [
        1,
        2,
        3,
        1000,
        10**40,
    ]
    with pytest.raises(InputError, match="must suffice"):
        smallest(lambda n: n < 0, "n")


def test_found_numbers_stand_beside_the_planned_ones(game):
    found = plan(game, epsilon=0.2, delta=0.05, tier="sharpened", empirical=True)
    assert found.empirical is not None
    assert found.empirical.oracle_calls < found.oracle_calls
    assert found.empirical.P < found.P
    assert found.seconds > 0.0
    assert "reached it in 3 seeded runs" in str(found)


def test_oracle_calls_against_runs():
    """The expected number of calls against the calls that seeded runs count: within six standard errors."""
    game = random_game("contractive", 3, n_states=3, n_actions=2, gamma=0.5, eta=1.0)
    game = game.replace(start=game.restart)
    need = Requirement(problem=Problem(game), tier=Tier.REPAIRED, M=2, beta=0.5, initial="repaired", delta=0.1)
    numbers = {"L": 2, "K": 4, "I": 50, "T": 3, "P": 70}
    last = oracle_calls(need, {**numbers, "P": 1}) - 1 * (4 + 2 * (4 + 3))
    counted = []
    for seed in range(200):
        run = solve(
            game, "sampled-mf-trpo", K=4, L=2, M=2, beta=0.5, I=50, T=3, P=70, initial="repaired", seed=seed, every=4
        )
        counted.append(run.history["oracle_calls"].iloc[-1])
    # The plan counts one more run of TRPO, at the last population.
    expected = oracle_calls(need, numbers) - last / 5
    assert abs(np.mean(counted) - expected) <= 6 * np.std(counted) / math.sqrt(200) + 2
