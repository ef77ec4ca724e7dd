r"""Theorem 2: TD learning on N-player trajectories finds the mean-field values, up to a bias and 1/M.

Repaired, in two parts. Bias: with Q^inf the limit of TD on the player, ||Q^inf_h - Q_h||_{p_h} <= T_h in the norm of what
the player visits (Jensen in L2(p_h), step by step). Variance: with eta_m = u/(m+u), u = c/delta,
E(Qhat - Q^inf)^2 <= A_h u/(M+u) at every visited pair: E[x'^2 | visit] <= (1-eta) x^2 + eta b^2 + eta^2 W^2/4, the visit's
probability multiplies all terms, and induction over h and m closes. In the norm of the flow mu_h the pairs that the
player never visits add (d_h/2) Qmax_h^2. Sharpened: c = H+1; sup norm where laws ignore the others; without beta where
the player is drawn anew for each trajectory and all players have the same law.
"""

from __future__ import annotations

import math
from typing import Any

import numpy as np
import sympy as sp

from mfbounds.bounds.dynamic_hypotheses import independent, one_law, rewards_unit
from mfbounds.bounds.dynamic_structure import affine_rewards
from mfbounds.bounds.dynamic_symbols import H, M, N, R, alpha, beta, h, n_A, tau
from mfbounds.bounds.statement import Bound, Defect, DefectKind, Statement, Tier, Witness
from mfbounds.bounds.symbols import measured
from mfbounds.bounds.td_errors import limit_known, moments_known
from mfbounds.bounds.td_measures import (
    LARGE,
    cases,
    is_bias,
    is_last,
    is_limit,
    is_pooled,
    is_sampled,
    is_slow,
    measure,
    recursions,
)
from mfbounds.bounds.td_printed import last_step
from mfbounds.games.dynamic.holdout import lone_holdout

bias, bias_sup, bias_pooled, bias_mu = map(measured, ("bias", "bias_sup", "bias_pooled", "bias_mu"))
variance, total_p, total_mu, u = map(measured, ("variance", "total_p", "total_mu", "u"))
A_h, T_h, T_ind, T_aff, T_pool = map(measured, ("A_h", "T_h", "T_ind", "T_aff", "T_pool"))
d_h, last = map(measured, ("d_h", "last"))
C = measured("C")
STEP = R + tau * sp.log(n_A)
TOP = (H - h) * STEP  # Qmax_h


def holdout_witness(constant: float = LARGE) -> Witness:
    """For any constant in place of O(.) a crowd that needs a larger one: error alpha/2 + alpha^2/4, alpha = N^(-1/2)."""
    n_players = math.ceil((8.0 * constant) ** 2)
    game = lone_holdout(n_players=n_players, alpha=1.0 / math.sqrt(n_players))
    case = {"policy": np.ones((2, 2, 1)), "C": float(constant)}
    return Witness(game=game, case=case, bound="printed / limit, norm of the flow / TV = l1", parameters={"tau": 0.1})


def _bound(tier: Tier, form: str, left: sp.Expr, right: sp.Expr, where: Any, **more: Any) -> Bound:
    known = moments_known if where in (is_sampled, is_slow, is_last) else limit_known
    more["hypotheses"] = (known, *more.get("hypotheses", ()))
    more.setdefault("trivial", TOP if where in (is_bias, is_pooled) else TOP**2)
    more.setdefault("extra", recursions)
    return Bound(
        tier=tier,
        form=form,
        left=left,
        right=right,
        where=where,
        uses=("alpha", "beta", "K_mu", "L_mu", "K_sa"),
        **more,
    )


NOISE = A_h * u / (M + u)

