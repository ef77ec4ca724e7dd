"""The folder that a run of bench-mfg-suite leaves: policy, mean field, exploitabilities and the run's configuration."""

from __future__ import annotations

import os
import re
import zipfile
import zlib
from collections.abc import Mapping
from dataclasses import dataclass, field
from pathlib import Path
from typing import Any

import numpy as np

from mfbounds.checks import FloatArray, check_shape, frozen_array
from mfbounds.errors import FileFormatError, InputError
from mfbounds.interop.rows import read_rows, required

DISTRIBUTION = "bench-mfg-suite"
FILES = {"final_policy.npz": "policy", "final_mean_field.npz": "mean_field", "exploitabilities.npz": "exploitabilities"}
CONFIG = "config.yaml"
COMPARED = ("num_states", "num_actions", "gamma", "horizon")


@dataclass(frozen=True, eq=False, kw_only=True)
class RunFolder:
    """What was read of a folder.

    Attributes:
        policy: the final policy, (S, A), its rows divided by their sums.
        mean_field: the final mean field, (S,), divided by its sum.
        exploitabilities: one value an iteration, as the run recorded them, (iterations + 1,).
        policy_correction, mean_field_correction: how far those sums were from 1 (float32: up to 1e-5 is taken).
        settings: of the environment, from its `config.yaml`: sizes, gamma and horizon as numbers, left out where they are
            none there (null, or a reference); its other scalars as texts. Empty without such a file.
    """

    folder: Path
    policy: FloatArray = field(repr=False)
    mean_field: FloatArray = field(repr=False)
    exploitabilities: FloatArray = field(repr=False)
    policy_correction: float
    mean_field_correction: float
    settings: Mapping[str, str | float]

    def check_fits(self, **found: float | None) -> None:
        """Raises unless sizes, gamma and horizon are those of the environment; None stands for what is not known."""
        for key in COMPARED:
            saved, value = self.settings.get(key), found.get(key)
            if saved is not None and value is not None and saved != value:
                raise InputError(
                    f"{key} == {saved} in {self.folder / CONFIG}, must be {value:g} as in the environment: the run is of "
                    "another environment"
                )
        size = (found["num_states"], found["num_actions"])
        if self.policy.shape != size:
            raise InputError(
                f"final_policy.npz has shape {self.policy.shape}, must have shape {size} as in the environment: the run in "
                f"{self.folder} is of another environment"
            )


def read_run(folder: str | os.PathLike[str]) -> RunFolder:
    """Reads a run folder of bench-mfg-suite. Pickled objects are never loaded.

    The files are float32: rows of the policy and the mean field are divided by their sums, and the largest deviation of a
    sum from 1 is kept. More than 1e-5 is refused.

    Raises:
        InputError: there is no such folder, a file is missing, or its numbers break a rule.
        FileFormatError: a file is damaged, or holds something else.
    """
    place = _existing(folder)
    policy, mean_field, exploitabilities = (_array(place / name, key) for name, key in FILES.items())
    if policy.ndim != 2:
        raise InputError(f"final_policy.npz has shape {policy.shape}, must have shape (S, A)")
    check_shape(mean_field, policy.shape[:1], "final_mean_field.npz: mean_field")
    if exploitabilities.ndim != 1 or not exploitabilities.size:
        raise InputError(f"exploitabilities.npz has shape {exploitabilities.shape}, must hold a value an iteration")
    rows, policy_off = read_rows(policy, "final_policy.npz: policy", renormalise=True)
    law, mean_field_off = read_rows(mean_field, "final_mean_field.npz: mean_field", renormalise=True)
    return RunFolder(
        folder=place,
        policy=rows,
        mean_field=law,
        exploitabilities=exploitabilities,
        policy_correction=policy_off,
        mean_field_correction=mean_field_off,
        settings=_settings(place / CONFIG),
    )


def environment_of(folder: str | os.PathLike[str]) -> Any:
    """The environment of a run, which bench-mfg-suite builds again from the folder's `config.yaml`.

    Raises:
        InputError: bench-mfg-suite is not installed, there is no such folder, or it has no `config.yaml`.
    """
    path = _existing(folder) / CONFIG
    if not path.is_file():
        raise InputError(
            f"{CONFIG!r} is missing in {str(path.parent)!r}, must be there to build the environment from: give the "
            "environment itself (in the shell, --env)"
        )
    config = required("omegaconf", DISTRIBUTION).OmegaConf.load(path)
    return required("benchmfg", DISTRIBUTION).make_environment(config)[0]


def _existing(folder: str | os.PathLike[str]) -> Path:
    place = Path(folder)
    if not place.is_dir():
        raise InputError(f"folder == {str(place)!r}, must be a folder: there is none")
    return place


def _array(path: Path, key: str) -> FloatArray:
    if not path.is_file():
        raise InputError(
            f"{path.name!r} is missing in {str(path.parent)!r}, must be there: a run of bench-mfg-suite writes it at its "
            "end; give the folder of one finished run (outputs/<env>/<algorithm>/seed_<n>/<experiment>/<run>)"
        )
    try:
        with path.open("rb") as stream, np.load(stream, allow_pickle=False) as file:
            if not isinstance(file, np.lib.npyio.NpzFile) or key not in file.files:
                raise ValueError(f"it has no array {key!r}")
            values = file[key]
    except ValueError as error:
        why = "it holds pickled objects, which are never loaded" if "allow_pickle" in str(error) else str(error)
        raise FileFormatError(f"path == {str(path)!r}, must hold the plain array {key!r}: {why}") from error
    except (OSError, EOFError, zipfile.BadZipFile, zlib.error, AttributeError, TypeError) as error:
        raise FileFormatError(f"path == {str(path)!r}, must be a whole .npz file: {error}") from error
    return frozen_array(values, f"{path.name}: {key}")


def _settings(path: Path) -> dict[str, str | float]:
    """The scalars of the section `environment`, one level deep, as OmegaConf writes them: enough to compare runs by."""
    if not path.is_file():
        return {}
    found: dict[str, str | float] = {}
    inside = False
    for line in path.read_text(encoding="utf-8", errors="replace").splitlines():
        if line[:1].strip():
            inside = line.startswith("environment:")
        elif inside and line[:2] == "  " and line[2:3].strip(" -"):
            key, _, rest = line.strip().partition(":")
            text = _scalar(rest)
            value = _number(text) if key in COMPARED else text
            if value is not None and value != "":
                found[key] = value
    return found


def _scalar(text: str) -> str:
    """A scalar of YAML without its comment and its quotes."""
    bare = re.sub(r"(^|\s)#.*", "", text).strip()
    return bare[1:-1] if len(bare) > 1 and bare[0] == bare[-1] and bare[0] in "'\"" else bare


def _number(text: str) -> float | None:
    """None for what is no number: null, or a reference such as ${gamma}."""
    try:
        value = float(text)
    except ValueError:
        return None
    return int(value) if value.is_integer() else value
