"""Check a statement on a game: try every case, keep the most telling one of each inequality, say it in words."""

from __future__ import annotations

from collections import Counter
from collections.abc import Iterable, Iterator, Sequence
from dataclasses import replace
from typing import Any

from mfbounds.bounds.ledger import find_statement
from mfbounds.bounds.problem import Problem
from mfbounds.bounds.problems import AnyGame, AnyProblem, check_subject, parameters_for, problem_of
from mfbounds.bounds.statement import Bound, Case, DefectKind, Statement, Tier
from mfbounds.errors import UnknownNameError
from mfbounds.verification.eprocess import resolvable, tell, upper_bound
from mfbounds.verification.given import check_given, nothing_missing
from mfbounds.verification.records import from_line, to_line
from mfbounds.verification.status import Status, decide, show
from mfbounds.verification.trial import TROUBLE, Trial, error_by_cause, side, troubled, try_case
from mfbounds.verification.verdict import Verdict, certificate_text


def check(
    statement: str | Statement,
    game: AnyGame,
    *,
    tiers: Iterable[Tier | str] | None = None,
    certify: bool = False,
    case: Case | None = None,
    **parameters: Any,
) -> list[Verdict]:
    """Check one statement on one game: a verdict for each of its inequalities.

    Args:
        statement: id or alias (``"C.5"``, ``"P1.C.5"``), or the statement itself.
        tiers: which tiers to check; all by default.
        certify: decide in ball arithmetic, with growing precision: such a verdict is a proof, and its `certificate` says so.
            Inequalities without enclosures (probabilistic ones, games given by code) are judged as usual, and say so.
        case: judge at this case alone, e.g. ``{"policy": mine}``, in place of those that the statement tries; the names are
            those of `Verdict.case`.
        parameters: fields of `mfbounds.bounds.problem.Parameters` (M, L, K, beta, ...), or of `DynamicParameters` where
            the game is a dynamic one.

    Returns:
        One verdict per inequality, about its most telling case: violated before inconclusive before the smallest
        slack. It is *vacuous* only when the inequality is vacuous on every case tried; `Verdict.counts` has the rest.

    Raises:
        UnknownNameError: the statement, a tier, a parameter or what the case holds is not known.
        InputError: the statement is not about such games, a parameter breaks a rule, or the case is none of the game's or
            lacks something.
    """
    found = find_statement(statement) if isinstance(statement, str) else statement
    check_subject(found, game)
    problem = problem_of(game, parameters_for(game, parameters))
    if case is None:
        return check_problem(found, problem, tiers=tiers, certify=certify)
    check_given(found, problem, case)
    with nothing_missing(found, case):
        return check_problem(replace(found, cases=lambda _: iter([case])), problem, tiers=tiers, certify=certify)


def check_problem(
    statement: Statement,
    problem: AnyProblem,
    *,
    tiers: Iterable[Tier | str] | None = None,
    certify: bool = False,
) -> list[Verdict]:
    """`check` for callers that check several statements on one game: what was computed once is shared."""
    wanted = wanted_tiers(tiers)
    bounds = [bound for bound in statement.bounds if bound.tier in wanted]
    trials: dict[str, list[Trial]] = {bound.key: [] for bound in bounds}
    tried = 0
    for case in _cases(statement, problem):
        tried += 1
        found = [troubled(bound, case) for bound in bounds] if isinstance(case, Exception) else None
        for trial in found or _tried(statement, bounds, problem, case, certify=certify):
            trials[trial.bound.key].append(trial)
    return [_telling(statement, problem, trials[bound.key] or [_no_trial(bound, tried)]) for bound in bounds]


def _tried(
    statement: Statement, bounds: Sequence[Bound], problem: AnyProblem, case: Case, *, certify: bool
) -> list[Trial]:
    if not certify or not isinstance(problem, Problem):
        found = try_case(statement, bounds, problem, case)
        why = {"certified": False, "reason": "no enclosure is known for dynamic games"}
        return [replace(trial, certificate=why) for trial in found] if certify else found
    from mfbounds.certified.trial import try_case_certified  # it imports every statement

    return try_case_certified(statement, bounds, problem, case)


def _cases(statement: Statement, problem: AnyProblem) -> Iterator[Any]:
    """The cases, or the error that ends them."""
    try:
        yield from statement.cases(problem)
    except TROUBLE as error:
        yield error


