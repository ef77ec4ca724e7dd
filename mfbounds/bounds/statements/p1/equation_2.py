"""Equation (2): the objective. Printed with + eta log pi, meant with - eta log pi.

With the printed sign the maximiser is deterministic and not softmax(Q/eta), which eq. (10), Algorithm 1 and the proof
of E.3 take for the maximiser.
"""

from __future__ import annotations

import math
from collections.abc import Iterator

import numpy as np
import sympy as sp
from scipy.special import entr

from mfbounds.bounds.cases import populations, random_policy
from mfbounds.bounds.problem import Problem
from mfbounds.bounds.statement import Bound, Case, Defect, DefectKind, Quantities, Statement, Tier, Witness
from mfbounds.bounds.symbols import V_max, measured
from mfbounds.games.affine import AffineGame
from mfbounds.mdp.exploitability import measured_quality
from mfbounds.mdp.occupation import frozen_occupation
from mfbounds.mdp.values import policy_values
from mfbounds.numbers import Measured

gain_plus, gain_minus = measured("gain_plus", signed=True), measured("gain_minus", signed=True)


def cases(problem: Problem) -> Iterator[Case]:
    """Random policies, mild and nearly deterministic, against the softmax of the optimal Q."""
    rng = problem.rng("eq2")
    shape = (problem.game.n_states, problem.game.n_actions)
    for mu, spread in zip(populations(problem, "eq2"), (0.3, 1.0, 3.0, 10.0), strict=False):
        yield {"mu": mu, "policy": random_policy(rng, shape, spread)}


def measure(problem: Problem, case: Case) -> Quantities:
    """How much a policy gains over softmax(Q/eta) under each sign of the entropy term."""
    mu, policy = case["mu"], case["policy"]
    quality = measured_quality(problem.game, policy, mu)
    frozen, best = problem.frozen(mu), problem.optimum(mu)
    plus = [_objective_plus(problem, mu, p) for p in (policy, best.policy)]
    values = policy_values(frozen, policy)
    # softmax(Q/eta) does not maximise the printed objective: what its logarithm is off by counts in the first order.
    level = 2 * (float(np.abs(frozen.reward).max()) + frozen.eta * math.log(frozen.n_actions)) * frozen.gain
    moved = best.log_error / 2 * (level + frozen.eta * float(np.ptp(best.log_policy, axis=1).max())) * frozen.gain
    error = 1e-12 * (abs(plus[0]) + abs(plus[1])) + 2 * values.error + quality.error + moved
    return {"gain_plus": Measured(plus[0] - plus[1], error), "gain_minus": Measured(-quality.value, quality.error)}


def _objective_plus(problem: Problem, mu: np.ndarray, policy: np.ndarray) -> float:
    """E sum gamma^t [r + eta log pi]: the reward less the entropy, under the occupation measure."""
    frozen = problem.frozen(mu)
    occupation = frozen_occupation(frozen, policy, mu)
    step = (policy * frozen.reward).sum(axis=1) - frozen.eta * entr(policy).sum(axis=1)
    return float(occupation @ step) / (1.0 - frozen.gamma)


def _deterministic_wins() -> Witness:
    game = AffineGame(np.ones((1, 2, 1)), np.array([[1.0, 0.0]]), gamma=0.0, eta=1.0, name="one state, two actions")
    case = {"mu": np.array([1.0]), "policy": np.array([[1.0, 0.0]])}
    return Witness(game=game, case=case, bound="printed / TV = l1")


STATEMENT = Statement(
    id="P1.eq2",
    title="The regularised objective and its maximiser",
    source="Section 2, eq. (2); also (34), Algorithms 3 and 6",
    claim="softmax(Q/eta) maximises the objective: no policy gains over it.",
    quantities={
        "gain_plus": (r"J_+(\pi)-J_+(\pi_\mu)", "gain over softmax(Q/eta) with + eta log pi, reward units"),
        "gain_minus": (r"J(\pi)-J(\pi_\mu)", "gain over softmax(Q/eta) with - eta log pi, reward units"),
    },
    cases=cases,
    measure=measure,
    bounds=(
        Bound(tier=Tier.PRINTED, left=gain_plus, right=sp.Integer(0), trivial=V_max),
        Bound(tier=Tier.REPAIRED, left=gain_minus, right=sp.Integer(0), trivial=V_max),
    ),
    defects=(
        Defect(
            name="sign",
            text="+ eta log pi penalises entropy: a deterministic policy then beats softmax(Q/eta).",
            kind=DefectKind.FALSE,
            bounds=("printed / TV = l1",),
            witness=_deterministic_wins,
        ),
    ),
)
