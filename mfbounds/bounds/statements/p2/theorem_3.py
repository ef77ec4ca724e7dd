r"""Theorem 3: Symm-PMD converges in monotone games.

Printed as far as it is defined: the bound on the average of Delta_t in Appendix D.3, with exact values. Its hypotheses no
game satisfies (Definition 10 as printed), so that it says nothing; read with monotone flows it can be looked at.

Repaired, for any reference policy pi* of regularised exploitability g (0 at the equilibrium), flows mu*, P independent of mu:
Delta_{t+1} <= (1 - tau xi_t) Delta_t + xi_t^2 H G_t^2/8 + H log(1/(1-beta_t)) + xi_t (eps_t + g), for t >= 1, by Lemma 15 with
the span G_t = Gamma + tau log(|A| t) of qhat - tau log pi_t, Lemma 14, Lemma 13 under mu* and Lemma 12. Abel summation with
Delta_t <= H log(|A| t) gives the average; Pinsker and Jensen sum_h w_h <= sqrt(2 H avg Delta); and since P ignores mu,
||mubar_h - mu*_h||_1 <= sum_{k <= h} w_k, so that E(pibar) <= tau H log|A| + g + sum_h (H-h)(2 L_mu + R/2) w_h.
"""

from __future__ import annotations

from functools import partial
from typing import Any

import sympy as sp

from mfbounds.bounds.dynamic_hypotheses import (
    independent,
    monotone_flow,
    monotone_printed,
    rewards_unit,
    small_entropy,
    small_step,
)
from mfbounds.bounds.dynamic_play import inductive
from mfbounds.bounds.dynamic_structure import affine_rewards
from mfbounds.bounds.dynamic_symbols import H, L_mu, L_sa, R, T, n_A, tau
from mfbounds.bounds.pmd_bounds import AVERAGE, PRINTED_AVERAGE, a_priori, eps_mean, g, one_step
from mfbounds.bounds.pmd_measures import cases, floors, is_exact, is_run, is_step, measure, players, run_down
from mfbounds.bounds.statement import Bound, Defect, DefectKind, Statement, Tier
from mfbounds.bounds.symbols import measured

D_t, D_next, D_mean, D_all, D_last = map(measured, ("D_t", "D_next", "D_mean", "D_all", "D_last"))
eps_t, t, w_sum, w_steps = map(measured, ("eps_t", "t", "w_sum", "w_steps"))
plain, most, two_B, downward = map(measured, ("plain", "most", "two_B", "run_down"))
TRIVIAL = H * sp.log(n_A * T)  # pi_t(a|s) >= 1/(|A| t)


READ = (monotone_flow, rewards_unit, small_entropy)
REPAIRED = (monotone_flow, small_step)


def _bound(tier: Tier, form: str, left: sp.Expr, right: sp.Expr, trivial: sp.Expr, where: Any, **more: Any) -> Bound:
    more.setdefault("hypotheses", REPAIRED)
    return Bound(tier=tier, form=form, left=left, right=right, trivial=trivial, where=where, **more)


