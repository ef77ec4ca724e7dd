"""Finite-horizon mean-field games: flows, values, best responses, exploitability (P2, Definitions 5 and 9).

Everything is a finite recursion over h; nothing is iterated to convergence, so the only error is rounding.
"""

from __future__ import annotations

from dataclasses import dataclass
from typing import Any

import numpy as np
from scipy.special import entr, logsumexp

from mfbounds.checks import FloatArray, check_real
from mfbounds.errors import InputError
from mfbounds.games.dynamic.finite_horizon import FiniteHorizonGame


@dataclass(frozen=True)
class Flow:
    """The population under a policy: mu (H, S, A), and the kernels (H, S, A, S) and rewards (H, S, A) it induces."""

    mu: FloatArray
    kernels: FloatArray
    rewards: FloatArray
    start: FloatArray


@dataclass(frozen=True)
class TimeValues:
    """V (H, S) and Q (H, S, A) along a flow, reward units.

    With tau > 0 (P2, Definition 9) Q includes the current step's entropy bonus tau H(pi_h(.|s)), so V = <pi, Q>.
    """

    V: FloatArray
    Q: FloatArray


def population_flow(game: FiniteHorizonGame, policy: Any) -> Flow:
    """Lambda(policy): mu_0 = rho_0 . pi_0, mu_{h+1} = Gamma(mu_h, pi_{h+1}) (P2, Definition 5).

    Args:
        policy: time-dependent, shape (H, S, A).

    Raises:
        InputError: a policy of wrong shape or off the simplex.
    """
    return flow_of(game, game.policy(policy))


def flow_of(game: FiniteHorizonGame, policy: FloatArray) -> Flow:
    """`population_flow` for a policy that is known to be one: for inner loops."""
    mu = np.empty_like(policy)
    kernels = np.empty((*policy.shape, game.n_states))
    rewards = np.empty_like(policy)
    law = game.start
    for h in range(game.horizon):
        mu[h] = law[:, None] * policy[h]
        mu[h] /= mu[h].sum()  # rounding only: kernels and rewards want a distribution
        kernels[h], rewards[h] = game.kernel_at(mu[h]), game.reward_at(mu[h])
        law = np.tensordot(mu[h], kernels[h], axes=2)
    return Flow(mu, kernels, rewards, game.start)


def flow_values(flow: Flow, policy: FloatArray, tau: float = 0.0) -> TimeValues:
    """The values of `policy` for one player against a flow (P2, Definition 9).

    Args:
        policy: shape (H, S, A); need not be the policy that made the flow.
        tau: entropy weight >= 0, reward units per nat.
    """
    bonus = tau * entr(policy).sum(axis=2)
    horizon, n_states, _ = policy.shape
    V, Q = np.empty((horizon, n_states)), np.empty_like(policy)
    ahead = np.zeros(n_states)
    for h in range(horizon - 1, -1, -1):
        Q[h] = flow.rewards[h] + bonus[h][:, None] + flow.kernels[h] @ ahead
        V[h] = ahead = (policy[h] * Q[h]).sum(axis=1)
    return TimeValues(V, Q)


def flow_optimum(flow: Flow, tau: float = 0.0) -> tuple[FloatArray, FloatArray]:
    """(policy (H, S, A), V* (H, S)): a best response to a flow, by backward induction.

    With tau > 0 the soft optimum, softmax of the optimal action values over tau; with tau = 0 the first best action.
    """
    policy = np.zeros_like(flow.rewards)
    horizon, n_states, _ = flow.rewards.shape
    V = np.empty((horizon, n_states))
    ahead = np.zeros(n_states)
    for h in range(horizon - 1, -1, -1):
        q = flow.rewards[h] + flow.kernels[h] @ ahead
        if tau:
            V[h] = tau * logsumexp(q / tau, axis=1)
            policy[h] = np.exp((q - V[h][:, None]) / tau)
            policy[h] /= policy[h].sum(axis=1, keepdims=True)
        else:
            best = q.argmax(axis=1)
            policy[h, np.arange(len(best)), best] = 1.0
            V[h] = q[np.arange(len(best)), best]
        ahead = V[h]
    return policy, V


def flow_exploitability(game: FiniteHorizonGame, policy: Any, tau: float = 0.0) -> float:
    """max_pi' V(Lambda(pi), pi') - V(Lambda(pi), pi), reward units (P2, Definition 5).

    With tau > 0 both values carry the entropy bonus (regularised equilibrium: zero).

    Raises:
        InputError: a policy of wrong shape or off the simplex, tau < 0.
    """
    if check_real(tau, "tau") < 0.0:
        raise InputError(f"tau == {tau}, must be >= 0: it weighs the entropy bonus")
    checked = game.policy(policy)
    flow = flow_of(game, checked)
    best = flow_optimum(flow, tau)[1]
    return float(game.start @ (best[0] - flow_values(flow, checked, tau).V[0]))
