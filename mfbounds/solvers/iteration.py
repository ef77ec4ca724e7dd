"""What every solver of the population iteration shares: its state, its options, its damped step."""

from __future__ import annotations

import math
from collections.abc import Callable, Mapping
from dataclasses import dataclass, field
from types import MappingProxyType
from typing import Any, TypeAlias

import numpy as np

from mfbounds.checks import FloatArray
from mfbounds.games.game import MeanFieldGame
from mfbounds.mdp.frozen import Frozen, freeze
from mfbounds.mdp.optimum import frozen_optimum
from mfbounds.mdp.soft_optimum import SoftOptimum
from mfbounds.mdp.values import Values, policy_values
from mfbounds.solvers.baseline import Baseline
from mfbounds.solvers.sampling import PopulationSampling


@dataclass(frozen=True, eq=False, kw_only=True)
class State:
    """Where an iteration stands: everything the next step depends on.

    Attributes:
        mu: population, (S,).
        log_policy: logarithm of the policy that was played last, (S, A).
        memory: further arrays of a method; "response" is its last best response, a log policy, "optimum" the values (S,)
            of that response where it is a soft optimum.
        kept: whether `mu` is known to be a law that the policy keeps, up to rounding.
        found: what was computed at this state, so that it is not computed again; a run does not save it.
    """

    mu: FloatArray
    log_policy: FloatArray
    memory: Mapping[str, FloatArray] = field(default_factory=lambda: MappingProxyType({}))
    kept: bool = False
    found: dict[str, Any] = field(default_factory=dict, repr=False)

    @property
    def policy(self) -> FloatArray:
        return np.exp(self.log_policy)


@dataclass(frozen=True, kw_only=True)
class Options:
    """L TRPO updates and M population steps a round; whether TRPO starts at the previous policy; what one method needs."""

    L: int
    M: int | float
    warm_start: bool
    sampling: PopulationSampling | None = None
    baseline: Baseline | None = None


def frozen_at(game: MeanFieldGame, state: State) -> Frozen:
    """The game with the state's population frozen."""
    if "frozen" not in state.found:
        state.found["frozen"] = freeze(game, state.mu)
    frozen: Frozen = state.found["frozen"]
    return frozen


def values_at(game: MeanFieldGame, state: State) -> Values:
    """The values of the state's policy at its population."""
    if "values" not in state.found:
        state.found["values"] = policy_values(frozen_at(game, state), state.policy)
    values: Values = state.found["values"]
    return values


def optimum_at(game: MeanFieldGame, state: State, *, to_play: bool, guess: FloatArray | None = None) -> SoftOptimum:
    """The soft optimum at the state's population; to be played, its policy has to be precise and not its value alone.

    The optimisation begins at the optimum that was played last, or else at the policy or a guess of the values.
    """
    if to_play and "optimum" in state.found:
        known: SoftOptimum = state.found["optimum"]
        return known
    last = state.memory.get("optimum")
    optimum = frozen_optimum(
        frozen_at(game, state),
        start=values_at(game, state) if last is None else None,
        guess=guess if last is None else last,
        policy_tol=1e-12 if to_play else math.inf,
    )
    if to_play:  # the next step may ask for it
        state.found["optimum"] = optimum
    return optimum


# Exact steps take a game; sampled steps take a simulator as well.
StepFunction: TypeAlias = Callable[[Any, State, float, Options], State]


def damped(mu: FloatArray, law: FloatArray, beta: float) -> FloatArray:
    """mu + beta (law - mu), divided by its sum so that no mass error is passed on, shape (S,)."""
    moved = mu + beta * (law - mu) if beta < 1.0 else law
    normalised: FloatArray = moved / moved.sum()
    return normalised
