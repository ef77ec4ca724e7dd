"""The restart oracle, and batches of rollouts drawn from it: particle by particle, or as counts with the same law."""

from mfbounds.simulation.environment import MeanFieldEnv
from mfbounds.simulation.oracle import RestartOracle
from mfbounds.simulation.particles import ParticleRollouts
from mfbounds.simulation.rollouts import Batch, CountRollouts, ExpectedRollouts, truncated_values
from mfbounds.simulation.simulator import BatchSimulator, Particles, Simulator

__all__ = [
    "Batch",
    "BatchSimulator",
    "CountRollouts",
    "ExpectedRollouts",
    "MeanFieldEnv",
    "ParticleRollouts",
    "Particles",
    "RestartOracle",
    "Simulator",
    "truncated_values",
]
