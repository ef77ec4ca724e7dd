"""Symm-PMD on a problem with exact values, or with values perturbed by a known noise: what Theorem 3 speaks about (P2).

Rewards are counted from r_min, so that values lie in [0, Gamma], Gamma = H R + (H-1) tau log|A|.
"""

from __future__ import annotations

import math
from dataclasses import dataclass

import numpy as np
from flint import arb
from scipy.special import entr, rel_entr

from mfbounds.bounds.dynamic_problem import DynamicProblem
from mfbounds.bounds.formula import evaluate
from mfbounds.bounds.pmd_bounds import GAMMA
from mfbounds.bounds.regularised import EPS, reference
from mfbounds.bounds.td_errors import shifted_values
from mfbounds.checks import FloatArray
from mfbounds.numbers import Measured
from mfbounds.solvers.pmd import pmd_update


@dataclass(frozen=True)
class PMDRun:
    """T epochs of Algorithm 2, xi_t = (t+1)^(-1/2), mixing 1/(t+1), against a reference policy pi* with flow mu*.

    Attributes:
        policies: pi_0..pi_T, (T+1, H, S, A); `before`: pihat_1..pihat_T, before mixing, at the same indices from 1.
        values: the perturbed values qhat_0..qhat_{T-1} that were used, (T, H, S, A), without the current entropy.
        distance: Delta_t = sum_h E_mu* KL(pi*_h || pi_{t,h}), t = 0..T, nats.
        noise: epsilon_t = sum_h E_mu* |<qhat - q, pi* - pi_t>|, t = 0..T-1, reward units.
        error: bounds the rounding of each Delta_t and epsilon_t.
    """

    policies: FloatArray
    before: FloatArray
    values: FloatArray
    distance: FloatArray
    noise: FloatArray
    error: float

    @property
    def output(self) -> FloatArray:
        """The average of pi_0..pi_T, (H, S, A): what Algorithm 2 returns."""
        mean: FloatArray = self.policies.mean(axis=0)
        mean /= mean.sum(axis=2, keepdims=True)
        return mean


def pmd_run(problem: DynamicProblem, noise: float) -> PMDRun:
    """The run of the problem's T and tau; `noise` times R is the largest perturbation of a value."""
    return problem.remember(("pmd", noise), lambda: _run(problem, noise))


def _run(problem: DynamicProblem, noise: float) -> PMDRun:
    game, tau, T = problem.game, problem.parameters.tau, problem.parameters.T
    rng, target = problem.rng("pmd"), reference(problem).policy
    states = problem.flow(target).mu.sum(axis=2)  # mu*_h(s)
    shape = (game.horizon, game.n_states, game.n_actions)
    log_policy = np.full(shape, -math.log(game.n_actions))
    top = top_value(problem)
    policies, before, used, errors = [np.exp(log_policy)], [np.exp(log_policy)], [], []
    for t in range(T):
        policy, xi = policies[-1], (t + 1) ** -0.5
        exact = shifted_values(problem, policy) - tau * entr(policy).sum(axis=2)[..., None]
        used.append(np.clip(exact + noise * game.R * rng.uniform(-1.0, 1.0, shape), 0.0, top))
        errors.append(float((states * np.abs(((used[-1] - exact) * (target - policy)).sum(axis=2))).sum()))
        moved = pmd_update(log_policy, used[-1], xi=xi, tau=tau)
        log_policy = pmd_update(log_policy, used[-1], xi=xi, tau=tau, mixing=1.0 / (t + 1))
        before.append(np.exp(moved))
        policies.append(np.exp(log_policy))
    logs = max(1.0, math.log(game.n_actions * (T + 1)))
    rounding = 64 * EPS * game.horizon * (game.n_pairs + game.horizon) * (logs + top + tau * logs)
    distance = [float((states * rel_entr(target, policy).sum(axis=2)).sum()) for policy in policies]
    return PMDRun(
        policies=np.array(policies),
        before=np.array(before),
        values=np.array(used),
        distance=np.array(distance),
        noise=np.array(errors),
        error=rounding,
    )


def top_value(problem: DynamicProblem) -> float:
    """Gamma = H R + (H-1) tau log|A|, the largest value without the current entropy, reward units."""
    game = problem.game
    known = {"H": arb(game.horizon), "R": arb(game.R), "tau": arb(problem.parameters.tau), "n_A": arb(game.n_actions)}
    return float(evaluate(GAMMA, known).mid())


def apart(problem: DynamicProblem, policy: FloatArray) -> tuple[FloatArray, float]:
    """(w_h = sum_s mu*_h(s) ||pi_h - pi*_h||_1(s) for every h, its error)."""
    target = reference(problem).policy
    states = problem.flow(target).mu.sum(axis=2)
    found: FloatArray = (states * np.abs(policy - target).sum(axis=2)).sum(axis=1)
    return found, 32 * EPS * problem.game.n_pairs


def mean_distance(run: PMDRun, first: int) -> Measured:
    """The average of Delta_first..Delta_T, nats."""
    return Measured(float(run.distance[first:].mean()), run.error)
