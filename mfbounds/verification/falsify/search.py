"""`falsify`: look for the smallest and for the worst game that break an inequality."""

from __future__ import annotations

import math
import time
from dataclasses import replace
from pathlib import Path
from typing import Any

from mfbounds.bounds.ledger import find_statement
from mfbounds.bounds.statement import Bound, Statement, Tier
from mfbounds.checks import check_count, check_positive
from mfbounds.errors import InputError
from mfbounds.verification.check import wanted_tiers
from mfbounds.verification.falsify import island
from mfbounds.verification.falsify.edge_cases import EdgeCases, require_hypothesis
from mfbounds.verification.falsify.effort import tightness
from mfbounds.verification.falsify.fields import Recipe, couplings, recipe_of, searchable
from mfbounds.verification.falsify.realise import verdict_of
from mfbounds.verification.falsify.restarts import Progress, Restarts
from mfbounds.verification.falsify.result import Attempt, Falsification
from mfbounds.verification.falsify.shrink import shrink
from mfbounds.verification.falsify.state import Effort, Found, State, load_state
from mfbounds.verification.status import Status
from mfbounds.verification.verdict import Verdict

SECONDS = 10.0  # when neither a time nor a number of games is given
EDGES_UNTIL, SEARCH_UNTIL = 0.3, 0.85  # of the time; what is left is for simplifying the violations found


def falsify(
    statement: str | Statement,
    tier: Tier | str = Tier.PRINTED,
    *,
    family: str | None = None,
    seconds: float | None = None,
    budget: int | None = None,
    seed: int = 0,
    edge_cases: int = 200,
    resume: Falsification | str | Path | None = None,
    workers: int | None = None,
    progress: Progress | None = None,
) -> Falsification:
    """Search for games that break the inequalities of a statement's tier.

    Two searches: hypothesis draws and shrinks edge cases, for the smallest violation; and populations of games are
    varied and selected from many random starts, for the largest left/right. The statements E.1 to E.6, C.1, C.2 and W are
    evaluated as arrays, some ten thousand games a second; the others game by game. Float64 arrays only propose: a
    violation is reported when the checking path, with its error bounds, finds it twice.

    Args:
        statement: id or alias (``"E.6"``), or the statement itself.
        tier: one tier.
        family: where the population enters the game: "both", "kernel", "reward" or "none"; None searches all of them.
        seconds: of wall time for this call; 10 when neither this nor `budget` is given.
        budget: games of the search for the worst game, over all calls that are resumed. Whole restarts are played, so
            that it is exceeded by less than one. With a budget alone the result depends on the seed only.
        seed: of all draws.
        edge_cases: drawn for each inequality; 0 leaves hypothesis out.
        resume: an earlier result, or a file that it wrote, of the same search: it goes on where that one stopped.
        workers: processes; the result does not depend on it.
        progress: called with the state after every restart.

    Returns:
        The outcome, which is true when a violation was found.

    Raises:
        UnknownNameError: the statement, tier or family is not known.
        InputError: the statement is not one that a game can refute, an argument is out of range, `resume` is the state of
            another search, or hypothesis is not installed and `edge_cases` > 0.

    Example:
        >>> found = falsify("E.1", "printed", budget=0, edge_cases=100, seed=1)
        >>> bool(found), found.smallest.game.n_states, found.worst.status.value
        (True, 2, 'violated')
    """
    started = time.monotonic()
    chosen = find_statement(statement) if isinstance(statement, str) else statement
    (wanted,) = wanted_tiers([tier])
    bounds, families, recipe = searchable(chosen, wanted), couplings(family), recipe_of(chosen)
    check_count(seed, "seed", least=0)
    if check_count(edge_cases, "edge_cases", least=0):
        require_hypothesis()
    limit = _limit(seconds, budget)
    question = {"statement": chosen.id, "tier": wanted.value, "family": family, "seed": seed, "edge_cases": edge_cases}
    state = _start(resume, question)
    state = _edges(chosen, bounds, families, state, started + EDGES_UNTIL * limit)
    search = Restarts(chosen, wanted, bounds, families, seed, started + SEARCH_UNTIL * limit)
    state = search.go(state, math.inf if budget is None else budget, workers, progress)
    state = _shrunk(chosen, bounds, state, started + limit)
    state = _confirmed(chosen, bounds, recipe, state)
    return Falsification(
        statement=chosen.id,
        tier=wanted.value,
        family=family,
        seed=seed,
        attempts=tuple(_attempt(chosen, bound, state, recipe) for bound in bounds),
        effort=state.effort,
        not_reached=_not_reached(chosen, bounds, families, state),
        state=state,
    )


