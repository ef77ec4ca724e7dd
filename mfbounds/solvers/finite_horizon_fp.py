"""Fictitious play in a finite-horizon mean-field game, after Perrin et al. (2020).

Step t answers the flow of the average policy by a best response, and averages: occupations (H, S, A) with weights beta_t,
the policy being their conditional law, which is the same as drawing one of the responses for the whole path.
"""

from __future__ import annotations

from collections.abc import Mapping
from dataclasses import dataclass
from typing import Any

import numpy as np

from mfbounds.checks import FloatArray, check_real
from mfbounds.errors import InputError
from mfbounds.games.dynamic.finite_horizon import FiniteHorizonGame
from mfbounds.mdp.finite_horizon import Flow, flow_of, flow_optimum
from mfbounds.solvers.dynamic_iteration import DynamicState, first_state, uniform_policy
from mfbounds.solvers.schedule import StepSizes, averaging, shown, step_sizes


@dataclass(frozen=True, eq=False)
class FictitiousPlay:
    """The average policy (H, S, A); `memory` holds the averaged occupations and the plain average of the responses."""

    game: FiniteHorizonGame
    beta: FloatArray
    tau: float

    @classmethod
    def of(cls, game: FiniteHorizonGame, K: int, *, beta: StepSizes | None = None, tau: Any = 0.0) -> FictitiousPlay:
        """Checked options: `beta`, weights in (0, 1], by default 1/(k+1), k = 1..K; `tau` >= 0, for soft best responses.

        Raises:
            InputError: tau < 0 or a weight outside (0, 1].
        """
        if check_real(tau, "tau") < 0.0:
            raise InputError(f"tau == {tau}, must be >= 0: it weighs the entropy bonus")
        return cls(game, step_sizes(averaging if beta is None else beta, K), float(tau))

    @property
    def parameters(self) -> Mapping[str, Any]:
        return {"beta": shown(self.beta), "tau": self.tau}

    @property
    def schedules(self) -> Mapping[str, FloatArray]:
        return {"beta": self.beta}

    @property
    def averages(self) -> bool:
        return False

    def first(self) -> DynamicState:
        policy = uniform_policy(self.game)
        return first_state(policy, occupation=flow_of(self.game, policy).mu, plain=policy)

    def step(self, state: DynamicState, t: int, rng: np.random.Generator) -> DynamicState:  # noqa: ARG002
        beta = float(self.beta[t])
        flow = flow_of(self.game, state.policy)
        response, _ = flow_optimum(flow, self.tau)
        occupation = (1.0 - beta) * state.memory["occupation"] + beta * _occupation(flow, response)
        plain = (1.0 - beta) * state.memory["plain"] + beta * response
        return state.moved(_conditional(occupation, plain), occupation=occupation, plain=plain)


def _occupation(flow: Flow, policy: FloatArray) -> FloatArray:
    """The law of one player's pair at each step, (H, S, A), when it plays `policy` against a flow."""
    found, law = np.empty_like(policy), flow.start
    for h in range(len(policy)):
        found[h] = law[:, None] * policy[h]
        law = np.tensordot(found[h], flow.kernels[h], axes=2)
    return found


def _conditional(occupation: FloatArray, plain: FloatArray) -> FloatArray:
    """occupation / its sum over actions; where a state is never reached, the plain average of the responses."""
    mass = occupation.sum(axis=2, keepdims=True)
    policy = np.where(mass > 0.0, occupation, plain)
    policy /= policy.sum(axis=2, keepdims=True)
    return policy
