"""What a population's flows are in a step, to more digits than float64: the residual of a stationary law.

A law z is stationary if as much leaves each state as enters it. The chain itself is never formed: its rounding, times the
time that the chain takes to mix, is the largest error of a law that is known from float64 residuals alone. Where
`numpy.longdouble` is no wider than float64, the bounds hold and gain nothing.
"""

from __future__ import annotations

from collections.abc import Iterator
from typing import Any, TypeAlias

import numpy as np
import numpy.typing as npt
import scipy.sparse as sp

from mfbounds.checks import FloatArray, Kernel
from mfbounds.mdp.frozen import Frozen
from mfbounds.mdp.linear import Solver

Wide = np.longdouble
WideArray: TypeAlias = npt.NDArray[np.longdouble]
Indices: TypeAlias = npt.NDArray[np.signedinteger[Any]]
WIDE_UNIT = float(np.finfo(Wide).eps) / 2.0
ROUNDS = 3
SMALLEST = 40  # states in a part
BLOCKS = 10  # the kernel is handled in parts: wide copies of all of it would take several times the game


def balanced(
    frozen: Frozen, policy: FloatArray, law: FloatArray, solver: Solver, root: int
) -> tuple[WideArray, FloatArray]:
    """A law closer to balance than `law`, and a bound on |inflow - outflow| of each state but the root, both (S,).

    Args:
        law: (S,), stationary up to float64; at the root, and where it is 0, it stays as it is.
        solver: approximate solves with (I - P^pi)^T less the root's row and column, see `mfbounds.mdp.stationary`.
    """
    z, moves = law.astype(Wide), law > 0.0
    moves[root] = False
    for _ in range(ROUNDS):
        inflow, outflow = flows(frozen, policy, z)
        rounding = (_terms(frozen) + 4) * WIDE_UNIT * (inflow + outflow)
        off = inflow - outflow
        off[root] = 0.0
        bound = (np.abs(off) + rounding).astype(np.float64) * (1.0 + 2.0**-50)
        if (np.abs(off) <= rounding).all():
            break
        better = np.maximum(z + np.where(moves, solver(off.astype(np.float64), True), 0.0), 0.0)
        z, last = better, z
    else:
        z = last  # the one that `bound` is about
    return z, bound


def flows(frozen: Frozen, policy: FloatArray, law: WideArray) -> tuple[WideArray, WideArray]:
    """What enters and what leaves each state in a step, staying left out, (S,); rows need not be normalised."""
    inflow, outflow = np.zeros(frozen.n_states, dtype=Wide), np.zeros(frozen.n_states, dtype=Wide)
    played = law[:, None] * policy
    for source, target, moved in _moves(frozen.kernel, played):
        moved[source == target] = 0.0
        np.add.at(inflow, target, moved)
        starts = np.searchsorted(source, np.arange(source[0], source[-1] + 1))  # each state moves somewhere
        outflow[source[0] : source[-1] + 1] = np.add.reduceat(moved, starts)
    return inflow, outflow


def _moves(kernel: Kernel, played: WideArray) -> Iterator[tuple[Indices, Indices, WideArray]]:
    """Source, target and mass of each move of a step, in blocks of source states, in their order."""
    n_states, n_actions = played.shape
    step = max(SMALLEST, n_states // BLOCKS)
    for first in range(0, n_states, step):
        last = min(first + step, n_states)
        states = np.arange(first, last)
        if sp.issparse(kernel):
            starts = kernel.indptr[first * n_actions : last * n_actions + 1]
            stored = slice(starts[0], starts[-1])
            mass = np.repeat(played[first:last].ravel(), np.diff(starts)) * kernel.data[stored]
            yield np.repeat(states, np.diff(starts[::n_actions])), kernel.indices[stored], mass
        else:
            block = np.einsum("sa,sat->st", played[first:last], kernel[first:last].astype(Wide))
            yield np.repeat(states, n_states), np.tile(np.arange(n_states), len(states)), block.ravel()


def _terms(frozen: Frozen) -> int:
    """A bound on how many products the flow into or out of a state adds up."""
    pattern = frozen.chain_pattern
    return frozen.n_actions * (frozen.n_states if pattern is None else pattern.terms)
