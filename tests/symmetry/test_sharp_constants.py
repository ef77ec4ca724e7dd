"""Games on which moduli and bounds on heterogeneity are attained, so that a factor lost or gained in them is seen."""

from __future__ import annotations

import math
from typing import Any

import numpy as np
import pytest

from mfbounds.errors import NotEnumerableError
from mfbounds.games.dynamic.counts import CountGame
from mfbounds.games.dynamic.tabular import TabularGame
from mfbounds.games.dynamic.witnesses import one_stays
from mfbounds.symmetry import heterogeneity_bounds, induced_game
from mfbounds.symmetry.heterogeneity import heterogeneity
from mfbounds.symmetry.heterogeneity_bounds import bounded_heterogeneity, sampled_heterogeneity
from mfbounds.symmetry.moduli import moduli


@pytest.mark.parametrize("n_states", [2, 4, 6])
def test_an_l2_modulus_is_an_l1_modulus_where_all_entries_move_alike(n_states: int) -> None:
    """One other player: where it is in the upper half, all laws give each upper state 2 eps more, and rewards are 1."""
    eps, upper = 0.05, np.arange(n_states) >= n_states // 2
    sign = np.where(upper, 1.0, -1.0)
    laws = 1 / n_states + eps * sign[:, None] * sign  # where the other is, next state
    kernels = np.broadcast_to(laws, (2, n_states, 1, n_states, n_states))
    rewards = np.broadcast_to(upper.astype(float), (2, n_states, 1, n_states))
    game = TabularGame.of(kernels, rewards, horizon=2)
    found = moduli(game, induced_game(game, "kirszbraun"))
    assert found.K_mu.value == pytest.approx(2 * eps * n_states / 2, rel=1e-9)  # ||x||_1 over ||e_x - e_y||_1
    assert found.L_mu.value == pytest.approx(1 / 2, rel=1e-9)


def test_rewards_affine_in_very_many_counts_are_as_steep_as_between_two_vertices() -> None:
    prices = np.array([0.0, 0.1, 0.8, 0.3])

    def reward(players: Any, states: Any, actions: Any, others: Any) -> Any:
        return others @ prices / 2999

    game = CountGame.of(
        np.full((1, 2, 2, 2), 0.5), reward, n_players=3000, n_states=2, n_actions=2, horizon=1, reward_range=(0.0, 1.0),
        affine_rewards=True,
    )  # fmt: skip
    assert moduli(game, induced_game(game)).L_mu.value == pytest.approx(0.8 / 2, rel=1e-9)
    bent = CountGame.of(
        np.full((1, 2, 2, 2), 0.5), reward, n_players=3000, n_states=2, n_actions=2, horizon=1, reward_range=(0.0, 1.0)
    )
    with pytest.raises(NotEnumerableError):
        moduli(bent, induced_game(bent))


@pytest.mark.parametrize("n", [2, 4, 5])
def test_one_player_who_differs_is_as_far_from_the_mean_as_the_bound_says(n: int) -> None:
    game = one_stays(n_players=n, p=0.25)
    rewards = np.broadcast_to(np.arange(n)[:, None, None] == 0, (n, 2, 1)).astype(float)
    priced = TabularGame.of(game.kernels[:, :, :, 0], rewards, horizon=2)
    exact, above = heterogeneity(priced), bounded_heterogeneity(priced)
    assert exact.alpha.value == pytest.approx(2 * 0.25 * (n - 1) / n, rel=1e-9)
    assert above.alpha.value == pytest.approx(exact.alpha.value, rel=1e-9)
    assert above.beta.value == pytest.approx(exact.beta.value, rel=1e-9)


@pytest.mark.parametrize(("places", "draws", "error"), [(200, 2000, 1e-6), (7, 50, 0.1)])
def test_what_is_taken_off_a_sample_leaves_the_error_that_is_told(
    places: int, draws: int, error: float, monkeypatch: pytest.MonkeyPatch
) -> None:
    """Tails at all places together: 2^|S| exp(-n x^2/2) of laws in l1, 2 exp(-2 n x^2/R^2) of rewards."""
    seen: list[tuple[float, float]] = []
    monkeypatch.setattr(heterogeneity_bounds, "_at_joint", lambda *given: seen.append(given[3]) or (0.0, 0.0))
    game = TabularGame.of(np.full((3, 2, 1, 2), 0.5), np.zeros((3, 2, 1)), horizon=1, reward_range=(-1.0, 2.0))
    sampled_heterogeneity(game, places=places, draws=draws, error=error)
    ((law, reward),) = seen
    wrong = 2**2 * math.exp(-draws * law**2 / 2), 2 * math.exp(-2 * draws * reward**2 / 3**2)
    assert places * wrong[0] == pytest.approx(error / 2, rel=1e-9)
    assert places * wrong[1] == pytest.approx(error / 2, rel=1e-9)
