"""Steps of the proofs of Appendix D, as printed. kappa stands for C_pi_mu C_Erg_M."""

from __future__ import annotations

from functools import partial

import sympy as sp

from mfbounds.bounds.statement import Tier
from mfbounds.verification.referee.algebra import Relation, Step
from mfbounds.verification.referee.steps.appendix_c import POSITIVE, SHARE, b, g, h, kappa, tau, x, y

eta, C_1, U, L, K, delta, e, epsilon, M_2 = sp.symbols("eta C_prime U L K delta e epsilon C_MF_2")
D_0, D_1, D_2, D_3 = sp.symbols("D_0 D_1 D_2 D_3")
AT_MOST, LESS = Relation.AT_MOST, Relation.LESS
LARGE = sp.Integer(10) ** 6  # stands for any C' that might be meant

D2 = partial(Step, statement="P1.D.2", tier=Tier.PRINTED, source="Appendix D.1, proof of Theorem D.2")
D4 = partial(Step, statement="P1.D.4", tier=Tier.PRINTED, source="Appendix D.4, proof of Theorem D.4")

b_1 = tau / (6 * kappa**2 + 2 * tau)
RUN = {kappa: POSITIVE, tau: SHARE, b: (0, b_1)}
YOUNG = tau / 4 * x**2 + y**2 / tau
OF_D = (
    (1 - b) * (1 + (1 - 2 * tau) * b)
    + b**2 * kappa**2
    + 2 * b * (1 - b) * (tau / 4 + tau / 4)  # E_1 and T_1
    + 2 * b**2 * (kappa**2 / 2 + kappa**2 / 2)  # E_4 and T_3
)
OF_E2 = 2 * b * (1 - b) / tau + b**2 + 2 * b**2 / 2 + 2 * b**2 / 2  # E_1, E_2, E_3, E_4
OF_T2 = 2 * b * (1 - b) / tau + b**2 + 2 * b**2 / 2 + 2 * b**2 / 2  # T_1, T_2, T_3, E_3
PRINTED_SUM = b * (2 * (1 - b) / tau - 3 * b)

STEPS = (
    D2(
        name="the Bregman terms telescope, each multiplied by eta (l+2), L = 2",
        left=sum(
            eta * (ell + 2) * (sp.Rational(ell + 1, ell + 2) * now - later)
            for ell, (now, later) in enumerate(((D_0, D_1), (D_1, D_2), (D_2, D_3)))
        ),
        right=D_0 - 4 * D_3,
        domain=dict.fromkeys((eta, D_0, D_1, D_2, D_3), POSITIVE),
        units={"eta": 1},
    ),
    D2(
        name="sum_{l <= L} 1/(l+2) <= C' log L at L = 1, C' = 10^6",
        left=sp.Rational(1, 2) + sp.Rational(1, 3),
        relation=AT_MOST,
        right=LARGE * sp.log(1),
    ),
    D2(
        name="h(L)^2 log L is of the order of R^2 log L, with h(L) = R log L and C' = 10^6",
        left=sp.log(L) ** 2 * sp.log(L),
        relation=AT_MOST,
        right=LARGE * sp.log(L),
        domain={L: [2, 10, 10**500]},
    ),
    Step(
        statement="P1.D.3",
        tier=Tier.PRINTED,
        name="the mean of ||zeta_p - p||_1 is at most epsilon/4, for a fair coin",
        source="Appendix D.3, proof of Proposition D.3",
        left=sp.Rational(1, 2) + sp.Rational(1, 2),
        relation=AT_MOST,
        right=epsilon / 4,
        domain={epsilon: (0, sp.sqrt(2))},
    ),
    D4(
        name="Young for E_1 and T_1",
        left=x * y,
        relation=AT_MOST,
        right=YOUNG,
        domain={tau: SHARE, x: POSITIVE, y: POSITIVE},
    ),
    D4(
        name="the coefficients of ||mu - mu*||^2 add up",
        left=OF_D,
        right=(1 - b) * (1 + (1 - tau) * b) + 3 * b**2 * kappa**2,
        domain=RUN,
    ),
    D4(
        name="what they add up to is below 1 - tau beta/2",
        left=(1 - b) * (1 + (1 - tau) * b) + 3 * b**2 * kappa**2,
        relation=LESS,
        right=1 - tau / 2 * b,
        domain=RUN,
    ),
    D4(name="the coefficients of E_2 add up", left=OF_E2, right=PRINTED_SUM, domain=RUN),
    D4(name="the coefficients of T_2 add up", left=OF_T2, right=PRINTED_SUM, domain=RUN),
    D4(
        name="what they add up to is below beta (2 + b_1)/tau",
        left=OF_T2,
        relation=AT_MOST,
        right=b * (2 + b_1) / tau,
        domain=RUN,
    ),
    D4(
        name="E_2 <= epsilon from ||e|| <= epsilon",
        left=e**2,
        relation=AT_MOST,
        right=epsilon,
        domain={epsilon: (0, sp.sqrt(2)), e: (0, epsilon)},
    ),
    D4(
        name="the gap of D.2 is at most C_TRPO_1 log L/L, with C_TRPO_1 as given",
        left=C_1 * U * sp.log(L) / (L + 1),
        relation=AT_MOST,
        right=(2 * C_1 / h * U * sp.log(L) / L) * sp.log(L) / L,
        domain={C_1: POSITIVE, U: POSITIVE, h: SHARE, L: [2, 10, 10**3, 10**6]},
    ),
    D4(
        name="a failure of probability delta in each of K rounds fails with probability delta in all",
        left=K * delta,
        relation=AT_MOST,
        right=delta,
        domain={K: [1, 2, 10], delta: SHARE},
    ),
    D4(
        name="(28) unrolled: the term of epsilon",
        left=M_2 * epsilon,
        relation=AT_MOST,
        right=b * M_2 * epsilon,
        domain={M_2: POSITIVE, epsilon: POSITIVE, b: SHARE},
    ),
    D4(
        name="squared policy distance from the value gap by E.2, h = eta (1-gamma)",
        left=2 / h * g,
        relation=AT_MOST,
        right=g,
        domain={h: POSITIVE, g: POSITIVE},
        units={"h": 1, "g": 1},
    ),
    Step(
        statement="P1.D.5",
        tier=Tier.PRINTED,
        name="policy distance from the gap by E.2, squared, h = eta (1-gamma), one state",
        source="Appendix D.5, proof of Corollary D.5",
        left=2 / h * g,
        relation=AT_MOST,
        right=(2 / h) ** 2 * g,
        domain={h: POSITIVE, g: POSITIVE},
        units={"h": 1, "g": 1},
    ),
)
