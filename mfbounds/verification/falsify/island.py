"""One restart of the search for the worst game: a population of games of one shape, varied and selected."""

from __future__ import annotations

import time
import zlib
from collections.abc import Mapping
from dataclasses import dataclass, field
from typing import Any

import numpy as np

from mfbounds.bounds.statement import Bound, Statement, Tier
from mfbounds.checks import FloatArray
from mfbounds.verification.falsify.evaluators import ArrayEvaluator, CheckingEvaluator, Evaluator, is_algebraic
from mfbounds.verification.falsify.fields import SIZES, Recipe, recipe_of
from mfbounds.verification.falsify.genes import Genes, draw, propose, select
from mfbounds.verification.falsify.realise import individual, judge
from mfbounds.verification.falsify.state import Found

SCALES = (1.0, 1.0, 1e6, 1e-3)  # of rewards and eta together; proved inequalities scale alike on both sides
JUDGED = 6  # candidates of an inequality that the checking path looks at, best first
TAKEOVER = 10  # generations after which the worse quarter is replaced by copies of the better one


@dataclass(frozen=True, kw_only=True)
class Task:
    """What one restart does; `index` and `seed` decide all its draws.

    Attributes:
        couplings: of which the restart takes one, in turn.
        deadline: of `time.monotonic`, at which the restart stops early.
    """

    statement: Statement
    tier: Tier
    bounds: tuple[Bound, ...]
    couplings: tuple[str, ...]
    seed: int
    index: int
    deadline: float


@dataclass(frozen=True, kw_only=True)
class Harvest:
    """What one restart found.

    Attributes:
        found: for each inequality, the best individual that the checking path has judged.
        games: how many games were evaluated.
        seconds: processor time.
        refuted: candidates that looked violated to the array path and are not.
        complete: False when the deadline cut the restart short.
    """

    index: int
    found: tuple[Found, ...]
    games: int
    refuted: int
    complete: bool
    seconds: float
    coupling: str
    target: str
    settings: Mapping[str, Any] = field(default_factory=dict)


def shape(statement: Statement, target: Bound) -> tuple[int, int]:
    """(games, generations) of one restart: many small arrays by the array path, few games by the checking path."""
    return (256, 60) if is_algebraic(statement, target) else (12, 25)


def plan(task: Task) -> tuple[Bound, dict[str, Any], np.random.Generator]:
    """The inequality and the settings of a restart: inequalities and couplings in turn, the rest drawn."""
    salt = zlib.crc32(f"{task.statement.id} {task.tier}".encode())
    rng = np.random.default_rng(np.random.SeedSequence([task.seed, salt, task.index]))
    target = task.bounds[task.index % len(task.bounds)]
    coupling = task.couplings[(task.index // len(task.bounds)) % len(task.couplings)]
    S, A = SIZES[rng.integers(len(SIZES))]
    scale = SCALES[rng.integers(len(SCALES))] if task.tier is Tier.PRINTED else 1.0
    settings = {"n_states": S, "n_actions": A, "coupling": coupling, "scale": scale}
    choices = recipe_of(task.statement).choices
    while True:
        drawn = {name: values[rng.integers(len(values))] for name, values in choices.items()}
        if target.where is None or target.where({**drawn, **settings}):
            return target, settings | drawn, rng


def run(task: Task) -> Harvest:
    """One restart, then the judgement of its best games."""
    started = time.process_time()
    target, settings, rng = plan(task)
    recipe = recipe_of(task.statement)
    size, generations = shape(task.statement, target)
    evaluator: Evaluator = (
        ArrayEvaluator(task.statement, task.bounds, recipe)
        if is_algebraic(task.statement, target)
        else CheckingEvaluator(task.statement, task.bounds, recipe, target)
    )
    genes = draw(rng, size, settings, recipe)
    scores = evaluator(genes, settings)
    best = _Best(genes, scores)
    games, complete = size, True
    for generation in range(1, generations):
        if time.monotonic() > task.deadline:
            complete = False
            break
        if generation % TAKEOVER == 0:
            genes, scores = _takeover(genes, scores, target.key)
        proposal = propose(rng, genes, scores[target.key])
        new = evaluator(proposal, settings)
        games += size
        best.look(proposal, new)
        keep = _better(new[target.key], scores[target.key])
        genes = select(keep, proposal, genes)
        scores = {key: np.where(keep, new[key], scores[key]) for key in scores}
    found, refuted = _judged(task, recipe, settings, best, genes, scores[target.key], target)
    return Harvest(
        index=task.index,
        found=tuple(found),
        games=games,
        refuted=refuted,
        complete=complete,
        seconds=time.process_time() - started,
        coupling=settings["coupling"],
        target=target.key,
        settings=settings,
    )


class _Best:
    """The fittest game of each inequality over all generations."""

    def __init__(self, genes: Genes, scores: Mapping[str, FloatArray]) -> None:
        self.best: dict[str, tuple[float, Genes]] = {}
        self.look(genes, scores)

    def look(self, genes: Genes, scores: Mapping[str, FloatArray]) -> None:
        for key, values in scores.items():
            if np.isnan(values).all():
                continue
            index = int(np.nanargmax(values))
            if key not in self.best or values[index] > self.best[key][0]:
                self.best[key] = (
                    float(values[index]),
                    {name: array[index : index + 1] for name, array in genes.items()},
                )


def _better(new: FloatArray, old: FloatArray) -> np.ndarray[Any, np.dtype[np.bool_]]:
    return ~np.isnan(new) & (np.isnan(old) | (new >= old))


def _takeover(genes: Genes, scores: dict[str, FloatArray], key: str) -> tuple[Genes, dict[str, FloatArray]]:
    order = np.argsort(np.where(np.isnan(scores[key]), -np.inf, scores[key]), kind="stable")
    quarter = len(order) // 4
    source = np.arange(len(order))
    source[order[:quarter]] = order[len(order) - quarter :]
    return {name: values[source] for name, values in genes.items()}, {k: v[source] for k, v in scores.items()}


def _judged(
    task: Task,
    recipe: Recipe,
    settings: Mapping[str, Any],
    best: _Best,
    genes: Genes,
    last: FloatArray,
    target: Bound,
) -> tuple[list[Found], int]:
    """The best individual of each inequality, by what the checking path says of it."""
    found, refuted = [], 0
    for bound in task.bounds:
        candidates = [(best.best[bound.key][0], best.best[bound.key][1], 0)] if bound.key in best.best else []
        if bound is target:
            order = np.argsort(-np.where(np.isnan(last), -np.inf, last), kind="stable")[:JUDGED]
            candidates += [(float(last[i]), genes, int(i)) for i in order if not np.isnan(last[i])]
        results = []
        for expected, source, index in candidates:
            one = individual(source, index, settings)
            trial = judge(task.statement, bound, recipe, one)
            if trial is None:
                continue
            result = Found.of(trial, one, recipe.shared(bound))
            results.append(result)
            refuted += expected > 1.0 + 1e-6 and not result.violated
            if result.ratio >= 0.99 * expected:
                break
        if results:
            found.append(max(results, key=Found.rank))
    return found, refuted
