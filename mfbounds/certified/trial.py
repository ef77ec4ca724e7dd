"""One inequality on one case, decided by balls: twice the precision as long as the two sides overlap."""

from __future__ import annotations

from collections.abc import Iterable, Iterator, Mapping, Sequence
from dataclasses import replace
from typing import Any

import sympy as sp
from flint import arb, ctx

from mfbounds.bounds.definitions import L_DEPENDENT, formula
from mfbounds.bounds.formula import evaluate, symbols_of
from mfbounds.bounds.problem import Problem
from mfbounds.bounds.statement import Bound, Case, Statement
from mfbounds.certified.equality import difference
from mfbounds.certified.measures import Twin, extras, twins
from mfbounds.certified.numbers import Measurement, balls
from mfbounds.certified.problem import CertifiedProblem, at_precision, exact
from mfbounds.errors import NotCertifiableError, NotConvergedError, NotUnichainError
from mfbounds.numbers import Provenance
from mfbounds.verification.status import Status, compare
from mfbounds.verification.trial import Trial, all_values, hypotheses_of, troubled, try_case, undefined_part

LADDER = (53, 106, 212, 424, 848)  # bits
EXACTLY = (106, LADDER[-1])  # at these it is tried whether the sides that overlap are equal
ENOUGH = 212  # bits after which a decided trial is final, however wide its sides are
DIGITS = 20  # bits that the two sides of a decided trial should have

Found = Sequence[Measurement] | Exception


def certified_trials(
    statement: Statement, bounds: Iterable[Bound], problem: Problem, case: Case
) -> Iterator[Trial | NotCertifiableError]:
    """For every bound that speaks about the case its certified trial, or why there is none.

    Every measurement is made at most once a precision.
    """
    measured: dict[int, Found] = {}
    for bound in bounds:
        if bound.where is None or bound.where(case):
            try:
                yield _climb(twin_of(statement, bound), bound, problem, case, measured)
            except NotCertifiableError as error:
                yield error


def twin_of(statement: Statement, bound: Bound) -> Twin:
    """How the statement's quantities are enclosed.

    Raises:
        NotCertifiableError: they are not.
    """
    twin = twins().get(statement.measure)
    if twin is None or (bound.extra is not None and bound.extra not in extras()):
        why = "is probabilistic: its two sides are random" if bound.failure is not None else "has no known enclosure"
        raise NotCertifiableError(f"{statement.id} [{bound.key}] {why}")
    return twin


def _climb(twin: Twin, bound: Bound, problem: Problem, case: Case, measured: dict[int, Found]) -> Trial:
    data, trial = exact(problem), None
    for bits in LADDER:
        with ctx.workprec(bits):
            known = at_precision(problem, bits)
            trial = _at(twin, bound, known, case, measured)
            if trial.status is Status.NOT_APPLICABLE:
                return replace(trial, certificate={"certified": False, "reason": "nothing is claimed here"})
            vague = bits < ENOUGH and _vague(trial)
            if trial.status is not Status.INCONCLUSIVE and not vague:
                return _signed(trial, known, data.game.reading)
            if trial.status is Status.INCONCLUSIVE and bound.failure is not None:
                raise NotCertifiableError(f"[{bound.key}] is probabilistic: it is not decided for every outcome alike")
    assert trial is not None
    return trial


def _vague(trial: Trial) -> bool:
    """Whether a decided trial leaves something to see: the trivial bound within the right side, or a slack without digits."""
    undecided = trial.status is Status.VACUOUS and not trial.right >= trial.trivial
    return undecided or min(trial.left.rel_accuracy_bits(), trial.right.rel_accuracy_bits()) < DIGITS


def _signed(trial: Trial, problem: CertifiedProblem, reading: str) -> Trial:
    certificate = {
        "certified": True,
        "precision": problem.bits,
        "reading": reading,
        "assumes": [*_hypotheses_assumed(trial), *_constants_assumed(trial, problem)],
    }
    exactly = trial.certificate.get("exactly")
    return replace(trial, certificate={**certificate, **({"exactly": exactly} if exactly else {})})


def _hypotheses_assumed(trial: Trial) -> list[str]:
    return [
        f"{result.name}: {result.reason}"
        for result in trial.hypotheses
        if result.provenance is not Provenance.CERTIFIED
    ]


