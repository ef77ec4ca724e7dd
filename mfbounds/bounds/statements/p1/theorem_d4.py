r"""Theorem D.4 (Proposition 5.2): the population of Sample-Based MF-TRPO approaches the equilibrium.

Repaired, for trajectories that start at muhat_{k-1} (a generative reset): the recursion of C.5 with two errors, the
policy's e_pi (E.1 with the optimal kernel on the left of the telescope, so that the average over the iterates stays
inside) and the empirical law's e_P. For Algorithm 8 repaired the start has the noise-free law m_{k-1},
m_k = m_{k-1}((1-b)I + b P_k^M): its recursion is perturbed by e_pi + c_1 ||muhat - m||, and muhat_k - m_k is a weighted
martingale (Pinelis), at most n_bar for all k at once.
"""

from __future__ import annotations

from collections.abc import Callable, Iterator

import numpy as np
import sympy as sp

from mfbounds.bounds.concentrability import a4, enough_visits
from mfbounds.bounds.definitions import formula
from mfbounds.bounds.hypotheses import a1, a2, a3
from mfbounds.bounds.outer import distance, monotone, step_below, steps_to_try
from mfbounds.bounds.problem import STEPS, Problem
from mfbounds.bounds.sampled_bounds import distance_bound
from mfbounds.bounds.sampled_runs import sampled_populations, seed_of
from mfbounds.bounds.statement import Bound, Case, Defect, DefectKind, Hypothesis, Quantities, Statement, Tier, Witness
from mfbounds.bounds.statements.p1.theorem_c5 import one_room_pays
from mfbounds.bounds.symbols import K, delta, measured
from mfbounds.numbers import Measured

d_0, d_K = measured("d_0"), measured("d_K")
LIMITS = {
    Tier.PRINTED: formula("b_1", Tier.PRINTED),
    **{tier: formula("beta_max", tier) for tier in (Tier.REPAIRED, Tier.SHARPENED)},
}
STATES = 12
ROUNDS, LEVEL, SIZE, ALLOWED = 3, 10, 10**8, 0.2
PROVED = ("repaired", "reset")  # where the trajectories of a proved bound start


def sampled_M(problem: Problem) -> int:
    """The population steps of a sampled run: the parameter, or the first finite M with a certified C_op < 1, or 1."""
    if problem.parameters.M is not None:
        return int(min(problem.parameters.M, 50))
    return int(next((M for M in STEPS if M < 50 and problem.c_op(M).value < 1.0), 1))


def cases(problem: Problem) -> Iterator[Case]:
    """Short runs with large batches, of each start-up, at the largest steps."""
    if problem.game.n_states > STATES:
        return
    M = sampled_M(problem)
    for initial in ("printed", *PROVED):
        tier = Tier.PRINTED if initial == "printed" else Tier.REPAIRED
        for beta in list(steps_to_try(problem, M, (LIMITS[tier], tier)))[:1] or [0.5]:
            yield {
                "beta": beta,
                "M": M,
                "L": LEVEL if initial != "printed" else 2,
                "K": ROUNDS,
                "I": SIZE,
                "T": 8,
                "P": SIZE,
                "epsilon": 0.01,
                "delta": ALLOWED,
                "initial": initial,
            }


def measure(problem: Problem, case: Case) -> Quantities:
    """Distances of the first and the last population to the equilibrium; A-4's numbers by their certified bound."""
    path = sampled_populations(problem, case, seed_of(problem, case, "D.4"))
    return {
        "d_0": distance(problem, path[0], case["M"]),
        "d_K": distance(problem, path[-1], case["M"], 1e-13 * case["K"]),
        **coverage(problem),
    }


def coverage(problem: Problem) -> Quantities:
    """D, D2 and the coefficient of A-4 at every population: at most 1/min nu."""
    nu = float(problem.game.restart.min())
    bound = Measured(1.0 / nu, 2.3e-16 / nu) if nu > 0.0 else Measured(np.inf)
    return dict.fromkeys(("D", "D2", "C_nu"), bound)


def starts_at(initial: str) -> Callable[[Case], bool]:
    """Whether a case's trajectories start as asked."""
    return lambda case: bool(case["initial"] == initial)


