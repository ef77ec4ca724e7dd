"""Proposition E.2: a policy of small value gap is close to the optimal policy, state by state.

Sharpened: ||pi - pi_mu||_1^2(s) <= (2/eta) (V* - V^pi)(s). Proof: V* - V^pi = (eta/(1-gamma)) sum d_s KL(pi || pi_mu),
the occupation d_s has mass at least 1 - gamma at s itself, and Pinsker's inequality.
"""

from __future__ import annotations

from collections.abc import Iterator

import numpy as np
import sympy as sp

from mfbounds.bounds.cases import policies, populations, random_policy
from mfbounds.bounds.norms import row_l1
from mfbounds.bounds.problem import Problem
from mfbounds.bounds.statement import HALF, L1, Bound, Case, Defect, DefectKind, Quantities, Statement, Tier
from mfbounds.bounds.symbols import eta, gamma, measured
from mfbounds.mdp.values import policy_values
from mfbounds.numbers import Measured

d_pi, gap = measured("d_pi"), measured("gap")


def cases(problem: Problem) -> Iterator[Case]:
    """Random policies, and policies near the optimal one, at several populations."""
    rng = problem.rng("E.2")
    shape = (problem.game.n_states, problem.game.n_actions)
    for mu, policy in zip(populations(problem, "E.2/mu"), policies(problem, "E.2/pi"), strict=True):
        yield {"mu": mu, "policy": policy}
        near = 0.95 * problem.optimum(mu).policy + 0.05 * random_policy(rng, shape)
        yield {"mu": mu, "policy": near / near.sum(axis=1, keepdims=True)}


def measure(problem: Problem, case: Case) -> Quantities:
    """Policy distance and value gap at the state where their ratio is largest."""
    optimum = problem.optimum(case["mu"])
    values = policy_values(problem.frozen(case["mu"]), case["policy"])
    distance, gaps = row_l1(case["policy"], optimum.policy), optimum.V - values.V
    with np.errstate(divide="ignore", invalid="ignore"):
        ratio = np.where(gaps > 0.0, distance**2 / gaps, 0.0)
    s = int(np.argmax(ratio)) if ratio.any() else int(np.argmax(distance))
    return {
        "d_pi": Measured(float(distance[s]), optimum.policy_error + 1e-15),
        "gap": Measured(float(gaps[s]), optimum.gap + optimum.error + values.error),
    }


STATEMENT = Statement(
    id="P1.E.2",
    title="From value gaps to policy distances",
    source="Appendix E.2, Proposition E.2, (33)",
    claim="The squared distance of a policy to the optimal one at a state is at most a multiple of the value gap there.",
    quantities={
        "d_pi": (r"\|\pi(\cdot|s)-\pi_\mu(\cdot|s)\|_1", "l1 distance to the optimal policy at the worst state"),
        "gap": (r"(V^*_\mu-V^\pi_\mu)(s)", "value gap at that state, reward units"),
    },
    cases=cases,
    measure=measure,
    bounds=(
        Bound(tier=Tier.PRINTED, reading=L1, left=d_pi**2, right=2 / (eta * (1 - gamma)) * gap, trivial=sp.Integer(4)),
        Bound(
            tier=Tier.PRINTED,
            reading=HALF,
            left=d_pi**2 / 4,
            right=2 / (eta * (1 - gamma)) * gap,
            trivial=sp.Integer(1),
        ),
        Bound(tier=Tier.SHARPENED, left=d_pi**2, right=2 / eta * gap, trivial=sp.Integer(4)),
    ),
    defects=(
        Defect(
            name="E.2(a)",
            text="(37) has the wrong sign, (34) drops 1/(1-gamma), and the entropy enters (2) with the wrong sign; the "
            "statement itself is true, loose by 1/(1-gamma).",
            kind=DefectKind.PROOF,
        ),
    ),
)
