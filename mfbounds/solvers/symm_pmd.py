"""Symm-PMD: policy mirror descent on one policy for all players, from N-player trajectories (P2, Algorithm 2).

Each epoch estimates the Q values of pi_t by TD learning on M trajectories in which all players play pi_t (Algorithm 1),
then takes one step of mirror descent on q = Qhat - tau H(pi_t), mixed with the uniform policy.
"""

from __future__ import annotations

from collections.abc import Mapping
from dataclasses import dataclass
from typing import Any

import numpy as np

from mfbounds.checks import FloatArray
from mfbounds.errors import UnknownNameError
from mfbounds.games.dynamic.game import DynamicGame
from mfbounds.solvers.dynamic_iteration import DynamicState, first_state, uniform_policy
from mfbounds.solvers.pmd import learning_rates, mixing_weights, pmd_update
from mfbounds.solvers.schedule import shown
from mfbounds.solvers.td import TDOptions, check_td, learn

OUTPUTS = ("average", "last")
DEFAULT_TAU = 0.05


@dataclass(frozen=True, eq=False, kw_only=True)
class PMDOptions:
    """TD learning, step sizes xi_t, uniform weights, and which policy is returned; see `solve` for each."""

    td: TDOptions
    xi: FloatArray
    mixing: FloatArray
    output: str

    @property
    def parameters(self) -> dict[str, Any]:
        return {**self.td.parameters, "xi": shown(self.xi), "mixing": shown(self.mixing), "output": self.output}

    @property
    def schedules(self) -> Mapping[str, FloatArray]:
        return {"xi": self.xi, "mixing": self.mixing}


def check_pmd(
    game: DynamicGame,
    K: int,
    *,
    M: Any = 200,
    tau: Any = DEFAULT_TAU,
    xi: Any = None,
    xi_0: Any = 1.0,
    mixing: Any = "printed",
    output: Any = "average",
    **td: Any,
) -> PMDOptions:
    """The options of both policy mirror descents, or an error that names the wrong one.

    Raises:
        InputError: an option out of range, among them tau xi_t >= 1.
        UnknownNameError: an option or a word that is not known.
    """
    known = ("M", "tau", "xi", "xi_0", "mixing", "output", *TDOptions.__dataclass_fields__)
    for name in td:
        if name not in known:
            raise UnknownNameError("argument", name, tuple(dict.fromkeys(known)))
    if output not in OUTPUTS:
        raise UnknownNameError("output", output, OUTPUTS)
    learning = check_td(game, M=M, tau=tau, **td)
    return PMDOptions(
        td=learning,
        xi=learning_rates(xi, K, tau=learning.tau, xi_0=xi_0),
        mixing=mixing_weights(mixing, K),
        output=output,
    )


@dataclass(frozen=True, eq=False)
class PolicyMirrorDescent:
    """What Symm-PMD and independent PMD share: the options of a run, and one update of policies from their Q."""

    game: DynamicGame
    options: PMDOptions

    @property
    def parameters(self) -> Mapping[str, Any]:
        return self.options.parameters

    @property
    def schedules(self) -> Mapping[str, FloatArray]:
        return self.options.schedules

    @property
    def averages(self) -> bool:
        return self.options.output == "average"

    def updated(self, state: DynamicState, Q: FloatArray, t: int) -> FloatArray:
        """The log policies after epoch t.

        Q in place of q: they differ by a constant a row, which the normalisation takes out.
        """
        options = self.options
        xi, mixing = float(options.xi[t]), float(options.mixing[t])
        return pmd_update(state.memory["log_policy"], Q, xi=xi, tau=options.td.tau, mixing=mixing)


class SymmPMD(PolicyMirrorDescent):
    """One policy (H, S, A) for all players; `memory` holds its logarithm."""

    def first(self) -> DynamicState:
        policy = uniform_policy(self.game)
        return first_state(policy, log_policy=np.log(policy))

    def step(self, state: DynamicState, t: int, rng: np.random.Generator) -> DynamicState:
        found = learn(self.game, state.policy, self.options.td, rng)
        log_policy = self.updated(state, found.Q, t)
        return state.moved(rows(log_policy), trajectories=found.trajectories, log_policy=log_policy)


def rows(log_policy: FloatArray) -> FloatArray:
    """exp of a log policy; each row is divided by its sum, which differs from 1 by rounding only."""
    policy = np.exp(log_policy)
    policy /= policy.sum(axis=-1, keepdims=True)
    return policy
