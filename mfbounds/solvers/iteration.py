"""What every solver of the population iteration shares: its state, its options, its damped step."""

from __future__ import annotations

from collections.abc import Callable, Mapping
from dataclasses import dataclass, field
from types import MappingProxyType
from typing import Any, TypeAlias

import numpy as np

from mfbounds.checks import FloatArray
from mfbounds.solvers.response import Baseline
from mfbounds.solvers.sampling import PopulationSampling


@dataclass(frozen=True, eq=False, kw_only=True)
class State:
    """Where an iteration stands: everything the next step depends on.

    Attributes:
        mu: population, (S,).
        log_policy: logarithm of the policy that was played last, (S, A).
        memory: further arrays of a method.
    """

    mu: FloatArray
    log_policy: FloatArray
    memory: Mapping[str, FloatArray] = field(default_factory=lambda: MappingProxyType({}))

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


# Exact steps take a game; sampled steps take a simulator as well.
StepFunction: TypeAlias = Callable[[Any, State, float, Options], State]


def damped(mu: FloatArray, law: FloatArray, beta: float) -> FloatArray:
    """mu + beta (law - mu), divided by its sum so that no mass error is passed on, shape (S,)."""
    moved = mu + beta * (law - mu)
    normalised: FloatArray = moved / moved.sum()
    return normalised
