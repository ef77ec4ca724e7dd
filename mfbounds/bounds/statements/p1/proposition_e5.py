"""Proposition E.5: exploitability is at most the value gap plus a multiple of the population's inconsistency.

Sharpened: phi - gap = <(V_lam - V_mu) - (V^pi_lam - V^pi_mu), lam> + <V_mu - V^pi_mu, lam - mu>; the first term is at
most 2 L_J ||lam - mu||_2, the second (1/2) ||lam - mu||_1 V_max because V_mu - V^pi_mu lies in [0, V_max].
"""

from __future__ import annotations

from collections.abc import Iterator

import numpy as np

from mfbounds.bounds.cases import policies, populations
from mfbounds.bounds.hypotheses import a1
from mfbounds.bounds.norms import l2
from mfbounds.bounds.problem import Problem
from mfbounds.bounds.statement import L1, Bound, Case, Quantities, Statement, Tier
from mfbounds.bounds.symbols import C_phi, V_max, measured
from mfbounds.mdp.exploitability import measured_exploitability, measured_quality
from mfbounds.mdp.stationary import frozen_stationary

phi, gap, d_inc = map(measured, ("phi", "gap", "d_inc"))

QUANTITIES = {
    "phi": (r"\phi(\pi,\mu)", "exploitability, reward units"),
    "gap": (r"\max_{\pi'}J(\pi',\mu,\mu)-J(\pi,\mu,\mu)", "value gap at mu, reward units"),
    "d_inc": (r"\|\lambda_{\pi,\mu}-\mu\|_2", "l2 distance of mu to the stationary law"),
}


def cases(problem: Problem) -> Iterator[Case]:
    """Random policies and the optimal one, at several populations."""
    shape = (problem.game.n_states, problem.game.n_actions)
    uniform = np.full(shape, 1.0 / shape[1])
    for mu, policy in zip(populations(problem, "E.5/mu"), policies(problem, "E.5/pi"), strict=True):
        mixed = 0.999 * policy + 0.001 * uniform  # full support: a deterministic policy may split the chain
        yield {"mu": mu, "policy": mixed / mixed.sum(axis=1, keepdims=True)}
        yield {"mu": mu, "policy": problem.optimum(mu).policy}


def measure(problem: Problem, case: Case) -> Quantities:
    """Exploitability, value gap at mu, and the distance of mu to the policy's stationary law."""
    mu, policy = case["mu"], case["policy"]
    law = frozen_stationary(problem.frozen(mu), policy)
    return {
        "phi": measured_exploitability(problem.game, policy, mu),
        "gap": measured_quality(problem.game, policy, mu),
        "d_inc": l2(law.law - mu, law.error),
    }


STATEMENT = Statement(
    id="P1.E.5",
    title="From gap and inconsistency to exploitability",
    source="Appendix E.3, Proposition E.5, (41)",
    claim="The exploitability of a policy is at most its value gap at mu plus a multiple of the distance of mu to the "
    "stationary law of the policy.",
    quantities=QUANTITIES,
    cases=cases,
    measure=measure,
    bounds=tuple(
        Bound(tier=tier, reading=L1, left=phi, right=gap + C_phi * d_inc, trivial=V_max, hypotheses=(a1,))
        for tier in Tier
    ),
    rests_on=("P1.E.3",),
)
