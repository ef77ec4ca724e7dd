"""Sweeps: the same records whatever the number of workers."""

from __future__ import annotations

import pytest

from mfbounds.bounds.symbols import L
from mfbounds.errors import InputError, UnknownNameError
from mfbounds.games.dynamic.witnesses import one_stays
from mfbounds.games.random import random_game
from mfbounds.symmetry import induced_game
from mfbounds.verification.status import Status
from mfbounds.verification.sweep import check_all

from . import fakes

GAMES = [random_game("garnet", 1), random_game("contractive", 2).origin, "two_doors", fakes.two_doors(gamma=0.3)]


def test_order_of_games_and_statements_is_kept_whatever_the_number_of_workers():
    seen = []
    alone = check_all(GAMES, statements=["E.2", "C.1"], workers=1, L=(1, 4), progress=lambda *now: seen.append(now))
    both = check_all(GAMES, statements=["E.2", "C.1"], workers=2, L=(1, 4))
    assert alone.to_jsonl() == both.to_jsonl()
    names = list(dict.fromkeys(record["game"]["name"] for record in alone.of_kind("verdict")))
    assert names == ["garnet 1", "contractive 2", "two_doors", "two doors"]
    assert seen == [(1, 4), (2, 4), (3, 4), (4, 4)]


def test_proved_tiers_hold_and_defects_are_reproduced():
    report = check_all(GAMES[:3], statements=["E.4"], L=5)
    assert report.ledger_true
    assert not any(record["status"] == Status.VIOLATED for record in report.of_kind("verdict"))
    assert {record["name"] for record in report.of_kind("defect")} == {"E.4 misuse"}


def test_tiers_select_and_defects_belong_to_the_printed_one():
    report = check_all(GAMES[:1], statements=["C.1"], tiers=["sharpened"])
    assert {record["tier"] for record in report.of_kind("verdict")} == {"sharpened"}
    assert report.of_kind("defect") == []


def test_statements_of_your_own():
    report = check_all([fakes.two_doors()], statements=[fakes.statement(fakes.bound(8 / L), measure=fakes.decaying)])
    assert report.ledger_true


def test_each_game_is_checked_by_what_speaks_about_it_however_it_is_named():
    game = one_stays()
    reports = [
        check_all([each, "two_doors"], statements=["C.5", "P2.T1"], tiers=["repaired"])
        for each in ("one_stays", game, game.origin)
    ]
    assert len({report.to_jsonl() for report in reports}) == 1
    spoken = {(record["game"]["name"], record["statement"]) for record in reports[0].of_kind("verdict")}
    assert spoken == {(game.name, "P2.T.1"), ("two_doors", "P1.C.5")}


def test_what_is_no_game_is_refused():
    for wrong in (None, 3, induced_game(one_stays())):
        with pytest.raises(InputError, match="must be a MeanFieldGame, a dynamic game"):
            check_all([wrong], statements=["E.2"])


def test_unknown_names_are_refused_before_anything_runs():
    for arguments in ({"statements": ["C.99"]}, {"tiers": ["provd"]}, {"beta_0": 1.0}):
        with pytest.raises(UnknownNameError):
            check_all(GAMES, **arguments)
    with pytest.raises(UnknownNameError):
        check_all(["two_dors"], statements=["E.2"])
