"""Every constant of the theory as a formula, once, in its tiers.

`printed` is the paper; `repaired` and `sharpened` are proved. A constant without a sharpened formula takes the repaired
one; one that the paper does not know has no printed formula, and one that the proofs do not need has only that.
"""

from __future__ import annotations

from collections.abc import Mapping
from types import MappingProxyType

import sympy as sp

from mfbounds.bounds.definition import Definition, define
from mfbounds.bounds.sampled_definitions import RUN_DEPENDENT, SAMPLED
from mfbounds.bounds.statement import Tier
from mfbounds.bounds.symbols import (
    C_MF_0,
    C_TRPO_0,
    K_F,
    L_J,
    L_P,
    L_P1,
    S0,
    B,
    C_Erg,
    C_Erg_M,
    C_op,
    C_op_linear,
    C_phi,
    C_pi_mu,
    C_TRPO_0_prime,
    E_pi,
    G,
    K_F_linear,
    K_pi,
    K_pi_1,
    L,
    L_r,
    L_r1,
    M,
    Q_max,
    Q_sp,
    R,
    Sigma_M,
    V_max,
    V_sp,
    b,
    b_0,
    delta_M,
    eta,
    gamma,
    kappa_A,
    n,
    n_A,
    n_S,
    q,
    rho,
    tau,
)

log_A = sp.log(n_A)
_level = R + eta * log_A
_blocks = sp.floor(M / n)

