"""The five possible findings about an inequality, and how one is decided.

Only balls are compared. A comparison of balls is true, false or open, so no finding rests on a bare float.
"""

from __future__ import annotations

import math
from collections.abc import Mapping, Sequence
from enum import StrEnum

from flint import arb

from mfbounds.bounds.statement import HypothesisResult
from mfbounds.errors import InputError
from mfbounds.numbers import Cause, log10


class Status(StrEnum):
    """The five possible findings."""

    HOLDS = "holds"
    VACUOUS = "vacuous"
    VIOLATED = "violated"
    INCONCLUSIVE = "inconclusive"
    NOT_APPLICABLE = "not applicable"

    @property
    def explanation(self) -> str:
        """What the finding means, in one line."""
        return _MEANING[self][0]

    @property
    def next_step(self) -> str:
        """What to try next, in one line."""
        return _MEANING[self][1]


_MEANING = {
    Status.HOLDS: (
        "The inequality is true beyond all errors, and says more than the trivial bound.",
        "Look at the slack: a large one leaves room for a sharper statement.",
    ),
    Status.VACUOUS: (
        "The inequality is true, but its right side is no better than what is known without it.",
        "Take more iterations, a smaller discount or a larger temperature; see the distance to non-vacuity.",
    ),
    Status.VIOLATED: (
        "The left side exceeds the right side beyond all errors, and did so again when measured anew.",
        "Replay the saved witness; if the tier is printed, see the recorded defects of the statement.",
    ),
    Status.INCONCLUSIVE: (
        "The errors of the measurement are too large to compare the two sides.",
        "Reduce the error named in the reason: it says how small it must become.",
    ),
    Status.NOT_APPLICABLE: (
        "A hypothesis fails or is not established here, or the bound is not defined: nothing is claimed.",
        "See the failing number; change the game or the parameters so that the hypothesis holds.",
    ),
}

REMEDY = {
    Cause.ROUNDING: "a better conditioned game or higher precision",
    Cause.FIXED_POINT: "a fixed point converged further",
    Cause.MONTE_CARLO: "more samples",
}


def decide(
    left: arb,
    right: arb,
    trivial: arb,
    hypotheses: Sequence[HypothesisResult] = (),
    *,
    undefined: str = "",
    errors: Mapping[str, float] | None = None,
) -> tuple[Status, str]:
    """The finding about ``left <= right`` and the reason in words.

    Args:
        left, right, trivial: the two sides and the trivial bound, as balls that contain the true values.
        hypotheses: all must hold, otherwise nothing is claimed.
        undefined: which part of the right side has no value on this game, when one has not.
        errors: contribution of each cause to the error of right - left, for the reason.

    Raises:
        InputError: the trivial bound is NaN although the two sides are defined.

    Example:
        >>> decide(arb(0.5), arb(1), arb(2))[0].value
        'holds'
        >>> decide(arb(0.5, 0.6), arb(1), arb(2))[1]
        'left 0.5 +- 0.6 and right 1 overlap: a total error below 0.5 decides'
    """
    status = compare(left, right, trivial, hypotheses, undefined=undefined)
    return status, _reason(status, left, right, trivial, hypotheses, undefined, errors or {})


def compare(
    left: arb, right: arb, trivial: arb, hypotheses: Sequence[HypothesisResult] = (), *, undefined: str = ""
) -> Status:
    """The finding alone, as `decide` gives it: cheap enough for every case of a sweep."""
    if undefined or any(not result.holds for result in hypotheses):
        return Status.NOT_APPLICABLE
    if left > right:
        return Status.VIOLATED
    if not left <= right:
        return Status.INCONCLUSIVE
    if trivial.is_nan():
        raise InputError("trivial == nan, must be a number: every inequality says what is known without it")
    # Open comparisons count as vacuous: that the bound says more than the trivial one must be certain.
    return Status.HOLDS if right < trivial else Status.VACUOUS


def _reason(
    status: Status,
    left: arb,
    right: arb,
    trivial: arb,
    hypotheses: Sequence[HypothesisResult],
    undefined: str,
    errors: Mapping[str, float],
) -> str:
    if status is Status.NOT_APPLICABLE:
        broken = [f"{result.name}: {result.reason}" for result in hypotheses if not result.holds]
        return "; ".join(broken) or f"not defined here: {undefined}"
    if status is Status.INCONCLUSIVE:
        return _open_reason(left, right, errors)
    sides = f"left {show(left)} {'>' if status is Status.VIOLATED else '<='} right {show(right)}"
    if status is Status.VACUOUS:
        return f"{sides}, which is not below the trivial bound {show(trivial)}"
    return f"{sides} < trivial {show(trivial)}" if status is Status.HOLDS else sides


def _open_reason(left: arb, right: arb, errors: Mapping[str, float]) -> str:
    undefined = [name for name, ball in (("left", left), ("right", right)) if not ball.is_finite()]
    if undefined:
        return f"{' and '.join(undefined)} side not a finite number: left {show(left)}, right {show(right)}"
    overlap = f"left {show(left)} and right {show(right)} overlap"
    gap, error = abs(right.mid() - left.mid()), left.rad() + right.rad()
    if not gap > error / 1000:
        return f"{overlap}: they agree far within the error, as where a bound is attained; only exact values decide"
    largest = max(errors, key=lambda cause: errors[cause], default=None)
    if largest is None or errors[largest] == 0.0:
        return f"{overlap}: a total error below {show(gap)} decides"
    cause = f"the largest error, {errors[largest]:.1e}, is {largest}: take {REMEDY[Cause(largest)]}"
    return f"{overlap}: a total error below {show(gap)} decides; {cause}"


def show(ball: arb) -> str:
    """A ball as text: ``0.123457 +- 1e-12``; a power of ten where float64 overflows.

    Example:
        >>> show(arb(1) / 3), show(arb(0.5, 0.01)), show(arb(10) ** 400)
        ('0.333333', '0.5 +- 0.01', '10^400.0')
    """
    if ball.is_nan():
        return "undefined"
    middle, radius = float(ball.mid()), float(ball.rad())
    if math.isinf(middle) and ball.is_finite():
        return f"{'-' if middle < 0 else ''}10^{log10(abs(ball)):.1f}"
    if math.isinf(radius):
        return "undetermined"
    return f"{middle:.6g} +- {radius:.1g}" if radius > abs(middle) * 1e-15 else f"{middle:.6g}"
