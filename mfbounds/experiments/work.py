"""Doing a part: solve from kept step to kept step, measure there, write what is known from time to time."""

from __future__ import annotations

import math
from collections.abc import Iterator
from functools import partial
from pathlib import Path
from typing import Any

import numpy as np
import pandas as pd

from mfbounds.checks import FloatArray
from mfbounds.experiments.part import Part, solved
from mfbounds.experiments.store import Outcome, complete
from mfbounds.games.game import MeanFieldGame
from mfbounds.mdp import exploitability, stationary_distribution
from mfbounds.solvers import Run, solve


def complete_part(out: Path, part: Part) -> None:
    """Does what is left of a part and writes it; the numbers do not depend on where it was interrupted.

    Raises:
        FileFormatError, InputError: what was written of it before is damaged, or of other settings.
    """
    complete(out, part, partial(_outcomes, part))


def _outcomes(part: Part, found: Outcome | None) -> Iterator[Outcome]:
    """What is known of a part after each of its kept steps."""
    game = part.build()
    rows: list[dict[str, float]] = [] if found is None else [_named(row) for row in found.rows.to_dict("records")]
    populations: dict[int, FloatArray] = {} if found is None else dict(found.populations)
    run = None if found is None else found.run
    for step in part.steps[len(rows) :]:
        run, row = _advance(game, part, run, step)
        rows.append(row)
        if step in part.snapshots:
            populations[step] = game.start if step == 0 else run.mu
        if part.stops and solved(row["exploitability"], row["exploitability_error"]):
            break
        yield Outcome(rows=pd.DataFrame(rows), populations=populations, complete=False, run=run)
    yield Outcome(rows=pd.DataFrame(rows), populations=populations, complete=True)


def _named(row: dict[Any, Any]) -> dict[str, float]:
    return {str(name): value for name, value in row.items()}


def _advance(game: MeanFieldGame, part: Part, run: Run | None, step: int) -> tuple[Run, dict[str, float]]:
    """The run up to a step, and what is measured there."""
    if step == 0:
        run = solve(game, part.method, K=1, **part.call)
        return run, measures(game, part, run, None, 0)
    before = run
    if part.laws and step > 1 and (run is None or len(run.history) < step):
        before = run = solve(game, part.method, K=step - 1, resume=run, **part.call)
    if run is None or len(run.history) <= step:
        run = solve(game, part.method, K=step, resume=run, **part.call)
    return run, measures(game, part, run, before if step > 1 else None, step)


def measures(game: MeanFieldGame, part: Part, run: Run, before: Run | None, step: int) -> dict[str, float]:
    """One row about the pair (pi_k, mu_k), k = `step`, the last of the run (or its first, if k = 0).

    Columns: `step`; `exploitability`, `exploitability_error`, `quality`, `delta_mu` and `oracle_calls` of `mfbounds.solve`
    (delta_mu in l2; calls NaN for exact methods); `plain_exploitability`, without the entropy bonus; `consistency` =
    ||lambda - mu_k||_1 with lambda the law that pi_k keeps; `delta_law` = ||lambda_k - lambda_{k-1}||_2, NaN unless the
    part asks for it. Exploitabilities and quality in reward units.
    """
    history = {str(name): float(value) for name, value in run.history.iloc[step].items()}
    uniform = np.full((game.n_states, game.n_actions), 1.0 / game.n_actions)
    policy, mu = (uniform, game.start) if step == 0 else (run.policy, run.mu)
    law = stationary_distribution(game, policy, mu)
    change = math.nan
    if part.laws and step > 0:
        last = stationary_distribution(game, before.policy, before.mu) if before is not None else _first_law(game)
        change = float(np.linalg.norm(law - last))
    kept = ("exploitability", "exploitability_error", "quality", "delta_mu")
    return {
        "step": float(step),
        **{name: history[name] for name in kept},
        "plain_exploitability": exploitability(game, policy, mu, regularised=False),
        "consistency": float(np.abs(law - mu).sum()),
        "delta_law": change,
        "oracle_calls": history.get("oracle_calls", math.nan),
    }


def _first_law(game: MeanFieldGame) -> FloatArray:
    """The law that the uniform policy keeps."""
    return stationary_distribution(game, np.full((game.n_states, game.n_actions), 1.0 / game.n_actions), game.start)
