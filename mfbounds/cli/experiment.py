"""`mfbounds experiment`: run the paper's experiments, draw them, and say which of its claims they bear out."""

from __future__ import annotations

from pathlib import Path
from typing import Annotated, Any

import typer

from mfbounds.cli.options import Json
from mfbounds.cli.output import console, grid, note, print_json, progress_bar
from mfbounds.errors import InputError

ALL = "all"


def command(
    names: Annotated[
        list[str] | None,
        typer.Argument(
            metavar="NAME",
            help="figure-1 to figure-6, table-1, slides, readings, p2-figure-1b, p2-figure-1c, p2-figure-2a, or all.",
            show_default=False,
        ),
    ] = None,
    show_list: Annotated[bool, typer.Option("--list", help="List the experiments and stop.")] = False,
    reduced: Annotated[
        bool, typer.Option("--reduced", help="A rehearsal of seconds: small counts in place of the paper's.")
    ] = False,
    out: Annotated[Path, typer.Option(help="Folder of the results.")] = Path("reports/experiments"),
    workers: Annotated[int, typer.Option(help="Processes; they change nothing but the time.")] = 1,
    seed: Annotated[int, typer.Option(help="Seed of the sampled runs.")] = 0,
    figures_only: Annotated[bool, typer.Option("--figures-only", help="Draw from the tables; run nothing.")] = False,
    finished_only: Annotated[
        bool,
        typer.Option("--finished-only", help="Write tables and pictures of the parts that are finished; run nothing."),
    ] = False,
    page: Annotated[
        Path | None, typer.Option(help="Write the account's tables into this page, between its markers.")
    ] = None,
    as_json: Json = False,
) -> None:
    """Run the paper's experiments: tables and pictures go to a folder each, the claims to account.csv.

    What is finished is not run again: after an interruption the same command goes on.

    \b
    Examples:
      mfbounds experiment --list
      mfbounds experiment figure-3 --workers 2
      mfbounds experiment figure-3 --figures-only
      mfbounds experiment all --reduced --out /tmp/rehearsal
      mfbounds experiment --page docs/experiments.md
    """
    from mfbounds.experiments import experiments
    from mfbounds.experiments.account import read_page

    if show_list:
        _list(as_json)
        return
    if not names and page is None:
        raise InputError("NAME is missing, must be an experiment: `mfbounds experiment --list` shows them")
    if figures_only and finished_only:
        raise InputError("--figures-only and --finished-only are given together, must be given one at a time")
    if page is not None:
        read_page(page)  # before hours of runs, not after
    wanted = list(experiments()) if names and ALL in names else names or []
    options = {"reduced": reduced, "seed": seed, "workers": workers, "finished_only": finished_only}
    done = [] if figures_only or not wanted else _perform(wanted, out, options)
    _show(wanted, out, done, page, as_json)


def _list(as_json: bool) -> None:
    from mfbounds.experiments import experiments

    items = [{"name": item.name, "source": item.source, "title": item.title} for item in experiments().values()]
    if as_json:
        print_json(items)
        return
    table = grid("Experiments", ("name", "source", "title"))
    for item in items:
        table.add_row(*item.values())
    console().print(table)


def _perform(names: list[str], out: Path, options: dict[str, Any]) -> list[Any]:
    from mfbounds.experiments import perform

    try:
        with progress_bar("parts") as report:
            return perform(names, out, progress=report, **options)
    except KeyboardInterrupt:
        note(f"interrupted; what is finished is kept in {out}, and the same command goes on from there")
        raise typer.Exit(130) from None


def _show(names: list[str], out: Path, done: list[Any], page: Path | None, as_json: bool) -> None:
    from mfbounds.experiments.account import account, write_account, write_page
    from mfbounds.experiments.figures import write_figures

    pictures = {name: [str(path) for path in write_figures(out, name)] for name in names}
    claims = account(out)
    write_account(out, claims)
    if page is not None:
        write_page(page, out)
        note(f"tables of {out} written into {page}")
    claims = claims[claims["experiment"].isin(names)]
    if as_json:
        counts = {item.name: {"parts": item.parts, "computed": item.computed, "missing": item.missing} for item in done}
        shown = [{"name": name, **counts.get(name, {}), "figures": pictures[name]} for name in names]
        print_json({"out": str(out), "experiments": shown, "claims": claims.to_dict("records")})
        return
    for item in done:
        state = f"{item.missing} missing" if item.missing else "complete"
        note(f"{item.name}: {item.parts} parts, {item.computed} computed now, {state}")
    for name in names:
        for path in pictures[name]:
            note(f"{name}: {path}")
    table = grid("Claims of the paper", ("claim", "reading", "verdict", "measured"))
    for row in claims.to_dict("records"):
        table.add_row(str(row["claim"]), str(row["reading"]), str(row["verdict"]), str(row["measured"]))
    if len(claims):
        console().print(table)
