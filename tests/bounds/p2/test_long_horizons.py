"""Theorem 1 on games whose deviations are too many to enumerate: by induction where possible, else no verdict."""

from __future__ import annotations

import numpy as np
import pytest

import mfbounds as mb
from mfbounds.games.dynamic import TabularGame


@pytest.mark.parametrize(("horizon", "others_matter"), [(12, True), (12, False), (600, True)])
def test_theorem_1_of_a_long_game_is_judged_or_not_applicable_but_no_error(horizon: int, others_matter: bool) -> None:
    """4^11 deviations, or 4^599, which no float holds; 2 players of 2 states and 2 actions."""
    rng = np.random.default_rng(0)
    kernels = rng.dirichlet([1.0, 1.0], size=(2, 2, 2, 4) if others_matter else (2, 2, 2))
    game = TabularGame.of(kernels, rng.random((2, 2, 2, 4)), horizon=horizon)
    found = {verdict.status.value for verdict in mb.check("P2.T.1", game, tiers=["repaired", "sharpened"])}
    assert found <= ({"not applicable"} if others_matter else {"vacuous", "holds", "not applicable"})
    assert others_matter or found != {"not applicable"}
