"""TD learning measured on a problem: limits, moments, and the bounds T_h on its bias and A_h on its variance (P2, Theorem 2).

All tables count rewards from r_min, so that estimates start at 0 and stay in [0, (H-h)(R + tau log|A|)].
"""

from __future__ import annotations

import math
from collections.abc import Mapping
from dataclasses import dataclass, replace

from flint import arb

from mfbounds.bounds.dynamic_problem import DynamicProblem
from mfbounds.bounds.dynamic_recursions import drift
from mfbounds.bounds.statement import L1, Case, HypothesisResult, Tier
from mfbounds.checks import FloatArray
from mfbounds.games.dynamic.counts import CountGame
from mfbounds.games.dynamic.game import DynamicGame
from mfbounds.games.dynamic.tabular import TabularGame
from mfbounds.mdp.finite_horizon import flow_values
from mfbounds.mdp.joint import ENTRIES, JointGame
from mfbounds.mdp.td_limit import TDLimit, TDMoments, td_limit, td_limit_of_strangers, td_moments
from mfbounds.mdp.td_paths import WORK_LIMIT, OwnPaths, own_paths, path_work
from mfbounds.numbers import Provenance

ROUNDING = 4e-15  # relative, of a sum of at most a few thousand positive terms a step


@dataclass(frozen=True)
class Evaluation:
    """One policy, evaluated by the mean field and by TD on a player.

    Attributes:
        Q: mean-field values Q^tau (H, S, A); mu: the flow (H, S, A).
        limit: the TD limit and the player's visits.
        error: bounds the error of each value, reward units.
    """

    Q: FloatArray
    mu: FloatArray
    limit: TDLimit
    error: float


def shifted_values(problem: DynamicProblem, policy: FloatArray) -> FloatArray:
    """Q^tau of the policy along its own flow, rewards counted from r_min, (H, S, A)."""
    flow = problem.flow(policy)
    shifted = replace(flow, rewards=flow.rewards - problem.game.reward_range[0])
    return flow_values(shifted, policy, problem.parameters.tau).Q


def evaluation(problem: DynamicProblem, policy: FloatArray, *, pooled: bool = False) -> Evaluation:
    """`pooled`: TD on a player drawn anew, uniformly, for each trajectory, instead of player 0."""

    def compute() -> Evaluation:
        tau, game = problem.parameters.tau, problem.game
        if enumerable(game):
            limit = td_limit(paths(problem, policy, pooled=pooled), policy, tau)
        else:
            assert isinstance(game, CountGame)
            limit = td_limit_of_strangers(game, policy, tau)
        Q = shifted_values(problem, policy)
        scale = float(Q.max()) + max(map(abs, game.reward_range))
        return Evaluation(Q, problem.flow(policy).mu, limit, ROUNDING * game.horizon * game.n_pairs * scale)

    return problem.remember(("evaluation", policy.tobytes(), pooled), compute)


def paths(problem: DynamicProblem, policy: FloatArray, *, pooled: bool = False) -> OwnPaths:
    """The law of the player's own path."""
    joint = problem.remember("joint", lambda: JointGame(tabular(problem.game)))
    players = range(problem.game.n_players) if pooled else (0,)
    return problem.remember(("paths", policy.tobytes(), pooled), lambda: own_paths(joint, policy, players))


def moments(problem: DynamicProblem, policy: FloatArray, *, c: float, M: int) -> TDMoments:
    """Moments of Algorithm 1 on player 0 after M trajectories with eta_m = u/(m+u), u = c/delta."""

    def compute() -> TDMoments:
        limit = evaluation(problem, policy).limit
        return td_moments(paths(problem, policy), limit, policy, problem.parameters.tau, u=c / limit.delta, M=M)

    return problem.remember(("moments", policy.tobytes(), c, M), compute)


def tabular(game: DynamicGame) -> TabularGame:
    """The game as tables."""
    if isinstance(game, CountGame):
        return game.tabular()
    assert isinstance(game, TabularGame)
    return game


def enumerable(game: DynamicGame) -> bool:
    """Whether a player's own paths can be enumerated."""
    joint = game.n_players * math.log(game.n_pairs * game.n_states)
    return joint <= math.log(ENTRIES) and path_work(JointGame(tabular(game))) <= WORK_LIMIT


def limit_known(problem: DynamicProblem, case: Case) -> HypothesisResult:  # noqa: ARG001
    """Not of the theorem: whether the TD limit can be computed here."""
    game = problem.game
    strangers = isinstance(game, CountGame) and game.independent and game.affine_rewards
    return computed("TD limit computed", strangers or enumerable(game))


def moments_known(problem: DynamicProblem, case: Case) -> HypothesisResult:  # noqa: ARG001
    """Not of the theorem: whether the moments of the tables can be computed here."""
    return computed("moments computed", enumerable(problem.game))


def computed(name: str, holds: bool) -> HypothesisResult:
    """A hypothesis about our own reach, not of the paper: met where a quantity can be enumerated, else undecided (None).

    Its value is 1 or 0, without a unit, and its margin 0: nothing lies between.
    """
    reason = "by enumeration" if holds else "too much to enumerate: nothing is said"
    return HypothesisResult(
        name=name, holds=holds or None, value=float(holds), margin=0.0, provenance=Provenance.CERTIFIED, reason=reason
    )


def bias_bound(
    problem: DynamicProblem, h: int, *, independent: bool = False, pooled: bool = False, affine: bool = False
) -> arb:
    """T_h = sum_{k>=h} [beta + L_mu e_k + ((H-k-1)(R + tau log|A|)/2)(alpha + K_mu e_k)], reward units.

    Args:
        independent: no law depends on the others: no K_mu, e_k without amplification.
        pooled: the player is drawn anew for each trajectory, and all have one law: no beta.
        affine: rewards affine in the counts, and `independent`: the drift of the expected counts instead of e_k.
    """
    values = problem.constants(Tier.REPAIRED, L1)
    e = mean_drift(values) if affine else drift(values, independent=independent).e
    step = values["R"] + values["tau"] * values["n_A"].log()
    total = arb(0)
    for k in range(h, problem.game.horizon):
        moved = values["alpha"] + (0 if independent else values["K_mu"] * e[k])
        span = (problem.game.horizon - k - 1) * step
        total += (0 if pooled else values["beta"]) + values["L_mu"] * e[k] + span / 2 * moved
    return total


def mean_drift(values: Mapping[str, arb]) -> tuple[arb, ...]:
    """Bounds on ||E sigma(rho_k^{-i}) - mu_k||_1 with independent dynamics: N/(N-1) alpha^2 k(k-1)/2 + k alpha/(N-1)."""
    N, alpha = values["N"], values["alpha"]
    steps = range(int(values["H"].unique_fmpz()))
    return tuple(N / (N - 1) * alpha**2 * k * (k - 1) / 2 + k * alpha / (N - 1) for k in steps)


def variance_bound(problem: DynamicProblem, h: int, c: float) -> arb:
    """A_h = max(Qmax_h^2, (c/(c-1))(A_{h+1} + (R + Qmax_{h+1})^2/4)), A_H = 0, Qmax_h = (H-h)(R + tau log|A|)."""
    values = problem.constants(Tier.REPAIRED, L1)
    step, ratio, H = values["R"] + values["tau"] * values["n_A"].log(), arb(c) / (arb(c) - 1), problem.game.horizon
    found = arb(0)
    for k in range(H - 1, h - 1, -1):
        top, width = (H - k) * step, values["R"] + (H - k - 1) * step
        found = (top * top).max(ratio * (found + width * width / 4))
    return found
