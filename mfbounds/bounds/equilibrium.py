"""The mean-field Nash equilibrium, with a bound on the distance to it."""

from __future__ import annotations

import math
from dataclasses import dataclass

import numpy as np

from mfbounds.bounds.constants import ConstantSet, constant_set
from mfbounds.bounds.regularity import regularity
from mfbounds.bounds.statement import Tier
from mfbounds.checks import FloatArray, check_positive, check_steps
from mfbounds.games.game import MeanFieldGame
from mfbounds.games.kinds import check_mean_field
from mfbounds.numbers import Provenance
from mfbounds.solvers.fixed_point import find_fixed_point


@dataclass(frozen=True, eq=False, kw_only=True)
class Equilibrium:
    """A pair (policy, mu) that is an equilibrium up to `residual`.

    Attributes:
        policy: soft optimal at mu, (S, A).
        mu: population, (S,).
        residual: bound on ||F_M(mu) - mu||_2, the error of computing it included.
        distance_bound: certified bound on ||mu - mu*||_2; infinite where C_op < 1 is not certified (there may then be
            several equilibria).
        reason: in words, how the distance is known.
    """

    policy: FloatArray
    mu: FloatArray
    residual: float
    distance_bound: float
    reason: str

    def __str__(self) -> str:
        n_states, n_actions = self.policy.shape
        masses = np.array2string(self.mu, precision=4, threshold=12, max_line_width=100, prefix="  mu ")
        return "\n".join(
            (
                f"Equilibrium: S={n_states}, A={n_actions}",
                f"  mu {masses}",
                f"  residual {self.residual:.2g}  bound on ||F_M(mu) - mu||_2",
                f"  distance_bound {self.distance_bound:.2g}  on ||mu - mu*||_2; {self.reason}",
            )
        )

    __repr__ = __str__


def equilibrium(game: MeanFieldGame, M: int | float = 1, tol: float = 1e-12) -> Equilibrium:
    """A fixed point of F_M(mu) = mu (P_mu^pi_mu)^M (P1, Definition 2.1 and A-2).

    Args:
        M: population steps, an integer >= 1 or ``math.inf``.
        tol: residual to aim at; what was reached is in the result.

    Raises:
        InputError: `M` or `tol` is out of range, or the game is no `MeanFieldGame`.
    """
    check_mean_field(game, "mfbounds.regularised_equilibrium")
    check_steps(M)
    check_positive(tol, "tol")
    return locate(game, constant_set(game, regularity(game), M=M), tol)


def locate(game: MeanFieldGame, constants: ConstantSet, tol: float = 1e-12) -> Equilibrium:
    """`equilibrium` with the game's constants at hand: ||mu - mu*||_2 <= ||F(mu) - mu||_2/(1 - C_op)."""
    found = find_fixed_point(game, M=constants.M, tol=tol)
    residual = found.residual + found.error_l1
    distance, reason = math.inf, "C_op < 1 is not certified: the equilibrium may not be unique"
    for tier in (Tier.REPAIRED, Tier.SHARPENED):
        c_op = constants.values(tier)["C_op"]
        if c_op < 1 and constants.provenance("C_op", tier) is Provenance.CERTIFIED:
            bound = float((residual / (1 - c_op)).upper())
            if bound < distance:
                distance, reason = bound, f"residual/(1 - C_op) with the {tier} C_op = {float(c_op.mid()):.4g}"
    return Equilibrium(policy=found.policy, mu=found.mu, residual=residual, distance_bound=distance, reason=reason)
