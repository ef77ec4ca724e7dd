"""Sweeps: the same records whatever the number of workers."""

from __future__ import annotations

import pytest

from mfbounds.bounds.symbols import L
from mfbounds.errors import UnknownNameError
from mfbounds.games.random import random_game
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


def test_unknown_names_are_refused_before_anything_runs():
    for arguments in ({"statements": ["C.99"]}, {"tiers": ["provd"]}, {"beta_0": 1.0}):
        with pytest.raises(UnknownNameError):
            check_all(GAMES, **arguments)
    with pytest.raises(UnknownNameError):
        check_all(["two_dors"], statements=["E.2"])
