"""Lemma 11: what entropy regularisation costs.

Printed: an equilibrium of the regularised game has exploitability at most 2 tau H log|A|. Sharpened: tau H log|A|, since
max V <= max V^tau. Both are said here of any policy, its regularised exploitability E^tau added; at an equilibrium
E^tau = 0.
"""

from __future__ import annotations

from collections.abc import Iterator

import numpy as np
import sympy as sp

from mfbounds.bounds.dynamic_cases import time_policies
from mfbounds.bounds.dynamic_problem import DynamicProblem
from mfbounds.bounds.dynamic_symbols import H, R, n_A, tau
from mfbounds.bounds.regularised import (
    reference,
    regularised_exploitability,
    start_value,
    value_error,
    without_rewards,
)
from mfbounds.bounds.statement import Bound, Case, Quantities, Statement, Tier
from mfbounds.bounds.symbols import measured
from mfbounds.numbers import Measured

shift, plain, regular = map(measured, ("shift", "plain", "regular"))
COST = tau * H * sp.log(n_A)


def cases(problem: DynamicProblem) -> Iterator[Case]:
    """A near-equilibrium and other policies, each against the flow of another one; none where there is one action."""
    if problem.game.n_actions == 1:
        return
    policies = [reference(problem).policy, *time_policies(problem, "L11")]
    for policy, other in zip(policies, policies[1:] + policies[:1], strict=True):
        yield {"policy": policy, "policy_2": other, "mixed": int(np.ptp(policy, axis=2).max() > 1e-6)}


def measure(problem: DynamicProblem, case: Case) -> Quantities:
    """The entropy bonus against another flow, and both exploitabilities."""
    weight, policy = problem.parameters.tau, case["policy"]
    other = problem.flow(case["policy_2"])
    bonus = start_value(without_rewards(other), policy, weight)
    return {
        "shift": Measured(bonus, value_error(without_rewards(other), weight)),
        "plain": regularised_exploitability(problem, policy, 0.0),
        "regular": regularised_exploitability(problem, policy),
    }


def is_uneven(case: Case) -> bool:
    """Not the uniform policy, which attains the bound."""
    return bool(case["mixed"])


STATEMENT = Statement(
    id="P2.L.11",
    title="Bias of entropy regularisation",
    source="Appendix D.2, Lemma 11",
    claim="Regularised and plain values differ by at most tau H log|A|; a regularised equilibrium has exploitability at most "
    "2 tau H log|A| (printed) or tau H log|A| (sharpened).",
    quantities={
        "shift": (r"|V^\tau(\mu,\pi)-V(\mu,\pi)|", "entropy bonus of a policy against any flow, reward units"),
        "plain": (r"\mathcal E(\pi)", "exploitability in the mean-field game, reward units"),
        "regular": (
            r"\mathcal E^\tau(\pi)",
            "exploitability in the regularised game, 0 at its equilibria, reward units",
        ),
    },
    cases=cases,
    measure=measure,
    bounds=(
        Bound(tier=Tier.PRINTED, form="value", left=shift, right=COST, trivial=sp.oo, where=is_uneven),
        Bound(tier=Tier.PRINTED, form="equilibrium", left=plain, right=2 * COST + regular, trivial=H * R),
        Bound(tier=Tier.SHARPENED, form="equilibrium", left=plain, right=COST + regular, trivial=H * R),
    ),
    aliases=("P2.L11", "P2.Def.12"),
)
