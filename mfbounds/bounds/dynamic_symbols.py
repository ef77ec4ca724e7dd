"""The symbols of paper P2: sympy symbol, LaTeX, meaning and unit of each, in one table.

Names are local to the paper: beta is a step size in P1 and the heterogeneity of rewards here.
"""

from __future__ import annotations

import sympy as sp

from mfbounds.bounds.symbols import Legend

DYNAMIC_LEGEND: dict[str, Legend] = {
    "n_S": Legend(r"|\mathcal S|", "number of states"),
    "n_A": Legend(r"|\mathcal A|", "number of actions"),
    "D": Legend(r"D", "number of state-action pairs, n_S n_A"),
    "N": Legend(r"N", "players"),
    "H": Legend(r"H", "horizon", "steps"),
    "h": Legend(r"h", "a step, 0 to H-1"),
    "R": Legend(r"R", "width r_max - r_min of the reward range", "reward"),
    "alpha": Legend(r"\alpha", "heterogeneity of the dynamics, l1"),
    "beta": Legend(r"\beta", "heterogeneity of the rewards", "reward"),
    "K_mu": Legend(r"K_\mu", "Lipschitz constant of the induced kernel, l1 of rows over l1 of mu"),
    "L_mu": Legend(r"L_\mu", "Lipschitz constant of the induced reward over l1 of mu", "reward"),
    "K_sa": Legend(r"K_{sa}", "largest l1 distance of two rows of the induced kernel"),
    "K_s": Legend(r"K_s", "largest l1 distance of two rows of different states and one action"),
    "K_a": Legend(r"K_a", "largest l1 distance of two rows of one state and different actions"),
    "L_sa": Legend(r"L_{sa}", "largest difference of two induced rewards at one population", "reward"),
    "L_pop": Legend(r"L_{\mathrm{pop}}", "Lipschitz constant of the population update, l1 over l1"),
    "L_2": Legend(r"L_2", "Lipschitz constant of the population update, l2 over l2"),
    "L_a": Legend(r"L_a", "largest change of the induced reward with the action", "reward"),
    "tau": Legend(r"\tau", "entropy weight", "reward per nat"),
    "xi": Legend(r"\xi_t", "step of the policy update"),
    "M": Legend(r"M", "trajectories of one policy evaluation"),
    "T": Legend(r"T", "epochs of policy updates"),
    "kappa": Legend(r"\kappa", "number of pairs that a function of the others looks at"),
    "C_1": Legend(r"C_1", "largest change of a law when one other player moves, l1"),
    "C_2": Legend(r"C_2", "largest change of a reward when one other player moves", "reward"),
    "slope": Legend(
        r"\lambda", "largest <R(mu)-R(mu'), mu-mu'>/||mu-mu'||_2^2: at most 0 where weakly monotone", "reward"
    ),
    "slope_flow": Legend(r"\lambda_{\mathrm{flow}}", "the same for sums over the steps of flows", "reward"),
    "delta": Legend(r"\delta", "exploitability of the policy in the mean-field game", "reward"),
}


def dynamic_symbol(name: str) -> sp.Symbol:
    """The sympy symbol of a name in the legend of P2."""
    if name not in DYNAMIC_LEGEND:
        raise KeyError(name)
    return sp.Symbol(name, nonnegative=True)


n_S, n_A, D, N, H, h, R = map(dynamic_symbol, ("n_S", "n_A", "D", "N", "H", "h", "R"))
alpha, beta, K_mu, L_mu, K_sa = map(dynamic_symbol, ("alpha", "beta", "K_mu", "L_mu", "K_sa"))
K_s, K_a, L_sa, L_2 = map(dynamic_symbol, ("K_s", "K_a", "L_sa", "L_2"))
L_pop, L_a, tau, xi, M, T = map(dynamic_symbol, ("L_pop", "L_a", "tau", "xi", "M", "T"))
kappa, C_1, C_2, delta = map(dynamic_symbol, ("kappa", "C_1", "C_2", "delta"))

# Lemma 9, as printed and sharpened: the modulus of the population's update from l1 to l1, with one policy.
L_POP_PRINTED, L_POP = (K_s + K_a) / 2 + K_mu, K_sa / 2 + K_mu
