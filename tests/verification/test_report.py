"""Reports of invented statements, whose table is known beforehand."""

from __future__ import annotations

import json
import math
import re

import pytest

from mfbounds.bounds.problem import Problem
from mfbounds.bounds.statement import Tier
from mfbounds.bounds.symbols import L, R, gamma
from mfbounds.errors import InputError
from mfbounds.numbers import Cause
from mfbounds.verification.check import check_problem
from mfbounds.verification.findings import defect_record, is_ledger_true, problem_records
from mfbounds.verification.records import from_line
from mfbounds.verification.report import Report
from mfbounds.verification.table import Severity

from . import fakes


def report_of(*statements, games=None, defects=True):
    records = []
    for game in games or [fakes.two_doors(gamma=0.5), fakes.two_doors(gamma=0.9)]:
        problem = Problem(game.replace(name=f"doors gamma={game.gamma}"))
        for statement in statements:
            records += problem_records(statement, check_problem(statement, problem), problem)
    if defects:
        records += [defect_record(statement, defect) for statement in statements for defect in statement.defects]
    return Report(records, statements=statements)


@pytest.fixture(scope="module")
def everything():
    """One statement of every severity."""
    return report_of(
        fakes.statement(fakes.bound(2 * R, trivial=10), id="TRUE"),
        fakes.statement(fakes.bound(20 * R), id="VACUOUS"),
        fakes.statement(fakes.bound(R / 2), id="FALSE"),
        fakes.statement(fakes.bound(R / 2, tier=Tier.PRINTED), id="NEW"),
        fakes.statement(fakes.bound(R), measure=fakes.always(1.0, 0.1, Cause.FIXED_POINT), id="OPEN"),
        fakes.statement(fakes.bound(R, hypotheses=(fakes.hypothesis(False, 1.5),)), id="SILENT"),
        fakes.printed_false("DEFECT"),
    )


def test_worst_first(everything):
    found = [(row.statement, row.tier.value, row.severity) for row in everything.rows]
    assert found[:3] == [
        ("FALSE", "repaired", Severity.REPAIRED_VIOLATED),
        ("NEW", "printed", Severity.NEW_VIOLATION),
        ("DEFECT", "printed", Severity.RECORDED_VIOLATION),
    ]
    assert found[3][0] == "VACUOUS"
    assert ("OPEN", "repaired", Severity.INCONCLUSIVE) in found[4:]
    assert found[-1][0] == "SILENT"
    assert [row.severity for row in everything.rows] == sorted(row.severity for row in everything.rows)


def test_rows_count_games_and_show_the_failing_number(everything):
    rows = {(row.statement, row.tier): row for row in everything.rows}
    assert rows["TRUE", Tier.REPAIRED].counts["holds"] == 2
    assert rows["TRUE", Tier.REPAIRED].median_slack == pytest.approx(math.log10(2), rel=1e-12)
    assert rows["TRUE", Tier.REPAIRED].vacuity == pytest.approx(math.log10(0.2), rel=1e-12)
    assert "2 of 2 games" in rows["SILENT", Tier.REPAIRED].reason
    assert "1.5" in rows["SILENT", Tier.REPAIRED].reason
    assert rows["DEFECT", Tier.PRINTED].defects == ("F(a)",)


def test_ledger_is_true_only_without_new_violations_and_with_reproduced_defects(everything):
    assert not everything.ledger_true
    assert {record["statement"] for record in everything.new_violations} == {"FALSE", "NEW"}
    assert report_of(fakes.printed_false()).ledger_true
    cured = fakes.printed_false()
    measure_nothing = fakes.statement(*cured.bounds, measure=fakes.always(0.0), defects=cured.defects, id=cured.id)
    assert not report_of(measure_nothing).ledger_true


def test_ledger_rule():
    statement = fakes.printed_false()
    printed, repaired, _ = statement.bounds
    for bound, status, expected in [
        (printed, "violated", True),
        (repaired, "violated", False),
        (repaired, "inconclusive", True),
        (repaired, "vacuous", True),
    ]:
        assert is_ledger_true({"bound": bound.key, "status": status}, statement) is expected
    unrecorded = fakes.statement(printed)
    assert not is_ledger_true({"bound": printed.key, "status": "violated"}, unrecorded)