def _biased_limit() -> Witness:
    """No interaction: the printed C_Erg_M is 0, but TRPO with two iterations and a short horizon is inexact."""
    case: dict[str, float | str] = {"beta": 0.49, "M": 1, "L": 2, "K": 30, "I": 10**12, "T": 1, "P": 10**13}
    case |= {"epsilon": 1e-5, "delta": 0.1, "initial": "printed"}
    return Witness(game=one_room_pays(), case=case, bound="printed / TV = l1", parameters={"M": 1})


def hypotheses(tier: Tier, runs: sp.Expr = K) -> tuple[Hypothesis, ...]:
    """A-1 to A-4 and the step; A-3 is not needed where M is finite."""
    if tier is Tier.PRINTED:
        return a1, a2, a3, a4, step_below("(23)", LIMITS[tier], tier, strict=True)
    return a1, a2, a4, enough_visits(runs), step_below("step of C.3 repaired", LIMITS[tier], tier, strict=False)


STATEMENT = Statement(
    id="P1.D.4",
    title="Sample-Based MF-TRPO approaches the equilibrium",
    source="Appendix D.4, Theorem D.4, (23)-(28), Algorithm 8; Section 5, Proposition 5.2",
    claim="With probability 1 - delta the distance of muhat_K to the equilibrium decays geometrically down to a floor set by "
    "the error of Sample-Based TRPO and by the number of trajectories of a population step.",
    quantities={
        "d_0": (r"\|\mu_0-\mu_\star\|_2", "distance to the equilibrium at the start"),
        "d_K": (r"\|\hat\mu_K-\mu_\star\|_2", "distance to the equilibrium after K outer iterations"),
    },
    cases=cases,
    measure=measure,
    bounds=(
        Bound(
            tier=Tier.PRINTED,
            left=d_K**2,
            right=distance_bound(Tier.PRINTED, "printed"),
            trivial=sp.Integer(2),
            hypotheses=hypotheses(Tier.PRINTED),
            where=starts_at("printed"),
            extra=monotone,
            failure=delta,
        ),
        *(
            Bound(
                tier=tier,
                form="Algorithm 8 repaired" if initial == "repaired" else "generative reset",
                left=d_K,
                right=distance_bound(tier, initial),
                trivial=sp.sqrt(2),
                hypotheses=hypotheses(tier),
                where=starts_at(initial),
                extra=monotone,
                failure=delta,
            )
            for tier in (Tier.REPAIRED, Tier.SHARPENED)
            for initial in PROVED
        ),
    ),
    defects=(
        Defect(
            name="D.4(a)",
            text="With L_P = 0 the printed C_Erg_M is 0: the error of TRPO and its horizon vanish from the right side.",
            kind=DefectKind.FALSE,
            bounds=("printed / TV = l1",),
            witness=_biased_limit,
        ),
        Defect(
            name="D.4(b)",
            text="C_TRPO_1 contains log L/L and is multiplied by log L/L again; no union bound over the K outer iterations; "
            "E_2 <= epsilon although it is a square; 2(1-b)/tau - 3b should be 2(1-b)/tau + 3b.",
            kind=DefectKind.PROOF,
        ),
        Defect(
            name="D.4(d)",
            text="One epsilon serves as accuracy of TRPO (reward units) and of the population (a number): C_MF_2 adds C_Erg_M "
            "C_TRPO_2, per unit of reward, and 1. (25) has R for R^2. The chain for T_2 misses 2/(eta (1-gamma)) once and then "
            "has it twice; (28) unrolled has a beta_k too many at epsilon.",
            kind=DefectKind.PROOF,
        ),
        Defect(
            name="D.4(c)",
            text="The experiments do not reach the theorem: with their I = 3e5 and delta = .05, (25) gives epsilon between 2.3 and "
            "3.5 in the four rooms, and epsilon/(1-gamma)^2 in (22) is then at least five times V_max.",
            kind=DefectKind.LOOSE,
        ),
    ),
    rests_on=("P1.D.2", "P1.D.3", "P1.E.1", "P1.E.2", "P1.E.4"),
    aliases=("P1.5.2",),
)
