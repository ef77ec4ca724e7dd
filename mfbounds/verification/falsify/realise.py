"""From genes to a game, a case and the parameters of a check, and the judgement of that case."""

from __future__ import annotations

import math
from collections.abc import Mapping
from dataclasses import dataclass
from typing import Any

import sympy as sp
from flint import arb

from mfbounds.bounds.definitions import formula
from mfbounds.bounds.outer import distance, step_limit
from mfbounds.bounds.problem import Parameters, Problem
from mfbounds.bounds.statement import L1, Bound, Case, Statement, Tier
from mfbounds.checks import FloatArray
from mfbounds.errors import NotConvergedError, NotUnichainError
from mfbounds.games.affine import AffineGame
from mfbounds.verification.check import check_case
from mfbounds.verification.falsify.fields import N_POLICIES, Recipe
from mfbounds.verification.falsify.genes import Genes, expressed, one_of, stacked
from mfbounds.verification.records import from_line, to_line
from mfbounds.verification.status import Status
from mfbounds.verification.trial import Trial, try_case
from mfbounds.verification.verdict import Verdict

TROUBLE = (NotUnichainError, NotConvergedError)
LIMITS = {"P1.C.5": "b_0", "P1.C.6": "b_0"}  # the printed limit of the step; beta_max elsewhere
SHORTFALL = 0.999  # of the largest step: the printed limits are strict
LEAST_SHARE = 0.1  # of it: as beta tends to 0 both sides of a contraction agree, which says nothing


@dataclass(frozen=True, eq=False, kw_only=True)
class Individual:
    """A game and a case as a search sees them.

    Attributes:
        genes: arrays without the leading axis (see `mfbounds.verification.falsify.genes`).
        settings: n_states, n_actions, coupling, scale, and the statement's choices.
    """

    genes: Mapping[str, FloatArray]
    settings: Mapping[str, Any]

    def game(self) -> AffineGame:
        """The game that the genes describe."""
        kernels, rewards, scale = self.genes["kernels"], self.genes["rewards"], self.settings["scale"]
        return AffineGame(
            kernels[0] if len(kernels) == 1 else kernels,
            scale * (rewards[0] if len(rewards) == 1 else rewards),
            gamma=float(self.genes["gamma"]),
            eta=scale * float(self.genes["eta"]),
            name="found by search",
        )

    def parameters(self) -> Parameters:
        """The parameters of a check that looks at this case alone."""
        given: dict[str, Any] = {name: self.settings[name] for name in ("M", "K", "L") if name in self.settings}
        return Parameters(**given)


def case_of(statement: Statement, bound: Bound, recipe: Recipe, found: Individual, problem: Problem) -> Case | None:
    """The case of an individual; None where none exists (no admissible step, no equilibrium located)."""
    arrays = {name: values[0] for name, values in expressed(stacked(dict(found.genes)), recipe).items()}
    case: dict[str, Any] = {**arrays, **{name: found.settings[name] for name in recipe.choices}}
    if recipe.step:
        step = _step(statement, bound, problem, case, float(found.genes["beta"]))
        if step is None:
            return None
        case["beta"] = step
    if statement.id == "P1.C.4":
        try:
            away = distance(problem, case["mu"], case["M"]).value
        except TROUBLE:
            return None
        case["eps"] = case.pop("accuracy") * away**2
        return case if case["eps"] > 0.0 else None
    if statement.id == "P1.Alg.8":
        case["K"] = N_POLICIES
    if statement.id == "P1.Alg.3":
        return _horizon(problem, case)
    return case


def _step(statement: Statement, bound: Bound, problem: Problem, case: Case, share: float) -> float | None:
    """That share of the largest step that the inequality admits, at most 1; None where it admits none."""
    named = [hypothesis.__name__ for hypothesis in bound.hypotheses]
    if not any(name.startswith(("(1", "step")) for name in named):
        return max(share, LEAST_SHARE)
    printed = bound.tier is Tier.PRINTED
    limit: sp.Expr = formula(LIMITS.get(statement.id, "beta_max") if printed else "beta_max", bound.tier)
    try:
        largest = step_limit(limit, bound.tier, problem, case["M"], bound.reading)
    except TROUBLE:
        return None
    if not (largest.is_finite() and largest > 0):
        return None
    return min(1.0, SHORTFALL * float(largest.lower())) * max(share, LEAST_SHARE)


def _horizon(problem: Problem, case: dict[str, Any]) -> Case | None:
    from mfbounds.bounds.statements.p1.algorithm_3 import horizon

    level = float(problem.constants(Tier.REPAIRED, L1)["V_max"].mid())
    if level <= 0.0:
        return None
    return {**case, "T": horizon(problem, Tier(case["sizes"]), case["share"] * level)}


def judge(statement: Statement, bound: Bound, recipe: Recipe, found: Individual) -> Trial | None:
    """What the checking path says of an individual; None where it has no case.

    A violation is believed when the case, written down, read again and measured anew, shows it again.
    """
    problem = Problem(found.game(), found.parameters())
    case = case_of(statement, bound, recipe, found, problem)
    if case is None:
        return None
    trial = _tried(statement, bound, problem, case)
    if trial is None or trial.status is not Status.VIOLATED:
        return trial
    again = _tried(statement, bound, Problem(problem.game, problem.parameters), from_line(to_line(case)))
    return trial if again is not None and again.status is Status.VIOLATED else again


def _tried(statement: Statement, bound: Bound, problem: Problem, case: Case) -> Trial | None:
    return next(iter(try_case(statement, [bound], problem, case)), None)


def verdict_of(
    statement: Statement, bound: Bound, recipe: Recipe, found: Individual, *, certify: bool = False
) -> Verdict:
    """The verdict about an individual that has a case, with everything needed to replay it.

    With `certify` it is decided by balls of growing precision, where enclosures are known for the statement.
    """
    problem = Problem(found.game(), found.parameters())
    case = case_of(statement, bound, recipe, found, problem)
    assert case is not None
    return check_case(statement, bound, problem, case, certify=certify)


def ratio(trial: Trial, common: str = "") -> float:
    """left/right, from below: the smallest left over the largest right that the errors allow; NaN: nothing to compare.

    `common` names a measured quantity that both sides contain, and that is taken off first: else a bound of the form
    gap + C d would look attained wherever d = 0.
    """
    if trial.measured is None or trial.status is Status.NOT_APPLICABLE:
        return math.nan
    shared = trial.measured[common].ball if common else arb(0)
    low, high = (trial.left - shared).lower(), (trial.right - shared).upper()
    if low.is_nan() or high.is_nan() or not low.is_finite():
        return math.nan
    if not high > 0:
        return math.inf if low > high and low > 0 else 0.0
    return float((low / high).mid()) if low > 0 else 0.0


def individual(genes: Genes, index: int, settings: Mapping[str, Any]) -> Individual:
    """One game of a population."""
    return Individual(genes=one_of(genes, index), settings=settings)
