"""The constants of the sampled algorithms: how many trajectories, how long, and what error is left.

They are functions of the numbers of a run (L, K, I, T, P, epsilon, delta), so they stand apart from the constants that
a game alone determines. The gap of Sample-Based TRPO, averaged over its iterates, is bounded by
B_avg = B_lead + (N_I + bias)/(1-gamma): the mirror-descent telescope, the sampling noise and the truncated tail.
"""

from __future__ import annotations

from collections.abc import Mapping
from types import MappingProxyType

import sympy as sp

from mfbounds.bounds.definition import Definition, define
from mfbounds.bounds.symbols import (
    C_TRPO_1,
    C_TRPO_2,
    D2,
    L_P,
    N_B,
    N_I,
    N_M,
    B_avg,
    B_lead,
    C_Erg_M,
    C_nu,
    C_pi_mu,
    C_TRPO_1_prime,
    D,
    I,
    I_seen,
    K,
    K_pi,
    L,
    P,
    Q_max,
    R,
    Sigma_M,
    T,
    V_max,
    W,
    b_1,
    beta,
    bias,
    delta,
    e_P,
    epsilon,
    eta,
    gamma,
    kappa_A,
    n_A,
    n_S,
    nu_min,
    tau,
)

log_A = sp.log(n_A)
_square = R**2 + eta**2 * log_A**2
_unsquared = R + eta**2 * log_A**2
_dimension = n_S * sp.log(2 * n_A)
_unseen = sp.log(2 * (L + 1) * n_S / delta)  # some state is visited too rarely, with probability delta/2
_each = sp.log(4 * n_S * n_A * (L + 1) / delta)  # some average is off, with probability delta/2
_start = sp.log(2 * n_S / delta)  # the weighted sum is off for some start, with probability delta/2
_upside_down = "the ratio is upside down: negative for every epsilon below |A| (R + eta log|A|)"


def _trajectories(size: sp.Expr, doubt: sp.Expr, factor: int = 1) -> sp.Expr:
    return factor * n_A**2 * size * (_dimension + doubt) / ((1 - gamma) ** 2 * epsilon**2)


