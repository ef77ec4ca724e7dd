"""How much the induced kernel and reward vary with the own state and action at one population (P2, Lemma 9 and App. B.3).

With Kuhn interpolation in one triangulation the values are convex combinations of those on the lattice, so that the
largest differences are attained there. A game may declare them; where neither is known, K_sa and the reward range stand above them.
"""

from __future__ import annotations

from dataclasses import dataclass

import numpy as np

from mfbounds.checks import FloatArray
from mfbounds.games.dynamic.counts import CountGame
from mfbounds.games.dynamic.finite_horizon import FiniteHorizonGame
from mfbounds.games.dynamic.game import DynamicGame
from mfbounds.numbers import Constant, Provenance
from mfbounds.symmetry.extensions import rows_of, tabulated
from mfbounds.symmetry.kuhn import sparse_first
from mfbounds.symmetry.lattice_moduli import SAME, distance_from_affine, looked_at
from mfbounds.symmetry.symmetrise import LatticeTables

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
    wide, above = _certified(game.R, "the width of the reward range"), _certified(K_sa.value, "at most K_sa")
    known = {"K_s": above, "K_a": above, "L_a": wide, "L_sa": wide}
    tables = tabulated(game) if induced.extension == "Kuhn" and not set(NAMES) <= game.declared.keys() else None
    if tables is not None:
        kernels, rewards = tables.kernels, tables.rewards[..., None]
        how = "largest on the lattice; Kuhn values are convex combinations of it"
        if one_triangulation(tables, rows_of(tables)[0]):
            known |= {"K_s": _certified(_distance(kernels, 1), how), "K_a": _certified(_distance(kernels, 2), how)}
        if one_triangulation(tables, rows_of(tables)[1]):
            spread = float(np.ptp(tables.rewards.reshape(len(rewards), -1), axis=1).max())
            known |= {"L_a": _certified(_distance(rewards, 2), how), "L_sa": _certified(spread, how)}
    known |= _of_structure(game, induced)
    return Spreads(**{name: game.declared.get(name, known[name]) for name in NAMES})


def _of_structure(game: DynamicGame, induced: FiniteHorizonGame) -> dict[str, Constant]:
    """What a kernel that ignores mu and rewards affine in mu tell: differences are convex, largest at the vertices."""
    known: dict[str, Constant] = {}
    if induced.fixed_kernel is not None:
        kernel, how = induced.fixed_kernel[None], "exact: the kernel ignores mu"
        known |= {"K_s": _certified(_distance(kernel, 1), how), "K_a": _certified(_distance(kernel, 2), how)}
    if isinstance(game, CountGame) and game.affine_rewards and induced.extension in ("analytic", "Kuhn"):
        vertices = np.eye(game.n_pairs).reshape(-1, game.n_states, game.n_actions)
        rewards, how = np.stack([induced.reward_at(mu) for mu in vertices]), "rewards affine in mu: largest at a vertex"
        spread = float(np.ptp(rewards.reshape(len(rewards), -1), axis=1).max())
        known |= {"L_a": _certified(_distance(rewards[..., None], 2), how), "L_sa": _certified(spread, how)}
    return known


def one_triangulation(tables: LatticeTables, values: FloatArray) -> bool:
    """Whether all rows (L, rows, n) are interpolated in one triangulation, or are the same in any: those affine in mu.

    Then their values at a population are convex combinations of those at the same points of the lattice, with the same
    weights, and so are their differences.
    """
    bent = distance_from_affine(tables.lattice, values) > SAME * float(np.abs(values).max(initial=0.0))
    looked = [pairs for pairs, matters in zip(looked_at(tables.lattice, values), bent, strict=True) if matters]
    return len({sparse_first(pairs, tables.lattice.cells) for pairs in looked}) <= 1


def _distance(values: FloatArray, axis: int) -> float:
    """The largest l1 distance, over the last axis, of two entries along `axis`."""
    entries = np.moveaxis(values, axis, 0)
    return max(float(np.abs(entries - entry).sum(axis=-1).max()) for entry in entries)


def _certified(value: float, argument: str) -> Constant:
    return Constant(value=value * (1 + ROUNDING), provenance=Provenance.CERTIFIED, argument=argument)
