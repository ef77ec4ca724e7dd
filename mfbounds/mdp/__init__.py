"""One population frozen: values, soft optimum, occupation and stationary laws, exploitability.

Public functions take a game and validate; those named ``frozen_...``, `policy_values` and `push` work on a `Frozen`
process and do not.
"""

from mfbounds.mdp.chains import recurrent_classes
from mfbounds.mdp.exploitability import (
    exploitability,
    frozen_quality,
    measured_exploitability,
    measured_quality,
    quality,
)
from mfbounds.mdp.frozen import Frozen, freeze
from mfbounds.mdp.occupation import frozen_occupation, occupation
from mfbounds.mdp.optimum import HardOptimum, certify, frozen_optimum, hard_optimal, soft_optimal
from mfbounds.mdp.population import Step, best_response_step, frozen_step, push
from mfbounds.mdp.soft_optimum import SoftOptimum
from mfbounds.mdp.stationary import StationaryLaw, frozen_stationary, stationary, stationary_distribution
from mfbounds.mdp.values import Values, evaluate, policy_values

__all__ = [
    "Frozen",
    "HardOptimum",
    "SoftOptimum",
    "StationaryLaw",
    "Step",
    "Values",
    "best_response_step",
    "certify",
    "evaluate",
    "exploitability",
    "freeze",
    "frozen_occupation",
    "frozen_optimum",
    "frozen_quality",
    "frozen_stationary",
    "frozen_step",
    "hard_optimal",
    "measured_exploitability",
    "measured_quality",
    "occupation",
    "policy_values",
    "push",
    "quality",
    "recurrent_classes",
    "soft_optimal",
    "stationary",
    "stationary_distribution",
]
