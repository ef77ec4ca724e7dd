"""The restart oracle as an interface (P1, Section 2): any simulator that can reset and step, behind checks."""

from __future__ import annotations

from typing import Any, Protocol, runtime_checkable

import numpy as np
import numpy.typing as npt

from mfbounds.checks import FloatArray, check_count, check_distribution, check_eta, check_gamma, check_real
from mfbounds.errors import InputError
from mfbounds.simulation.cells import IntArray
from mfbounds.words import shortened

MOST_AT_ONCE = 2**18  # particles of a batched simulator that are in flight together


class Simulator(Protocol):
    """What the sampled solvers need to know of a problem: two moves and a few numbers; no kernel, no reward function.

    Attributes:
        n_states, n_actions: S and A.
        gamma: discount factor in [0, 1).
        eta: entropy temperature > 0 (reward units per nat).
        reward_range: (r_min, r_max), reward units; every reward at every population lies inside.
        start: mu0, the population before the first step, (S,).
    """

    n_states: int
    n_actions: int
    gamma: float
    eta: float
    reward_range: tuple[float, float]
    start: FloatArray

    def reset(self) -> int:
        """Puts the particle on a state drawn from nu, and returns it."""
        ...

    def step(self, action: int, mu: FloatArray) -> tuple[int, float]:
        """Plays `action` at the population `mu` (S,): the next state, and the reward of the state that was left."""
        ...


@runtime_checkable
class BatchSimulator(Protocol):
    """A simulator with many particles at once; it also has the numbers and moves of `Simulator`."""

    def reset_many(self, n: int) -> IntArray:
        """Puts particles 0..n-1 on independent draws from nu, and returns their states (n,)."""
        ...

    def step_many(self, which: IntArray, actions: IntArray, mu: FloatArray) -> tuple[IntArray, FloatArray]:
        """Moves the particles `which`, by their actions: next states and rewards, both of the shape of `which`."""
        ...


class Particles:
    """A simulator seen as a batch, with its calls counted and everything that it returns checked.

    Attributes:
        simulator: what is behind.
        batch: how many particles it can have in flight; 1 if it cannot batch.
        resets, steps: calls so far, one for each particle.

    Raises:
        InputError: the simulator lacks a method or a number, or returns a wrong one later.
    """

    def __init__(self, simulator: Simulator) -> None:
        _check_simulator(simulator)
        self.simulator = simulator
        self.batch = MOST_AT_ONCE if isinstance(simulator, BatchSimulator) else 1
        self.resets = self.steps = 0

    def reset(self, n: int) -> IntArray:
        """Restarts particles 0..n-1, n <= `batch`; their states, (n,)."""
        self.resets += n
        if isinstance(self.simulator, BatchSimulator):
            return self._states(self.simulator.reset_many(n), n, "reset_many")
        return self._states([self.simulator.reset()], 1, "reset")

    def step(self, which: IntArray, actions: IntArray, mu: FloatArray) -> tuple[IntArray, FloatArray]:
        """Moves the particles `which`; next states and rewards."""
        self.steps += len(which)
        if isinstance(self.simulator, BatchSimulator):
            states, rewards = _pair(self.simulator.step_many(which, actions, mu), "step_many")
            return self._states(states, len(which), "step_many"), self._rewards(rewards, len(which), "step_many")
        state, reward = _pair(self.simulator.step(int(actions[0]), mu), "step")
        return self._states([state], 1, "step"), self._rewards([reward], 1, "step")

    def _states(self, values: Any, n: int, call: str) -> IntArray:
        states = _array(values)
        if states.shape != (n,) or states.dtype.kind not in "iu":
            raise InputError(
                f"simulator.{call} returned state {shortened(values)}, must be an integer for each particle, shape ({n},)"
            )
        wrong = (states < 0) | (states >= self.simulator.n_states)
        if wrong.any():
            raise InputError(
                f"simulator.{call} returned state {states[wrong][0]}, must be in 0..{self.simulator.n_states - 1}: "
                "correct the simulator or its n_states"
            )
        return states.astype(np.int64)

    def _rewards(self, values: Any, n: int, call: str) -> FloatArray:
        rewards = _array(values)
        if rewards.shape != (n,) or rewards.dtype.kind not in "fiub":
            raise InputError(
                f"simulator.{call} returned reward {shortened(values)}, must be a number for each particle, shape ({n},)"
            )
        low, high = self.simulator.reward_range
        slack = 1e-12 * max(abs(low), abs(high), 1e-300)
        wrong = ~((rewards >= low - slack) & (rewards <= high + slack))
        if wrong.any():
            raise InputError(
                f"simulator.{call} returned reward {rewards[wrong][0]}, must be in reward_range == ({low}, {high}): "
                "correct the simulator, or widen reward_range"
            )
        return rewards.astype(np.float64)


def _pair(value: Any, call: str) -> tuple[Any, Any]:
    try:
        state, reward = value
    except (TypeError, ValueError):
        raise InputError(f"simulator.{call} returned {shortened(value)}, must be a pair (next state, reward)") from None
    return state, reward


def _array(values: Any) -> npt.NDArray[Any]:
    try:
        return np.asarray(values)
    except ValueError:  # lists of unequal lengths
        return np.empty(0, dtype=object)


def _check_simulator(simulator: Any) -> None:
    for name in ("reset", "step"):
        if not callable(getattr(simulator, name, None)):
            raise InputError(
                f"simulator == {shortened(simulator)}, must be a game, or have a method {name}; see Simulator"
            )
    for name in ("n_states", "n_actions", "gamma", "eta", "reward_range", "start"):
        if not hasattr(simulator, name):
            raise InputError(f"simulator == {shortened(simulator)}, must have an attribute {name}; see Simulator")
    n_states = check_count(simulator.n_states, "simulator.n_states")
    check_count(simulator.n_actions, "simulator.n_actions")
    check_gamma(simulator.gamma)
    check_eta(simulator.eta)
    check_distribution(simulator.start, n_states, "simulator.start")
    low, high = (check_real(simulator.reward_range[i], f"simulator.reward_range[{i}]") for i in range(2))
    if low > high:
        raise InputError(f"simulator.reward_range == ({low}, {high}), must have r_min <= r_max")
