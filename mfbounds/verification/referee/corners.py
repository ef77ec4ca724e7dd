"""The corners of the parameters: each as made-up numbers, and as small games that lie in it."""

from __future__ import annotations

import math
from collections.abc import Callable, Mapping
from dataclasses import dataclass, field
from functools import cache
from typing import Any

import numpy as np
from flint import arb

from mfbounds.bounds.problem import Parameters, Problem
from mfbounds.bounds.statement import Case
from mfbounds.bounds.statements.p1.lemma_e6 import two_doors
from mfbounds.bounds.statements.p1.theorem_c5 import one_room_pays
from mfbounds.games.affine import AffineGame
from mfbounds.verification.referee.points import Point

ROUNDS = 20  # how many times fewer decades for K, in which bounds are geometric


@dataclass(frozen=True, kw_only=True, eq=False)
class Limit:
    """A corner of the parameters.

    Attributes:
        name: for instance ``"L = 1"``.
        exact: values that are attained.
        towards: symbols sent to 0 (-1) or to infinity (+1) with all else fixed.
        games: whether a game lies in the corner.
        parameters: of the check of those games.
        change: what is done to a game to bring it there.
        case: whether a case lies in the corner.
    """

    name: str
    exact: Mapping[str, float] = field(default_factory=dict)
    towards: Mapping[str, int] = field(default_factory=dict)
    games: Callable[[AffineGame], bool] = lambda _: True
    parameters: Mapping[str, Any] = field(default_factory=dict)
    change: Callable[[AffineGame], Any] = lambda game: game
    case: Callable[[Case], bool] = lambda _: True

    def point(self, decades: int) -> Point:
        """The made-up numbers, `decades` towards the limit: the same object every time, so that it is filled in once."""
        return _point(self, decades)


@cache
def _point(limit: Limit, decades: int) -> Point:
    found = {name: arb.pos_inf() if value == math.inf else arb(value) for name, value in limit.exact.items()}
    for name, sign in limit.towards.items():
        found[name] = arb(10) ** (sign * (decades // ROUNDS if name == "K" else decades))
    return Point(found)


def _within(name: str, value: Any) -> Callable[[Case], bool]:
    """Whether a case has that number, or does not have one of that name."""
    return lambda case: bool(case.get(name, value) == value)


def _at_temperature(eta: float) -> Callable[[AffineGame], Any]:
    return lambda game: game.replace(eta=eta * max(game.R, 1.0))


LONG = 300  # outer iterations that stand for infinitely many
_NO_PUSH: Mapping[str, float] = {"L_P": 0.0, "L_P_entry": 0.0, "L_P1": 0.0}
_FIXED: Mapping[str, Any] = {"exact": _NO_PUSH, "games": lambda game: game.fixed_kernel is not None}
_FIRST: Mapping[str, Any] = {"exact": {"L": 1.0}, "parameters": {"L": (1,)}, "case": _within("L", 1)}
_ENDLESS: Mapping[str, Any] = {"towards": {"K": 1}, "parameters": {"K": LONG}}

LIMITS: tuple[Limit, ...] = (
    Limit(name="L = 1", **_FIRST),
    Limit(name="L_P = 0", **_FIXED),
    Limit(name="|A| = 1", exact={"n_A": 1.0, "kappa_A": 0.0}, games=lambda game: game.n_actions == 1),
    Limit(
        name="|S| = 1",
        exact={"n_S": 1.0, "kappa_A": 0.0, "L_r": 0.0, "L_r1": 0.0, "q": 0.0, "n": 1.0, **_NO_PUSH},
        games=lambda game: game.n_states == 1,
    ),
    Limit(name="M = 1", exact={"M": 1.0}, parameters={"M": 1}, case=_within("M", 1)),
    Limit(name="M = infinity", exact={"M": math.inf}, parameters={"M": math.inf}, case=_within("M", math.inf)),
    Limit(name="gamma = 0", exact={"gamma": 0.0}, games=lambda game: game.gamma == 0.0),
    Limit(name="eta -> 0", towards={"eta": -1}, change=_at_temperature(1e-3)),
    Limit(name="eta -> infinity", towards={"eta": 1}, change=_at_temperature(1e4)),
    Limit(name="K -> infinity", **_ENDLESS),
    Limit(name="L -> infinity", towards={"L": 1}, parameters={"L": (200,)}, case=_within("L", 200)),
    Limit(name="L_P = 0, K -> infinity", **{**_FIXED, **_ENDLESS}),
    Limit(
        name="L_P = 0, M = infinity",
        exact={**_NO_PUSH, "M": math.inf},
        games=lambda game: game.fixed_kernel is not None,
        parameters={"M": math.inf},
        case=_within("M", math.inf),
    ),
    Limit(
        name="L = 1, K -> infinity", exact={"L": 1.0}, towards={"K": 1}, parameters={"K": LONG}, case=_within("L", 1)
    ),
)

# Of inequalities claimed with high probability: what is left when the accuracy asked for is sent to 0.
SAMPLED_LIMITS: tuple[Limit, ...] = (
    Limit(name="L = 1, epsilon -> 0", exact={"L": 1.0}, towards={"epsilon": -1}),
    Limit(name="L_P = 0, epsilon -> 0, K -> infinity", exact=_NO_PUSH, towards={"epsilon": -1, "K": 1}),
)


def _one_door_decides() -> AffineGame:
    kernel = np.array([[[0.5, 0.5], [0.5, 0.5]], [[0.9, 0.1], [0.1, 0.9]]])
    return AffineGame(kernel, np.zeros((2, 2)), gamma=0.5, eta=1.0, name="one door decides")


def _one_state(discount: float) -> AffineGame:
    reward = np.array([[1.0, 0.0]])
    return AffineGame(np.ones((1, 2, 1)), reward, gamma=discount, eta=0.5, name=f"one state, gamma = {discount:g}")


def _one_action() -> AffineGame:
    chain = np.array([[[0.3, 0.7]], [[0.8, 0.2]]])
    return AffineGame(chain, np.array([[1.0], [0.0]]), gamma=0.5, eta=0.5, name="one action")


def _push_and_pay() -> AffineGame:
    """The population moves the kernel a little; the doors are paid."""
    base = np.array([[[0.9, 0.1], [0.1, 0.9]]] * 2)
    shift = 0.02 * np.array([1.0, -1.0]) * np.ones((2, 2, 1))
    reward = np.array([[1.0, 0.0], [0.5, 0.0]])
    return AffineGame(np.stack([base + shift, base - shift]), reward, gamma=0.5, eta=0.5, name="push and pay")


GAMES: tuple[Callable[[], AffineGame], ...] = (
    one_room_pays,
    _one_door_decides,
    two_doors,
    lambda: _one_state(0.5),
    lambda: _one_state(0.0),
    _one_action,
    _push_and_pay,
)


@cache
def corner_problem(index: int, name: str) -> Problem | None:
    """A game of the list in a corner, with the parameters of that corner; None where it cannot be there."""
    limit, game = next(item for item in LIMITS if item.name == name), GAMES[index]()
    if not limit.games(game):
        return None
    return Problem(limit.change(game), Parameters(**{"L": (1, 2, 10), "K": 20, "draws": 2, **limit.parameters}))
