"""The symbols of the paper: sympy symbol, LaTeX, meaning and unit of each, in one table.

A symbol's name is the Python name used everywhere: in `mfbounds.constants`, in records and in `paper_constants.md`.
"""

from __future__ import annotations

from dataclasses import dataclass

import sympy as sp


@dataclass(frozen=True)
class Legend:
    """What a symbol means."""

    latex: str
    meaning: str
    unit: str = ""


LEGEND: dict[str, Legend] = {
    "n_S": Legend(r"|\mathcal S|", "number of states"),
    "n_A": Legend(r"|\mathcal A|", "number of actions"),
    "gamma": Legend(r"\gamma", "discount factor"),
    "eta": Legend(r"\eta", "entropy temperature", "reward per nat"),
    "R": Legend(r"R", "width r_max - r_min of the reward range; stands for ||r||_inf", "reward"),
    "L_r": Legend(r"L_r", "Lipschitz constant of the reward in the l2 norm of mu", "reward"),
    "L_P": Legend(r"L_P", "Lipschitz constant of the kernel, l1 norm of rows over l2 norm of mu"),
    "L_P_entry": Legend(r"L_P^{\mathrm{entry}}", "Lipschitz constant of each kernel entry (A-1 read literally)"),
    "L_r1": Legend(r"L_{r,1}", "Lipschitz constant of the reward in the l1 norm of mu", "reward"),
    "L_P1": Legend(r"L_{P,1}", "Lipschitz constant of the kernel, l1 over l1"),
    "kappa_A": Legend(r"\kappa_A", "largest total variation between the next-state laws of two actions"),
    "rho_1": Legend(r"\rho_1", "one-step Dobrushin coefficient over all state-action pairs and populations"),
    "n": Legend(r"n", "length of the certified mixing block", "steps"),
    "q": Legend(r"q", "certified l1 contraction over one mixing block"),
    "M": Legend(r"M", "population steps per outer iteration", "steps"),
    "L": Legend(r"L", "inner TRPO iterations"),
    "delta_M": Legend(r"\delta_M", "certified l1 contraction over M steps"),
    "Sigma_M": Legend(r"\Sigma_M", "sum of the contractions over m < M", "steps"),
    "Sigma_inf": Legend(r"\Sigma_\infty", "sum of the contractions over all m", "steps"),
    "G": Legend(r"G", "discounted sum of the contractions", "steps"),
    "rho": Legend(r"\rho", "mixing rate of A-3"),
    "C_Erg": Legend(r"C_{\mathrm{Erg}}", "mixing constant of A-3"),
    "C_Erg_M": Legend(r"C_{\mathrm{Erg},M}", "sensitivity of M steps (Lemma E.1)"),
    "C_Erg_inf": Legend(r"C_{\mathrm{Erg},\infty}", "sensitivity of the stationary law (Lemma E.1)"),
    "V_max": Legend(r"V_{\max}", "largest value, rewards shifted to start at 0", "reward"),
    "Q_max": Legend(r"Q_{\max}", "largest action value", "reward"),
    "V_sp": Legend(r"V_{\mathrm{sp}}", "bound on the span of any policy's value", "reward"),
    "Q_sp": Legend(r"Q_{\mathrm{sp}}", "bound on the span of Q over actions", "reward"),
    "b": Legend(r"b", "one-step sensitivity to the population", "reward"),
    "L_J": Legend(r"L_J", "Lipschitz constant of values in mu (Prop. E.3)", "reward"),
    "C_pi_mu": Legend(r"C_{\pi,\mu}", "Hölder constant of the optimal policy (Cor. E.4)"),
    "K_pi": Legend(r"K_\pi", "Lipschitz constant of the optimal policy, l1 over l2"),
    "K_pi_1": Legend(r"K_1", "Lipschitz constant of the optimal policy, l1 over l1"),
    "C_phi": Legend(r"C_\phi", "exploitability per unit of inconsistency (Prop. E.5)", "reward"),
    "C_op": Legend(r"C_{\mathrm{op}}", "monotonicity constant of A-2 (Lemma E.6)"),
    "C_op_linear": Legend(r"C_{\mathrm{op}}^{\mathrm{lin}}", "C_op of a game without interaction, an eigenvalue"),
    "K_F": Legend(r"K_F", "Lipschitz constant of F_M, l2 over l2"),
    "K_F_linear": Legend(r"K_F^{\mathrm{lin}}", "K_F of a game without interaction, a spectral norm"),
    "K_F_1": Legend(r"K_{F,1}", "Lipschitz constant of F_M, l1 over l1"),
    "tau": Legend(r"\tau", "monotonicity margin 1 - C_op"),
    "beta_max": Legend(r"\beta_{\max}", "largest admissible step of Prop. C.3"),
    "b_0": Legend(r"b_0", "largest admissible step of Theorem C.5"),
    "C_TRPO_0_prime": Legend(r"C'_{\mathrm{TRPO},0}", "unspecified constant of Theorem C.1"),
    "C_TRPO_0": Legend(r"C_{\mathrm{TRPO},0}", "constant of Corollary C.2"),
    "C_MF_0": Legend(r"C_{\mathrm{MF},0}", "constant of Theorem C.5"),
    "S0": Legend(r"S_0", "initial potential of TRPO from the uniform policy", "reward"),
    "B": Legend(r"B(L)", "bound on the value gap after L iterations (Theorem C.1)", "reward"),
    "E_pi": Legend(r"E_\pi(L)", "bound on the l1 policy error after L iterations"),
    "e_F": Legend(r"e", "bound on the l2 error of one population step with an inexact policy"),
    "K": Legend(r"K", "outer iterations"),
    "I": Legend(r"I", "trajectories per TRPO iteration"),
    "T": Legend(r"T", "rollout horizon", "steps"),
    "P": Legend(r"P", "trajectories per population step"),
    "beta": Legend(r"\beta", "constant step size of the outer iteration"),
    "epsilon": Legend(r"\epsilon", "accuracy that a sample size is for"),
    "delta": Legend(r"\delta", "allowed failure probability"),
    "nu_min": Legend(r"\nu_{\min}", "smallest restart probability of a state"),
    "C_nu": Legend(r"\|\bar d/\nu\|_\infty", "concentrability coefficient of A-4"),
    "D": Legend(r"D", "sum_s d*(s)/nu(s), at most 1/nu_min"),
    "D2": Legend(r"D_2", "sum_s d*(s)^2/nu(s), at most D and at most the concentrability coefficient"),
    "C_TRPO_1_prime": Legend(r"C'_{\mathrm{TRPO},1}", "unspecified constant of Theorem D.2"),
    "b_1": Legend(r"b_1", "largest admissible step of Theorem D.4"),
    "C_TRPO_1": Legend(r"C_{\mathrm{TRPO},1}", "constant of Theorem D.4 before log L/L"),
    "C_TRPO_2": Legend(r"C_{\mathrm{TRPO},2}", "constant of Theorem D.4 before epsilon", "1/reward"),
    "C_MF_1": Legend(r"C_{\mathrm{MF},1}", "constant of Theorem D.4 before log L/L"),
    "C_MF_2": Legend(r"C_{\mathrm{MF},2}", "constant of Theorem D.4 before epsilon"),
    "I_seen": Legend(r"I_{\mathrm{seen}}", "trajectories after which every state is visited often enough"),
    "I_l": Legend(r"I_\ell", "trajectories for sampling noise epsilon (Theorem D.2)"),
    "I_l_algorithm": Legend(r"I_\ell^{\mathrm{Alg.\,6}}", "trajectories as Algorithm 6 prints them"),
    "I_l_proof": Legend(r"I_\ell^{\mathrm{proof}}", "trajectories as the proof of Theorem D.2 asks for"),
    "T_l": Legend(r"T_\ell", "rollout horizon for a truncation bias epsilon", "steps"),
    "P_k": Legend(r"P_k", "trajectories for population noise epsilon (Prop. D.3)"),
    "bias": Legend(r"\gamma^{T+1}V_{\max}", "truncated tail of a rollout", "reward"),
    "N_I": Legend(r"N_I", "sampling noise in the averaged gap, times 1-gamma", "reward"),
    "N_B": Legend(r"N_B", "sampling noise, Bernstein form", "reward"),
    "N_M": Legend(r"N_M", "sampling noise, martingale form", "reward"),
    "B_lead": Legend(r"B_0(L)", "mirror-descent term of the averaged gap", "reward"),
    "B_avg": Legend(r"\bar B(L)", "bound on the value gap averaged over the iterates (Theorem D.2)", "reward"),
    "e_pi": Legend(r"e_\pi", "l2 error of one population step that comes from the policy"),
    "e_P": Legend(r"e_P", "l2 error of one population step that comes from P trajectories"),
    "c_1": Legend(r"c_1", "sensitivity of one population step to its own population"),
    "W": Legend(r"W", "sum of squared weights of the rounds in mu_k"),
    "n_bar": Legend(r"\bar n", "l2 distance of mu_k to its noise-free law"),
}

