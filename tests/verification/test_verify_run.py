"""`pytest verify` itself: refusals in words, a quick run, and what a new violation does."""

from __future__ import annotations

import json
from pathlib import Path

import pytest

from mfbounds.verification.status import Status
from mfbounds.verification.witness import load_witness, replay

pytest_plugins = ["pytester"]

VERIFY = Path(__file__).parents[2] / "verify"

FALSE_LEDGER = """
import dataclasses

import mfbounds.bounds.ledger as _ledger

_true = _ledger.find_statement("E.4")
_bounds = tuple(
    dataclasses.replace(bound, right=bound.right / 10**6) if bound.tier == "sharpened" else bound
    for bound in _true.bounds
)
_false = dataclasses.replace(_true, bounds=_bounds, defects=())
_ledger.ledger = lambda: (_false,)
"""


@pytest.mark.parametrize(
    ("arguments", "message"),
    [
        (["--statement", "C.55"], "statement == 'C.55', must be a known name: did you mean"),
        (["--seed", "-1"], "--seed == -1, must be an integer >= 0"),
    ],
)
def test_unknown_names_and_odd_numbers_are_usage_errors(pytester, arguments, message):
    result = pytester.runpytest_subprocess(str(VERIFY), *arguments)
    assert result.ret == pytest.ExitCode.USAGE_ERROR
    assert message in result.stderr.str()
    assert "Traceback" not in result.stderr.str() + result.stdout.str()


def test_statement_tier_and_games_select(pytester):
    result = pytester.runpytest_subprocess(
        str(VERIFY), "--statement", "E.4", "--tier", "sharpened", "--games", "3", "-k", "0020 or 0021 or 0022"
    )
    assert result.ret == 0
    assert "3 verdicts" in result.stdout.str()
    assert "the ledger is true" in result.stdout.str()


def test_theorem_1_of_p2_is_decided_on_as_many_games_as_asked_for(pytester):
    """Every third random game has one action, where nobody can deviate and the theorem says nothing."""
    arguments = ("--statement", "P2.T.1", "--tier", "sharpened", "--games", "12", "--report-dir", "reports")
    assert pytester.runpytest_subprocess(str(VERIFY), *arguments).ret == 0
    lines = (pytester.path / "reports" / "verification.jsonl").read_text().splitlines()
    found = [record["status"] for record in map(json.loads, lines) if record.get("bound") == "sharpened"]
    assert len(found) == 12
    assert set(found) <= {"holds", "vacuous"}


def test_new_violation_fails_with_its_text_and_keeps_a_witness_that_replays(pytester):
    pytester.makeconftest(FALSE_LEDGER + (VERIFY / "conftest.py").read_text().split("__future__ import annotations")[1])
    pytester.makepyfile(test_false=(VERIFY / "test_p1_e4.py").read_text())
    result = pytester.runpytest_subprocess("--games", "1", "-k", "0020", "--report-dir", "reports")
    assert result.ret == 1
    assert "P1.E.4 [sharpened] on" in result.stdout.str()
    assert "violated: left" in result.stdout.str()
    assert "THE LEDGER IS NOT TRUE: 1 new violations" in result.stdout.str()
    (path,) = (pytester.path / "reports" / "witnesses").iterdir()
    assert load_witness(path).found["status"] == Status.VIOLATED
    assert replay(path).status is Status.HOLDS  # the true statement holds on the witness of the false one