def _limit(seconds: float | None, budget: int | None) -> float:
    """The time of this call, seconds."""
    if budget is not None:
        check_count(budget, "budget", least=0)
    if seconds is not None:
        return check_positive(seconds, "seconds")
    return SECONDS if budget is None else math.inf


def _start(resume: Falsification | str | Path | None, question: dict[str, Any]) -> State:
    if resume is None:
        return State(question=question)
    if not isinstance(resume, Falsification):
        return load_state(resume, question)
    for name, wanted in question.items():
        known = resume.state.question[name]
        if known != wanted:
            raise InputError(f"{name} == {wanted!r}, must be {known!r} to resume: the result is of another search")
    return resume.state


def _edges(
    statement: Statement, bounds: tuple[Bound, ...], families: tuple[str, ...], state: State, deadline: float
) -> State:
    """The edge cases of every inequality that has not had them, each with an equal share of the time."""
    count = int(state.question["edge_cases"])
    todo = [bound for bound in bounds if bound.key not in state.edges] if count else []
    for place, bound in enumerate(todo):
        now = time.monotonic()
        share = deadline if deadline == math.inf else now + max(deadline - now, 0.0) / (len(todo) - place)
        if now > deadline:
            break
        cases = EdgeCases(statement, bound, recipe_of(statement), share)
        cases.search(families, int(state.question["seed"]), count)
        found = [one for one in (cases.best, cases.smallest) if one is not None]
        state = replace(state.with_found(found), effort=state.effort + Effort(edge_cases=len(cases.judged)))
        if time.monotonic() <= share:  # cut short, they are drawn again by the next call
            state = replace(state, edges=state.edges | {bound.key})
    return state


def _shrunk(statement: Statement, bounds: tuple[Bound, ...], state: State, deadline: float) -> State:
    """The simplest violation of each inequality made simpler, and the worst one as far as it goes."""
    recipe = recipe_of(statement)
    for bound in bounds:
        if bound.key in state.smallest:
            judged = EdgeCases(statement, bound, recipe, deadline)
            shrink(state.smallest[bound.key].individual, recipe, judged)
            if judged.smallest is not None:
                state = state.with_found([judged.smallest])
    return state


def _attempt(statement: Statement, bound: Bound, state: State, recipe: Recipe) -> Attempt:
    """The verdicts about what was found; a violation is certified where enclosures are known for the statement."""

    def told(found: Found | None) -> Verdict | None:
        if found is None:
            return None
        return verdict_of(statement, bound, recipe, found.individual, certify=found.violated)

    worst, smallest = state.worst.get(bound.key), state.smallest.get(bound.key)
    tightest = told(worst)
    return Attempt(
        bound=bound.key,
        ratio=math.nan if worst is None else worst.ratio,
        words=tightness(worst),
        smallest=told(smallest),
        worst=tightest if worst is not None and worst.violated else None,
        tightest=tightest,
    )


def _confirmed(statement: Statement, bounds: tuple[Bound, ...], recipe: Recipe, state: State) -> State:
    """Without the violations that balls of growing precision contradict."""
    for bound in bounds:
        found = {known[bound.key] for known in (state.worst, state.smallest) if bound.key in known}
        for one in found:
            if one.violated and not _stands(verdict_of(statement, bound, recipe, one.individual, certify=True)):
                state = state.without(one)
    return state


def _stands(verdict: Verdict) -> bool:
    return verdict.status is Status.VIOLATED or not verdict.certified


def _not_reached(statement: Statement, bounds: tuple[Bound, ...], families: tuple[str, ...], state: State) -> str:
    """Which inequalities and families no whole restart aimed at, and whose edge cases were not all drawn."""
    parts = []
    for bound in bounds:
        missing = [family for family in families if (bound.key, family) not in state.reached]
        if missing:
            parts.append(f"[{bound.key}] no whole restart with the family {', '.join(missing)}")
    if state.question["edge_cases"]:
        parts += [f"[{bound.key}] edge cases" for bound in bounds if bound.key not in state.edges]
    if parts:
        size = max(math.prod(island.shape(statement, bound)) for bound in bounds)
        parts.append(f"a restart takes up to {size} games: give more seconds or a larger budget")
    return "; ".join(parts)
