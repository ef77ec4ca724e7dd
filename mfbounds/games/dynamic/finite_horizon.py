"""The finite-horizon mean-field game (P2, Definition 4): one representative player against a flow of distributions."""

from __future__ import annotations

from collections.abc import Callable, Mapping
from dataclasses import dataclass, field
from types import MappingProxyType
from typing import Any

import numpy as np

from mfbounds.checks import FloatArray, check_count, check_distribution, check_rows, check_shape, frozen_array
from mfbounds.errors import InputError
from mfbounds.games.declared import check_declared
from mfbounds.games.dynamic.game import SIGNED, check_in_range, check_reward_range, check_time_policy
from mfbounds.numbers import Constant

DECLARABLE = ("K_mu", "L_mu", "L_pop", "affine", "slope")


@dataclass(frozen=True, eq=False, kw_only=True)
class FiniteHorizonGame:
    """P(.|s,a,mu) and R(s,a,mu) with mu a distribution over state-action pairs, shape (S, A).

    Attributes:
        n_states, n_actions, horizon: S, A, H.
        start: rho_0, shape (S,).
        reward_range: (r_min, r_max), reward units.
        fixed_kernel: (S, A, S) when mu plays no role in the dynamics, else None.
        kernel_function: mu (S, A) -> (S, A, S), else None.
        reward_function: mu (S, A) -> (S, A), reward units.
        declared: what is known from the construction: K_mu and L_mu (l1 to l1, of P and R in mu), L_pop; affine, the
            distance of R from affine in mu, reward units; slope, a bound on <R(mu)-R(mu'), mu-mu'>/||mu-mu'||_2^2.
        extension: how P and R were carried from the lattice to the simplex, in words.
        work: entries of the players' functions that an evaluation of P or R inside the simplex looks at, 0 for a formula or
            a table: long searches go by it.
    """

    n_states: int
    n_actions: int
    horizon: int
    start: FloatArray
    reward_range: tuple[float, float]
    fixed_kernel: FloatArray | None
    kernel_function: Callable[[FloatArray], FloatArray] | None
    reward_function: Callable[[FloatArray], FloatArray]
    declared: Mapping[str, Constant] = field(default_factory=lambda: MappingProxyType({}))
    extension: str = "given on the whole simplex"
    name: str = ""
    work: int = 0

    @classmethod
    def of(
        cls,
        kernel: Any,
        reward: Callable[[FloatArray], FloatArray],
        *,
        n_states: int,
        n_actions: int,
        horizon: int,
        reward_range: Any,
        start: Any = None,
        declared: Mapping[str, float | Constant] | None = None,
        extension: str = "given on the whole simplex",
        name: str = "",
        work: int = 0,
    ) -> FiniteHorizonGame:
        """A game from a kernel, an array (S, A, S) or a function of mu, and a reward function of mu.

        Raises:
            InputError: wrong shapes, rows off the simplex, H < 1, an empty reward range, a declared constant that is no
                number or below 0.
            UnknownNameError: `declared` names something else.
        """
        shape = (check_count(n_states, "n_states"), check_count(n_actions, "n_actions"), n_states)
        fixed = None
        if not callable(kernel):
            fixed = frozen_array(kernel, "kernel")
            check_shape(fixed, shape, "kernel")
            check_rows(fixed, "kernel")
        law = np.full(n_states, 1 / n_states) if start is None else start
        return cls(
            n_states=n_states,
            n_actions=n_actions,
            horizon=check_count(horizon, "horizon"),
            start=check_distribution(law, n_states, "start"),
            reward_range=check_reward_range(reward_range),
            fixed_kernel=fixed,
            kernel_function=kernel if fixed is None else None,
            reward_function=reward,
            declared=check_declared(declared, DECLARABLE, signed=SIGNED),
            extension=extension,
            name=name,
            work=check_count(work, "work", least=0),
        )

    @property
    def R(self) -> float:
        """The width r_max - r_min of the reward range, reward units."""
        return self.reward_range[1] - self.reward_range[0]

    def kernel(self, mu: Any) -> FloatArray:
        """P(.|s,a,mu), shape (S, A, S)."""
        return self.kernel_at(self.population(mu))

    def reward(self, mu: Any) -> FloatArray:
        """R(s,a,mu), shape (S, A), reward units."""
        return self.reward_at(self.population(mu))

    def population(self, mu: Any, name: str = "mu") -> FloatArray:
        """`mu` as a checked, read-only distribution over state-action pairs, shape (S, A)."""
        array = frozen_array(mu, name)
        check_shape(array, (self.n_states, self.n_actions), name)
        check_distribution(array.ravel(), array.size, name)
        return array

    def policy(self, policy: Any, name: str = "policy") -> FloatArray:
        """`policy` as a checked, read-only time-dependent policy, shape (H, S, A)."""
        return check_time_policy(policy, (self.horizon, self.n_states, self.n_actions), name)

    def kernel_at(self, mu: FloatArray) -> FloatArray:
        """`kernel` for a `mu` that is known to be a distribution: for inner loops."""
        if self.fixed_kernel is not None:
            return self.fixed_kernel
        assert self.kernel_function is not None
        kernel = frozen_array(self.kernel_function(mu), "kernel(mu)")
        check_shape(kernel, (self.n_states, self.n_actions, self.n_states), "kernel(mu)")
        check_rows(kernel, "kernel(mu)")
        return kernel

    def reward_at(self, mu: FloatArray) -> FloatArray:
        """`reward` for a `mu` that is known to be a distribution: for inner loops."""
        reward = frozen_array(self.reward_function(mu), "reward(mu)")
        if reward.shape != (self.n_states, self.n_actions):
            raise InputError(f"reward(mu).shape == {reward.shape}, must be {(self.n_states, self.n_actions)}")
        check_in_range(reward, self.reward_range, "reward(mu)")
        return reward

    def __repr__(self) -> str:
        what = self.name or "finite-horizon mean-field game"
        return f"<{what}: S={self.n_states}, A={self.n_actions}, H={self.horizon}>"
