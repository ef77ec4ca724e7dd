"""Certified replays: from the command line, and of files that another version wrote."""

from __future__ import annotations

import json
from pathlib import Path

import numpy as np
import pytest
from typer.testing import CliRunner

from mfbounds.bounds.ledger import find_statement
from mfbounds.cli import app
from mfbounds.errors import InputError
from mfbounds.verification.findings import defect_record
from mfbounds.verification.report import Report
from mfbounds.verification.witness import replay, replay_defect, save_witness

RUNNER = CliRunner()


@pytest.fixture
def witness(tmp_path: Path) -> Path:
    statement = find_statement("E.1")
    file = tmp_path / "witness.npz"
    save_witness(replay_defect(statement, statement.defects[0]), file)
    return file


def altered(file: Path, *replaced: tuple[str, str]) -> Path:
    """The file with texts of its record replaced."""
    with np.load(file, allow_pickle=False) as stored:
        content = dict(stored)
    record = str(content["record"])
    for old, new in replaced:
        assert old in record
        record = record.replace(old, new)
    other = file.with_name("other.npz")
    np.savez(other, **{**content, "record": np.array(record)})
    return other


def test_a_witness_is_replayed_as_a_proof(witness: Path) -> None:
    assert not replay(witness).certified
    assert replay(witness, certify=True).certified


@pytest.mark.parametrize("arguments", [("replay",), ("check", "--witness")])
def test_both_verbs_replay_a_file(witness: Path, arguments: tuple[str, ...]) -> None:
    result = RUNNER.invoke(app, [*arguments, str(witness), "--certify", "--json"])
    assert result.exit_code == 0, result.stderr
    (record,) = json.loads(result.stdout)
    assert (record["found"], record["status"]) == ("violated", "violated")
    assert record["certificate"]["certified"] is True


def test_check_needs_a_game_or_a_witness(witness: Path) -> None:
    both = RUNNER.invoke(app, ["check", "E.1", "two_doors", "--witness", str(witness)])
    assert both.exit_code == 2
    assert "must be left out with --witness" in both.stderr
    neither = RUNNER.invoke(app, ["check", "E.1"])
    assert neither.exit_code == 2
    assert "GAME == '', must be given" in neither.stderr


def test_a_file_of_another_version_replays_or_says_why_not(witness: Path) -> None:
    old = replay(witness).versions["mfbounds"]
    version = (f'"mfbounds":"{old}"', '"mfbounds":"0.0.1"')
    assert replay(altered(witness, version), certify=True).certified
    renamed = altered(witness, version, ("printed / sup / TV = l1", "printed / supremum / TV = l1"))
    with pytest.raises(InputError, match=r"must be a known name: .* \(written by mfbounds 0\.0\.1; this is"):
        replay(renamed)


def test_the_report_counts_proofs() -> None:
    statement = find_statement("E.1")
    verdict = replay_defect(statement, statement.defects[0], certify=True)
    record = defect_record(statement, statement.defects[0], certify=True)
    report = Report([verdict.to_record(), record], statements=[statement])
    assert report.rows[0].mark == "certified 1/1, 53 bits"
    assert "1 of them certified" in report.summary
    assert "certified 1/1, 53 bits" in report.to_html(pictures=False)
    assert "reproduced, certified at 53 bits" in report.to_html(pictures=False)
    assert "(certified 1/1, 53 bits)" in report.to_markdown()
    plain = Report([replay_defect(statement, statement.defects[0]).to_record()], statements=[statement])
    assert plain.rows[0].mark == ""
    assert "of them certified" not in plain.summary


@pytest.mark.parametrize("certify", [False, True])
@pytest.mark.parametrize(
    ("changed", "told"),
    [
        ({"case xi": np.array([0.5, 0.6])}, r"case\['xi'\]\.sum"),
        ({"case policy": np.full((2, 2), 0.4)}, r"case\['policy'\]\[0\]\.sum"),
        ({"case mu": np.array([1.0, 0.0, 0.0])}, r"case\['mu'\]\.shape"),
        ({"case mu_2": np.array([1.5, -0.5])}, r"case\['mu_2'\]\[1\] == -0\.5"),
        ({"case mu": None}, "must hold 'mu'"),
    ],
)
def test_a_case_that_is_none_of_the_games_is_refused(witness: Path, changed: dict, told: str, certify: bool) -> None:
    with np.load(witness, allow_pickle=False) as stored:
        content = {**dict(stored), **changed}
    np.savez(witness, **{key: value for key, value in content.items() if value is not None})
    with pytest.raises(InputError, match=told):
        replay(witness, certify=certify)


def test_a_file_that_is_no_archive_is_told_in_plain_words(tmp_path: Path) -> None:
    file = tmp_path / "witness.npz"
    file.write_text("hello")
    with pytest.raises(InputError, match=r"it is no \.npz archive"):
        replay(file)
