"""One inequality on one case: hypotheses, measurement, both sides as balls, the finding."""

from __future__ import annotations

import math
from collections.abc import Iterable, Mapping
from dataclasses import dataclass, field, replace
from functools import partial
from typing import Any

import numpy as np
import sympy as sp
from flint import arb

from mfbounds.bounds.formula import evaluate, symbols_of
from mfbounds.bounds.problems import AnyProblem
from mfbounds.bounds.statement import Bound, Case, Hypothesis, HypothesisResult, Quantities, Statement
from mfbounds.errors import NotConvergedError, NotUnichainError
from mfbounds.numbers import Provenance, log10
from mfbounds.verification.eprocess import Tally, decided
from mfbounds.verification.records import to_line
from mfbounds.verification.status import Status, compare
from mfbounds.verification.verdict import Side, decades_between

NOTHING = arb.nan()
TROUBLE = (NotUnichainError, NotConvergedError)  # what keeps a case from being measured without being a mistake
_RANK = (Status.VIOLATED, Status.INCONCLUSIVE, Status.HOLDS, Status.VACUOUS, Status.NOT_APPLICABLE)


@dataclass(frozen=True, kw_only=True)
class Trial:
    """One inequality on one case, decided but not yet told in words.

    Attributes:
        measured: the quantities of the case; None when nothing was measured.
        values: of every symbol in the formulas.
        trouble: why nothing was measured or compared, or which part of the right side is undefined.
        certificate: of a trial in ball arithmetic, how it was decided; empty for one with error bounds.
        tally, allowed: outcomes of the runs of an inequality claimed with high probability, and its failure probability;
            the sides are those of the run that came closest to failing.
    """

    bound: Bound
    case: Case
    status: Status
    left: arb = NOTHING
    right: arb = NOTHING
    trivial: arb = NOTHING
    hypotheses: tuple[HypothesisResult, ...] = ()
    measured: Quantities | None = None
    values: Mapping[str, arb] | None = None
    trouble: str = ""
    certificate: Mapping[str, Any] = field(default_factory=dict)
    tally: Tally | None = None
    allowed: float = 0.0

    def rank(self) -> tuple[int, float]:
        """Sorts the most telling trial first: violated, open, then the smallest slack."""
        if self.measured is None:
            return _RANK.index(self.status), math.inf
        decades = decades_between(side(self.left), side(self.right))
        return _RANK.index(self.status), math.inf if math.isnan(decades) else decades


def try_case(statement: Statement, bounds: Iterable[Bound], problem: AnyProblem, case: Case) -> list[Trial]:
    """A trial for every bound that speaks about the case; the case is measured at most once."""
    trials: list[Trial] = []
    measured: Quantities | Exception | None = None
    for bound in bounds:
        if bound.where is not None and not bound.where(case):
            continue
        hypotheses = hypotheses_of(bound, problem, case)
        if any(not result.holds for result in hypotheses):
            trials.append(Trial(bound=bound, case=case, status=Status.NOT_APPLICABLE, hypotheses=hypotheses))
            continue
        if bound.failure is not None:
            trials.append(_repeated(statement, bound, problem, case, hypotheses))
            continue
        if measured is None:
            measured = _measure(statement, problem, case)
        if isinstance(measured, Exception):
            trials.append(troubled(bound, measured, case, hypotheses))
        else:
            trials.append(_compared(bound, problem, case, measured, hypotheses))
    return trials


def _repeated(
    statement: Statement, bound: Bound, problem: AnyProblem, case: Case, hypotheses: tuple[HypothesisResult, ...]
) -> Trial:
    """Seeded runs of one case until they decide, or the most that the parameters allow.

    A right side at or above the trivial bound cannot fail, so that one run shows it to be vacuous.
    """
    tally, worst, allowed = Tally(), None, math.nan
    for run in range(problem.parameters.runs):
        seeded = {**case, "run": run}
        measured = problem.remember(
            ("run", statement.id, to_line(seeded)), partial(_measure, statement, problem, seeded)
        )
        if isinstance(measured, Exception):
            return troubled(bound, measured, case, hypotheses)
        trial = _compared(bound, problem, seeded, measured, hypotheses)
        assert trial.values is not None
        allowed = float(evaluate(bound.failure, trial.values).mid())
        if trial.status is Status.NOT_APPLICABLE or (trial.status is Status.VACUOUS and run == 0):
            return trial
        tally = tally.add({Status.VIOLATED: False, Status.INCONCLUSIVE: None}.get(trial.status, True))
        worst = trial if worst is None or trial.rank() < worst.rank() else worst
        if decided(tally, allowed) is not None:
            break
    assert worst is not None
    status = decided(tally, allowed) or Status.INCONCLUSIVE
    return replace(worst, case=case, status=status, tally=tally, allowed=allowed)


def hypotheses_of(bound: Bound, problem: AnyProblem, case: Case) -> tuple[HypothesisResult, ...]:
    """Every hypothesis of a bound on a case, and whether the constants of its right side are known."""
    claimed = tuple(_hypothesis(hypothesis, problem, case) for hypothesis in bound.hypotheses)
    return claimed + _known(bound, problem, case)


