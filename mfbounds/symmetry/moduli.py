"""Lipschitz moduli of the induced mean-field game in mu, and the spread of its kernel (P2, Lemmas 2 and 9).

All moduli are from the l1 norm of mu: K_mu of the kernel's rows in l1, L_mu of the reward. On the lattice a modulus is
the largest change by moving one of the others, over 2/K: the graph of single moves is the l1 metric. Kuhn interpolation
multiplies it by floor((k' + 1)/2) at most, k' = D - 1.
"""

from __future__ import annotations

from dataclasses import dataclass

import numpy as np

from mfbounds.checks import FloatArray
from mfbounds.errors import InputError
from mfbounds.games.dynamic.finite_horizon import FiniteHorizonGame
from mfbounds.games.dynamic.game import DynamicGame
from mfbounds.games.dynamic.lattice import Lattice
from mfbounds.numbers import Constant, Provenance
from mfbounds.symmetry.symmetrise import symmetrise

ROUNDING = 1e-13


@dataclass(frozen=True)
class Moduli:
    """K_mu (l1 to l1), L_mu (l1 to reward units), K_sa (largest l1 distance of two rows at one mu, at most 2)."""

    K_mu: Constant
    L_mu: Constant
    K_sa: Constant


def moduli(game: DynamicGame, induced: FiniteHorizonGame) -> Moduli:
    """The moduli of the game that `game` induces: declared, or exact on the lattice and carried to the simplex by Kuhn.

    Raises:
        InputError: neither declared nor obtained by Kuhn interpolation on a lattice that can be listed.
    """
    declared = induced.declared
    if {"K_mu", "L_mu"} <= declared.keys():
        return Moduli(
            declared["K_mu"], declared["L_mu"], declared.get("K_sa", _certified(2.0, "at most 2: rows are laws"))
        )
    if induced.extension != "Kuhn":
        raise InputError(f"extension == {induced.extension!r}, must declare K_mu and L_mu: no rule derives them here")
    tables = symmetrise(game)
    factor = max(1, tables.lattice.cells // 2)  # floor((k' + 1)/2) with k' = D - 1
    how = f"lattice modulus by single moves, times {factor} for Kuhn interpolation on {tables.lattice.cells} pairs"
    kernels = tables.kernels.reshape(tables.lattice.size, -1, tables.kernels.shape[-1])
    rewards = tables.rewards.reshape(tables.lattice.size, -1, 1)
    return Moduli(
        _certified(factor * lattice_modulus(tables.lattice, kernels), how),
        _certified(factor * lattice_modulus(tables.lattice, rewards), how),
        _certified(
            float(min(2.0, _spread(kernels))), "largest distance of two rows; Kuhn values are convex combinations"
        ),
    )


def lattice_modulus(lattice: Lattice, values: FloatArray) -> float:
    """max |f(mu) - f(mu')|_1 / ||mu - mu'||_1 over the lattice, f of shape (L, rows, n) in l1 over the last axis."""
    largest = 0.0
    for source in range(lattice.cells):
        movable = np.flatnonzero(lattice.points[:, source] > 0)
        for target in range(lattice.cells):
            if target != source:
                moved = lattice.points[movable].copy()
                moved[:, source] -= 1
                moved[:, target] += 1
                change = np.abs(values[lattice.index(moved)] - values[movable]).sum(axis=-1)
                largest = max(largest, float(change.max()))
    return largest * lattice.agents / 2


def _spread(kernels: FloatArray) -> float:
    rows = range(kernels.shape[1])
    return max(float(np.abs(kernels - kernels[:, [row]]).sum(axis=-1).max()) for row in rows)


def _certified(value: float, argument: str) -> Constant:
    return Constant(
        value=value * (1 + ROUNDING) + (ROUNDING if value else 0.0), provenance=Provenance.CERTIFIED, argument=argument
    )
