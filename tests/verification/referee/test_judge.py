"""The whole referee: silence on the proved tiers, every printed mistake known to the ledger, every output readable."""

from __future__ import annotations

import json
from dataclasses import replace
from graphlib import TopologicalSorter

import pytest
from typer.testing import CliRunner

import mfbounds as mb
from mfbounds.bounds.ledger import find_statement, ledger
from mfbounds.bounds.statement import Tier
from mfbounds.cli import app
from mfbounds.errors import InputError, UnknownNameError
from mfbounds.verification.referee import RefereeReport, chain_of, to_mermaid
from mfbounds.verification.referee.findings import Check, Weight
from mfbounds.verification.referee.recorded import RECORDED
from mfbounds.verification.report import Report

STATEMENTS = [statement for statement in ledger() if statement.paper == "P1"]


@pytest.fixture(scope="module")
def report() -> RefereeReport:
    return mb.referee()


def test_no_proved_formula_is_called_a_mistake(report: RefereeReport) -> None:
    assert [finding for finding in report.mistakes if finding.tier is not Tier.PRINTED] == []


def test_every_mistake_is_a_recorded_defect(report: RefereeReport) -> None:
    assert report.new == ()
    names = {defect.name for statement in STATEMENTS for defect in statement.defects}
    assert {name for finding in report.mistakes for name in finding.recorded} <= names
    assert {name for recorded in RECORDED.values() for name in recorded} <= names


def test_only_mistakes_of_the_printed_text_are_recorded_defects(report: RefereeReport) -> None:
    assert all(f.weight is Weight.MISTAKE and f.tier is Tier.PRINTED for f in report.findings if f.recorded)


def test_the_table_of_records_holds_nothing_that_is_not_found(report: RefereeReport) -> None:
    """An entry that no finding needs would hide a check that has gone blind."""
    found = {(finding.check, finding.statement) for finding in report.mistakes}
    assert {(check, statement) for check, statement, _ in RECORDED} == found


def test_the_defects_that_formulas_alone_betray_are_found(report: RefereeReport) -> None:
    found = {(finding.check, name) for finding in report.mistakes for name in finding.recorded}
    for expected in (
        (Check.HOMOGENEITY, "C.1(b)"),
        (Check.HOMOGENEITY, "D.4(d)"),
        (Check.HOMOGENEITY, "E.1(a)"),
        (Check.HOMOGENEITY, "shift"),
        (Check.LIMITS, "C.1(a)"),
        (Check.LIMITS, "C.5(a)"),
        (Check.LIMITS, "T_l"),
        (Check.ORDERS, "D.7(a)"),
        (Check.ALGEBRA, "C.5(c)"),
        (Check.ALGEBRA, "D.4(b)"),
    ):
        assert expected in found


def test_one_line_a_statement_and_tier(report: RefereeReport) -> None:
    keys = [(line.statement, line.tier) for line in report.lines]
    assert len(keys) == len(set(keys))
    assert {name for name, _ in keys} == {statement.id for statement in STATEMENTS}
    table = report.to_pandas()
    assert list(table.columns) == ["statement", "tier", *(check.value for check in Check), "exponents"]
    assert len(table) == len(keys)
    markdown = report.to_markdown()
    assert markdown.count("\n| ") == len(keys) + 1
    assert report.summary in markdown
    assert all(finding.weight is Weight.MISTAKE for finding in report.mistakes)


def test_chains_name_what_a_proof_rests_on() -> None:
    chain = chain_of("E.6")
    assert [below.id for below in chain.below] == ["P1.E.1", "P1.E.4"]
    assert "E.1(a)" in chain.to_text()
    assert {item.id for item in chain_of("C.6").faulty} >= {"P1.C.1", "P1.C.5", "P1.E.1"}
    assert chain_of("E.1").faulty == ()
    text = to_mermaid()
    assert text.startswith("graph TD")
    for statement in STATEMENTS:
        for below in statement.rests_on:
            assert f'{statement.id.replace(".", "_")}["' in text
            assert find_statement(below).title in text


def test_no_proof_rests_on_itself() -> None:
    order = TopologicalSorter({statement.id: statement.rests_on for statement in STATEMENTS})
    assert set(order.static_order()) <= {statement.id for statement in STATEMENTS}


def test_the_verification_report_has_a_line_for_each_statement_and_tier() -> None:
    chosen = [find_statement("E.2"), find_statement("E.5")]
    shown = Report([], statements=chosen)
    assert len(shown.referee.lines) == 5
    assert "| P1.E.2 | printed |" in shown.to_markdown()
    assert "E.2(a)" in shown.to_html(pictures=False)
    assert "No formulas to judge" in Report([]).to_markdown()


def test_the_command() -> None:
    run = CliRunner()
    result = run.invoke(app, ["referee", "E.1", "E.4", "--json"])
    assert result.exit_code == 0, result.output
    found = json.loads(result.stdout)
    assert [line["statement"] for line in found["lines"]] == ["P1.E.1"] * 3 + ["P1.E.4"] * 3
    assert found["lines"][0]["findings"][0]["recorded"] == ["E.1(a)"]
    shown = run.invoke(app, ["referee", "C.1", "--remarks"])
    assert shown.exit_code == 0
    assert "C.1(b)" in shown.stdout
    assert "eta -> 0" in shown.stdout
    assert "P1.E.1" in run.invoke(app, ["referee", "E.6", "--chain"]).stdout
    assert run.invoke(app, ["referee", "--mermaid"]).stdout == to_mermaid()
    assert run.invoke(app, ["referee", "Z.9"]).exit_code == 2


def test_a_statement_that_cannot_be_judged_is_named() -> None:
    with pytest.raises(UnknownNameError):
        mb.referee(["Z.9"])
    other = replace(find_statement("E.2"), id="P9.E.2")
    with pytest.raises(InputError, match="must be one of paper P1"):
        mb.referee([other])


def test_a_proof_may_rest_on_what_the_ledger_does_not_hold() -> None:
    statement = replace(find_statement("E.4"), rests_on=("P9.X.1",))
    assert "P9.X.1 (not in the ledger)" in chain_of(statement).to_text()
