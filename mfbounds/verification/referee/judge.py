"""Judge formulas before any game is played: scaling, shifts, limits, orders, proof steps, and what rests on what."""

from __future__ import annotations

from collections import defaultdict
from collections.abc import Iterable, Iterator, Mapping
from dataclasses import replace
from functools import cache

from mfbounds.bounds.definitions import DEFINITIONS
from mfbounds.bounds.ledger import find_statement, ledger
from mfbounds.bounds.statement import Statement, Tier
from mfbounds.errors import InputError
from mfbounds.verification.referee import dependencies, homogeneity, limits, orders, shift
from mfbounds.verification.referee.algebra import Outcome, Step, decide
from mfbounds.verification.referee.findings import Check, Finding, Weight
from mfbounds.verification.referee.recorded import with_records
from mfbounds.verification.referee.report import Line, RefereeReport, cell
from mfbounds.verification.referee.steps import all_steps


def referee(statements: Iterable[str | Statement] | str | None = None) -> RefereeReport:
    """Check the formulas of statements, their constants and the steps of their proofs.

    Args:
        statements: ids, aliases or statements; by default all of paper P1, whose symbols have units and limits here.

    Returns:
        One line per statement and tier. A *mistake* is proved: terms that do not scale alike, a right side that vanishes
        where a concrete game's left side does not, a proof step refuted by numbers, an order that the formulas do not
        give. A *remark* is true and worth knowing, or open.

    Raises:
        UnknownNameError: a statement is not known.
        InputError: a statement is of another paper.

    Example:
        >>> import mfbounds as mb
        >>> [finding.recorded for finding in mb.referee("C.2").mistakes if finding.check == "limits"]
        [('C.2(a)',)]
    """
    if isinstance(statements, str):
        statements = (statements,)
    every = (item for item in ledger() if item.paper == "P1")
    chosen = tuple(every if statements is None else map(_found, statements))
    return RefereeReport(tuple(line for statement in chosen for line in _lines(statement)))


def _found(statement: str | Statement) -> Statement:
    found = find_statement(statement) if isinstance(statement, str) else statement
    if found.paper != "P1":
        raise InputError(
            f"statement == {found.id!r}, must be one of paper P1: the referee knows no units and limits of others"
        )
    return found


def _lines(statement: Statement) -> tuple[Line, ...]:
    known = any(statement is item for item in ledger())
    return _ledger_lines(statement.id) if known else _judged(statement)


@cache
def _ledger_lines(name: str) -> tuple[Line, ...]:
    return _judged(find_statement(name))


def _judged(statement: Statement) -> tuple[Line, ...]:
    tiers = [tier for tier in Tier if any(bound.tier is tier for bound in statement.bounds) or _steps(statement, tier)]
    return tuple(_line(statement, tier) for tier in tiers)


def _line(statement: Statement, tier: Tier) -> Line:
    found = with_records(_once(_findings(statement, tier)))
    groups: Mapping[Check, list[Finding]] = defaultdict(list)
    for finding in found:
        groups[finding.check].append(finding)
    bounds = [bound for bound in statement.bounds if bound.tier is tier]
    checked = {
        Check.HOMOGENEITY: bool(bounds),
        Check.LIMITS: bool(bounds),
        Check.ORDERS: bool(bounds),
        Check.ALGEBRA: bool(_steps(statement, tier)),
        Check.DEPENDENCIES: tier is Tier.PRINTED and bool(statement.rests_on),
    }
    return Line(
        statement=statement.id,
        title=statement.title,
        tier=tier,
        cells={check: cell(check, groups[check], checked[check]) for check in Check},
        exponents=next((told for bound in bounds if (told := orders.told(bound))), ""),
        findings=found,
    )


def _once(findings: Iterable[Finding]) -> Iterator[Finding]:
    """What is the same for several inequalities is said once, with the number of the others."""
    groups: dict[tuple[Check, str], list[Finding]] = defaultdict(list)
    for finding in findings:
        groups[finding.check, _without_numbers(finding)].append(finding)
    for first, *others in groups.values():
        yield replace(first, place=f"{first.place} (and {len(others)} more)") if others else first


def _without_numbers(finding: Finding) -> str:
    """What tells findings apart; the numbers of a limit's game differ between readings."""
    return finding.text.partition(", the left side is not")[0] if finding.check is Check.LIMITS else finding.text


def _findings(statement: Statement, tier: Tier) -> list[Finding]:
    """Everything found about one statement in one tier."""
    found: list[Finding] = []
    for bound in statement.bounds:
        if bound.tier is tier:
            found += homogeneity.check_bound(statement, bound) + shift.check_bound(statement, bound)
            found += limits.check_bound(statement, bound)
            found += orders.check_bound(statement, bound)
    for name, (owner, _) in limits.SIZES.items():
        if owner == statement.id and tier in DEFINITIONS[name].formulas:
            found += check_constant(name, tier)
    found += orders.check_claims(statement, tier)
    for step in _steps(statement, tier):
        found += homogeneity.check_step(step) + check_step(step)
    return found + (dependencies.check_statement(statement) if tier is Tier.PRINTED else [])


def check_constant(name: str, tier: Tier) -> list[Finding]:
    """A number of steps or samples that no right side contains: its scaling and its growth."""
    formula, owner = DEFINITIONS[name].formulas[tier], limits.SIZES[name][0]
    clashes = homogeneity.definition_clashes(name, tier)
    found = [Finding(check=Check.HOMOGENEITY, statement=owner, tier=tier, place=name, text=text) for text in clashes]
    return found + limits.check_size(name, tier, formula)


def check_step(step: Step) -> list[Finding]:
    """A mistake for a refuted proof step, a remark for one that is neither proved nor refuted."""
    decision = decide(step)
    if decision.outcome is Outcome.PROVED:
        return []
    weight = Weight.MISTAKE if decision.outcome is Outcome.REFUTED else Weight.REMARK
    text = f"{decision.outcome.value}: {decision.how} ({step.source})"
    check = Check.ALGEBRA
    return [Finding(check=check, statement=step.statement, tier=step.tier, place=step.name, text=text, weight=weight)]


def _steps(statement: Statement, tier: Tier) -> tuple[Step, ...]:
    return tuple(step for step in _all_steps() if step.statement == statement.id and step.tier is tier)


@cache
def _all_steps() -> tuple[Step, ...]:
    return all_steps()
