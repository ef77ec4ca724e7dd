"""How far N players drift from the flow of the induced game, step by step (P2, Theorem 1, sharpened).

With v = sqrt((D-1)/(N-1)), all l1:
  e_0 = v, e_{h+1} = L e_h + v + alpha + 2 K_mu/(N-1): bounds sqrt(E ||sigma(rho_h^{-i}) - mu_h||_1^2) for the others of a
  player who deviates; L = K_sa/2 + K_mu.
  d_0 = 0, d_{h+1} = min(2, min(1, K_sa/2) d_h + alpha + K_mu e_h): bounds the distance of one player's state law from
  the one it would have against the flow.
Where no player's law depends on the others, e_h = v + h alpha: trajectories are independent and do not amplify.
"""

from __future__ import annotations

from collections.abc import Mapping
from dataclasses import dataclass

from flint import arb

from mfbounds.bounds.dynamic_symbols import L_POP
from mfbounds.bounds.formula import evaluate
from mfbounds.numbers import Measured


@dataclass(frozen=True)
class Drift:
    """e_h and d_h for h = 0..H-1."""

    e: tuple[arb, ...]
    d: tuple[arb, ...]


def drift(constants: Mapping[str, arb], *, independent: bool = False) -> Drift:
    """The recursions from the constants D, N, H, alpha, K_mu, K_sa of a dynamic game.

    Args:
        independent: no player's transition law depends on the others.
    """
    D, N, alpha, K_mu, K_sa = (constants[name] for name in ("D", "N", "alpha", "K_mu", "K_sa"))
    horizon = int(constants["H"].unique_fmpz())
    one, two = arb(1), arb(2)
    v = ((D - 1) / (N - 1)).sqrt()
    L = evaluate(L_POP, constants)
    e, d = [v], [arb(0)]
    for h in range(1, horizon):
        d.append(two.min(one.min(K_sa / 2) * d[-1] + alpha + (0 if independent else K_mu * e[-1])))
        e.append(v + h * alpha if independent else L * e[-1] + v + alpha + 2 * K_mu / (N - 1))
    return Drift(tuple(e), tuple(d))


def as_measured(ball: arb) -> Measured:
    """A ball as a quantity: its midpoint in float64, with what is lost by that in the error."""
    value = float(ball.mid())
    return Measured(value, float(ball.rad()) + 1e-15 * abs(value))
