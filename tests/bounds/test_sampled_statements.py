"""D.2 and D.4 repaired at the sizes they ask for: no failure in more than 300 seeded runs where they are not vacuous."""

from __future__ import annotations

import math

import numpy as np
import pytest
from flint import arb

from mfbounds.bounds.definitions import formula
from mfbounds.bounds.formula import evaluate
from mfbounds.bounds.ledger import find_statement
from mfbounds.bounds.problem import Parameters, Problem
from mfbounds.bounds.statement import Tier
from mfbounds.bounds.statements.p1 import theorem_d2
from mfbounds.games.catalogue import paper_games
from mfbounds.games.random import random_game
from mfbounds.verification.check import check_case
from mfbounds.verification.status import Status

ALLOWED = 0.045  # 315 runs without failure confirm it


@pytest.fixture(scope="module")
def problem() -> Problem:
    return Problem(random_game("contractive", 3, n_states=3, n_actions=2, gamma=0.3, eta=1.0), Parameters(seed=11))


def test_d2_repaired_and_sharpened(problem):
    statement = find_statement("5.1")
    case = theorem_d2.sized(problem, problem.game.start, 20, "repaired", ALLOWED, 0.02)
    for bound in (b for b in statement.bounds if b.tier is not Tier.PRINTED):
        verdict = check_case(statement, bound, problem, case)
        assert verdict.status is Status.HOLDS, verdict
        assert verdict.runs["failures"] == 0
        assert verdict.runs["runs"] >= 300


def test_d4_repaired(problem):
    statement = find_statement("5.2")
    case = {"beta": 0.9, "M": 1, "L": 10, "K": 2, "I": 10**8, "T": 8, "P": 10**8, "epsilon": 0.01, "delta": ALLOWED}
    for initial, form in (("repaired", "Algorithm 8 repaired"), ("reset", "generative reset")):
        bound = statement.bound(f"repaired / {form}")
        verdict = check_case(statement, bound, problem, {**case, "initial": initial})
        assert verdict.status is Status.HOLDS, verdict
        assert verdict.runs["failures"] == 0
        assert verdict.runs["runs"] >= 300


def test_too_few_trajectories_are_not_claimed_about(problem):
    statement = find_statement("D.2")
    case = {"mu": problem.game.start, "L": 2, "I": 10, "T": 5, "epsilon": 0.1, "delta": 0.1, "sizes": "repaired"}
    verdict = check_case(statement, statement.bound("repaired"), problem, case)
    assert verdict.status is Status.NOT_APPLICABLE
    assert "I == 10, must be >= I_seen" in verdict.reason


def test_a_restart_law_with_a_hole_is_not_applicable():
    game = random_game("contractive", 3, n_states=3, gamma=0.3).replace(restart=np.array([0.0, 0.5, 0.5]))
    statement = find_statement("D.2")
    problem = Problem(game)
    (case,) = statement.cases(problem)
    verdict = check_case(statement, statement.bound("repaired"), problem, case)
    assert verdict.status is Status.NOT_APPLICABLE
    assert "nu[0] == 0.0" in verdict.reason


def test_what_the_experiments_trajectories_buy():
    """D.4(c): (25) solved for epsilon at I = 3e5, delta = .05, by hand."""
    for name, game in paper_games().items():
        if not name.startswith("four_rooms"):
            continue
        S, A, eta = game.n_states, game.n_actions, game.eta
        size = A**2 * (game.R + (eta * math.log(A)) ** 2) * (S * math.log(2 * A) + math.log(1 / 0.05))
        epsilon = math.sqrt(size / ((1 - game.gamma) ** 2 * 3e5))
        assert 2.3 < epsilon < 3.5
        assert epsilon / (1 - game.gamma) ** 2 > 5 * (game.R + eta * math.log(A)) / (1 - game.gamma)
        values = {"n_S": S, "n_A": A, "R": game.R, "eta": eta, "gamma": game.gamma, "delta": 0.05, "epsilon": epsilon}
        asked = evaluate(formula("I_l_algorithm", Tier.PRINTED), {key: arb(value) for key, value in values.items()})
        assert float(asked.mid()) == pytest.approx(3e5)
