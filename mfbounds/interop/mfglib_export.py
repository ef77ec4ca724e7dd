"""Games as environments of mfglib, for its algorithms and its score."""

from __future__ import annotations

from dataclasses import dataclass
from typing import Any

import numpy as np
import scipy.sparse as sp

from mfbounds.checks import FloatArray, check_count
from mfbounds.errors import InputError
from mfbounds.games.affine import AffineGame
from mfbounds.games.game import MeanFieldGame
from mfbounds.games.options import check_entries
from mfbounds.interop.rows import as_array, required

DISTRIBUTION = "mfglib"
MASS_TOLERANCE = 1e-2  # mfglib's own, for the laws that it hands to an environment


def to_mfglib(game: MeanFieldGame, horizon: int, *, discounted: bool = True) -> Any:
    """The game over `horizon` steps as an `mfglib.env.Environment`; mfglib and torch must be installed.

    mfglib sums undiscounted rewards at the times 0, ..., T, so T = horizon - 1 and, with `discounted`, the reward at time t
    is gamma**t r(s,a,mu_t). The entropy bonus is left out: mfglib has none. Its `mu0` is the game's start. Tensors have
    torch's default precision, float32 unless you change it; masses that mfglib hands over are divided by their sum.

    An `AffineGame` is computed by torch alone, so that MF-OMO can differentiate it. Any other game is evaluated by NumPy,
    which MF-OMO cannot use; the other algorithms of mfglib can.

    Args:
        horizon: number of steps that are rewarded, >= 1. gamma**horizon * (r_max - r_min) / (1 - gamma) bounds what the
            horizon cuts off.
        discounted: without it, the environment is stationary, and `from_mfglib` reads it back.

    Raises:
        InputError: mfglib is not installed, or the kernel, which mfglib needs dense, does not fit.
    """
    steps = check_count(horizon, "horizon")
    check_entries(game.n_states**2 * game.n_actions, "n_states", game.n_states, advice="mfglib needs the kernel dense")
    torch, library = required("torch", DISTRIBUTION), required("mfglib.env", DISTRIBUTION)
    low, high = game.reward_range
    return library.Environment(
        T=steps - 1,
        S=(game.n_states,),
        A=(game.n_actions,),
        mu0=_tensor(torch, game.start),
        r_max=max(abs(low), abs(high)),
        reward_fn=Reward(game=game, torch=torch, discounted=discounted),
        transition_fn=Transition(game=game, torch=torch),
    )


@dataclass(frozen=True, eq=False, kw_only=True)
class Reward:
    """What mfglib calls for r(s,a,mu_t) at time t, shape (S, A)."""

    game: MeanFieldGame
    torch: Any
    discounted: bool

    def __call__(self, env: Any, t: int, L_t: Any) -> Any:  # noqa: ARG002  mfglib passes all three
        game = self.game
        factor = game.gamma**t if self.discounted else 1.0
        vertices = game.vertex_rewards if isinstance(game, AffineGame) else None
        if vertices is not None:
            return _mixture(self.torch, vertices, L_t) * factor
        reward = game.reward_at(_masses(L_t)) if game.fixed_reward is None else game.fixed_reward
        return _tensor(self.torch, factor * reward)


@dataclass(frozen=True, eq=False, kw_only=True)
class Transition:
    """What mfglib calls for P(s'|s,a,mu_t), shape (S', S, A): the next state comes first."""

    game: MeanFieldGame
    torch: Any

    def __call__(self, env: Any, t: int, L_t: Any) -> Any:  # noqa: ARG002  mfglib passes all three
        game = self.game
        vertices = game.vertex_kernels if isinstance(game, AffineGame) else None
        if isinstance(vertices, np.ndarray):
            return _mixture(self.torch, np.moveaxis(vertices, -1, 1), L_t)
        kernel = game.kernel_at(_masses(L_t)) if game.fixed_kernel is None else game.fixed_kernel
        dense = kernel.toarray() if sp.issparse(kernel) else kernel
        return _tensor(self.torch, np.moveaxis(dense.reshape(game.n_states, game.n_actions, game.n_states), -1, 0))


def _tensor(torch: Any, values: Any) -> Any:
    return torch.tensor(np.ascontiguousarray(values), dtype=torch.get_default_dtype())


def _mixture(torch: Any, vertices: FloatArray, law: Any) -> Any:
    """sum_x mu(x) vertices[x], by torch, so that gradients pass.

    mu is divided by its sum: else an error in the mass would enter the kernel and double at every step.
    """
    flat, masses = _tensor(torch, vertices.reshape(len(vertices), -1)), law.sum(-1)
    return (masses / masses.sum() @ flat).reshape(vertices.shape[1:])


def _masses(law: Any) -> FloatArray:
    if getattr(law, "requires_grad", False):
        raise InputError(
            "L_t.requires_grad == True, must be False: this game is evaluated by NumPy, through which torch cannot "
            "differentiate; MF-OMO needs an AffineGame"
        )
    masses = as_array(law).sum(axis=-1)
    total = float(masses.sum())
    if not abs(total - 1.0) <= MASS_TOLERANCE or masses.min() < 0.0:
        raise InputError(f"L_t.sum() == {total}, must be 1 with no mass below 0: it is a law of states and actions")
    mu: FloatArray = masses / total
    return mu
