"""Doing a part on a dynamic game: solve from kept epoch to kept epoch, measure there, write now and then."""

from __future__ import annotations

import math
from collections.abc import Iterator
from functools import partial
from pathlib import Path
from typing import Any

import pandas as pd

from mfbounds.experiments.dynamic_part import EQUILIBRIUM, DynamicPart
from mfbounds.experiments.store import Outcome, complete
from mfbounds.simulation.dynamic_exploitability import n_player_exploitability
from mfbounds.solvers import solve
from mfbounds.solvers.regularised_equilibrium import regularised_equilibrium

KEPT = (
    "exploitability",
    "exploitability_mean",
    "average_exploitability",
    "average_exploitability_mean",
    "mean_field_exploitability",
    "trajectories",
)


def complete_dynamic_part(out: Path, part: DynamicPart) -> None:
    """Does what is left of a part and writes it; the numbers do not depend on where it was interrupted.

    Raises:
        FileFormatError, InputError: what was written of it before is damaged, or of other settings.
    """
    complete(out, part, partial(_outcomes, part))


def _outcomes(part: DynamicPart, found: Outcome | None) -> Iterator[Outcome]:
    """What is known of a part after each of its kept epochs."""
    if part.method == EQUILIBRIUM:
        yield Outcome(rows=pd.DataFrame([_played_equilibrium(part)]), complete=True)
        return
    game = part.build()
    rows: list[dict[Any, Any]] = [] if found is None else found.rows.to_dict("records")
    run = None if found is None else found.run
    for step in part.steps[len(rows) :]:
        # the costly columns: at the last epoch of a call alone, and at its first
        run = solve(game, part.method, K=max(step, 1), every=part.K + 1, seed=part.seed, resume=run, **part.options)
        last = run.history.iloc[step]
        rows.append({"step": float(step), **{name: float(last[name]) for name in KEPT}})
        yield Outcome(rows=pd.DataFrame(rows), complete=False, run=run)
    yield Outcome(rows=pd.DataFrame(rows), complete=True)


def _played_equilibrium(part: DynamicPart) -> dict[str, float]:
    """How far the mean-field equilibrium is from one of the N players."""
    game = part.build()
    found = regularised_equilibrium(game, **part.options)
    gains = n_player_exploitability(game, found.policy)
    return {
        "step": 0.0,
        **dict.fromkeys(KEPT, math.nan),
        "exploitability": gains.max,
        "exploitability_mean": gains.mean,
        "mean_field_exploitability": found.plain_exploitability,
        "trajectories": 0.0,
    }
