"""Steps of the proofs behind the repaired and the sharpened statements."""

from __future__ import annotations

from functools import partial

import sympy as sp

from mfbounds.bounds.statement import Tier
from mfbounds.verification.referee.algebra import Relation, Step
from mfbounds.verification.referee.steps.appendix_c import K2, POSITIVE, SHARE, X, b, half, tau, x, y

REPAIRED, SHARPENED = Tier.REPAIRED, Tier.SHARPENED
AT_MOST = Relation.AT_MOST
gamma, eta, c, z, g, a_0, a_1, kappa_A, G = sp.symbols("gamma eta c z g a_0 a_1 kappa_A G")
D_0, D_1, D_2, D_3 = sp.symbols("D_0 D_1 D_2 D_3")
KL = (D_0, D_1, D_2, D_3)
P, Q = sp.symbols("P Q", commutative=False)
CONTRACTED = (1 - b) ** 2 + 2 * b * (1 - b) * (1 - tau) + b**2 * K2
OVERSHOOT = 2 * tau - 1 + K2  # 1 - 2 C_op + K_F^2

C1 = partial(Step, statement="P1.C.1", source="proof of Theorem C.1")
C3 = partial(Step, statement="P1.C.3", tier=REPAIRED, source="proof of Proposition C.3")
C5 = partial(Step, statement="P1.C.5", source="proof of Theorem C.5")
W = partial(Step, statement="P1.W", tier=SHARPENED, source="proof of Theorem W")

STEPS = (
    C1(
        tier=REPAIRED,
        name="the KL terms telescope, L = 2",
        left=sp.Add(*(eta * ((step + 1) * KL[step] - (step + 2) * KL[step + 1]) for step in range(3))),
        right=eta * D_0 - 4 * eta * D_3,
        domain=dict.fromkeys((eta, *KL), POSITIVE),
        units={"eta": 1},
    ),
    C1(
        tier=REPAIRED,
        name="1/(l+2) <= log((l+2)/(l+1)), with z = 1/(l+2)",
        left=z,
        relation=AT_MOST,
        right=-sp.log(1 - z),
        domain={z: (0, half)},
    ),
    C1(
        tier=SHARPENED,
        name="(1-gamma)(L+1) gap <= S0 from the telescope of a falling gap, L = 2",
        left=(1 - gamma) * 3 * g,
        relation=AT_MOST,
        right=(1 - gamma) * ((g + x + y) + (g + x)) + g,
        domain={gamma: SHARE, g: POSITIVE, x: POSITIVE, y: POSITIVE},
    ),
    C3(
        name="the step of C.3 contracts, 1 - tau <= K_F^2",
        left=CONTRACTED,
        relation=AT_MOST,
        right=1 - tau * b,
        domain={tau: SHARE, K2: (1 - tau, sp.oo), b: (0, tau / OVERSHOOT)},
    ),
    C3(
        name="every step up to 1 contracts, 1 - tau > K_F^2",
        left=CONTRACTED,
        relation=AT_MOST,
        right=1 - tau * b,
        domain={tau: SHARE, K2: (0, 1 - tau), b: SHARE},
    ),
    C5(
        tier=REPAIRED,
        name="Young with c = (tau b/2)/(1 - tau b): the distance",
        left=(1 + (tau * b / 2) / (1 - tau * b)) * (1 - tau * b),
        right=1 - tau * b / 2,
        domain={tau: SHARE, b: SHARE},
    ),
    C5(
        tier=REPAIRED,
        name="Young with c = (tau b/2)/(1 - tau b): the error",
        left=(1 + (1 - tau * b) / (tau * b / 2)) * b**2,
        relation=AT_MOST,
        right=2 * b / tau,
        domain={tau: SHARE, b: SHARE},
    ),
    C5(
        tier=REPAIRED,
        name="the sum of the errors, two steps and any start X",
        left=2 / tau * (1 - (1 - tau * b / 2) ** 2),
        relation=AT_MOST,
        right=2 / tau,
        domain={tau: SHARE, b: SHARE},
    ),
    C5(
        tier=SHARPENED,
        name="sqrt(1 - tau b) <= 1 - tau b/2, squared",
        left=1 - tau * b,
        relation=AT_MOST,
        right=(1 - tau * b / 2) ** 2,
        domain={tau: SHARE, b: SHARE},
    ),
    C5(
        tier=SHARPENED,
        name="the geometric sum of the errors: its fixed point",
        left=(1 - tau * b / 2) * (2 / tau * (1 - X)) + b,
        right=2 / tau * (1 - (1 - tau * b / 2) * X),
        domain={tau: SHARE, b: SHARE, X: SHARE},
    ),
    Step(
        statement="P1.D.4",
        tier=REPAIRED,
        name="the weights of a constant step sum to b/(2-b)",
        source="proof of Theorem D.4",
        left=b**2 / (1 - (1 - b) ** 2),
        right=b / (2 - b),
        domain={b: SHARE},
    ),
    Step(
        statement="P1.E.1",
        tier=REPAIRED,
        name="the telescoping sum of powers, M = 3",
        source="proof of Lemma E.1",
        left=P**3 - Q**3,
        right=P**2 * (P - Q) + P * (P - Q) * Q + (P - Q) * Q**2,
    ),
    Step(
        statement="P1.E.4",
        tier=SHARPENED,
        name="span dQ <= 2b + gamma kappa_A 2 b G moves softmax by K_pi",
        source="proof of Corollary E.4",
        left=(2 * c + gamma * kappa_A * 2 * c * G) / (2 * eta),
        right=c / eta * (1 + gamma * kappa_A * G),
        domain={gamma: SHARE, kappa_A: SHARE, c: POSITIVE, G: POSITIVE, eta: POSITIVE},
        units={"c": 1, "eta": 1},
    ),
    Step(
        statement="P1.E.6",
        tier=REPAIRED,
        name="||x||_2^2 <= ||x||_1^2/2 for zero mass, three states",
        source="proof of Lemma E.6",
        left=a_0**2 + a_1**2 + (a_0 + a_1) ** 2,
        relation=AT_MOST,
        right=(2 * (a_0 + a_1)) ** 2 / 2,
        domain={a_0: POSITIVE, a_1: POSITIVE},
    ),
    W(
        name="start of the telescope: V* - V_0 and KL from x",
        left=x**2 / (8 * eta * (1 - gamma)) + eta * (x**2 / (8 * eta**2)),
        right=(2 - gamma) * x**2 / (8 * eta * (1 - gamma)),
        domain={x: POSITIVE, eta: POSITIVE, gamma: SHARE},
        units={"x": 1, "eta": 1},
    ),
)
