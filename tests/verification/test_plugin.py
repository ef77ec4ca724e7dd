"""The pytest plugin, run on small projects of its own."""

from __future__ import annotations

import json
import re
import textwrap

import pytest

pytest_plugins = ["pytester"]

RECORDING = """
    import pytest

    def record(statement, tier, status, **more):
        return {
            "kind": "verdict", "statement": statement, "tier": tier, "form": "", "bound": tier, "status": status,
            "reason": f"{statement} is {status}", "reading": {"tv": "l1", "a1": "l1"}, "hypotheses": [],
            "game": {"name": "doors", "origin": None}, "slack_decades": 1.0, "vacuity_decades": 0.0, "case": {},
            "defects": [], "versions": {}, "parameters": {}, "errors": {}, "lhs_log10": 0.0, "rhs_log10": 1.0,
            "trivial_log10": 2.0, **more,
        }

    def test_holds(record_verdicts):
        record_verdicts(record("A", "printed", "vacuous"), record("A", "repaired", "holds"))

    def test_vacuous(record_verdicts):
        record_verdicts(record("B", "printed", "holds"), record("B", "repaired", "vacuous"))
        record_verdicts(record("B", "sharpened", "not applicable"))

    def test_open(record_verdicts):
        record_verdicts(record("C", "repaired", "inconclusive"), record("C", "sharpened", "holds"))

    def test_silent(record_verdicts):
        record_verdicts(record("D", "repaired", "not applicable", reason="A-2: C_op == 1.25, must be < 1"))

    def test_printed_only(record_verdicts):
        record_verdicts(record("E", "printed", "vacuous"))

    def test_fails(record_verdicts):
        record_verdicts(record("F", "repaired", "violated"))
        pytest.fail("violated")
"""


@pytest.fixture
def project(pytester):
    pytester.makepyfile(textwrap.dedent(RECORDING))
    return pytester


def statements(output: str) -> list[str]:
    """The first column of the table."""
    return re.findall(r"^ ([A-F]) +(?:printed|repaired|sharpened)", output, flags=re.MULTILINE)


@pytest.mark.parametrize("workers", [[], ["-n", "2"]], ids=["alone", "xdist"])
def test_outcomes_are_counted_as_what_they_are_and_the_report_is_written(project, workers):
    result = project.runpytest_subprocess("-v", "-rs", "--report-dir", "deep/reports", *workers)
    assert result.ret == 1
    output = result.stdout.str()
    counts = {word: int(count) for count, word in re.findall(r"(\d+) (\w+)", output.splitlines()[-1])}
    assert counts.items() >= {"failed": 1, "passed": 1, "skipped": 1, "inconclusive": 1, "vacuous": 2}.items()
    assert re.search(r"VACUOUS.*test_vacuous|test_vacuous.*VACUOUS", output)
    assert re.search(r"INCONCLUSIVE.*test_open|test_open.*INCONCLUSIVE", output)
    assert "not applicable: A-2: C_op == 1.25, must be < 1" in output
    assert statements(output)[0] == "F"
    assert sorted(set(statements(output))) == list("ABCDEF")
    assert "10 verdicts" in output
    assert "report written to deep/reports" in output
    folder = project.path / "deep" / "reports"
    assert sorted(p.name for p in folder.iterdir()) == [f"verification.{s}" for s in ("html", "jsonl", "md")]
    found = [json.loads(line) for line in (folder / "verification.jsonl").read_text().splitlines()]
    assert [r["tier"] for r in found if r["statement"] == "B"] == ["printed", "repaired", "sharpened"]


def test_unwritable_report_folder_is_a_usage_error(project):
    (project.path / "file").write_text("in the way")
    result = project.runpytest_subprocess("--report-dir", "file/reports")
    assert result.ret == pytest.ExitCode.USAGE_ERROR
    result.stderr.fnmatch_lines(["*--report-dir: folder == 'file/reports', must be a folder that can be written*"])


def test_run_without_verdicts_costs_nothing_and_says_nothing(pytester):
    pytester.makepyfile(
        """
        import sys

        def test_nothing_is_imported():
            heavy = ("sympy", "flint", "numpy", "scipy", "pandas", "matplotlib", "rich", "jinja2")
            assert [name for name in heavy if name in sys.modules] == []
        """
    )
    result = pytester.runpytest_subprocess("--report-dir", "reports")
    result.assert_outcomes(passed=1)
    assert "= verdicts =" not in result.stdout.str()
    assert list((pytester.path / "reports").iterdir()) == []


def test_real_verdicts_travel(pytester):
    pytester.makepyfile(
        """
        import mfbounds as mb
        from mfbounds.games.random import random_game

        def test_mine(record_verdicts):
            record_verdicts(*mb.check("E.4", random_game("garnet", 1)))
        """
    )
    result = pytester.runpytest_subprocess("-n", "1")
    assert result.ret == 0
    result.stdout.fnmatch_lines(["*P1.E.4*sharpened*", "*the ledger is true*"])
