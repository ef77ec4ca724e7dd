"""Running experiments: the parts that are missing, in parallel; then tables and pictures from all of them."""

from __future__ import annotations

from collections.abc import Callable, Iterable, Sequence
from dataclasses import dataclass
from pathlib import Path
from typing import Any

import joblib

from mfbounds.checks import check_count
from mfbounds.errors import InputError
from mfbounds.experiments.catalogue import Experiment
from mfbounds.experiments.dynamic_part import DynamicPart
from mfbounds.experiments.dynamic_work import complete_dynamic_part
from mfbounds.experiments.files import find_experiment, read_manifest, write_tables
from mfbounds.experiments.part import digest
from mfbounds.experiments.scale import full_scale, reduced_scale
from mfbounds.experiments.store import AnyPart, Outcome, read_part
from mfbounds.experiments.tables import AnyDone
from mfbounds.experiments.work import complete_part

Progress = Callable[[int, int], None]


@dataclass(frozen=True, kw_only=True)
class Performance:
    """What a call did for one experiment: its parts in all, how many it computed now, how many are still missing."""

    name: str
    parts: int
    computed: int
    missing: int


def perform(
    names: Iterable[str],
    out: Path,
    *,
    reduced: bool = False,
    seed: int = 0,
    workers: int = 1,
    finished_only: bool = False,
    progress: Progress | None = None,
) -> list[Performance]:
    """Runs experiments as far as they are not done yet, and writes their tables.

    The numbers depend on `reduced` and `seed` alone, not on the workers, nor on interruptions.

    Args:
        names: of `experiments()`.
        out: where parts and tables go.
        reduced: counts that take seconds, in place of the paper's.
        seed: of the sampled runs, an integer >= 0.
        workers: processes.
        finished_only: write the tables from the parts that are complete, and compute nothing.
        progress: called with (parts done, parts in all) whenever a part is complete.

    Raises:
        UnknownNameError: there is no such experiment.
        InputError: `out` holds something of other settings, or nothing that is finished.
        FileFormatError: a file there is damaged.
    """
    chosen = [find_experiment(name) for name in dict.fromkeys(names)]
    seed, workers = check_count(seed, "seed", least=0), check_count(workers, "workers")
    scale = reduced_scale() if reduced else full_scale()
    plans = {item.name: list(item.parts(scale, seed)) for item in chosen}
    open_plans = {name: plan for name, plan in plans.items() if not _is_done(out, name, plan)}
    wanted = {part.name: part for plan in open_plans.values() for part in plan}
    computed: set[str] = set()
    if not finished_only:
        computed = _complete(out, list(wanted.values()), workers, progress)
    outcomes = {name: read_part(out, part) for name, part in wanted.items()}
    done = []
    for item in chosen:
        plan, missing = plans[item.name], 0
        if item.name in open_plans:
            missing = _write(out, item, plan, outcomes, _command(item.name, reduced, seed))
        names_of_plan = {part.name for part in plan}
        done.append(
            Performance(name=item.name, parts=len(plan), computed=len(names_of_plan & computed), missing=missing)
        )
    return done


def _is_done(out: Path, name: str, plan: Sequence[AnyPart]) -> bool:
    """Whether the tables of this very plan are there, complete.

    Raises:
        InputError: the tables are there, but of other settings.
    """
    manifest = read_manifest(out, name)
    if manifest is None:
        return False
    if manifest["settings"] != digest(plan):
        raise InputError(
            f"out == '{out}', must hold no data of other settings: {name} there was made by "
            f"`{manifest.get('command')}`, version {manifest.get('version')}; give another --out, or remove the folder"
        )
    return not manifest.get("missing")


def _complete(out: Path, parts: list[AnyPart], workers: int, progress: Progress | None) -> set[str]:
    """Completes parts, and returns the names of those that were not complete before."""
    open_parts = []
    for part in parts:  # before the work begins: what is damaged or foreign is told at once
        found = read_part(out, part)
        if found is None or not found.complete:
            open_parts.append(part)
    jobs: Iterable[Any] = (joblib.delayed(_do)(out, part) for part in open_parts)
    finished = len(parts) - len(open_parts)
    if progress is not None:
        progress(finished, len(parts))
    for count, _ in enumerate(joblib.Parallel(workers, return_as="generator_unordered")(jobs), finished + 1):
        if progress is not None:
            progress(count, len(parts))
    return {part.name for part in open_parts}


def _do(out: Path, part: AnyPart) -> None:
    if isinstance(part, DynamicPart):
        complete_dynamic_part(out, part)
    else:
        complete_part(out, part)


def _write(
    out: Path, item: Experiment, plan: Sequence[AnyPart], outcomes: dict[str, Outcome | None], command: str
) -> int:
    """Writes the tables of an experiment, and returns how many of its parts they lack."""
    done: list[AnyDone] = []
    for part in plan:
        found = outcomes[part.name]
        if found is not None and found.complete:
            done.append((part, found))
    if not done:
        raise InputError(f"out == '{out}', must hold a finished part of {item.name}: there is none yet")
    write_tables(out, item, item.tables(done), plan, command=command, missing=len(plan) - len(done))
    return len(plan) - len(done)


def _command(name: str, reduced: bool, seed: int) -> str:
    return " ".join(["mfbounds experiment", name, *(["--reduced"] if reduced else []), f"--seed {seed}"])
