"""Populations and policies to try a statement on: systematic edge cases first, then seeded random draws."""

from __future__ import annotations

from collections.abc import Iterator

import numpy as np
from scipy.special import softmax

from mfbounds.bounds.problem import Problem
from mfbounds.bounds.statement import Case
from mfbounds.checks import (
    FloatArray,
    check_count,
    check_distribution,
    check_gamma,
    check_policy,
    check_real,
    check_steps,
)
from mfbounds.errors import InputError
from mfbounds.games.game import MeanFieldGame

CONCENTRATIONS = (1.0, 0.2)  # Dirichlet parameters: spread out, and close to the boundary


def distribution(rng: np.random.Generator, n: int, concentration: float = 1.0) -> FloatArray:
    """A random distribution over n points, normalised once more so that it sums to 1 in float64."""
    weights = rng.gamma(concentration, size=n) + 1e-300
    law: FloatArray = weights / weights.sum()
    return law


def vertex(n: int, index: int) -> FloatArray:
    """The point mass at `index`."""
    point = np.zeros(n)
    point[index] = 1.0
    return point


def populations(problem: Problem, label: str) -> Iterator[FloatArray]:
    """The game's start, the uniform law, then `draws` random ones."""
    game, rng = problem.game, problem.rng(label)
    yield game.start
    yield np.full(game.n_states, 1.0 / game.n_states)
    for i in range(problem.parameters.draws):
        yield distribution(rng, game.n_states, CONCENTRATIONS[i % 2])


def population_pairs(problem: Problem, label: str) -> Iterator[tuple[FloatArray, FloatArray]]:
    """Two vertices, a near pair around the uniform law, then random pairs, far and near in turn."""
    game, rng = problem.game, problem.rng(label)
    n = game.n_states
    if n == 1:
        return
    first, second = rng.choice(n, size=2, replace=False)
    yield vertex(n, first), vertex(n, second)
    centre = np.full(n, 1.0 / n)
    yield centre, toward(centre, vertex(n, second), 1e-3)
    for i in range(problem.parameters.draws):
        mu = distribution(rng, n, CONCENTRATIONS[i % 2])
        other = distribution(rng, n, CONCENTRATIONS[i % 2])
        yield (mu, other) if i % 2 == 0 else (mu, toward(mu, other, 0.01))


def toward(mu: FloatArray, other: FloatArray, weight: float) -> FloatArray:
    """The mixture (1 - weight) mu + weight other."""
    mixed: FloatArray = (1.0 - weight) * mu + weight * other
    mixed /= mixed.sum()
    return mixed


def policies(problem: Problem, label: str) -> Iterator[FloatArray]:
    """A deterministic policy, the uniform one, then random policies, mild and nearly deterministic in turn."""
    game, rng = problem.game, problem.rng(label)
    shape = (game.n_states, game.n_actions)
    yield np.eye(shape[1])[rng.integers(shape[1], size=shape[0])]
    yield np.full(shape, 1.0 / shape[1])
    for i in range(problem.parameters.draws):
        yield random_policy(rng, shape, (1.0, 5.0)[i % 2])


def random_policy(rng: np.random.Generator, shape: tuple[int, int], spread: float = 1.0) -> FloatArray:
    """A policy with full support: softmax of Gaussian logits of standard deviation `spread`."""
    policy: FloatArray = softmax(spread * rng.standard_normal(shape), axis=1)
    policy /= policy.sum(axis=1, keepdims=True)
    return policy


def check_case_data(game: MeanFieldGame, case: Case) -> None:
    """Refuses a case that comes from outside and is none of the game's: what is measured on it would mean nothing.

    Raises:
        InputError: a population or a policy is no distribution on the game, or a number is out of its range.
    """
    n, n_actions = game.n_states, game.n_actions
    for name, value in case.items():
        label = f"case[{name!r}]"
        if name in ("mu", "mu_2", "xi"):
            check_distribution(value, n, label)
        elif name in ("policy", "policy_2"):
            check_policy(value, n, n_actions, label)
        elif name == "policies":
            for i, policy in enumerate(value):
                check_policy(policy, n, n_actions, f"{label}[{i}]")
        elif name in ("L", "K", "T"):
            check_count(value, label, least=0)
        elif name == "M":
            check_steps(value, label)
        elif name == "gamma":
            check_gamma(value)
        elif name == "beta" and not 0.0 < check_real(value, label) <= 1.0:
            raise InputError(f"{label} == {value}, must be in (0, 1]: a larger step leaves the simplex")