SAMPLED: Mapping[str, Definition] = MappingProxyType(
    {
        "b_1": define(
            "Theorem D.4, (23)",
            defect="rests on C_pi_mu C_Erg_M as Lipschitz constant of F_M",
            printed=tau / (6 * C_pi_mu**2 * C_Erg_M**2 + 2 * tau),
        ),
        "C_TRPO_1": define(
            "Theorem D.4",
            defect="contains log L/L, and (27) multiplies it by log L/L again; C' is never given",
            printed=2
            * C_TRPO_1_prime
            / (eta * (1 - gamma))
            * _square
            * n_A**2
            * sp.log(L)
            / (eta * (1 - gamma) ** 3 * L),
        ),
        "C_TRPO_2": define(
            "Theorem D.4",
            defect="C' is never given",
            printed=2 * C_TRPO_1_prime / (eta * (1 - gamma)) / (1 - gamma) ** 2 * C_nu,
        ),
        "C_MF_1": define(
            "Theorem D.4", defect="inherits C_Erg_M: 0 when L_P = 0", printed=C_Erg_M * C_TRPO_1 * (2 + b_1) / tau
        ),
        "C_MF_2": define(
            "Theorem D.4",
            defect="2 + b_1 rests on - 3 beta where the terms add to + 3 beta; C_Erg_M is 0 when L_P = 0",
            printed=(2 + b_1) / tau * (C_Erg_M * C_TRPO_2 + 1),
        ),
        "I_seen": define(
            "Theorem D.2: every state is visited often enough", repaired=8 / ((1 - gamma) * nu_min) * _unseen
        ),
        "I_l": define(
            "Theorem D.2",
            defect="the failure probability is not split over the iterations; A-4 does not enter",
            printed=_trajectories(_square, sp.log(1 / delta)),
            repaired=sp.Max(I_seen, 4 * n_A**2 * Q_max**2 * D * _each / ((1 - gamma) * epsilon**2)),
            sharpened=sp.Max(I_seen, 4 * n_A**2 * Q_max**2 * D2 * _start / ((1 - gamma) * (L + 1) * epsilon**2)),
        ),
        "I_l_algorithm": define(
            "Algorithm 6 and Theorem D.4, (25)",
            defect="R for R^2: not homogeneous in (r, eta)",
            printed=_trajectories(_unsquared, sp.log(1 / delta)),
        ),
        "I_l_proof": define(
            "Theorem D.2, proof",
            defect="eight times the number in the statement, and log(pi^2 (l+1)^2/(6 delta)) for log(1/delta)",
            printed=_trajectories(_square, sp.log(sp.pi**2 * (L + 1) ** 2 / (6 * delta)), 8),
        ),
        "T_l": define(
            "Algorithm 6, Theorem D.2, (26)",
            defect=_upside_down,
            printed=sp.log(epsilon / (n_A * (R + eta * log_A))) / (1 - gamma),
            repaired=sp.Max(0, sp.log(V_max / epsilon) / sp.log(1 / gamma) - 1),
        ),
        "P_k": define(
            "Proposition D.3, (24)",
            defect="true with much slack; its printed proof bounds each sample's error, which is of order 1",
            printed=64 / epsilon**2 * sp.log(2 / delta),
            repaired=64 / epsilon**2 * sp.log(2 / delta),
            sharpened=((1 + sp.sqrt(sp.log(1 / delta))) / epsilon) ** 2,
        ),
        "bias": define("Theorem D.2, rollout horizon", repaired=gamma ** (T + 1) * V_max),
        "N_B": define(
            "Theorem D.2, Bernstein form",
            sharpened=4 * Q_max * sp.sqrt((n_A - 1) * _each * D / (I * (1 - gamma)))
            + sp.Rational(4, 3) * n_A * Q_max * _each * D / (I * (1 - gamma)),
        ),
        "N_M": define(
            "Theorem D.2, martingale form",
            sharpened=2 * n_A * Q_max * sp.sqrt(D2 * _start / (I * (1 - gamma) * (L + 1))),
        ),
        "N_I": define(
            "Theorem D.2, sampling noise",
            repaired=2 * n_A * Q_max * sp.sqrt(_each * D / (I * (1 - gamma))),
            sharpened=sp.Min(N_M, N_B),
        ),
        "B_lead": define(
            "Theorem D.2, first term",
            repaired=(eta * log_A + (n_A * Q_max) ** 2 * sp.log(L + 2) / (2 * eta)) / ((1 - gamma) * (L + 1)),
        ),
        "B_avg": define(
            "Theorem D.2, (22)",
            defect="0 at L = 1 but for epsilon; C' is never given; T_l is negative",
            printed=C_TRPO_1_prime
            * (_square * n_A**2 * sp.log(L) / (eta * (1 - gamma) ** 3 * (L + 1)) + epsilon / (1 - gamma) ** 2 * C_nu),
            repaired=B_lead + (N_I + bias) / (1 - gamma),
        ),
        "e_pi": define(
            "Theorem D.4, policy term",
            repaired=kappa_A * Sigma_M / sp.sqrt(2) * sp.sqrt(2 / eta * B_avg),
        ),
        "e_P": define("Theorem D.4, population noise", repaired=(1 + sp.sqrt(sp.log(2 * K / delta))) / sp.sqrt(P)),
        "c_1": define("Theorem D.4, repaired initialisation", repaired=Sigma_M * (kappa_A * K_pi + L_P) / sp.sqrt(2)),
        "W": define("Theorem D.4, weights of a constant step", repaired=beta / (2 - beta)),
        "n_bar": define(
            "Theorem D.4, distance of mu_k to its noise-free law",
            repaired=sp.Min(2 * sp.sqrt(W * sp.log(4 * K / delta) / P), e_P),
        ),
    }
)

RUN_DEPENDENT = tuple(name for name in SAMPLED if name not in ("b_1", "c_1"))
