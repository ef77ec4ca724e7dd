"""Two rooms, one reached soon and one late: a strictly monotone reward with three equilibria, proved by a scalar equation."""

from __future__ import annotations

import itertools
import math
from typing import Any

import numpy as np
import pytest
from scipy.optimize import brentq

import mfbounds as mb
from mfbounds.errors import InputError
from mfbounds.games.delay import delayed_crowds
from mfbounds.games.game import MeanFieldGame
from mfbounds.mdp.exploitability import measured_exploitability
from mfbounds.solvers import find_fixed_point

SETTINGS: list[dict[str, Any]] = [
    {},
    {"gamma": 0.97},  # too patient
    {"eta": 0.3},
    {"kappa": 10.0, "direct": 0.45, "delay": 5},
    {"gamma": 0.5, "delay": 3, "stay": 0.9, "direct": 0.3, "kappa": 15.0},
    {"direct": 1.0},
]


def theta(
    kappa: float = 3.0, direct: float = 0.4, delay: int = 8, stay: float = 0.98, gamma: float = 0.9, eta: float = 0.1
) -> float:
    """2 d(log-odds of door 0)/du at the answer to the population of u, by the discounted visits to each cell.

    Of two players, one at each door, the first meets -kappa m_s in the cells of its own course, the second in the mirrored
    ones; m_s, linear in u, are the masses of a round trip home -> room, or home -> queue -> room, divided by its length.
    """
    length = 1.0 + 1.0 / (1.0 - stay) + (1.0 - direct) * delay
    queue = (
        -(1.0 - direct) * kappa / length
    )  # reward in the cells of one's own queue less that in the other's, per unit of u
    room = -(2.0 * direct - 1.0) * kappa / ((1.0 - stay) * length)
    worth = room * sum(
        (gamma * stay) ** k for k in range(20_000)
    )  # of entering one's own room rather than the other one
    late = queue * sum(gamma**k for k in range(delay)) - gamma**delay * worth
    return gamma * (direct * worth + (1.0 - direct) * late) / eta


def solutions(slope: float) -> list[float]:
    """All u in (-1, 1) with u = tanh(slope u/2): tanh is concave on u > 0, so that there is one such u or none."""
    if slope <= 2.0:
        return [0.0]
    small = math.sqrt(12.0 * (slope - 2.0) / slope**3) / 2.0  # tanh(x) > x - x^3/3: above the diagonal there
    assert math.tanh(slope * small / 2.0) > small + 1e-6
    assert math.tanh(slope / 2.0) < 1.0 - 1e-6
    u = brentq(lambda u: math.tanh(slope * u / 2.0) - u, small, 1.0, xtol=1e-15, rtol=1e-15)
    return [-u, 0.0, u]


def policy_of(game: MeanFieldGame, u: float) -> np.ndarray:
    """At home door 0 with probability (1 + u)/2; elsewhere both actions do the same, and are equally likely."""
    policy = np.full((game.n_states, 2), 0.5)
    policy[0] = (1.0 + u) / 2.0, (1.0 - u) / 2.0
    return policy


def soft_answer(game: MeanFieldGame, mu: np.ndarray) -> np.ndarray:
    """The soft-optimal policy, by value iteration written out."""
    kernel, reward, V = np.asarray(game.kernel(mu)), game.reward(mu), np.zeros(game.n_states)
    for _ in range(math.ceil(40.0 / (1.0 - game.gamma))):
        Q = reward + game.gamma * kernel @ V
        V = game.eta * np.log(np.exp((Q - Q.max(axis=1, keepdims=True)) / game.eta).sum(axis=1)) + Q.max(axis=1)
    return np.exp((Q - V[:, None]) / game.eta)


def printed_theta(game: MeanFieldGame) -> float:
    """The formula of the docstring."""
    given, gamma, eta = game.origin.arguments, game.gamma, game.eta
    kappa, q, delay, stay = (given[key] for key in ("kappa", "direct", "delay", "stay"))
    T, g = 1.0 / (1.0 - stay), gamma**delay
    gain = (1 - 2 * q) * (q - (1 - q) * g) * T / (1 - gamma * stay) - (1 - q) ** 2 * (1 - g) / (1 - gamma)
    return gamma * kappa * gain / (eta * (1 + T + (1 - q) * delay))


@pytest.mark.parametrize("arguments", SETTINGS)
def test_the_reward_is_strictly_monotone_and_moves_ignore_the_population(arguments: dict[str, Any]) -> None:
    game = delayed_crowds(**arguments)
    assert game.fixed_kernel is not None
    for action in range(2):
        interaction = game.vertex_rewards[:, :, action].T
        np.testing.assert_array_equal(interaction, interaction.T)
        assert np.linalg.eigvalsh(-interaction).min() > arguments.get("kappa", 3.0) - 1e-9


@pytest.mark.parametrize("arguments", SETTINGS)
def test_its_equilibria_solve_the_scalar_equation(arguments: dict[str, Any]) -> None:
    game, slope = delayed_crowds(**arguments), theta(**arguments)
    assert slope == pytest.approx(printed_theta(game), rel=1e-9)
    for u in solutions(slope):
        policy = policy_of(game, u)
        law = mb.stationary_distribution(game, policy, game.start)
        assert np.abs(soft_answer(game, law) - policy).max() < 1e-9
        found = measured_exploitability(game, policy, law)
        assert found.value + found.error < 1e-9
    for u in (-0.9, -0.3, 0.3, 0.9):
        answer = soft_answer(game, mb.stationary_distribution(game, policy_of(game, u), game.start))[0]
        assert answer[0] - answer[1] == pytest.approx(math.tanh(slope * u / 2.0), abs=1e-9)


def test_three_equilibria_far_apart_and_each_found_from_its_side() -> None:
    game = delayed_crowds()
    roots = solutions(theta())
    assert len(roots) == 3
    laws = [mb.stationary_distribution(game, policy_of(game, u), game.start) for u in roots]
    assert min(np.abs(mu - other).sum() for mu, other in itertools.combinations(laws, 2)) > 0.15
    rewards = [game.reward(mu)[:, 0] for mu in laws]
    assert (rewards[0] - rewards[2]) @ (laws[0] - laws[2]) < -0.1  # monotone, and yet both are equilibria
    for u, law in zip(roots, laws, strict=True):
        reached = find_fixed_point(game, math.inf, start=law + 0.01 * (laws[1] - law))
        assert reached.converged
        assert np.abs(reached.mu - law).sum() < 1e-6
        assert reached.policy[0] @ (1.0, -1.0) == pytest.approx(u, abs=1e-6)


def test_the_door_that_is_taken_more_crowds_the_other_room() -> None:
    game = delayed_crowds()
    law = mb.stationary_distribution(game, policy_of(game, 0.9), game.start)
    assert law[2] > law[1] + 0.1
    assert soft_answer(game, law)[0, 0] > 0.9  # and is worth taking all the more


@pytest.mark.parametrize(
    ("arguments", "message"),
    [
        ({"kappa": -1.0}, "kappa"),
        ({"direct": 1.5}, "direct"),
        ({"delay": 0}, "delay"),
        ({"delay": 10**6}, "delay"),
        ({"stay": 1.0}, "stay"),
        ({"gamma": 1.0}, "gamma"),
    ],
)
def test_values_out_of_range(arguments: dict[str, Any], message: str) -> None:
    with pytest.raises(InputError, match=message):
        delayed_crowds(**arguments)
