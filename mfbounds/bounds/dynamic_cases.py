"""Policies and populations to try a statement of P2 on: systematic edge cases first, then seeded random draws."""

from __future__ import annotations

from collections.abc import Iterator

import numpy as np
from scipy.special import softmax

from mfbounds.bounds.cases import distribution, random_policy, toward, vertex
from mfbounds.bounds.dynamic_problem import DynamicProblem
from mfbounds.checks import FloatArray
from mfbounds.mdp.finite_horizon import flow_values


def time_policies(problem: DynamicProblem, label: str) -> Iterator[FloatArray]:
    """A deterministic policy, the uniform one, then random ones, mild and nearly deterministic in turn: (H, S, A)."""
    game, rng = problem.game, problem.rng(label)
    shape = (game.horizon, game.n_states, game.n_actions)
    yield np.eye(shape[2])[rng.integers(shape[2], size=shape[:2])]
    yield np.full(shape, 1.0 / shape[2])
    for i in range(problem.parameters.draws):
        rows = random_policy(rng, (shape[0] * shape[1], shape[2]), (1.0, 5.0)[i % 2])
        yield rows.reshape(shape)


def pair_laws(problem: DynamicProblem, label: str) -> Iterator[tuple[FloatArray, FloatArray]]:
    """Two distributions over state-action pairs, (S, A) each: vertices, a near pair, then random pairs."""
    game, rng = problem.game, problem.rng(label)
    shape, n = (game.n_states, game.n_actions), game.n_pairs
    if n == 1:
        return
    first, second = rng.choice(n, size=2, replace=False)
    yield vertex(n, first).reshape(shape), vertex(n, second).reshape(shape)
    centre = np.full(n, 1.0 / n)
    yield centre.reshape(shape), toward(centre, vertex(n, second), 1e-3).reshape(shape)
    for i in range(problem.parameters.draws):
        mu, other = distribution(rng, n, (1.0, 0.2)[i % 2]), distribution(rng, n, (1.0, 0.2)[i % 2])
        yield mu.reshape(shape), (other if i % 2 == 0 else toward(mu, other, 0.01)).reshape(shape)


def near_equilibrium(problem: DynamicProblem, *, rounds: int = 15) -> FloatArray:
    """A policy of small mean-field exploitability, (H, S, A): mirror descent on the flow's action values."""

    def descend() -> FloatArray:
        game = problem.game
        scores = np.zeros((game.horizon, game.n_states, game.n_actions))
        step = 4.0 / max(game.R * game.horizon, 1e-300)
        policy = softmax(scores, axis=2)
        for _ in range(rounds):
            scores += step * flow_values(problem.flow(policy), policy).Q
            policy = softmax(scores, axis=2)
        policy /= policy.sum(axis=2, keepdims=True)
        return policy

    return problem.remember("near equilibrium", descend)
