"""After how many steps a discounted sum may be cut off."""

from __future__ import annotations

import math
from fractions import Fraction

from flint import arb, ctx

BY_FRACTIONS = 2000  # so many steps are compared in fractions; beyond, no power of gamma equals a share


def steps_until(gamma: float, share: Fraction) -> int:
    """The smallest n >= 0 with gamma^n <= share, the numbers taken as they are.

    Args:
        gamma: in [0, 1).
        share: in (0, 1].

    Example:
        The float64 number 0.1 is above 1/10:

        >>> steps_until(0.5, Fraction(1, 8)), steps_until(0.1, Fraction(1, 1000))
        (3, 4)
    """
    if gamma == 0.0:
        return 0 if share == 1 else 1
    # A share may be below what float64 holds, its numerator and denominator are not.
    log_share = math.log(share.numerator) - math.log(share.denominator)
    n = max(0, math.ceil(log_share / math.log(gamma)))
    while not _reaches(gamma, n, share):
        n += 1
    while n > 0 and _reaches(gamma, n - 1, share):
        n -= 1
    return n


def _reaches(gamma: float, n: int, share: Fraction) -> bool:
    if n <= BY_FRACTIONS:
        return Fraction(gamma) ** n <= share
    bits = 128
    while True:
        with ctx.workprec(bits):
            above = n * arb(gamma).log() + arb(share.denominator).log() - arb(share.numerator).log()
            if not above.contains(0):
                return bool(above < 0)
        bits *= 2
