"""Near-equilibria of the entropy-regularised mean-field game (P2, Definition 12), with the gap that is left.

No claim needs the equilibrium itself: what a statement says of it is said of any policy, with its regularised
exploitability added. So the iteration may stop anywhere; a smaller gap makes a more telling comparison.
"""

from __future__ import annotations

import math
from dataclasses import dataclass, replace

import numpy as np
from scipy.special import entr, logsumexp

from mfbounds.bounds.dynamic_problem import DynamicProblem
from mfbounds.checks import FloatArray
from mfbounds.mdp.finite_horizon import Flow, flow_optimum, flow_values
from mfbounds.numbers import Measured

SWEEPS = 100
ENOUGH = 1e-13  # relative gap at which the iteration stops
EPS = float(np.finfo(np.float64).eps)


@dataclass(frozen=True)
class Reference:
    """A policy (H, S, A) and its regularised exploitability, reward units."""

    policy: FloatArray
    gap: Measured


def reference(problem: DynamicProblem) -> Reference:
    """The policy of smallest regularised exploitability among the iterates of damped mirror descent from uniform."""
    return problem.remember("reference", lambda: _solve(problem))


def _solve(problem: DynamicProblem) -> Reference:
    game, tau = problem.game, problem.parameters.tau
    logits = np.zeros((game.horizon, game.n_states, game.n_actions))
    share, best = 0.5, Reference(np.exp(_normal(logits)), Measured(np.inf))
    kept = logits
    for _ in range(SWEEPS):
        policy = np.exp(_normal(logits))
        gap = regularised_exploitability(problem, policy)
        if gap.value < best.gap.value:
            best, kept = Reference(policy, gap), logits
        else:  # overshot: back to the best, with half the step
            share, logits = share / 2, kept
            policy = best.policy
        if best.gap.value <= ENOUGH * (1.0 + game.R * game.horizon) or share < 1e-3:
            break
        scores = flow_values(problem.flow(policy), policy, tau).Q - tau * entr(policy).sum(axis=2)[..., None]
        logits = (1.0 - share) * _normal(logits) + share * scores / tau
    return best


def _normal(logits: FloatArray) -> FloatArray:
    normal: FloatArray = logits - logsumexp(logits, axis=2, keepdims=True)
    return normal


def regularised_exploitability(problem: DynamicProblem, policy: FloatArray, tau: float | None = None) -> Measured:
    """max_pi' V^tau(Lambda(pi), pi') - V^tau(Lambda(pi), pi), reward units; the problem's tau unless given."""
    weight = problem.parameters.tau if tau is None else tau
    flow = problem.flow(policy)
    best = flow_optimum(flow, weight)[1][0]
    value = float(problem.game.start @ (best - flow_values(flow, policy, weight).V[0]))
    return Measured(max(value, 0.0), value_error(flow, weight))


def value_error(flow: Flow, tau: float) -> float:
    """Bounds the rounding of any value along a flow, reward units."""
    H, S, A = flow.rewards.shape
    level = float(np.abs(flow.rewards).max()) + tau * math.log(A) + 1e-300
    return float(32 * EPS * H * (S + A) * H * level)


def start_value(flow: Flow, policy: FloatArray, tau: float) -> float:
    """V^tau of `policy` against a flow."""
    return float(flow.start @ flow_values(flow, policy, tau).V[0])


def without_rewards(flow: Flow) -> Flow:
    """The flow with all rewards 0: its values are entropies alone."""
    return replace(flow, rewards=np.zeros_like(flow.rewards))
