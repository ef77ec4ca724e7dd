"""The table of a solver for dynamic games: one row an epoch, the exploitabilities where they are asked for."""

from __future__ import annotations

import math
from dataclasses import dataclass, field
from functools import cached_property

import numpy as np
import pandas as pd

from mfbounds.checks import FloatArray
from mfbounds.errors import NotEnumerableError
from mfbounds.games.dynamic.finite_horizon import FiniteHorizonGame
from mfbounds.games.dynamic.game import DynamicGame
from mfbounds.mdp.finite_horizon import flow_exploitability
from mfbounds.simulation.dynamic_exploitability import NPlayerExploitability, n_player_exploitability
from mfbounds.solvers.dynamic_iteration import DynamicState
from mfbounds.solvers.resume import rows_of
from mfbounds.solvers.run import Run
from mfbounds.symmetry.induced import induced_game

MEASURES = (
    "exploitability",
    "exploitability_error",
    "exploitability_mean",
    "average_exploitability",
    "average_exploitability_mean",
    "mean_field_exploitability",
)


@dataclass(eq=False)
class DynamicHistory:
    """Rows t = 0, 1, ...; see `solve_dynamic` for the columns."""

    game: DynamicGame | FiniteHorizonGame
    every: int
    averages: bool
    rows: list[dict[str, float]] = field(default_factory=list)

    def resume(self, run: Run, K: int) -> None:
        """Takes over the rows of an interrupted run, as an uninterrupted one of K epochs would have written them."""
        self.rows = rows_of(run, K, every=self.every, expensive=MEASURES)

    def add(self, state: DynamicState, before: DynamicState | None, *, last: bool) -> None:
        """A row about `state`; `before` is the state of the row above."""
        step = len(self.rows)
        change = math.nan if before is None else float(np.abs(state.policy - before.policy).sum(axis=-1).max())
        row = {"step": step, **dict.fromkeys(MEASURES, math.nan), "policy_change": change}
        row["trajectories"] = state.trajectories
        if last or step % self.every == 0:
            row |= self._measures(state, step)
        self.rows.append(row)

    def table(self) -> pd.DataFrame:
        return pd.DataFrame(self.rows)

    @cached_property
    def induced(self) -> FiniteHorizonGame:
        return induced_game(self.game) if isinstance(self.game, DynamicGame) else self.game

    def _measures(self, state: DynamicState, step: int) -> dict[str, float]:
        found = {}
        if state.policy.ndim == 3:
            found["mean_field_exploitability"] = flow_exploitability(self.induced, state.policy)
        if isinstance(self.game, FiniteHorizonGame):
            return {**found, "exploitability": found["mean_field_exploitability"]}
        exact = players_exploitability(self.game, state.policy)
        if exact is None:
            return found
        found |= {
            "exploitability": exact.max,
            "exploitability_error": float(exact.errors.max()),
            "exploitability_mean": exact.mean,
        }
        if self.averages:
            average = players_exploitability(self.game, average_policy(state.total, step + 1))
            assert average is not None
            found |= {"average_exploitability": average.max, "average_exploitability_mean": average.mean}
        return found


def average_policy(total: FloatArray, count: int) -> FloatArray:
    """The average of `count` policies from their sum; each row is divided by its sum, 1 up to rounding."""
    policy = total / count
    policy /= policy.sum(axis=-1, keepdims=True)
    return policy


def players_exploitability(game: DynamicGame, policy: FloatArray) -> NPlayerExploitability | None:
    """The exploitability of all players without sampling; None where the game is too large for every such method."""
    try:
        return n_player_exploitability(game, policy)
    except NotEnumerableError:
        return None
