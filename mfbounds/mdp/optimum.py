"""The best policy at a frozen population: soft policy iteration, and Howard's for the unregularised problem.

Soft policy iteration (evaluate exactly, take softmax(Q/eta)) is Newton's method for V = TV, hence monotone and
quadratically convergent. It is TRPO with the step 1/eta in place of 1/(eta(l+2)).
"""

from __future__ import annotations

import math
from dataclasses import dataclass
from typing import Any

import numpy as np
import numpy.typing as npt

from mfbounds.checks import FloatArray, check_positive
from mfbounds.errors import NotConvergedError
from mfbounds.games.game import MeanFieldGame
from mfbounds.games.kinds import check_mean_field
from mfbounds.mdp.frozen import Frozen, freeze
from mfbounds.mdp.linear import DiscountedSolver
from mfbounds.mdp.refinement import ROUNDED
from mfbounds.mdp.soft_optimum import SoftOptimum, certified
from mfbounds.mdp.values import Values, policy_values, uniform_log_policy

MOST_STEPS = 1000  # a guard: Newton's method needs about ten


@dataclass(frozen=True, eq=False, kw_only=True)
class HardOptimum:
    """A deterministic policy of the unregularised problem; V* lies in [V - error, V + gap + error].

    Attributes:
        values: of the policy, which is one-hot.
        gap: a certified bound on max_s V*(s) - V^pi(s), rounding included.
    """

    values: Values
    gap: float

    @property
    def policy(self) -> FloatArray:
        return self.values.policy

    @property
    def V(self) -> FloatArray:
        return self.values.V

    @property
    def Q(self) -> FloatArray:
        return self.values.Q

    @property
    def error(self) -> float:
        """A bound on max_s |V(s) - V^pi(s)|."""
        return self.values.error


def soft_optimal(game: MeanFieldGame, mu: Any, tol: float = 1e-12) -> SoftOptimum:
    """The soft-optimal policy softmax(Q_mu/eta) at the population `mu`, with a certificate.

    Args:
        mu: population, (S,).
        tol: the gap asked for, relative to (max r - min r + eta log A)/(1-gamma), and the policy's l1 error asked for.
            Where rounding stops progress earlier, the best policy reached is returned: read `gap`, `policy_error`.

    Raises:
        InputError: `mu` is not a distribution, or `tol` <= 0.

    Example:
        One state: the optimal policy is softmax(r/eta), the value eta log sum exp(r/eta)/(1-gamma).

        >>> import numpy as np
        >>> from mfbounds.games import AffineGame
        >>> game = AffineGame(np.ones((1, 2, 1)), np.log([[1.0, 3.0]]), gamma=0.5, eta=1.0)
        >>> optimum = soft_optimal(game, [1.0])
        >>> optimum.policy.round(12), bool(abs(optimum.V[0] - 2 * np.log(4)) < 1e-14)
        (array([[0.25, 0.75]]), True)
    """
    check_mean_field(game)
    tol = check_positive(tol, "tol")
    return frozen_optimum(freeze(game, game.population(mu)), tol, policy_tol=tol)


def frozen_optimum(
    frozen: Frozen,
    tol: float = 1e-12,
    start: FloatArray | Values | None = None,
    *,
    guess: FloatArray | None = None,
    policy_tol: float = math.inf,
) -> SoftOptimum:
    """`soft_optimal` for inner loops.

    The gap is of the second order in the policy's error, so `tol` alone leaves a policy error near sqrt(tol);
    `policy_tol` asks for more.

    Args:
        start: a log policy (S, A) or the values of a policy to begin with; uniform by default.
        guess: values (S,) to begin with instead, of an optimum nearby, where no `start` is given or they are closer.

    Raises:
        NotConvergedError: a value overflows.
    """
    spread = float(frozen.reward.max() - frozen.reward.min())
    target = tol * (spread + frozen.eta * math.log(frozen.n_actions)) * frozen.gain
    values, log_policy = _first(frozen, start, guess)
    best: SoftOptimum | None = None
    improvement, stalled = math.inf, False
    for _ in range(MOST_STEPS):
        greedy = _greedy(frozen, values.V, values.Q)
        before, improvement = improvement, float(greedy.excess.max())
        # While Newton's method still gains, a certificate from TV - V that cannot reach the target is not worth its time.
        if not target / frozen.gain < improvement < before / 2.0:
            optimum = certified(values, log_policy, improvement)
            best = optimum if best is None or optimum.gap < best.gap else best
            if stalled or (max(best.gap, best.error) <= target and best.policy_error <= policy_tol):
                return best
            # Once rounding hides the increase of V, one more step is the last that can help.
            stalled = improvement <= values.least_error
        log_policy = greedy.log_policy
        values = _newton(frozen, values.V, greedy, values.solver.anchor)
    raise NotConvergedError(f"gap == {best.gap if best else math.nan}, must be <= {target}: {MOST_STEPS} steps taken")


