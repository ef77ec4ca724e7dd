"""Runs of the exact algorithms as the statements look at them: the iterates that a bound speaks about."""

from __future__ import annotations

from collections.abc import Mapping
from dataclasses import dataclass

import numpy as np
from scipy.special import logsumexp

from mfbounds.bounds.problem import Problem
from mfbounds.checks import FloatArray
from mfbounds.mdp.population import push
from mfbounds.numbers import Measured
from mfbounds.solvers.trpo import trpo_iterates

UNIT = float(np.finfo(np.float64).eps)
RESOLVED = 100.0  # how many times its error a gap must be to be looked at


@dataclass(frozen=True, eq=False, kw_only=True)
class Level:
    """TRPO after L iterations at a frozen population.

    Attributes:
        policy, log_policy: (S, A).
        gaps: V* - V_L, (S,), each known up to `error`.
        drift: a bound on the rounding that the iteration has gathered in eta log pi_L, reward units.
        bellman: max_s (T V_L - V_L)(s), T the soft Bellman operator.
        span: max_s span_a (Q_L - eta log pi_L)(s, .).
    """

    policy: FloatArray
    log_policy: FloatArray
    gaps: FloatArray
    error: float
    drift: float
    bellman: Measured
    span: Measured


def trpo_levels(problem: Problem, mu: FloatArray, start: FloatArray | None = None) -> Mapping[int, Level]:
    """The levels in the parameters' L of one TRPO run at mu, from uniform or from the log policy `start`."""
    key = ("trpo", mu.tobytes(), b"" if start is None else start.tobytes())
    return problem.remember(key, lambda: _levels(problem, mu, problem.parameters.L, start))


def trpo_level(problem: Problem, mu: FloatArray, L: int, start: FloatArray | None = None) -> Level:
    """One level of `trpo_levels`, also one that the parameters do not name."""
    levels = trpo_levels(problem, mu, start)
    return levels[L] if L in levels else _levels(problem, mu, (L,), start)[L]


def resolved_levels(problem: Problem, mu: FloatArray, start: FloatArray | None = None) -> list[int]:
    """The first two levels, and those whose gap is well above its rounding: beyond them there is nothing to compare."""
    levels = trpo_levels(problem, mu, start)
    order = sorted(levels)
    return order[:2] + [L for L in order[2:] if levels[L].gaps.max() > RESOLVED * levels[L].error]


def _levels(problem: Problem, mu: FloatArray, wanted: tuple[int, ...], start: FloatArray | None) -> Mapping[int, Level]:
    frozen, optimum, eta = problem.frozen(mu), problem.optimum(mu), problem.game.eta
    levels, doubt = {}, 0.0
    for iterate in trpo_iterates(frozen, max(wanted), start):
        values = iterate.values
        doubt = max(doubt, values.error)
        if iterate.l not in wanted:
            continue
        size = float(np.abs(values.Q).max() + eta * np.abs(iterate.log_policy).max()) + eta
        soft = eta * logsumexp(values.Q / eta, axis=1)
        span = float(np.ptp(values.Q - eta * iterate.log_policy, axis=1).max())
        rounding = 2 * values.error + 8 * UNIT * size
        drift = doubt + 4 * UNIT * (iterate.l + 1) * size
        # eta log pi off by `drift` moves the policy by drift/eta in l1 and the value by span/2 times as much a step.
        moved = (drift * (span + drift) / (2 * eta)) / (1.0 - problem.game.gamma)
        levels[iterate.l] = Level(
            policy=iterate.policy,
            log_policy=iterate.log_policy,
            gaps=optimum.V - values.V,
            error=optimum.gap + optimum.error + values.error + moved,
            drift=drift,
            bellman=Measured(float((soft - values.V).max()), rounding),
            span=Measured(span, rounding),
        )
    return levels


def trpo_policy(
    problem: Problem, mu: FloatArray, L: int, start: FloatArray | None = None
) -> tuple[FloatArray, FloatArray]:
    """Policy and log policy of TRPO after L iterations."""
    *_, last = trpo_iterates(problem.frozen(mu), L, start)
    return last.policy, last.log_policy


def outer_run(problem: Problem, mu: FloatArray, *, L: int, K: int, beta: float, M: int | float) -> list[FloatArray]:
    """mu_0, ..., mu_K of Exact MF-TRPO (Algorithm 2, cold restarts) with a constant step."""
    key = ("outer", mu.tobytes(), L, beta, M)
    path: list[FloatArray] = problem.remember(key, lambda: [mu])
    while len(path) <= K:
        now = path[-1]
        policy, _ = trpo_policy(problem, now, L)
        moved = (1.0 - beta) * now + beta * push(problem.frozen(now), policy, now, M)
        path.append(moved / moved.sum())
    return path


def best_response_run(problem: Problem, mu: FloatArray, *, steps: list[float], M: int | float) -> list[FloatArray]:
    """mu_0, mu_1, ... of ExactAlgo (Algorithm 5) with the given steps."""
    path = [mu]
    for beta in steps:
        now = path[-1]
        moved = (1.0 - beta) * now + beta * problem.population_step(now, M).law
        path.append(moved / moved.sum())
    return path


def outer_rounding(problem: Problem, L: int, K: int) -> float:
    """A bound on the l2 rounding that K outer steps add to the recursion of C.5: of the products, and of the policy.

    The recursion shrinks what it is given, so the roundings of the steps add up at most. The policy's is that of
    eta log pi_L (the drift of `Level`) over eta.
    """
    game = problem.game
    level = (game.R + abs(game.reward_range[0]) + game.eta * (1.0 + np.log(game.n_actions))) / (1.0 - game.gamma)
    policy = 4 * UNIT * (L + 1 + 1.0 / (1.0 - game.gamma)) * level / game.eta
    return float(K * (8 * UNIT * (game.n_states + game.n_actions) + policy))
