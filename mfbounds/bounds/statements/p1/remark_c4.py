"""Remark C.4: how many iterations of ExactAlgo reach ||mu_k - mu*||^2 <= eps.

Repaired, from ||mu_k - mu*||^2 <= exp(-tau sum beta_j) ||mu_0 - mu*||^2: with a constant step, log(d_0^2/eps)/(tau beta);
with beta_k = C/k, sum_j 1/j >= log(k+1), hence (d_0^2/eps)^(1/(tau C)).
"""

from __future__ import annotations

import math
from collections.abc import Iterator

import numpy as np
import sympy as sp

from mfbounds.bounds.hypotheses import a1, a2, a3
from mfbounds.bounds.outer import beta, d_0, distance, monotone, starts, step_below, steps_to_try
from mfbounds.bounds.problem import Problem
from mfbounds.bounds.runs import best_response_run, outer_rounding
from mfbounds.bounds.statement import Bound, Case, Defect, DefectKind, Quantities, Statement, Tier, Witness
from mfbounds.bounds.statements.p1.proposition_c3 import LIMITS
from mfbounds.bounds.symbols import C_Erg_M, C_op, C_pi_mu, measured, tau
from mfbounds.checks import FloatArray
from mfbounds.errors import NotConvergedError
from mfbounds.games.affine import AffineGame
from mfbounds.numbers import Measured

k_needed, eps = measured("k_needed"), measured("eps")
CAP = 301  # the number of steps is looked at up to here

_DENOMINATOR = 1 - 2 * C_op + C_pi_mu**2 * C_Erg_M**2
CONSTANT, HARMONIC = "constant step", "step C/k"


def is_constant(case: Case) -> bool:
    return bool(case["schedule"] == CONSTANT)


def is_harmonic(case: Case) -> bool:
    return bool(case["schedule"] == HARMONIC)


def cases(problem: Problem) -> Iterator[Case]:
    """Both schedules at the largest admissible steps, to 1/10 and 1/1000 of the first distance."""
    M = problem.M
    mu = next(iter(starts(problem, "C.4")))
    first = _first_distance(problem, mu, M)
    if first == 0.0:
        return  # the start is the equilibrium
    limits = ((LIMITS[Tier.PRINTED], Tier.PRINTED), (LIMITS[Tier.REPAIRED], Tier.REPAIRED))
    for step in sorted({round(s, 12) for s in steps_to_try(problem, M, *limits)})[-2:]:
        for schedule, accuracy in ((CONSTANT, 1e-2), (CONSTANT, 1e-6), (HARMONIC, 1e-2)):
            yield {"mu": mu, "beta": step, "eps": accuracy * first**2, "M": M, "schedule": schedule}


def _first_distance(problem: Problem, mu: FloatArray, M: int | float) -> float:
    """The distance of the start; 1 where the equilibrium is not located, which A-2 then explains."""
    try:
        return distance(problem, mu, M).value
    except NotConvergedError:
        return 1.0


def measure(problem: Problem, case: Case) -> Quantities:
    """The first k with ||mu_k - mu*||^2 <= eps, or `CAP` when that is smaller; mu* is known up to its distance bound."""
    M, step = case["M"], case["beta"]
    path = [case["mu"]]
    early = late = math.inf
    for k in range(CAP):
        away = distance(problem, path[-1], M, outer_rounding(problem, 0, k))
        if (away.value - away.error) ** 2 <= case["eps"] or away.value <= away.error:
            early = min(early, k)
        if (away.value + away.error) ** 2 <= case["eps"]:
            late = k
            break
        size = step if is_constant(case) else step / (k + 1)
        path = best_response_run(problem, path[-1], steps=[size], M=M)
    first = distance(problem, case["mu"], M)
    early, late = min(early, CAP), min(late, CAP)
    return {"k_needed": Measured((early + late) / 2, (late - early) / 2), "d_0": first}


def _quick_chain() -> Witness:
    """A chain with eigenvalue .4 and a small constant step: the printed count does not know the step."""
    chain = np.array([[[0.7, 0.3]], [[0.3, 0.7]]])
    game = AffineGame(chain, np.zeros((2, 1)), gamma=0.5, eta=1.0, name="chain with eigenvalue .4")
    case = {"mu": np.array([1.0, 0.0]), "beta": 0.05, "eps": 1e-2, "M": 1, "schedule": CONSTANT}
    return Witness(game=game, case=case, bound="printed / constant step / TV = l1", parameters={"M": 1})


def _quick_chain_harmonic() -> Witness:
    found = _quick_chain()
    case = {**found.case, "schedule": HARMONIC}
    return Witness(game=found.game, case=case, bound="printed / step C/k / TV = l1", parameters={"M": 1})


def _bound(tier: Tier, form: str, right: sp.Expr) -> Bound:
    limit = LIMITS[tier]
    step = step_below(
        "(14)" if tier is Tier.PRINTED else "step of C.3 repaired", limit, tier, strict=tier is Tier.PRINTED
    )
    return Bound(
        tier=tier,
        form=form,
        left=k_needed,
        right=sp.Min(sp.ceiling(sp.Max(0, right)), CAP),
        trivial=sp.Integer(CAP),
        hypotheses=(a1, a2, a3, step) if tier is Tier.PRINTED else (a1, a2, step),
        where=is_constant if form == CONSTANT else is_harmonic,
        extra=monotone,
    )


STATEMENT = Statement(
    id="P1.C.4",
    title="Iterations of ExactAlgo for a given accuracy",
    source="Appendix C.2, Remark C.4 (its orders read with constant 1)",
    claim="ExactAlgo reaches ||mu_k - mu*||^2 <= eps after a number of steps that is logarithmic in 1/eps.",
    quantities={
        "k_needed": (r"\min(k_\varepsilon,301)", "first k with ||mu_k - mu*||^2 <= eps, looked for up to 301"),
        "d_0": (r"\|\mu_0-\mu_\star\|_2", "distance to the equilibrium at the start"),
        "eps": (r"\varepsilon", "squared accuracy"),
        "beta": (r"\beta", "step size, or C of the schedule C/k"),
    },
    cases=cases,
    measure=measure,
    bounds=(
        _bound(Tier.PRINTED, CONSTANT, sp.log(d_0**2 / eps) * _DENOMINATOR),
        _bound(Tier.PRINTED, HARMONIC, d_0**2 / eps * sp.exp(_DENOMINATOR)),
        _bound(Tier.REPAIRED, CONSTANT, sp.log(d_0**2 / eps) / (tau * beta)),
        _bound(Tier.REPAIRED, HARMONIC, (d_0**2 / eps) ** (1 / (tau * beta))),
    ),
    defects=(
        Defect(
            name="C.4(a)",
            text="The constant step misses 1/tau^2 (and a step below the limit of (14) its 1/beta): far more steps are needed.",
            kind=DefectKind.FALSE,
            bounds=("printed / constant step / TV = l1",),
            witness=_quick_chain,
        ),
        Defect(
            name="C.4(b)",
            text="For beta_k = C/k the power is 1/(tau C), not 1.",
            kind=DefectKind.FALSE,
            bounds=("printed / step C/k / TV = l1",),
            witness=_quick_chain_harmonic,
        ),
    ),
    rests_on=("P1.C.3",),
)
