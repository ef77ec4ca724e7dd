"""The test behind "with probability at least 1 - delta": its errors exactly, by dynamic programming over all outcomes."""

from __future__ import annotations

from collections.abc import Callable
from dataclasses import replace
from functools import cache

import numpy as np
import pytest
import sympy as sp
from flint import arb
from scipy.stats import binom

from mfbounds.bounds.problem import Problem
from mfbounds.bounds.statement import Quantities
from mfbounds.numbers import Measured
from mfbounds.verification.check import check
from mfbounds.verification.eprocess import (
    LEVEL,
    REJECT,
    TESTS,
    Tally,
    decided,
    evidence,
    more_runs,
    resolvable,
    tell,
    upper_bound,
)
from mfbounds.verification.status import Status
from tests.verification.fakes import bound, statement, two_doors

RUNS = 120


@cache
def e_value(runs: int, failures: int, delta: float) -> float:
    return float(evidence(runs, failures, arb(delta)).mid())


def ever(p: float, runs: int, crossed: Callable[[int, int], bool]) -> float:
    """The exact probability that ``crossed(n, failures)`` at some n <= runs, each run failing with probability p."""
    alive, total = np.array([1.0]), 0.0
    for n in range(1, runs + 1):
        alive = np.append(alive * (1.0 - p), 0.0) + np.append(0.0, alive * p)
        stop = np.array([crossed(n, k) for k in range(n + 1)])
        total += alive[stop].sum()
        alive[stop] = 0.0
    return float(total)


@pytest.mark.parametrize("delta", [0.05, 0.3])
def test_evidence_has_mean_one_at_delta_and_less_below(delta):
    for p, relation in ((delta, 1.0), (0.4 * delta, None)):
        for n in (1, 7, 40):
            mean = sum(binom.pmf(k, n, p) * e_value(n, k, delta) for k in range(n + 1))
            assert mean == pytest.approx(1.0, abs=1e-10) if relation else mean < 1.0


@pytest.mark.parametrize("delta", [0.05, 0.3])
def test_false_alarms_under_optional_stopping(delta):
    """Ville's inequality for a threshold of 20: at most 5%, whenever one stops; at REJECT, at most LEVEL/TESTS."""
    assert ever(delta, RUNS, lambda n, k: e_value(n, k, delta) >= 20.0) <= 0.05
    assert ever(delta, RUNS, lambda n, k: e_value(n, k, delta) >= REJECT) <= LEVEL / TESTS


def test_repeated_fixed_n_tests_would_not_do():
    """The naive test at 5% after every run: the exact false alarm rate is several times 5%."""
    naive = ever(0.05, RUNS, lambda n, k: binom.sf(k - 1, n, 0.05) <= 0.05)
    assert naive > 0.1


def test_power_against_a_known_failure_probability():
    """A failure probability of 1/2 where 0.05 is allowed is rejected within 120 runs but for one case in a million."""
    missed = 1.0 - ever(0.5, RUNS, lambda n, k: e_value(n, k, 0.05) >= REJECT)
    assert missed < 1e-6


@pytest.mark.parametrize("p", [0.01, 0.2])
def test_the_upper_bound_fails_with_probability_at_most_its_level(p):
    limits = {}

    def below(n: int, k: int) -> bool:
        return limits.setdefault((n, k), upper_bound(n, k)) < p

    assert ever(p, 60, below) <= LEVEL


def test_three_hundred_runs_without_failure_confirm_five_percent():
    assert decided(Tally(300, 0), 0.05) is Status.HOLDS
    assert upper_bound(300, 0) <= 0.05
    assert decided(Tally(270, 0), 0.05) is None
    assert (1.0 - 0.05) ** 270 < LEVEL  # what no test can do better than


@pytest.mark.parametrize("tally", [Tally(10, 0), Tally(100, 1), Tally(50, 3), Tally(20, 0, open=2)])
def test_more_runs_is_the_number_that_decides(tally):
    more = more_runs(tally, 0.05)
    assert more is not None
    assert decided(replace(tally, runs=tally.runs + more), 0.05) is Status.HOLDS
    assert decided(replace(tally, runs=tally.runs + more - 1), 0.05) is None
    assert f"{more} more without failure decide" in tell(tally, 0.05)


def test_resolvable_is_the_smallest_probability_seen():
    p = resolvable(300, 0.05)
    least = next(k for k in range(301) if k > 15 and e_value(300, k, 0.05) >= REJECT)
    assert binom.sf(least - 1, 300, p) == pytest.approx(0.99, abs=1e-9)
    assert resolvable(3, 0.05) == 1.0


def failing(p: float) -> Callable[..., Quantities]:
    """A measurement that exceeds 1 with probability p, independently in each run."""

    def measure(problem: Problem, case: dict[str, int]) -> Quantities:
        draw = np.random.default_rng([7, case["run"]]).random()
        return {"x": Measured(2.0 if draw < p else 0.5)}

    return measure


@pytest.mark.parametrize(
    ("p", "status"), [(0.0, Status.HOLDS), (0.001, Status.HOLDS), (0.5, Status.VIOLATED), (0.05, Status.INCONCLUSIVE)]
)
def test_fakes_with_known_failure_probability(p, status):
    claim = statement(bound(1, failure=sp.Rational(1, 20)), measure=failing(p))
    (verdict,) = check(claim, two_doors(), L=(1,), runs=400)
    assert verdict.status is status
    assert verdict.runs["runs"] <= 400
    assert verdict.runs["allowed"] == 0.05
    assert ("rejected, e-value" in verdict.reason) == (status is Status.VIOLATED)
    assert verdict.to_record()["runs"]["failures"] == verdict.runs["failures"]


def test_a_vacuous_claim_takes_one_run():
    claim = statement(bound(100, failure=sp.Rational(1, 20)), measure=failing(0.0))
    (verdict,) = check(claim, two_doors(), L=(1,))
    assert (verdict.status, verdict.runs) == (Status.VACUOUS, {})


def test_undecided_runs_count_against_confirmation_only():
    claim = statement(bound(1, failure=sp.Rational(1, 20)), measure=lambda *_: {"x": Measured(1.0, 0.1)})
    (verdict,) = check(claim, two_doors(), L=(1,), runs=50)
    assert verdict.status is Status.INCONCLUSIVE
    assert (verdict.runs["failures"], verdict.runs["open"]) == (0, 50)
