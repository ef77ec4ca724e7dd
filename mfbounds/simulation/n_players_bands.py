"""Confidence bands for means, medians and slopes of logarithms, each saying what it rests on."""

from __future__ import annotations

import math
from collections.abc import Sequence
from dataclasses import dataclass

import numpy as np
from scipy.stats import binom, chi2, norm, t

from mfbounds.checks import FloatArray

MISFIT = 0.01  # chance that a true line is rejected
LEAST_ERROR = 1e-12  # of a logarithm


@dataclass(frozen=True)
class Band:
    """An estimate and a confidence band [low, high] around it."""

    value: float
    low: float
    high: float

    def widened(self, by: float) -> Band:
        """The band with `by` added on both sides."""
        return Band(self.value, self.low - by, self.high + by)

    def shifted(self, by: float) -> Band:
        """The band of the estimated number plus `by`."""
        return Band(self.value + by, self.low + by, self.high + by)

    @property
    def excludes_zero(self) -> bool:
        return self.low > 0.0 or self.high < 0.0


@dataclass(frozen=True, kw_only=True)
class Slope:
    """A line fitted to logarithms: the exponent b in y ~ N^b, with an approximate confidence interval.

    Attributes:
        value, low, high: b and its interval; NaN and (-inf, inf) with fewer than two points.
        points: how many N were used; the smallest of them is `first` (0 where there is no line).
        straight: whether a line explains these points; if not, the power is not reached yet.
    """

    value: float
    low: float
    high: float
    points: int
    first: int
    straight: bool

    @property
    def resolved(self) -> bool:
        """Whether there were points enough for a line."""
        return self.points >= 2


def standard_error(samples: FloatArray) -> float:
    """Of the mean of independent samples (n,), n >= 2."""
    return float(samples.std(ddof=1)) / math.sqrt(len(samples))


def student_band(samples: FloatArray, level: float) -> Band:
    """For the mean, by Student's t: approximate, it rests on the mean being nearly normal."""
    mean, half = float(samples.mean()), float(t.isf((1.0 - level) / 2.0, len(samples) - 1)) * standard_error(samples)
    return Band(mean, mean - half, mean + half)


def bernstein_radius(
    variances: FloatArray | float, widths: FloatArray | float, samples: int, failure: float
) -> FloatArray:
    """How far above (or below) a sample mean the mean is, but for the probability `failure`: sqrt(2 V log(2/failure)/n) +
    7 width log(2/failure)/(3(n-1)), V the unbiased sample variance (Maurer and Pontil 2009, Theorem 4).

    Valid for every law on an interval of that width and every n >= 2.
    """
    log = math.log(2.0 / failure)
    radius = np.sqrt(2.0 * np.asarray(variances) * log / samples) + 7.0 * widths * log / (3.0 * (samples - 1))
    return np.asarray(radius)


def bernstein_band(samples: FloatArray, width: float, level: float) -> Band:
    """For the mean of samples (n,) from an interval of that width, by `bernstein_radius` once for each side."""
    half = float(bernstein_radius(float(samples.var(ddof=1)), width, len(samples), (1.0 - level) / 2.0))
    mean = float(samples.mean())
    return Band(mean, mean - half, mean + half)


def median_band(samples: FloatArray, level: float, range_: tuple[float, float]) -> Band:
    """For the median, by order statistics: valid for every law and every n; `range_` where n is too small for more.

    The band from the k-th smallest to the k-th largest misses when fewer than k samples lie on one side of the median.
    """
    ordered = np.sort(samples)
    n = len(ordered)
    k = int(binom.ppf((1.0 - level) / 2.0, n, 0.5))  # P(Bin <= k) reaches the half; k - 1 is the last below it
    if k == 0:
        return Band(float(np.median(ordered)), *range_)
    return Band(float(np.median(ordered)), float(ordered[k - 1]), float(ordered[n - k]))


def fit_slope(N: Sequence[int], values: Sequence[float], errors: Sequence[float], level: float) -> Slope:
    """The exponent of positive `values` with standard `errors`, by weighted least squares of the logarithms.

    Powers hold in the limit of large N: the smallest N are left out, one by one, while a line through the rest is
    rejected (chi-square at `MISFIT`) and more than three are left. If the last three bend as well, their scatter about
    the line enlarges the interval. It is approximate: the errors of logarithms are taken as errors/values, and the
    choice of points is not accounted for.
    """
    points = len(values)
    if points < 2:
        return Slope(value=math.nan, low=-math.inf, high=math.inf, points=points, first=0, straight=False)
    x, y = np.log(np.asarray(N, dtype=float)), np.log(np.asarray(values, dtype=float))
    weight = np.maximum(np.asarray(errors, dtype=float) / np.asarray(values, dtype=float), LEAST_ERROR) ** -2.0
    for first in range(max(points - 3, 0) + 1):
        slope, spread, misfit = _line(x[first:], y[first:], weight[first:])
        freedom = points - first - 2
        straight = freedom == 0 or misfit <= float(chi2.isf(MISFIT, freedom))
        if straight:
            break
    tail = (1.0 - level) / 2.0
    quantile = norm.isf(tail) if straight else t.isf(tail, freedom) * math.sqrt(misfit / freedom)
    half = float(quantile) / math.sqrt(spread)
    return Slope(
        value=slope,
        low=slope - half,
        high=slope + half,
        points=points - first,
        first=int(N[first]),
        straight=straight,
    )


def _line(x: FloatArray, y: FloatArray, weight: FloatArray) -> tuple[float, float, float]:
    """Slope of the weighted least-squares line, the weighted spread of x, and the chi-square left."""
    middle, height = np.average(x, weights=weight), np.average(y, weights=weight)
    spread = float((weight * (x - middle) ** 2).sum())
    slope = float((weight * (x - middle) * (y - height)).sum()) / spread
    misfit = float((weight * (y - height - slope * (x - middle)) ** 2).sum())
    return slope, spread, misfit
