"""What a solver returns: its last iterate, its history, and what is needed to go on."""

from __future__ import annotations

import hashlib
import json
import os
import zipfile
import zlib
from collections.abc import Mapping
from dataclasses import dataclass, field
from typing import TYPE_CHECKING, Any

import numpy as np
import pandas as pd
import scipy.sparse as sp

from mfbounds.checks import FloatArray
from mfbounds.errors import FileFormatError, InputError, why_unreadable
from mfbounds.games.game import MeanFieldGame
from mfbounds.output import write_arrays
from mfbounds.simulation.simulator import Simulator

if TYPE_CHECKING:
    from matplotlib.figure import Figure

FORMAT = "mfbounds-run-1"


@dataclass(frozen=True, eq=False, kw_only=True, repr=False)
class Run:
    """The outcome of a solver.

    Attributes:
        method: the solver's name.
        policy, mu: the last policy (S, A) and population (S,); for dynamic games see `mfbounds.solvers.solve_dynamic`.
        history: one row a step; see the solver for its columns.
        parameters: what the solver was called with.
        game: which game was played: its name, sizes, gamma, eta, and a fingerprint of its numbers.
        state: arrays from which the solver can resume.
    """

    method: str
    policy: FloatArray
    mu: FloatArray
    history: pd.DataFrame = field(repr=False)
    parameters: Mapping[str, Any]
    game: Mapping[str, Any]
    state: Mapping[str, FloatArray] = field(repr=False)

    def __repr__(self) -> str:
        steps = len(self.history)
        kept = f"{steps} row{'' if steps == 1 else 's'} of history"
        score = ""
        if steps and "exploitability" in self.history:
            score = f", exploitability {float(self.history['exploitability'].iloc[-1]):.4g}"
        return f"<Run of {self.method} on {self.game['name']}: {kept}{score}>"

    def plot(self) -> Figure:
        """The history's error columns over the steps, on logarithmic axes."""
        from mfbounds.plots import plot_run

        return plot_run(self)

    def save(self, path: str | os.PathLike[str]) -> None:
        """Writes the run to `path` (.npz, no pickle); an existing file is replaced only once all is written.

        Raises:
            InputError: the file cannot be written; nothing is left behind.
        """
        header = {
            "format": FORMAT,
            "method": self.method,
            "parameters": dict(self.parameters),
            "game": dict(self.game),
            "columns": list(self.history.columns),
        }
        arrays = {
            "header": np.frombuffer(json.dumps(header).encode(), dtype=np.uint8),
            "policy": self.policy,
            "mu": self.mu,
            **{f"column {name}": self.history[name].to_numpy() for name in self.history.columns},
            **{f"state {name}": value for name, value in self.state.items()},
        }
        write_arrays(path, arrays)


def load_run(path: str | os.PathLike[str]) -> Run:
    """Reads a run written by `Run.save`.

    Raises:
        FileFormatError: the file is corrupt, or was not written by `Run.save`.
        InputError: there is no such file.
    """
    try:
        with open(path, "rb") as stream, np.load(stream, allow_pickle=False) as file:
            arrays = {name: file[name] for name in file.files}
        header = json.loads(arrays["header"].tobytes())
        if header["format"] != FORMAT:
            raise ValueError(f"format == {header['format']!r}")
        return Run(
            method=header["method"],
            policy=arrays["policy"],
            mu=arrays["mu"],
            history=pd.DataFrame({name: arrays[f"column {name}"] for name in header["columns"]}),
            parameters=header["parameters"],
            game=header["game"],
            state={name.removeprefix("state "): a for name, a in arrays.items() if name.startswith("state ")},
        )
    except FileNotFoundError:
        raise InputError(f"path == '{path}', must be an existing file") from None
    except (OSError, EOFError, ValueError, KeyError, TypeError, AttributeError, zipfile.BadZipFile, zlib.error) as why:
        raise FileFormatError(
            f"path == {str(path)!r}, must be a file of Run.save ({FORMAT}): {why_unreadable(why)}; check the path, or solve again"
        ) from why


def describe(game: MeanFieldGame | Simulator) -> dict[str, Any]:
    """A JSON description of a game; the fingerprint covers its numbers at the uniform population and at `start`.

    A simulator shows no such numbers: its fingerprint is None.
    """
    name, origin, fingerprint = type(game).__name__, None, None
    if isinstance(game, MeanFieldGame):
        name, origin, fingerprint = game.name or repr(game), game.origin, _fingerprint(game)
    return {
        "name": name,
        "origin": str(origin) if origin else None,
        "n_states": game.n_states,
        "n_actions": game.n_actions,
        "gamma": game.gamma,
        "eta": game.eta,
        "fingerprint": fingerprint,
    }


def _fingerprint(game: MeanFieldGame) -> str:
    digest = hashlib.sha256()
    uniform = np.full(game.n_states, 1.0 / game.n_states)
    digest.update(np.array([game.gamma, game.eta, *game.reward_range]).tobytes())
    digest.update(game.restart.tobytes() + game.start.tobytes())
    for mu in (uniform, game.start):
        kernel = game.kernel_at(mu)
        parts = (kernel.indptr, kernel.indices, kernel.data) if sp.issparse(kernel) else (kernel,)
        for part in (*parts, game.reward_at(mu)):
            digest.update(np.ascontiguousarray(part).tobytes())
    return digest.hexdigest()
