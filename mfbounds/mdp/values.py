"""The value of a policy at a frozen population, with a bound on its error (P1, eqs. (2)-(4))."""

from __future__ import annotations

import math
from dataclasses import dataclass, field, replace
from functools import cached_property
from typing import Any

import numpy as np
from scipy.special import entr

from mfbounds.checks import FloatArray, Kernel, check_policy
from mfbounds.games.game import MeanFieldGame
from mfbounds.games.kinds import check_mean_field
from mfbounds.mdp.frozen import UNIT, Frozen, freeze
from mfbounds.mdp.linear import DiscountedSolver


@dataclass(frozen=True, eq=False, kw_only=True)
class Values:
    """V^pi and Q^pi of one policy at one population.

    Attributes:
        V: (S,), reward units; V(s) = sum_a pi(a|s) (Q(s,a) - eta log pi(a|s)).
        Q: (S, A), reward units, without the entropy of the current step: Q = r + gamma P V.
        policy, frozen: what was evaluated.
        chain: P^pi, (S, S).
        solver: solve(rhs, transposed) for (I - gamma P^pi) x = rhs and its transpose.
    """

    V: FloatArray
    Q: FloatArray
    policy: FloatArray = field(repr=False)
    frozen: Frozen = field(repr=False)
    chain: Kernel = field(repr=False)
    solver: DiscountedSolver = field(repr=False)

    @cached_property
    def error(self) -> float:
        """A bound on max_s |V(s) - V^pi(s)|: (residual + its rounding) times the norm of (I - gamma P^pi)^-1.

        The policy is read as its rows divided by their exact sums, and the kernel as `Frozen` says.
        """
        residual = float(np.abs(bellman(self.frozen, self.policy, self.Q) - self.V).max())
        return (residual + self._rounding) * self.frozen.gain

    @property
    def least_error(self) -> float:
        """The part of `error` that no solver can reduce."""
        return self._rounding * self.frozen.gain

    @cached_property
    def _rounding(self) -> float:
        frozen = self.frozen
        size = float(np.abs(self.Q).max()) + frozen.eta * (math.log(frozen.n_actions) + 1.0)
        return float(frozen.rounding(self.V) + row_defect(self.policy) * size)

    def at(self, frozen: Frozen) -> Values:
        """The values of the same policy in a process with the same kernel and discount, as `policy_values` finds them.

        The chain and its own factors are used again, those of a neighbour are not: the numbers are the same to the last bit.
        """
        solver = self.solver.alone()
        V = solver(bellman(frozen, self.policy, frozen.reward), False)
        return replace(self, V=V, Q=frozen.backup(V), frozen=frozen, solver=solver)


def bellman(frozen: Frozen, policy: FloatArray, Q: FloatArray) -> FloatArray:
    """sum_a pi(a|s) (Q(s,a) - eta log pi(a|s)), shape (S,); 0 log 0 counts as 0."""
    mean: FloatArray = (policy * Q).sum(axis=1) + frozen.eta * entr(policy).sum(axis=1)
    return mean


def log_softmax(logits: FloatArray) -> FloatArray:
    """log softmax of each row, (S, A): SciPy's, without its generality, which costs more than the numbers at this size."""
    shifted: FloatArray = logits - logits.max(axis=1, keepdims=True)
    shifted -= np.log(np.exp(shifted).sum(axis=1, keepdims=True))
    return shifted


def uniform_log_policy(n_states: int, n_actions: int) -> FloatArray:
    """The logarithm of the uniform policy, (S, A)."""
    return np.full((n_states, n_actions), -math.log(n_actions))


def row_defect(rows: FloatArray) -> float:
    """A bound on how far the exact sums of `rows`, along the last axis, are from 1."""
    return float(np.abs(rows.sum(axis=-1) - 1.0).max() + rows.shape[-1] * UNIT)


def mass_missed(rows: FloatArray, *, roundings: int) -> float:
    """`row_defect`; 0 where so many roundings explain that the sums, as computed, are not 1."""
    defect = row_defect(rows)
    return defect if defect > (roundings + rows.shape[-1]) * UNIT else 0.0


def policy_values(frozen: Frozen, policy: FloatArray, near: DiscountedSolver | None = None) -> Values:
    """`evaluate` for inner loops: nothing is validated; `near` solves for a policy that may be near this one."""
    chain = frozen.chain(policy)
    solver = DiscountedSolver(chain, frozen.gamma, frozen.chain_pattern, near)
    V = solver(bellman(frozen, policy, frozen.reward), False)
    return Values(V=V, Q=frozen.backup(V), policy=policy, frozen=frozen, chain=chain, solver=solver)


def evaluate(game: MeanFieldGame, policy: Any, mu: Any) -> Values:
    """V^pi and Q^pi at the population `mu`, by a direct solve.

    Args:
        policy: pi(a|s), (S, A); zeros are allowed.
        mu: population, (S,).

    Raises:
        InputError: `policy` or `mu` is not a distribution.

    Example:
        One state with reward 1 in either action; the uniform policy collects 1 + eta log 2 a step:

        >>> import numpy as np
        >>> from mfbounds.games import AffineGame
        >>> game = AffineGame(np.ones((1, 2, 1)), np.ones((1, 2)), gamma=0.5, eta=1.0)
        >>> values = evaluate(game, [[0.5, 0.5]], [1.0])
        >>> abs(float(values.V[0]) - 2 * (1 + np.log(2))) <= values.error < 1e-13
        True
    """
    check_mean_field(game)
    checked = check_policy(policy, game.n_states, game.n_actions)
    return policy_values(freeze(game, game.population(mu)), checked)
