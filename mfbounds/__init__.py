r"""Executable theory of trust region policy optimization in mean-field games.

A game goes in; its constants, each statement's hypotheses, both sides of each inequality and a verdict come out.

Symbols of the papers and their Python names (all of them: `mfbounds.bounds.symbols.LEGEND`):

    game            S, A, P, r            n_states, n_actions, kernel(mu), reward(mu)
                    gamma, eta            discount, entropy temperature (reward units per nat)
                    nu, mu_0              restart, start
                    ||r||_inf             R: rewards are shifted to start at 0
    regularity      L_r, L_P              L_r, L_P (l1 norm of rows over l2 norm of mu), L_P_entry (A-1 as printed)
                    C_Erg, rho            C_Erg, rho; kappa_A: how much an action matters
    sensitivity     C_{pi,mu}, C_{Erg,M}  C_pi_mu, C_Erg_M (printed); K_pi, Sigma_M (repaired, sharpened)
                    C_phi, C_{op,MFG}     C_phi, C_op; K_F; tau = 1 - C_op
    convergence     C_{TRPO,0}, C_{MF,0}  C_TRPO_0, C_MF_0, b_0; B, E_pi, S0, e_F
    sampling        I_l, T_l, P, delta    I, T, P, delta (of a run); I_l, T_l, P_k (what is asked for); b_1, B_avg

Shapes: policy (S, A), population (S,), kernel (S, A, S) dense or CSR (S*A, S), reward (S, A).
"""

from typing import TYPE_CHECKING

if TYPE_CHECKING:
    from mfbounds import experiments, games, interop, symmetry
    from mfbounds.bounds.constants_table import ConstantsTable, constants
    from mfbounds.bounds.equilibrium import Equilibrium, equilibrium
    from mfbounds.bounds.ledger import ledger
    from mfbounds.bounds.planning import plan
    from mfbounds.bounds.planning_dynamic import DynamicPlan
    from mfbounds.bounds.planning_result import Plan
    from mfbounds.bounds.planning_tables import affordable_epsilon, plan_table
    from mfbounds.certified import RationalGame, certify_trial
    from mfbounds.errors import MfboundsError
    from mfbounds.games import AffineGame, MeanFieldGame, from_functions
    from mfbounds.mdp import (
        SoftOptimum,
        Values,
        evaluate,
        exploitability,
        occupation,
        quality,
        soft_optimal,
        stationary_distribution,
    )
    from mfbounds.simulation.dynamic_exploitability import NPlayerExploitability, n_player_exploitability
    from mfbounds.simulation.n_players import n_player_gap
    from mfbounds.simulation.n_players_deviation import n_player_deviation
    from mfbounds.simulation.n_players_result import NPlayerGap
    from mfbounds.solvers import Run, load_run, regularised_equilibrium, sampled_trpo, solve, trpo
    from mfbounds.verification.check import check
    from mfbounds.verification.falsify import Falsification, falsify
    from mfbounds.verification.referee import referee
    from mfbounds.verification.slack import slack_attribution
    from mfbounds.verification.sweep import check_all
    from mfbounds.verification.verdict import Verdict
    from mfbounds.verification.witness import replay
else:
    from importlib import import_module

    # Where each name is defined. It is imported when first used, so that the command line and the pytest plugin, which
    # need little of it, start fast.
    _HOMES = {
        "mfbounds": (
            "experiments",
            "games",
            "interop",
            "symmetry",
        ),
        "mfbounds.bounds.constants_table": ("ConstantsTable", "constants"),
        "mfbounds.bounds.equilibrium": ("Equilibrium", "equilibrium"),
        "mfbounds.bounds.ledger": ("ledger",),
        "mfbounds.bounds.planning": ("plan",),
        "mfbounds.bounds.planning_dynamic": ("DynamicPlan",),
        "mfbounds.bounds.planning_result": ("Plan",),
        "mfbounds.bounds.planning_tables": ("affordable_epsilon", "plan_table"),
        "mfbounds.certified": ("RationalGame", "certify_trial"),
        "mfbounds.errors": ("MfboundsError",),
        "mfbounds.games": ("AffineGame", "MeanFieldGame", "from_functions"),
        "mfbounds.mdp": (
            "SoftOptimum",
            "Values",
            "evaluate",
            "exploitability",
            "occupation",
            "quality",
            "soft_optimal",
            "stationary_distribution",
        ),
        "mfbounds.simulation.dynamic_exploitability": ("NPlayerExploitability", "n_player_exploitability"),
        "mfbounds.simulation.n_players": ("n_player_gap",),
        "mfbounds.simulation.n_players_deviation": ("n_player_deviation",),
        "mfbounds.simulation.n_players_result": ("NPlayerGap",),
        "mfbounds.solvers": ("Run", "load_run", "regularised_equilibrium", "sampled_trpo", "solve", "trpo"),
        "mfbounds.verification.check": ("check",),
        "mfbounds.verification.falsify": ("Falsification", "falsify"),
        "mfbounds.verification.referee": ("referee",),
        "mfbounds.verification.slack": ("slack_attribution",),
        "mfbounds.verification.sweep": ("check_all",),
        "mfbounds.verification.verdict": ("Verdict",),
        "mfbounds.verification.witness": ("replay",),
    }

    def __getattr__(name):
        for home, names in _HOMES.items():
            if name in names:
                value = import_module(f"{home}.{name}") if home == __name__ else getattr(import_module(home), name)
                globals()[name] = value
                return value
        raise AttributeError(f"module {__name__!r} has no attribute {name!r}")

    def __dir__():
        return sorted({*globals(), *__all__})


__all__ = [
    "AffineGame",
    "ConstantsTable",
    "DynamicPlan",
    "Equilibrium",
    "Falsification",
    "MeanFieldGame",
    "MfboundsError",
    "NPlayerExploitability",
    "NPlayerGap",
    "Plan",
    "RationalGame",
    "Run",
    "SoftOptimum",
    "Values",
    "Verdict",
    "affordable_epsilon",
    "certify_trial",
    "check",
    "check_all",
    "constants",
    "equilibrium",
    "evaluate",
    "experiments",
    "exploitability",
    "falsify",
    "from_functions",
    "games",
    "interop",
    "ledger",
    "load_run",
    "n_player_deviation",
    "n_player_exploitability",
    "n_player_gap",
    "occupation",
    "plan",
    "plan_table",
    "quality",
    "referee",
    "regularised_equilibrium",
    "replay",
    "sampled_trpo",
    "slack_attribution",
    "soft_optimal",
    "solve",
    "stationary_distribution",
    "symmetry",
    "trpo",
]
