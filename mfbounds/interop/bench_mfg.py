"""Environments of bench-mfg-suite (class `MFGStationary`) as games.

Such an environment has `N_states`, `N_actions`, `N_noises`, `noise_prob` (N_noises,), `gamma`, `stationary_mean_field`
(N_states,), and for one state at a time `transition(mean_field=, state=, action=, noise=)`, the next state, and
`reward(mean_field=, state=, action=)`. The kernel is P(s'|s,a,mu) = sum of `noise_prob[n]` over the atoms n that lead to s'.
"""

from __future__ import annotations

import inspect
from collections.abc import Mapping
from dataclasses import dataclass
from typing import Any

import numpy as np
import numpy.typing as npt
import scipy.sparse as sp

from mfbounds.checks import FloatArray, Kernel, check_count, check_gamma, check_shape
from mfbounds.errors import InputError
from mfbounds.games.game import MeanFieldGame
from mfbounds.interop.importing import Choices, imported_game
from mfbounds.interop.rows import read_rows
from mfbounds.numbers import Constant

REQUIRED = ("N_states", "N_actions", "N_noises", "noise_prob", "stationary_mean_field", "transition", "reward")
SPARSE_FROM = 64  # states; smaller kernels are dense


@dataclass(frozen=True, eq=False, kw_only=True)
class BenchEnvironment:
    """What was read of an environment; kernels are CSR from `SPARSE_FROM` states on.

    Attributes:
        noise: the law of the atoms, (N,).
        start: its `stationary_mean_field`, (S,).
        horizon: its `horizon`: values are backed up horizon - 1 times; None where it has none.
        correction: how far the sum of `noise` or `start` was from 1 before it was divided by it.
    """

    environment: Any
    n_states: int
    n_actions: int
    gamma: float
    noise: FloatArray
    start: FloatArray
    horizon: int | None
    correction: float

    @property
    def name(self) -> str:
        return type(self.environment).__name__

    def next_states(self, mu: FloatArray) -> npt.NDArray[np.int64]:
        """transition(mu, s, a, n), shape (S, A, N)."""
        shape = (self.n_states, self.n_actions, len(self.noise))
        table = np.empty(shape, dtype=np.int64)
        for s, a, n in np.ndindex(shape):
            table[s, a, n] = self._state(
                self.environment.transition(mean_field=mu, state=s, action=a, noise=n), s, a, n
            )
        return table

    def kernel(self, mu: FloatArray) -> Kernel:
        """P(s'|s,a,mu): dense (S, A, S) or CSR (S*A, S)."""
        rows = np.repeat(np.arange(self.n_states * self.n_actions), len(self.noise))
        weights = np.tile(self.noise, self.n_states * self.n_actions)
        columns = self.next_states(mu).ravel()
        kernel = sp.csr_array((weights, (rows, columns)), shape=(self.n_states * self.n_actions, self.n_states))
        if self.n_states >= SPARSE_FROM:
            return kernel
        return kernel.toarray().reshape(self.n_states, self.n_actions, self.n_states)

    def reward(self, mu: FloatArray) -> FloatArray:
        """r(s,a,mu), shape (S, A)."""
        table = np.empty((self.n_states, self.n_actions))
        for s, a in np.ndindex(table.shape):
            table[s, a] = _number(
                self.environment.reward(mean_field=mu, state=s, action=a), f"reward(state={s}, action={a})"
            )
        return table

    def _state(self, value: Any, s: int, a: int, n: int) -> int:
        state = int(value)
        if state != value or not 0 <= state < self.n_states:
            raise InputError(
                f"transition(state={s}, action={a}, noise={n}) == {value!r}, must be a state, an integer from 0 to "
                f"{self.n_states - 1}"
            )
        return state


def _number(value: Any, name: str) -> float:
    """A finite number, from a scalar or an array of one entry."""
    number = np.asarray(value)
    if number.size != 1 or number.dtype.kind not in "fiub" or not np.isfinite(number).all():
        raise InputError(f"{name} == {value!r}, must be a finite number")
    return float(number.item())


def _check_arguments(environment: Any) -> None:
    """Whether `transition` and `reward` take the arguments by the names under which they are called."""
    for part, names in (
        ("transition", ("mean_field", "state", "action", "noise")),
        ("reward", ("mean_field", "state", "action")),
    ):
        try:
            inspect.signature(getattr(environment, part)).bind(**dict.fromkeys(names))
        except TypeError as why:
            raise InputError(
                f"{part} == a function of other arguments ({why}), must take {', '.join(names)} by name"
            ) from None
        except ValueError:  # compiled: it has no signature to read
            continue


