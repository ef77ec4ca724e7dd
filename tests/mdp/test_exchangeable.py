"""Play at count level against enumeration over joint states, and binomial weights against fractions."""

from __future__ import annotations

import math
from fractions import Fraction

import numpy as np
import pytest

from mfbounds.errors import InputError
from mfbounds.games.dynamic.counts import CountGame
from mfbounds.games.dynamic.witnesses import at_own_state, one_shot, unbalanced
from mfbounds.mdp.exchangeable import ExchangeableGame, binomial_weights
from mfbounds.mdp.joint import JointGame
from mfbounds.numbers import Constant, Provenance


def crowded(n_players: int, horizon: int) -> CountGame:
    """Laws and rewards that depend on all counts, smoothly, the players alike; two actions."""

    def share(others: np.ndarray) -> np.ndarray:
        return others @ np.array([0.1, 0.9, 0.4, 0.7]) / (n_players - 1)

    def kernel(players: np.ndarray, states: np.ndarray, actions: np.ndarray, others: np.ndarray) -> np.ndarray:
        p = 0.1 + 0.5 * share(others) + 0.2 * states * actions
        return np.stack([1 - p, p], axis=-1)

    def reward(players: np.ndarray, states: np.ndarray, actions: np.ndarray, others: np.ndarray) -> np.ndarray:
        return 0.5 * states + (share(others) - 0.4) ** 2 * (1 + actions)

    zero = Constant(value=0.0, provenance=Provenance.CERTIFIED, argument="players are alike", exact=True)
    return CountGame.of(
        kernel,
        reward,
        n_players=n_players,
        n_states=2,
        n_actions=2,
        horizon=horizon,
        reward_range=(0.0, 2.0),
        start=[0.3, 0.7],
        declared={"alpha": zero, "beta": zero},
    )


@pytest.mark.parametrize(("n_players", "horizon"), [(2, 3), (3, 3), (4, 2)])
@pytest.mark.parametrize("seed", range(3))
def test_count_level_play_is_enumeration(n_players: int, horizon: int, seed: int) -> None:
    game = crowded(n_players, horizon)
    rng = np.random.default_rng(seed)
    others = np.eye(2)[rng.integers(2, size=(horizon, 2))]
    deviation = rng.dirichlet([1.0, 1.0], size=(horizon, 2))
    counted, joint = ExchangeableGame(game), JointGame(game.tabular())
    policies = np.repeat(others[None], n_players, axis=0)
    assert counted.exploitability(others) == pytest.approx(joint.exploitability(policies)[0], abs=1e-12)
    policies[0] = deviation
    assert counted.value(deviation, others) == pytest.approx(joint.value(0, policies), abs=1e-12)
    assert counted.best_deviation(others) == pytest.approx(joint.best_deviation(0, policies), abs=1e-12)


@pytest.mark.parametrize(("n", "p"), [(0, 0.3), (1, 0.25), (7, 0.5), (40, 0.1), (60, 1.0), (5, 0.0)])
def test_binomial_weights_are_those_of_fractions(n: int, p: float) -> None:
    exact = [math.comb(n, k) * Fraction(p) ** k * (1 - Fraction(p)) ** (n - k) for k in range(n + 1)]
    np.testing.assert_allclose(binomial_weights(n, p), [float(value) for value in exact], rtol=1e-15, atol=0.0)


def test_weights_far_below_the_smallest_float_do_not_disturb() -> None:
    weights = binomial_weights(20_000, 0.5)
    assert weights[0] == 0.0
    assert weights.sum() == pytest.approx(1.0, abs=1e-12)
    middle = Fraction(math.comb(20_000, 10_000), 2**20_000)
    assert weights[10_000] == pytest.approx(float(middle), rel=1e-14)


def test_games_that_cannot_be_followed_are_refused() -> None:
    with pytest.raises(InputError, match="n_states == 3, must be 2"):
        ExchangeableGame(at_own_state(n_states=3))
    with pytest.raises(InputError, match=r"alpha of .* must be declared and 0"):
        ExchangeableGame(at_own_state())
    with pytest.raises(InputError, match="must be deterministic"):
        ExchangeableGame(one_shot()).exploitability(np.full((1, 2, 2), 0.5))
    with pytest.raises(InputError, match="must be <= 400"):
        ExchangeableGame(crowded(500, 2)).value(*[np.tile([1.0, 0.0], (2, 2, 1))] * 2)
    with pytest.raises(InputError, match="use bounds"):
        ExchangeableGame(crowded(3, 8)).best_deviation(np.tile([1.0, 0.0], (8, 2, 1)))


def test_ten_thousand_players_take_no_enumeration() -> None:
    """2 E|Bin(N-1, 1/2)/(N-1) - 1/2|: the mean absolute deviation of a binomial in closed form (de Moivre)."""
    n = 10_001
    K, half = n - 1, (n - 1) // 2
    deviation = Fraction(half * math.comb(K, half), 2**K)  # E|Bin(K, 1/2) - K/2| for even K
    found = ExchangeableGame(unbalanced(n_players=n)).exploitability(np.tile([1.0, 0.0], (2, 2, 1)))
    assert found == pytest.approx(float(2 * deviation / K), rel=1e-12)


def test_what_can_be_followed_is_told_beforehand() -> None:
    always_0, always_1 = (np.tile(np.eye(2)[a], (2, 2, 1)) for a in (0, 1))
    crowd = ExchangeableGame(unbalanced(n_players=1_001))
    assert crowd.can_follow(always_0)
    assert not crowd.can_follow(always_1)
    with pytest.raises(InputError, match="must be <= 400"):
        crowd.value(always_0, always_1)
    assert ExchangeableGame(unbalanced(n_players=101)).can_follow(always_1)