STATEMENT = Statement(
    id="P2.T.3",
    title="Convergence of Symm-PMD",
    source="Section 2.6, Theorem 3; Appendix D.3",
    claim="In a monotone game the average of the policies is, in expectation, an O(epsilon/tau + alpha/tau + beta/tau + "
    "1/(tau sqrt N) + tau)-equilibrium after T = O(epsilon^-4) epochs of M = O(epsilon^-2) trajectories.",
    quantities={
        "t": (r"t", "an epoch"),
        "D_t": (r"\Delta_t", "sum over h of E_mu* KL(pi*_h || pi_{t,h}), nats, pi* a near-equilibrium"),
        "D_next": (r"\Delta_{t+1}", "the same one epoch later"),
        "D_1": (r"\Delta_1", "the same at the first epoch"),
        "D_mean": (r"\frac1T\sum_{t=1}^T\Delta_t", "average divergence, nats"),
        "D_all": (r"\frac1{T+1}\sum_{t=0}^T\Delta_t", "average divergence of all policies in the output, nats"),
        "D_last": (r"\Delta_T", "divergence of the last policy, nats"),
        "eps_t": (r"\epsilon_t", "sum over h of E_mu* |<qhat - q, pi* - pi_t>|, reward units"),
        "eps_mean": (
            r"\frac1T\sum_{t=1}^{T-1}\epsilon_t",
            "their average, reward units; epoch T may be imagined exact",
        ),
        "g": (r"g", "regularised exploitability of pi*, 0 at the equilibrium, reward units"),
        "w_sum": (r"\sum_h w_h", "sum over h of E_mu* ||pibar_h - pi*_h||_1, pibar the output"),
        "w_steps": (r"\sum_h(H-h)w_h", "the same, weighted by the steps left"),
        "plain": (r"\mathcal E(\bar\pi)", "exploitability of the output in the mean-field game, reward units"),
        "most": (r"\max_i\mathcal E^i(\bar\pi)", "largest exploitability in the N-player game, reward units"),
        "two_B": (
            r"2B",
            "2 sum_h (L_sa d_h/2 + L_mu e_h + beta), Theorem 1 for independent dynamics; e_h by expected counts where "
            "rewards are affine in them",
        ),
        "run_down": (r"D_T", "the recursion from Delta_1 = H log|A| with eps_t = 0"),
    },
    cases=cases,
    measure=measure,
    facts=floors,
    bounds=(
        _bound(
            Tier.PRINTED,
            "average, exact values",
            D_mean,
            PRINTED_AVERAGE + g / tau,
            TRIVIAL,
            is_exact,
            hypotheses=(monotone_printed, independent, rewards_unit, small_entropy),
        ),
        _bound(
            Tier.PRINTED,
            "average, exact values, monotone flows",
            D_mean,
            PRINTED_AVERAGE + g / tau,
            TRIVIAL,
            is_exact,
            hypotheses=READ,
        ),
        _bound(Tier.REPAIRED, "one epoch", D_next, one_step(D_t, t, eps_t + g), H * sp.log(n_A * (t + 1)), is_step),
        _bound(Tier.REPAIRED, "average", D_mean, AVERAGE + (eps_mean + g) / tau, TRIVIAL, is_run),
        _bound(Tier.REPAIRED, "policies", w_sum, sp.sqrt(2 * H * D_all), 2 * H, is_run),
        _bound(
            Tier.REPAIRED,
            "exploitability, from w_h",
            plain,
            tau * H * sp.log(n_A) + g + (2 * L_mu + R / 2) * w_steps,
            H * R,
            is_run,
        ),
        _bound(
            Tier.REPAIRED,
            "exploitability, a priori",
            plain,
            a_priori(R),
            H * R,
            is_run,
        ),
        _bound(
            Tier.REPAIRED,
            "N players",
            most,
            tau * H * sp.log(n_A) + g + (2 * L_mu + R / 2) * w_steps + two_B,
            H * R,
            is_exact,
            hypotheses=(*REPAIRED, inductive),
            extra=players,
            uses=("alpha", "beta"),
        ),
        _bound(
            Tier.SHARPENED,
            "last policy",
            D_last,
            downward,
            H * sp.log(n_A * T),
            is_exact,
            extra=run_down,
            uses=("R",),
        ),
        _bound(
            Tier.SHARPENED,
            "exploitability, from w_h",
            plain,
            tau * H * sp.log(n_A) + g + (2 * L_mu + L_sa / 2) * w_steps,
            H * R,
            is_run,
        ),
        _bound(
            Tier.SHARPENED,
            "N players, affine rewards",
            most,
            tau * H * sp.log(n_A) + g + (2 * L_mu + L_sa / 2) * w_steps + two_B,
            H * R,
            is_exact,
            hypotheses=(*REPAIRED, affine_rewards, inductive),
            extra=partial(players, affine=True),
            uses=("alpha", "beta"),
        ),
    ),
    defects=(
        Defect(
            name="T.3(a)",
            text="Its hypothesis, Definition 10, is satisfied by no game as printed. None of the paper's benchmarks has the "
            "others: A-RPS and A-SIS have rewards outside [0, 1]; A-RPS is not monotone for pairs of distributions of equal "
            "action marginals (only flows are, with crowding c >= 2.53, and the paper does not give c); in A-SIS and A-Taxi P "
            "depends on mu.",
            kind=DefectKind.UNDEFINED,
        ),
        Defect(
            name="T.3(b)",
            text="The sum over epochs treats xi_t as constant (Abel summation is missing); H^2/tau should be H^3/tau, logarithms "
            "are lost, and an average is set equal to its bound.",
            kind=DefectKind.PROOF,
        ),
        Defect(
            name="T.3(c)",
            text="C_dist bounds mu*/mu_t but the step needs 1/pi_t(a|s) as well; it is called bounded without a number. delta_t of "
            "Theorem 2 shrinks with the policy: pi_t(a|s) >= max(1/(|A| t), exp(-Gamma/tau)/|A|) is what is known.",
            kind=DefectKind.UNDEFINED,
        ),
        Defect(
            name="T.3(d)",
            text="epsilon^-6 trajectories hold at a fixed tau, where a bias tau remains: for accuracy epsilon tau must be of order "
            "epsilon, and the inner accuracy epsilon tau, which makes epsilon^-12.",
            kind=DefectKind.LOOSE,
        ),
        Defect(
            name="T.3(e)",
            text="The Lipschitz continuity of exploitability is cited in the sup norm of policies and used in the norm weighted by "
            "mu*, which does not see states that mu* does not visit. Where P ignores mu, sum_h (H-h) w_h is enough.",
            kind=DefectKind.PROOF,
        ),
    ),
    rests_on=("P2.T.2", "P2.L.12", "P2.L.13", "P2.L.14", "P2.L.15"),
    aliases=("P2.T3",),
)
