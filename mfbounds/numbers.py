"""Numbers that say how they are known: `Constant` (a property of a game) and `Measured` (a computed quantity).

Inequalities are decided on balls (midpoint and radius, python-flint), never on bare floats: a comparison of balls is
true, false or open, and neither underflows nor overflows.
"""

from __future__ import annotations

import math
from dataclasses import dataclass
from enum import StrEnum

from flint import arb, ctx

PRECISION = 128  # bits of the working precision for balls


class Provenance(StrEnum):
    """How a number is known."""

    CERTIFIED = "certified"  # exact or an upper bound, with the argument
    DECLARED = "declared"  # the user's word
    ESTIMATED = "estimated"  # found by search: errs below the true supremum


@dataclass(frozen=True, kw_only=True)
class Constant:
    """A constant of a game: its value, how it is known, and the argument in one line.

    An `exact` certified constant equals the supremum that defines it (up to rounding); otherwise a certified or
    declared value errs above and an estimated one below.
    """

    value: float
    provenance: Provenance
    argument: str
    exact: bool = False

    @property
    def certified(self) -> bool:
        return self.provenance is Provenance.CERTIFIED


class Cause(StrEnum):
    """Where the error of a measured quantity comes from."""

    ROUNDING = "rounding"
    FIXED_POINT = "unconverged fixed point"
    MONTE_CARLO = "Monte Carlo"


@dataclass(frozen=True)
class Measured:
    """A computed quantity: the true value lies in [value - error, value + error]."""

    value: float
    error: float = 0.0
    cause: Cause = Cause.ROUNDING

    @property
    def ball(self) -> arb:
        if not math.isfinite(self.value) or not math.isfinite(self.error):
            return arb.pos_inf() if self.value == math.inf and self.error == 0.0 else arb(0.0, math.inf)
        return arb(self.value, self.error)


def log10(ball: arb) -> float:
    """The decimal logarithm of a ball's midpoint: -inf at 0, NaN below 0, defined where float64 overflows."""
    mid = ball.mid()
    if mid == 0:
        return -math.inf
    if mid < 0 or mid.is_nan():
        return math.nan
    if not mid.is_finite():
        return math.inf
    with ctx.workprec(PRECISION):
        return float((mid.log() / arb(10).log()).mid())
