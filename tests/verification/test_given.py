"""Cases from outside: judged as they are, refused when they are none of the game's."""

from __future__ import annotations

import numpy as np
import pytest

from mfbounds.bounds.ledger import find_statement
from mfbounds.bounds.statement import Witness
from mfbounds.errors import InputError, UnknownNameError
from mfbounds.games import random_dynamic, two_doors
from mfbounds.mdp.joint import JointGame
from mfbounds.verification.check import check
from mfbounds.verification.witness import replay_witness


@pytest.fixture(scope="module")
def dynamic():
    return random_dynamic(family="affine", seed=3)


def uniform(game):
    return np.full((game.horizon, game.n_states, game.n_actions), 1.0 / game.n_actions)


def test_the_given_policy_is_judged_and_no_other(dynamic):
    policy = uniform(dynamic)
    policy[0, 0] = np.eye(dynamic.n_actions)[1]
    expected = JointGame(dynamic).exploitability(np.stack([policy] * dynamic.n_players)).max()
    for verdict in check("P2.T.1", dynamic, tiers=["repaired", "sharpened"], case={"policy": policy}):
        assert sum(verdict.counts.values()) == 1
        if verdict.status.value != "not applicable":
            assert verdict.lhs == pytest.approx(expected, abs=1e-9)


def test_a_given_case_is_certified_like_others():
    game = two_doors()
    known = check("E.1", game, tiers=["repaired"])[0].case
    for certify in (False, True):
        verdict = check("E.1", game, tiers=["repaired"], case=known, certify=certify)[0]
        assert verdict.status.value == "holds"
        assert verdict.certified is certify


@pytest.mark.parametrize(
    ("change", "error", "words"),
    [
        (lambda policy: {"polcy": policy}, UnknownNameError, "did you mean 'policy'"),
        (lambda policy: {"policy": policy, "colour": 1}, UnknownNameError, "colour"),
        (lambda _: {}, InputError, r"case == \[\], must hold 'policy'"),
        (lambda policy: {"policy": 2 * policy}, InputError, "must be 1: rows are probability distributions"),
        (lambda policy: {"policy": policy[0]}, InputError, r"must be \(4, 2, 2\)"),
        (lambda policy: {"policy": policy * np.nan}, InputError, r"case\['policy'\]"),
    ],
)
def test_a_case_that_is_none_of_the_games_is_refused(dynamic, change, error, words):
    with pytest.raises(error, match=words):
        check("P2.T.1", dynamic, case=change(uniform(dynamic)))


@pytest.mark.parametrize(
    ("statement", "case", "words"),
    [
        (
            "P2.Def.7",
            {"player": 99, "joint": np.array([0, 0, 0]), "furthest": True},
            r"case\['player'\] == 99, must be < ",
        ),
        ("P2.L.6", {"mu": np.full((2, 2), 0.3), "mu_2": np.full((2, 2), 0.25)}, r"case\['mu'\].*must be 1"),
        ("P2.L.6", {"mu": np.full((3, 3), 1 / 9), "mu_2": np.full((2, 2), 0.25)}, r"case\['mu'\].shape"),
        ("P2.L.14", {"p": np.array([1.5, -0.5]), "p_star": np.array([1.0, 0.0]), "w": 0.5}, "must be >= 0"),
        ("P2.Alg.2", {"t": 0}, r"case\['t'\] == 0"),
    ],
)
def test_numbers_and_laws_of_dynamic_cases_are_checked(dynamic, statement, case, words):
    with pytest.raises(InputError, match=words):
        check(statement, dynamic, case=case)


def test_a_witness_with_a_policy_off_the_simplex_is_no_witness(dynamic):
    statement = find_statement("P2.T.1")
    witness = Witness(game=dynamic, bound=statement.bounds[0].key, case={"policy": 3.0 * uniform(dynamic)})
    with pytest.raises(InputError, match="must be 1: rows are probability distributions"):
        replay_witness(statement, witness)
