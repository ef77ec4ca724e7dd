"""The array path of the search against the checking path, game by game, and against closed forms."""

from __future__ import annotations

import math
import time

import numpy as np
import pytest

from mfbounds.bounds.ledger import find_statement
from mfbounds.bounds.problem import Problem
from mfbounds.bounds.regularity import regularity
from mfbounds.bounds.statement import Tier
from mfbounds.verification.falsify.array_constants import primitives
from mfbounds.verification.falsify.array_game import Games, push, soft_optima, stationary, trpo
from mfbounds.verification.falsify.array_measures import MEASURES
from mfbounds.verification.falsify.evaluators import ArrayEvaluator, is_algebraic
from mfbounds.verification.falsify.fields import recipe_of, searchable
from mfbounds.verification.falsify.genes import draw
from mfbounds.verification.falsify.realise import case_of, individual
from mfbounds.verification.status import Status
from mfbounds.verification.trial import try_case

SHAPES = (("both", 3, 2), ("kernel", 2, 3), ("reward", 2, 2), ("none", 3, 2), ("both", 1, 2), ("kernel", 4, 1))
ALGEBRAIC = ("E.1", "E.2", "E.3", "E.4", "E.5", "E.6", "C.1", "C.2", "W", "2.2")


def settings_of(statement, coupling, n_states, n_actions, pick=0):
    choices = {name: values[pick % len(values)] for name, values in recipe_of(statement).choices.items()}
    return {"n_states": n_states, "n_actions": n_actions, "coupling": coupling, "scale": 1.0, **choices}


@pytest.mark.parametrize("name", ALGEBRAIC)
def test_sides_agree_with_the_checking_path(name):
    """Both sides lie within the checking path's error bounds, widened by what float64 loses without any."""
    statement, compared = find_statement(name), 0
    recipe = recipe_of(statement)
    for place, (coupling, n_states, n_actions) in enumerate(SHAPES):
        settings = settings_of(statement, coupling, n_states, n_actions, pick=place)
        genes = draw(np.random.default_rng([7, place]), 4, settings, recipe)
        for tier in Tier:
            if not any(bound.tier is tier for bound in statement.bounds):
                continue
            bounds = [b for b in searchable(statement, tier) if is_algebraic(statement, b)]
            sides = ArrayEvaluator(statement, bounds, recipe).sides(genes, settings)
            for index in range(4):
                compared += sum(agrees(statement, bound, recipe, genes, index, settings, sides) for bound in bounds)
    assert compared >= 20


def agrees(statement, bound, recipe, genes, index, settings, sides):
    """Compares one game; returns whether there was something to compare."""
    one = individual(genes, index, settings)
    problem = Problem(one.game(), one.parameters())
    trials = try_case(statement, [bound], problem, case_of(statement, bound, recipe, one, problem))
    if not trials:
        assert bound.key not in sides
        return False
    (trial,) = trials
    left, right, trivial = (values[index] for values in sides[bound.key])
    if trial.status is Status.NOT_APPLICABLE or trial.measured is None:
        assert np.isnan(left) or trial.trouble
        return False
    if np.isnan(left):  # the array path may leave out what rounding blurs
        return False
    shared = trial.measured[recipe.shared(bound)].value if recipe.shared(bound) else 0.0
    scale = float(trial.trivial.mid())
    unit = 1e-14 / (1.0 - problem.game.gamma) ** 2  # rounding of values: rewards are at most 1
    # Where F is linear the checking path rounds the right side upward by the error of the soft-optimal policy.
    upward = settings["coupling"] == "none" and statement.id == "P1.E.6"
    for value, ball in ((left, trial.left), (right, trial.right)):
        expected = float(ball.mid()) - shared
        room = float(ball.rad()) + 1e-9 * scale + 1e-7 * abs(expected) + unit
        assert value <= expected + room, (bound.key, settings, value, expected)
        assert value >= expected - room or (upward and ball is trial.right), (bound.key, settings, value, expected)
    assert trivial == pytest.approx(scale, rel=1e-12)
    return True


@pytest.mark.parametrize(("coupling", "n_states", "n_actions"), SHAPES)
def test_constants_agree_with_those_of_one_game(coupling, n_states, n_actions):
    statement = find_statement("E.2")
    settings = settings_of(statement, coupling, n_states, n_actions)
    genes = draw(np.random.default_rng(3), 20, settings, recipe_of(statement))
    games = Games(kernels=genes["kernels"], rewards=genes["rewards"], gamma=genes["gamma"], eta=genes["eta"])
    found = primitives(games)
    for index in range(20):
        known = regularity(individual(genes, index, settings).game())
        for name in ("L_r", "L_r1", "L_P", "L_P_entry", "L_P1", "kappa_A"):
            assert found[name][index] == pytest.approx(getattr(known, name).value, rel=1e-10, abs=1e-12), name
        assert found["n"][index] / (1 - found["q"][index] + 1e-300) == pytest.approx(
            known.mixing.block / (1 - known.mixing.contraction + 1e-300), rel=1e-6
        )


