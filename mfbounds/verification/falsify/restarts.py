"""The restarts of the search for the worst game: one after the other, or several at a time, with the same result."""

from __future__ import annotations

import time
from collections.abc import Callable, Iterator
from dataclasses import replace
from typing import TypeAlias

import joblib

from mfbounds.bounds.statement import Bound, Statement, Tier
from mfbounds.verification.falsify import island
from mfbounds.verification.falsify.state import Effort, State

Progress: TypeAlias = Callable[[State], None]


class Restarts:
    """The restarts, in order, whatever the number of workers."""

    def __init__(
        self,
        statement: Statement,
        tier: Tier,
        bounds: tuple[Bound, ...],
        families: tuple[str, ...],
        seed: int,
        deadline: float,
    ) -> None:
        self.statement, self.tier, self.bounds, self.families = statement, tier, bounds, families
        self.seed, self.deadline = seed, deadline

    def go(self, state: State, budget: float, workers: int | None, progress: Progress | None) -> State:
        """Restarts until the games or the time are spent."""
        if state.effort.games >= budget or time.monotonic() > self.deadline:
            return state
        for harvest in self._harvests(state.next_restart, workers):
            state = self._with(state, harvest)
            if progress is not None:
                progress(state)
            if not harvest.complete or state.effort.games >= budget or time.monotonic() > self.deadline:
                break
        return state

    def _harvests(self, first: int, workers: int | None) -> Iterator[island.Harvest]:
        """One after the other in this process, or several at a time; always in order."""
        if workers is None or workers == 1:
            index = first
            while True:
                yield island.run(self._task(index))
                index += 1
        batch = joblib.effective_n_jobs(workers)
        while True:
            yield from joblib.Parallel(workers)(joblib.delayed(island.run)(self._task(first + i)) for i in range(batch))
            first += batch

    def _task(self, index: int) -> island.Task:
        return island.Task(
            statement=self.statement,
            tier=self.tier,
            bounds=self.bounds,
            couplings=self.families,
            seed=self.seed,
            index=index,
            deadline=self.deadline,
        )

    def _with(self, state: State, harvest: island.Harvest) -> State:
        """The state after a restart; one cut short is played again by the next call, so that nothing depends on the clock."""
        effort = Effort(games=harvest.games, restarts=1, refuted=harvest.refuted, seconds=harvest.seconds)
        if not harvest.complete:
            return replace(state.with_found(harvest.found), effort=state.effort + replace(effort, restarts=0))
        return replace(
            state.with_found(harvest.found),
            effort=state.effort + effort,
            next_restart=harvest.index + 1,
            reached=state.reached | {(harvest.target, harvest.coupling)},
        )
