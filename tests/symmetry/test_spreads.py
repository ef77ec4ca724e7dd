"""Spreads of the induced kernel and reward: brute force on the lattice, and never exceeded on the simplex."""

from __future__ import annotations

import itertools

import numpy as np
import pytest

from mfbounds.bounds.dynamic_problem import DynamicProblem
from mfbounds.games.dynamic.counts import CountGame
from mfbounds.games.dynamic.random import dynamic_families, random_dynamic
from mfbounds.games.dynamic.tabular import TabularGame
from mfbounds.games.dynamic.witnesses import one_shot, unbalanced
from mfbounds.symmetry.spreads import NAMES


def seen(problem: DynamicProblem, mu: np.ndarray) -> dict[str, float]:
    """The spreads at one population, pair by pair."""
    P, R = problem.induced.kernel_at(mu), problem.induced.reward_at(mu)
    S, A = R.shape
    pairs = list(itertools.product(range(S), range(A)))
    found = dict.fromkeys((*NAMES, "K_sa"), 0.0)
    for (s, a), (t, b) in itertools.product(pairs, pairs):
        law, gain = float(np.abs(P[s, a] - P[t, b]).sum()), abs(float(R[s, a] - R[t, b]))
        found["K_sa"], found["L_sa"] = max(found["K_sa"], law), max(found["L_sa"], gain)
        if a == b:
            found["K_s"] = max(found["K_s"], law)
        if s == t:
            found["K_a"], found["L_a"] = max(found["K_a"], law), max(found["L_a"], gain)
    return found


@pytest.mark.parametrize("family", dynamic_families())
@pytest.mark.parametrize("seed", range(2))
def test_spreads_are_attained_on_the_lattice_and_hold_everywhere(family: str, seed: int) -> None:
    game = random_dynamic(family, 20 + seed)
    problem = DynamicProblem(game)
    rng = np.random.default_rng(seed)
    shape = (game.n_states, game.n_actions)
    lattice = [seen(problem, point.reshape(shape)) for point in game.lattice.distributions]
    inside = [seen(problem, rng.dirichlet(np.full(game.n_pairs, 0.5)).reshape(shape)) for _ in range(30)]
    for name in (*NAMES, "K_sa"):
        value = problem.primitives[name].value
        largest = max(found[name] for found in lattice)
        assert value == pytest.approx(largest, abs=1e-11), name
        assert max(found[name] for found in inside) <= value + 1e-12, name


def test_rows_that_look_at_different_pairs_are_not_compared_at_one_point_of_the_lattice() -> None:
    """Each row has its own triangulation: at a population the rows are not the same mixture of lattice values."""
    n, S, A = 3, 2, 2
    rng = np.random.default_rng(0)
    tables = {0: rng.random(3), 3: rng.random(3), 1: rng.random(3), 2: rng.random(3)}  # by how many others are there

    def kernel(players: np.ndarray, states: np.ndarray, actions: np.ndarray, others: np.ndarray) -> np.ndarray:
        x = states * A + actions
        there = np.take_along_axis(others, (3 - x)[..., None], axis=-1)[..., 0]
        p = np.array([tables[i] for i in range(4)])[x, there]
        return np.stack([1 - p, p], axis=-1)

    game = CountGame.of(
        kernel,
        lambda players, states, actions, others: states.astype(float),
        n_players=n, n_states=S, n_actions=A, horizon=2, reward_range=(0.0, 1.0),
    )  # fmt: skip
    problem = DynamicProblem(game)
    assert problem.primitives["K_sa"].value >= 2.0
    for name in ("K_s", "K_a"):
        assert problem.primitives[name].value >= 2.0, name
    assert problem.primitives["L_a"].value == 0.0
    assert problem.primitives["L_sa"].value == pytest.approx(1.0)
    for _ in range(50):
        found = seen(problem, rng.dirichlet(np.full(4, 0.5)).reshape(2, 2))
        assert all(found[name] <= problem.primitives[name].value for name in ("K_s", "K_a", "K_sa"))


@pytest.mark.parametrize("build", [unbalanced, one_shot])
def test_declared_spreads_are_those_of_the_tables(build: object) -> None:
    game = build(n_players=4)  # type: ignore[operator]
    declared, tables = DynamicProblem(game), DynamicProblem(game.tabular())
    assert isinstance(tables.game, TabularGame)
    for name in ("alpha", "beta", "K_sa", *NAMES):
        assert declared.primitives[name].value >= tables.primitives[name].value - 1e-11, name
