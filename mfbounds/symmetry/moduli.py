"""Lipschitz moduli of the induced mean-field game in mu, and the spread of its kernel (P2, Lemmas 2 and 9).

All moduli are from the l1 norm of mu: K_mu of the kernel's rows in l1, L_mu of the reward. What an extension makes of
the moduli on the lattice depends on it. Differences of distributions have ||x||_2 <= ||x||_1/sqrt 2, and ||x||_1 <=
sqrt|S| ||x||_2: an l2 modulus M gives K_mu <= sqrt(|S|/2) M and L_mu <= M/sqrt 2.
"""

from __future__ import annotations

import math
from dataclasses import dataclass

import numpy as np

from mfbounds.checks import FloatArray
from mfbounds.errors import NotEnumerableError
from mfbounds.games.dynamic.counts import CountGame
from mfbounds.games.dynamic.finite_horizon import FiniteHorizonGame
from mfbounds.games.dynamic.game import DynamicGame
from mfbounds.numbers import Constant, Provenance
from mfbounds.symmetry.extensions import rows_of, tabulated
from mfbounds.symmetry.kuhn import kuhn_factor
from mfbounds.symmetry.lattice_moduli import lattice_moduli, lattice_moduli_l2, lattice_modulus, looked_at
from mfbounds.symmetry.spreads import one_triangulation
from mfbounds.symmetry.symmetrise import LatticeTables, averages_at, symmetrise

__all__ = ["Moduli", "lattice_modulus", "moduli"]

ROUNDING = 1e-12
TWO = "at most 2: rows are laws"


@dataclass(frozen=True)
class Moduli:
    """K_mu (l1 to l1), L_mu (l1 to reward units), K_sa (largest l1 distance of two rows at one mu, at most 2)."""

    K_mu: Constant
    L_mu: Constant
    K_sa: Constant


def moduli(game: DynamicGame, induced: FiniteHorizonGame) -> Moduli:
    """The moduli of `induced`, the game that `game` induces: declared, or what its extension makes of the lattice.

    Raises:
        NotEnumerableError: neither declared nor extended from a lattice that can be listed.
    """
    declared = induced.declared
    if {"K_mu", "L_mu"} <= declared.keys():
        return Moduli(declared["K_mu"], declared["L_mu"], game.declared.get("K_sa", _certified(2.0, TWO)))
    if induced.extension not in ("Kuhn", "McShane", "Kirszbraun"):
        raise NotEnumerableError(
            f"extension == {induced.extension!r}, must declare K_mu and L_mu: no rule derives them here"
        )
    tables = tabulated(game) if induced.extension == "Kuhn" else symmetrise(game)
    if tables is None:
        flat = isinstance(game, CountGame) and game.affine_rewards and game.independent
        return _of_vertices(game) if flat else _of_closed_form(game)
    if induced.extension == "Kuhn":
        return _of_kuhn(tables)
    fixed = game.mean_kernel is not None
    K_sa = _certified(_spread(tables), "exact: the kernel ignores mu") if fixed else _certified(2.0, TWO)
    found = _of_mcshane(tables) if induced.extension == "McShane" else _of_kirszbraun(tables)
    return Moduli(_certified(0.0, "the dynamics ignore the others") if fixed else found[0], found[1], K_sa)


def _of_kuhn(tables: LatticeTables) -> Moduli:
    K_mu, L_mu = (_kuhn_modulus(tables, values) for values in rows_of(tables))
    K_sa = _certified(2.0, TWO)
    if one_triangulation(tables, rows_of(tables)[0]):
        K_sa = _certified(_spread(tables), "largest distance of two rows; Kuhn values are convex combinations")
    return Moduli(K_mu, L_mu, K_sa)


def _kuhn_modulus(tables: LatticeTables, values: FloatArray) -> Constant:
    lattice = tables.lattice
    factors = [kuhn_factor(len(pairs), lattice.cells) for pairs in looked_at(lattice, values)]
    found = np.array(factors) * lattice_moduli(lattice, values)
    row = int(found.argmax())
    rounding = ROUNDING * lattice.agents * float(np.abs(values).max(initial=0.0)) if found[row] else 0.0
    how = f"lattice modulus by single moves, times {factors[row]} for Kuhn interpolation on {lattice.cells} pairs"
    return _certified(float(found[row]) + rounding, how)


def _of_mcshane(tables: LatticeTables) -> tuple[Constant, Constant]:
    kernels, rewards = rows_of(tables)
    how = "lattice modulus by single moves, kept by McShane's extension"
    return (
        _certified(lattice_modulus(tables.lattice, kernels), how),
        _certified(lattice_modulus(tables.lattice, rewards), how),
    )


def _of_kirszbraun(tables: LatticeTables) -> tuple[Constant, Constant]:
    laws, rewards = (float(lattice_moduli_l2(tables.lattice, values).max()) for values in rows_of(tables))
    n_states = tables.kernels.shape[-1]
    return (
        _certified(math.sqrt(n_states / 2) * laws, f"l2 modulus {laws:.4g} on the lattice, kept; times sqrt(|S|/2)"),
        _certified(rewards / math.sqrt(2), f"l2 modulus {rewards:.4g} on the lattice, kept; over sqrt 2"),
    )


def _of_vertices(game: DynamicGame) -> Moduli:
    """Rewards affine in the counts and dynamics that ignore the others: nothing but the vertices is asked for."""
    assert isinstance(game, CountGame)
    kernels, rewards = averages_at(game, game.n_others * np.eye(game.n_pairs, dtype=np.int64))
    rows = kernels[0].reshape(game.n_pairs, -1)
    return Moduli(
        _certified(0.0, "the dynamics ignore the others"),
        _certified(float(np.ptp(rewards, axis=0).max()) / 2, "rewards affine in the counts: largest between vertices"),
        _certified(max(float(np.abs(rows - row).sum(axis=-1).max()) for row in rows), "the kernel ignores mu"),
    )


def _of_closed_form(game: DynamicGame) -> Moduli:
    """What is declared of the closed form holds on the lattice too, from which it is interpolated."""
    if not {"K_mu", "L_mu"} <= game.declared.keys():
        raise NotEnumerableError(f"{game!r}, must declare K_mu and L_mu: its lattice is too large to compute them")
    factor = kuhn_factor(game.n_pairs - 1, game.n_pairs)

    def carried(name: str) -> Constant:
        known = game.declared[name]
        how = f"{known.argument}; times {factor} for Kuhn interpolation"
        return Constant(value=factor * known.value, provenance=known.provenance, argument=how)

    return Moduli(carried("K_mu"), carried("L_mu"), game.declared.get("K_sa", _certified(2.0, TWO)))


def _spread(tables: LatticeTables) -> float:
    """The largest l1 distance of two rows at one point, at most 2."""
    kernels = rows_of(tables)[0]
    rows = range(kernels.shape[1])
    return min(2.0, max(float(np.abs(kernels - kernels[:, [row]]).sum(axis=-1).max()) for row in rows))


def _certified(value: float, argument: str) -> Constant:
    return Constant(
        value=value * (1 + ROUNDING) + (ROUNDING / 10 if value else 0.0),
        provenance=Provenance.CERTIFIED,
        argument=argument,
    )
