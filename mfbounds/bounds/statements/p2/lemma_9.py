"""Lemma 9: the population update is Lipschitz in the population, and 1-Lipschitz in the policy.

Printed: L_pop = (K_s + K_a)/2 + K_mu; the largest distance K_sa of two rows is at most K_s + K_a. Sharpened: K_sa/2 + K_mu,
which is at most 1 + K_mu. Proof: Gamma(mu) - Gamma(nu) = (mu - nu) P(mu) + nu (P(mu) - P(nu)); a zero-mass measure
contracts by the Dobrushin coefficient K_sa/2; composing with one policy does not expand l1.
"""

from __future__ import annotations

from collections.abc import Iterator

import numpy as np
import sympy as sp

from mfbounds.bounds.dynamic_cases import pair_laws, time_policies
from mfbounds.bounds.dynamic_problem import DynamicProblem
from mfbounds.bounds.dynamic_symbols import L_POP, L_POP_PRINTED
from mfbounds.bounds.norms import l1
from mfbounds.bounds.statement import Bound, Case, Defect, DefectKind, Quantities, Statement, Tier
from mfbounds.bounds.symbols import measured
from mfbounds.checks import FloatArray
from mfbounds.games.dynamic.finite_horizon import FiniteHorizonGame
from mfbounds.numbers import Measured

d_next, d_mu, d_pi, d_pi_max = map(measured, ("d_next", "d_mu", "d_pi", "d_pi_max"))

QUANTITIES = {
    "d_next": (r"\|\Gamma(\mu,\pi)-\Gamma(\mu',\pi')\|_1", "l1 distance of the updated populations"),
    "d_mu": (r"\|\mu-\mu'\|_1", "l1 distance of the populations"),
    "d_pi": (r"\sum_{s'}\Gamma_S(\mu)(s')\|\pi-\pi'\|_1(s')", "l1 distance of the policies under the next states"),
    "d_pi_max": (r"\|\pi-\pi'\|_1", "largest l1 distance of the policies at a state"),
}


def cases(problem: DynamicProblem) -> Iterator[Case]:
    """Pairs of populations with one policy, and with two."""
    if problem.game.n_states == 1:
        return  # everybody arrives there
    policies = list(time_policies(problem, "9/pi"))
    for i, (mu, mu_2) in enumerate(pair_laws(problem, "9/mu")):
        policy, other = policies[i % len(policies)][0], policies[(i + i % 2) % len(policies)][0]
        yield {"mu": mu, "mu_2": mu_2, "policy": policy, "policy_2": other}


def measure(problem: DynamicProblem, case: Case) -> Quantities:
    """Both updates and the distances."""
    induced = problem.induced
    states, states_2 = next_states(induced, case["mu"]), next_states(induced, case["mu_2"])
    first, second = states[:, None] * case["policy"], states_2[:, None] * case["policy_2"]
    rounding = 1e-15 * first.size * (induced.n_states + 4)
    gap = np.abs(case["policy"] - case["policy_2"]).sum(axis=1)
    return {
        "d_next": l1((first - second).ravel(), rounding),
        "d_mu": l1((case["mu"] - case["mu_2"]).ravel(), 0.0),
        "d_pi": Measured(float(states @ gap), rounding),
        "d_pi_max": Measured(float(gap.max()), rounding),
    }


def next_states(induced: FiniteHorizonGame, mu: FloatArray) -> FloatArray:
    """The law of the next states under a population, (S,)."""
    law: FloatArray = np.tensordot(mu, induced.kernel_at(mu), axes=2)
    return law


STATEMENT = Statement(
    id="P2.L.9",
    title="The population update is Lipschitz",
    source="Appendix B.2, Lemma 9",
    claim="One step of the population update moves at most L_pop times as far as the population, plus the distance of the "
    "policies.",
    quantities=QUANTITIES,
    cases=cases,
    measure=measure,
    bounds=(
        Bound(
            tier=Tier.PRINTED,
            left=d_next,
            right=L_POP_PRINTED * d_mu + d_pi_max,
            trivial=sp.Integer(2),
        ),
        Bound(tier=Tier.SHARPENED, left=d_next, right=L_POP * d_mu + d_pi, trivial=sp.Integer(2)),
    ),
    defects=(
        Defect(
            name="L.9(a)",
            text="A row of another state and another action is reached over two steps, so K_s + K_a stands for K_sa, which is "
            "at most 2: the printed constant can be 2 + K_mu, the proved one is at most 1 + K_mu.",
            kind=DefectKind.LOOSE,
        ),
        Defect(
            name="L.9(b)",
            text="It is stated for one policy and proved for two; policies are compared by the state where they differ most, "
            "also where nobody arrives there.",
            kind=DefectKind.LOOSE,
        ),
    ),
    rests_on=("P2.L.5", "P2.L.6"),
    aliases=("P2.L9", "P2.Lemma 9"),
)
