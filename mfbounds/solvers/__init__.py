"""The paper's exact algorithms, fixed points of the population map, and what a solver returns."""

from mfbounds.solvers.fixed_point import FixedPoint, find_fixed_point
from mfbounds.solvers.run import Run, load_run
from mfbounds.solvers.schedule import step_sizes
from mfbounds.solvers.solve import METHODS, solve
from mfbounds.solvers.trpo import Iterate, trpo, trpo_iterates

__all__ = [
    "METHODS",
    "FixedPoint",
    "Iterate",
    "Run",
    "find_fixed_point",
    "load_run",
    "solve",
    "step_sizes",
    "trpo",
    "trpo_iterates",
]
