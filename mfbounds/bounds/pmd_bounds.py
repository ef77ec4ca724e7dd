"""The formulas of Theorem 3 (P2): one epoch of Symm-PMD, the average over epochs, exploitability from both."""

from __future__ import annotations

from collections.abc import Mapping

import sympy as sp
from flint import arb

from mfbounds.bounds.approximation import AFFINE, SHARPENED
from mfbounds.bounds.dynamic_recursions import drift
from mfbounds.bounds.dynamic_symbols import H, L_mu, R, T, n_A, tau
from mfbounds.bounds.formula import evaluate
from mfbounds.bounds.symbols import measured

D_1, eps_mean, g = map(measured, ("D_1", "eps_mean", "g"))
GAMMA = H * R + (H - 1) * tau * sp.log(n_A)


def reach(step: sp.Expr) -> sp.Expr:
    """G_t, the largest span of qhat - tau log pi_t."""
    return GAMMA + tau * sp.log(n_A * step)


def one_step(before: sp.Expr, at: sp.Expr, noise: sp.Expr) -> sp.Expr:
    """The recursion's right side, xi_t = (t+1)^(-1/2), beta_t = 1/(t+1)."""
    shrunk = (1 - tau / sp.sqrt(at + 1)) * before
    return shrunk + H * reach(at) ** 2 / (8 * (at + 1)) + H * sp.log((at + 1) / at) + noise / sp.sqrt(at + 1)


AVERAGE = sp.sqrt(2) * H / (tau * sp.sqrt(T)) * (sp.log(n_A * T) + reach(T) ** 2 / 4 + 2)
PRINTED_AVERAGE = (D_1 / tau + H**2 / tau + tau * H * sp.log(n_A) + tau * sp.log(T + 1) ** 2) / sp.sqrt(T)
BOUND_ALL = (H * sp.log(n_A) + T * (AVERAGE + (eps_mean + g) / tau)) / (T + 1)


def a_priori(width: sp.Expr) -> sp.Expr:
    """The bound on E(pibar) from T, tau and the average noise; `width` bounds the spread of rewards at one population."""
    return tau * H * sp.log(n_A) + g + (2 * L_mu + width / 2) * H * sp.sqrt(2 * H * BOUND_ALL)


def players_bound(values: Mapping[str, arb], *, affine: bool = False) -> arb:
    """2B of Theorem 1 with independent dynamics, and for rewards affine in the counts (but for rounding) where they are."""
    found = drift(values, independent=True)
    sums = {"sum_d": sum(found.d, arb(0)), "sum_e": sum(found.e, arb(0)), "r_aff": arb(0)}
    return 2 * evaluate(AFFINE if affine else SHARPENED, {**values, **sums})
