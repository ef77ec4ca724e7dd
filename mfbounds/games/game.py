"""The model: a finite mean-field game with discounting and entropy regularisation (P1, Section 2).

Dimension letters: S states, A actions. Arrays are float64; policy (S, A), population mu (S,), reward (S, A), kernel
(S, A, S) dense or CSR (S*A, S) sparse, row s*A + a holding P(.|s,a,mu).
"""

from __future__ import annotations

from collections.abc import Callable, Mapping
from copy import copy
from dataclasses import dataclass, field
from functools import cached_property
from types import MappingProxyType
from typing import Any, Self

import numpy as np
import scipy.sparse as sp

from mfbounds.checks import (
    FloatArray,
    Kernel,
    check_count,
    check_distribution,
    check_eta,
    check_gamma,
    check_kernel,
    check_real,
    check_shape,
    frozen_array,
)
from mfbounds.errors import InputError, UnknownNameError
from mfbounds.games.declared import check_declared
from mfbounds.games.pattern import ChainPattern
from mfbounds.numbers import Constant

DECLARABLE = ("L_r", "L_r1", "L_P", "L_P1", "L_P_entry", "kappa_A", "rho_1")


@dataclass(frozen=True)
class Origin:
    """How to build the game again: a factory of `mfbounds.games` and its keyword arguments (JSON types only)."""

    factory: str
    arguments: Mapping[str, Any]

    def __str__(self) -> str:
        inside = ", ".join(f"{key}={value!r}" for key, value in self.arguments.items())
        return f"{self.factory}({inside})"


@dataclass(frozen=True, eq=False, kw_only=True)
class MeanFieldGame:
    """A mean-field game; build one with `from_functions`, `AffineGame` or a factory of `mfbounds.games`.

    Attributes:
        n_states, n_actions: S and A.
        gamma: discount factor in [0, 1).
        eta: entropy temperature > 0 (reward units per nat).
        restart: nu, the law of the oracle's reset, shape (S,); uniform by default.
        start: mu0, the population before the first step, shape (S,); uniform by default.
        reward_range: (r_min, r_max), reward units; every reward at every mu lies inside.
        fixed_kernel, fixed_reward: the kernel (the reward) when mu plays no role in it, else None.
        declared: regularity constants known from the game's construction or declared by the user.
        origin: how to build the game again, when a factory made it.
        layout: drawing instructions for `mfbounds.plots` (for instance the cells of a grid); never used in numbers.
    """

    n_states: int
    n_actions: int
    gamma: float
    eta: float
    restart: FloatArray
    start: FloatArray
    reward_range: tuple[float, float]
    fixed_kernel: Kernel | None
    fixed_reward: FloatArray | None
    kernel_function: Callable[[FloatArray], Kernel] | None = None
    reward_function: Callable[[FloatArray], FloatArray] | None = None
    declared: Mapping[str, Constant] = field(default_factory=lambda: MappingProxyType({}))
    name: str = ""
    origin: Origin | None = None
    layout: Mapping[str, Any] = field(default_factory=lambda: MappingProxyType({}))

    @property
    def R(self) -> float:
        """The width r_max - r_min of the reward range, reward units."""
        return self.reward_range[1] - self.reward_range[0]

    @property
    def interacts(self) -> bool:
        """Whether mu plays a role in the kernel or in the reward."""
        return self.fixed_kernel is None or self.fixed_reward is None

    @cached_property
    def pattern(self) -> ChainPattern | None:
        """Where the entries of the kernel fall in a chain, when the kernel is sparse and mu plays no role in it."""
        return ChainPattern.of(self.fixed_kernel) if sp.issparse(self.fixed_kernel) else None

    def population(self, mu: Any, name: str = "mu") -> FloatArray:
        """`mu` as a checked, read-only distribution over the states, shape (S,)."""
        return check_distribution(mu, self.n_states, name)

    def kernel(self, mu: Any) -> Kernel:
        """P(.|s,a,mu): dense (S, A, S) or CSR (S*A, S)."""
        return self.kernel_at(self.population(mu))

    def reward(self, mu: Any) -> FloatArray:
        """r(s,a,mu), shape (S, A), reward units."""
        return self.reward_at(self.population(mu))

    def kernel_at(self, mu: FloatArray) -> Kernel:
        """`kernel` for a `mu` that is known to be a distribution: for inner loops."""
        if self.fixed_kernel is not None:
            return self.fixed_kernel
        assert self.kernel_function is not None
        return self._checked_kernel(self.kernel_function(mu))

    def reward_at(self, mu: FloatArray) -> FloatArray:
        """`reward` for a `mu` that is known to be a distribution: for inner loops."""
        if self.fixed_reward is not None:
            return self.fixed_reward
        assert self.reward_function is not None
        return self._checked_reward(self.reward_function(mu))

    def _checked_kernel(self, values: Any) -> Kernel:
        kernel = check_kernel(values, "kernel(mu)")
        _check_kernel_shape(kernel, self.n_states, self.n_actions, "kernel(mu)")
        return kernel

    def _checked_reward(self, values: Any, *, rounded: bool = True) -> FloatArray:
        """The rewards, when they lie in `reward_range`: up to rounding where they are `rounded`, as code computes them."""
        reward = frozen_array(values, "reward(mu)")
        check_shape(reward, (self.n_states, self.n_actions), "reward(mu)")
        low, high = self.reward_range
        slack = 1e-12 * max(abs(low), abs(high), 1e-300) if rounded else 0.0
        if reward.min() < low - slack or reward.max() > high + slack:
            raise InputError(
                f"reward(mu) in [{reward.min()}, {reward.max()}], must stay inside "
                f"reward_range == ({low}, {high}): widen reward_range, every bound rests on it"
            )
        return reward

    def replace(self, **changes: Any) -> Self:
        """A copy with other `gamma`, `eta`, `restart`, `start` or `name`; everything else is shared.

        Raises:
            UnknownNameError: another attribute is named.
        """
        changeable = ("gamma", "eta", "restart", "start", "name")
        for key in changes:
            if key not in changeable:
                raise UnknownNameError("replace(...) argument", key, changeable)
        if "gamma" in changes:
            changes["gamma"] = check_gamma(changes["gamma"])
        if "eta" in changes:
            changes["eta"] = check_eta(changes["eta"])
        for key in ("restart", "start"):
            if key in changes:
                changes[key] = self.population(changes[key], key)
        game = copy(self)
        for key, value in {**changes, "origin": _changed_origin(self.origin, changes)}.items():
            object.__setattr__(game, key, value)
        return game

    def __repr__(self) -> str:
        what = self.name or (str(self.origin) if self.origin else type(self).__name__)
        return f"<{what}: S={self.n_states}, A={self.n_actions}, gamma={self.gamma:g}, eta={self.eta:g}>"


