"""Two islands: the graph of each topology, the reward by hand, certified constants."""

from __future__ import annotations

import json

import numpy as np
import pytest
from scipy.sparse.csgraph import connected_components

from mfbounds.errors import InputError, UnknownNameError
from mfbounds.games.game import MeanFieldGame
from mfbounds.games.islands import two_islands


def links(game: MeanFieldGame) -> np.ndarray:
    """Which state can follow which under some action, (S, S)."""
    return (game.fixed_kernel.toarray().reshape(game.n_states, game.n_actions, -1) > 0).any(axis=1)


@pytest.mark.parametrize(
    ("topology", "neighbours", "bridges"),
    [("bridge", [2] * 6 + [3, 3] + [2] * 6, 1), ("ring", [2] * 14, 2), ("path", [1] + [2] * 12 + [1], 1)],
)
def test_topology(topology: str, neighbours: list[int], bridges: int) -> None:
    graph = links(two_islands(topology=topology))
    assert graph.diagonal().all()
    np.testing.assert_array_equal(graph, graph.T)
    assert list(graph.sum(axis=1) - 1) == neighbours
    assert graph[:7, 7:].sum() == bridges
    assert connected_components(graph)[0] == 1


@pytest.mark.parametrize(
    ("n_states", "topology"), [(2, "bridge"), (2, "ring"), (4, "bridge"), (6, "path"), (40, "ring")]
)
def test_other_sizes(n_states: int, topology: str) -> None:
    game = two_islands(n_states=n_states, topology=topology, location=0, n_actions=3)
    assert (game.n_states, game.n_actions) == (n_states, 3)
    assert connected_components(links(game))[0] == 1
    assert len(game.layout["positions"]) == n_states
    assert json.dumps(dict(game.layout))
    assert {tuple(edge) for edge in game.layout["edges"]} == set(zip(*np.nonzero(np.triu(links(game), 1)), strict=True))


def test_reward_by_hand() -> None:
    game = two_islands(kappa=0.4, floor=1e-3)
    mu = np.zeros(14)
    mu[0], mu[13] = 0.75, 0.25
    empty = -0.4 * np.log(1e-3)
    expected = [-0.4 * np.log(0.75), *[empty] * 6, *[2 * empty] * 6, -0.8 * np.log(0.25)]
    np.testing.assert_allclose(game.reward(mu), np.repeat(expected, 2).reshape(14, 2), rtol=1e-14)
    assert game.reward_range == pytest.approx((0.0, 2 * empty))
    assert game.start[2] == 1.0


def test_certified_constants_are_approached_and_not_passed() -> None:
    game = two_islands(floor=0.01)
    rng = np.random.default_rng(11)
    closest = {"L_r": 0.0, "L_r1": 0.0}
    for trial in range(400):
        base = rng.dirichlet(np.full(14, rng.choice([0.05, 1.0])))
        other = base + rng.choice([1e-6, 1.0]) * (rng.dirichlet(np.ones(14)) - base)
        if trial < 28:  # one density at the floor, moved against all others or against one
            base = np.full(14, 0.99 / 13)
            base[trial % 14] = 0.01
            other = base + 1e-7 * (np.eye(14)[trial % 14] - (1.0 / 14 if trial < 14 else np.eye(14)[trial % 14 - 1]))
        change = np.abs(game.reward(other) - game.reward(base)).max()
        for key, order in (("L_r", 2), ("L_r1", 1)):
            ratio = change / (game.declared[key].value * np.linalg.norm(other - base, order))
            assert ratio <= 1.0 + 1e-6  # rounding of the steps of 1e-7
            closest[key] = max(closest[key], ratio)
    assert min(closest.values()) > 0.999


def test_seed() -> None:
    first, again, other = (two_islands(seed=seed).fixed_kernel.toarray() for seed in (1, 1, 2))
    np.testing.assert_array_equal(first, again)
    assert np.abs(first - other).max() > 0.01


@pytest.mark.parametrize(
    ("arguments", "message"),
    [
        ({"n_states": 13}, "n_states == 13, must be even"),
        ({"n_states": 0}, "n_states == 0"),
        ({"n_actions": 0}, "n_actions == 0"),
        ({"seed": -1}, "seed == -1"),
        ({"location": 7}, "location == 7"),
        ({"location": -1}, "location == -1"),
        ({"floor": 1.5}, "floor == 1.5"),
        ({"kappa": -1.0}, "kappa == -1.0"),
        ({"kappa": "much"}, "kappa == 'much'"),
    ],
)
def test_bad_input(arguments: dict, message: str) -> None:
    with pytest.raises(InputError, match=message):
        two_islands(**arguments)


def test_unknown_topology() -> None:
    with pytest.raises(UnknownNameError, match="did you mean 'bridge'"):
        two_islands(topology="bridges")
