"""Steps of the proofs of Appendix E, as printed."""

from __future__ import annotations

from functools import partial

import sympy as sp

from mfbounds.bounds.statement import Tier
from mfbounds.verification.referee.algebra import Relation, Step

A, B = sp.symbols("A B", commutative=False)  # two chains
rho, m, p, q, x, x_0, x_1, d, C, t, n = sp.symbols("rho m p q x x_0 x_1 d C t n")
eta, gamma, L_r, L_P, R, log_A, V, g, L_J, S_root = sp.symbols("eta gamma L_r L_P R logA V g L_J sqrtS")
POSITIVE, SHARE = (0, sp.oo), (0, 1)
AT_MOST = Relation.AT_MOST
POWERS = 4

E1 = partial(Step, statement="P1.E.1", tier=Tier.PRINTED, source="Appendix E.1, proof of Lemma E.1")
E2 = partial(Step, statement="P1.E.2", tier=Tier.PRINTED, source="Appendix E.2, proof of Proposition E.2")
E3 = partial(Step, statement="P1.E.3", tier=Tier.PRINTED, source="Appendix E.2, proof of Proposition E.3")
E6 = partial(Step, statement="P1.E.6", tier=Tier.PRINTED, source="Appendix E.4, proof of Lemma E.6")

# One state, gamma = 0, rewards r = eta log q so that the optimal value is 0 and softmax(r/eta) = (q, 1-q).
KL = p * (sp.log(p) - sp.log(q)) + (1 - p) * (sp.log(1 - p) - sp.log(1 - q))
J_MINUS = p * eta * sp.log(q) + (1 - p) * eta * sp.log(1 - q) - eta * (p * sp.log(p) + (1 - p) * sp.log(1 - p))
POLICIES = {eta: POSITIVE, p: SHARE, q: SHARE}

STEPS = (
    E1(
        name="the telescoping sum of powers, M = 4",
        left=A**POWERS - B**POWERS,
        right=sp.Add(*(A ** (POWERS - k - 1) * (A - B) * B**k for k in range(POWERS))),
    ),
    E1(
        name="the geometric sum, M = 4",
        left=sp.Add(*(rho**k for k in range(POWERS))),
        right=(1 - rho**POWERS) / (1 - rho),
        domain={rho: SHARE},
    ),
    E1(
        name="the policy term: |sum_a (pi-pi')(a) P(.|a)| <= L_P |pi-pi'|, two actions, kernels t apart",
        left=x * t,
        relation=AT_MOST,
        right=L_P * x,
        domain={L_P: POSITIVE, x: POSITIVE, t: SHARE},
    ),
    E1(
        name="the mean under xi P^m is at most the mean under xi, two states",
        left=q * x_0 + (1 - q) * x_1,
        relation=AT_MOST,
        right=m * x_0 + (1 - m) * x_1,
        domain={q: SHARE, m: SHARE, x_0: POSITIVE, x_1: POSITIVE},
    ),
    E2(name="(37): J(pi) - J(pi_mu) = eta D", left=J_MINUS, right=eta * KL, domain=POLICIES),
    E2(
        tier=Tier.SHARPENED,
        name="(37) with its sign: J(pi) - J(pi_mu) = -eta D",
        left=J_MINUS,
        right=-eta * KL,
        domain=POLICIES,
    ),
    E2(
        name="(34): J = <d, r> with the normalised occupation, one state",
        left=R / (1 - gamma),
        right=R,
        domain={R: POSITIVE, gamma: SHARE},
    ),
    E3(
        name="x <= c + gamma x gives x <= c/(1-gamma)",
        left=x,
        relation=AT_MOST,
        right=(((1 - gamma) * x) + t) / (1 - gamma),
        domain={gamma: SHARE, x: POSITIVE, t: POSITIVE},
    ),
    E3(
        name="the bound on the values put into the recursion gives (38)",
        left=(L_r + gamma * L_P * (R + eta * log_A) / (1 - gamma)) / (1 - gamma),
        right=(L_r + gamma / (1 - gamma) * L_P * (R + eta * log_A)) / (1 - gamma),
        domain={gamma: SHARE, L_r: POSITIVE, L_P: POSITIVE, R: POSITIVE, eta: POSITIVE, log_A: POSITIVE},
        units={"L_r": 1, "R": 1, "eta": 1},
    ),
    Step(
        statement="P1.E.4",
        tier=Tier.PRINTED,
        name="E.2 and twice E.3 give C_pi_mu",
        source="Appendix E.2, proof of Corollary E.4",
        left=2 / (eta * (1 - gamma)) * (2 * L_J),
        right=4 / (eta * (1 - gamma)) * L_J,
        domain={eta: POSITIVE, gamma: SHARE, L_J: POSITIVE},
        units={"eta": 1, "L_J": 1},
    ),
    Step(
        statement="P1.E.5",
        tier=Tier.PRINTED,
        name="two decompositions of J give C_phi",
        source="Appendix E.3, proof of Proposition E.5",
        left=2 * (L_J + S_root * V),
        right=2 * L_J + 2 * S_root * V,
        domain={L_J: POSITIVE, S_root: POSITIVE, V: POSITIVE},
        units={"L_J": 1, "V": 1},
    ),
    E6(
        name="E.4 as used: |pi-pi'| <= C d from |pi-pi'|^2 <= C d",
        left=x,
        relation=AT_MOST,
        right=C * d,
        domain={C: POSITIVE, d: (0, sp.sqrt(2)), x: (0, sp.sqrt(C * d))},
    ),
    E6(
        name="||x||_1 <= |S| ||x||_2^2 for x = (t, -t)",
        left=2 * t,
        relation=AT_MOST,
        right=2 * (2 * t**2),
        domain={t: SHARE},
    ),
)
