"""The tables of an experiment on disk: CSV files, each beginning with the command that made it, and a manifest."""

from __future__ import annotations

import hashlib
import io
import json
import os
from collections.abc import Mapping, Sequence
from importlib.metadata import version
from pathlib import Path
from typing import Any

import pandas as pd

from mfbounds.errors import FileFormatError, InputError, UnknownNameError
from mfbounds.experiments.catalogue import Experiment, experiments
from mfbounds.experiments.part import digest
from mfbounds.experiments.store import AnyPart
from mfbounds.output import write_files

MANIFEST = "manifest.json"
DEFAULT_OUT = Path("reports/experiments")
DIGITS = "%.7g"


def find_experiment(name: str) -> Experiment:
    """The experiment of a name.

    Raises:
        UnknownNameError: there is none; the message suggests the nearest.
    """
    known = experiments()
    if name not in known:
        raise UnknownNameError("experiment", name, [*known, "all"])
    return known[name]


def write_tables(
    out: Path,
    experiment: Experiment,
    tables: Mapping[str, pd.DataFrame],
    parts: Sequence[AnyPart],
    *,
    command: str,
    missing: int = 0,
) -> None:
    """Writes the tables of an experiment and their manifest into its folder.

    Args:
        missing: how many of the `parts` the tables lack.

    Raises:
        InputError: the folder cannot be written.
    """
    contents = {f"{name}.csv": _csv(table, experiment, command) for name, table in tables.items()}
    manifest = {
        "experiment": experiment.name,
        "command": command,
        "version": version("mfbounds"),
        "settings": digest(parts),
        "parts": len(parts),
        "missing": missing,
        "files": {name: hashlib.sha256(content).hexdigest() for name, content in contents.items()},
    }
    # The manifest comes last: where it names a file's content, that content is there.
    write_files(out / experiment.name, {**contents, MANIFEST: (json.dumps(manifest, indent=2) + "\n").encode()})


def _csv(table: pd.DataFrame, experiment: Experiment, command: str) -> bytes:
    text = f"# {experiment.title}\n# made by: {command}\n"
    if "seed" in table:  # empty where nothing was drawn; seven digits of a float would not be the seed
        table = table.assign(seed=table["seed"].astype("Int64"))
    return (text + table.to_csv(index=False, float_format=DIGITS, lineterminator="\n")).encode()


def load(name: str, out: str | os.PathLike[str] = DEFAULT_OUT) -> dict[str, pd.DataFrame]:
    """The tables of an experiment by name, as they were written; nothing is computed.

    Args:
        name: of `experiments()`.
        out: the folder of all experiments.

    Raises:
        UnknownNameError: there is no such experiment.
        InputError: it has not been run into this folder.
        FileFormatError: a file is missing or was changed since.
    """
    folder = Path(out) / find_experiment(name).name
    manifest = read_manifest(Path(out), name)
    if manifest is None:
        raise InputError(
            f"out == '{out}', must hold the data of {name}: there is none; run `mfbounds experiment {name}` first"
        )
    tables = {}
    for file, expected in manifest["files"].items():
        try:
            content = (folder / file).read_bytes()
        except FileNotFoundError:
            raise _changed(folder / file, "it is missing") from None
        if hashlib.sha256(content).hexdigest() != expected:
            raise _changed(folder / file, "its content is not what the manifest says")
        tables[file.removesuffix(".csv")] = _read(content)
    return tables


def _read(content: bytes) -> pd.DataFrame:
    table = pd.read_csv(io.BytesIO(content), comment="#", dtype={"variant": str})
    if "variant" in table:
        table["variant"] = table["variant"].fillna("")  # a method without variants: groups leave NaN out
    return table


def _changed(path: Path, why: str) -> FileFormatError:
    return FileFormatError(f"table == '{path}', must be as it was written: {why}; remove its folder and run again")


def read_manifest(out: Path, name: str) -> dict[str, Any] | None:
    """The manifest of an experiment; None if it was not run into this folder.

    Raises:
        FileFormatError: the file is damaged, or is no manifest.
    """
    path = out / name / MANIFEST
    if not path.exists():
        return None
    try:
        manifest = json.loads(path.read_text())
        for key, kind in {"command": str, "files": dict, "settings": str, "parts": int, "missing": int}.items():
            if not isinstance(manifest, dict) or not isinstance(manifest.get(key), kind):
                raise ValueError(f"its {key!r} is missing or of another type")
    except ValueError as why:
        raise FileFormatError(
            f"manifest == '{path}', must be a manifest of an experiment: {why}; remove its folder and run again"
        ) from why
    return dict(manifest)
