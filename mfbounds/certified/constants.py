"""The constants of a game as balls, from exact numbers; and the proof of those that a float64 eigenvalue gave."""

from __future__ import annotations

import math
from collections.abc import Mapping
from dataclasses import dataclass

import sympy as sp
from flint import arb, arb_mat

from mfbounds.bounds.constants import ConstantSet
from mfbounds.bounds.statement import Reading
from mfbounds.certified.exact import ExactGame, binary
from mfbounds.certified.laws import check_unichain
from mfbounds.certified.numbers import Number, ball, symbolic
from mfbounds.certified.process import Process


@dataclass(frozen=True, kw_only=True)
class ExactConstants(ConstantSet):
    """`ConstantSet` whose primitives are exact where they are known exactly; made anew for each precision."""

    numbers: Mapping[str, Number]

    def balls(self, reading: Reading) -> dict[str, arb]:
        values = super().balls(reading) | {name: ball(number) for name, number in self.numbers.items()}
        if reading.a1 == "entry":
            values["L_P"] = values["L_P_entry"]
        return values

    def symbolic(self, name: str, reading: Reading) -> sp.Expr | None:
        """A primitive as an exact expression; None where it is infinite."""
        name = "L_P_entry" if name == "L_P" and reading.a1 == "entry" else name
        if name in self.numbers:
            return symbolic(self.numbers[name])
        value = self.primitives[name].value
        return symbolic(binary(value)) if math.isfinite(value) else None


def game_numbers(game: ExactGame) -> dict[str, Number]:
    """The numbers that are part of the game."""
    low, high = game.reward_range
    return {"R": high - low, "gamma": game.gamma, "eta": game.eta, "nu_min": min(game.restart)}


def proves_linear(process: Process, M: int | float, *, C_op: float, K_F: float) -> bool:
    """Whether C_op and K_F bound the map x -> x P^M of a process that is the same for all mu, on zero-mass vectors.

    C_op - (P^M + P^M')/2 and K_F^2 - P^M P^M' must be positive definite there: all pivots of an elimination are > 0.
    """
    n = process.n_states
    if n == 1:
        return True
    chain = process.chain(process.optimum().policy)
    if M == math.inf:
        check_unichain(chain)  # F is then a constant map
        return True
    power = chain ** int(M)
    basis = arb_mat(n - 1, n, [1 if x == y else -1 if y == n - 1 else 0 for x in range(n - 1) for y in range(n)])
    unit = basis * basis.transpose()
    lazy = basis * ((power + power.transpose()) / 2) * basis.transpose()
    square = basis * power * (basis * power).transpose()
    return _positive_definite(arb(C_op) * unit - lazy) and _positive_definite(arb(K_F) ** 2 * unit - square)


def _positive_definite(matrix: arb_mat) -> bool:
    """Gaussian elimination of a symmetric matrix: True only where every pivot is certainly > 0."""
    rows = [list(row) for row in matrix.tolist()]
    for k, pivot_row in enumerate(rows):
        if not pivot_row[k] > 0:
            return False
        for row in rows[k + 1 :]:
            factor = row[k] / pivot_row[k]
            row[k:] = [x - factor * y for x, y in zip(row[k:], pivot_row[k:], strict=True)]
    return True