STATEMENT = Statement(
    id="P2.T.2",
    title="TD learning on N-player trajectories",
    source="Section 2.5, Theorem 2; Appendix C.1",
    claim="The expected squared error of the tables, against the mean-field values, is O(1/M + 1/N + alpha^2 + beta^2).",
    quantities={
        "C": (r"C", "a number in place of the constant of O(.), which the paper does not give"),
        "c": (r"c", "numerator of the steps, eta_m = u/(m+u) with u = c/delta"),
        "u": (r"u", "c/delta, delta the smallest positive probability of a visit"),
        "bias_mu": (r"\sum_h\|Q^\infty_h-Q_h\|_{\mu_h}^2", "squared error of the TD limit under the flow, all steps"),
        "bias": (r"\|Q^\infty_h-Q_h\|_{p_h}", "error of the TD limit under the player's own visits, reward units"),
        "bias_sup": (r"\max_{p_h>0}|Q^\infty_h-Q_h|", "largest error of the TD limit at a visited pair, reward units"),
        "bias_pooled": (
            r"\|Q^{\mathrm{pool}}_h-Q_h\|_{p_h}",
            "the same for TD on a player drawn anew, uniformly, for each trajectory",
        ),
        "variance": (
            r"\max_{p_h>0}\mathbb E(\hat Q_h^M-Q^\infty_h)^2",
            "mean squared distance to the TD limit at the worst visited pair",
        ),
        "total_p": (r"\mathbb E\|\hat Q_h^M-Q_h\|_{p_h}^2", "mean squared error under the player's own visits"),
        "total_mu": (r"\mathbb E\|\hat Q_h^M-Q_h\|_{\mu_h}^2", "mean squared error under the flow"),
        "A_h": (r"A_h", r"max(Qmax_h^2, (c/(c-1))(A_{h+1} + (R + Qmax_{h+1})^2/4)), A_H = 0"),
        "T_h": (r"T_h", "sum over k >= h of beta + L_mu e_k + span(V_{k+1})/2 (alpha + K_mu e_k)"),
        "T_ind": (r"T_h^{\mathrm{ind}}", "the same with e_k = sqrt((D-1)/(N-1)) + k alpha and K_mu = 0"),
        "T_aff": (
            r"T_h^{\mathrm{aff}}",
            "T_h^ind with N/(N-1) alpha^2 k(k-1)/2 + k alpha/(N-1), the drift of expected counts, for e_k",
        ),
        "T_pool": (r"T_h^{\mathrm{pool}}", "T_h without beta"),
        "d_h": (r"d_h", "bound on the l1 distance of a player's state law from the flow's"),
        "last": (r"\mathrm{(18)}", "right side of (18), its sums evaluated"),
    },
    cases=cases,
    measure=measure,
    bounds=(
        _bound(
            Tier.PRINTED,
            "limit, norm of the flow",
            bias_mu,
            C * (1 / N + alpha**2 + beta**2),
            is_limit,
            hypotheses=(rewards_unit,),
            trivial=H**3 * STEP**2,
            extra=None,
        ),
        _bound(
            Tier.PRINTED,
            "last step, (18)",
            total_p,
            last,
            is_last,
            hypotheses=(rewards_unit,),
            extra=last_step,
        ),
        _bound(Tier.REPAIRED, "bias", bias, T_h, is_bias),
        _bound(Tier.REPAIRED, "variance", variance, NOISE, is_sampled),
        _bound(Tier.REPAIRED, "own visits", total_p, (sp.sqrt(NOISE) + T_h) ** 2, is_sampled),
        _bound(
            Tier.REPAIRED,
            "norm of the flow",
            total_mu,
            (sp.sqrt(NOISE) + T_h) ** 2 + d_h / 2 * TOP**2,
            is_sampled,
        ),
        _bound(Tier.SHARPENED, "independent dynamics", bias_sup, T_ind, is_bias, hypotheses=(independent,)),
        _bound(
            Tier.SHARPENED,
            "independent dynamics, affine rewards",
            bias_sup,
            T_aff,
            is_bias,
            hypotheses=(independent, affine_rewards),
        ),
        _bound(
            Tier.SHARPENED,
            "one law for all, a random player",
            bias_pooled,
            T_pool,
            is_pooled,
            hypotheses=(one_law, moments_known),
        ),
        _bound(Tier.SHARPENED, "variance, c = H+1", variance, NOISE, is_slow),
        _bound(Tier.SHARPENED, "own visits, c = H+1", total_p, (sp.sqrt(NOISE) + T_h) ** 2, is_slow),
    ),
    defects=(
        Defect(
            name="T.2(a)",
            text="The proof measures errors under p_h, what agent 1 visits; the distance A_h of p_h from mu_h is introduced and "
            "never used. In the norm of mu_h the claim is false for any constant: a player that never leaves state 0 learns "
            "nothing about state 1, and the error is alpha/2 + alpha^2/4, not O(alpha^2).",
            kind=DefectKind.FALSE,
            bounds=("printed / limit, norm of the flow / TV = l1",),
            witness=holdout_witness,
        ),
        Defect(
            name="T.2(b)",
            text="delta is printed as an infimum over P[s_h = s, a_h = s]: the action is compared with a state.",
            kind=DefectKind.UNDEFINED,
        ),
        Defect(
            name="T.2(c)",
            text="(18) starts from Pi_0 instead of Pi_0 ||Q||^2; (20) keeps an index m that was summed over.",
            kind=DefectKind.PROOF,
        ),
        Defect(
            name="T.2(d)",
            text="The constants C_1, ..., C_7 are never given; the recursion (20) multiplies the bias by 1/delta at each step, so "
            "that it seems exponential in H. It is not: the visit's probability multiplies all terms of an update, and T_h is "
            "a sum over steps.",
            kind=DefectKind.LOOSE,
        ),
    ),
    rests_on=("P2.T.1", "P2.L.10"),
    aliases=("P2.T2",),
)
