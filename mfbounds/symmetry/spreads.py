"""How much the induced kernel and reward vary with the own state and action at one population (P2, Lemma 9 and App. B.3).

With Kuhn interpolation the values are convex combinations of those on the lattice, so that the largest differences are
attained there. A game may declare them; where neither is known, K_sa and the reward range stand above them.
"""

from __future__ import annotations

from dataclasses import dataclass

import numpy as np

from mfbounds.checks import FloatArray
from mfbounds.games.dynamic.finite_horizon import FiniteHorizonGame
from mfbounds.games.dynamic.game import DynamicGame
from mfbounds.numbers import Constant, Provenance
from mfbounds.symmetry.symmetrise import symmetrise

ROUNDING = 1e-13
NAMES = ("K_s", "K_a", "L_a", "L_sa")


@dataclass(frozen=True)
class Spreads:
    """K_s, K_a: l1 distances of rows of the kernel; L_a, L_sa: differences of rewards, reward units.

    K_s: of two states and one action; K_a, L_a: of one state and two actions; L_sa: of any two pairs.
    """

    K_s: Constant
    K_a: Constant
    L_a: Constant
    L_sa: Constant


def spreads(game: DynamicGame, induced: FiniteHorizonGame, K_sa: Constant) -> Spreads:
    """The spreads of the game that `game` induces: declared, exact on the lattice, or bounded from above."""
    if induced.extension == "Kuhn" and not set(NAMES) <= game.declared.keys():
        tables = symmetrise(game)
        kernels, rewards = tables.kernels, tables.rewards[..., None]
        found = {
            "K_s": _distance(kernels, 1),
            "K_a": _distance(kernels, 2),
            "L_a": _distance(rewards, 2),
            "L_sa": float(np.ptp(tables.rewards.reshape(len(rewards), -1), axis=1).max()),
        }
        how = "largest on the lattice; Kuhn values are convex combinations"
        known = {name: _certified(value, how) for name, value in found.items()}
    else:
        wide = _certified(game.R, "the width of the reward range")
        above = _certified(K_sa.value, "at most K_sa")
        known = {"K_s": above, "K_a": above, "L_a": wide, "L_sa": wide}
    return Spreads(**{name: game.declared.get(name, known[name]) for name in NAMES})


def _distance(values: FloatArray, axis: int) -> float:
    """The largest l1 distance, over the last axis, of two entries along `axis`."""
    entries = np.moveaxis(values, axis, 0)
    return max(float(np.abs(entries - entry).sum(axis=-1).max()) for entry in entries)


def _certified(value: float, argument: str) -> Constant:
    return Constant(value=value * (1 + ROUNDING), provenance=Provenance.CERTIFIED, argument=argument)
