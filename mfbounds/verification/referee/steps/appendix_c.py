"""Steps of the proofs of Appendix C, as printed. kappa stands for C_pi_mu C_Erg_M, d for a distance to the equilibrium."""

from __future__ import annotations

from functools import partial

import sympy as sp

from mfbounds.bounds.statement import Tier
from mfbounds.verification.referee.algebra import Relation, Step

b, tau, kappa, C_op, K2 = sp.symbols("beta tau kappa C_op K2")
x, y, d, s, m, t_2 = sp.symbols("x y d s m T_2")
C_Erg, C_pi, h, g, L_log, C, X, ell = sp.symbols("C_Erg_M C_pi_mu h g logL C X ell")
x_0, x_1 = sp.symbols("x_0 x_1")
POSITIVE, SHARE, REAL = (0, sp.oo), (0, 1), (-sp.oo, sp.oo)
AT_MOST, LESS = Relation.AT_MOST, Relation.LESS
half = sp.Rational(1, 2)

C3 = partial(Step, statement="P1.C.3", tier=Tier.PRINTED, source="Appendix C.2, proof of Proposition C.3")
C4 = partial(Step, statement="P1.C.4", tier=Tier.PRINTED, source="Appendix C.2, Remark C.4")
C5 = partial(Step, statement="P1.C.5", tier=Tier.PRINTED, source="Appendix C.2, proof of Theorem C.5")
C6 = partial(Step, statement="P1.C.6", tier=Tier.PRINTED, source="Appendix C.2, proof of Corollary C.6")

LIMIT = tau / (2 * tau - 1 + kappa**2)  # (14), with C_op = 1 - tau
b_0 = tau / (4 * kappa**2 + 2 * tau)
RUN = {kappa: POSITIVE, tau: SHARE, b: (0, b_0)}
OF_D = (1 - b) * (1 + (1 - 2 * tau) * b) + b**2 * kappa**2 + 2 * b * (1 - b) * tau / 2 + 2 * b**2 * kappa**2 / 2
OF_T2 = 2 * b * (1 - b) / (2 * tau) + b**2 + 2 * b**2 / 2

