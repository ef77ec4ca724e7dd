"""Findings from balls alone."""

from __future__ import annotations

from fractions import Fraction

import pytest
from flint import arb, fmpq
from hypothesis import given
from hypothesis import strategies as st

from mfbounds.errors import InputError
from mfbounds.verification.status import Status, compare, decide, show

NUMBERS = st.fractions(min_value=-5, max_value=5, max_denominator=64)
RADII = st.fractions(min_value=0, max_value=1, max_denominator=64)


def ball(value: Fraction, radius: Fraction) -> arb:
    """Exact: denominators are powers of two up to 64 only by chance, so the ball is built from integers."""
    return arb(fmpq(value.numerator, value.denominator)) + arb(0, float(radius))


@given(NUMBERS, RADII, NUMBERS, RADII, NUMBERS)
def test_finding_agrees_with_interval_arithmetic_in_fractions(left, e, right, f, trivial):
    found = compare(ball(left, e), ball(right, f), ball(trivial, Fraction(0)))
    # Radii round outward, so near equality of the end points the ball may be open where the fractions are not.
    tolerance = Fraction(1, 10**9)
    if found is Status.VIOLATED:
        assert left - e > right + f
    elif found is Status.INCONCLUSIVE:
        assert left - e <= right + f + tolerance
        assert left + e >= right - f - tolerance
    else:
        assert left + e <= right - f
        assert (found is Status.HOLDS) == (right + f < trivial) or abs(right + f - trivial) < tolerance


def test_trivial_bound_must_be_a_number():
    with pytest.raises(InputError, match="trivial == nan"):
        decide(arb(0), arb(1), arb.nan())


def test_undefined_right_side_is_not_applicable_only_when_it_is_said_what_is_undefined():
    assert decide(arb(1), arb.nan(), arb(2))[0] is Status.INCONCLUSIVE
    status, reason = decide(arb(1), arb.nan(), arb(2), undefined="tau == 0")
    assert (status, reason) == (Status.NOT_APPLICABLE, "not defined here: tau == 0")


def test_infinite_right_side_is_vacuous():
    assert decide(arb(1), arb.pos_inf(), arb(2))[0] is Status.VACUOUS


def test_every_status_explains_itself_and_says_what_to_try():
    for status in Status:
        assert len(status.explanation) > 20
        assert len(status.next_step) > 20


@pytest.mark.parametrize(
    ("number", "text"),
    [
        (arb(0), "0"),
        (arb(2.5), "2.5"),
        (arb(1, 1e-3), "1 +- 0.001"),
        (-(arb(10) ** 400), "-10^400.0"),
        (arb.nan(), "undefined"),
        (arb(0, float("inf")), "undetermined"),
    ],
)
def test_show(number, text):
    assert show(number) == text
