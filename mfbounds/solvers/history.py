"""The table of a population iteration: one row a step, the expensive columns where they are asked for."""

from __future__ import annotations

import math
from dataclasses import dataclass, field

import numpy as np
import pandas as pd

from mfbounds.checks import FloatArray
from mfbounds.errors import NotUnichainError
from mfbounds.games.game import MeanFieldGame
from mfbounds.mdp.exploitability import Gap, frozen_gap, measured_at
from mfbounds.mdp.frozen import freeze
from mfbounds.mdp.stationary import frozen_stationary
from mfbounds.numbers import Measured
from mfbounds.simulation.simulator import Simulator
from mfbounds.solvers.iteration import State, optimum_at, values_at
from mfbounds.solvers.resume import rows_of
from mfbounds.solvers.run import Run

EXPENSIVE = ("exploitability", "exploitability_error", "quality", "value")


@dataclass
class History:
    """Rows k = 0, 1, ...; see `solve` for the columns.

    `guess` is the value of the best policy, (S,), at the last row of those that any number of steps would measure: the next
    optimum is sought from there.
    """

    every: int
    rows: list[dict[str, float]] = field(default_factory=list)
    guess: FloatArray | None = None

    @staticmethod
    def of(run: Run, every: int, K: int) -> History:
        """The rows of an interrupted run, as an uninterrupted one of K steps would have written them."""
        return History(every, rows_of(run, K, every=every, expensive=EXPENSIVE), run.state.get("guess"))

    def add(self, game: MeanFieldGame | Simulator, state: State, before: FloatArray | None, *, last: bool) -> None:
        """A row about `state`; `before` is the population of the row above."""
        step = len(self.rows)
        change = None if before is None else state.mu - before
        row = {
            "step": step,
            **dict.fromkeys(EXPENSIVE, math.nan),
            "delta_mu": math.nan if change is None else float(np.linalg.norm(change)),
            "delta_mu_l1": math.nan if change is None else float(np.abs(change).sum()),
        }
        if "calls" in state.memory:
            row["oracle_calls"] = float(state.memory["calls"][0])
        if isinstance(game, MeanFieldGame) and (last or step % self.every == 0):
            row |= _measures(game, state, self._gap(game, state, step))
        self.rows.append(row)

    def _gap(self, game: MeanFieldGame, state: State, step: int) -> Gap:
        """How far the policy is from optimal at the state's population."""
        best = optimum_at(game, state, to_play="optimum" in state.memory, guess=self.guess)
        if step % self.every == 0:
            self.guess = best.V
        values = values_at(game, state)
        return frozen_gap(values.frozen, values.policy, values=values, best=best)

    @property
    def memory(self) -> dict[str, FloatArray]:
        """What a run keeps, so that the rows of a resumed one are those of an uninterrupted one."""
        return {} if self.guess is None else {"guess": self.guess}

    def table(self) -> pd.DataFrame:
        return pd.DataFrame(self.rows)


def _measures(game: MeanFieldGame, state: State, gap: Gap) -> dict[str, float]:
    exploitability = _exploitability(game, state, gap)
    return {
        "exploitability": exploitability.value,
        "exploitability_error": exploitability.error,
        "quality": gap.mean(state.mu).value,
        "value": float(state.mu @ values_at(game, state).V),
    }


def _exploitability(game: MeanFieldGame, state: State, gap: Gap) -> Measured:
    """The gain at the law that the policy keeps; where mu is that law up to rounding, what is known at mu serves."""
    values = values_at(game, state)
    try:
        law = state.found.get("law") or frozen_stationary(values.frozen, values.policy)
    except NotUnichainError:
        return Measured(math.nan, math.nan)
    if state.kept:
        return measured_at(game, values.frozen, state.mu, law, gap)
    frozen = freeze(game, law.law)
    return measured_at(game, frozen, law.law, law, frozen_gap(frozen, values.policy))
