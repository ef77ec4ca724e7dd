"""`mfbounds replay`: judge saved cases again."""

from __future__ import annotations

import json
from collections.abc import Iterator, Mapping
from pathlib import Path
from typing import TYPE_CHECKING, Annotated, Any

import typer

from mfbounds.cli.options import Certify, Json, Strict
from mfbounds.cli.output import console, grid, print_json, progress_bar
from mfbounds.cli.verdicts import exit_code, summary
from mfbounds.errors import FileFormatError

if TYPE_CHECKING:
    from collections.abc import Sequence

    from mfbounds.verification.verdict import Verdict


def command(
    file: Annotated[
        Path,
        typer.Argument(help="A witness (.npz), a report's verification.jsonl, or what `check --json` printed (.json)."),
    ],
    certify: Certify = False,
    strict: Strict = False,
    as_json: Json = False,
) -> None:
    """Judge saved cases again, and set what is found now beside what was found then.

    \b
    Examples:
      mfbounds replay witnesses/P1.E.1-printed-TV-l1-two_doors.npz --certify
      mfbounds replay reports/verification.jsonl --json
      mfbounds check C.1 two_doors --json > found.json; mfbounds replay found.json
    """
    replay_file(file, certify=certify, strict=strict, as_json=as_json)


def replay_file(file: Path, *, certify: bool, strict: bool, as_json: bool) -> None:
    """`command` for other verbs; it ends with the exit code."""
    from mfbounds.verification.witness import replay

    then, now = [], []
    sources = list(_sources(file))
    with progress_bar("replay") as report:
        for done, source in enumerate(sources):
            report(done, len(sources))
            now.append(replay(source, certify=certify))
            then.append(str((source if isinstance(source, Mapping) else source.found)["status"]))
    if as_json:
        print_json([{"found": before, **verdict.to_record()} for before, verdict in zip(then, now, strict=True)])
    else:
        _print(file, then, now)
    raise typer.Exit(exit_code(now, strict=strict))


def _sources(path: Path) -> Iterator[Any]:
    """What can be replayed: a stored witness, or the records of verdicts."""
    from mfbounds.verification.records import from_line, restored
    from mfbounds.verification.witness import load_witness

    if path.suffix == ".npz":
        yield load_witness(path)
        return
    try:
        text = path.read_bytes().decode()
        records = restored(json.loads(text)) if path.suffix == ".json" else [*map(from_line, text.splitlines())]
    except (ValueError, TypeError) as error:
        raise FileFormatError(f"file == {str(path)!r}, must be a witness or hold verdicts in JSON: {error}") from None
    for record in records if isinstance(records, list) else [records]:
        if not isinstance(record, Mapping) or "kind" not in record:
            raise FileFormatError(f"file == {str(path)!r}, must hold records of verdicts")
        if record["kind"] == "verdict":
            yield record


def _print(file: Path, then: Sequence[str], now: Sequence[Verdict]) -> None:
    from mfbounds.verification.verdict import game_name

    columns = ("statement", "inequality", "game", "then", "now", "reason now")
    shown = grid(f"{file}, judged again", columns)
    for before, verdict in zip(then, now, strict=True):
        cells = (verdict.statement, verdict.bound, game_name(verdict.game), before, verdict.status.value)
        shown.add_row(*cells, verdict.reason, style="" if before == verdict.status else "bold")
    out = console()
    out.print(shown)
    same = sum(before == verdict.status for before, verdict in zip(then, now, strict=True))
    out.print(f"{same} of {len(now)} as found before; {summary(now)}", soft_wrap=True)
