"""`mfbounds slack`: where the slack of a bound comes from, inequality by inequality of its proof."""

from __future__ import annotations

from pathlib import Path
from typing import Annotated, Any

import typer

from mfbounds.cli.options import Game, Json, Settings, build_mean_field, parse_steps
from mfbounds.cli.output import PICTURES, check_target, console, grid, print_json, save_figure
from mfbounds.words import number


def command(
    statement: Annotated[str, typer.Argument(metavar="STATEMENT", help="C.1, C.3, C.5, C.6, E.4 or W.")],
    game: Game,
    settings: Settings = None,
    tier: Annotated[str, typer.Option(help="repaired or sharpened.")] = "repaired",
    form: Annotated[str | None, typer.Option(help="Which inequality: norm or contraction for C.5 sharpened.")] = None,
    M: Annotated[
        str | None, typer.Option("-M", metavar="N|inf", help="Population steps. Default: the first with C_op < 1.")
    ] = None,
    L: Annotated[int, typer.Option("-L", help="TRPO iterations.")] = 10,
    K: Annotated[int, typer.Option("-K", help="Outer iterations.")] = 20,
    beta: Annotated[float | None, typer.Option(help="Step size in (0, 1]. Default: the largest admitted.")] = None,
    plot: Annotated[Path | None, typer.Option(help="Draw the waterfall (.png, .svg, .pdf).")] = None,
    as_json: Json = False,
) -> None:
    """Attribute the slack of a proved bound to the inequalities of its proof, in decades, on one run.

    \b
    Examples:
      mfbounds slack C.5 random_game --set family=contractive --set seed=3 -K 40
      mfbounds slack C.6 two_doors --set attraction=-1 --tier sharpened --plot slack.png
    """
    from mfbounds.verification.slack import slack_attribution

    check_target(plot, "plot", PICTURES)
    numbers: dict[str, Any] = {"L": L, "K": K, "beta": beta, "M": None if M is None else parse_steps(M)}
    found = slack_attribution(statement, build_mean_field(game, settings, DYNAMIC), tier=tier, form=form, **numbers)
    if plot is not None:
        save_figure(found.plot(), plot)
    if as_json:
        print_json(found.to_record())
        return
    table = grid(f"{found.statement} [{found.bound}] on {found.game}", COLUMNS, numeric=("decades", "error"))
    for link in found.links:
        table.add_row(link.name, number(link.decades), number(link.error), link.before, link.after)
    table.add_row("in all", number(found.decades), number(found.error), found.left, found.right)
    console().print(table)


DYNAMIC = "`mfbounds check` judges the statements about those"
COLUMNS = ("inequality of the proof", "decades", "error", "before", "after")
