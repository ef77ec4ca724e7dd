"""The report for a terminal: colour and frames only where asked for."""

from __future__ import annotations

import io
import math
from collections.abc import Mapping
from typing import TYPE_CHECKING, Any

from rich import box
from rich.console import Console
from rich.table import Table
from rich.text import Text

from mfbounds.verification.findings import is_reproduced
from mfbounds.verification.status import Status
from mfbounds.verification.table import Row, Severity

if TYPE_CHECKING:
    from mfbounds.verification.report import Report

COLUMNS = ("violated", "open", "holds", "vacuous", "n/a")
HEADERS = ("statement", "inequality", *COLUMNS, "slack", "worst", "to trivial", "gain")
NARROW = ("statement", "inequality", "viol", "open", "hold", "vac", "n/a", "slack", "worst", "triv", "gain")
WIDEST, NARROWEST = 44, 24  # of the column that names the inequality
COUNTED = (Status.VIOLATED, Status.INCONCLUSIVE, Status.HOLDS, Status.VACUOUS, Status.NOT_APPLICABLE)
STYLE = {
    Severity.REPAIRED_VIOLATED: "bold red",
    Severity.NEW_VIOLATION: "bold red",
    Severity.INCONCLUSIVE: "yellow",
    Severity.RECORDED_VIOLATION: "magenta",
    Severity.VACUOUS: "dim",
    Severity.HOLDS: "green",
    Severity.NOT_APPLICABLE: "dim",
}


def render_text(report: Report, *, width: int = 150, colour: bool = False) -> str:
    """The table worst first, recorded defects, new violations, facts, and one line that sums up."""
    stream = io.StringIO()
    console = Console(file=stream, width=width, force_terminal=colour, no_color=not colour, legacy_windows=False)
    console.print(_main_table(report, wide=width >= 130, width=width))
    for record in report.of_kind("defect"):
        text = f"{record['statement']} {record['name']}: {witness_text(record)}; {record['text']}"
        console.print(Text(text), no_wrap=True, overflow="ellipsis")
    for record in report.new_violations:
        text = f"NEW VIOLATION {record['statement']} [{record['bound']}] on {record['game']['name']}: "
        console.print(Text(text + record["reason"], style="bold red"))
    for fact in report.facts:
        text = f"{fact.statement} {fact.name}: median {fact.median:.4g} in [{fact.smallest:.4g}, {fact.largest:.4g}]"
        console.print(Text(f"{text} over {fact.games} games"))
    console.print(Text(report.summary))
    return "\n".join(line.rstrip() for line in stream.getvalue().splitlines()) + "\n"


def _main_table(report: Report, *, wide: bool, width: int) -> Table:
    grid = Table(
        box=box.SIMPLE_HEAD,
        pad_edge=False,
        padding=(0, 1, 0, 0),
        title="mfbounds: verdicts over games, worst first",
    )
    rows = [_cells(row, wide=wide) for row in report.rows]
    for i, name in enumerate(HEADERS if wide else NARROW):
        longest = max([len(name), *(len(cells[i]) for cells in rows)])
        size = min(longest, WIDEST if wide else NARROWEST) if name == "inequality" else longest
        grid.add_column(name, justify="left" if i < 2 else "right", width=size, no_wrap=True, overflow="ellipsis")
    if wide:
        used = sum(column.width or 0 for column in grid.columns) + 2 * len(grid.columns)
        grid.add_column("worst case", width=max(20, width - used - 3), no_wrap=True, overflow="ellipsis")
    for row, cells in zip(report.rows, rows, strict=True):
        grid.add_row(*map(Text, cells), style=STYLE[row.severity])
    return grid


def _cells(row: Row, *, wide: bool) -> list[str]:
    numbers = [str(row.counts[status] or "") for status in COUNTED]
    decades = [show_decades(value) for value in (row.median_slack, row.worst_slack, row.vacuity, row.gain)]
    reason = [f"[{', '.join(row.defects)}] {row.reason}" if row.defects else row.reason] if wide else []
    return [row.statement, row.inequality, *numbers, *decades, *reason]


def witness_text(record: Mapping[str, Any]) -> str:
    """What the replay of a defect's witness gave, with the numbers."""
    if record["replayed"] is None:
        return "no witness possible"
    return f"{'reproduced' if is_reproduced(record) else 'NOT REPRODUCED'}: {record['replayed']['reason']}"


def show_decades(value: float) -> str:
    """Decades with a sign: ``+1.25``; empty where there is nothing to compare."""
    if math.isnan(value):
        return ""
    return f"{value:+.2f}" if math.isfinite(value) else ("inf" if value > 0 else "-inf")
