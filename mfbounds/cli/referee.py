"""`mfbounds referee`: checks of the formulas themselves."""

from __future__ import annotations

from typing import TYPE_CHECKING, Annotated

import typer

from mfbounds.cli.options import VIOLATED, Json
from mfbounds.cli.output import console, grid, print_json

if TYPE_CHECKING:
    from mfbounds.verification.referee.report import RefereeReport


def command(
    statements: Annotated[
        list[str] | None, typer.Argument(metavar="[ID]...", help="Ids or aliases; every statement by default.")
    ] = None,
    chain: Annotated[bool, typer.Option("--chain", help="Draw what the printed proofs rest on, instead.")] = False,
    mermaid: Annotated[
        bool, typer.Option("--mermaid", help="Print the graph of all proofs as Mermaid, instead.")
    ] = False,
    remarks: Annotated[bool, typer.Option("--remarks", help="List remarks beside mistakes.")] = False,
    as_json: Json = False,
) -> None:
    """Judge formulas without playing: scaling, limits, orders, proof steps, and what rests on what.

    Exits with 1 when a mistake is found that no recorded defect tells.

    \b
    Examples:
      mfbounds referee
      mfbounds referee C.5 E.1 --remarks
      mfbounds referee C.6 --chain
    """
    from mfbounds.verification.referee import chain_of, referee, to_mermaid

    if mermaid:
        typer.echo(to_mermaid(), nl=False)
        return
    if chain:
        for name in statements or ["C.6", "D.5"]:
            typer.echo(chain_of(name).to_text())
        return
    report = referee(statements or None)
    if as_json:
        print_json({"summary": report.summary, "lines": report.to_records()})
    else:
        _show(report, remarks)
    if report.new:
        raise typer.Exit(VIOLATED)


def _show(report: RefereeReport, remarks: bool) -> None:
    from mfbounds.verification.referee.report import CHECKS, told

    table = grid("Referee", ("statement", "tier", *(check.value for check in CHECKS)))
    for line in report.lines:
        table.add_row(line.statement, line.tier.value, *(line.cells[check] for check in CHECKS))
    out = console()
    out.print(table)
    for finding in report.findings if remarks else report.mistakes:
        out.print(told(finding), soft_wrap=True)
    out.print(report.summary, soft_wrap=True)
