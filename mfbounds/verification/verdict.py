"""Verdicts: what was found about one inequality on one game, and why.

`decide` looks at balls only. A comparison of balls is true, false or open, so no verdict rests on a bare float.
"""

from __future__ import annotations

import math
import platform
from collections.abc import Mapping, Sequence
from dataclasses import dataclass, field
from enum import StrEnum
from functools import lru_cache
from importlib.metadata import version
from typing import Any

from flint import arb

from mfbounds.bounds.statement import Case, HypothesisResult, Reading, Tier
from mfbounds.errors import InputError
from mfbounds.games.game import MeanFieldGame
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


@lru_cache(maxsize=1)
def package_versions() -> Mapping[str, str]:
    """Versions of what a verdict's numbers depend on."""
    return {**{name: version(name) for name in ("mfbounds", "numpy", "scipy")}, "python": platform.python_version()}


@dataclass(frozen=True, kw_only=True)
class Verdict:
    """What was found about one inequality on one game; it echoes everything needed to find it again.

    Attributes:
        statement: id, for instance ``"P1.C.5"``.
        tier, form, reading: which inequality; `bound` is its key inside the statement.
        status, reason: the finding, and why, in words with the numbers.
        lhs, rhs, trivial: midpoints of the two sides and of the trivial bound; infinite where float64 overflows.
        lhs_error, rhs_error: radii: the true values lie within midpoint +- radius.
        lhs_log10, rhs_log10, trivial_log10: decimal logarithms, defined where floats overflow.
        errors: how much each cause contributes to the error of rhs - lhs.
        hypotheses: each hypothesis of the inequality on this game.
        game: the game; a record keeps its origin and name.
        parameters: of the check.
        case: the arguments (arrays, numbers, text) at which the two sides were measured.
        counts: how many of the tried cases had which status; this verdict is about the most telling one.
        defects: names of the recorded defects that make this inequality false.
        versions: of mfbounds, numpy, scipy and python.
    """

    statement: str
    tier: Tier
    form: str
    reading: Reading
    bound: str
    status: Status
    reason: str
    lhs: float
    rhs: float
    trivial: float
    lhs_error: float
    rhs_error: float
    lhs_log10: float
    rhs_log10: float
    trivial_log10: float
    errors: Mapping[str, float]
    hypotheses: tuple[HypothesisResult, ...]
    game: MeanFieldGame = field(repr=False, compare=False)
    parameters: Mapping[str, Any]
    case: Case = field(repr=False, compare=False)
    counts: Mapping[str, int] = field(default_factory=dict)
    defects: tuple[str, ...] = ()
    versions: Mapping[str, str] = field(default_factory=package_versions)

    @property
    def slack(self) -> float:
        """rhs/lhs: 1 is tight, below 1 is violated; infinite where the left side is not positive; may overflow."""
        decades = self.slack_decades
        return math.nan if math.isnan(decades) else float(10.0**decades) if decades < 308.0 else math.inf

    @property
    def slack_decades(self) -> float:
        """log10 of the slack, defined where the slack itself overflows; NaN where a side is undefined."""
        return decades_between(self.lhs, self.lhs_log10, self.rhs, self.rhs_log10)

    @property
    def vacuity_decades(self) -> float:
        """log10(right/trivial): 0 or more is vacuous, and says by how many decades the bound must shrink."""
        return self.rhs_log10 - self.trivial_log10

    @property
    def holds(self) -> bool | None:
        """True (holds or vacuous), False (violated), None (not decided or not claimed)."""
        if self.status in (Status.HOLDS, Status.VACUOUS):
            return True
        return False if self.status is Status.VIOLATED else None

    def __str__(self) -> str:
        return f"{self.statement} [{self.bound}] on {self.game!r}: {self.status.value}: {self.reason}"


def decades_between(low: float, low_log10: float, high: float, high_log10: float) -> float:
    """log10(high/low) from midpoints and logarithms: +inf where `low` <= 0 <= `high`, NaN where undefined."""
    if math.isnan(low) or math.isnan(high) or high < 0.0:
        return math.nan
    if math.isnan(low_log10) or low_log10 == -math.inf:  # a left side below zero, or zero
        return math.inf
    return high_log10 - low_log10


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
    gap = abs(right.mid() - left.mid())
    target = f"a total error below {show(gap)} decides" if gap > 0 else "equal midpoints: only an exact value decides"
    largest = max(errors, key=lambda cause: errors[cause], default=None)
    if largest is None or errors[largest] == 0.0:
        return f"{overlap}: {target}"
    return f"{overlap}: {target}; the largest error, {errors[largest]:.1e}, is {largest}: take {REMEDY[Cause(largest)]}"


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
