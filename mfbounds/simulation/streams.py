"""Random streams by address: the draws of a step do not depend on what was drawn before, or by whom."""

from __future__ import annotations

from typing import Any

import numpy as np

from mfbounds.checks import check_count


def seed_sequence(seed: Any) -> np.random.SeedSequence:
    """The sequence of an integer seed >= 0, or a fresh one for None."""
    return np.random.SeedSequence(None if seed is None else check_count(seed, "seed", least=0))


def child(sequence: np.random.SeedSequence, *address: int) -> np.random.SeedSequence:
    """The descendant at `address`; unlike `SeedSequence.spawn` it leaves `sequence` as it is."""
    return np.random.SeedSequence(sequence.entropy, spawn_key=(*sequence.spawn_key, *address))


def generator(sequence: np.random.SeedSequence, *address: int) -> np.random.Generator:
    """A generator for the descendant at `address`."""
    return np.random.default_rng(child(sequence, *address))