def _no_trial(bound: Bound, tried: int) -> Trial:
    why = f"none of the {tried} cases is one that this inequality speaks about" if tried else "no case on this game"
    return Trial(bound=bound, case={}, status=Status.NOT_APPLICABLE, trouble=why)


def check_case(
    statement: Statement, bound: Bound, problem: AnyProblem, case: Case, *, certify: bool = False
) -> Verdict:
    """The verdict about one inequality at one case; not applicable when `bound.where` excludes the case."""
    found = _tried(statement, [bound], problem, case, certify=certify)
    return _verdict(statement, problem, (found or [_no_trial(bound, 1)])[0])


def wanted_tiers(tiers: Iterable[Tier | str] | None) -> frozenset[Tier]:
    """The tiers asked for; None means all.

    Raises:
        UnknownNameError: a name is not a tier.
    """
    names = list(Tier) if tiers is None else [tiers] if isinstance(tiers, str) else list(tiers)
    for name in names:
        if name not in list(Tier):
            raise UnknownNameError("tier", str(name), [tier.value for tier in Tier])
    return frozenset(map(Tier, names))


def _telling(statement: Statement, problem: AnyProblem, trials: Sequence[Trial]) -> Verdict:
    first = min(trials, key=Trial.rank)
    verdict = _verdict(statement, problem, first)
    if verdict.status is Status.VIOLATED:
        verdict = _replayed(statement, problem, verdict)
    return replace(verdict, counts=dict(Counter(trial.status.value for trial in trials)))


def _replayed(statement: Statement, problem: AnyProblem, verdict: Verdict) -> Verdict:
    """A violation is believed when the case, serialised and measured anew, shows it again."""
    fresh = problem.remember("fresh", lambda: problem_of(problem.game, problem.parameters))
    case = from_line(to_line(verdict.case))
    again = check_case(statement, statement.bound(verdict.bound), fresh, case, certify=verdict.certified)
    if again.status is Status.VIOLATED:
        return verdict
    reason = f"violated at first ({verdict.reason}), but measured anew: {again.status.value} ({again.reason})"
    return replace(verdict, status=Status.INCONCLUSIVE, reason=reason)


def _verdict(statement: Statement, problem: AnyProblem, trial: Trial) -> Verdict:
    bound, errors = trial.bound, error_by_cause(trial)
    status, reason = trial.status, trial.trouble
    if trial.tally is not None:
        closest = f"closest run: left {show(trial.left)}, right {show(trial.right)}"
        reason = f"{tell(trial.tally, trial.allowed)}; {closest}"
    elif trial.certificate.get("exactly"):
        reason = f"left {show(trial.left)} <= right, exactly: {trial.certificate['exactly']}"
    elif trial.measured is not None or not reason:
        status, reason = decide(
            trial.left, trial.right, trial.trivial, trial.hypotheses, undefined=trial.trouble, errors=errors
        )
    lhs, rhs, trivial = map(side, (trial.left, trial.right, trial.trivial))
    return Verdict(
        statement=statement.id,
        tier=bound.tier,
        form=bound.form,
        reading=bound.reading,
        bound=bound.key,
        status=status,
        reason="; ".join(filter(None, (reason, certificate_text(trial.certificate)))),
        lhs=lhs[0],
        rhs=rhs[0],
        trivial=trivial[0],
        lhs_error=lhs[1],
        rhs_error=rhs[1],
        lhs_log10=lhs[2],
        rhs_log10=rhs[2],
        trivial_log10=trivial[2],
        errors=errors,
        hypotheses=trial.hypotheses,
        game=problem.game,
        parameters=problem.parameters.to_dict(),
        case=trial.case,
        counts={status.value: 1},
        runs=_runs(trial),
        certificate=trial.certificate,
        defects=recorded_defects(statement, bound.key),
    )


def _runs(trial: Trial) -> dict[str, float]:
    """The numbers of a verdict about an inequality claimed with high probability; empty for a certain one."""
    if trial.tally is None:
        return {}
    tally = trial.tally
    return {
        "runs": tally.runs,
        "failures": tally.failures,
        "open": tally.open,
        "allowed": trial.allowed,
        "upper bound": upper_bound(tally.runs, tally.failures + tally.open),
        "resolvable": resolvable(tally.runs, trial.allowed),
    }


def recorded_defects(statement: Statement, key: str) -> tuple[str, ...]:
    """Names of the recorded defects that make the inequality of that key false."""
    return tuple(d.name for d in statement.defects if d.kind is DefectKind.FALSE and key in d.bounds)
