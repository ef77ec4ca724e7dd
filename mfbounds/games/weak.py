"""The two easiest classes, drawn at random: no interaction at all, and interaction so weak that F_1 is a contraction."""

from __future__ import annotations

from collections.abc import Mapping
from typing import Any

from mfbounds.games.affine import AffineGame
from mfbounds.games.origins import origin_of, with_origin
from mfbounds.games.random import random_game


def no_interaction(
    *, seed: int = 0, n_states: int = 6, n_actions: int = 3, gamma: float = 0.9, eta: float = 0.1
) -> AffineGame:
    """A dense random Markov decision process: mu plays no role, and the equilibrium is its optimal policy's law.

    Raises:
        InputError: a value breaks an input rule.

    Example:
        >>> no_interaction().interacts
        False
    """
    return _drawn("no_interaction", "no-interaction", dict(locals()))


def contractive(
    *, seed: int = 0, n_states: int = 6, n_actions: int = 3, gamma: float = 0.5, eta: float = 1.0
) -> AffineGame:
    """A dense random game whose interaction is weak enough for C_op < 1 at M = 1, certified, whatever gamma and eta.

    The equilibrium is unique, the damped iteration converges linearly, and the theorems' hypothesis A-2 holds.

    Raises:
        InputError: a value breaks an input rule.

    Example:
        >>> contractive()
        <contractive: S=6, A=3, gamma=0.5, eta=1>
    """
    return _drawn("contractive", "contractive", dict(locals()))


def _drawn(factory: str, family: str, arguments: Mapping[str, Any]) -> AffineGame:
    game = random_game(family, **arguments).replace(name=factory)
    return with_origin(game, origin_of(factory, arguments))  # type: ignore[return-value]
