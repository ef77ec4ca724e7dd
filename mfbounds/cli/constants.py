"""`mfbounds constants`: every constant of the theory on a game."""

from __future__ import annotations

from dataclasses import asdict
from typing import TYPE_CHECKING, Annotated

import typer

from mfbounds.cli.options import Game, Json, Settings, Steps, build_any, parse_steps
from mfbounds.cli.output import console, grid, print_json
from mfbounds.errors import InputError, UnknownNameError
from mfbounds.words import number

if TYPE_CHECKING:
    from mfbounds.bounds.constants_table import ConstantsTable, Row

READINGS = {"l1": {"printed": "printed"}, "half": {"printed_half": "printed"}}
READINGS["both"] = {"printed": "printed, TV = l1", "printed_half": "TV = l1/2"}


def command(
    context: typer.Context,
    game: Game,
    settings: Settings = None,
    M: Steps = "1",
    L: Annotated[int, typer.Option("-L", help="Inner iterations, for the rows that depend on them.")] = 10,
    C_prime: Annotated[float, typer.Option("--C-prime", help="The constant that Theorem C.1 leaves open.")] = 1.721,
    reading: Annotated[
        str, typer.Option(help="Total variation in the printed column: l1, half (of it) or both.")
    ] = "l1",
    measure: Annotated[bool, typer.Option(help="Also search for the largest measured slopes of F_M.")] = True,
    seed: Annotated[int, typer.Option(help="Of that search.")] = 0,
    as_json: Json = False,
) -> None:
    """Show every constant on a game: as printed, repaired and sharpened, how it is known, and what drives it.

    On a dynamic game of N players these are the constants of the second paper; of the numbers only --seed has a meaning.

    \b
    Examples:
      mfbounds constants two_islands
      mfbounds constants four_rooms --set kappa=0.4 -M inf --reading both --no-measure
      mfbounds constants game.npz -M 5 -L 100 --json
      mfbounds constants a_rps --set n_players=500
    """
    from mfbounds.bounds.constants_table import constants
    from mfbounds.games.game import MeanFieldGame

    if reading not in READINGS:
        raise UnknownNameError("reading", reading, READINGS)
    built = build_any(game, settings)
    if not isinstance(built, MeanFieldGame):
        _refuse(context, repr(built)[1:-1])
    table = constants(built, parse_steps(M), L=L, C_prime=C_prime, measure=measure, seed=seed)
    if as_json:
        rows = {row.symbol: asdict(row) for row in table}
        steps = {} if table.M is None else {"M": table.M, "L": table.L}
        print_json({"game": table.game, **steps, "constants": rows})
    else:
        _print(table, reading)


def _refuse(context: typer.Context, game: str) -> None:
    """Options that say nothing about a dynamic game must not be given for one."""
    for name in ("M", "L", "C_prime", "reading", "measure"):
        source = context.get_parameter_source(name)
        if source is not None and source.name == "COMMANDLINE":
            raise InputError(
                f"{name} == {context.params[name]!r}, must not be given for {game}: its constants, those of the second paper, "
                "do not depend on it; leave the option out"
            )


def _print(table: ConstantsTable, reading: str) -> None:
    printed = READINGS["l1" if table.M is None else reading]
    numeric = (*printed.values(), "repaired", "sharpened")
    title = table.title
    if reading != "both" and table.M is not None:
        title += f" (printed: TV = {'l1' if reading == 'l1' else 'l1/2'})"
    shown = grid(title, ("symbol", *numeric, "known", "driven by", "how"), numeric=numeric)
    for row in table:
        values = (number(getattr(row, key)) for key in (*printed, "repaired", "sharpened"))
        shown.add_row(row.symbol, *values, row.provenance.value, row.driver, _how(row))
    console().print(shown)


def _how(row: Row) -> str:
    """The meaning of a constant that a formula gives, the argument of one that is known otherwise."""
    by_formula = row.argument.startswith(("printed:", "repaired:", "sharpened:"))
    return row.meaning if by_formula else row.argument