def certify(values: Values, log_policy: FloatArray) -> SoftOptimum:
    """Any policy as a soft optimum up to a gap, certified from its own values alone."""
    return certified(values, log_policy, float(_greedy(values.frozen, values.V, values.Q).excess.max()))


@dataclass(frozen=True, eq=False)
class _Greedy:
    """softmax(Q/eta), its logarithm, and TV - V with TV = eta log sum exp(Q/eta), (S,)."""

    policy: FloatArray
    log_policy: FloatArray
    excess: FloatArray


def _greedy(frozen: Frozen, V: FloatArray, Q: FloatArray) -> _Greedy:
    top = Q.max(axis=1, keepdims=True)
    log_policy = (Q - top) / frozen.eta
    policy = np.exp(log_policy)
    total = policy.sum(axis=1, keepdims=True)
    log_total = np.log(total)
    policy /= total
    log_policy -= log_total
    return _Greedy(policy, log_policy, (top + frozen.eta * log_total)[:, 0] - V)


def _first(frozen: Frozen, start: FloatArray | Values | None, guess: FloatArray | None) -> tuple[Values, FloatArray]:
    """The policy to begin with, as its values and its logarithm, which has no zeros unless `start` is one that has."""
    if isinstance(start, np.ndarray) or (start is None and guess is None):
        log_policy = uniform_log_policy(frozen.n_states, frozen.n_actions) if start is None else start
        return policy_values(frozen, np.exp(log_policy)), log_policy
    begun = None if guess is None else (guess, _greedy(frozen, guess, frozen.backup(guess)))
    if isinstance(start, Values):
        own = start.V, _greedy(frozen, start.V, start.Q)
        if begun is None or np.ptp(own[1].excess) <= np.ptp(begun[1].excess):  # a shift of all values is no error
            begun = own
    assert begun is not None
    V, greedy = begun
    near = start.solver.anchor if isinstance(start, Values) else None
    return _newton(frozen, V, greedy, near), greedy.log_policy


def _newton(frozen: Frozen, V: FloatArray, greedy: _Greedy, near: DiscountedSolver | None) -> Values:
    """The values of softmax(Q/eta) as a correction of V, (I - gamma P')^-1 (TV - V): small, hence precise."""
    chain = frozen.chain(greedy.policy)
    solver = DiscountedSolver(chain, frozen.gamma, frozen.chain_pattern, near)
    largest = float(np.abs(V).max())
    # What Newton's method itself leaves is of the order of the square; to solve for more digits would be to no purpose.
    excess = float(np.abs(greedy.excess).max())
    enough = max(ROUNDED * largest, excess * (excess / (largest + 1e-300)))  # a square alone may overflow
    V = V + solver(greedy.excess, False, enough=enough)
    return Values(V=V, Q=frozen.backup(V), policy=greedy.policy, frozen=frozen, chain=chain, solver=solver)


def hard_optimal(frozen: Frozen, start: npt.NDArray[np.int64] | Values | None = None) -> HardOptimum:
    """The unregularised optimum by Howard's policy iteration; `eta` plays no role.

    `start` names the actions to begin with, (S,), those of the largest rewards by default; or it is the values of a
    deterministic policy, at another population that has the same kernel: its chain and factors are used again.

    An action is exchanged only where it is better beyond rounding, so ties cannot make the iteration cycle.
    """
    plain, states = frozen.unregularised(), np.arange(frozen.n_states)
    known = start if isinstance(start, Values) else None
    near: DiscountedSolver | None = None
    best = plain.reward.argmax(axis=1)
    if start is not None:
        best = start.policy.argmax(axis=1) if isinstance(start, Values) else start
    for _ in range(MOST_STEPS):
        values = policy_values(plain, np.eye(plain.n_actions)[best], near) if known is None else known.at(plain)
        advantage = values.Q.max(axis=1) - values.Q[states, best]
        noise = plain.rounding(values.V)
        better = advantage > 2.0 * (plain.gamma * values.error + noise)
        if not better.any():
            gap = (float((values.Q.max(axis=1) - values.V).max()) + noise) * plain.gain + values.error
            return HardOptimum(values=values, gap=max(gap, 0.0))
        best, known, near = np.where(better, values.Q.argmax(axis=1), best), None, values.solver.anchor
    raise NotConvergedError(f"steps == {MOST_STEPS}, must suffice for Howard's iteration: an action kept changing")
