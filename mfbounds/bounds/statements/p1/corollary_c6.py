"""Corollary C.6 (Corollary 4.3): the exploitability that Exact MF-TRPO reaches.

Repaired: phi <= B + C_phi ||mu_k - lambda||_2 (E.5) and, since mu* is its own stationary law,
||mu_k - lambda||_2 <= (1 + Sigma_inf (kappa_A K_pi + L_P)/sqrt 2) ||mu_k - mu*||_2 + (Sigma_inf kappa_A/sqrt 2) E_pi,
with E.1 repaired and the distance from C.5.
"""

from __future__ import annotations

from collections.abc import Iterator

import numpy as np
import sympy as sp

from mfbounds.bounds.hypotheses import a1, a2, a3
from mfbounds.bounds.norms import l2
from mfbounds.bounds.outer import K, beta, d_0, distance, monotone, step_below
from mfbounds.bounds.problem import Problem
from mfbounds.bounds.runs import outer_rounding, outer_run, trpo_policy
from mfbounds.bounds.statement import HALF, L1, Bound, Case, Defect, DefectKind, Quantities, Statement, Tier, Witness
from mfbounds.bounds.statements.p1 import theorem_c5
from mfbounds.bounds.statements.p1.theorem_c5 import LIMITS, PRINTED_C_MF_0, REPAIRED_D2, SHARPENED_D, one_room_pays
from mfbounds.bounds.symbols import (
    L_P,
    B,
    C_Erg_inf,
    C_phi,
    C_pi_mu,
    E_pi,
    K_pi,
    L,
    Sigma_inf,
    V_max,
    eta,
    gamma,
    kappa_A,
    measured,
    n_S,
    tau,
)
from mfbounds.mdp.exploitability import measured_exploitability
from mfbounds.mdp.stationary import frozen_stationary
from mfbounds.numbers import Measured

phi, d_inc = measured("phi"), measured("d_inc")

PRINTED_D2 = sp.exp(-tau / 2 * K * beta) * d_0 + 2 * PRINTED_C_MF_0 / tau * sp.log(L) / L
PRINTED_EPS = B + C_phi * (
    (1 + C_Erg_inf * (1 + C_pi_mu)) * sp.sqrt(PRINTED_D2)
    + 2 * C_Erg_inf * sp.sqrt(n_S) / (eta * (1 - gamma)) * sp.sqrt(B)
)


def inconsistency(reached: sp.Expr) -> sp.Expr:
    """The bound on ||mu_k - lambda||_2 from a bound on ||mu_k - mu*||_2."""
    moved = Sigma_inf * (kappa_A * K_pi + L_P) / sp.sqrt(2)
    return (1 + moved) * reached + Sigma_inf * kappa_A / sp.sqrt(2) * E_pi


INCONSISTENCY = {
    Tier.REPAIRED: inconsistency(sp.sqrt(REPAIRED_D2)),
    Tier.SHARPENED: inconsistency(SHARPENED_D),
}


def measure(problem: Problem, case: Case) -> Quantities:
    """Exploitability of (pi_{K+1}, mu_K) and the distance of mu_K to the stationary law of pi_{K+1}."""
    M = case["M"]
    path = outer_run(problem, case["mu"], L=case["L"], K=case["K"], beta=case["beta"], M=M)
    mu = path[case["K"]]
    policy, _ = trpo_policy(problem, mu, case["L"])
    law = frozen_stationary(problem.frozen(mu), policy)
    phi_error, inconsistency_error = _rounding(problem, case)
    exploitability = measured_exploitability(problem.game, policy, mu)
    return {
        "d_0": distance(problem, path[0], M),
        "phi": Measured(exploitability.value, exploitability.error + phi_error, exploitability.cause),
        "d_inc": l2(law.law - mu, law.error + inconsistency_error),
    }


def _rounding(problem: Problem, case: Case) -> tuple[float, float]:
    """How the rounding of the run reaches phi and d_inc: through mu_K, pi_{K+1}, and the stationary law (Lemma E.1)."""
    constants = problem.constants(Tier.SHARPENED, L1, case["M"])
    names = ("Sigma_inf", "kappa_A", "L_P", "C_phi", "V_max", "gamma")
    steps, weight, slope, slope_phi, level, discount = (float(constants[name].upper()) for name in names)
    run = outer_rounding(problem, case["L"], case["K"] + 1)
    law = run * (1.0 + steps * (weight + slope))
    return slope_phi * law + level / (1.0 - discount) * run, law


def cases(problem: Problem) -> Iterator[Case]:
    """The runs of Theorem C.5."""
    return theorem_c5.cases(problem)


def _biased_limit() -> Witness:
    case = {"mu": np.array([0.5, 0.5]), "beta": 0.4, "L": 1, "K": 200, "M": 1}
    return Witness(game=one_room_pays(), case=case, bound="printed / L = 1 / TV = l1", parameters={"K": 200, "M": 1})


_PROVED = [
    (tier, (a1, a2, a3, step_below("step of C.3 repaired", LIMITS[tier], tier, strict=False))) for tier in INCONSISTENCY
]

STATEMENT = Statement(
    id="P1.C.6",
    title="Exploitability reached by Exact MF-TRPO",
    source="Appendix C.2, Corollary C.6; Section 4, Corollary 4.3",
    claim="(pi_{k+1}, mu_k) is an epsilon_k-equilibrium, with epsilon_k down to a floor set by L.",
    quantities={
        "phi": (r"\phi(\pi_{K+1},\mu_K)", "exploitability, reward units"),
        "d_inc": (r"\|\mu_K-\lambda_{\pi_{K+1},\mu_K}\|_2", "distance of mu_K to the stationary law"),
        "d_0": (r"\|\mu_0-\mu_\star\|_2", "distance to the equilibrium at the start"),
        "beta": (r"\beta", "constant step size"),
        "K": (r"K", "outer iterations"),
    },
    cases=cases,
    measure=measure,
    bounds=(
        *theorem_c5.printed_bounds(phi, PRINTED_EPS, V_max),
        *(
            Bound(
                tier=tier,
                left=phi,
                right=B + C_phi * INCONSISTENCY[tier],
                trivial=V_max,
                hypotheses=hypotheses,
                extra=monotone,
            )
            for tier, hypotheses in _PROVED
        ),
        *(
            Bound(
                tier=tier,
                form="inconsistency",
                left=d_inc,
                right=INCONSISTENCY[tier],
                trivial=sp.sqrt(2),
                hypotheses=hypotheses,
                extra=monotone,
            )
            for tier, hypotheses in _PROVED
        ),
    ),
    defects=(
        Defect(
            name="C.6(a)",
            text="Inherits C.1(a) and C.5: at L = 1 the printed epsilon_k tends to 0 with k, the exploitability does not.",
            kind=DefectKind.FALSE,
            bounds=tuple(f"printed / L = 1 / {reading}" for reading in (L1, HALF)),
            witness=_biased_limit,
        ),
        Defect(
            name="C.6(c)",
            text="Inherits E.1(a): with L_P = 0 the term of the policy error in the inconsistency vanishes.",
            kind=DefectKind.PROOF,
        ),
        Defect(
            name="C.6(b)",
            text="delta_2 has ||mu_0 - mu*|| unsquared; 2 sqrt|S|/(eta (1-gamma)) should be sqrt(2/(eta (1-gamma))): a lost root, "
            "not homogeneous in (r, eta).",
            kind=DefectKind.PROOF,
        ),
    ),
    rests_on=("P1.C.1", "P1.C.5", "P1.E.1", "P1.E.2", "P1.E.4", "P1.E.5"),
    aliases=("P1.4.3",),
)
