"""Verdicts that are proofs: both sides of an inequality as balls of growing precision (python-flint).

A game is read exactly: its float64 numbers are binary rationals, and every row of a kernel, a policy or a population is
divided by its exact sum. Whatever is computed from it is a ball that contains the true value. A comparison of balls is
true, false or open; an open one is tried again with twice the precision, up to a cap. The right sides are the formulas
of the ledger, evaluated on balls; the left sides are measured anew, the iterates of the algorithms included.
"""

from __future__ import annotations

from collections.abc import Mapping
from typing import Any

from mfbounds.bounds.cases import check_case_data
from mfbounds.bounds.ledger import find_statement
from mfbounds.bounds.problem import Parameters, Problem
from mfbounds.bounds.problems import check_subject
from mfbounds.bounds.statement import Bound, Case, Statement
from mfbounds.certified.exact import RationalGame
from mfbounds.certified.problem import exact
from mfbounds.certified.trial import LADDER, twin_of
from mfbounds.games.game import MeanFieldGame
from mfbounds.verification.check import check_case
from mfbounds.verification.verdict import Verdict

MAX_PRECISION = LADDER[-1]  # bits

__all__ = ["MAX_PRECISION", "RationalGame", "certify_trial"]


def certify_trial(
    statement: str | Statement,
    bound: str | Bound,
    game: MeanFieldGame,
    case: Case,
    *,
    parameters: Parameters | Mapping[str, Any] | None = None,
) -> Verdict:
    """The certified verdict about one inequality at one case.

    Args:
        statement: id, alias, or the statement itself.
        bound: the inequality, or its key (`Bound.key`).
        game: its numbers must be data: an `AffineGame`, a `RationalGame`, or arrays for both kernel and reward.
        case: arrays and numbers as `Statement.cases` yields them, read exactly.
        parameters: of the check (M, K, C_prime, ...); the defaults where it is None.

    Returns:
        A verdict whose `certificate` says "certified" and the precision in bits; inconclusive, with the widths of both
        sides, where they still overlap at the highest precision.

    Raises:
        NotCertifiableError: no enclosure is known for the statement (it is probabilistic), or the game is given by code.
        InputError: the case is none of the game's (a population or a policy is no distribution, a number out of range).

    Example:
        The left side of C.1 at L = 1 is positive, its printed right side 0:

        >>> from mfbounds.bounds.ledger import find_statement
        >>> witness = find_statement("C.1").defects[0].witness()
        >>> verdict = certify_trial("C.1", witness.bound, witness.game, witness.case)
        >>> verdict.status.value, verdict.certified, verdict.certificate["precision"]
        ('violated', True, 53)
    """
    found = find_statement(statement) if isinstance(statement, str) else statement
    check_subject(found, game)
    claimed = found.bound(bound) if isinstance(bound, str) else bound
    twin_of(found, claimed)
    values = parameters if isinstance(parameters, Parameters) else Parameters(**(parameters or {}))
    check_case_data(game, case)
    problem = Problem(game, values)
    exact(problem)
    return check_case(found, claimed, problem, case, certify=True)
