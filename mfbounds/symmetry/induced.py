"""The finite-horizon mean-field game that a dynamic game induces (P2, Definition 6)."""

from __future__ import annotations

from collections.abc import Callable
from typing import Literal, TypeAlias

import numpy as np

from mfbounds.checks import FloatArray
from mfbounds.errors import InputError, UnknownNameError
from mfbounds.games.dynamic.counts import CountGame
from mfbounds.games.dynamic.finite_horizon import FiniteHorizonGame
from mfbounds.games.dynamic.game import DynamicGame
from mfbounds.symmetry.kuhn import kuhn_weights
from mfbounds.symmetry.symmetrise import averages_at, symmetrise

Extension: TypeAlias = Literal["auto", "analytic", "kuhn"]
EXTENSIONS = ("auto", "analytic", "kuhn")
# mu (D,) -> (P (S, A, S), R (S, A))
Extended: TypeAlias = Callable[[FloatArray], tuple[FloatArray, FloatArray]]


def induced_game(game: DynamicGame, extension: Extension = "auto") -> FiniteHorizonGame:
    """MFG(game): the players' average of the symmetrised P^i and R^i, extended from the lattice to the simplex.

    The extension is a choice: alpha and beta do not depend on it (they look at the lattice only), the moduli, the flow
    and the equilibrium do.

    Args:
        extension: "analytic" takes the game's own closed form; "kuhn" interpolates on at most D lattice points, for any
            number of players; "auto" is "analytic" where the game has it, else "kuhn".

    Raises:
        InputError: "analytic" for a game without closed forms.
        UnknownNameError: another extension.
    """
    if extension not in EXTENSIONS:
        raise UnknownNameError("extension", extension, EXTENSIONS)
    closed = isinstance(game, CountGame) and game.lifted_reward is not None and _has_closed_kernel(game)
    if extension == "analytic" and not closed:
        raise InputError(
            f"extension == 'analytic', must be 'kuhn' for {game!r}: the game has no closed form of its lifted functions"
        )
    if closed and extension != "kuhn":
        assert isinstance(game, CountGame)
        assert game.lifted_reward is not None
        kernel = game.lifted_kernel if game.mean_kernel is None else game.mean_kernel
        return _game(game, kernel, game.lifted_reward, "analytic")
    at = kuhn_extension(game)
    fixed = game.mean_kernel
    return _game(game, (lambda mu: at(mu.ravel())[0]) if fixed is None else fixed, lambda mu: at(mu.ravel())[1], "Kuhn")


def kuhn_extension(game: DynamicGame) -> Extended:
    """The Kuhn interpolation of the players' averages: mu (D,) -> (P (S, A, S), R (S, A))."""
    if isinstance(game, CountGame):

        def by_counts(mu: FloatArray) -> tuple[FloatArray, FloatArray]:
            counts, weights = kuhn_weights(mu, game.n_others)
            kernels, rewards = averages_at(game, counts)
            return np.tensordot(weights, kernels, 1), np.tensordot(weights, rewards, 1)

        return by_counts
    tables = symmetrise(game)

    def by_table(mu: FloatArray) -> tuple[FloatArray, FloatArray]:
        counts, weights = kuhn_weights(mu, game.n_others)
        points = tables.lattice.index(counts)
        return np.tensordot(weights, tables.kernels[points], 1), np.tensordot(weights, tables.rewards[points], 1)

    return by_table


def _has_closed_kernel(game: CountGame) -> bool:
    return game.fixed_kernels is not None or game.lifted_kernel is not None


def _game(game: DynamicGame, kernel: object, reward: Callable[[FloatArray], FloatArray], how: str) -> FiniteHorizonGame:
    moduli = {key: value for key, value in game.declared.items() if key in ("K_mu", "L_mu", "L_pop")}
    return FiniteHorizonGame.of(
        kernel,
        reward,
        n_states=game.n_states,
        n_actions=game.n_actions,
        horizon=game.horizon,
        reward_range=game.reward_range,
        start=game.start,
        declared=moduli,
        extension=how,
        name=f"MFG({game.name or type(game).__name__})",
    )
