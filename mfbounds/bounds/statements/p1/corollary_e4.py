"""Corollary E.4 (Proposition 3.1): the optimal policy moves continuously with the population.

Repaired: max_s ||pi_mu - pi_mu'||_1 <= K_pi ||mu - mu'||_2, because softmax is 1-Lipschitz from l_inf to l_1 and Q is
Lipschitz. Sharpened: span_a dQ <= 2b + gamma kappa_A span(dV), span(dV) <= 2 b G, and softmax moves by span/(2 eta).
"""

from __future__ import annotations

from collections.abc import Iterator

import sympy as sp

from mfbounds.bounds.cases import population_pairs
from mfbounds.bounds.hypotheses import a1
from mfbounds.bounds.norms import l2, row_l1, sup
from mfbounds.bounds.problem import Problem
from mfbounds.bounds.statement import HALF, L1, Bound, Case, Defect, DefectKind, Quantities, Statement, Tier
from mfbounds.bounds.symbols import C_pi_mu, K_pi, measured

d_pi, d_mu = measured("d_pi"), measured("d_mu")
AS_USED = "as used later, without the square"


def cases(problem: Problem) -> Iterator[Case]:
    """Pairs of populations, near and far."""
    for mu, mu_2 in population_pairs(problem, "E.4"):
        yield {"mu": mu, "mu_2": mu_2}


def measure(problem: Problem, case: Case) -> Quantities:
    """The largest l1 distance of the two optimal policies over states."""
    one, two = problem.optimum(case["mu"]), problem.optimum(case["mu_2"])
    return {
        "d_pi": sup(row_l1(one.policy, two.policy), 0.0 if one is two else one.policy_error + two.policy_error),
        "d_mu": l2(case["mu"] - case["mu_2"]),
    }


STATEMENT = Statement(
    id="P1.E.4",
    title="The optimal policy is continuous in the population",
    source="Appendix E.2, Corollary E.4, (40); Section 3, Proposition 3.1",
    claim="The (squared) distance of the optimal policies of two populations is at most a multiple of their distance.",
    quantities={
        "d_pi": (r"\max_s\|\pi_\mu-\pi_{\mu'}\|_1(s)", "largest l1 distance of the optimal policies"),
        "d_mu": (r"\|\mu-\mu'\|_2", "l2 distance of the populations"),
    },
    cases=cases,
    measure=measure,
    bounds=(
        Bound(
            tier=Tier.PRINTED,
            reading=L1,
            left=d_pi**2,
            right=C_pi_mu * d_mu,
            trivial=sp.Integer(4),
            hypotheses=(a1,),
        ),
        Bound(
            tier=Tier.PRINTED,
            reading=HALF,
            left=d_pi**2 / 4,
            right=C_pi_mu * d_mu,
            trivial=sp.Integer(1),
            hypotheses=(a1,),
        ),
        Bound(
            tier=Tier.PRINTED,
            form=AS_USED,
            reading=L1,
            left=d_pi,
            right=C_pi_mu * d_mu,
            trivial=sp.Integer(2),
            hypotheses=(a1,),
        ),
        *(
            Bound(tier=tier, left=d_pi, right=K_pi * d_mu, trivial=sp.Integer(2), hypotheses=(a1,))
            for tier in (Tier.REPAIRED, Tier.SHARPENED)
        ),
    ),
    defects=(
        Defect(
            name="E.4 misuse",
            text="The corollary is a Hölder-1/2 bound; E.6, C.5 and C.6 use C_pi_mu as a Lipschitz constant. The use is "
            "harmless because K_pi <= C_pi_mu (the repaired statement), not because of E.4.",
            kind=DefectKind.PROOF,
        ),
    ),
    rests_on=("P1.E.2", "P1.E.3"),
    aliases=("P1.3.1",),
)