def test_gain_over_the_printed_form():
    statement = fakes.statement(
        fakes.bound(100 * R, tier=Tier.PRINTED), fakes.bound(10 * R), fakes.bound(R, tier=Tier.SHARPENED)
    )
    gains = {row.tier: row.gain for row in report_of(statement).rows}
    assert gains[Tier.REPAIRED] == pytest.approx(1.0, abs=1e-12)
    assert gains[Tier.SHARPENED] == pytest.approx(2.0, abs=1e-12)
    assert math.isnan(gains[Tier.PRINTED])


def test_no_gain_over_a_printed_form_that_is_false():
    assert all(math.isnan(row.gain) for row in report_of(fakes.printed_false()).rows)


def test_facts_are_summarised():
    statement = fakes.statement(
        fakes.bound(R), facts=lambda problem: {"discount": problem.game.gamma, "none": math.nan}
    )
    (fact,) = report_of(statement).facts
    assert (fact.name, fact.smallest, fact.largest, fact.games) == ("discount", 0.5, 0.9, 2)
    assert fact.median == pytest.approx(0.7)


def test_text_names_everything_and_has_no_colour_codes(everything):
    text = everything.to_text(width=150)
    for word in ("FALSE", "NEW VIOLATION", "DEFECT F(a)", "reproduced", "verdicts", "worst first"):
        assert word in text
    assert "\x1b" not in text
    assert max(map(len, text.splitlines()[:20])) <= 150
    assert "\x1b" in everything.to_text(colour=True)


def test_html_is_self_contained_and_escaped():
    statement = fakes.statement(fakes.bound(R), id="<b>BOLD</b>")
    page = report_of(statement).to_html(pictures=False)
    assert "<b>BOLD" not in page
    assert "&lt;b&gt;BOLD" in page
    assert not re.search(r"(src|href)=\"http", page)


def test_html_holds_pictures():
    def levels(problem, case):
        return fakes.decaying(problem, case)

    statement = fakes.statement(fakes.bound(8 / L), measure=levels)
    assert report_of(statement).to_html().count("data:image/png;base64,") == 1


def test_every_line_of_jsonl_is_strict_json_and_comes_back(everything):
    lines = everything.to_jsonl().splitlines()
    assert len(lines) == len(everything.records)

    def refuse(name):
        raise AssertionError(f"{name} is not JSON")

    for line, record in zip(lines, everything.records, strict=True):
        json.loads(line, parse_constant=refuse)
        assert from_line(line)["kind"] == record["kind"]
    again = Report([from_line(line) for line in lines], statements=everything.statements)
    assert again.to_text() == everything.to_text()
    assert again.to_markdown() == everything.to_markdown()


def test_markdown_tables_have_equal_columns(everything):
    lines = [line for line in everything.to_markdown().splitlines() if line.startswith("|")]
    header = lines[0].count("|")
    rows = [line for line in lines if re.match(r"\| (TRUE|FALSE|DEFECT) ", line)]
    assert len(rows) >= 3
    assert {re.sub(r"\\\|", "", line).count("|") for line in rows} == {header}


def test_write_makes_three_files(everything, tmp_path):
    everything.write(tmp_path / "new" / "folder")
    names = sorted(path.name for path in (tmp_path / "new" / "folder").iterdir())
    assert names == ["verification.html", "verification.jsonl", "verification.md"]


def test_unwritable_folder_is_refused_and_nothing_is_left(everything, tmp_path):
    (tmp_path / "file").write_text("in the way")
    with pytest.raises(InputError, match="must be a folder that can be written"):
        everything.write(tmp_path / "file" / "below")
    assert [path.name for path in tmp_path.iterdir()] == ["file"]


def test_failed_write_leaves_the_previous_report(everything, tmp_path, monkeypatch):
    everything.write(tmp_path)
    before = {path.name: path.read_bytes() for path in tmp_path.iterdir()}
    monkeypatch.setattr("pathlib.Path.open", lambda *_, **__: (_ for _ in ()).throw(OSError(28, "No space left")))
    with pytest.raises(InputError, match="No space left"):
        everything.write(tmp_path)
    monkeypatch.undo()
    assert {path.name: path.read_bytes() for path in tmp_path.iterdir()} == before


def test_empty_report_says_so():
    report = Report([])
    assert report.summary.startswith("0 verdicts")
    assert report.to_markdown()
    assert report.to_html()


def test_reason_of_a_vacuous_row_is_its_worst_game():
    statement = fakes.statement(fakes.bound(R / (1 - gamma) ** 2))
    (row,) = report_of(statement).rows
    assert row.severity is Severity.VACUOUS
    assert row.reason.startswith("doors gamma=0.5: ")
