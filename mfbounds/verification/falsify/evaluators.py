"""How fit the games of a population are: left/right of every inequality, by arrays where possible, else one by one."""

from __future__ import annotations

from collections.abc import Mapping, Sequence
from typing import Any, Protocol, TypeAlias

import numpy as np

from mfbounds.bounds.hypotheses import a1, a3
from mfbounds.bounds.problem import Problem
from mfbounds.bounds.statement import Bound, Statement
from mfbounds.bounds.statements.p1.lemma_e1 import mixing_when_infinite
from mfbounds.checks import FloatArray
from mfbounds.verification.falsify.array_constants import ArrayConstants, primitives
from mfbounds.verification.falsify.array_game import Games
from mfbounds.verification.falsify.array_measures import MEASURES
from mfbounds.verification.falsify.fields import Recipe
from mfbounds.verification.falsify.genes import Genes, expressed
from mfbounds.verification.falsify.realise import case_of, individual
from mfbounds.verification.status import Status
from mfbounds.verification.trial import Trial, try_case

NOISE = 1e-11  # of the trivial bound: what rounding may contribute to a side, as far as a search cares
KNOWN_HYPOTHESES = {a1, a3, mixing_when_infinite}  # decided from q alone: A-1 holds on every affine game


Sides: TypeAlias = tuple[FloatArray, FloatArray, FloatArray]


class Evaluator(Protocol):
    """Fitness of a population: the key of each inequality -> left/right (B,), NaN where nothing is claimed."""

    def __call__(self, genes: Genes, settings: Mapping[str, Any]) -> dict[str, FloatArray]: ...


def is_algebraic(statement: Statement, bound: Bound) -> bool:
    """Whether the array path knows the inequality."""
    known = statement.id in MEASURES and bound.extra is None
    return known and set(bound.hypotheses) <= KNOWN_HYPOTHESES


def fitness(left: FloatArray, right: FloatArray, trivial: FloatArray) -> FloatArray:
    """left/right with what rounding may have done taken off: bounded where the right side is 0."""
    noise = NOISE * np.abs(trivial) + 1e-300
    with np.errstate(all="ignore"):
        return (left - noise) / (np.maximum(right, 0.0) + noise)


class ArrayEvaluator:
    """All games at once, without error bounds: it finds candidates, which the checking path then judges."""

    def __init__(self, statement: Statement, bounds: Sequence[Bound], recipe: Recipe) -> None:
        self.statement, self.recipe = statement, recipe
        self.bounds = [bound for bound in bounds if is_algebraic(statement, bound)]

    def __call__(self, genes: Genes, settings: Mapping[str, Any]) -> dict[str, FloatArray]:
        return {key: fitness(*sides) for key, sides in self.sides(genes, settings).items()}

    def sides(self, genes: Genes, settings: Mapping[str, Any]) -> dict[str, Sides]:
        """Left, right and trivial side of each inequality on every game; NaN where its hypotheses fail.

        What both sides have in common is taken off.
        """
        scale = settings["scale"]
        games = Games(
            kernels=genes["kernels"], rewards=scale * genes["rewards"], gamma=genes["gamma"], eta=scale * genes["eta"]
        )
        known, case = primitives(games), expressed(genes, self.recipe)
        measured, valid = MEASURES[self.statement.id](games, case, settings, known)
        values = {name: float(settings[name]) for name in self.recipe.choices} | measured
        found: dict[str, Sides] = {}
        for bound in self.bounds:
            if bound.where is not None and not bound.where(settings):
                continue
            constants = ArrayConstants(known, bound.tier, bound.reading, settings.get("M", 1))
            applies = valid & (known["q"] < 1.0) if a3 in bound.hypotheses else valid
            left, right, trivial = (constants.evaluate(f, values) for f in (bound.left, bound.right, bound.trivial))
            none = np.where(applies, 0.0, np.nan)
            shared = measured.get(self.recipe.shared(bound), 0.0)
            found[bound.key] = (left - shared + none, right - shared + none, trivial + none)
        return found


class CheckingEvaluator:
    """One game after the other through the checking path: for the statements that the array path does not know."""

    def __init__(self, statement: Statement, bounds: Sequence[Bound], recipe: Recipe, target: Bound) -> None:
        self.statement, self.bounds, self.recipe, self.target = statement, bounds, recipe, target

    def __call__(self, genes: Genes, settings: Mapping[str, Any]) -> dict[str, FloatArray]:
        size = len(genes["gamma"])
        found = {bound.key: np.full(size, np.nan) for bound in self.bounds}
        for index in range(size):
            for key, value in self._one(genes, index, settings).items():
                found[key][index] = value
        return found

    def _one(self, genes: Genes, index: int, settings: Mapping[str, Any]) -> dict[str, float]:
        one = individual(genes, index, settings)
        problem = Problem(one.game(), one.parameters())
        case = case_of(self.statement, self.target, self.recipe, one, problem)
        if case is None:
            return {}
        trials = try_case(self.statement, self.bounds, problem, case)
        return {
            trial.bound.key: self._fitness(trial)
            for trial in trials
            if trial.status is not Status.NOT_APPLICABLE and trial.measured is not None
        }

    def _fitness(self, trial: Trial) -> float:
        assert trial.measured is not None
        name = self.recipe.shared(trial.bound)
        shared = trial.measured[name].value if name else 0.0
        left, right, trivial = (np.array(float(ball.mid())) for ball in (trial.left, trial.right, trial.trivial))
        return float(fitness(left - shared, right - shared, trivial))
