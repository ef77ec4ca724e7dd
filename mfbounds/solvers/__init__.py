"""The paper's algorithms, exact and sampled, fixed points of the population map, and what a solver returns."""

from mfbounds.solvers.fixed_point import FixedPoint, find_fixed_point
from mfbounds.solvers.mixture import UniformMixture
from mfbounds.solvers.regularised_equilibrium import RegularisedEquilibrium, regularised_equilibrium
from mfbounds.solvers.run import Run, load_run
from mfbounds.solvers.sampled_trpo import sampled_trpo
from mfbounds.solvers.schedule import step_sizes
from mfbounds.solvers.solve import METHODS, solve
from mfbounds.solvers.solve_dynamic import DYNAMIC_METHODS, solve_dynamic
from mfbounds.solvers.td import TDResult, td_learning
from mfbounds.solvers.trpo import Iterate, trpo, trpo_iterates

__all__ = [
    "DYNAMIC_METHODS",
    "METHODS",
    "FixedPoint",
    "Iterate",
    "RegularisedEquilibrium",
    "Run",
    "TDResult",
    "UniformMixture",
    "find_fixed_point",
    "load_run",
    "regularised_equilibrium",
    "sampled_trpo",
    "solve",
    "solve_dynamic",
    "step_sizes",
    "td_learning",
    "trpo",
    "trpo_iterates",
]