def read_environment(environment: Any, *, renormalise: bool, gamma: float | None = None) -> BenchEnvironment:
    """Reads sizes and laws of an environment of bench-mfg-suite, and checks them.

    Raises:
        InputError: an attribute is missing or breaks a rule.
    """
    for needed in REQUIRED if gamma is not None else (*REQUIRED, "gamma"):
        if not hasattr(environment, needed):
            raise InputError(
                f"{type(environment).__name__}.{needed} is missing, must be there: an environment of bench-mfg-suite has it"
            )
    _check_arguments(environment)
    n_states, n_actions, n_noises = (
        check_count(getattr(environment, key), key) for key in ("N_states", "N_actions", "N_noises")
    )
    noise, noise_off = read_rows(environment.noise_prob, "noise_prob", renormalise=renormalise)
    start, start_off = read_rows(environment.stationary_mean_field, "stationary_mean_field", renormalise=renormalise)
    check_shape(noise, (n_noises,), "noise_prob")
    check_shape(start, (n_states,), "stationary_mean_field")
    horizon = getattr(environment, "horizon", None)
    return BenchEnvironment(
        environment=environment,
        n_states=n_states,
        n_actions=n_actions,
        gamma=check_gamma(environment.gamma if gamma is None else gamma),
        noise=noise,
        start=start,
        horizon=None if horizon is None else check_count(horizon, "horizon"),
        correction=max(noise_off, start_off) if renormalise else 0.0,
    )


def from_bench_mfg(
    environment: Any,
    *,
    eta: float,
    gamma: float | None = None,
    reward_range: tuple[float, float] | None = None,
    affine: bool = False,
    declared: Mapping[str, float | Constant] | None = None,
    renormalise: bool = False,
    probes: int = 8,
    seed: int = 0,
    name: str = "",
) -> MeanFieldGame:
    """An environment of bench-mfg-suite as a game; bench-mfg-suite itself is not needed.

    Args:
        environment: an `MFGStationary`, or anything with its interface (see this module).
        eta: entropy temperature > 0, reward units per nat: those environments have none.
        gamma: discount factor in [0, 1); the environment's own by default.
        reward_range: (least, largest) reward over all populations. Not needed where mu plays no role in the reward, nor
            with `affine`.
        affine: kernel and reward are affine in mu: makes an `AffineGame` of their values at the vertices, whose constants
            are certified. The probes can refute it, not prove it.
        declared: regularity constants that you vouch for, as in `from_functions`.
        renormalise: divide `noise_prob` and `stationary_mean_field` by their sums, which may be off by 1e-5 at most. Needed
            where they are float32, as after a run. The correction is kept in ``game.layout["imported"]``.
        probes, seed: how many populations decide whether mu plays a role (see `mfbounds.interop.importing`).
        name: shown in tables; by default the class of the environment.

    Where mu plays a role in the kernel, each new population costs S*A*N calls of `transition`.

    Raises:
        InputError: an attribute is missing or breaks a rule, the environment is not stationary, or `reward_range` is
            missing or too narrow.

    Example:
        >>> class Doors:  # the interface of bench-mfg-suite: a deterministic move, a crowd to avoid
        ...     N_states, N_actions, N_noises, gamma, horizon = 2, 2, 1, 0.9, 100
        ...     noise_prob, stationary_mean_field = np.ones(1), np.array([0.5, 0.5])
        ...     def transition(self, mean_field=None, state=None, action=None, noise=None):
        ...         return action
        ...     def reward(self, mean_field=None, state=None, action=None):
        ...         return 1.0 - mean_field[state]
        >>> game = from_bench_mfg(Doors(), eta=0.1, affine=True)
        >>> game, game.reward_range
        (<Doors: S=2, A=2, gamma=0.9, eta=0.1>, (0.0, 1.0))
    """
    source = read_environment(environment, renormalise=renormalise, gamma=gamma)
    choices = Choices(
        gamma=source.gamma,
        eta=eta,
        reward_range=reward_range,
        affine=affine,
        declared=declared,
        probes=probes,
        seed=seed,
        name=name or source.name,
    )
    return imported_game(source, choices, start=source.start, layout=_layout(source))


def _layout(source: BenchEnvironment) -> dict[str, Any]:
    """Where the game comes from and, for a grid, its cells; their row 0 is at the bottom."""
    imported = {"imported": {"package": "bench-mfg-suite", "class": source.name, "correction": source.correction}}
    shape = getattr(source.environment, "grid_dim", None)
    if shape is None or len(shape) != 2 or int(shape[0]) * int(shape[1]) != source.n_states:
        return imported
    rows, columns = int(shape[0]), int(shape[1])
    blocked = np.asarray(getattr(source.environment, "obstacle_mask", np.zeros((rows, columns), dtype=bool)))
    return {
        **imported,
        "kind": "grid",
        "shape": [rows, columns],
        "cells": [[rows - 1 - s // columns, s % columns] for s in range(source.n_states)],
        "walls": [[rows - 1 - int(row), int(column)] for row, column in np.argwhere(blocked)],
        "target": None,
    }
