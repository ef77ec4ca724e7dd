"""How verdicts are shown, and which exit code they make."""

from __future__ import annotations

from collections import Counter
from collections.abc import Sequence
from typing import TYPE_CHECKING

from mfbounds.cli.options import UNDECIDED, VIOLATED
from mfbounds.cli.output import console, grid

if TYPE_CHECKING:
    from mfbounds.verification.verdict import Verdict


def exit_code(verdicts: Sequence[Verdict], *, strict: bool) -> int:
    """1 when the ledger is not true of a verdict, else 3 when one is undecided and `strict`, else 0."""
    from mfbounds.verification.status import Status

    if unexpected(verdicts):
        return VIOLATED
    undecided = any(verdict.status is Status.INCONCLUSIVE for verdict in verdicts)
    return UNDECIDED if strict and undecided else 0


def unexpected(verdicts: Sequence[Verdict]) -> list[Verdict]:
    """The violated inequalities that the ledger does not record as false."""
    from mfbounds.bounds.ledger import find_statement
    from mfbounds.verification.findings import is_ledger_true

    return [verdict for verdict in verdicts if not is_ledger_true(verdict, find_statement(verdict.statement))]


def print_verdicts(verdicts: Sequence[Verdict], *, title: str) -> None:
    """One row for each inequality, worst first, then one line that counts."""
    from mfbounds.verification.report import Report
    from mfbounds.verification.report_text import STYLE, show_decades

    numeric = ("slack", "to trivial")  # decades
    shown = grid(title, ("statement", "inequality", "verdict", *numeric, "reason"), numeric=numeric)
    for row in Report(verdict.to_record() for verdict in verdicts).rows:
        record = row.worst
        recorded = f"[{', '.join(row.defects)}] " if row.defects else ""
        decades = (show_decades(record["slack_decades"]), show_decades(record["vacuity_decades"]))
        cells = (row.statement, row.inequality, record["status"], *decades, recorded + record["reason"])
        shown.add_row(*cells, style=STYLE[row.severity])
    out = console()
    out.print(shown)
    out.print(f"{summary(verdicts)} (slack and distance to the trivial bound in decades)", soft_wrap=True)


def summary(verdicts: Sequence[Verdict]) -> str:
    """How many inequalities have which verdict, and whether the ledger expects the violated ones."""
    from mfbounds.verification.status import Status

    counts = Counter(verdict.status for verdict in verdicts)
    parts = ", ".join(f"{counts[status]} {status.value}" for status in Status if counts[status])
    word = "inequality" if len(verdicts) == 1 else "inequalities"
    text = f"{len(verdicts)} {word}: {parts or 'none of the tiers asked for'}"
    new = unexpected(verdicts)
    if counts[Status.VIOLATED] and not new:
        text += "; each violation is a recorded defect of the printed text"
    return f"{text}; NOT RECORDED: {len(new)} of the violations" if new else text
