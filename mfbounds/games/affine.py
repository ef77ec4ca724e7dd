"""Games affine in the population, given by their values at the vertices of the simplex.

P(.|s,a,mu) = sum_x mu(x) P(.|s,a,delta_x), and likewise the reward. Every supremum over mu of a convex function is then
attained at a vertex, so the regularity constants of such games are certified by enumeration.
"""

from __future__ import annotations

from typing import Any

import numpy as np
import scipy.sparse as sp

from mfbounds.checks import (
    FloatArray,
    Kernel,
    check_distribution,
    check_eta,
    check_gamma,
    check_kernel,
    check_rows,
    frozen_array,
)
from mfbounds.errors import InputError
from mfbounds.games.game import MeanFieldGame, Origin, kernel_sizes


class AffineGame(MeanFieldGame):
    """A game affine in mu, given at the vertices of the simplex.

    Args:
        kernels: ``kernels[x] = P(.|s,a,delta_x)``: dense (S, S, A, S), or S sparse matrices (S*A, S); or, when mu plays
            no role, one kernel: dense (S, A, S) or CSR (S*A, S).
        rewards: ``rewards[x] = r(s,a,delta_x)``: (S, S, A), or (S, A) when mu plays no role; reward units.
        gamma: discount factor in [0, 1).
        eta: entropy temperature > 0.
        restart, start: nu and mu0, shape (S,); uniform by default.
        name: shown in tables.

    Raises:
        InputError: a value breaks an input rule (shape, NaN, rows that are not distributions, gamma, eta).

    Example:
        >>> import numpy as np
        >>> doors = np.array([[[0.9, 0.1], [0.1, 0.9]]] * 2)        # (S, A, S): the action names the door
        >>> crowd = -np.eye(2)[:, :, None] * np.ones((2, 2, 2))     # (S, S, A): r(s,a,mu) = -mu(s)
        >>> game = AffineGame(doors, crowd, gamma=0.9, eta=0.1)
        >>> game.reward([0.25, 0.75])
        array([[-0.25, -0.25],
               [-0.75, -0.75]])
    """

    vertex_kernels: FloatArray | tuple[Kernel, ...] | None
    vertex_rewards: FloatArray | None

    def __init__(
        self,
        kernels: Any,
        rewards: Any,
        *,
        gamma: float,
        eta: float,
        restart: Any = None,
        start: Any = None,
        name: str = "",
        origin: Origin | None = None,
        layout: Any = None,
    ) -> None:
        fixed_kernel, vertex_kernels = _read_kernels(kernels)
        first = fixed_kernel if vertex_kernels is None else vertex_kernels[0]
        assert first is not None
        n_states, n_actions = kernel_sizes(first)
        fixed_reward, vertex_rewards = _read_rewards(rewards, n_states, n_actions)
        all_rewards = fixed_reward if vertex_rewards is None else vertex_rewards
        assert all_rewards is not None
        if vertex_kernels is not None and len(vertex_kernels) != n_states:
            raise InputError(f"len(kernels) == {len(vertex_kernels)}, must be S == {n_states}: one kernel a vertex")
        uniform = np.full(n_states, 1.0 / n_states)
        super().__init__(
            n_states=n_states,
            n_actions=n_actions,
            gamma=check_gamma(gamma),
            eta=check_eta(eta),
            restart=check_distribution(uniform if restart is None else restart, n_states, "restart"),
            start=check_distribution(uniform if start is None else start, n_states, "start"),
            reward_range=(float(all_rewards.min()), float(all_rewards.max())),
            fixed_kernel=fixed_kernel,
            fixed_reward=fixed_reward,
            name=name,
            origin=origin,
            layout=dict(layout or {}),
        )
        object.__setattr__(self, "vertex_kernels", vertex_kernels)
        object.__setattr__(self, "vertex_rewards", vertex_rewards)

    def kernel_at(self, mu: FloatArray) -> Kernel:
        if self.vertex_kernels is None:
            return super().kernel_at(mu)
        if isinstance(self.vertex_kernels, np.ndarray):
            mixed: FloatArray = np.tensordot(mu, self.vertex_kernels, axes=1)
            return mixed
        total: Kernel = mu[0] * self.vertex_kernels[0]
        for weight, kernel in zip(mu[1:], self.vertex_kernels[1:], strict=True):
            total = total + weight * kernel
        return total

    def reward_at(self, mu: FloatArray) -> FloatArray:
        if self.vertex_rewards is None:
            return super().reward_at(mu)
        mixed: FloatArray = np.tensordot(mu, self.vertex_rewards, axes=1)
        return mixed


def _read_kernels(kernels: Any) -> tuple[Kernel | None, FloatArray | tuple[Kernel, ...] | None]:
    """(kernel, None) when mu plays no role, else (None, kernels at the vertices)."""
    if sp.issparse(kernels):
        return check_kernel(kernels, "kernels"), None
    if isinstance(kernels, list | tuple) and kernels and all(sp.issparse(k) for k in kernels):
        checked = tuple(check_kernel(k, f"kernels[{x}]") for x, k in enumerate(kernels))
        if len({k.shape for k in checked}) > 1:
            raise InputError(f"kernels.shape == {sorted({k.shape for k in checked})}, must all be the same (S*A, S)")
        return None, checked
    array = frozen_array(kernels, "kernels")
    if array.ndim == 3:
        return check_kernel(array, "kernels"), None
    if array.ndim != 4 or array.shape[0] != array.shape[1] or array.shape[1] != array.shape[3]:
        raise InputError(f"kernels.shape == {array.shape}, must be (S, S, A, S), or (S, A, S) when mu plays no role")
    check_rows(array, "kernels")
    return None, array


def _read_rewards(rewards: Any, n_states: int, n_actions: int) -> tuple[FloatArray | None, FloatArray | None]:
    """(reward, None) when mu plays no role, else (None, rewards at the vertices)."""
    array = frozen_array(rewards, "rewards")
    if array.shape == (n_states, n_actions):
        return array, None
    if array.shape == (n_states, n_states, n_actions):
        return None, array
    raise InputError(
        f"rewards.shape == {array.shape}, must be {(n_states, n_states, n_actions)}, or {(n_states, n_actions)} "
        "when mu plays no role"
    )
