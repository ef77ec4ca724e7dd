"""`mfbounds falsify`: search for games that break an inequality."""

from __future__ import annotations

import time
from collections.abc import Iterator
from pathlib import Path
from typing import TYPE_CHECKING, Annotated, Any

import typer

from mfbounds.cli.options import Json
from mfbounds.cli.output import check_target, console, grid, note, print_json
from mfbounds.cli.verdicts import exit_code
from mfbounds.errors import InputError
from mfbounds.words import number

if TYPE_CHECKING:
    from collections.abc import Sequence

    from mfbounds.bounds.statement import Statement, Tier
    from mfbounds.verification.falsify import Falsification


def command(
    statement: Annotated[
        str | None, typer.Argument(metavar="STATEMENT", help="An id or alias of `mfbounds ledger` (E.6).")
    ] = None,
    tier: Annotated[
        list[str] | None,
        typer.Option(help="printed, repaired or sharpened; repeat it for more. Default: printed; with --all, all."),
    ] = None,
    everything: Annotated[
        bool, typer.Option("--all", help="Every certain statement that depends on the game, instead of one.")
    ] = False,
    family: Annotated[
        str | None,
        typer.Option(help="Where the population enters the game: both, kernel, reward, none. Default: each."),
    ] = None,
    seconds: Annotated[
        float | None, typer.Option(help="Of wall time, in all. Default: 10 for each statement and tier.")
    ] = None,
    budget: Annotated[
        int | None, typer.Option(help="Games of the search for the worst one, for each statement and tier.")
    ] = None,
    seed: Annotated[int, typer.Option(help="Of all draws.")] = 0,
    edge_cases: Annotated[int, typer.Option(help="Edge cases an inequality, for the smallest violation.")] = 200,
    workers: Annotated[int | None, typer.Option(help="Processes; the result does not depend on it.")] = None,
    out: Annotated[
        Path | None,
        typer.Option(
            metavar="DIR", help="Keep witnesses and state in DIR/<statement>.<tier>, for replay and --resume."
        ),
    ] = None,
    resume: Annotated[bool, typer.Option("--resume", help="Go on from the state in --out.")] = False,
    table: Annotated[
        Path | None, typer.Option(metavar="FILE.csv", help="Write the tightest ratios and the effort as CSV.")
    ] = None,
    as_json: Json = False,
) -> None:
    """Search for the smallest and the worst game that break an inequality; for one that resists, how close it came.

    A violation that the ledger records as a defect of the printed text is expected and exits with 0.

    \b
    Examples:
      mfbounds falsify E.6 --seconds 60 --seed 1 --out found
      mfbounds replay found/P1.E.6.printed/P1.E.6-printed-monotone-TV-l1-smallest.npz
      mfbounds falsify E.6 --tier sharpened --family reward --json
      mfbounds falsify --all --tier repaired --tier sharpened --seconds 1800 --out found --resume
    """
    from mfbounds.output import write_files
    from mfbounds.verification.falsify.record import rows, to_csv

    chosen = _chosen(statement, everything, tier)
    if resume and out is None:
        raise InputError("resume == True, must come with --out: the folder that holds the state")
    check_target(table, "table", (".csv",))
    options = {"family": family, "budget": budget, "seed": seed, "edge_cases": edge_cases, "workers": workers}
    results = []
    for item, wanted, limit in _shared(chosen, seconds):
        folder = None if out is None else out / f"{item.id}.{wanted.value}"
        results.append(_search(item, wanted, folder, resume, {**options, "seconds": limit}))
        if everything:
            note(f"{len(results)} of {len(chosen)}: {results[-1]}")
    if table is not None:
        write_files(table.parent, {table.name: to_csv(rows(results)).encode()})
    if as_json:
        print_json([result.to_record() for result in results])
    else:
        _print(results)
    verdicts = [attempt.worst for result in results for attempt in result.attempts if attempt.worst is not None]
    raise typer.Exit(exit_code(verdicts, strict=False))


def _chosen(name: str | None, everything: bool, tiers: Sequence[str] | None) -> list[tuple[Statement, Tier]]:
    """The statements and tiers to search, in the order of the ledger."""
    from mfbounds.bounds.ledger import find_statement
    from mfbounds.bounds.statement import Tier
    from mfbounds.verification.check import wanted_tiers
    from mfbounds.verification.falsify.fields import exact_inequalities

    if everything == (name is not None):
        raise InputError("statement == None, must be given, or --all (not both)")
    if everything:
        wanted = wanted_tiers(tiers or None)
        return [(statement, tier) for statement, tier in exact_inequalities() if tier in wanted]
    assert name is not None
    found = find_statement(name)
    wanted = wanted_tiers(tiers or ["printed"])
    return [(found, tier) for tier in Tier if tier in wanted]


def _shared(
    chosen: Sequence[tuple[Statement, Tier]], seconds: float | None
) -> Iterator[tuple[Statement, Tier, float | None]]:
    """Each search with its share of the time that is left, seconds; None where there is no limit."""
    started = time.monotonic()
    for place, (statement, tier) in enumerate(chosen):
        if seconds is None or seconds <= 0.0:
            yield statement, tier, seconds
        else:
            left = seconds - (time.monotonic() - started)
            yield statement, tier, max(left, 0.1) / (len(chosen) - place)


def _search(
    statement: Statement, tier: Tier, folder: Path | None, resume: bool, options: dict[str, Any]
) -> Falsification:
    from mfbounds.output import write_files
    from mfbounds.verification.falsify import falsify
    from mfbounds.verification.falsify.result import STATE

    if folder is not None:
        write_files(folder, {})  # a folder that cannot be written is refused before the work
    state = None if folder is None or not (folder / STATE).exists() else folder / STATE
    if state is not None and not resume:
        raise InputError(
            f"out == '{folder}', must not hold the state of an earlier search: add --resume, or name another"
        )
    result = falsify(statement, tier, resume=state, **options)
    if folder is not None:
        for path in result.write(folder):
            note(f"written: {path}")
    return result


def _print(results: Sequence[Falsification]) -> None:
    from mfbounds.verification.falsify.effort import tried

    columns = ("statement", "inequality", "left/right", "in words", "smallest violation", "found on")
    shown = grid("Search for counterexamples", columns, numeric=("left/right",))
    for result in results:
        for attempt in result.attempts:
            size = "" if attempt.smallest is None else _size(attempt.smallest)
            where = "" if attempt.tightest is None else _size(attempt.tightest)
            shown.add_row(result.statement, attempt.bound, number(attempt.ratio), attempt.words, size, where)
    out = console()
    out.print(shown)
    for result in results:
        out.print(f"{result.statement} {result.tier}: {tried(result.effort)}", soft_wrap=True)
        if result.not_reached:
            out.print(f"  not reached: {result.not_reached}", soft_wrap=True)


def _size(verdict: Any) -> str:
    certified = ", certified" if verdict.certified else ""
    return f"S={verdict.game.n_states}, A={verdict.game.n_actions}{certified}"
