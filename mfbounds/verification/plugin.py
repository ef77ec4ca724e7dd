"""The pytest plugin: a test that records verdicts shows up in a table, worst first, at the end of the run.

A vacuous or undecided verdict is not counted as a pass, and an inapplicable one is a skip that shows the failing
number. In a run that records no verdict the plugin does nothing; what it needs is imported when the first one arrives.
"""

from __future__ import annotations

from collections.abc import Callable, Generator, Mapping
from typing import TYPE_CHECKING, Any, TypeAlias

import pytest

if TYPE_CHECKING:
    from mfbounds.verification.report import Report
    from mfbounds.verification.verdict import Verdict

RECORD = "mfbounds record"  # user properties survive the way from a worker of pytest-xdist to the controller
OUTCOME = "mfbounds outcome"
WIDTH = 160  # of the table when the output is not a terminal
COUNTED = {"vacuous": "v", "inconclusive": "i"}

Recorder: TypeAlias = "Callable[..., None]"
_lines = pytest.StashKey[dict[str, list[str]]]()
_report: pytest.StashKey[Report] = pytest.StashKey()
_trouble = pytest.StashKey[str]()


def pytest_addoption(parser: pytest.Parser) -> None:
    """Adds ``--report-dir``."""
    group = parser.getgroup("mfbounds", "verdicts of mfbounds")
    group.addoption("--report-dir", default=None, help="write the report of all recorded verdicts into this folder")


def pytest_configure(config: pytest.Config) -> None:
    """Refuses a report folder that cannot be made, before anything runs."""
    config.stash[_lines] = {}
    if not hasattr(config, "workerinput"):
        config.pluginmanager.register(_Collector(config.stash[_lines]), "mfbounds-collector")
    if config.getoption("report_dir") is not None:
        from mfbounds.errors import InputError
        from mfbounds.output import write_files

        try:
            write_files(config.getoption("report_dir"), {})
        except InputError as error:
            raise pytest.UsageError(f"--report-dir: {error}") from None


class _Collector:
    """Keeps what the items recorded, by item; on the controller only."""

    def __init__(self, lines: dict[str, list[str]]) -> None:
        self.lines = lines

    def pytest_runtest_logreport(self, report: pytest.TestReport) -> None:
        found = [str(value) for key, value in report.user_properties if key == RECORD] if report.when == "call" else []
        if found:
            self.lines[report.nodeid] = found


@pytest.fixture
def record_verdicts(request: pytest.FixtureRequest) -> Recorder:
    """A function that takes verdicts (or records of `mfbounds.verification.findings`) and puts them into the report."""
    properties: list[tuple[str, object]] = request.node.user_properties
    recorded: list[Mapping[str, Any]] = []

    def record(*found: Verdict | Mapping[str, Any]) -> None:
        from mfbounds.verification.records import to_line

        for item in found:
            content = item if isinstance(item, Mapping) else item.to_record()
            recorded.append(content)
            properties.append((RECORD, to_line(content)))
        properties[:] = [pair for pair in properties if pair[0] != OUTCOME]
        properties.append((OUTCOME, _outcome([content for content in recorded if content["kind"] == "verdict"])))

    return record


def _outcome(verdicts: list[Mapping[str, Any]]) -> str:
    """What an item is counted as: by its proved inequalities, or by the printed ones where there are no others."""
    deciding = [record for record in verdicts if record["tier"] != "printed"] or verdicts
    statuses = {str(record["status"]) for record in deciding}
    if statuses == {"not applicable"}:
        return "skipped: " + "; ".join(dict.fromkeys(str(record["reason"]) for record in deciding))
    statuses.discard("not applicable")
    if "inconclusive" in statuses:
        return "inconclusive"
    return "vacuous" if statuses == {"vacuous"} else "passed"


@pytest.hookimpl(wrapper=True)
def pytest_runtest_makereport(item: pytest.Item) -> Generator[None, pytest.TestReport, pytest.TestReport]:
    """An item of which no inequality applies becomes a skip whose reason shows the failing number."""
    report = yield
    outcome = _property(report, OUTCOME)
    if report.when == "call" and report.passed and outcome.startswith("skipped: "):
        report.outcome = "skipped"
        path, line, _ = item.location
        report.longrepr = (path, (line or 0) + 1, f"Skipped: not applicable: {outcome.removeprefix('skipped: ')}")
    return report


def pytest_report_teststatus(report: pytest.TestReport) -> tuple[str, str, str] | None:
    """Vacuous and undecided items are counted as such."""
    outcome = _property(report, OUTCOME)
    if getattr(report, "when", None) == "call" and report.passed and outcome in COUNTED:
        return outcome, COUNTED[outcome], outcome.upper()
    return None


def _property(report: Any, name: str) -> str:
    return next((str(value) for key, value in getattr(report, "user_properties", ()) if key == name), "")


@pytest.hookimpl(tryfirst=True)
def pytest_sessionfinish(session: pytest.Session) -> None:
    """Builds the report, and writes it when a folder is given."""
    config = session.config
    found = config.stash.get(_lines, {})
    if not found:
        return
    from mfbounds.bounds.ledger import ledger
    from mfbounds.errors import InputError
    from mfbounds.verification.records import from_line
    from mfbounds.verification.report import Report

    # Sorted, because workers finish in any order.
    records = [from_line(line) for item in sorted(found) for line in found[item]]
    known = {record["statement"] for record in records}
    report = Report(records, statements=[statement for statement in ledger() if statement.id in known])
    config.stash[_report] = report
    if config.getoption("report_dir") is not None:
        try:
            report.write(config.getoption("report_dir"))
        except InputError as error:
            config.stash[_trouble] = f"--report-dir: {error}"
            session.exitstatus = pytest.ExitCode.USAGE_ERROR


def pytest_terminal_summary(terminalreporter: Any, config: pytest.Config) -> None:
    """The table, worst first."""
    if _report in config.stash:
        writer = terminalreporter._tw
        terminalreporter.section("verdicts")
        width = max(100, writer.fullwidth) if writer.hasmarkup else WIDTH
        text = config.stash[_report].to_text(width=width, colour=writer.hasmarkup)
        terminalreporter.write(text)
        if config.getoption("report_dir") is not None and _trouble not in config.stash:
            terminalreporter.write_line(f"report written to {config.getoption('report_dir')}")
    if _trouble in config.stash:
        terminalreporter.write_line(config.stash[_trouble], red=True)
