"""Monotone games: the threshold of A-RPS, Definition 10 as printed, and which benchmarks Theorem 3 speaks about."""

from __future__ import annotations

import math

import pytest

from mfbounds.bounds.dynamic_hypotheses import known_monotonicity
from mfbounds.bounds.dynamic_problem import DynamicProblem
from mfbounds.bounds.statements.p2 import definition_10
from mfbounds.games.dynamic.catalogue import build_dynamic
from mfbounds.verification.check import check
from mfbounds.verification.witness import replay_defect


@pytest.mark.parametrize(("off", "expected"), [(-1e-3, False), (1e-3, True)])
def test_a_rps_has_monotone_flows_from_the_known_crowding_on(off, expected):
    crowding = 1 + math.sqrt(21) / 3 + off
    made = known_monotonicity(DynamicProblem(build_dynamic("a_rps", n_players=50, crowding=crowding, beta=0.0)))
    assert made.flow is expected
    assert made.weak is False


def test_definition_10_as_printed_fails_on_a_monotone_game_at_equal_distributions():
    (defect,) = [d for d in definition_10.STATEMENT.defects if d.witness]
    verdict = replay_defect(definition_10.STATEMENT, defect)
    assert (verdict.status, verdict.lhs, verdict.rhs) == ("violated", 1.0, 0.0)


def test_none_of_the_benchmarks_has_the_hypotheses_of_theorem_3():
    rps, sis = (check("P2.T3", build_dynamic(name), tiers=["printed"])[0] for name in ("a_rps", "a_sis"))
    assert rps.status == sis.status == "not applicable"
    by_name = {result.name: result.holds for result in rps.hypotheses}
    assert by_name == {
        "monotone (Def. 10, printed)": False,
        "P independent of mu": True,
        "rewards in [0, 1]": False,
        "tau < 1/2": True,
    }
    assert {result.name: result.holds for result in sis.hypotheses}["P independent of mu"] is False
