"""Batches of particles as vectors of counts, moved by multinomial draws: exact in law, at a cost that does not grow
with the number of particles.

Particles in the same state, with the same past as far as it is still asked for, are exchangeable: how many of them
take each outcome is multinomial. The laws are those of the float64 probabilities, up to their rounding.
"""

from __future__ import annotations

from typing import Any

import numpy as np

from mfbounds.checks import FloatArray, check_count
from mfbounds.errors import InputError
from mfbounds.simulation.cells import Cells, IntArray

MOST_DRAWS = 2**53  # beyond it float64 does not tell neighbouring integers apart


def check_draws(value: Any, name: str) -> int:
    """A number of particles: an integer in 1..2^53."""
    number = check_count(value, name)
    if number > MOST_DRAWS:
        raise InputError(f"{name} == {number}, must be <= 2^53 == {MOST_DRAWS}: counts are exact up to there; ask less")
    return number


def draw_law(rng: np.random.Generator, n: int, law: FloatArray) -> IntArray:
    """How many of `n` independent draws from `law` (S,) fall on each state, (S,); a state of mass 0 gets none."""
    support = np.flatnonzero(law)
    counts = np.zeros(len(law), dtype=np.int64)
    counts[support] = rng.multinomial(n, law[support] / law[support].sum())
    return counts


def draw_outcomes(rng: np.random.Generator, counts: IntArray, cells: Cells, rows: IntArray) -> IntArray:
    """How many of the `counts[i]` particles on row `rows[i]` of `cells` take each of its outcomes, (len(rows), C)."""
    return rng.multinomial(counts, cells.probability[rows])


def draw_starts(
    rng: np.random.Generator, n: int, restart: FloatArray, chain: Cells, gamma: float
) -> tuple[IntArray, int]:
    """`n` draws from the discounted occupation: rollouts from `restart` that stop with probability 1-gamma a step.

    Args:
        chain: the moves of the states under the policy.

    Returns:
        How many rollouts stop in each state, (S,), and the steps that they take together.
    """
    alive, stopped, steps = draw_law(rng, n, restart), np.zeros(len(restart), dtype=np.int64), 0
    while True:
        ending = rng.binomial(alive, 1.0 - gamma)
        stopped += ending
        alive = alive - ending
        remaining = int(alive.sum())
        if not remaining:
            return stopped, steps
        steps += remaining
        states = np.flatnonzero(alive)
        moved = draw_outcomes(rng, alive[states], chain, states)
        alive = add_up(chain.target[states], moved, len(restart))


def add_up(target: IntArray, counts: IntArray, size: int) -> IntArray:
    """Sums of `counts` by `target`, (size,); exact, because no sum exceeds 2^53."""
    sums = np.bincount(target.ravel(), weights=counts.ravel(), minlength=size)
    return sums.astype(np.int64)


def sum_returns(
    rng: np.random.Generator,
    origins: IntArray,
    counts: IntArray,
    first: Cells,
    later: Cells,
    *,
    gamma: float,
    T: int,
) -> FloatArray:
    """For each origin, the sum of the returns of the rollouts that begin there, (len(origins),).

    Args:
        origins: state-action pairs s*A + a, rows of `first`.
        counts: how many rollouts begin at each.
        first, later: the outcomes of the first step (pair by pair), and of the steps t = 1..T (state by state).
    """
    n_states, index = len(later.target), np.arange(len(origins))
    totals = np.zeros(len(origins))
    rows, label, weight, cells = origins, index, 1.0, first
    for t in range(T + 1):
        moved = draw_outcomes(rng, counts, cells, rows)
        gained = (moved * cells.reward[rows]).sum(axis=1)
        totals += weight * np.bincount(label, weights=gained, minlength=len(origins))
        weight *= gamma
        if t == T:
            break
        # Place o*S + s holds the particles of origin o that are now in state s.
        places = add_up(cells.target[rows] + (label * n_states)[:, None], moved, len(origins) * n_states)
        held = np.flatnonzero(places)
        counts, label, rows, cells = places[held], held // n_states, held % n_states, later
    return totals
