"""Independent numbers: Gaussian elimination on fractions, and soft value iteration in 60 digits."""

from __future__ import annotations

from collections.abc import Sequence
from fractions import Fraction

import mpmath as mp
import numpy as np
from flint import arb, fmpq

Matrix = list[list[Fraction]]


def solve(matrix: Matrix, right: list[Fraction]) -> list[Fraction]:
    """The solution of a regular system, by elimination."""
    rows = [[*row, value] for row, value in zip(matrix, right, strict=True)]
    n = len(rows)
    for k in range(n):
        pivot = next(i for i in range(k, n) if rows[i][k] != 0)
        rows[k], rows[pivot] = rows[pivot], rows[k]
        rows[k] = [x / rows[k][k] for x in rows[k]]
        for i in range(n):
            if i != k:
                rows[i] = [x - rows[i][k] * y for x, y in zip(rows[i], rows[k], strict=True)]
    return [row[n] for row in rows]


def exactly(array: np.ndarray) -> list:
    """Rows of float64 numbers as fractions, divided by their sums."""
    if array.ndim > 1:
        return [exactly(row) for row in array]
    numbers = [Fraction(float(x)) for x in array]
    return [x / sum(numbers) for x in numbers]


def contains(ball: arb, value: mp.mpf | Fraction, digits: int = 50) -> bool:
    """Whether a ball contains a fraction, or meets a number that is known to so many digits."""
    if isinstance(value, Fraction):
        return bool(ball.overlaps(arb(fmpq(value.numerator, value.denominator))))
    return bool(ball.overlaps(arb(mp.nstr(value, digits + 5), mp.nstr((1 + abs(value)) * mp.mpf(10) ** -digits, 5))))


def soft_values(kernel: Sequence, reward: Sequence, gamma: Fraction, eta: Fraction, steps: int) -> list[mp.mpf]:
    """V after many soft Bellman steps from 0; kernel[s][a][s'] and reward[s][a] are fractions."""
    real = lambda x: mp.mpf(x.numerator) / x.denominator  # noqa: E731
    g, h = real(gamma), real(eta)
    p = [[[real(x) for x in row] for row in rows] for rows in kernel]
    r = [[real(x) for x in row] for row in reward]
    V = [mp.mpf(0)] * len(p)
    for _ in range(steps):
        Q = [[r[s][a] + g * mp.fdot(p[s][a], V) for a in range(len(p[s]))] for s in range(len(p))]
        V = [h * mp.log(mp.fsum(mp.exp(q / h) for q in row)) for row in Q]
    return V
