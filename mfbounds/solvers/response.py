"""What the methods of the field share: their options, their best responses, and how their population moves.

They are stated for finite horizons; here they are read for the stationary problem, where a policy's population is the law
that it keeps. With a finite M it is the law after M steps from the current population.
"""

from __future__ import annotations

import math
from collections.abc import Mapping
from dataclasses import dataclass
from types import MappingProxyType
from typing import Any

import numpy as np
from scipy.special import log_softmax

from mfbounds.checks import FloatArray, check_positive
from mfbounds.errors import InputError, UnknownNameError
from mfbounds.games.game import MeanFieldGame
from mfbounds.mdp.frozen import Frozen, freeze
from mfbounds.mdp.optimum import frozen_optimum, hard_optimal
from mfbounds.mdp.population import push

RESPONSE_OPTIONS = ("regularised", "temperature")
BASELINES: Mapping[str, tuple[str, ...]] = MappingProxyType(
    {
        "fictitious-play": RESPONSE_OPTIONS,
        "online-mirror-descent": ("regularised", "learning_rate", "temperature"),
        "damped-fixed-point": RESPONSE_OPTIONS,
        "policy-iteration": RESPONSE_OPTIONS,
    }
)


@dataclass(frozen=True, kw_only=True)
class Baseline:
    """The options of a baseline, checked; see `solve` for their meaning.

    Attributes:
        regularised: whether the game with the entropy bonus is played, or the one without.
        temperature: of softmax(Q/temperature), reward units; None for the best response itself.
        learning_rate: weight of each Q in the cumulative one (online mirror descent).
    """

    regularised: bool
    temperature: float | None
    learning_rate: float | None = None

    @property
    def parameters(self) -> dict[str, Any]:
        rate = {} if self.learning_rate is None else {"learning_rate": self.learning_rate}
        return {"regularised": self.regularised, "temperature": self.temperature, **rate}


def check_baseline(method: str, eta: float, **given: Any) -> Baseline:
    """The options of the baseline `method`, or an error that names the wrong one."""
    for name in given:
        if name not in BASELINES[method]:
            raise UnknownNameError(f"argument of {method}", name, BASELINES[method])
    regularised, temperature = given.get("regularised", True), given.get("temperature")
    if not isinstance(regularised, bool | np.bool_):
        raise InputError(f"regularised == {regularised!r}, must be True or False")
    if method == "online-mirror-descent":
        temperature = check_positive(given.get("temperature", 1.0), "temperature")
        rate = check_positive(given.get("learning_rate", 0.1), "learning_rate")
        if regularised and rate * eta > temperature:
            raise InputError(
                f"learning_rate == {rate}, must be <= temperature/eta == {temperature / eta}: beyond it the step from "
                "log pi to Q/eta overshoots; take a lower learning_rate"
            )
        return Baseline(regularised=bool(regularised), temperature=temperature, learning_rate=rate)
    if temperature is not None:
        temperature = check_positive(temperature, "temperature")
        if regularised:
            raise InputError(
                f"temperature == {temperature}, must be None when regularised: the soft best response has the "
                "temperature eta of the game; take regularised=False for softmax(Q/temperature)"
            )
    return Baseline(regularised=bool(regularised), temperature=temperature)


def best_response(frozen: Frozen, options: Baseline, start: FloatArray) -> FloatArray:
    """The logarithm of a best response, (S, A), the optimisation begun at the log policy `start`.

    Regularised: the soft-optimal policy softmax(Q*/eta). Else, with Q* of the problem without the bonus, the greedy policy
    (-inf off its action; of several best actions one is taken), or softmax(Q*/temperature), the Boltzmann policy.
    """
    if options.regularised:
        return frozen_optimum(frozen, start=start, policy_tol=1e-12).log_policy
    best = hard_optimal(frozen, start=start.argmax(axis=1))
    return log_of(best.policy) if options.temperature is None else boltzmann(best.Q, options.temperature)


def boltzmann(Q: FloatArray, temperature: float) -> FloatArray:
    """log softmax(Q/temperature), row by row, (S, A)."""
    log_policy: FloatArray = log_softmax(Q / temperature, axis=1)
    return log_policy


def log_of(policy: FloatArray) -> FloatArray:
    """The logarithm of a policy, -inf where it is 0."""
    logarithm: FloatArray = np.log(policy, out=np.full_like(policy, -math.inf), where=policy > 0.0)
    return logarithm


def kept(frozen: Frozen, log_policy: FloatArray, mu: FloatArray, M: int | float) -> FloatArray:
    """The population that a policy brings about from `mu`: (S,), the law that P^pi keeps if M is infinite."""
    return push(frozen, np.exp(log_policy), mu, M)


def first_population(game: MeanFieldGame, log_policy: FloatArray, M: int | float) -> FloatArray:
    """The population of the first policy, which fictitious play and online mirror descent begin at, (S,)."""
    return kept(freeze(game, game.start), log_policy, game.start, M)
