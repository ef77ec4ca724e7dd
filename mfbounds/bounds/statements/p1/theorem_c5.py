"""Theorem C.5 (Proposition 4.2): the population of Exact MF-TRPO approaches the equilibrium.

Repaired: ||(1-b)d + b dF||^2 <= (1 - tau b)||d||^2, Young's inequality with c = (tau b/2)/(1 - tau b), and
sum_j b_j prod_{i>j}(1 - tau b_i/2) <= 2/tau. Sharpened: the same recursion for the norm itself; and, when K_F < 1, the
triangle inequality with any step in (0, 1].
"""

from __future__ import annotations

from collections.abc import Iterator

import numpy as np
import sympy as sp

from mfbounds.bounds.definitions import formula
from mfbounds.bounds.hypotheses import a1, a2, a3
from mfbounds.bounds.outer import K, beta, d_0, d_K, distance, monotone, starts, step_below, steps_to_try
from mfbounds.bounds.problem import Problem
from mfbounds.bounds.runs import outer_rounding, outer_run
from mfbounds.bounds.statement import (
    HALF,
    L1,
    Bound,
    Case,
    Defect,
    DefectKind,
    HypothesisResult,
    Quantities,
    Statement,
    Tier,
    Witness,
)
from mfbounds.bounds.statements.p1.theorem_c1 import is_first, is_later
from mfbounds.bounds.symbols import K_F, L, b_0, e_F, tau
from mfbounds.games.affine import AffineGame

LIMITS = {
    Tier.PRINTED: formula("b_0", Tier.PRINTED),
    **{t: formula("beta_max", t) for t in (Tier.REPAIRED, Tier.SHARPENED)},
}
LEVELS = (1, 2, 10)

# The constants in full, so that tau is the one of A-2 and not that of the printed Lemma E.6.
PRINTED_C_MF_0 = formula("C_MF_0", Tier.PRINTED).subs(b_0, LIMITS[Tier.PRINTED])
PRINTED_D2 = sp.exp(-tau / 2 * K * beta) * d_0**2 + 2 * PRINTED_C_MF_0 / tau * sp.log(L) / L
PRODUCT = (1 - tau * beta / 2) ** K
REPAIRED_D2 = PRODUCT * d_0**2 + 4 / tau**2 * e_F**2
SHARPENED_D = PRODUCT * d_0 + 2 / tau * (1 - PRODUCT) * e_F
CONTRACTION_D = (1 - (1 - K_F) * beta) ** K * d_0 + e_F / (1 - K_F)


def lipschitz(problem: Problem, case: Case) -> HypothesisResult:
    """K_F < 1: F_M is a contraction in l2."""
    constants = problem.constant_set(case["M"])
    ball = constants.values(Tier.SHARPENED)["K_F"]
    inside = bool(ball < 1)
    return HypothesisResult(
        name="K_F < 1",
        holds=inside,
        value=float(ball.mid()),
        margin=1.0 - float(ball.mid()),
        provenance=constants.provenance("K_F", Tier.SHARPENED),
        reason=f"K_F == {float(ball.mid()):.4g}" + ("" if inside else ", must be < 1"),
    )


def cases(problem: Problem) -> Iterator[Case]:
    """Runs with several L from two populations, at the largest steps; looked at early and at the end."""
    M, rounds = problem.M, problem.parameters.K
    for mu in starts(problem, "C.5"):
        for tier in (Tier.PRINTED, Tier.REPAIRED):
            for step in list(steps_to_try(problem, M, (LIMITS[tier], tier)))[:1]:
                for level in LEVELS:
                    for k in sorted({1, rounds}):
                        yield {"mu": mu, "beta": step, "L": level, "K": k, "M": M}


def measure(problem: Problem, case: Case) -> Quantities:
    """Distance to the equilibrium at the start and after K outer iterations."""
    M, k = case["M"], case["K"]
    path = outer_run(problem, case["mu"], L=case["L"], K=k, beta=case["beta"], M=M)
    rounding = outer_rounding(problem, case["L"], k)
    return {"d_0": distance(problem, path[0], M), "d_K": distance(problem, path[k], M, rounding)}


def one_room_pays() -> AffineGame:
    """Two doors, reward 1 in room 0 whatever the population does: no interaction, L_P = 0."""
    kernel = np.array([[[0.9, 0.1], [0.1, 0.9]]] * 2)
    return AffineGame(kernel, np.array([[1.0, 1.0], [0.0, 0.0]]), gamma=0.5, eta=0.2, name="one room pays")


def _biased_limit() -> Witness:
    case = {"mu": np.array([0.5, 0.5]), "beta": 0.4, "L": 2, "K": 200, "M": 1}
    return Witness(game=one_room_pays(), case=case, bound="printed / L >= 2 / TV = l1", parameters={"K": 200, "M": 1})


def _first_iteration() -> Witness:
    case = {"mu": np.array([0.5, 0.5]), "beta": 0.4, "L": 1, "K": 200, "M": 1}
    return Witness(game=one_room_pays(), case=case, bound="printed / L = 1 / TV = l1", parameters={"K": 200, "M": 1})


