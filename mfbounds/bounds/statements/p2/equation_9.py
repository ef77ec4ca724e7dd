"""Inequalities (9) and (10): how far the state law of a player who deviates is from the one it has against the flow.

Repaired: h for the printed h - 1. Sharpened: the others' distribution in place of everybody's, no swap; and d_h of
`dynamic_recursions`, in which the kernel contracts by its Dobrushin coefficient.
"""

from __future__ import annotations

from collections.abc import Iterator
from functools import partial

import numpy as np
import sympy as sp

from mfbounds.bounds.dynamic_distances import distances, own_pairs
from mfbounds.bounds.dynamic_hypotheses import independent
from mfbounds.bounds.dynamic_play import enumerable, enumerated, flow_errors, flow_states, joint_laws, joint_rounding
from mfbounds.bounds.dynamic_problem import DynamicProblem
from mfbounds.bounds.dynamic_symbols import K_mu, N, alpha, h
from mfbounds.bounds.norms import l1
from mfbounds.bounds.statement import Bound, Case, Defect, DefectKind, Quantities, Statement, Tier, Witness
from mfbounds.bounds.statements.p2.equation_7 import cases as all_steps
from mfbounds.bounds.statements.p2.equation_7 import drift_at
from mfbounds.bounds.symbols import measured
from mfbounds.games.dynamic.witnesses import one_stays
from mfbounds.numbers import Measured

moved, sum_all, sum_others, d_h = map(measured, ("moved", "sum_all", "sum_others", "d_h"))

QUANTITIES = {
    "moved": (
        r"\|P[s_h^i=\cdot]-P[s_h=\cdot]\|_1",
        "l1 distance of the deviator's state law and that against the flow",
    ),
    "sum_all": (r"\sum_{k<h}E\|\hat\mu_k-\mu_k\|_1", "mean distances of the empirical distribution of all players"),
    "sum_others": (r"\sum_{k<h}E\|\sigma(\rho_k^{-i})-\mu_k\|_1", "mean distances of that of the others"),
    "d_h": (r"d_h", "the recursion of the drift"),
    "e_h": (r"e_h", "the recursion of the drift of the others"),
}


def cases(problem: DynamicProblem) -> Iterator[Case]:
    """Every step but the first, with a policy and a deviation of one player, where there are states to be in."""
    if problem.game.n_states > 1:
        yield from (case for case in all_steps(problem) if case["h"] >= 1)


def measure(problem: DynamicProblem, case: Case) -> Quantities:
    """The exact state law of the deviator, and the distances of the empirical distributions until then."""
    policy, deviation, player, step = case["policy"], case["deviation"], case["player"], case["h"]
    game, laws = problem.game, joint_laws(problem, player, deviation, policy)
    own = own_pairs(problem)[:, player] // game.n_actions
    law = np.bincount(own, weights=laws[step], minlength=game.n_states)
    target = flow_states(problem, deviation, policy)[step]
    slope = problem.primitives["K_mu"].value
    error = joint_rounding(enumerated(problem)) + (1 + game.horizon * slope) * float(flow_errors(problem)[step])
    everybody, others = distances(problem, laws, policy), distances(problem, laws, policy, leave_out=player)
    return {
        "moved": l1(law - target, error),
        "sum_all": Measured(float(everybody.mean_l1[:step].sum()), step * everybody.error),
        "sum_others": Measured(float(others.mean_l1[:step].sum()), step * others.error),
    }


def _one_stays() -> Witness:
    """K_mu = 0: printed 0 at h = 1; player 0 is off by 2 p (N-1)/N = .75 = alpha."""
    policy = np.ones((2, 2, 1))
    case = {"policy": policy, "deviation": policy, "player": 0, "h": 1}
    return Witness(game=one_stays(), case=case, bound="printed / TV = l1")


STATEMENT = Statement(
    id="P2.eq9",
    title="The state law of one player stays near that of the mean-field game",
    source="Appendix B.3, Step 2, inequalities (9) and (10)",
    claim="The law of the state of one player who deviates is off the law it would have against the flow by the heterogeneity "
    "and by K_mu times the distance of the population from the flow, added over the steps before.",
    quantities=QUANTITIES,
    cases=cases,
    measure=measure,
    bounds=(
        Bound(
            tier=Tier.PRINTED,
            left=moved,
            right=(h - 1) * (alpha + 3 * K_mu / N) + K_mu * sum_all,
            trivial=sp.Integer(2),
            hypotheses=(enumerable,),
        ),
        Bound(
            tier=Tier.REPAIRED,
            left=moved,
            right=h * (alpha + 3 * K_mu / N) + K_mu * sum_all,
            trivial=sp.Integer(2),
            hypotheses=(enumerable,),
        ),
        Bound(
            tier=Tier.SHARPENED,
            form="given the others",
            left=moved,
            right=h * alpha + K_mu * sum_others,
            trivial=sp.Integer(2),
            hypotheses=(enumerable,),
        ),
        Bound(
            tier=Tier.SHARPENED,
            form="a priori",
            left=moved,
            right=d_h,
            trivial=sp.Integer(2),
            hypotheses=(enumerable,),
            extra=drift_at,
            uses=("alpha", "K_mu", "K_sa"),
        ),
        Bound(
            tier=Tier.SHARPENED,
            form="a priori, independent dynamics",
            left=moved,
            right=d_h,
            trivial=sp.Integer(2),
            hypotheses=(
                enumerable,
                independent,
            ),
            extra=partial(drift_at, independent=True),
            uses=("alpha", "K_mu", "K_sa"),
        ),
    ),
    defects=(
        Defect(
            name="eq9(a)",
            text="The induction over h = 0..h-1 adds h terms, not h - 1: at h = 1 and K_mu = 0 the printed bound is 0, but a "
            "player whose law differs from the average is off by alpha.",
            kind=DefectKind.FALSE,
            bounds=("printed / TV = l1",),
            witness=_one_stays,
        ),
        Defect(
            name="eq9(b)",
            text="(10) has L_pop where K_mu stands in (9), and D/N for D/sqrt N; Appendix C.1 copies it with 1 - L^2 in a "
            "denominator.",
            kind=DefectKind.PROOF,
        ),
    ),
    rests_on=("P2.eq7",),
)
