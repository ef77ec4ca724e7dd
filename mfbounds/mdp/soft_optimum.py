"""A policy near the soft optimum, and how near its own values prove it to be."""

from __future__ import annotations

import math
from dataclasses import dataclass, field

import numpy as np

from mfbounds.checks import FloatArray
from mfbounds.mdp.frozen import UNIT
from mfbounds.mdp.values import Values


@dataclass(frozen=True, eq=False, kw_only=True)
class SoftOptimum:
    """A policy that is soft optimal up to a certified gap, and its values; V* lies in [V - error, V + gap + error].

    Attributes:
        policy, log_policy: pi(a|s) and its logarithm, (S, A).
        V, Q: of this policy, (S,) and (S, A), reward units.
        gap: a certified bound on max_s V*(s) - V^pi(s), rounding included.
        error: a bound on max_s |V(s) - V^pi(s)|.
        log_error: a bound on max_s span_a(log pi - log pi_mu) for the soft-optimal policy pi_mu, nats.
        policy_error: a bound on max_s ||pi(.|s) - pi_mu(.|s)||_1.
    """

    policy: FloatArray
    log_policy: FloatArray = field(repr=False)
    V: FloatArray
    Q: FloatArray = field(repr=False)
    gap: float
    error: float
    log_error: float
    policy_error: float


def certified(values: Values, log_policy: FloatArray, improvement: float) -> SoftOptimum:
    """The values of a policy with two certificates of its gap: from TV - V, and from the spread of Q - eta log pi.

    With g = Q - eta log pi, TV - V = eta log <pi, exp(g/eta)> - <pi, g> <= span(g)^2/(8 eta) (Hoeffding's lemma): near
    the optimum this is far below the rounding of the difference TV - V itself.
    """
    frozen, error = values.frozen, values.error
    rounding = frozen.rounding(values.V)
    gap = (max(improvement, 0.0) + rounding) * frozen.gain + error
    spread = _spread(values, log_policy, rounding)
    gap = min(gap, spread / (8.0 * frozen.eta) * spread * frozen.gain * (1.0 + 1e-12))
    # log pi - log pi_mu = (Q^pi - Q_mu + g)/eta up to a constant of the state.
    log_error = (spread + frozen.gamma * (1.0 + 1e-9) * gap) / frozen.eta
    return SoftOptimum(
        policy=values.policy,
        log_policy=log_policy,
        V=values.V,
        Q=values.Q,
        gap=gap,
        error=error,
        log_error=log_error,
        policy_error=min(_moved(values.policy, log_error), math.sqrt(2.0 * gap / frozen.eta))
        + (frozen.n_actions + 4) * UNIT,
    )


def _spread(values: Values, log_policy: FloatArray, rounding: float) -> float:
    """A bound on span(Q - eta log pi) over the actions, of the state where it is largest; `rounding` is that of Q."""
    frozen = values.frozen
    if frozen.n_actions == 1:
        return 0.0
    g = values.Q - frozen.eta * log_policy
    g_rounding = 4.0 * UNIT * float(np.abs(g).max() + np.abs(values.Q).max() + frozen.eta)
    doubt = 2.0 * (frozen.gamma * (1.0 + 1e-9) * values.error + rounding + g_rounding)
    return float((g.max(axis=1) - g.min(axis=1)).max()) + doubt


def _moved(policy: FloatArray, span: float) -> float:
    """The most that a row of `policy` can move in l1 when its logits move by `span`; at most 2 tanh(span/4).

    A set of mass p reaches the mass p e^span/(1 - p + p e^span) at most, which grows with p up to 1/(1 + e^(span/2));
    sets without the likeliest action decide, and they hold at most `others`.
    """
    others = np.sort(policy, axis=1)[:, :-1].sum(axis=1).max() * (1.0 + 1e-12)
    growth = math.expm1(min(span, 700.0)) * (1.0 + 1e-12)
    p = min(float(others), 1.0 / (1.0 + math.sqrt(1.0 + growth)))
    return 2.0 * p * (1.0 - p) * growth / (1.0 + p * growth)