STEPS = (
    C3(
        name="squares and the inner product collected",
        left=(1 - b) ** 2 + 2 * (1 - b) * b * C_op + b**2 * kappa**2,
        right=(1 - b) * (1 + (2 * C_op - 1) * b) + b**2 * kappa**2,
        domain={b: POSITIVE, C_op: REAL, kappa: POSITIVE},
    ),
    C3(
        name="F_M is C_pi_mu C_Erg_M-Lipschitz, from E.1 and E.4 read as Lipschitz",
        left=C_Erg * (C_pi * d + d),
        relation=AT_MOST,
        right=C_Erg * C_pi * d,
        domain={C_Erg: POSITIVE, C_pi: POSITIVE, d: POSITIVE},
    ),
    C3(
        name="the denominator of (14) is positive",
        left=sp.Integer(0),
        relation=LESS,
        right=2 * tau - 1 + kappa**2,
        domain={tau: SHARE, kappa: POSITIVE},
    ),
    C3(
        name="A-2 inside the square, for every step that (14) allows",
        left=2 * (1 - b) * b * s,
        relation=AT_MOST,
        right=2 * (1 - b) * b * (1 - tau),
        domain={tau: (half, 1), kappa: POSITIVE, b: (0, LIMIT), s: (-1, 1 - tau)},
    ),
    C3(
        name="(15) from (14)",
        left=(1 - b) * (1 + (1 - 2 * tau) * b) + b**2 * kappa**2,
        relation=AT_MOST,
        right=1 - tau * b,
        domain={tau: (half, 1), kappa: POSITIVE, b: (0, LIMIT)},
    ),
    C3(name="1 - x <= exp(-x)", left=1 - x, relation=AT_MOST, right=sp.exp(-x), domain={x: POSITIVE}),
    C4(
        name="constant step at the limit of (14): log(d^2/eps) (1 - 2 C_op + kappa^2) steps suffice",
        left=ell,
        relation=AT_MOST,
        right=tau * LIMIT * ell / LIMIT * tau,
        domain={tau: (half, 1), kappa: POSITIVE, ell: POSITIVE},
    ),
    C4(
        name="step C/k: (d^2/eps) exp(1 - 2 C_op + kappa^2) steps suffice",
        left=ell,
        relation=AT_MOST,
        right=tau * C * (ell + 2 * tau - 1 + kappa**2),
        domain={tau: (half, 1), kappa: POSITIVE, C: (0, LIMIT), ell: POSITIVE},
    ),
    C5(
        name="Young for T_1",
        left=x * y,
        relation=AT_MOST,
        right=tau / 2 * x**2 + y**2 / (2 * tau),
        domain={tau: SHARE, x: POSITIVE, y: POSITIVE},
    ),
    C5(
        name="Young for T_3",
        left=x * y,
        relation=AT_MOST,
        right=x**2 / 2 + y**2 / 2,
        domain={x: POSITIVE, y: POSITIVE},
    ),
    C5(
        name="the coefficients of ||mu - mu*||^2 add up",
        left=OF_D,
        right=(1 - b) * (1 + (1 - tau) * b) + 2 * b**2 * kappa**2 - tau / 2 * b,
        domain=RUN,
    ),
    C5(
        name="what they add up to is below 1 - tau beta/2",
        left=OF_D,
        relation=AT_MOST,
        right=1 - tau / 2 * b,
        domain=RUN,
    ),
    C5(name="the coefficients of T_2 add up", left=OF_T2, right=b * ((1 - b) / tau + 3 * b / 2), domain=RUN),
    C5(
        name="the printed coefficient of T_2 is below (2 + b_0)/tau",
        left=2 * ((1 - b) / tau + 3 * b / 2),
        relation=AT_MOST,
        right=(2 + b_0) / tau,
        domain=RUN,
    ),
    C5(
        name="twice what the coefficients of T_2 add up to is below (2 + b_0)/tau",
        left=2 * OF_T2 / b,
        relation=AT_MOST,
        right=(2 + b_0) / tau,
        domain=RUN,
    ),
    C5(
        name="T_2 from E.1: the square of a mean, two states",
        left=(C * (m * x_0 + (1 - m) * x_1)) ** 2,
        relation=AT_MOST,
        right=C * (m**2 * x_0**2 + (1 - m) ** 2 * x_1**2),
        domain={C: POSITIVE, m: SHARE, x_0: POSITIVE, x_1: POSITIVE},
    ),
    C5(
        name="mu^2 <= mu in T_2, two states",
        left=m**2 * x_0**2 + (1 - m) ** 2 * x_1**2,
        relation=AT_MOST,
        right=m * x_0**2 + (1 - m) * x_1**2,
        domain={m: SHARE, x_0: POSITIVE, x_1: POSITIVE},
    ),
    C5(
        name="squared policy distance from the value gap by E.2, h = eta (1-gamma)",
        left=2 / h * g,
        relation=AT_MOST,
        right=g,
        domain={h: POSITIVE, g: POSITIVE},
        units={"h": 1, "g": 1},
    ),
    C5(
        name="the value gap is at most 2 C_TRPO_0 log L/L, with C_TRPO_0 log L/L = (2/h) B",
        left=g,
        relation=AT_MOST,
        right=2 * (2 / h) * g,
        domain={h: POSITIVE, g: POSITIVE},
        units={"h": 1, "g": 1},
    ),
    C5(
        name="telescoping of the products",
        left=b * X,
        right=2 / tau * (X - (1 - tau / 2 * b) * X),
        domain={tau: SHARE, b: SHARE, X: SHARE},
    ),
    C5(
        name="tau < 1 follows from C_op < 1",
        left=1 - C_op,
        relation=LESS,
        right=sp.Integer(1),
        domain={C_op: (-1, 1)},
    ),
    C6(
        name="C.5 bounds the squared distance: delta_2 starts from ||mu_0 - mu*||",
        left=d**2,
        relation=AT_MOST,
        right=d,
        domain={d: (0, sp.sqrt(2))},
    ),
    C6(
        name="policy distance from the gap by E.2, squared, h = eta (1-gamma), one state",
        left=2 / h * g,
        relation=AT_MOST,
        right=(2 / h) ** 2 * g,
        domain={h: POSITIVE, g: POSITIVE},
        units={"h": 1, "g": 1},
    ),
)
