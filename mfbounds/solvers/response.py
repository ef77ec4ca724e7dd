"""What the methods of the field share: their best responses, and how their population moves.

They are stated for finite horizons; here they are read for the stationary problem, where a policy's population is the law
that it keeps. With a finite M it is the law after M steps from the current population.
"""

from __future__ import annotations

import math
from collections.abc import Mapping
from dataclasses import dataclass, replace
from typing import Any

import numpy as np

from mfbounds.checks import FloatArray
from mfbounds.games.game import MeanFieldGame
from mfbounds.mdp.optimum import hard_optimal
from mfbounds.mdp.population import push
from mfbounds.mdp.stationary import frozen_stationary
from mfbounds.mdp.values import Values, log_softmax, policy_values
from mfbounds.solvers.iteration import Options, State, damped, frozen_at, optimum_at, values_at


@dataclass(frozen=True, eq=False)
class Response:
    """A best response as a log policy (S, A), and its values where they help to find the next."""

    log_policy: FloatArray
    soft_values: FloatArray | None = None
    values: Values | None = None

    @property
    def memory(self) -> dict[str, FloatArray]:
        """What the next state remembers."""
        optimum = {} if self.soft_values is None else {"optimum": self.soft_values}
        return {"response": self.log_policy, **optimum}

    @property
    def found(self) -> dict[str, Any]:
        """What the next state need not compute again."""
        return {} if self.values is None else {"response": self.values}


def best_response(game: MeanFieldGame, state: State, options: Options) -> Response:
    """A best response to the state's population.

    Regularised: the soft-optimal policy softmax(Q*/eta). Else, with Q* of the problem without the bonus, the greedy policy
    (-inf off its action; of several best actions one is taken), or softmax(Q*/temperature), the Boltzmann policy.
    """
    assert options.baseline is not None
    if options.baseline.regularised:
        optimum = optimum_at(game, state, to_play=True)
        return Response(optimum.log_policy, soft_values=optimum.V)
    start = state.memory.get("response", state.log_policy)
    best = hard_optimal(frozen_at(game, state), state.found.get("response", start.argmax(axis=1)))
    temperature = options.baseline.temperature
    if temperature is not None:
        return Response(boltzmann(best.Q, temperature))
    return Response(log_of(best.policy), values=best.values if game.fixed_kernel is not None else None)


def q_of_policy(game: MeanFieldGame, state: State, options: Options) -> FloatArray:
    """Q of the state's policy at its population, (S, A), with the entropy bonus or without it, as the options say."""
    assert options.baseline is not None
    if options.baseline.regularised:
        return values_at(game, state).Q
    plain, known = frozen_at(game, state).unregularised(), state.found.get("values")
    values: Values = known.at(plain) if known is not None else policy_values(plain, state.policy)
    return values.Q


def boltzmann(Q: FloatArray, temperature: float) -> FloatArray:
    """log softmax(Q/temperature), row by row, (S, A)."""
    return log_softmax(Q / temperature)


def log_of(policy: FloatArray) -> FloatArray:
    """The logarithm of a policy, -inf where it is 0."""
    logarithm: FloatArray = np.log(policy, out=np.full_like(policy, -math.inf), where=policy > 0.0)
    return logarithm


def population_of(game: MeanFieldGame, state: State, log_policy: FloatArray, M: int | float) -> FloatArray:
    """The population that a policy brings about from the state's: (S,), the law that P^pi keeps if M is infinite."""
    return push(frozen_at(game, state), np.exp(log_policy), state.mu, M)


def with_own_population(game: MeanFieldGame, state: State, M: int | float) -> State:
    """The first state, its population that of its policy: where fictitious play and online mirror descent begin."""
    return replace(state, mu=population_of(game, state, state.log_policy, M), found={})


def stays(game: MeanFieldGame, options: Options) -> bool:
    """Whether the law that a policy keeps at one population is the law that it keeps at all of them."""
    return game.fixed_kernel is not None and options.M == math.inf


def stepped(
    game: MeanFieldGame,
    state: State,
    log_policy: FloatArray,
    beta: float,
    options: Options,
    memory: Mapping[str, FloatArray] | None = None,
    found: Mapping[str, Any] | None = None,
) -> State:
    """The state after a step of size beta from the population towards that of the policy."""
    memory, found = memory or {}, dict(found or {})
    if not stays(game, options) or beta < 1.0:
        law = population_of(game, state, log_policy, options.M)
        return State(mu=damped(state.mu, law, beta), log_policy=log_policy, memory=memory, found=found)
    kept = frozen_stationary(frozen_at(game, state), np.exp(log_policy))
    return State(mu=kept.law, log_policy=log_policy, memory=memory, kept=True, found={"law": kept, **found})
