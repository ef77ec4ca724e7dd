"""Steps of Section 2, of Appendix B, and of the algorithms' lines."""

from __future__ import annotations

from functools import partial

import sympy as sp

from mfbounds.bounds.statement import Tier
from mfbounds.verification.referee.algebra import Step

eta, gamma, Q_0, Q_1, p = sp.symbols("eta gamma Q_0 Q_1 p")
POSITIVE, SHARE = (0, sp.oo), (0, 1)
EQ2 = partial(Step, statement="P1.eq2", tier=Tier.PRINTED, source="Section 2, eq. (2) with eq. (10)")

# Two actions: at softmax(Q/eta), log pi(a) = (Q(a) - value)/eta with value = eta log sum exp(Q/eta).
VALUE = eta * sp.log(sp.exp(Q_0 / eta) + sp.exp(Q_1 / eta))
WEIGHT = 1 / (1 + sp.exp((Q_1 - Q_0) / eta))
MEAN = WEIGHT * Q_0 + (1 - WEIGHT) * Q_1
MEAN_LOG = MEAN - VALUE  # of eta log pi under pi
ANYWHERE = {eta: POSITIVE, Q_0: POSITIVE, Q_1: POSITIVE}

q_1, q_2, first, second = sp.symbols("b_1 b_2 nuP2 nuP1P2")

STEPS = (
    EQ2(
        name="the value at softmax(Q/eta) is the soft maximum of Q",
        left=MEAN + MEAN_LOG,
        right=VALUE,
        domain=ANYWHERE,
    ),
    EQ2(
        tier=Tier.REPAIRED,
        name="the value at softmax(Q/eta) is the soft maximum of Q",
        left=MEAN - MEAN_LOG,
        right=VALUE,
        domain=ANYWHERE,
    ),
    Step(
        statement="P1.B.2",
        tier=Tier.PRINTED,
        name="J_gamma/(1-gamma) is the ergodic value of a constant reward 1",
        source="Appendix B.2",
        left=1 / (1 - gamma) / (1 - gamma),
        right=sp.Integer(1),
        domain={gamma: SHARE},
    ),
    Step(
        statement="P1.B.2",
        tier=Tier.REPAIRED,
        name="(1-gamma) J_gamma is the ergodic value of a constant reward 1",
        source="Appendix B.2",
        left=(1 - gamma) * (1 / (1 - gamma)),
        right=sp.Integer(1),
        domain={gamma: SHARE},
    ),
    Step(
        statement="P1.Alg.8",
        tier=Tier.PRINTED,
        name="weight of the second level in mu_2",
        source="Appendix D.2, Cat_k",
        left=q_2 * second,
        right=q_2 * (1 - q_1) * first + q_2 * q_1 * second,
        domain={q_1: SHARE, q_2: SHARE, first: SHARE, second: SHARE},
    ),
)