DEFINITIONS: Mapping[str, Definition] = MappingProxyType(
    {
        "V_max": define("Prop. E.3, proof", common=_level / (1 - gamma)),
        "Q_max": define("eq. (4)", common=R + gamma * V_max),
        "rho": define("A-3", common=q ** (1 / n)),
        "C_Erg": define("A-3", common=2 * q ** (-(n - 1) / n)),
        "delta_M": define("theory of A-3", repaired=q**_blocks),
        "Sigma_inf": define("Lemma E.1", repaired=n / (1 - q)),
        "Sigma_M": define("Lemma E.1", repaired=n * (1 - q**_blocks) / (1 - q) + (M - n * _blocks) * q**_blocks),
        "G": define("theory of A-3", sharpened=(1 - gamma**n) / ((1 - gamma) * (1 - gamma**n * q))),
        "V_sp": define("span of a value", sharpened=sp.Min(V_max, _level * G)),
        "Q_sp": define("span of an action value", sharpened=R + gamma * kappa_A * V_sp),
        "b": define("one-step sensitivity", sharpened=L_r + gamma / 2 * L_P * V_sp),
        "L_J": define(
            "Prop. E.3, (38)",
            printed=(L_r + gamma / (1 - gamma) * L_P * _level) / (1 - gamma),
            repaired=(L_r + gamma / 2 * L_P * V_max) / (1 - gamma),
            sharpened=b / (1 - gamma),
        ),
        "C_pi_mu": define(
            "Prop. 3.1, Cor. E.4",
            defect="a Hölder-1/2 constant, later used as a Lipschitz constant; K_pi makes the use harmless",
            printed=4 / (eta * (1 - gamma)) * L_J,
        ),
        "K_pi": define(
            "replaces C_pi_mu",
            repaired=L_J / eta,
            sharpened=b / eta * (1 + gamma * kappa_A * G),
        ),
        "K_pi_1": define(
            "replaces C_pi_mu, l1 norm",
            sharpened=(L_r1 + gamma / 2 * L_P1 * V_sp) * (1 + gamma * kappa_A * G) / eta,
        ),
        "C_Erg_M": define(
            "Lemma E.1",
            defect="carries L_P in front of the policy term: with L_P = 0 the policy would not move the population",
            printed=C_Erg * L_P * (1 - rho**M) / (1 - rho),
        ),
        "C_Erg_inf": define("Lemma E.1, (30)", defect="as C_Erg_M", printed=C_Erg * L_P / (1 - rho)),
        "C_phi": define(
            "Prop. E.5, (41)",
            printed=2 * L_J + 2 * sp.sqrt(n_S) * V_max,
            repaired=2 * L_J + sp.sqrt(n_S) * V_max,
            sharpened=2 * L_J + sp.sqrt(n_S) / 2 * V_max,
        ),
        "K_F": define(
            "replaces C_op of Lemma E.6",
            repaired=(Sigma_M * (kappa_A * K_pi + L_P) + delta_M * sp.sqrt(n_S)) / sp.sqrt(2),
            sharpened=sp.Min(K_F_linear, (Sigma_M * (kappa_A * K_pi + L_P) + delta_M * sp.sqrt(n_S)) / sp.sqrt(2)),
        ),
        "K_F_1": define("replaces C_op of Lemma E.6, l1 norm", sharpened=Sigma_M * (kappa_A * K_pi_1 + L_P1) + delta_M),
        "C_op": define(
            "A-2, Lemma E.6",
            defect="inherits C_Erg_M: tends to 0 with M when L_P = 0, whatever the rewards do",
            printed=C_Erg * L_P * (1 - rho**M) / (1 - rho) * (1 + C_pi_mu) + 2 * n_S * C_Erg * rho**M,
            repaired=sp.Min(K_F, C_op_linear),
        ),
        "tau": define("Prop. C.3", common=1 - C_op),
        "beta_max": define(
            "Prop. C.3, (14)",
            defect="the denominator may be <= 0 or the limit > 1; F_M is not C_pi_mu C_Erg_M-Lipschitz",
            printed=tau / (tau - C_op + C_pi_mu**2 * C_Erg_M**2),
            repaired=sp.Min(1, tau / (1 - 2 * C_op + K_F**2)),
        ),
        "b_0": define(
            "Theorem C.5, (17)",
            defect="rests on C_pi_mu C_Erg_M as Lipschitz constant of F_M",
            printed=tau / (4 * C_pi_mu**2 * C_Erg_M**2 + 2 * tau),
        ),
        "C_TRPO_0": define(
            "Corollary C.2",
            defect="C' is never given; R must be R^2 for the two sides to scale alike",
            printed=C_TRPO_0_prime * 2 / (eta * (1 - gamma)) * (R + eta**2 * log_A**2) / (eta * (1 - gamma) ** 3),
        ),
        "C_MF_0": define(
            "Theorem C.5",
            defect="C_Erg_M should be squared and 2 + b_0 should be 2 + 2 b_0; 0 when L_P = 0",
            printed=(2 + b_0) / tau * C_Erg_M * C_TRPO_0,
        ),
        "S0": define(
            "replaces C' of Theorem C.1",
            sharpened=sp.Min(
                R / (1 - gamma) + eta * log_A, (1 - 1 / n_A) * R * (1 + gamma * kappa_A * G) / (1 - gamma)
            ),
        ),
        "B": define(
            "Theorem C.1, (12)",
            defect="0 at L = 1; R for R^2; C' is never given",
            printed=C_TRPO_0_prime * (R + eta**2 * log_A**2) / (eta * (1 - gamma) ** 3) * sp.log(L) / L,
            repaired=(eta * log_A + Q_max**2 * sp.log(L + 2) / (8 * eta)) / ((1 - gamma) * (L + 1)),
            sharpened=sp.Min(
                S0 / ((1 - gamma) * (L + 1)),
                (Q_sp + gamma * kappa_A * S0 / (1 - gamma)) ** 2 / (8 * eta * (1 - gamma) * (L + 1) ** 2),
            ),
        ),
        "E_pi": define(
            "replaces Corollary C.2",
            repaired=sp.sqrt(2 / eta * B),
            sharpened=sp.Min(sp.sqrt(2 / eta * B), (Q_sp + gamma * kappa_A * S0 / (1 - gamma)) / (2 * eta * (L + 1))),
        ),
        "e_F": define("Theorem C.5, T_2", repaired=kappa_A * Sigma_M / sp.sqrt(2) * E_pi),
        **SAMPLED,
    }
)

L_DEPENDENT = ("B", "E_pi", "e_F")
PARAMETRIC = frozenset({*L_DEPENDENT, *RUN_DEPENDENT})  # these need numbers of a run beside those of the game


def formula(name: str, tier: Tier) -> sp.Expr:
    """The formula of a constant in a tier, with the constants that depend on a run's numbers written out.

    Raises:
        KeyError: the tier has no formula for it.
    """
    found = DEFINITIONS[name].formula(tier)
    if found is None:
        raise KeyError(f"{name} has no {tier} formula")
    inner = {s: formula(s.name, tier) for s in found.free_symbols if s.name in PARAMETRIC}
    return found.subs(inner)


__all__ = ["C_MF_0", "DEFINITIONS", "L_DEPENDENT", "PARAMETRIC", "C_phi", "Definition", "formula"]
