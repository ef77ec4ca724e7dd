"""What the verbs write: JSON, tables, progress, files."""

from __future__ import annotations

import io
import json
import sys
from collections.abc import Callable, Iterable, Iterator
from contextlib import contextmanager
from pathlib import Path
from typing import TYPE_CHECKING, Any

import typer

from mfbounds.errors import InputError

if TYPE_CHECKING:
    from matplotlib.figure import Figure
    from rich.console import Console
    from rich.table import Table

    from mfbounds.numbers import Constant

PICTURES = (".png", ".pdf", ".svg")
WIDTH = 160  # of tables that do not go to a terminal


def print_json(value: Any) -> None:
    """One JSON document on stdout, in the encoding of `mfbounds.verification.records`."""
    from mfbounds.verification.records import plain

    typer.echo(json.dumps(plain(value), indent=2, allow_nan=False))


def plain_constant(constant: Constant) -> dict[str, Any]:
    """A constant in JSON types: its value, how it is known, and why."""
    return {"value": constant.value, "provenance": constant.provenance.value, "argument": constant.argument}


def save_figure(figure: Figure, path: Path) -> None:
    """Writes a picture, of the kind that the path's ending names (one of `PICTURES`), in one step.

    Raises:
        InputError: the file cannot be written; nothing is left behind.
    """
    from mfbounds.output import write_files

    picture = io.BytesIO()
    figure.savefig(picture, format=path.suffix.removeprefix("."), dpi=150)
    write_files(path.parent, {path.name: picture.getvalue()})
    note(f"picture written to {path}")


def console(*, stderr: bool = False) -> Console:
    """Where tables go; coloured only on a terminal, and free of markup, since reasons contain brackets."""
    from rich.console import Console

    stream = sys.stderr if stderr else sys.stdout
    terminal = stream.isatty()
    # Said explicitly: rich would otherwise colour a pipe where the environment has FORCE_COLOR.
    found = Console(file=stream, force_terminal=terminal, markup=False, highlight=False, emoji=False)
    if not terminal:
        found.width = WIDTH
    return found


def note(text: str) -> None:
    """A remark on stderr, which leaves stdout to the result."""
    typer.echo(text, err=True)


def grid(title: str, columns: Iterable[str], *, numeric: Iterable[str] = ()) -> Table:
    """An empty table; where space is short, texts are wrapped and never numbers or the first column."""
    from rich import box
    from rich.table import Table

    table = Table(box=box.SIMPLE_HEAD, pad_edge=False, title=title, title_justify="left")
    names, right = list(columns), set(numeric)
    for name in names:
        fixed = name in right or name == names[0]
        table.add_column(name, justify="right" if name in right else "left", no_wrap=fixed, overflow="fold")
    return table


def facts(rows: Iterable[tuple[str, ...]]) -> Table:
    """A table without a frame: what, its value, and more; only the last column is wrapped."""
    from rich.table import Table

    cells = list(rows)
    table = Table.grid(padding=(0, 2))
    for _ in cells[0][1:]:
        table.add_column(no_wrap=True)
    table.add_column(overflow="fold")
    for row in cells:
        table.add_row(*row)
    return table


@contextmanager
def progress_bar(label: str) -> Iterator[Callable[[int, int], None]]:
    """A function of (done, in all) that moves a bar on stderr; it does nothing where stderr is no terminal."""
    from rich.progress import BarColumn, MofNCompleteColumn, Progress, TextColumn, TimeRemainingColumn

    shown = console(stderr=True)
    columns = (TextColumn("{task.description}"), BarColumn(), MofNCompleteColumn(), TimeRemainingColumn())
    with Progress(*columns, console=shown, transient=True, disable=not shown.is_terminal) as bar:
        task = bar.add_task(label, total=None)
        yield lambda done, total: bar.update(task, completed=done, total=total)


def check_target(path: Path | None, name: str, suffixes: Iterable[str] = ()) -> None:
    """Refuses a file that could not be written, before the work that it is for is done.

    Raises:
        InputError: the folder is missing, the path is a folder, or the ending is another one.
    """
    if path is None:
        return
    endings = tuple(suffixes)
    if endings and path.suffix not in endings:
        raise InputError(f"{name} == {str(path)!r}, must end in {' or '.join(endings)}")
    if path.is_dir():
        raise InputError(f"{name} == {str(path)!r}, must be a file: it is a folder")
    if not path.parent.is_dir():
        raise InputError(f"{name} == {str(path)!r}, must be in an existing folder: {str(path.parent)!r} is none")