SIGNED = ("C_op", "C_op_linear", "tau", "T_l")


def symbol(name: str) -> sp.Symbol:
    """The sympy symbol of a name in the legend."""
    if name not in LEGEND:
        raise KeyError(name)
    return sp.Symbol(name, real=True) if name in SIGNED else sp.Symbol(name, nonnegative=True)


def measured(name: str, *, signed: bool = False) -> sp.Symbol:
    """The sympy symbol of a quantity that a statement measures on a game (explained in the statement's file)."""
    return sp.Symbol(name, real=True) if signed else sp.Symbol(name, nonnegative=True)


n_S, n_A, gamma, eta, R = map(symbol, ("n_S", "n_A", "gamma", "eta", "R"))
L_r, L_P, L_P_entry, L_r1, L_P1 = map(symbol, ("L_r", "L_P", "L_P_entry", "L_r1", "L_P1"))
kappa_A, rho_1, n, q, M, L = map(symbol, ("kappa_A", "rho_1", "n", "q", "M", "L"))
delta_M, Sigma_M, Sigma_inf, G = map(symbol, ("delta_M", "Sigma_M", "Sigma_inf", "G"))
rho, C_Erg, C_Erg_M, C_Erg_inf = map(symbol, ("rho", "C_Erg", "C_Erg_M", "C_Erg_inf"))
V_max, Q_max, V_sp, Q_sp, b = map(symbol, ("V_max", "Q_max", "V_sp", "Q_sp", "b"))
L_J, C_pi_mu, K_pi, K_pi_1, C_phi = map(symbol, ("L_J", "C_pi_mu", "K_pi", "K_pi_1", "C_phi"))
C_op, K_F, K_F_1, C_op_linear, K_F_linear = map(symbol, ("C_op", "K_F", "K_F_1", "C_op_linear", "K_F_linear"))
tau, beta_max, b_0 = symbol("tau"), symbol("beta_max"), symbol("b_0")
C_TRPO_0_prime, C_TRPO_0, C_MF_0 = map(symbol, ("C_TRPO_0_prime", "C_TRPO_0", "C_MF_0"))
S0, B, E_pi, e_F = map(symbol, ("S0", "B", "E_pi", "e_F"))
K, I, T, P, beta, epsilon, delta = map(symbol, ("K", "I", "T", "P", "beta", "epsilon", "delta"))  # noqa: E741
nu_min, C_nu, D, D2, C_TRPO_1_prime = map(symbol, ("nu_min", "C_nu", "D", "D2", "C_TRPO_1_prime"))
b_1, C_TRPO_1, C_TRPO_2, C_MF_1, C_MF_2 = map(symbol, ("b_1", "C_TRPO_1", "C_TRPO_2", "C_MF_1", "C_MF_2"))
I_seen, I_l, T_l, P_k, bias = map(symbol, ("I_seen", "I_l", "T_l", "P_k", "bias"))
N_I, N_B, N_M, B_lead, B_avg = map(symbol, ("N_I", "N_B", "N_M", "B_lead", "B_avg"))
e_pi, e_P, c_1, W, n_bar = map(symbol, ("e_pi", "e_P", "c_1", "W", "n_bar"))
