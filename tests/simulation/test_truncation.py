from __future__ import annotations

from fractions import Fraction

import numpy as np
import pytest

from mfbounds.errors import InputError
from mfbounds.simulation.truncation import steps_until
from mfbounds.solvers.sampling import default_horizon


@pytest.mark.parametrize("gamma", [0.1, 0.2, 0.25, 0.5, 0.9, 0.99, *np.random.default_rng(0).uniform(size=20).tolist()])
@pytest.mark.parametrize(
    "share", [Fraction(1), Fraction(1, 1000), Fraction(1, 1024), Fraction(0.05) / 3, Fraction(1, 10**9)]
)
def test_no_smaller_number_of_steps_would_do(gamma: float, share: Fraction) -> None:
    n = steps_until(gamma, share)
    assert Fraction(gamma) ** n <= share
    assert n == 0 or Fraction(gamma) ** (n - 1) > share


@pytest.mark.parametrize("gamma", [0.999, 1.0 - 1e-5])
def test_long_sums_are_cut_as_exactly(gamma: float) -> None:
    n = steps_until(gamma, Fraction(1, 1000))
    assert Fraction(gamma) ** n <= Fraction(1, 1000) < Fraction(gamma) ** (n - 1)


def test_next_to_one_the_number_is_that_of_the_logarithms() -> None:
    """log(1000)/-log(gamma) with gamma = 1 - 2^-40: 6.907755278982137 2^40 less a half of that logarithm."""
    assert steps_until(1.0 - 2.0**-40, Fraction(1, 1000)) == pytest.approx(6.907755278982137 * 2**40, rel=1e-12)


@pytest.mark.parametrize("gamma", [0.0, 0.1, 0.5, 0.9, 0.99])
def test_the_default_horizon_cuts_off_a_thousandth_at_most(gamma: float) -> None:
    T = default_horizon(gamma)
    assert Fraction(gamma) ** (T + 1) <= Fraction(1, 1000)
    assert T == 1 or Fraction(gamma) ** T > Fraction(1, 1000)
    with pytest.raises(InputError, match="gamma"):
        default_horizon(1.0)


def test_shares_below_the_smallest_float_are_shares() -> None:
    share = Fraction(5e-324) / 10**9
    assert float(share) == 0.0
    n = steps_until(0.5, share)
    assert Fraction(1, 2**n) <= share < Fraction(1, 2 ** (n - 1))
