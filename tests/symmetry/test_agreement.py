"""Closed forms that are not the players' average are refused; those of the structured games are accepted."""

from __future__ import annotations

from dataclasses import replace

import numpy as np
import pytest

import mfbounds as mb
from mfbounds.errors import InputError
from mfbounds.games.dynamic.affine import affine_players
from mfbounds.games.dynamic.congestion import congestion
from mfbounds.games.dynamic.counts import CountGame
from mfbounds.games.dynamic.holdout import lone_holdout
from mfbounds.games.dynamic.rps import a_rps
from mfbounds.games.dynamic.sis import a_sis
from mfbounds.games.dynamic.witnesses import motionless, one_shot, unbalanced
from mfbounds.symmetry.induced import induced_game

RIGHT = {
    "A-RPS": lambda: a_rps(n_players=40, beta=0.2),
    "A-RPS of two": lambda: a_rps(n_players=2),
    "A-RPS of a crowd": lambda: a_rps(n_players=100_000, beta=0.2),
    "A-SIS": lambda: a_sis(n_players=40, alpha=0.1),
    "A-SIS of a crowd": lambda: a_sis(n_players=100_000, alpha=0.1),
    "congestion": lambda: congestion(n_players=30, spread=0.5),
    "affine": lambda: affine_players(n_players=30, n_states=3, spread=0.5),
    "a lone holdout": lambda: lone_holdout(n_players=10_000),
    "one shot": one_shot,
    "unbalanced": unbalanced,
    "motionless": motionless,
}


def share_of_pair_zero(*, n_players: int = 11, closed=None, moving=None, lifted_kernel=None) -> CountGame:
    """R^i = c_i times the share of others in pair 0, c_i = 1 for half of the players and 0 for the other half."""

    def reward(players, states, actions, others):
        return (players % 2) * others[..., 0] / (n_players - 1)

    return CountGame.of(
        np.full((1, 2, 2, 2), 0.5) if moving is None else moving, reward, n_players=n_players, n_states=2, n_actions=2,
        horizon=2, reward_range=(0.0, 1.0), lifted_reward=closed, lifted_kernel=lifted_kernel,
    )  # fmt: skip


def weight(n_players: int) -> float:
    return (n_players // 2) / n_players


@pytest.mark.parametrize("name", RIGHT)
def test_the_structured_games_are_accepted(name: str) -> None:
    assert induced_game(RIGHT[name](), "analytic").extension == "analytic"


@pytest.mark.parametrize("n_players", [2, 11, 1001, 200_001])
def test_a_wrong_reward_is_refused_and_the_right_one_accepted(n_players: int) -> None:
    right = share_of_pair_zero(n_players=n_players, closed=lambda mu: np.full((2, 2), weight(n_players) * mu[0, 0]))
    assert induced_game(right).extension == "analytic"
    wrong = replace(right, lifted_reward=lambda mu: np.full((2, 2), (weight(n_players) + 1e-3) * mu[0, 0]))
    with pytest.raises(InputError, match=r"lifted_reward\(mu\)\[.,.\] == .* must be .* the average of reward"):
        induced_game(wrong)


def test_a_wrong_reward_between_the_vertices_is_refused_at_a_law_that_shows_it() -> None:
    game = share_of_pair_zero(closed=lambda mu: np.full((2, 2), weight(11) * mu[0, 0] ** 2))
    with pytest.raises(InputError, match=r"at mu = others/\(N - 1\), others == \(") as told:
        induced_game(game)
    assert "leave lifted_reward out" in str(told.value)


def test_a_wrong_reward_at_one_vertex_and_one_pair_is_refused() -> None:
    def closed(mu):
        rewards = np.full((2, 2), weight(11) * mu[0, 0])
        rewards[1, 0] += 1e-6 * (mu[1, 1] == 1.0)
        return rewards

    with pytest.raises(InputError, match=r"lifted_reward\(mu\)\[1,0\] == .*\(10 in pair 3\)"):
        induced_game(share_of_pair_zero(closed=closed))


def test_a_wrong_kernel_is_refused() -> None:
    def law(p):
        return np.stack([p, 1.0 - p], axis=-1)

    def kernel(players, states, actions, others):
        return law((1 + players % 2) * others[..., 3] / 20 + 0.0 * states)

    def lifted(factor):
        return lambda mu: law(np.full((2, 2), factor * mu[1, 1]))

    def build(factor):
        closed = lambda mu: np.full((2, 2), weight(11) * mu[0, 0])  # noqa: E731
        return share_of_pair_zero(closed=closed, moving=kernel, lifted_kernel=lifted(factor))

    assert induced_game(build((1 + weight(11)) / 2)).extension == "analytic"
    with pytest.raises(InputError, match=r"lifted_kernel\(mu\)\[.,.\] == \[.*must be \[.*average of kernel"):
        induced_game(build(0.7))


def test_checks_and_constants_refuse_it_before_anything_is_measured() -> None:
    game = share_of_pair_zero(closed=lambda mu: np.full((2, 2), 0.1 * mu[0, 0]))
    with pytest.raises(InputError, match="lifted_reward"):
        mb.constants(game)
    with pytest.raises(InputError, match="lifted_reward"):
        mb.check("P2.T.1", game)


@pytest.mark.parametrize("lifted", [True, False])
def test_moduli_that_the_user_declares_too_small_are_refused(lifted: bool) -> None:
    """Of w mu(0) the modulus in l1 is w/2; of laws (p, 1 - p), p = mu(3), it is 1."""

    def law(p):
        return np.stack([p, 1.0 - p], axis=-1)

    def build(**declared):
        return CountGame.of(
            lambda p, s, a, o: law(o[..., 3] / 10.0), lambda p, s, a, o: (p % 2) * o[..., 0] / 10.0,
            n_players=11, n_states=2, n_actions=2, horizon=2, reward_range=(0.0, 1.0), declared=declared,
            lifted_reward=(lambda mu: np.full((2, 2), weight(11) * mu[0, 0])) if lifted else None,
            lifted_kernel=(lambda mu: law(np.full((2, 2), mu[1, 1]))) if lifted else None,
        )  # fmt: skip

    induced = induced_game(build(K_mu=1.0, L_mu=weight(11) / 2))
    assert induced.declared["K_mu"].value == 1.0
    with pytest.raises(InputError, match=r"declared\['K_mu'\] == 0.999, must be >= 1: the change"):
        induced_game(build(K_mu=0.999, L_mu=1.0))
    with pytest.raises(InputError, match=r"declared\['L_mu'\] == 0.2, must be >= 0.227273"):
        mb.check("P2.T.1", build(K_mu=1.0, L_mu=0.2))


def test_moduli_that_are_too_small_in_the_middle_only_are_refused() -> None:
    """|mu(0) - 1/4|, which is as large at all vertices but one, changes by 1/2 of the l1 distance."""
    game = CountGame.of(
        np.full((1, 2, 2, 2), 0.5), lambda p, s, a, o: np.maximum(0.0, 0.3 - np.abs(o[..., 0] / 10.0 - 0.3)),
        n_players=11, n_states=2, n_actions=2, horizon=2, reward_range=(0.0, 1.0), declared={"K_mu": 0, "L_mu": 0.3},
    )  # fmt: skip
    with pytest.raises(InputError, match=r"declared\['L_mu'\] == 0.3, must be >= 0.5"):
        induced_game(game)
