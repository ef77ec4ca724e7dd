"""The paper's experiments (P1, Section 6, Appendix F, and its slides), reproduced.

`perform` runs them, `load` reads their tables, `draw` makes their pictures from the tables alone, and `account` says which
claims of the paper the numbers bear out.
"""

from mfbounds.experiments.account import account
from mfbounds.experiments.catalogue import Experiment, experiments
from mfbounds.experiments.figures import draw
from mfbounds.experiments.files import load
from mfbounds.experiments.perform import Performance, perform

__all__ = ["Experiment", "Performance", "account", "draw", "experiments", "load", "perform"]
