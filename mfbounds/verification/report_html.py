"""The report as one self-contained web page, and as Markdown."""

from __future__ import annotations

import base64
from collections.abc import Mapping
from functools import lru_cache
from typing import TYPE_CHECKING, Any

from jinja2 import Environment, PackageLoader, StrictUndefined

from mfbounds.verification.falsify.record import recorded, show_game, show_ratio
from mfbounds.verification.findings import is_reproduced
from mfbounds.verification.report_text import COLUMNS, COUNTED, show_decades, witness_text
from mfbounds.verification.verdict import certificate_text

if TYPE_CHECKING:
    from mfbounds.verification.report import Report


def render_html(report: Report, *, pictures: bool = True) -> str:
    """The page: table, findings, the paper's games, facts, defects, pictures."""
    return _render("report.html.j2", report, _pictures(report) if pictures else {})


def render_markdown(report: Report) -> str:
    """The same without pictures."""
    return _render("report.md.j2", report, {})


def _pictures(report: Report) -> dict[str, list[str]]:
    """Per statement, the pictures as data URLs."""
    from mfbounds.verification.plots import statement_figures, to_png

    return {
        statement.id: [
            "data:image/png;base64," + base64.b64encode(to_png(figure)).decode()
            for figure in statement_figures(report, statement)
        ]
        for statement in report.statements
    }


def _render(template: str, report: Report, pictures: Mapping[str, list[str]]) -> str:
    found = _environment().get_template(template)
    named = {statement.id for statement in report.statements}
    tightest = [row for row in recorded() if row.statement in named]
    return found.render(report=report, pictures=pictures, columns=COLUMNS, counted=COUNTED, tightest=tightest)


@lru_cache(maxsize=1)
def _environment() -> Environment:
    environment = Environment(
        loader=PackageLoader("mfbounds.verification"),
        autoescape=lambda name: name is not None and ".html" in name,
        undefined=StrictUndefined,
        trim_blocks=True,
        lstrip_blocks=True,
        keep_trailing_newline=True,
    )
    environment.filters["decades"] = show_decades
    environment.filters["cell"] = _cell
    environment.filters["witness"] = witness_text
    environment.filters["proof"] = _proof
    environment.filters["ratio"] = show_ratio
    environment.filters["where"] = show_game
    environment.tests["reproduced"] = is_reproduced
    return environment


def _proof(record: Mapping[str, Any]) -> str:
    """What to add about a verdict that was asked to be a proof."""
    certificate = record.get("certificate") or {}
    return f", {certificate_text(certificate)}" if certificate.get("certified") else ""


def _cell(text: str) -> str:
    """Text that fits into one cell of a Markdown table."""
    return text.replace("|", "\\|").replace("\n", " ")
