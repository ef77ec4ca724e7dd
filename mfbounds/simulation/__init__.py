"""The restart oracle, and batches of rollouts drawn from it: particle by particle, or as counts with the same law.

The Gymnasium environment is `mfbounds.simulation.environment.MeanFieldEnv`; it is not imported here, because Gymnasium is
slow to start.
"""

from mfbounds.simulation.oracle import RestartOracle
from mfbounds.simulation.particles import ParticleRollouts
from mfbounds.simulation.rollouts import Batch, CountRollouts, ExpectedRollouts, truncated_values
from mfbounds.simulation.simulator import BatchSimulator, Particles, Simulator

__all__ = [
    "Batch",
    "BatchSimulator",
    "CountRollouts",
    "ExpectedRollouts",
    "ParticleRollouts",
    "Particles",
    "RestartOracle",
    "Simulator",
    "truncated_values",
]
