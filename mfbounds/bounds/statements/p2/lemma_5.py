"""Lemma 5: laws of states composed with policies. Sharpened: policies are compared where the states are."""

from __future__ import annotations

from collections.abc import Iterator

import numpy as np
import sympy as sp

from mfbounds.bounds.cases import distribution, toward
from mfbounds.bounds.dynamic_cases import time_policies
from mfbounds.bounds.dynamic_problem import DynamicProblem
from mfbounds.bounds.norms import UNIT, l1, row_l1
from mfbounds.bounds.statement import Bound, Case, Quantities, Statement, Tier
from mfbounds.bounds.symbols import measured
from mfbounds.numbers import Measured

composed, d_mu, d_pi, d_pi_mu = map(measured, ("composed", "d_mu", "d_pi", "d_pi_mu"))


def cases(problem: DynamicProblem) -> Iterator[Case]:
    """Far and near pairs of laws, each with two policies."""
    rng, S = problem.rng("5"), problem.game.n_states
    if S == 1 or problem.game.n_actions == 1:
        return  # one of the two distances is 0, and the bound an equality
    policies = list(time_policies(problem, "5/pi"))
    for i in range(2 + problem.parameters.draws):
        mu, other = distribution(rng, S), distribution(rng, S, 0.2)
        second = other if i % 2 == 0 else toward(mu, other, 0.01)
        yield {"mu": mu, "mu_2": second, "policy": policies[i][0], "policy_2": policies[i - 1][0]}


def measure(problem: DynamicProblem, case: Case) -> Quantities:
    """Both distances."""
    first = case["mu"][:, None] * case["policy"]
    gap = row_l1(case["policy"], case["policy_2"])
    rounding = 4 * first.size * UNIT
    return {
        "composed": l1((first - case["mu_2"][:, None] * case["policy_2"]).ravel(), rounding),
        "d_mu": l1(case["mu"] - case["mu_2"], rounding),
        "d_pi": Measured(float(gap.max()), rounding),
        "d_pi_mu": Measured(float(np.minimum(case["mu"] @ gap, case["mu_2"] @ gap)), 2 * rounding),
    }


STATEMENT = Statement(
    id="P2.L.5",
    title="Composing laws with policies does not expand l1",
    source="Appendix A, Lemma 5",
    claim="Two laws of states, each composed with a policy, are at most as far apart as the laws plus the policies.",
    quantities={
        "composed": (r"\|\mu\cdot\pi-\mu'\cdot\pi'\|_1", "l1 distance of the composed laws"),
        "d_mu": (r"\|\mu-\mu'\|_1", "l1 distance of the laws"),
        "d_pi": (r"\|\pi-\pi'\|_1", "largest l1 distance of the policies at a state"),
        "d_pi_mu": (
            r"\min_{\nu\in\{\mu,\mu'\}}\sum_s\nu(s)\|\pi(s)-\pi'(s)\|_1",
            "mean l1 distance of the policies, under whichever law makes it smaller",
        ),
    },
    cases=cases,
    measure=measure,
    bounds=(
        Bound(tier=Tier.PRINTED, left=composed, right=d_mu + d_pi, trivial=sp.Integer(2)),
        Bound(tier=Tier.SHARPENED, left=composed, right=d_mu + d_pi_mu, trivial=sp.Integer(2)),
    ),
    aliases=("P2.L5", "P2.Lemma 5"),
)