def doors(gamma, eta, size=3):
    """Two states; the action names the next one, reached with probability .9; r(s,a,mu) = mu(s)."""
    kernel = np.array([[[0.9, 0.1], [0.1, 0.9]]] * 2)
    rewards = np.eye(2)[:, :, None] * np.ones((2, 2, 2))
    return Games(
        kernels=np.broadcast_to(kernel, (size, 1, 2, 2, 2)),
        rewards=np.broadcast_to(rewards, (size, 2, 2, 2)),
        gamma=np.full(size, gamma),
        eta=np.full(size, eta),
    )


def test_the_slope_of_the_two_doors_is_known():
    """.32 gamma/eta at the uniform law: the door's logit moves by .8 gamma times the difference of rewards over eta."""
    games, h = doors(0.9, 0.1), 1e-5
    laws = []
    for mu in ([0.5 + h, 0.5 - h], [0.5 - h, 0.5 + h]):
        here = games.at(np.tile(mu, (3, 1)))
        laws.append(push(here.chain(soft_optima(here).policy), np.tile(mu, (3, 1)), 1))
    slope = (laws[0] - laws[1])[:, 0] / (2 * h)
    assert slope == pytest.approx(0.32 * 0.9 / 0.1, rel=1e-6)


def test_one_state_has_a_soft_maximum_and_trpo_a_closed_form():
    """V* = eta log sum exp(r/eta)/(1-gamma); at gamma = 0, pi_L = softmax(L r/(eta (L+1)))."""
    reward = np.array([[[0.0, 1.0, 0.3]]])
    games = Games(kernels=np.ones((1, 1, 1, 3, 1)), rewards=reward[:, None], gamma=np.array([0.5]), eta=np.array([0.2]))
    value = soft_optima(games.at(np.ones((1, 1)))).V
    assert value[0, 0] == pytest.approx(2 * 0.2 * math.log(np.exp(reward / 0.2).sum()), rel=1e-14)
    flat = Games(kernels=games.kernels, rewards=games.rewards, gamma=np.zeros(1), eta=games.eta)
    log_policy, _, _ = trpo(flat.at(np.ones((1, 1))), 4)
    logits = 4 * reward / (0.2 * 5)
    assert log_policy == pytest.approx(logits - np.log(np.exp(logits).sum()), abs=1e-13)


def test_stationary_laws_of_two_states_and_of_a_split_chain():
    up, down = 0.3, 0.1
    chains = np.array([[[1 - up, up], [down, 1 - down]], [[1.0, 0.0], [0.0, 1.0]]])
    law, single = stationary(chains)
    assert law[0] == pytest.approx([down / (up + down), up / (up + down)], abs=1e-15)
    assert single.tolist() == [True, False]


def test_the_slopes_of_a_linear_step_are_an_eigenvalue_and_a_norm():
    """One action, P - 1 pi of eigenvalue -.9 on zero mass: the slope is -.9, the norm .9; after two steps .81 both."""
    chain = np.array([[0.05, 0.95], [0.95, 0.05]]).reshape(1, 1, 2, 1, 2)
    games = Games(kernels=chain, rewards=np.zeros((1, 1, 2, 1)), gamma=np.array([0.5]), eta=np.ones(1))
    case = {"mu": np.array([[1.0, 0.0]]), "mu_2": np.array([[0.0, 1.0]])}
    for M, slope, norm in ((1, -0.9, 0.9), (2, 0.81, 0.81)):
        found, _ = MEASURES["P1.E.6"](games, case, {"M": M}, primitives(games))
        assert found["C_op_linear"] == pytest.approx(slope, abs=1e-14)
        assert found["K_F_linear"] == pytest.approx(norm, abs=1e-14)
        assert found["slope"] == pytest.approx(2 * slope, abs=1e-14)  # ||mu - mu'||_2^2 = 2


@pytest.mark.parametrize("name", ["E.1", "E.2", "E.3", "E.4", "E.5", "E.6"])
def test_throughput(name):
    """At least 2,000 games a second and core, in processor time, with everything that a generation needs."""
    statement = find_statement(name)
    recipe, bounds = recipe_of(statement), searchable(statement, Tier.SHARPENED)
    settings = settings_of(statement, "both", 3, 2, pick=1)
    genes = draw(np.random.default_rng(1), 256, settings, recipe)
    evaluator = ArrayEvaluator(statement, bounds, recipe)
    evaluator(genes, settings)  # formulas are compiled once
    started, rounds = time.process_time(), 8
    for _ in range(rounds):
        evaluator(genes, settings)
    assert rounds * 256 / (time.process_time() - started) > 2000
