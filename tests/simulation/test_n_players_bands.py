"""Bands cover what they say: by exact probabilities where they are known, else against stated error rates."""

from __future__ import annotations

import math

import numpy as np
import pytest
from scipy.stats import binom

from mfbounds.simulation.n_players_bands import Band, bernstein_band, fit_slope, median_band, student_band

from .statistics import ERROR_RATE, show_seed

SEED = 20_240_801


@pytest.mark.parametrize("n", [5, 6, 7, 20, 199, 200])
@pytest.mark.parametrize("level", [0.9, 0.95, 0.999])
def test_the_median_band_is_the_narrowest_of_order_statistics_that_covers(n: int, level: float) -> None:
    """[x_(k), x_(n+1-k)] misses the median of a continuous law when Bin(n, 1/2) < k or > n-k."""
    band = median_band(np.arange(1.0, n + 1.0), level, (-np.inf, np.inf))
    misses = (1.0 - level) / 2.0
    if not math.isfinite(band.low):
        assert binom.cdf(0, n, 0.5) > misses  # even [x_(1), x_(n)] misses too often
        return
    k = int(band.low)
    assert band.high == n + 1 - k
    assert binom.cdf(k - 1, n, 0.5) <= misses < binom.cdf(k, n, 0.5)


def test_the_bernstein_band_covers_where_students_does_not() -> None:
    """A rare large value: Student's t misses it in most samples, the range-based band in none."""
    show_seed(SEED)
    p, rng = 1e-3, np.random.default_rng(SEED)
    samples = (rng.random((2_000, 200)) < p).astype(float)
    student = [student_band(row, 0.95) for row in samples]
    valid = [bernstein_band(row, 1.0, 0.95) for row in samples]
    assert np.mean([not band.low <= p <= band.high for band in student]) > 0.5
    assert np.mean([not band.low <= p <= band.high for band in valid]) <= 0.05


def test_slopes_of_exact_powers_and_of_noisy_ones() -> None:
    show_seed(SEED + 1)
    N = [10**k for k in range(1, 8)]
    exact = fit_slope(N, [3.0 / math.sqrt(n) for n in N], [0.01 / math.sqrt(n) for n in N], 0.95)
    assert exact.value == pytest.approx(-0.5, abs=1e-12)
    assert (exact.points, exact.first, exact.straight) == (7, 10, True)
    rng, z = np.random.default_rng(SEED + 1), []
    for _ in range(2_000):
        noisy = [(1.0 + 0.02 * rng.normal()) / n for n in N]
        slope = fit_slope(N, noisy, [0.02 / n for n in N], 0.95)
        z.append(slope.low <= -1.0 <= slope.high)
    # 95% but for the points that are left out when a true line is rejected (1%) and for the logarithm's curvature.
    assert sum(z) >= binom.ppf(ERROR_RATE, len(z), 0.93)


def test_a_bend_at_small_N_is_left_out_and_a_lasting_one_is_said() -> None:
    N = [10**k for k in range(1, 8)]
    early = fit_slope(N, [1.0 / n + 100.0 / n**2 for n in N], [1e-3 / n for n in N], 0.95)
    assert early.straight
    assert early.first >= 10**4
    assert early.value == pytest.approx(-1.0, abs=1e-2)
    lasting = fit_slope(N, [math.exp(-(math.log(n) ** 2) / 10.0) for n in N], [1e-6] * 3 + [1e-12] * 4, 0.95)
    assert not lasting.straight
    assert lasting.points == 3
    none = fit_slope([10], [1.0], [0.1], 0.95)
    assert not none.resolved
    assert math.isnan(none.value)


def test_bands_move_and_widen() -> None:
    band = Band(1.0, 0.5, 2.0)
    assert band.shifted(1.0) == Band(2.0, 1.5, 3.0)
    assert band.widened(0.5) == Band(1.0, 0.0, 2.5)
    assert band.excludes_zero
    assert not band.widened(0.5).excludes_zero
