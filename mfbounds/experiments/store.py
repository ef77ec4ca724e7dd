"""Parts on disk. A part is one file, complete or not at all, that names its settings; what was interrupted goes on.

A part in progress is the same file marked as unfinished, and beside it the run from which its solver goes on. The part
names that run and is written after it, so whatever is interrupted, the part that is found is a consistent one.
"""

from __future__ import annotations

import json
import time
import zipfile
import zlib
from collections.abc import Callable, Iterator, Mapping
from dataclasses import dataclass, field
from pathlib import Path
from types import MappingProxyType
from typing import Any, TypeAlias

import numpy as np
import pandas as pd

from mfbounds.checks import FloatArray
from mfbounds.errors import FileFormatError, InputError, why_unreadable
from mfbounds.experiments.dynamic_part import DynamicPart
from mfbounds.experiments.part import Part
from mfbounds.output import write_arrays
from mfbounds.solvers.run import Run, load_run
from mfbounds.words import shortened

PARTS = "parts"
SAVE_EVERY = 20.0  # seconds between two writes of a part in progress
AnyPart: TypeAlias = Part | DynamicPart


@dataclass(frozen=True, eq=False, kw_only=True)
class Outcome:
    """What is known of a part so far.

    Attributes:
        rows: one row a kept step; see `mfbounds.experiments.work.measures` for the columns.
        populations: step -> population (S,).
        complete: whether nothing is left to do.
        run: where the solver stands, if it is not.
    """

    rows: pd.DataFrame
    populations: Mapping[int, FloatArray] = field(default_factory=lambda: MappingProxyType({}))
    complete: bool
    run: Run | None = None


Work: TypeAlias = Callable[[Outcome | None], Iterator[Outcome]]


def complete(out: Path, part: AnyPart, work: Work) -> None:
    """Does what is left of a part, and writes it from time to time and when it is complete.

    Args:
        out: the folder of all experiments.
        part: what to do.
        work: from what is known of the part (None: nothing), what is known after each further step; the last one is complete.

    Raises:
        FileFormatError, InputError: what was written of it before is damaged, or of other settings.
    """
    found = read_part(out, part)
    if found is not None and found.complete:
        return
    saved = time.monotonic()
    for outcome in work(found):
        if outcome.complete or time.monotonic() - saved > SAVE_EVERY:
            write_part(out, part, outcome)
            saved = time.monotonic()


def part_file(out: Path, part: AnyPart) -> Path:
    return out / PARTS / f"{part.name}.npz"


def write_part(out: Path, part: AnyPart, outcome: Outcome) -> None:
    """Writes what is known of a part, in one step.

    Raises:
        InputError: the folder cannot be written.
    """
    path, run_name = part_file(out, part), None
    if not outcome.complete and outcome.run is not None:
        run_name = f"{part.name}.run-{int(outcome.rows['step'].iloc[-1])}.npz"
        path.parent.mkdir(parents=True, exist_ok=True)
        outcome.run.save(path.with_name(run_name))
    header = {
        "settings": part.settings,
        "complete": outcome.complete,
        "columns": list(outcome.rows.columns),
        "snapshots": list(outcome.populations),
        "run": run_name,
    }
    arrays = {
        "header": np.frombuffer(json.dumps(header).encode(), dtype=np.uint8),
        "rows": outcome.rows.to_numpy(dtype=np.float64),
        "populations": np.array(list(outcome.populations.values())),
    }
    write_arrays(path, arrays)
    _tidy(path, part, keep=run_name)


def _tidy(path: Path, part: AnyPart, keep: str | None) -> None:
    """Removes earlier runs of the part, and once it is complete what killed processes left half-written."""
    for left in path.parent.glob(f"{part.name}.run-*.npz"):
        if left.name != keep:
            left.unlink(missing_ok=True)
    if keep is None:
        for pattern in (f".{part.name}.npz.*.tmp", f".{part.name}.run-*.tmp"):
            for left in path.parent.glob(pattern):
                left.unlink(missing_ok=True)


def read_part(out: Path, part: AnyPart) -> Outcome | None:
    """What was written of a part; None if nothing was.

    Raises:
        FileFormatError: the file is damaged, or is none of this package.
        InputError: it is a part of other settings or another version.
    """
    path = part_file(out, part)
    if not path.exists():
        return None
    header, arrays = _arrays(path)
    _check_settings(path, header["settings"], part.settings)
    try:
        rows = pd.DataFrame(arrays["rows"], columns=header["columns"]).astype({"step": np.int64})
        populations = dict(zip(map(int, header["snapshots"]), arrays["populations"], strict=True))
        complete, run_name = bool(header["complete"]), header["run"]
    except (KeyError, ValueError, TypeError) as why:
        raise _damaged(path, why) from why
    run = load_run(path.with_name(run_name)) if run_name and not complete else None
    return Outcome(rows=rows, populations=populations, complete=complete, run=run)


def _arrays(path: Path) -> tuple[dict[str, Any], dict[str, Any]]:
    try:
        with path.open("rb") as stream, np.load(stream, allow_pickle=False) as file:
            arrays = {name: file[name] for name in ("header", "rows", "populations")}
        header = json.loads(arrays["header"].tobytes())
        if not isinstance(header, dict) or not isinstance(header.get("settings"), dict):
            raise ValueError("it names no settings")
    except (OSError, EOFError, ValueError, KeyError, TypeError, zipfile.BadZipFile, zlib.error) as why:
        raise _damaged(path, why) from why
    return header, arrays


def _damaged(path: Path, why: Exception) -> FileFormatError:
    return FileFormatError(
        f"part == '{path}', must be a part of an experiment: {why_unreadable(why)}; remove the file, and the part is computed again"
    )


def _check_settings(path: Path, found: Mapping[str, Any], wanted: Mapping[str, Any]) -> None:
    for name in wanted.keys() | found.keys():
        if found.get(name) != wanted.get(name):
            raise InputError(
                f"part == '{path}', must be a part of these settings: its {name} is {shortened(found.get(name))}, not "
                f"{shortened(wanted.get(name))}; give another --out, or remove the file"
            )
