"""How far the return of one player is off its value against the flow (P2, Appendix B.3): B, in tiers.

Inequality (12) says |J^i(pi', pi,..,pi) - V(Lambda(pi), pi')| <= B; Theorem 1 is twice that above delta. Sharpened:
B = sum_h [(L_sa/2) d_h + L_mu e_h + beta] with the drifts e_h, d_h of `dynamic_recursions`.
"""

from __future__ import annotations

from collections.abc import Callable
from functools import partial

import sympy as sp
from flint import arb

from mfbounds.bounds.dynamic_hypotheses import independent
from mfbounds.bounds.dynamic_problem import DynamicProblem
from mfbounds.bounds.dynamic_recursions import as_measured, drift
from mfbounds.bounds.dynamic_structure import affine_rewards, distance_from_affine, unit_range
from mfbounds.bounds.dynamic_sums import SUM_G, SUM_SUM_G, over_horizon
from mfbounds.bounds.dynamic_symbols import D, H, K_mu, L_a, L_mu, L_sa, N, R, alpha, beta
from mfbounds.bounds.statement import L1, Bound, Case, Hypothesis, Quantities, Tier
from mfbounds.bounds.symbols import measured
from mfbounds.numbers import Measured

S_1, S_2, sum_e, sum_d, r_aff = map(measured, ("S_1", "S_2", "sum_e", "sum_d", "r_aff"))

PRINTED_STEP = D / sp.sqrt(N) + 5 * K_mu / N + alpha
REPAIRED_STEP = D / sp.sqrt(N) + (2 + 3 * K_mu) / N + alpha
MEAN_DRIFT = N / (N - 1) * alpha**2 * H * (H - 1) * (H - 2) / 6 + alpha * H * (H - 1) / (2 * (N - 1))
PRINTED = (
    PRINTED_STEP * (L_mu * S_1 + L_a * K_mu / 2 * S_2) + beta * H + 3 * H * L_mu / N + H**2 * (alpha + 3 * K_mu / N)
)
REPAIRED = (
    L_mu * (REPAIRED_STEP * S_1 + 3 * H / N)
    + L_sa / 2 * (H * (H - 1) / 2 * (alpha + 3 * K_mu / N) + K_mu * REPAIRED_STEP * S_2)
    + beta * H
)
SHARPENED = L_sa / 2 * sum_d + L_mu * sum_e + beta * H
AFFINE = L_sa / 2 * sum_d + L_mu * MEAN_DRIFT + (beta + r_aff) * H

QUANTITIES = {
    "S_1": SUM_G,
    "S_2": SUM_SUM_G,
    "sum_e": (r"\sum_{h<H} e_h", "drift of the others from the flow, added over the steps"),
    "sum_d": (r"\sum_{h<H} d_h", "drift of the deviator's state law, added over the steps"),
    "r_aff": (r"r_{\mathrm{aff}}", "what rewards are off affine functions of the counts by, which is rounding"),
}


def approximation_bounds(
    left: sp.Expr, known: Hypothesis, *, printed_form: str = "", right: Callable[[sp.Expr], sp.Expr] = lambda B: B
) -> tuple[Bound, ...]:
    """The inequalities left <= right(B) in all tiers, where `known` says that the left side is known exactly."""
    bound = partial(Bound, left=left, trivial=H * R)
    sums, drifts = ("L_pop",), ("alpha", "K_mu", "K_sa")
    return (
        bound(
            tier=Tier.PRINTED,
            form=printed_form,
            right=right(PRINTED),
            hypotheses=(known, unit_range),
            extra=over_horizon(printed=True),
            uses=sums,
        ),
        bound(tier=Tier.REPAIRED, right=right(REPAIRED), hypotheses=(known,), extra=over_horizon(), uses=sums),
        bound(tier=Tier.SHARPENED, right=right(SHARPENED), hypotheses=(known,), extra=drift_sums, uses=drifts),
        bound(
            tier=Tier.SHARPENED,
            form="independent dynamics",
            right=right(SHARPENED),
            hypotheses=(known, independent),
            extra=partial(drift_sums, independent=True),
            uses=drifts,
        ),
        bound(
            tier=Tier.SHARPENED,
            form="independent dynamics, affine rewards",
            right=right(AFFINE),
            hypotheses=(known, independent, affine_rewards),
            extra=affine_drift_sums,
            uses=drifts,
        ),
    )


def drift_sums(problem: DynamicProblem, case: Case, *, independent: bool = False) -> Quantities:  # noqa: ARG001
    """sum_h e_h and sum_h d_h."""
    found = drift(problem.constants(Tier.SHARPENED, L1), independent=independent)
    return {"sum_e": as_measured(sum(found.e, arb(0))), "sum_d": as_measured(sum(found.d, arb(0)))}


def affine_drift_sums(problem: DynamicProblem, case: Case) -> Quantities:
    """sum_h d_h of independent dynamics, and what rewards are off affine functions by."""
    off = problem.remember("distance from affine", lambda: distance_from_affine(problem))
    return {**drift_sums(problem, case, independent=True), "r_aff": Measured(8 * problem.game.n_players * off)}
