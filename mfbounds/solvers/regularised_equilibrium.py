"""The regularised equilibrium of a finite-horizon mean-field game (P2, Definition 9), with a certificate.

Online mirror descent with the entropy bonus, exact values and a step that is halved when the exploitability stops
falling. On games that are monotone along flows it converges; on others it may not, and then says so. What is returned is
certified by its regularised exploitability, rounding included, whatever the game.
"""

from __future__ import annotations

import math
from dataclasses import dataclass
from typing import Any

import numpy as np

from mfbounds.checks import FloatArray, check_count, check_positive
from mfbounds.errors import InputError, NotConvergedError
from mfbounds.games.dynamic.finite_horizon import FiniteHorizonGame
from mfbounds.games.dynamic.game import DynamicGame
from mfbounds.mdp.finite_horizon import Flow, TimeValues, flow_exploitability, flow_of, flow_optimum, flow_values
from mfbounds.mdp.frozen import UNIT
from mfbounds.mdp.values import row_defect
from mfbounds.solvers.dynamic_iteration import uniform_policy
from mfbounds.solvers.pmd import pmd_update
from mfbounds.solvers.symm_pmd import rows
from mfbounds.symmetry.induced import induced_game

PATIENCE = 40  # steps without a new smallest exploitability before the step size is halved
SMALLEST_STEP = 1e-9


@dataclass(frozen=True, eq=False, kw_only=True)
class RegularisedEquilibrium:
    """A policy near the regularised equilibrium.

    Attributes:
        policy, mu: (H, S, A), the policy and its flow, which is known up to rounding.
        tau: weight of the entropy bonus, reward units a nat.
        exploitability: with the bonus (0 at the equilibrium), against `mu`, reward units.
        exploitability_error: a bound on the error of computing it.
        plain_exploitability: without it, at most `exploitability` + tau H log A (P2, Lemma 11).
        steps: of mirror descent.
    """

    policy: FloatArray
    mu: FloatArray
    tau: float
    exploitability: float
    exploitability_error: float
    plain_exploitability: float
    steps: int


def regularised_equilibrium(
    game: FiniteHorizonGame | DynamicGame,
    *,
    tau: float,
    tol: float = 1e-8,
    K: int = 100_000,
    start: Any = None,
) -> RegularisedEquilibrium:
    """The equilibrium of the game with the bonus tau H(pi_h(.|s)), up to a regularised exploitability of `tol`.

    It is reached where the exploitability and the bound on its error are at most `tol` together.

    Args:
        game: a mean-field game, or a dynamic game in place of the one it induces.
        tau: > 0, reward units a nat.
        tol: > 0, reward units.
        K: at most so many steps.
        start: the first policy, (H, S, A) with positive entries; uniform by default.

    Raises:
        InputError: an argument out of range.
        NotConvergedError: `tol` was not reached; the game need not be monotone, and below rounding nothing is certified.

    Example:
        >>> from mfbounds.games.dynamic.rps import a_rps
        >>> found = regularised_equilibrium(a_rps(horizon=3), tau=0.5, tol=1e-6)
        >>> found.exploitability + found.exploitability_error <= 1e-6
        True
    """
    check_positive(tau, "tau", why="without the bonus there may be many equilibria: use online-mirror-descent")
    check_positive(tol, "tol")
    played = induced_game(game) if isinstance(game, DynamicGame) else game
    if not isinstance(played, FiniteHorizonGame):
        raise InputError(f"game == {game!r}, must be of finite horizon; for a MeanFieldGame use mfbounds.equilibrium")
    policy = uniform_policy(played) if start is None else played.policy(start, "start")
    if policy.min() <= 0.0:
        raise InputError(f"start == {policy.min()} somewhere, must be > 0: mirror descent keeps zeros for ever")
    log_policy, step = np.log(policy), min(1.0, 0.5 / tau)
    best, since, gap = math.inf, 0, math.inf
    for k in range(check_count(K, "K") + 1):
        flow = flow_of(played, policy)
        values = flow_values(flow, policy, tau)
        best_values = flow_optimum(flow, tau)[1]
        gap = float(played.start @ (best_values[0] - values.V[0]))
        error = _rounding(flow, policy, values, best_values, tau)
        if gap + error <= tol:
            return RegularisedEquilibrium(
                policy=policy,
                mu=flow.mu,
                tau=tau,
                exploitability=gap,
                exploitability_error=error,
                plain_exploitability=flow_exploitability(played, policy),
                steps=k,
            )
        if gap <= error and error >= tol:
            raise NotConvergedError(
                f"tol == {tol:g}, must be > {error:.3g}: so much of an exploitability may be rounding here; raise tol"
            )
        best, since = (gap, 0) if gap < best else (best, since + 1)
        if since > PATIENCE:
            step, since = step / 2.0, 0
            if step < SMALLEST_STEP:
                break
        log_policy = pmd_update(log_policy, values.Q, xi=step, tau=tau)
        policy = rows(log_policy)
    raise NotConvergedError(
        f"regularised exploitability == {gap:.3g} (smallest {best:.3g}) after {k} steps, must be <= tol == {tol:g}: raise "
        "tau, tol or K; convergence is known for games that are monotone along flows"
    )


def _rounding(flow: Flow, policy: FloatArray, values: TimeValues, best: FloatArray, tau: float) -> float:
    """A bound on the error of <start, V* - V>, for V* = `best` (H, S): of both backups, step by step.

    A number of one step is made of S products of the step ahead, A of the policy and A of its entropy (or of the soft
    maximum), none of them larger than `size`; what a row of the kernel, of the policy or the start misses of mass 1 counts
    as an error of its products. The kernels pass the errors of the steps ahead on, and do not expand them.
    """
    horizon, n_states, n_actions = flow.rewards.shape
    largest = max(float(np.abs(array).max()) for array in (flow.rewards, values.V, values.Q, best))
    size = 2.0 * largest + tau * (math.log(n_actions) + 1.0)
    missed = sum(map(row_defect, (flow.kernels, policy, flow.start)))
    bound: float = 2.0 * (horizon + 1.0) * ((n_states + 2 * n_actions + 20) * UNIT + missed) * size * (1.0 + 1e-6)
    return bound
