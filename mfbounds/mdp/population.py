"""How a population moves: M steps under a policy, and the map F_M whose fixed points are the equilibria."""

from __future__ import annotations

import math
from dataclasses import dataclass, field
from typing import Any

import numpy as np
import scipy.sparse as sp

from mfbounds.checks import FloatArray, Kernel, check_positive, check_steps
from mfbounds.games.game import MeanFieldGame
from mfbounds.games.kinds import check_mean_field
from mfbounds.mdp.frozen import UNIT, Frozen, freeze
from mfbounds.mdp.optimum import frozen_optimum
from mfbounds.mdp.stationary import frozen_stationary


@dataclass(frozen=True, eq=False, kw_only=True)
class Step:
    """F_M(mu): the soft-optimal policy at mu and the law after M steps under it.

    Attributes:
        policy, log_policy: (S, A), soft optimal up to `policy_error`.
        law: F_M(mu), (S,).
        error_l1: a bound on the l1 error of `law`.
        policy_error: a bound on max_s of the policy's l1 error.
    """

    policy: FloatArray
    log_policy: FloatArray = field(repr=False)
    law: FloatArray
    error_l1: float
    policy_error: float


def push(frozen: Frozen, policy: FloatArray, xi: FloatArray, M: int | float) -> FloatArray:
    """xi (P^pi)^M, shape (S,); for M = inf the stationary law of P^pi, whatever xi is.

    The law is divided by its sum at every step: over an outer iteration of a game with an affine kernel an error in
    the mass would grow by the factor M + 1 (the population enters the kernel M times).

    Raises:
        NotUnichainError: M is infinite and P^pi has several recurrent classes.
    """
    if M == math.inf:
        return frozen_stationary(frozen, policy).law
    chain = frozen.chain(policy)
    if not sp.issparse(chain) and M > 8 * frozen.n_states:
        return _push_by_squaring(chain, xi, int(M))
    for _ in range(int(M)):
        xi = xi @ chain
        xi = xi / xi.sum()
    return xi


def best_response_step(game: MeanFieldGame, mu: Any, M: int | float = 1, *, tol: float = 1e-12) -> Step:
    """F_M(mu) = mu (P_mu^{pi_mu})^M with the soft-optimal policy pi_mu at mu.

    Args:
        mu: population, (S,).
        M: number of population steps, an integer >= 1 or ``math.inf`` (stationary law).
        tol: relative gap and policy error asked of the soft optimum, see `soft_optimal`.

    Raises:
        InputError: `mu` is not a distribution, `M` or `tol` is out of range.
        NotUnichainError: M is infinite and the chain has several recurrent classes.
    """
    check_mean_field(game)
    return frozen_step(
        freeze(game, game.population(mu)), game.population(mu), check_steps(M), check_positive(tol, "tol")
    )


def frozen_step(
    frozen: Frozen, mu: FloatArray, M: int | float, tol: float = 1e-12, start: FloatArray | None = None
) -> Step:
    """`best_response_step` for inner loops; `start` is a log policy to begin the optimisation at."""
    best = frozen_optimum(frozen, tol, start, policy_tol=tol)
    if M == math.inf:
        stationary = frozen_stationary(frozen, best.policy, best.policy_error)
        law, error = stationary.law, stationary.error
    else:
        law = push(frozen, best.policy, mu, M)
        # A kernel does not expand l1 distances, so the errors of the M steps add up at most.
        error = min(2.0, M * (best.policy_error + _step_rounding(frozen)))
    return Step(policy=best.policy, log_policy=best.log_policy, law=law, error_l1=error, policy_error=best.policy_error)


def _step_rounding(frozen: Frozen) -> float:
    """A bound on the l1 error of one step: mixing the actions, the products' sums, the division, what the rows miss.

    A law is off by what its kernel's rows miss, and its mass by as much, which its division spreads.
    """
    return (3 * frozen.n_states + 2 * frozen.n_actions + 10) * UNIT + 2.0 * (1.0 + 1e-9) * frozen.row_defect


def _push_by_squaring(chain: Kernel, xi: FloatArray, M: int) -> FloatArray:
    """xi P^M with about log2(M) products of matrices, rows divided by their sums after each."""
    power = np.asarray(chain)
    while M:
        if M & 1:
            xi = xi @ power
            xi = xi / xi.sum()
        M >>= 1
        if M:
            power = power @ power
            power = power / power.sum(axis=1, keepdims=True)
    return xi
