"""Inequality (7): how far the empirical distribution of N players is from the flow of their policy.

Repaired: the printed bound with G_h = h + 1 where L = 1. Sharpened: the root mean square of the others of a player who
deviates is at most e_h (`dynamic_recursions`), and without dependence on the others v + h alpha; there the mean of the
empirical distribution is off by the second order alpha^2 h (h-1)/2 only, because sum_i (P^i - P) = 0.
"""

from __future__ import annotations

from collections.abc import Iterator

import numpy as np
import sympy as sp

from mfbounds.bounds.dynamic_cases import near_equilibrium, time_policies
from mfbounds.bounds.dynamic_distances import distances, own_pairs
from mfbounds.bounds.dynamic_hypotheses import independent
from mfbounds.bounds.dynamic_play import enumerable, flow_errors, joint_laws
from mfbounds.bounds.dynamic_problem import DynamicProblem
from mfbounds.bounds.dynamic_recursions import as_measured, drift
from mfbounds.bounds.dynamic_structure import laws_differ
from mfbounds.bounds.dynamic_sums import GEOMETRIC, at_step
from mfbounds.bounds.dynamic_symbols import D, K_mu, N, alpha, h
from mfbounds.bounds.norms import l1
from mfbounds.bounds.statement import L1, Bound, Case, Defect, DefectKind, Quantities, Statement, Tier, Witness
from mfbounds.bounds.symbols import measured
from mfbounds.games.dynamic.witnesses import motionless
from mfbounds.numbers import Measured

apart, others_apart, mean_apart, G, e_h = map(measured, ("apart", "others_apart", "mean_apart", "G", "e_h"))

QUANTITIES = {
    "apart": (r"E\|\hat\mu_h-\mu_h\|_1", "mean distance of the empirical distribution of all players, no one deviates"),
    "others_apart": (
        r"\sqrt{E\|\sigma(\rho_h^{-i})-\mu_h\|_1^2}",
        "root mean square distance of the others of a player who deviates",
    ),
    "mean_apart": (r"\|E\hat\mu_h-\mu_h\|_1", "distance of the mean empirical distribution, no one deviates"),
    "G": GEOMETRIC,
    "G_before": (r"G_{h-1}", "the same one step before"),
    "e_h": (r"e_h", "the recursion of the drift"),
}


def cases(problem: DynamicProblem) -> Iterator[Case]:
    """Every step, with a policy and a deviation of one player."""
    if problem.game.n_pairs == 1:
        return  # nothing is random
    first, _, *others = time_policies(problem, "7/pi")  # deterministic, uniform, then random ones
    policies = [near_equilibrium(problem), *others, first]
    rng = problem.rng("7/player")
    for i, policy in enumerate(policies[:3]):
        deviation, player = policies[(i + 1) % len(policies)], int(rng.integers(problem.game.n_players))
        for step in range(problem.game.horizon):
            yield {"policy": policy, "deviation": deviation, "player": player, "h": step}


def measure(problem: DynamicProblem, case: Case) -> Quantities:
    """Moments of the exact laws."""
    policy, player, step = case["policy"], case["player"], case["h"]
    everybody = joint_laws(problem, player, policy, policy)
    deviated = joint_laws(problem, player, case["deviation"], policy)
    here = distances(problem, everybody, policy)
    there = distances(problem, deviated, policy, leave_out=player)
    mean = sum(
        np.bincount(own_pairs(problem)[:, i], weights=everybody[step], minlength=problem.game.n_pairs)
        for i in range(problem.game.n_players)
    )
    target = problem.flow(policy).mu[step].ravel()
    error = here.error + float(flow_errors(problem)[step])
    return {
        "apart": Measured(float(here.mean_l1[step]), here.error),
        "others_apart": root(float(there.square_l1[step]), 4 * there.error),
        "mean_apart": l1(np.asarray(mean) / problem.game.n_players - target, error),
    }


def root(square: float, error: float) -> Measured:
    """The square root of a number known up to `error`."""
    low, high = np.sqrt(max(square - error, 0.0)), np.sqrt(square + error)
    return Measured(float((low + high) / 2), float((high - low) / 2) + 1e-15)


def drift_at(problem: DynamicProblem, case: Case, *, independent: bool = False) -> Quantities:
    """e_h and d_h at the case's step."""
    found = drift(problem.constants(Tier.SHARPENED, L1), independent=independent)
    return {"e_h": as_measured(found.e[case["h"]]), "d_h": as_measured(found.d[case["h"]])}


def _at_the_start() -> Witness:
    policy = np.ones((1, 2, 1))
    case = {"policy": policy, "deviation": policy, "player": 0, "h": 0}
    return Witness(game=motionless(n_players=4), case=case, bound="printed / TV = l1")


STATEMENT = Statement(
    id="P2.eq7",
    title="The empirical distribution stays near the flow",
    source="Appendix B.3, Step 1, inequality (7)",
    claim="When all players play one policy, the mean l1 distance of their empirical distribution from the flow of the policy "
    "is of order 1/sqrt N + alpha, times a geometric sum of L_pop.",
    quantities=QUANTITIES,
    cases=cases,
    measure=measure,
    bounds=(
        Bound(
            tier=Tier.PRINTED,
            left=apart,
            right=G * (D / sp.sqrt(N) + 3 * K_mu / N + alpha),
            trivial=sp.Integer(2),
            hypotheses=(enumerable,),
            extra=at_step("L_pop", printed=True),
            uses=("L_pop",),
        ),
        Bound(
            tier=Tier.REPAIRED,
            left=apart,
            right=G * (D / sp.sqrt(N) + 3 * K_mu / N + alpha),
            trivial=sp.Integer(2),
            hypotheses=(enumerable,),
            extra=at_step("L_pop"),
            uses=("L_pop",),
        ),
        Bound(
            tier=Tier.SHARPENED,
            left=others_apart,
            right=e_h,
            trivial=sp.Integer(2),
            hypotheses=(enumerable,),
            extra=drift_at,
            uses=("alpha", "K_mu", "K_sa"),
        ),
        Bound(
            tier=Tier.SHARPENED,
            form="independent dynamics",
            left=others_apart,
            right=sp.sqrt((D - 1) / (N - 1)) + h * alpha,
            trivial=sp.Integer(2),
            hypotheses=(
                enumerable,
                independent,
            ),
        ),
        Bound(
            tier=Tier.SHARPENED,
            form="independent dynamics, mean",
            left=mean_apart,
            right=alpha**2 * h * (h - 1) / 2,
            trivial=sp.Integer(2),
            hypotheses=(enumerable, independent, laws_differ),
            where=lambda case: case["h"] >= 2,  # before, both sides are 0: nothing to decide
        ),
    ),
    defects=(
        Defect(
            name="eq7(a)",
            text="(1 - L^{h+1})/(1 - L) is set to h where L = 1, which is 0 at the first step: four players who draw their "
            "states are not distributed evenly for sure.",
            kind=DefectKind.FALSE,
            bounds=("printed / TV = l1",),
            witness=_at_the_start,
        ),
        Defect(
            name="eq7(b)",
            text="Index slips: Lambda ends with pi_{h-1} at step h in (2); Gamma is applied with pi_h where the step to h + 1 "
            "needs pi_{h+1}; (5) has pi on the left and both pi and pi' on the right.",
            kind=DefectKind.PROOF,
        ),
        Defect(
            name="eq7(c)",
            text="D/sqrt N: the sum over pairs of a bound on each. Cauchy-Schwarz gives sqrt((D-1)/N).",
            kind=DefectKind.LOOSE,
        ),
    ),
    rests_on=("P2.L.7", "P2.L.9"),
)
