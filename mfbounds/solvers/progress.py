"""How far a long computation is: silent, a bar, or the caller's own function."""

from __future__ import annotations

from collections.abc import Callable, Iterator
from contextlib import contextmanager
from typing import TypeAlias

from mfbounds.checks import check_flag

Report: TypeAlias = Callable[[int, int], None]
Progress: TypeAlias = bool | Report


@contextmanager
def reporter(progress: Progress, label: str) -> Iterator[Report]:
    """A function of (steps done, steps in all), to be called after each step."""
    if callable(progress):
        yield progress
    elif not check_flag(progress, "progress"):
        yield _silent
    else:
        from rich.progress import BarColumn, MofNCompleteColumn, TextColumn, TimeRemainingColumn
        from rich.progress import Progress as Bar

        columns = (TextColumn("{task.description}"), BarColumn(), MofNCompleteColumn(), TimeRemainingColumn())
        with Bar(*columns, transient=True) as bar:
            task = bar.add_task(label, total=None)
            yield lambda done, total: bar.update(task, completed=done, total=total)


def _silent(done: int, total: int) -> None:
    """Reports nothing."""
