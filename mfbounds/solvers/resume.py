"""What it takes to go on with a run: the same game, method and options, its seed, its rows."""

from __future__ import annotations

import math
from collections.abc import Iterable, Mapping
from typing import Any

import numpy as np

from mfbounds.checks import FloatArray, check_count
from mfbounds.errors import InputError
from mfbounds.solvers.run import Run


def seed_to_use(seed: Any, resume: Any) -> int | None:
    """The seed asked for, checked; None where none is, and the run that is resumed tells none.

    Raises:
        InputError: `seed` is no integer >= 0, or `resume` is no run.
    """
    if resume is not None and not isinstance(resume, Run):
        raise InputError(f"resume == {resume!r}, must be a Run: mfbounds.load_run reads one from a file")
    if seed is None and resume is not None:
        seed = resume.parameters.get("seed")
    return None if seed is None else check_count(seed, "seed", least=0)


def check_resume(run: Run, method: str, fingerprint: str | None, parameters: Mapping[str, Any]) -> None:
    """Raises unless `run` began as asked: then going on gives what an uninterrupted call would give."""
    asked = {"method": method, "game": fingerprint, **parameters}
    given = {"method": run.method, "game": run.game.get("fingerprint"), **run.parameters}
    for name, value in asked.items():
        if given.get(name) != value:
            raise InputError(f"resume.{name} == {given.get(name)!r}, must be {value!r}: a run goes on as it began")


def check_schedule(name: str, done: FloatArray, numbers: FloatArray, *, first: int) -> None:
    """Raises unless the step sizes `numbers`, (K,), numbered from `first`, begin with those of the steps `done`."""
    if len(done) > len(numbers):
        raise InputError(f"K == {len(numbers)}, must be >= {len(done)}: the steps that resume has taken count")
    if not np.array_equal(done, numbers[: len(done)]):
        k = int(np.flatnonzero(done != numbers[: len(done)])[0])
        raise InputError(
            f"{name}[{k + first}] == {numbers[k]}, must be {done[k]} as in resume: a run goes on as it began"
        )


def rows_of(run: Run, K: int, *, every: int, expensive: Iterable[str]) -> list[dict[str, float]]:
    """The rows of an interrupted run, as an uninterrupted one of K steps would have written them.

    Its last row has the expensive columns, whatever its number; among more rows it need not.
    """
    records = run.history.to_dict("records")
    if len(records) <= K and records[-1]["step"] % every:
        records[-1].update(dict.fromkeys(expensive, math.nan))
    return [{str(key): value for key, value in row.items()} for row in records]
