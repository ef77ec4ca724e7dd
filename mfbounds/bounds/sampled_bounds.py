"""The bounds of Theorem D.4 and Corollary D.5, term by term: the statements check them, the planner inverts them.

The failure probability is split in halves: one for the K population steps, one for the runs of Sample-Based TRPO (K in
D.4; K + 1 in D.5, whose policy is computed once more at the last population), each run getting an equal share.
"""

from __future__ import annotations

from collections.abc import Mapping

import sympy as sp

from mfbounds.bounds.definitions import DEFINITIONS, formula
from mfbounds.bounds.statement import Tier
from mfbounds.bounds.symbols import (
    C_TRPO_1,
    C_TRPO_2,
    L_P,
    B_avg,
    C_Erg_inf,
    C_phi,
    C_pi_mu,
    K,
    K_pi,
    L,
    Sigma_inf,
    b_1,
    beta,
    c_1,
    delta,
    e_P,
    epsilon,
    eta,
    gamma,
    kappa_A,
    measured,
    n_bar,
    n_S,
    tau,
)

d_0 = measured("d_0")
# Where a population trajectory starts, named as in `mfbounds.solvers.sampled_mf_trpo`.
INITIAL = ("repaired", "reset")
PRODUCT = (1 - tau * beta / 2) ** K


def averaged_gap(tier: Tier, runs: sp.Expr) -> sp.Expr:
    """The bound on the averaged gap that holds in `runs` runs of TRPO at once with probability 1 - delta/2."""
    return formula("B_avg", tier).subs(delta, delta / (2 * runs))


def distance_terms(tier: Tier, initial: str) -> Mapping[str, sp.Expr]:
    """The terms of ||muhat_K - mu*||_2 in a proved tier (D.4), over the symbols B_avg and e_P or n_bar."""
    e_pi = DEFINITIONS["e_pi"].formula(tier)
    past = 1 if tier is Tier.REPAIRED and initial == "repaired" else 1 - PRODUCT
    noise = 2 / tau * past * e_P if initial == "reset" else (2 / tau * past * c_1 + 1) * n_bar
    return {"start": PRODUCT * d_0, "policy": 2 / tau * past * e_pi, "population": noise}


def written_out(terms: Mapping[str, sp.Expr], tier: Tier, runs: sp.Expr) -> sp.Expr:
    """The sum of the terms in the numbers of a run, `runs` runs of TRPO sharing delta/2."""
    noise = {symbol: formula(symbol.name, tier) for symbol in (e_P, n_bar)}
    return sp.Add(*terms.values()).subs({B_avg: averaged_gap(tier, runs), **noise})


def distance_bound(tier: Tier, initial: str) -> sp.Expr:
    """D.4: the bound on ||muhat_K - mu*||_2 (printed: on its square)."""
    return printed_square() if tier is Tier.PRINTED else written_out(distance_terms(tier, initial), tier, K)


def printed_square() -> sp.Expr:
    """(27), with tau the margin of A-2 in every constant."""
    by_L = printed_constant("C_MF_1")
    by_epsilon = printed_constant("C_MF_2")
    decay = sp.exp(-tau / 2 * K * beta) * d_0**2
    return decay + 2 * by_L / tau * sp.log(L) / L + 2 * by_epsilon / tau * epsilon


def printed_constant(name: str) -> sp.Expr:
    """C_MF_1 or C_MF_2 written out, so that tau is the one of A-2 and not that of the printed Lemma E.6."""
    inner = {b_1: formula("b_1", Tier.PRINTED)}
    inner |= {C_TRPO_1: formula("C_TRPO_1", Tier.PRINTED), C_TRPO_2: formula("C_TRPO_2", Tier.PRINTED)}
    return formula(name, Tier.PRINTED).subs(inner)


def exploitability_terms(tier: Tier, initial: str) -> Mapping[str, sp.Expr]:
    """The terms of phi(pibar, muhat_K) in a proved tier (D.5), over the same symbols.

    `gap`: the value gap at muhat_K. The others go through the inconsistency of muhat_K: `policy, law` moves the
    stationary law, `policy, run` the populations on the way, `population` is the sampling noise of the populations, and
    `start` what is left of the first distance.
    """
    reach = C_phi * (1 + Sigma_inf * (kappa_A * K_pi + L_P) / sp.sqrt(2))
    distance = distance_terms(tier, initial)
    return {
        "gap": B_avg / (1 - gamma),
        "policy, law": C_phi * Sigma_inf * kappa_A / sp.sqrt(2) * sp.sqrt(2 / eta * B_avg),
        "policy, run": reach * distance["policy"],
        "population": reach * distance["population"],
        "start": reach * distance["start"],
    }


def printed_exploitability() -> sp.Expr:
    """hat epsilon_k of Corollary D.5, as printed."""
    gap = formula("B_avg", Tier.PRINTED)
    of_policy = 2 * C_Erg_inf * sp.sqrt(n_S) / (eta * (1 - gamma)) * sp.sqrt(gap)
    return gap + C_phi * ((1 + C_Erg_inf * (1 + C_pi_mu)) * sp.sqrt(printed_square()) + of_policy)


def exploitability_bound(tier: Tier, initial: str) -> sp.Expr:
    """D.5: the bound on phi(pibar, muhat_K), pibar being the per-state average of the last TRPO's iterates."""
    if tier is Tier.PRINTED:
        return printed_exploitability()
    return written_out(exploitability_terms(tier, initial), tier, K + 1)