def _constants_assumed(trial: Trial, problem: CertifiedProblem) -> list[str]:
    """Constants of the right side that rest on a word: values for those that the paper leaves open."""
    bound = trial.bound
    constants = problem.constant_set(trial.case.get("M") or problem.parameters.M or 1)
    names = (*symbols_of(_right_at(bound, trial.case)), *bound.uses)
    behind = {
        inner for name in names for inner in constants.ingredients(name, bound.tier)
    } & constants.primitives.keys()
    found = {name: constants.primitives[name] for name in sorted(behind)}
    return [f"{name} = {c.value:g}" for name, c in found.items() if c.provenance is not Provenance.CERTIFIED]


def _right_at(bound: Bound, case: Case) -> sp.Expr:
    """The right side with the integers of the case put in: C' log(L)/L does not depend on C' at L = 1."""
    right = sp.sympify(bound.right)
    while named := {
        symbol: formula(symbol.name, bound.tier) for symbol in right.free_symbols if symbol.name in L_DEPENDENT
    }:
        right = right.subs(named)
    return right.subs(
        {symbol: case[symbol.name] for symbol in right.free_symbols if type(case.get(symbol.name)) is int}
    )


def _at(twin: Twin, bound: Bound, problem: CertifiedProblem, case: Case, measured: dict[int, Found]) -> Trial:
    """The trial at one precision."""
    hypotheses = hypotheses_of(bound, problem, case)
    if any(not result.holds for result in hypotheses):
        return Trial(bound=bound, case=case, status=Status.NOT_APPLICABLE, hypotheses=hypotheses)
    if problem.bits not in measured:
        measured[problem.bits] = _measure(twin, problem, case)
    found = measured[problem.bits]
    if isinstance(found, ZeroDivisionError):
        return Trial(
            bound=bound, case=case, status=Status.INCONCLUSIVE, hypotheses=hypotheses, certificate=_open(problem)
        )
    if isinstance(found, Exception):
        return troubled(bound, found, case, hypotheses)
    trials = [_compared(bound, problem, case, one) for one in found]
    return replace(min(trials, key=Trial.rank), hypotheses=hypotheses)


def _measure(twin: Twin, problem: CertifiedProblem, case: Case) -> Found:
    try:
        found = twin(problem, case)
    except (ZeroDivisionError, NotUnichainError, NotConvergedError) as error:
        return error
    return [found] if isinstance(found, Mapping) else found


def _compared(bound: Bound, problem: CertifiedProblem, case: Case, measured: Measurement) -> Trial:
    extra = {} if bound.extra is None else extras()[bound.extra](problem, case)
    values = all_values(bound, problem, case, {**balls(measured), **extra})
    left, right, trivial = (evaluate(formula, values) for formula in (bound.left, bound.right, bound.trivial))
    undefined = "" if right.is_finite() else undefined_part(bound.right, values)
    status = compare(left, right, trivial, undefined=undefined)
    exactly = ""
    if status is Status.INCONCLUSIVE and problem.bits in EXACTLY:
        status, exactly = _exactly(bound, problem, case, measured, values, right < trivial)
    return Trial(
        bound=bound,
        case=case,
        status=status,
        left=left,
        right=right,
        trivial=trivial,
        measured={},
        values=values,
        trouble=undefined,
        certificate={**_open(problem), "widths": f"{_width(left)} and {_width(right)}", "exactly": exactly},
    )


def _exactly(
    bound: Bound,
    problem: CertifiedProblem,
    case: Case,
    measured: Measurement,
    values: Mapping[str, arb],
    telling: bool,
) -> tuple[Status, str]:
    """The finding where right - left is >= 0 as an exact expression, whatever is common to the two sides cancelled."""
    surplus = difference(bound, problem, case, measured, values)
    if surplus is None or not surplus >= 0:
        return Status.INCONCLUSIVE, ""
    return (Status.HOLDS if telling else Status.VACUOUS), "equality" if surplus == 0 else "common terms cancelled"


def _open(problem: CertifiedProblem) -> dict[str, Any]:
    return {"certified": False, "precision": problem.bits, "reason": f"the sides overlap at {problem.bits} bits"}


def _width(ball: arb) -> str:
    return "infinite" if not ball.is_finite() else str(ball.rad().str(2, radius=False))


def try_case_certified(statement: Statement, bounds: Iterable[Bound], problem: Problem, case: Case) -> list[Trial]:
    """`try_case` in ball arithmetic; an inequality without enclosures is tried with error bounds, and says so."""
    spoken = [bound for bound in bounds if bound.where is None or bound.where(case)]
    trials: list[Trial] = []
    for bound, found in zip(spoken, certified_trials(statement, spoken, problem, case), strict=True):
        if isinstance(found, Trial):
            trials.append(found)
        else:
            computed = try_case(statement, [bound], problem, case)
            trials += [replace(trial, certificate={"certified": False, "reason": str(found)}) for trial in computed]
    return trials