def _known(bound: Bound, problem: AnyProblem, case: Case) -> tuple[HypothesisResult, ...]:
    """An open hypothesis for each constant of the right side that was only found by search, and so errs below."""
    found = problem.unknown((*symbols_of(bound.right), *bound.uses), bound.tier, case.get("M"))
    return tuple(
        HypothesisResult(
            name=f"{name} is known",
            holds=None,
            value=constant.value,
            margin=math.nan,
            provenance=Provenance.ESTIMATED,
            reason=f"{name} == {constant.value:.4g} is only estimated: declare an upper bound with the game",
        )
        for name, constant in found.items()
    )


def troubled(
    bound: Bound, error: Exception, case: Case | None = None, hypotheses: tuple[HypothesisResult, ...] = ()
) -> Trial:
    """The trial of a case that could not be measured: no unique stationary law, or a solver that did not converge."""
    broken = isinstance(error, NotUnichainError)
    status = Status.NOT_APPLICABLE if broken else Status.INCONCLUSIVE
    return Trial(bound=bound, case=case or {}, status=status, hypotheses=hypotheses, trouble=str(error))


def _measure(statement: Statement, problem: AnyProblem, case: Case) -> Quantities | Exception:
    try:
        return statement.measure(problem, case)
    except TROUBLE as error:
        return error


def _hypothesis(hypothesis: Hypothesis, problem: AnyProblem, case: Case) -> HypothesisResult:
    """Evaluated once per problem and per numbers and texts of the case (M, beta, ...): arrays play no role in it."""
    scalars = tuple((key, value) for key, value in case.items() if isinstance(value, int | float | str))
    result: HypothesisResult = problem.remember(("hypothesis", hypothesis, scalars), lambda: hypothesis(problem, case))
    return result


def _compared(
    bound: Bound, problem: AnyProblem, case: Case, measured: Quantities, hypotheses: tuple[HypothesisResult, ...]
) -> Trial:
    values = symbol_values(bound, problem, case, measured)
    left, right, trivial = (evaluate(formula, values) for formula in (bound.left, bound.right, bound.trivial))
    undefined = "" if right.is_finite() else undefined_part(bound.right, values)
    return Trial(
        bound=bound,
        case=case,
        status=compare(left, right, trivial, undefined=undefined),
        left=left,
        right=right,
        trivial=trivial,
        hypotheses=hypotheses,
        measured=measured,
        values=values,
        trouble=undefined,
    )


def symbol_values(bound: Bound, problem: AnyProblem, case: Case, measured: Quantities) -> Mapping[str, arb]:
    """Values of all symbols in a bound's formulas: constants of its tier, numbers of the case, measured quantities."""
    quantities = {**measured, **({} if bound.extra is None else bound.extra(problem, case))}
    return all_values(bound, problem, case, {name: quantity.ball for name, quantity in quantities.items()})


def all_values(bound: Bound, problem: AnyProblem, case: Case, measured: Mapping[str, arb]) -> Mapping[str, arb]:
    """`symbol_values` for quantities that are balls already, those of `Bound.extra` among them."""
    values = dict(problem.constants(bound.tier, bound.reading, case.get("M")))
    values.update((key, _number(value)) for key, value in case.items() if _is_number(value))
    values.update(measured)
    return {**values, **problem.derived(symbols_of(bound.right), bound.tier, values)}


def _is_number(value: Any) -> bool:
    return isinstance(value, int | float | np.integer | np.floating) and not isinstance(value, bool)


def _number(value: float) -> arb:
    if value == math.inf:
        return arb.pos_inf()
    return arb(int(value)) if isinstance(value, int | np.integer) else arb(float(value))


def undefined_part(formula: sp.Expr, values: Mapping[str, arb]) -> str:
    """Which part of a formula has certainly no finite value here: an infinite symbol, a division by zero; else ""."""
    formula = sp.sympify(formula)
    for name in symbols_of(formula):
        if values[name].is_nan():
            return f"{name} has no value on this game"
    for part in sp.postorder_traversal(formula):
        if part.is_Pow and part.args[1].could_extract_minus_sign() and evaluate(part.args[0], values) == 0:
            return f"{part} divides by {part.args[0]} == 0"
    infinite = [name for name in symbols_of(formula) if not values[name].is_finite() and name != "M"]
    return f"{', '.join(infinite)} infinite" if infinite else ""


def error_by_cause(trial: Trial) -> dict[str, float]:
    """How much each cause contributes to the error of right - left: its errors alone kept, all others set to zero."""
    if trial.measured is None or trial.values is None:
        return {}
    formulas = (trial.bound.left, trial.bound.right)
    names = {name for formula in formulas for name in symbols_of(formula)}
    uncertain = {name: quantity for name, quantity in trial.measured.items() if name in names and quantity.error > 0.0}
    centred = {**trial.values, **{name: arb(quantity.value) for name, quantity in uncertain.items()}}

    def radius(values: Mapping[str, arb]) -> float:
        return sum(float(evaluate(formula, values).rad()) for formula in formulas)

    shares = {}
    for cause in sorted({quantity.cause for quantity in uncertain.values()}):
        kept = {name: quantity.ball for name, quantity in uncertain.items() if quantity.cause is cause}
        share = radius({**centred, **kept}) - radius(centred)
        shares[cause.value] = share if math.isfinite(share) else math.inf
    return shares


def side(ball: arb) -> Side:
    """(midpoint, radius, log10 of the midpoint) of one side; NaN where it is undefined."""
    if ball.is_nan() or (not ball.is_finite() and math.isinf(float(ball.rad()))):
        return math.nan, math.inf, math.nan
    return float(ball.mid()), float(ball.rad()), log10(ball)
