"""The mean-field flow mu_t = mu (P^pi)^t, its value, and how the value answers to small changes of a population.

The derivative serves N players twice. It predicts the spread of their value (the central limit theorem). And it is a
control variate: for *any* functions g_t the sum of gamma^t <mu_t^N - mu_(t-1)^N P, g_t> has the mean zero, since
mu_(t-1)^N P is the mean of mu_t^N given the past; with the derivatives as g_t it carries all of the spread that is of
order 1/sqrt(N), and leaves the bias, which is of order 1/N, in the open. Errors of the derivative cost precision, never
correctness.
"""

from __future__ import annotations

import math
from dataclasses import dataclass, field

import numpy as np

from mfbounds.checks import FloatArray, Kernel
from mfbounds.simulation.n_players_dynamics import Dynamics

MOST_STATES = 1000  # beyond it the derivative leaves out how the population acts on rewards and moves
MOST_EVALUATIONS = 60_000  # populations at which the game is evaluated for the derivatives
MOVED = 1e-6  # l1 distance from which the derivative is computed again


@dataclass(frozen=True, eq=False, kw_only=True)
class Flow:
    """The mean field from mu on, for T+1 steps.

    Attributes:
        laws: mu_0..mu_T, (T+1, S).
        rewards: the mean reward of each step, (T+1,), reward units.
        slopes: g_0..g_T, (T+1, S): the derivative of the discounted value from step t on at mu_t, up to a constant.
        sigma: sqrt(N) times the standard deviation of the players' value in the limit of large N, reward units, when
            their starts are drawn; `sigma_moves` when only their moves are.
        gamma: discount factor.
    """

    laws: FloatArray
    rewards: FloatArray
    slopes: FloatArray = field(repr=False)
    sigma: float
    sigma_moves: float
    gamma: float

    def value(self, T: int) -> float:
        """sum_{t<=T} gamma^t of the mean rewards, reward units."""
        return math.fsum(self.gamma**t * float(r) for t, r in enumerate(self.rewards[: T + 1]))


def mean_field_flow(dynamics: Dynamics, mu: FloatArray, T: int) -> Flow:
    """The flow of T steps from `mu` (S,) with its derivatives."""
    gamma, laws = dynamics.game.gamma, np.empty((T + 1, dynamics.size))
    laws[0] = mu
    for t in range(T):
        after = dynamics.push(laws[t : t + 1])[0]
        laws[t + 1] = after / after.sum()
    rewards = np.array([float(law @ dynamics.rewards(law[None])[0]) for law in laws])
    places, nodes = _nodes(dynamics, laws)
    slopes, variance = np.zeros_like(laws), 0.0
    for t in range(T, -1, -1):
        reward, step = nodes[places[t]]
        if t < T:
            later = slopes[t + 1]
            slopes[t] = reward + gamma * (step @ later)
            variance += gamma ** (2 * (t + 1)) * _variance(dynamics, laws[t], later)
        else:
            slopes[t] = reward
    start = float(mu @ slopes[0] ** 2 - (mu @ slopes[0]) ** 2)
    return Flow(
        laws=laws,
        rewards=rewards,
        slopes=slopes,
        sigma=math.sqrt(max(variance + start, 0.0)),
        sigma_moves=math.sqrt(max(variance, 0.0)),
        gamma=gamma,
    )


def _nodes(dynamics: Dynamics, laws: FloatArray) -> tuple[list[int], list[tuple[FloatArray, Kernel]]]:
    """For each step the place in a list of derivatives; steps at nearly the same law share one."""
    full = dynamics.size <= MOST_STATES and dynamics.game.interacts
    derivative = dynamics.slopes if full else dynamics.plain_slopes
    most = max(1, MOST_EVALUATIONS // (2 * dynamics.size))
    places: list[int] = []
    nodes: list[tuple[FloatArray, Kernel]] = []
    at = laws[0]
    for law in laws:
        if not nodes or (np.abs(law - at).sum() > MOVED and len(nodes) < most):
            nodes.append(derivative(law))
            at = law
        places.append(len(nodes) - 1)
    return places, nodes


def _variance(dynamics: Dynamics, m: FloatArray, values: FloatArray) -> float:
    """The mean over s ~ m of the variance of `values` after one move from s."""
    chain = dynamics.chains(m[None])[0]
    centred = values - values.mean()
    return float(m @ np.maximum(chain @ centred**2 - (chain @ centred) ** 2, 0.0))
