"""Inequality (12) step by step: what the closed forms of its right sides add up to, summed anew with numbers."""

from __future__ import annotations

import pytest
import sympy as sp

from mfbounds.bounds import approximation as a
from mfbounds.bounds.dynamic_symbols import D, H, K_mu, L_a, L_mu, L_sa, N, alpha, beta

AT = {D: 6, N: 50, H: 5, K_mu: 0.7, L_mu: 1.3, L_a: 0.4, L_sa: 0.9, alpha: 0.11, beta: 0.23}
L_POP = 1.4
STEPS = range(5)


def value(formula: sp.Expr, extra: dict[sp.Expr, float]) -> float:
    return float(formula.subs({**AT, **extra}))


def geometric(h: int) -> float:
    return sum(L_POP**k for k in range(h + 1))


SUMS = {a.S_1: sum(map(geometric, STEPS)), a.S_2: sum(geometric(k) for h in STEPS for k in range(h))}


def test_the_printed_right_side() -> None:
    def off(h: int) -> float:
        return geometric(h) * (6 / 50**0.5 + 5 * 0.7 / 50 + 0.11)

    rewards = sum(1.3 * off(h) + 0.4 * 0.7 / 2 * sum(off(k) for k in range(h)) for h in STEPS)
    expected = rewards + 0.23 * 5 + 3 * 5 * 1.3 / 50 + 25 * (0.11 + 3 * 0.7 / 50)
    assert value(a.PRINTED, SUMS) == pytest.approx(expected, rel=1e-12)


def test_the_repaired_right_side() -> None:
    def off(h: int) -> float:
        return geometric(h) * (6 / 50**0.5 + (2 + 3 * 0.7) / 50 + 0.11)

    def state(h: int) -> float:
        return h * (0.11 + 3 * 0.7 / 50) + 0.7 * sum(off(k) for k in range(h))

    expected = sum(1.3 * (off(h) + 3 / 50) + 0.9 / 2 * state(h) + 0.23 for h in STEPS)
    assert value(a.REPAIRED, SUMS) == pytest.approx(expected, rel=1e-12)


def test_the_sharpened_right_sides() -> None:
    drift = {a.sum_e: 0.31, a.sum_d: 0.47, a.r_aff: 0.0}
    assert value(a.SHARPENED, drift) == pytest.approx(0.9 / 2 * 0.47 + 1.3 * 0.31 + 5 * 0.23, rel=1e-12)
    mean = sum(50 / 49 * 0.11**2 * h * (h - 1) / 2 + h * 0.11 / 49 for h in STEPS)
    assert value(a.AFFINE, drift) == pytest.approx(0.9 / 2 * 0.47 + 1.3 * mean + 5 * 0.23, rel=1e-12)
