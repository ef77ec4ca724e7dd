"""Policies and populations to try a statement of P2 on: systematic edge cases first, then seeded random draws."""

from __future__ import annotations

from collections.abc import Iterator
from typing import Any

import numpy as np
from scipy.special import softmax

from mfbounds.bounds.cases import distribution, random_policy, toward, vertex
from mfbounds.bounds.dynamic_problem import DynamicProblem
from mfbounds.bounds.statement import Case
from mfbounds.checks import FloatArray, check_count, check_policy, check_rows, check_shape, frozen_array
from mfbounds.errors import InputError
from mfbounds.games.dynamic.game import DynamicGame
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


def check_dynamic_case_data(game: DynamicGame, case: Case) -> None:
    """Refuses a case that comes from outside and is none of the game's; the twin of `check_case_data`.

    Raises:
        InputError: a law or a policy is no distribution on the game, or an index or a count is out of its range.
    """
    ends = {"player": game.n_players, "state": game.n_states, "action": game.n_actions, "h": game.horizon + 1}
    for name, value in case.items():
        label = f"case[{name!r}]"
        if name in ("policy", "policy_2", "deviation"):
            if "mu" in case:  # one step from this law
                check_policy(value, game.n_states, game.n_actions, label)
            else:
                game.policy(value, label)
        elif name in ("mu", "mu_2"):
            _check_law(game, value, label)
        elif name in ("laws", "p", "p_star"):
            check_rows(frozen_array(value, label), label)
        elif name in ends and np.ndim(value) == 0:
            if check_count(value, label, least=0) >= ends[name]:
                raise InputError(f"{label} == {value}, must be < {ends[name]}: {game!r} has no such {name}")
        elif name in ("M", "t"):
            check_count(value, label)


def _check_law(game: DynamicGame, value: Any, label: str) -> None:
    """A law of states (S,), of pairs (S, A), or one of pairs for each step (H, S, A)."""
    law = frozen_array(value, label)
    shape = (game.horizon, game.n_states, game.n_actions)
    check_shape(law, {1: shape[1:2], 2: shape[1:]}.get(law.ndim, shape), label)
    check_rows(law.reshape(len(law), -1) if law.ndim == 3 else law.ravel(), label)
