"""Lemma 10: the second moment of the distance between the empirical distribution and the flow, in l2.

Repaired: h + 1 for the geometric sum where L = 1; C = prod_{h>=0} (1 + 1/(1+h^2)) = sqrt 2 sinh(sqrt 2 pi)/sinh(pi).
Sharpened, l1: Minkowski, with (D-1)/N for the variance of one step. Sharpened, l2: variance and bias are orthogonal, so
a_0^2 = (1-1/D)/N, a_{h+1}^2 = (1-1/D)/N + (L_2 a_h + (alpha + 2 K_mu/N)/sqrt 2)^2: no C and no H^2.
"""

from __future__ import annotations

from collections.abc import Iterator
from itertools import islice

import numpy as np
import sympy as sp
from flint import arb

from mfbounds.bounds.dynamic_cases import near_equilibrium, time_policies
from mfbounds.bounds.dynamic_distances import distances
from mfbounds.bounds.dynamic_play import enumerable, joint_laws
from mfbounds.bounds.dynamic_problem import DynamicProblem
from mfbounds.bounds.dynamic_recursions import as_measured
from mfbounds.bounds.dynamic_sums import GEOMETRIC, C, at_step
from mfbounds.bounds.dynamic_symbols import D, H, K_mu, N, alpha
from mfbounds.bounds.statement import L1, Bound, Case, Defect, DefectKind, Quantities, Statement, Tier, Witness
from mfbounds.bounds.statements.p2.equation_7 import root
from mfbounds.bounds.symbols import measured
from mfbounds.games.dynamic.witnesses import motionless
from mfbounds.numbers import Measured

square, rms, G, G_before, a_h = map(measured, ("square", "rms", "G", "G_before", "a_h"))

PRINTED = C * G * (D / N + 18 * K_mu**2 * (H**2 + 2) / N**2 + 2 * (H**2 + 2) * alpha**2)


def cases(problem: DynamicProblem) -> Iterator[Case]:
    """Every step of a policy near equilibrium and of two random ones."""
    if problem.game.n_pairs == 1:
        return  # nothing is random
    for policy in [near_equilibrium(problem), *islice(time_policies(problem, "10/pi"), 2, 4)]:
        for step in range(problem.game.horizon):
            yield {"policy": policy, "h": step}


def measure(problem: DynamicProblem, case: Case) -> Quantities:
    """Second moments of the exact law when all play one policy."""
    policy, step = case["policy"], case["h"]
    found = distances(problem, joint_laws(problem, 0, policy, policy), policy)
    return {
        "square": Measured(float(found.square_l2[step]), 4 * found.error),
        "rms": root(float(found.square_l1[step]), 4 * found.error),
    }


def euclidean(problem: DynamicProblem, case: Case) -> Quantities:
    """a_h at the case's step."""
    values = problem.constants(Tier.SHARPENED, L1)
    N_, D_, L = values["N"], values["D"], values["L_2"]
    variance, bias = (1 - 1 / D_) / N_, (values["alpha"] + 2 * values["K_mu"] / N_) / arb(2).sqrt()
    found = variance.sqrt()
    for _ in range(case["h"]):
        found = (variance + (L * found + bias) ** 2).sqrt()
    return {"a_h": as_measured(found)}


def _at_the_start() -> Witness:
    case = {"policy": np.ones((1, 2, 1)), "h": 0}
    return Witness(game=motionless(n_players=4), case=case, bound="printed / TV = l1")


STATEMENT = Statement(
    id="P2.L.10",
    title="Second moment of the empirical distribution's distance from the flow",
    source="Appendix C, Lemma 10",
    claim="When all players play one policy, the mean squared l2 distance of their empirical distribution from the flow is of "
    "order 1/N + alpha^2, times a geometric sum of the squared l2 modulus of the population update.",
    quantities={
        "square": (r"E\|\hat\mu_h-\mu_h\|_2^2", "mean squared l2 distance"),
        "rms": (r"\sqrt{E\|\hat\mu_h-\mu_h\|_1^2}", "root mean square of the l1 distance"),
        "G": (r"G_h", r"1 + L_2^2 + \dots + L_2^{2h} (printed: h where L_2 = 1), or of L in the sharpened l1 bound"),
        "G_before": (GEOMETRIC[0].replace("h", "{h-1}"), "the same one step before"),
        "a_h": (r"a_h", "the recursion of the l2 distance"),
    },
    cases=cases,
    measure=measure,
    bounds=(
        Bound(
            tier=Tier.PRINTED,
            left=square,
            right=PRINTED,
            trivial=sp.Integer(2),
            hypotheses=(enumerable,),
            extra=at_step("L_2", power=2, printed=True),
            uses=("L_2",),
        ),
        Bound(
            tier=Tier.REPAIRED,
            left=square,
            right=PRINTED,
            trivial=sp.Integer(2),
            hypotheses=(enumerable,),
            extra=at_step("L_2", power=2),
            uses=("L_2",),
        ),
        Bound(
            tier=Tier.SHARPENED,
            form="l1",
            left=rms,
            right=G * sp.sqrt((D - 1) / N) + G_before * (alpha + 2 * K_mu / N),
            trivial=sp.Integer(2),
            hypotheses=(enumerable,),
            extra=at_step("L_pop"),
            uses=("L_pop",),
        ),
        Bound(
            tier=Tier.SHARPENED,
            form="l2",
            left=square,
            right=a_h**2,
            trivial=sp.Integer(2),
            hypotheses=(enumerable,),
            extra=euclidean,
            uses=("L_2", "alpha", "K_mu"),
        ),
    ),
    defects=(
        Defect(
            name="L.10(a)",
            text="(1 - L^{2(h+1)})/(1 - L^2) is set to h where L = 1; the limit is h + 1. Where nobody moves L = 1, and the "
            "printed bound of the first step is 0.",
            kind=DefectKind.FALSE,
            bounds=("printed / TV = l1",),
            witness=_at_the_start,
        ),
        Defect(
            name="L.10(b)",
            text="(14): the second term is E||mu_{h+1} - E[mu_{h+1}|F_h]||^2, which is 0 as mu is deterministic; meant is "
            "||E[mu_hat_{h+1}|F_h] - mu_{h+1}||^2.",
            kind=DefectKind.PROOF,
        ),
        Defect(
            name="L.10(c)",
            text="Its L_pop is a modulus from l2 to l2, and 'Lemma 2 readily guarantees' it: Lemma 2 is about P and R, and "
            "Lemma 9 about l1. sqrt(D/2) (K_sa/2 + K_mu) is proved.",
            kind=DefectKind.PROOF,
        ),
        Defect(
            name="L.10(d)",
            text="An absolute constant C that the proof only bounds by 10; the product it comes from is 5.20487.",
            kind=DefectKind.UNDEFINED,
        ),
    ),
    rests_on=("P2.L.7",),
    aliases=("P2.L10", "P2.Lemma 10"),
)
