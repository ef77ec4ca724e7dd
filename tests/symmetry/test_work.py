"""Searches in games whose evaluation is long: no more is looked at than the limit allows, and the answer says so."""

from __future__ import annotations

import math
from collections.abc import Callable

import numpy as np
import pytest

import mfbounds as mb
from mfbounds.checks import FloatArray
from mfbounds.games.dynamic import CountGame, FiniteHorizonGame
from mfbounds.numbers import Provenance
from mfbounds.symmetry import induced_game, probes
from mfbounds.symmetry.monotonicity import inner_product, monotonicity

S, A = 3, 2
INSIDE = pytest.mark.parametrize("affordable", [1, 2, 7, 30, 200])


class Counting:
    """A function of mu that counts what is asked: vertices cost 1/D, populations inside 1."""

    def __init__(self, function: Callable[[FloatArray], FloatArray]) -> None:
        self.function, self.asked = function, 0.0

    def __call__(self, mu: FloatArray) -> FloatArray:
        self.asked += 1 / mu.size if mu.max() == 1.0 else 1.0
        return self.function(mu)


def long_game(reward: Counting, affordable: float, kernel: Counting | None = None) -> FiniteHorizonGame:
    return FiniteHorizonGame.of(
        np.full((S, A, S), 1 / S) if kernel is None else kernel, reward, n_states=S, n_actions=A, horizon=2,
        reward_range=(-1.0, 1.0), work=int(probes.WORK / affordable),
    )  # fmt: skip


@INSIDE
def test_a_search_keeps_to_what_is_affordable_and_refutes_what_rises(affordable: int) -> None:
    reward = Counting(lambda mu: mu**2)
    game = long_game(reward, affordable)
    found = monotonicity(game)
    assert 0.0 < reward.asked <= affordable + 2
    assert "few since an evaluation takes" in found.argument
    assert found.weak is False
    assert inner_product(game, *found.witness) > 0.0
    assert math.isnan(found.flow_slope) == (affordable < 8)


@INSIDE
def test_a_search_that_finds_nothing_leaves_it_open(affordable: int) -> None:
    reward = Counting(lambda mu: -(mu**2))
    found = monotonicity(long_game(reward, affordable))
    assert 0.0 < reward.asked <= affordable + 2
    assert (found.weak, found.strict, found.flow) == (None, None, None)
    assert found.slope < 0.0


def test_nothing_is_looked_at_where_one_evaluation_is_too_long() -> None:
    reward, kernel = Counting(lambda mu: mu**2), Counting(lambda mu: np.full((S, A, S), 1 / S) + 0.0 * mu.sum())
    for game in (long_game(reward, 0.5), long_game(reward, 0.5, kernel)):
        found = monotonicity(game)
        assert (found.weak, found.strict, found.flow) == (None, None, None)
        assert math.isnan(found.slope)
        assert "too long to look at" in found.argument
    assert reward.asked == kernel.asked == 0.0


@INSIDE
def test_dynamics_that_may_ignore_the_others_are_looked_at_as_often_as_is_affordable(affordable: int) -> None:
    reward, kernel = Counting(lambda mu: mu**2), Counting(lambda mu: np.full((S, A, S), 1 / S) + 0.0 * mu.sum())
    found = monotonicity(long_game(reward, affordable, kernel))
    assert 1.0 < kernel.asked <= affordable + 1 + 1e-9
    assert found.weak is None
    tilted = np.array([1.0, -1.0, 0.0]) / 10
    moving = Counting(lambda mu: np.full((S, A, S), 1 / S) + mu[0, 0] * tilted)
    assert monotonicity(long_game(reward, affordable, moving)).weak is False


@pytest.mark.parametrize("moving", [False, True])
def test_all_constants_of_a_large_count_game_without_closed_forms_take_bounded_work(
    moving: bool, monkeypatch: pytest.MonkeyPatch
) -> None:
    """1001 players in 12 pairs: a lattice of 6e27 points."""
    seen = [0]

    def reward(players, states, actions, others):
        seen[0] += others.size
        return others[..., 0] / 1000.0

    def kernel(players, states, actions, others):
        seen[0] += players.size * (others.shape[-1] + 4)
        return np.full((*players.shape, 4), 0.25)

    game = CountGame.of(
        kernel if moving else np.full((1, 4, 3, 4), 0.25), reward, n_players=1001, n_states=4, n_actions=3, horizon=2,
        reward_range=(0, 1),
    )  # fmt: skip
    induced = induced_game(game)
    monkeypatch.setattr(probes, "WORK", 20 * induced.work)
    induced.reward_at(np.random.default_rng(0).dirichlet(np.ones(12)).reshape(4, 3))
    if not moving:
        assert seen[0] == pytest.approx(induced.work, rel=1e-12)
    elsewhere = 200 * 3 * 1001 * 12 * (12 + 4)  # the search for alpha and beta: 200 places, the average and each player
    seen[0] = 0
    table = mb.constants(game)
    assert seen[0] <= 25 * 2 * induced.work + elsewhere
    assert table["slope"].provenance is Provenance.ESTIMATED
