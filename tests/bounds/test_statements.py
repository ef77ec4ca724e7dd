"""The statements as data, and their proved inequalities on games of every family."""

from __future__ import annotations

import math

import numpy as np
import pytest

from mfbounds.bounds.definitions import DEFINITIONS
from mfbounds.bounds.formula import symbols_of
from mfbounds.bounds.ledger import find_statement, ledger
from mfbounds.bounds.paper import LEGENDS
from mfbounds.bounds.problem import Parameters, Problem
from mfbounds.bounds.statement import DefectKind, Reading, Tier
from mfbounds.errors import UnknownNameError
from mfbounds.games.affine import AffineGame
from mfbounds.games.random import families, random_game
from mfbounds.verification.check import check_problem
from mfbounds.verification.status import Status
from mfbounds.verification.trial import try_case

PARAMETERS = Parameters(L=(1, 2, 10), K=4, draws=2, runs=8)  # the claims about probabilities have tests of their own
CASE_NUMBERS = {"L", "M"}
STATEMENTS = {statement.id: statement for statement in ledger()}
P1 = [statement for statement in ledger() if statement.paper == "P1"]


def test_ids_and_aliases_are_found_in_any_case() -> None:
    assert len(STATEMENTS) == len(ledger())
    for statement in ledger():
        for name in (statement.id, statement.id.lower(), statement.id.split(".", 1)[1], *statement.aliases):
            assert find_statement(name) is statement
    with pytest.raises(UnknownNameError, match=r"E\.6"):
        find_statement("E.66")


@pytest.mark.parametrize("name", STATEMENTS)
def test_statement_is_well_formed(name: str) -> None:
    statement = STATEMENTS[name]
    keys = [bound.key for bound in statement.bounds]
    assert len(set(keys)) == len(keys)
    assert set(statement.rests_on) <= STATEMENTS.keys()
    for bound in statement.bounds:
        known = statement.quantities.keys() | LEGENDS[statement.paper].keys() | CASE_NUMBERS
        for expression in (bound.left, bound.right, bound.trivial):
            assert set(symbols_of(expression)) <= known, bound.key
        if bound.tier is not Tier.PRINTED:
            assert bound.reading == Reading(), "readings are of the printed text"
        if statement.paper == "P2":
            continue  # its constants are the same in all tiers
        proved = {n for n, d in DEFINITIONS.items() if d.formula(bound.tier) is not None}
        needed = set(symbols_of(bound.right)) & DEFINITIONS.keys() - {"tau", "C_op"}
        assert needed <= proved, bound.key
    for defect in statement.defects:
        assert defect.witness is not None or defect.kind is not DefectKind.FALSE


def test_every_statement_of_the_exact_half_is_there() -> None:
    expected = {f"P1.C.{i}" for i in range(1, 8)} | {f"P1.E.{i}" for i in range(1, 7)}
    assert expected | {"P1.W", "P1.eq2", "P1.2.2", "P1.B.2", "P1.B.4"} <= STATEMENTS.keys()


@pytest.mark.parametrize("family", families())
@pytest.mark.parametrize("seed", range(2))
def test_no_proved_inequality_is_violated(family: str, seed: int) -> None:
    """And a printed one only where a defect is recorded."""
    problem = Problem(random_game(family, 100 + seed), PARAMETERS)
    for statement in P1:
        for verdict in check_problem(statement, problem):
            if verdict.tier is Tier.PRINTED:
                assert verdict.status is not Status.VIOLATED or verdict.defects, str(verdict)
            else:
                assert verdict.status is not Status.VIOLATED, str(verdict)


@pytest.mark.parametrize("seed", range(3))
def test_proved_inequalities_do_not_depend_on_the_unit_of_reward(seed: int) -> None:
    """(r, eta) -> (8 r, 8 eta): both sides scale by the same power of 8, case by case."""
    small = random_game("contractive", seed)
    assert small.vertex_rewards is not None
    large = AffineGame(small.vertex_kernels, 8.0 * small.vertex_rewards, gamma=small.gamma, eta=8.0 * small.eta)
    parameters = Parameters(L=(1, 10), K=3, draws=1, M=1, beta=0.25, runs=2)
    pair = [Problem(game, parameters) for game in (small, large)]
    compared = 0
    for statement in P1:
        bounds = [b for b in statement.bounds if b.tier is not Tier.PRINTED]
        for case in list(statement.cases(pair[0]))[:6]:
            trials = [try_case(statement, bounds, problem, case) for problem in pair]
            for one, two in zip(*trials, strict=True):
                sides = [float(ball.mid()) for ball in (one.left, one.right, two.left, two.right)]
                if one.measured is None or not all(map(math.isfinite, sides)) or min(abs(s) for s in sides) < 1e-6:
                    continue
                compared += 1
                assert sides[2] / sides[0] == pytest.approx(sides[3] / sides[1], rel=1e-6), (
                    statement.id,
                    one.bound.key,
                )
    assert compared > 40


def test_sharpened_C1_and_E_pi_are_attained() -> None:
    """One state, gamma = 0, a large temperature: the logits are small, so KL = span^2/8 and l1 = span/2 almost exactly."""
    game = AffineGame(np.ones((1, 2, 1)), np.array([[1.0, 0.0]]), gamma=0.0, eta=100.0)
    problem = Problem(game, PARAMETERS)
    for name in ("C.1", "C.2", "W"):
        statement = find_statement(name)
        case = {"mu": np.ones(1), "mu_2": np.ones(1), "policy": np.full((1, 2), 0.5), "L": 10}
        (trial,) = try_case(statement, [statement.bound("sharpened")], problem, case)
        assert trial.left <= trial.right
        assert float(trial.left) / float(trial.right) > 0.999, name


def test_statements_do_not_speak_where_their_hypotheses_fail() -> None:
    """Two absorbing states: no mixing, so A-3 fails and C.6 says nothing; E.1 still speaks for finite M."""
    kernel = np.zeros((2, 2, 2))
    kernel[0, :, 0] = kernel[1, :, 1] = 1.0
    problem = Problem(AffineGame(kernel, np.array([[1.0, 0.0]] * 2), gamma=0.5, eta=1.0), PARAMETERS)
    for verdict in check_problem(find_statement("C.6"), problem):
        assert verdict.status is Status.NOT_APPLICABLE
    spoken = {v.bound: v.counts for v in check_problem(find_statement("E.1"), problem)}
    assert sum(n for status, n in spoken["repaired"].items() if status != "not applicable") > 0
    assert spoken["repaired"].get("not applicable", 0) > 0, "M = infinity needs A-3"
