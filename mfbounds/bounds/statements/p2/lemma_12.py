"""Lemma 12: in a monotone game two policies do not both gain by adopting each other's flow.

Printed under Definition 10, which no game satisfies as it is printed. Repaired: what the proof uses is that the inner
products <R(mu_h) - R(mu'_h), mu_h - mu'_h> of two *flows* sum to at most 0, and that P ignores mu; A-RPS has it with
crowding c >= 1 + sqrt(21)/3 although it never has the inequality for all pairs of distributions.
"""

from __future__ import annotations

from collections.abc import Iterator
from itertools import pairwise

import sympy as sp

from mfbounds.bounds.dynamic_cases import time_policies
from mfbounds.bounds.dynamic_hypotheses import known_monotonicity, monotone_flow, monotone_printed
from mfbounds.bounds.dynamic_problem import DynamicProblem
from mfbounds.bounds.dynamic_symbols import H, R
from mfbounds.bounds.regularised import start_value, value_error
from mfbounds.bounds.statement import Bound, Case, Defect, DefectKind, Quantities, Statement, Tier
from mfbounds.bounds.symbols import measured
from mfbounds.numbers import Measured

swap = measured("swap", signed=True)
LEAST = 1e-9  # modulus of the rewards in mu below which both sides are 0


def cases(problem: DynamicProblem) -> Iterator[Case]:
    """Pairs of policies; none where rewards do not depend on the population, where the left side is 0."""
    if problem.primitives["L_mu"].value <= LEAST * problem.game.R or problem.game.n_actions == 1:
        return
    policies = list(time_policies(problem, "L12"))
    for policy, other in pairwise(policies):
        yield {"policy": policy, "policy_2": other}


def measure(problem: DynamicProblem, case: Case) -> Quantities:
    """V(mu,pi) + V(mu',pi') - V(mu,pi') - V(mu',pi), all regularised."""
    tau = problem.parameters.tau
    (first, second), pair = map(problem.flow, (case["policy"], case["policy_2"])), (case["policy"], case["policy_2"])
    own = start_value(first, pair[0], tau) + start_value(second, pair[1], tau)
    crossed = start_value(first, pair[1], tau) + start_value(second, pair[0], tau)
    rounding = 2 * value_error(first, tau) + 2 * value_error(second, tau)
    allowance = known_monotonicity(problem).allowance(first.mu, second.mu)  # the hypothesis holds up to such a change
    return {"swap": Measured(own - crossed, rounding + allowance)}


STATEMENT = Statement(
    id="P2.L.12",
    title="Monotone improvement",
    source="Appendix D.2, Lemma 12",
    claim="V(mu,pi) + V(mu',pi') - V(mu,pi') - V(mu',pi) <= 0 for two policies and their flows in a monotone game.",
    quantities={
        "swap": (
            r"V^\tau(\mu,\pi)+V^\tau(\mu',\pi')-V^\tau(\mu,\pi')-V^\tau(\mu',\pi)",
            "what two policies lose together by swapping flows, reward units",
        )
    },
    cases=cases,
    measure=measure,
    bounds=(
        Bound(
            tier=Tier.PRINTED,
            left=swap,
            right=sp.Integer(0),
            trivial=2 * H * R,
            hypotheses=(monotone_printed,),
        ),
        Bound(
            tier=Tier.REPAIRED,
            left=swap,
            right=sp.Integer(0),
            trivial=2 * H * R,
            hypotheses=(monotone_flow,),
        ),
    ),
    defects=(
        Defect(
            name="L.12",
            text="Its hypothesis is Definition 10, which no game satisfies as printed (the statement says nothing), and is more "
            "than the proof uses: sums over flows.",
            kind=DefectKind.LOOSE,
        ),
    ),
    aliases=("P2.L12",),
)
