"""Proposition E.3: values are Lipschitz in the population.

Repaired and sharpened: |<P_mu - P_mu', V>| <= (1/2) ||P_mu - P_mu'||_1 span(V), and the span of a value is at most
V_max (repaired) or V_sp, which knows how fast the chain mixes (sharpened).
"""

from __future__ import annotations

from collections.abc import Iterator

import numpy as np

from mfbounds.bounds.cases import policies, population_pairs
from mfbounds.bounds.hypotheses import a1
from mfbounds.bounds.norms import l2
from mfbounds.bounds.problem import Problem
from mfbounds.bounds.statement import (
    ENTRY,
    L1,
    Bound,
    Case,
    Defect,
    DefectKind,
    Quantities,
    Statement,
    Tier,
    Witness,
)
from mfbounds.bounds.symbols import L_J, V_max, measured
from mfbounds.checks import FloatArray
from mfbounds.games.affine import AffineGame
from mfbounds.mdp.values import policy_values
from mfbounds.numbers import Measured

dV, dV_pi, dQ, d_mu = map(measured, ("dV", "dV_pi", "dQ", "d_mu"))
FORMS = {"optimal values": dV, "values of a policy": dV_pi}


def cases(problem: Problem) -> Iterator[Case]:
    """Pairs of populations, near and far, each with a policy."""
    for (mu, mu_2), policy in zip(population_pairs(problem, "E.3/mu"), policies(problem, "E.3/pi"), strict=False):
        yield {"mu": mu, "mu_2": mu_2, "policy": policy}


def measure(problem: Problem, case: Case) -> Quantities:
    """Largest differences over states (and actions) of optimal and of policy values."""
    one, two = problem.optimum(case["mu"]), problem.optimum(case["mu_2"])
    first, second = (policy_values(problem.frozen(case[key]), case["policy"]) for key in ("mu", "mu_2"))
    known = 0.0 if not problem.game.interacts else 1.0  # without interaction both sides are one and the same process
    error = known * (one.gap + one.error + two.gap + two.error)
    return {
        "dV": _largest(one.V - two.V, error),
        "dV_pi": _largest(first.V - second.V, known * (first.error + second.error)),
        "dQ": _largest(one.Q - two.Q, error + known * 1e-15 * float(np.abs(one.Q).max())),
        "d_mu": l2(case["mu"] - case["mu_2"]),
    }


def _largest(difference: FloatArray, error: float) -> Measured:
    return Measured(float(np.abs(difference).max()), error)


def _entrywise() -> Witness:
    """One action; all rows (1/4+x, 1/4+x, 1/4-x, 1/4-x) with x = (mu1+mu2-mu3-mu4)/20: four entries move together."""
    signs = np.array([1.0, 1.0, -1.0, -1.0])
    rows = 0.25 + np.outer(signs, signs) / 20.0  # rows[x, s'] at the vertex x
    kernels = np.broadcast_to(rows[:, None, None, :], (4, 4, 1, 4))
    rewards = np.array([[1.0], [1.0], [0.0], [0.0]])
    game = AffineGame(kernels, rewards, gamma=0.1, eta=1.0, name="four entries move together")
    case = {
        "mu": np.array([0.5, 0.5, 0.0, 0.0]),
        "mu_2": np.array([0.0, 0.0, 0.5, 0.5]),
        "policy": np.ones((4, 1)),
    }
    return Witness(game=game, case=case, bound="printed / optimal values / TV = l1, A-1 entrywise")


STATEMENT = Statement(
    id="P1.E.3",
    title="Values are Lipschitz in the population",
    source="Appendix E.2, Proposition E.3, (38) and (39)",
    claim="Optimal values, and values of a fixed policy, change at most in proportion to the change of the population.",
    quantities={
        "dV": (r"\max_s|V_\mu-V_{\mu'}|", "largest difference of optimal values, reward units"),
        "dV_pi": (r"\max_s|V^\pi_\mu-V^\pi_{\mu'}|", "largest difference of a policy's values, reward units"),
        "dQ": (r"\max_{s,a}|Q_\mu-Q_{\mu'}|", "largest difference of optimal action values, reward units"),
        "d_mu": (r"\|\mu-\mu'\|_2", "l2 distance of the populations"),
    },
    cases=cases,
    measure=measure,
    bounds=(
        *(
            Bound(
                tier=Tier.PRINTED,
                form=form,
                reading=reading,
                left=left,
                right=L_J * d_mu,
                trivial=V_max,
                hypotheses=(a1,),
            )
            for reading in (L1, ENTRY)
            for form, left in FORMS.items()
        ),
        *(
            Bound(tier=tier, form=form, left=left, right=L_J * d_mu, trivial=V_max, hypotheses=(a1,))
            for tier in (Tier.REPAIRED, Tier.SHARPENED)
            for form, left in {**FORMS, "action values": dQ}.items()
        ),
    ),
    defects=(
        Defect(
            name="A-1",
            text="A-1 as printed bounds each entry of the kernel, the proofs use the l1 norm of rows (and A-1 couples a "
            "with a'): with the entrywise constant the bound is false from four states on.",
            kind=DefectKind.FALSE,
            bounds=tuple(f"printed / {form} / {ENTRY}" for form in FORMS),
            witness=_entrywise,
        ),
    ),
)
