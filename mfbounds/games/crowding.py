"""The crowd-aversion reward of the paper, floored so that it is bounded and Lipschitz.

The paper's -kappa log mu(s) is +infinity on an empty state and Lipschitz nowhere near it. Reading the density as
max(mu(s), floor) gives a range and Lipschitz constants, which are certified here. A lower floor is closer to the paper
and makes both larger: the range grows like log(1/floor), the constants like 1/floor. An equilibrium whose every mass is
above the floor is the same with and without it: in the paper's games, at stationary populations and kappa = 0.2, every
mass is above 0.2/S, two hundred times the default floor of 1e-3/S.
"""

from __future__ import annotations

import math
from dataclasses import dataclass
from functools import cached_property
from itertools import product

import numpy as np
import scipy.sparse as sp

from mfbounds.checks import FloatArray, SparseKernel, check_real
from mfbounds.errors import InputError
from mfbounds.numbers import Constant, Provenance

FLOOR_SHARE = 1e-3  # default floor: this share of the uniform density 1/S


@dataclass(frozen=True, eq=False, kw_only=True)
class Crowding:
    """r(s,a,mu) = base(s,a) + sum_x exposure(s,a;x) (-log max(mu(x), floor)), reward units.

    Attributes:
        exposure: weights >= 0, CSR (S, S) when they are the same for all actions, else (S*A, S).
        base: (S, A).
        floor: density in (0, 1) below which an emptier state is no more attractive.
    """

    exposure: SparseKernel
    base: FloatArray
    floor: float

    def __call__(self, mu: FloatArray) -> FloatArray:
        scarcity: FloatArray = self.exposure @ -np.log(np.maximum(mu, self.floor))
        return self.base + scarcity.reshape(len(self.base), -1)

    def many(self, mu: FloatArray) -> FloatArray:
        """The rewards at each of B populations (B, S), shape (B, S, A)."""
        scarcity: FloatArray = (self.exposure @ -np.log(np.maximum(mu, self.floor)).T).T
        return self.base + scarcity.reshape(len(mu), len(self.base), -1)

    def change(self, mu: FloatArray, error: FloatArray) -> float:
        """A bound on the change of any reward while each mu(x) moves by at most error(x), both (S,).

        |log max(a, f) - log max(b, f)| <= |a - b|/max(min(a, b), f): far below the Lipschitz constants `L_r`, which are
        those of the emptiest state there could be.
        """
        return float((self.exposure @ (error / np.maximum(mu - error, self.floor))).max()) * (1.0 + 1e-12)

    @property
    def reward_range(self) -> tuple[float, float]:
        """(r_min, r_max) over all mu: every scarcity lies in [0, -log floor]; with one state mu cannot move."""
        if len(self.base) == 1:
            return float(self.base.min()), float(self.base.max())
        totals = np.asarray(self.exposure.sum(axis=1)).reshape(len(self.base), -1)
        return float(self.base.min()), float((self.base - totals * math.log(self.floor)).max())

    @property
    def constants(self) -> dict[str, Constant]:
        """`L_r` (l2) and `L_r1` (l1), certified.

        Along mu - mu' each scarcity moves by -(c_x / floor) (mu(x) - mu'(x)) with c_x in [0, 1], and mu - mu' has zero
        mass. So the reward moves by at most <c w, mu - mu'> / floor with w a row of the exposure: in l2 at most the
        norm of c w less its mean (convex in c, hence largest at some c in {0,1}^S), in l1 at most max(w)/2.
        """
        argument = "each -log max(mu(x), floor) is monotone and 1/floor-Lipschitz; differences of mu have zero mass"
        values = {"L_r": self._spread / self.floor, "L_r1": self._largest / (2.0 * self.floor)}
        # One weight a row: both suprema are approached where mu(x) is the floor and every other mass is positive.
        exact = int(np.diff(self.exposure.indptr).max(initial=0)) <= 1
        return {
            key: Constant(value=value, provenance=Provenance.CERTIFIED, argument=argument, exact=exact)
            for key, value in values.items()
        }

    @property
    def _largest(self) -> float:
        return float(self._padded.max()) if len(self.base) > 1 else 0.0

    @property
    def _spread(self) -> float:
        """max over rows w and c in {0,1}^S of ||c w - mean(c w)||_2."""
        subsets = np.array(list(product((0.0, 1.0), repeat=self._padded.shape[1]))).T
        squares = self._padded**2 @ subsets - (self._padded @ subsets) ** 2 / len(self.base)
        return math.sqrt(max(float(squares.max()), 0.0))

    @cached_property
    def _padded(self) -> FloatArray:
        """The non-zero weights of each row, padded with zeros: at most five on a grid."""
        counts = np.diff(self.exposure.indptr)
        padded = np.zeros((len(counts), max(int(counts.max(initial=0)), 1)))
        rows = np.repeat(np.arange(len(counts)), counts)
        padded[rows, np.arange(len(rows)) - np.repeat(self.exposure.indptr[:-1], counts)] = self.exposure.data
        return np.unique(padded, axis=0)


def check_kappa(value: float) -> float:
    """A crowd-aversion weight >= 0, reward units."""
    number = check_real(value, "kappa")
    if number < 0.0:
        raise InputError(f"kappa == {number}, must be >= 0: it weighs the aversion to crowds")
    return number


def check_floor(value: float | None, n_states: int) -> float:
    """A density floor in (0, 1); None means `FLOOR_SHARE` of the uniform density 1/S."""
    if value is None:
        return FLOOR_SHARE / n_states
    number = check_real(value, "floor")
    if not 0.0 < number < 1.0:
        raise InputError(
            f"floor == {number}, must be in (0, 1): without a positive density floor the reward is unbounded"
        )
    return number


def own_density(weights: FloatArray) -> SparseKernel:
    """The exposure to the density of the state itself: diag(weights), CSR (S, S)."""
    return sp.csr_array(sp.diags_array(weights))
