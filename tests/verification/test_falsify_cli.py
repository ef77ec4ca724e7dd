"""The verb `mfbounds falsify`."""

from __future__ import annotations

import json

import pytest
from typer.testing import CliRunner

from mfbounds.cli import app
from mfbounds.verification.falsify.record import from_csv

QUICK = ["--budget", "0", "--edge-cases", "40", "--seed", "1"]


def call(*arguments):
    return CliRunner().invoke(app, ["falsify", *arguments])


def test_witnesses_are_kept_and_replayed_and_the_search_resumed(tmp_path):
    found = call("2.2", *QUICK, "--out", str(tmp_path))
    assert found.exit_code == 0, found.output  # a recorded defect of the printed text
    folder = tmp_path / "P1.2.2.printed"
    (smallest,) = folder.glob("*smallest.npz")
    replayed = CliRunner().invoke(app, ["replay", str(smallest), "--json"])
    (record,) = json.loads(replayed.output)
    assert (record["found"], record["status"]) == ("violated", "violated")
    refused = call("2.2", *QUICK, "--out", str(tmp_path))
    assert refused.exit_code == 2
    assert "add --resume" in refused.output
    assert call("2.2", *QUICK, "--out", str(tmp_path), "--resume").exit_code == 0


def test_json_and_table(tmp_path):
    path = tmp_path / "tightest.csv"
    found = call("E.4", "--tier", "repaired", *QUICK, "--table", str(path), "--json")
    assert found.exit_code == 0
    (record,) = json.loads(found.stdout)
    assert (record["statement"], record["tier"], record["attempts"][0]["smallest"]) == ("P1.E.4", "repaired", None)
    assert "edge_cases" in record["effort"]
    (row,) = from_csv(path.read_text())
    assert (row.statement, row.bound, row.violated) == ("P1.E.4", "repaired", False)


def test_the_table_says_how_it_was_tried():
    found = call("E.4", "--tier", "repaired", *QUICK)
    assert "in words" in found.stdout
    assert "edge cases" in found.stdout
    assert "not reached: [repaired] no whole restart" in found.stdout


@pytest.mark.parametrize(
    ("arguments", "message"),
    [
        ([], "must be given, or --all"),
        (["E.4", "--all"], "not both"),
        (["E.4", "--resume"], "must come with --out"),
        (["D.4"], "high probability"),
        (["E.4", "--family", "rooms"], "known are both, kernel, none, reward"),
        (["E.4", "--table", "x.txt"], "must end in .csv"),
        (["E.4", "--seconds", "-1"], "must be > 0"),
    ],
)
def test_bad_input_exits_with_2(arguments, message):
    found = call(*arguments)
    assert found.exit_code == 2
    assert message in found.output
