from __future__ import annotations

from itertools import pairwise
from typing import Any

import numpy as np
import pytest
from scipy.special import softmax

from mfbounds.errors import InputError, UnknownNameError
from mfbounds.games import AffineGame
from mfbounds.games.random import random_affine
from mfbounds.mdp import freeze, soft_optimal
from mfbounds.solvers import trpo, trpo_iterates


def game(seed: int, **changes: Any) -> AffineGame:
    return random_affine(seed=seed, n_states=4, n_actions=3).replace(**changes)


@pytest.mark.parametrize("seed", range(6))
@pytest.mark.parametrize("gamma", [0.0, 0.9, 0.999])
def test_the_iterates_have_their_closed_form(seed: int, gamma: float) -> None:
    """pi_l = softmax(sum_{j<l} Q_j/(eta (l+1))) from the uniform policy."""
    frozen = freeze(game(seed, gamma=gamma), np.full(4, 0.25))
    total = np.zeros((4, 3))
    for iterate in trpo_iterates(frozen, 30):
        expected = softmax(total / (frozen.eta * (iterate.l + 1)), axis=1)
        assert np.abs(iterate.policy - expected).sum(axis=1).max() < 1e-9
        total += iterate.values.Q


@pytest.mark.parametrize("start", [None, [[0.2, 0.3, 0.5]] * 4])
def test_values_improve_and_certificates_cover_the_gap(start: Any) -> None:
    played = game(1, gamma=0.9)
    mu = np.full(4, 0.25)
    run = trpo(played, mu, 40, start=start)
    best = soft_optimal(played, mu)
    iterates = list(trpo_iterates(freeze(played, mu), 40, None if start is None else np.log(np.array(start))))
    assert len(iterates) == 41
    for before, after in pairwise(iterates):
        assert (after.values.V >= before.values.V - before.values.error - after.values.error).all()
    for iterate, gap, quality in zip(iterates, run.history.gap, run.history.quality, strict=True):
        true_gap = best.V - iterate.values.V
        assert true_gap.max() <= gap + best.error + iterate.values.error
        assert quality == pytest.approx(mu @ true_gap, abs=1e-11)
    assert run.history.value.iloc[-1] == pytest.approx(mu @ iterates[-1].values.V, abs=1e-13)
    assert (run.policy == iterates[-1].policy).all()


def test_expensive_columns_at_every_third_step_and_the_last() -> None:
    history = trpo(game(2), np.full(4, 0.25), 10, every=3).history
    assert history.step[history.gap.notna()].tolist() == [0, 3, 6, 9, 10]
    assert history.value.notna().all()
    assert trpo(game(2), np.full(4, 0.25), 0).history.step.tolist() == [0]


def test_the_printed_update_leaves_unreached_states_behind() -> None:
    """(P1, Algorithm 1) with nu at an absorbing state: the other state keeps the uniform policy for ever."""
    kernel = np.array([[[1.0, 0.0], [0.0, 1.0]], [[0.0, 1.0], [0.0, 1.0]]])
    reward = np.array([[1.0, 0.0], [0.0, 0.0]])
    played = AffineGame(kernel, reward, gamma=0.5, eta=0.1, restart=[0.0, 1.0])
    printed, full = (trpo(played, [1.0, 0.0], 60, update=update) for update in ("support", "all"))
    assert (printed.policy[0] == 0.5).all()
    assert printed.history.quality.iloc[-1] == pytest.approx(printed.history.quality.iloc[0])
    assert full.history.quality.iloc[-1] < 1e-3
    reached = trpo(played.replace(restart=[0.5, 0.5]), [1.0, 0.0], 60, update="support")
    assert (reached.policy == full.policy).all()


@pytest.mark.parametrize(
    ("arguments", "error"),
    [
        ({"L": -1}, InputError),
        ({"L": 1.5}, InputError),
        ({"every": 0}, InputError),
        ({"start": [[1.0, 0.0, 0.0]] * 4}, InputError),
        ({"start": [[0.5, 0.6, 0.0]] * 4}, InputError),
        ({"update": "suport"}, UnknownNameError),
        ({"mu": [1.0, 1.0, 0.0, 0.0]}, InputError),
    ],
)
def test_arguments_out_of_range(arguments: dict[str, Any], error: type[Exception]) -> None:
    with pytest.raises(error):
        trpo(game(0), **{"mu": np.full(4, 0.25), "L": 3, **arguments})
