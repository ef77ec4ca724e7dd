"""Proposition C.3: one step of ExactAlgo (exact best responses) contracts towards the equilibrium.

Repaired, with the Lipschitz constant K_F of F_M: ||(1-b)d + b dF||^2 <= ((1-b)^2 + 2b(1-b) C_op + b^2 K_F^2) ||d||^2,
which is at most (1 - tau b)||d||^2 exactly when b <= tau/(1 - 2 C_op + K_F^2).
"""

from __future__ import annotations

from collections.abc import Iterator

import numpy as np
import sympy as sp

from mfbounds.bounds.definitions import formula
from mfbounds.bounds.hypotheses import a1, a2, a3
from mfbounds.bounds.outer import beta, d_0, distance, monotone, starts, step_below, steps_to_try
from mfbounds.bounds.problem import Problem
from mfbounds.bounds.runs import best_response_run, outer_rounding
from mfbounds.bounds.statement import HALF, L1, Bound, Case, Defect, DefectKind, Quantities, Statement, Tier, Witness
from mfbounds.bounds.symbols import measured, tau
from mfbounds.games.affine import AffineGame
from mfbounds.games.random import random_game

d_1 = measured("d_1")
LIMITS = {tier: formula("beta_max", tier) for tier in Tier}


def cases(problem: Problem) -> Iterator[Case]:
    """One step from two populations, at the largest step of each tier and at a tenth of it."""
    M = problem.M
    for mu in starts(problem, "C.3"):
        for step in steps_to_try(
            problem, M, (LIMITS[Tier.PRINTED], Tier.PRINTED), (LIMITS[Tier.REPAIRED], Tier.REPAIRED)
        ):
            yield {"mu": mu, "beta": step, "M": M}


def measure(problem: Problem, case: Case) -> Quantities:
    """Distance to the equilibrium before and after one step."""
    M = case["M"]
    _, after = best_response_run(problem, case["mu"], steps=[case["beta"]], M=M)
    return {
        "d_0": distance(problem, case["mu"], M),
        "d_1": distance(
            problem, after, M, problem.population_step(case["mu"], M).error_l1 + outer_rounding(problem, 0, 1)
        ),
    }


def swinging_chain() -> AffineGame:
    """One action, no reward, a chain with eigenvalue -.9: A-2 holds with C_op = 0."""
    chain = np.array([[[0.05, 0.95]], [[0.95, 0.05]]])
    return AffineGame(chain, np.zeros((2, 1)), gamma=0.5, eta=1.0, name="swinging chain")


def _overshoot() -> Witness:
    case = {"mu": np.array([1.0, 0.0]), "beta": 0.99, "M": 1}
    return Witness(game=swinging_chain(), case=case, bound="printed / TV = l1", parameters={"C_op": 0.0, "M": 1})


def _overshoot_with_control() -> Witness:
    """Found by search: three states, two actions, no interaction, C_op = .023, the full step beta = 1."""
    game = random_game("no-interaction", 108)
    case = {"mu": np.array([1.0, 0.0, 0.0]), "beta": 1.0, "M": 1}
    return Witness(game=game, case=case, bound="printed / TV = l1", parameters={"M": 1})


STATEMENT = Statement(
    id="P1.C.3",
    title="One step of ExactAlgo contracts",
    source="Appendix C.2, Proposition C.3, (14)-(16)",
    claim="With exact best responses and small steps the squared distance to the equilibrium shrinks by 1 - tau beta.",
    quantities={
        "d_0": (r"\|\mu_{k-1}-\mu_\star\|_2", "distance to the equilibrium before the step"),
        "d_1": (r"\|\mu_k-\mu_\star\|_2", "distance to the equilibrium after the step"),
        "beta": (r"\beta_k", "step size"),
    },
    cases=cases,
    measure=measure,
    bounds=(
        *(
            Bound(
                tier=Tier.PRINTED,
                reading=reading,
                left=d_1**2,
                right=(1 - tau * beta) * d_0**2,
                trivial=sp.Integer(2),
                hypotheses=(
                    a1,
                    a2,
                    a3,
                    step_below("(14)", LIMITS[Tier.PRINTED], Tier.PRINTED, strict=True, reading=reading),
                ),
                extra=monotone,
            )
            for reading in (L1, HALF)
        ),
        *(
            Bound(
                tier=tier,
                left=d_1**2,
                right=(1 - tau * beta) * d_0**2,
                trivial=sp.Integer(2),
                hypotheses=(a1, a2, step_below("step of C.3 repaired", LIMITS[tier], tier, strict=False)),
                extra=monotone,
            )
            for tier in (Tier.REPAIRED, Tier.SHARPENED)
        ),
    ),
    defects=(
        Defect(
            name="C.3(a)",
            text="F_M is not C_pi_mu C_Erg_M-Lipschitz (the proof drops the +1 of E.1 and the term (mu - mu*)P^M): false "
            "already without control, for a chain with eigenvalue -.9 and beta = .99.",
            kind=DefectKind.FALSE,
            bounds=("printed / TV = l1", "printed / TV = l1/2"),
            witness=_overshoot,
        ),
        Defect(
            name="C.3(c)",
            text="False with control too: a random game of three states and two actions, no interaction, C_op = .023, beta = 1.",
            kind=DefectKind.FALSE,
            bounds=("printed / TV = l1", "printed / TV = l1/2"),
            witness=_overshoot_with_control,
        ),
        Defect(
            name="C.3(b)",
            text="The denominator of (14) may be <= 0, and the limit may exceed 1 (2.9 when L_P = 0 and C_op = .4), where the "
            "iterate leaves the simplex.",
            kind=DefectKind.UNDEFINED,
        ),
    ),
    rests_on=("P1.E.1", "P1.E.4"),
)
