"""How fast every chain of a game forgets its start, uniformly over policies and populations (A-3 of P1)."""

from __future__ import annotations

import math
from collections.abc import Iterator
from dataclasses import dataclass
from itertools import takewhile

import numpy as np

from mfbounds.bounds.zero_mass import EPS, Kernels, flat_rows, row_defect
from mfbounds.checks import FloatArray
from mfbounds.games.affine import AffineGame
from mfbounds.games.game import MeanFieldGame, kernel_sizes
from mfbounds.numbers import Constant, Provenance

STEP_BUDGET = 1e10  # multiplications that the multi-step bound may take: about a second
MAX_STATES = 1000  # beyond it a multi-step bound is not tried
MAX_BLOCK = 64
TINY = 2.0**-1000  # below it, products may have lost relative accuracy: read as 0


@dataclass(frozen=True, kw_only=True)
class Mixing:
    """For every policy, population and t, zero-mass measures shrink in l1 by ``contraction ** floor(t / block)``.

    Attributes:
        block: number of steps over which the contraction holds (n in the formulas).
        contraction: in [0, 1]; 1 when no mixing is known (q in the formulas).
        constant: the contraction with its provenance and argument.
    """

    block: int
    contraction: float
    constant: Constant

    @property
    def time(self) -> float:
        """Sum of the contractions over all t (Sigma_inf), steps; inf when no mixing is known."""
        return self.block / (1.0 - self.contraction) if self.contraction < 1.0 else math.inf


def known_kernels(game: MeanFieldGame) -> Kernels | None:
    """Kernels whose mixtures are all kernels of the game (one, or one a vertex); None for a kernel given by code."""
    if game.fixed_kernel is not None:
        return (game.fixed_kernel,)
    if isinstance(game, AffineGame):
        return game.vertex_kernels
    return None


def certified_mixing(game: MeanFieldGame, rho_1: Constant) -> Mixing:
    """The best mixing that can be proved cheaply: one step with `rho_1`, or several with a Doeblin bound.

    The multi-step bound: c_0(s,y) = 1{s = y} and c_{n+1}(s,y) = min_{a,x} sum_s' P_x(s'|s,a) c_n(s',y) are below
    (P^pi_mu)^n(s,y) for every policy and population, so n steps contract by
    1 - min_{s,s'} sum_y min(c_n(s,y), c_n(s',y)). Certified when the game's kernels are known exactly; otherwise the
    result has the provenance of `rho_1`.
    """
    one = Mixing(block=1, contraction=rho_1.value, constant=rho_1)
    kernels = known_kernels(game)
    if kernels is None or rho_1.value == 0.0:
        return one
    if game.n_states > MAX_STATES:
        why = f"multi-step bound not tried: S == {game.n_states} > {MAX_STATES}"
        return one if rho_1.value < 1.0 else _unknown(why)
    # A block at least as long as the whole sum for one step cannot be better.
    several = [
        Mixing(block=n, contraction=q, constant=_doeblin(n, q))
        for n, q in takewhile(lambda block: block[0] < one.time, _block_contractions(kernels))
        if n > 1 or not rho_1.exact
    ]
    best = min([one, *several], key=lambda mixing: mixing.time)
    if best.time < math.inf:
        return best
    longest = several[-1].block if several else 1
    return _unknown(f"no contraction below 1 in float64 over blocks of up to {longest} steps (Doeblin bound)")


def _doeblin(block: int, contraction: float) -> Constant:
    argument = f"upper bound: Doeblin minorisation over {block} step{'s' if block > 1 else ''}"
    return Constant(value=contraction, provenance=Provenance.CERTIFIED, argument=argument)


def _unknown(why: str) -> Mixing:
    constant = Constant(value=1.0, provenance=Provenance.CERTIFIED, argument=f"not mixing as far as known: {why}")
    return Mixing(block=1, contraction=1.0, constant=constant)


def _block_contractions(kernels: Kernels) -> Iterator[tuple[int, float]]:
    """(n, upper bound on the l1 contraction over n steps) for n = 1, 2, 3, 4, 6, 8, 12, ... while the budget lasts."""
    n_states, _ = kernel_sizes(kernels[0])
    entries = sum(kernel.size for kernel in kernels)  # stored entries of a sparse kernel
    down = (1.0 - row_defect(kernels)) * (1.0 - (n_states + 4) * EPS)
    reach, spent, wanted = np.eye(n_states), 0.0, 1
    for n in range(1, max(MAX_BLOCK, n_states) + 1):
        spent += float(entries) * n_states
        if spent > STEP_BUDGET and n > 1:
            return
        reach = _worst_step(kernels, reach) * down
        reach[reach < TINY] = 0.0
        if n < wanted:
            continue
        wanted = max(n + 1, wanted * 3 // 2 if wanted & (wanted - 1) == 0 else (wanted // 3) * 4)
        spent += 4.0 * n_states**3
        overlap = _least_overlap(reach) * (1.0 - (n_states + 4) * EPS)
        contraction = min(1.0, math.nextafter(1.0 - overlap, 2.0))
        yield n, max(contraction, EPS) if n > 1 else contraction


def _worst_step(kernels: Kernels, reach: FloatArray) -> FloatArray:
    """min over actions and vertices of sum_s' P_x(s'|s,a) reach(s',y), shape (S, S)."""
    worst = np.full_like(reach, np.inf)
    for kernel in kernels:
        next_reach = flat_rows(kernel) @ reach
        np.minimum(worst, next_reach.reshape(len(reach), -1, len(reach)).min(axis=1), out=worst)
    return worst


def _least_overlap(reach: FloatArray) -> float:
    """min_{s,s'} sum_y min(c(s,y), c(s',y)); sums of positive terms, so small overlaps keep their relative accuracy."""
    if not reach.any(axis=1).all():
        return 0.0
    return min(float(np.minimum(reach[i], reach[i:]).sum(axis=1).min()) for i in range(len(reach)))