def printed_bounds(left: sp.Expr, right: sp.Expr, trivial: sp.Expr) -> tuple[Bound, ...]:
    """A printed inequality under the step of (17), for L = 1 and for L >= 2, in both readings of ||.||_TV."""
    return tuple(
        Bound(
            tier=Tier.PRINTED,
            form=form,
            reading=reading,
            left=left,
            right=right,
            trivial=trivial,
            hypotheses=(
                a1,
                a2,
                a3,
                step_below("(17)", LIMITS[Tier.PRINTED], Tier.PRINTED, strict=True, reading=reading),
            ),
            where=where,
            extra=monotone,
        )
        for reading in (L1, HALF)
        for form, where in (("L = 1", is_first), ("L >= 2", is_later))
    )


STATEMENT = Statement(
    id="P1.C.5",
    title="Exact MF-TRPO approaches the equilibrium",
    source="Appendix C.2, Theorem C.5, (17)-(18); Section 4, Proposition 4.2",
    claim="The distance of mu_k to the equilibrium decays geometrically down to a floor set by the inexactness of TRPO.",
    quantities={
        "d_0": (r"\|\mu_0-\mu_\star\|_2", "distance to the equilibrium at the start"),
        "d_K": (r"\|\mu_K-\mu_\star\|_2", "distance to the equilibrium after K outer iterations"),
        "beta": (r"\beta", "constant step size"),
        "K": (r"K", "outer iterations"),
    },
    cases=cases,
    measure=measure,
    bounds=(
        *printed_bounds(d_K**2, PRINTED_D2, sp.Integer(2)),
        Bound(
            tier=Tier.REPAIRED,
            left=d_K**2,
            right=REPAIRED_D2,
            trivial=sp.Integer(2),
            hypotheses=(a1, a2, step_below("step of C.3 repaired", LIMITS[Tier.REPAIRED], Tier.REPAIRED, strict=False)),
            extra=monotone,
        ),
        Bound(
            tier=Tier.SHARPENED,
            form="norm",
            left=d_K,
            right=SHARPENED_D,
            trivial=sp.sqrt(2),
            hypotheses=(
                a1,
                a2,
                step_below("step of C.3 repaired", LIMITS[Tier.SHARPENED], Tier.SHARPENED, strict=False),
            ),
            extra=monotone,
        ),
        Bound(
            tier=Tier.SHARPENED,
            form="contraction",
            left=d_K,
            right=CONTRACTION_D,
            trivial=sp.sqrt(2),
            hypotheses=(a1, a2, lipschitz),
            extra=monotone,
        ),
    ),
    defects=(
        Defect(
            name="C.5(a)",
            text="With L_P = 0 the printed C_Erg_M is 0 and the second term vanishes although TRPO(L) is inexact: false on "
            "every such game whose TRPO(L) fixed point is not the equilibrium.",
            kind=DefectKind.FALSE,
            bounds=tuple(f"printed / {form} / {reading}" for form in ("L = 1", "L >= 2") for reading in (L1, HALF)),
            witness=_biased_limit,
        ),
        Defect(
            name="C.5(b)",
            text="At L = 1 the second term is 0 for every game, because log 1 = 0.",
            kind=DefectKind.FALSE,
            bounds=tuple(f"printed / L = 1 / {reading}" for reading in (L1, HALF)),
            witness=_first_iteration,
        ),
        Defect(
            name="C.5(c)",
            text="C_Erg_M is not squared in T_2; the coefficients of T_2 add to (1-b)/tau + 2b, so 2 + b_0 should be 2 + 2 b_0; "
            "T_2 <= C sum mu^2 x^2 is false ((sum mu x)^2 <= sum mu x^2 is meant); ||.||_2 <= ||.||_TV fails by sqrt 2.",
            kind=DefectKind.PROOF,
        ),
        Defect(
            name="C.5(e)",
            text="The experiments do not meet the hypotheses: -kappa log mu(s) is unbounded and not Lipschitz (C_pi_mu is "
            "infinite, so b_0 = 0 or undefined), infinite on empty cells at the point-mass start; M is given as N/A.",
            kind=DefectKind.UNDEFINED,
        ),
        Defect(
            name="C.5(f)",
            text="The line after Young's inequality carries a - tau beta/2 that the terms do not give (harmless: without it the "
            "line is still true). The chain for T_2 goes from squared policy distances to the value gap without the factor "
            "2/(eta (1-gamma)) of E.2, and from the gap to 2 C_TRPO_0 log L/L, which fails where eta (1-gamma) > 4; neither "
            "link scales alike in (r, eta).",
            kind=DefectKind.PROOF,
        ),
        Defect(
            name="C.5(d)",
            text="A-3 is used but not assumed; A-2 does not give tau < 1; Algorithm 2 restarts TRPO from uniform while the "
            "experiments start it warm.",
            kind=DefectKind.UNDEFINED,
        ),
    ),
    rests_on=("P1.C.1", "P1.C.2", "P1.C.3", "P1.E.1", "P1.E.2", "P1.E.4"),
    aliases=("P1.4.2",),
)
