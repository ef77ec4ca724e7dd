"""Flows, values and exploitability of finite-horizon mean-field games, against sums over all paths."""

from __future__ import annotations

import itertools

import numpy as np
import pytest

from mfbounds.errors import InputError
from mfbounds.games.dynamic.random import dynamic_families, random_dynamic
from mfbounds.mdp.finite_horizon import flow_exploitability, flow_optimum, flow_values, population_flow
from mfbounds.symmetry import induced_game

CASES = [(family, seed) for family in dynamic_families() for seed in (2, 5)]


def setting(family: str, seed: int):
    game = induced_game(random_dynamic(family, seed, horizon=3))
    rng = np.random.default_rng(seed)
    return game, rng.dirichlet(np.ones(game.n_actions), size=(3, game.n_states))


def value_by_paths(game, flow, policy: np.ndarray, tau: float = 0.0) -> float:
    """E sum_h R + tau H(pi_h(.|s_h)), summed over all paths."""
    total = 0.0
    for states in itertools.product(range(game.n_states), repeat=game.horizon):
        for actions in itertools.product(range(game.n_actions), repeat=game.horizon):
            weight, gain = game.start[states[0]], 0.0
            for h, (s, a) in enumerate(zip(states, actions, strict=True)):
                row = policy[h, s]
                weight *= row[a]
                entropy = -sum(p * np.log(p) for p in row if p > 0)
                gain += flow.rewards[h, s, a] + tau * entropy
                if h + 1 < game.horizon:
                    weight *= flow.kernels[h, s, a, states[h + 1]]
            total += weight * gain
    return total


@pytest.mark.parametrize(("family", "seed"), CASES)
def test_the_flow_is_the_law_of_the_policy(family: str, seed: int) -> None:
    game, policy = setting(family, seed)
    flow = population_flow(game, policy)
    law = game.start
    for h in range(3):
        assert np.allclose(flow.mu[h], law[:, None] * policy[h], rtol=0, atol=1e-13)
        assert np.allclose(flow.kernels[h], game.kernel(flow.mu[h]), rtol=0, atol=0)
        law = np.array(
            [
                sum(
                    flow.mu[h, s, a] * flow.kernels[h, s, a, t]
                    for s in range(game.n_states)
                    for a in range(game.n_actions)
                )
                for t in range(game.n_states)
            ]
        )


@pytest.mark.parametrize(("family", "seed"), CASES[:8])
@pytest.mark.parametrize("tau", [0.0, 0.3])
def test_values_are_sums_over_paths(family: str, seed: int, tau: float) -> None:
    game, policy = setting(family, seed)
    flow = population_flow(game, policy)
    values = flow_values(flow, policy, tau)
    assert abs(game.start @ values.V[0] - value_by_paths(game, flow, policy, tau)) < 1e-12


@pytest.mark.parametrize(("family", "seed"), CASES[:8])
def test_best_responses_beat_every_deterministic_policy(family: str, seed: int) -> None:
    game, policy = setting(family, seed)
    flow = population_flow(game, policy)
    best, V = flow_optimum(flow)
    choices = itertools.product(range(game.n_actions), repeat=3 * game.n_states)
    every = [np.eye(game.n_actions)[np.array(c).reshape(3, game.n_states)] for c in itertools.islice(choices, 800)]
    values = [game.start @ flow_values(flow, each).V[0] for each in every]
    reached = game.start @ flow_values(flow, best).V[0]
    assert abs(reached - game.start @ V[0]) < 1e-12
    assert max(values) <= reached + 1e-12
    if len(every) < 800:
        assert max(values) >= reached - 1e-12
    assert abs(flow_exploitability(game, policy) - (reached - game.start @ flow_values(flow, policy).V[0])) < 1e-12


def test_soft_best_responses_beat_random_policies_and_are_their_own_softmax() -> None:
    game, policy = setting("dense", 2)
    flow = population_flow(game, policy)
    best, V = flow_optimum(flow, 0.2)
    values = flow_values(flow, best, 0.2)
    assert np.allclose(values.V, V, rtol=0, atol=1e-12)
    rng = np.random.default_rng(1)
    for _ in range(50):
        other = rng.dirichlet(np.ones(game.n_actions), size=(3, game.n_states))
        assert (flow_values(flow, other, 0.2).V <= V + 1e-12).all()


def test_bad_policies_and_weights_are_refused() -> None:
    game, policy = setting("dense", 2)
    with pytest.raises(InputError, match="must be \\(3,"):
        population_flow(game, policy[:2])
    with pytest.raises(InputError, match="must be 1"):
        population_flow(game, policy * 0.5)
    with pytest.raises(InputError, match="tau == -1, must be >= 0"):
        flow_exploitability(game, policy, -1)
