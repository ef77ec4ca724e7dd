"""What every solver for dynamic games and finite-horizon mean-field games shares: its state, and what a method is."""

from __future__ import annotations

from collections.abc import Mapping
from dataclasses import dataclass, field, replace
from types import MappingProxyType
from typing import Any, Protocol

import numpy as np

from mfbounds.checks import FloatArray
from mfbounds.games.dynamic.finite_horizon import FiniteHorizonGame
from mfbounds.games.dynamic.game import DynamicGame


@dataclass(frozen=True, eq=False, kw_only=True)
class DynamicState:
    """Where an iteration stands after t epochs: everything the next one depends on.

    Attributes:
        policy: pi_t, (H, S, A), or (N, H, S, A), one a player.
        total: pi_0 + ... + pi_t, of the shape of `policy`.
        trajectories: joint trajectories sampled so far.
        memory: further arrays of a method.
    """

    policy: FloatArray
    total: FloatArray
    trajectories: int = 0
    memory: Mapping[str, FloatArray] = field(default_factory=lambda: MappingProxyType({}))

    def moved(self, policy: FloatArray, *, trajectories: int = 0, **memory: FloatArray) -> DynamicState:
        """The state after one more epoch."""
        return replace(
            self,
            policy=policy,
            total=self.total + policy,
            trajectories=self.trajectories + trajectories,
            memory=MappingProxyType({**self.memory, **memory}),
        )


class DynamicMethod(Protocol):
    """A method with its options checked; what is drawn in epoch t comes from a generator of that epoch alone."""

    @property
    def parameters(self) -> Mapping[str, Any]:
        """What a run shows and what resuming compares, JSON types."""

    @property
    def schedules(self) -> Mapping[str, FloatArray]:
        """Arrays of K numbers, one an epoch."""

    @property
    def averages(self) -> bool:
        """Whether the method returns the average of pi_0, ..., pi_K in place of pi_K."""

    def first(self) -> DynamicState:
        """The state before the first epoch."""

    def step(self, state: DynamicState, t: int, rng: np.random.Generator) -> DynamicState:
        """The state after epoch t = 0..K-1."""


def first_state(policy: FloatArray, **memory: FloatArray) -> DynamicState:
    """The state of a method that starts at `policy`."""
    return DynamicState(policy=policy, total=policy, memory=MappingProxyType(memory))


def uniform_policy(game: DynamicGame | FiniteHorizonGame) -> FloatArray:
    """(H, S, A)."""
    return np.full((game.horizon, game.n_states, game.n_actions), 1.0 / game.n_actions)
