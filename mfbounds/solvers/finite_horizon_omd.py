"""Online mirror descent with exact values in a finite-horizon mean-field game, after Perolat et al. (2022).

    log pi_{t+1} = (1 - tau xi) log pi_t + xi q_t + const,    q_t the values of pi_t along its own flow,

with tau = 0 the cumulative form; with tau > 0 the mirror descent of P2, Algorithm 2, with exact q and without mixing.
"""

from __future__ import annotations

from collections.abc import Mapping
from dataclasses import dataclass
from typing import Any

import numpy as np

from mfbounds.checks import FloatArray, check_real
from mfbounds.errors import InputError, UnknownNameError
from mfbounds.games.dynamic.finite_horizon import FiniteHorizonGame
from mfbounds.mdp.finite_horizon import flow_of, flow_values
from mfbounds.solvers.dynamic_iteration import DynamicState, first_state, uniform_policy
from mfbounds.solvers.pmd import learning_rates, pmd_update
from mfbounds.solvers.schedule import shown
from mfbounds.solvers.symm_pmd import OUTPUTS, rows


@dataclass(frozen=True, eq=False)
class MirrorDescent:
    """One policy (H, S, A); `memory` holds its logarithm."""

    game: FiniteHorizonGame
    learning_rate: FloatArray
    tau: float
    output: str

    @classmethod
    def of(
        cls, game: FiniteHorizonGame, K: int, *, learning_rate: Any = 1.0, tau: Any = 0.0, output: Any = "last"
    ) -> MirrorDescent:
        """Checked options: `learning_rate`, a number, K numbers or a function of t; `tau` >= 0; `output`.

        Raises:
            InputError: tau < 0, a step <= 0, or tau xi_t >= 1.
            UnknownNameError: another `output` than "last" or "average".
        """
        if output not in OUTPUTS:
            raise UnknownNameError("output", output, OUTPUTS)
        if check_real(tau, "tau") < 0.0:
            raise InputError(f"tau == {tau}, must be >= 0: it weighs the entropy bonus")
        return cls(game, learning_rates(learning_rate, K, tau=float(tau), name="learning_rate"), float(tau), output)

    @property
    def parameters(self) -> Mapping[str, Any]:
        return {"learning_rate": shown(self.learning_rate), "tau": self.tau, "output": self.output}

    @property
    def schedules(self) -> Mapping[str, FloatArray]:
        return {"learning_rate": self.learning_rate}

    @property
    def averages(self) -> bool:
        return self.output == "average"

    def first(self) -> DynamicState:
        policy = uniform_policy(self.game)
        return first_state(policy, log_policy=np.log(policy))

    def step(self, state: DynamicState, t: int, rng: np.random.Generator) -> DynamicState:  # noqa: ARG002
        Q = flow_values(flow_of(self.game, state.policy), state.policy, self.tau).Q
        log_policy = pmd_update(state.memory["log_policy"], Q, xi=float(self.learning_rate[t]), tau=self.tau)
        return state.moved(rows(log_policy), log_policy=log_policy)
