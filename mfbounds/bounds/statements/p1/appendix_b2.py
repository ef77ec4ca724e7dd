"""Appendix B.2: the ergodic value as a limit of discounted ones.

Repaired: |(1-gamma) J_gamma(pi, mu, xi) - J_erg(pi, mu)| <= (1-gamma) R G TV(xi, lambda), because the law after t steps
is within delta_t TV(xi, lambda) of lambda. The rewards are unregularised.
"""

from __future__ import annotations

from collections.abc import Iterator

import numpy as np
import sympy as sp

from mfbounds.bounds.cases import distribution, populations, random_policy
from mfbounds.bounds.definitions import formula
from mfbounds.bounds.hypotheses import a3
from mfbounds.bounds.problem import Problem
from mfbounds.bounds.statement import Bound, Case, Defect, DefectKind, Quantities, Statement, Tier, Witness
from mfbounds.bounds.symbols import R, gamma, measured
from mfbounds.checks import FloatArray
from mfbounds.games.affine import AffineGame
from mfbounds.mdp.frozen import Frozen
from mfbounds.mdp.stationary import frozen_stationary
from mfbounds.mdp.values import policy_values
from mfbounds.numbers import Measured

off, off_printed, off_printed_before, tv = map(measured, ("off", "off_printed", "off_printed_before", "tv"))


def cases(problem: Problem) -> Iterator[Case]:
    """Random policies and starts at discount factors close to 1."""
    rng = problem.rng("B.2")
    shape = (problem.game.n_states, problem.game.n_actions)
    for mu, discount in zip(populations(problem, "B.2"), (0.9, 0.99, 0.999, 0.9999), strict=False):
        yield {"mu": mu, "policy": random_policy(rng, shape), "xi": distribution(rng, shape[0]), "gamma": discount}


def measure(problem: Problem, case: Case) -> Quantities:
    """The ergodic value, and how far the normalised discounted value is from it, repaired and as printed."""
    frozen, policy, discount = problem.frozen(case["mu"]), case["policy"], case["gamma"]
    law = frozen_stationary(frozen, policy)
    step = (policy * frozen.reward).sum(axis=1)
    size = float(np.abs(step).max())
    ergodic, doubt = float(law.law @ step), (law.error + 1e-14) * size
    value, error = _discounted(frozen, policy, case["xi"], discount)
    before, _ = _discounted(frozen, policy, case["xi"], 0.9 * discount)
    mean = (1.0 - discount) * value
    return {
        "off": Measured(abs(mean - ergodic), (1.0 - discount) * error + doubt),
        "off_printed": Measured(abs(value / (1.0 - discount) - ergodic), error / (1.0 - discount) + doubt),
        "off_printed_before": Measured(
            abs(before / (1.0 - 0.9 * discount) - ergodic), error / (1.0 - discount) + doubt
        ),
        "tv": Measured(0.5 * float(np.abs(case["xi"] - law.law).sum()), law.error),
    }


def _discounted(frozen: Frozen, policy: FloatArray, xi: FloatArray, discount: float) -> tuple[float, float]:
    """J_gamma(pi, mu, xi) without entropy, and a bound on its error."""
    plain = frozen.unregularised()
    values = policy_values(Frozen(kernel=plain.kernel, reward=plain.reward, gamma=discount, eta=plain.eta), policy)
    return float(xi @ values.V), values.error + 1e-15 * float(np.abs(values.V).max())


def _diverges() -> Witness:
    """Reward 1 in every state: J_gamma/(1-gamma) = 1/(1-gamma)^2."""
    game = AffineGame(np.ones((1, 1, 1)), np.ones((1, 1)), gamma=0.5, eta=1.0, name="reward one")
    case = {"mu": np.ones(1), "policy": np.ones((1, 1)), "xi": np.ones(1), "gamma": 0.9999}
    return Witness(game=game, case=case, bound="printed / TV = l1")


STATEMENT = Statement(
    id="P1.B.2",
    title="The ergodic value as a limit",
    source="Appendix B.2",
    claim="J_erg is the limit of J_gamma/(1-gamma) (printed) or of (1-gamma) J_gamma (repaired) as gamma tends to 1.",
    quantities={
        "off": (
            r"|(1-\gamma)J_\gamma-J_{\mathrm{erg}}|",
            "distance of the normalised value to the ergodic one, reward units",
        ),
        "off_printed": (r"|J_\gamma/(1-\gamma)-J_{\mathrm{erg}}|", "the same with the printed factor, reward units"),
        "off_printed_before": (
            r"|J_{.9\gamma}/(1-.9\gamma)-J_{\mathrm{erg}}|",
            "the same, farther from the limit, reward units",
        ),
        "tv": (r"\tfrac12\|\xi-\lambda\|_1", "total variation of the start to the stationary law"),
    },
    cases=cases,
    measure=measure,
    bounds=(
        Bound(tier=Tier.PRINTED, left=off_printed, right=off_printed_before, trivial=sp.oo, hypotheses=(a3,)),
        Bound(
            tier=Tier.REPAIRED,
            left=off,
            right=(1 - gamma) * R * formula("G", Tier.SHARPENED) * tv,
            trivial=R,
        ),
    ),
    defects=(
        Defect(
            name="App. B",
            text="J_gamma/(1-gamma) diverges (1/(1-gamma)^2 for the reward 1), so it does not come closer to J_erg: the factor "
            "is 1-gamma.",
            kind=DefectKind.FALSE,
            bounds=("printed / TV = l1",),
            witness=_diverges,
        ),
    ),
)