def _changed_origin(origin: Origin | None, changes: Mapping[str, Any]) -> Origin | None:
    if origin is None:
        return None
    before = dict(origin.arguments.get("replace", {}))
    json_changes = {k: v.tolist() if isinstance(v, np.ndarray) else v for k, v in changes.items()}
    return Origin(origin.factory, {**origin.arguments, "replace": {**before, **json_changes}})


def kernel_sizes(kernel: Kernel) -> tuple[int, int]:
    """(S, A) of a dense or sparse kernel."""
    if sp.issparse(kernel):
        rows, columns = kernel.shape
        return int(columns), int(rows // columns)
    return int(kernel.shape[0]), int(kernel.shape[1])


def _check_kernel_shape(kernel: Kernel, n_states: int, n_actions: int, name: str) -> None:
    if kernel_sizes(kernel) != (n_states, n_actions):
        raise InputError(
            f"{name}.shape == {kernel.shape}, must be {(n_states, n_actions, n_states)} dense or "
            f"{(n_states * n_actions, n_states)} sparse"
        )


def from_functions(
    kernel: Kernel | Callable[[FloatArray], Kernel],
    reward: FloatArray | Callable[[FloatArray], FloatArray],
    *,
    n_states: int,
    n_actions: int,
    gamma: float,
    eta: float,
    reward_range: tuple[float, float],
    restart: Any = None,
    start: Any = None,
    declared: Mapping[str, float | Constant] | None = None,
    name: str = "",
    origin: Origin | None = None,
    layout: Mapping[str, Any] | None = None,
) -> MeanFieldGame:
    """A game given by functions of mu, or by arrays where mu plays no role.

    Args:
        kernel: P(.|s,a,mu) as (S, A, S) or CSR (S*A, S): an array, or a function of mu (S,).
        reward: r(s,a,mu) of shape (S, A), reward units: an array, or a function of mu (S,).
        reward_range: (r_min, r_max) valid for every mu in the simplex; it is checked at every call.
        declared: regularity constants that you vouch for (`L_r`, `L_r1`, `L_P`, `L_P1`, `L_P_entry`, `kappa_A`,
            `rho_1`), each an upper bound for all mu; a bare number counts as *declared*.

    Raises:
        InputError: a value breaks an input rule.
        UnknownNameError: `declared` names something else.

    Example:
        >>> import numpy as np
        >>> doors = np.array([[[0.9, 0.1], [0.1, 0.9]]] * 2)
        >>> game = from_functions(doors, lambda mu: np.stack([-mu, -mu], axis=1), n_states=2, n_actions=2,
        ...                       gamma=0.9, eta=0.1, reward_range=(-1.0, 0.0), declared={"L_r": 1.0})
        >>> game
        <MeanFieldGame: S=2, A=2, gamma=0.9, eta=0.1>
    """
    n_states = check_count(n_states, "n_states")
    n_actions = check_count(n_actions, "n_actions")
    low, high = (check_real(reward_range[i], f"reward_range[{i}]") for i in range(2))
    if low > high:
        raise InputError(f"reward_range == ({low}, {high}), must have r_min <= r_max")
    uniform = np.full(n_states, 1.0 / n_states)
    game = MeanFieldGame(
        n_states=n_states,
        n_actions=n_actions,
        gamma=check_gamma(gamma),
        eta=check_eta(eta),
        restart=check_distribution(uniform if restart is None else restart, n_states, "restart"),
        start=check_distribution(uniform if start is None else start, n_states, "start"),
        reward_range=(low, high),
        fixed_kernel=None if callable(kernel) else check_kernel(kernel, "kernel"),
        fixed_reward=None if callable(reward) else frozen_array(reward, "reward"),
        kernel_function=kernel if callable(kernel) else None,
        reward_function=reward if callable(reward) else None,
        declared=check_declared(declared, DECLARABLE),
        name=name,
        origin=origin,
        layout=MappingProxyType(dict(layout or {})),
    )
    if game.fixed_kernel is not None:
        _check_kernel_shape(game.fixed_kernel, n_states, n_actions, "kernel")
    if game.fixed_reward is not None:
        game._checked_reward(game.fixed_reward, rounded=False)
    return game
