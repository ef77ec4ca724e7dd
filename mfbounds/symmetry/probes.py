"""Where a search for a violation of monotonicity looks, and how often it may (see `mfbounds.symmetry.monotonicity`)."""

from __future__ import annotations

import math
from collections.abc import Iterator
from typing import TypeAlias

import numpy as np
from scipy.linalg import null_space

from mfbounds.checks import FloatArray
from mfbounds.games.dynamic.finite_horizon import FiniteHorizonGame

PROBES = 48  # populations beside the vertices
WORK = 1_500_000_000  # entries of the players' functions that a search looks at, at most
STEP = 1e-3  # of the simplex, for slopes of rewards that are not affine
Pair: TypeAlias = tuple[FloatArray, FloatArray]


def affordable_evaluations(game: FiniteHorizonGame) -> int:
    """How many evaluations of P or R inside the simplex a search may take; those at all vertices cost about one more."""
    return WORK // game.work if game.work else 10**9


def populations(game: FiniteHorizonGame, rng: np.random.Generator) -> Iterator[FloatArray]:
    """The vertices and random populations, (S, A)."""
    D, shape = game.n_states * game.n_actions, (game.n_states, game.n_actions)
    for vertex in np.eye(D):
        yield vertex.reshape(shape)
    for _ in range(PROBES):
        yield rng.dirichlet(np.full(D, rng.choice([0.3, 1.0]))).reshape(shape)


def pairs_around(game: FiniteHorizonGame, mu: FloatArray) -> Iterator[Pair]:
    """Two populations near `mu` that differ along the steepest direction there."""
    D, shape = mu.size, mu.shape
    centre = 0.9 * mu.ravel() + 0.1 / D
    here = game.reward_at(centre.reshape(shape)).ravel()
    ahead = [game.reward_at(((1 - STEP) * centre + STEP * vertex).reshape(shape)).ravel() for vertex in np.eye(D)]
    local = (np.stack(ahead, axis=1) - here[:, None]) / STEP
    if D > 1:
        direction = largest_slope((local + local.T) / 2, null_space(np.ones((1, D))))[1]
        near = pair_along(centre, direction, shape)
        yield near
        yield near[0] * STEP + centre.reshape(shape) * (1 - STEP), near[1] * STEP + centre.reshape(shape) * (1 - STEP)


def vertices_apart(game: FiniteHorizonGame) -> list[Pair]:
    """The pair of vertices with the largest slope."""
    D, shape = game.n_states * game.n_actions, (game.n_states, game.n_actions)
    if D == 1:
        return []
    rewards, vertices = slopes_at_vertices(game), np.eye(D)
    own = np.diag(rewards)
    products = own[:, None] + own - rewards - rewards.T
    np.fill_diagonal(products, -np.inf)
    x, y = np.unravel_index(int(products.argmax()), products.shape)
    return [(vertices[x].reshape(shape), vertices[y].reshape(shape))]


def slopes_at_vertices(game: FiniteHorizonGame) -> FloatArray:
    """J with R(mu) = J mu for affine R, (D, D): the columns are the rewards at the vertices."""
    shape = (game.n_states, game.n_actions)
    vertices = np.eye(game.n_states * game.n_actions)
    return np.stack([game.reward_at(vertex.reshape(shape)).ravel() for vertex in vertices], axis=1)


def largest_slope(form: FloatArray, basis: FloatArray) -> tuple[float, FloatArray]:
    """The largest eigenvalue of a form on the span of an orthonormal basis, with its direction; -inf where it is empty."""
    if not basis.shape[1]:
        return -math.inf, np.zeros(len(form))
    values, vectors = np.linalg.eigh(basis.T @ form @ basis)
    return float(values[-1]), basis @ vectors[:, -1]


def pair_along(centre: FloatArray, direction: FloatArray, shape: tuple[int, int]) -> Pair:
    """Two populations around `centre` whose difference is along `direction`."""
    step = 0.9 * float((centre / np.maximum(np.abs(direction), 1e-300)).min()) * direction
    pair = [np.maximum(centre + sign * step, 0.0) for sign in (1.0, -1.0)]
    first, second = ((mu / mu.sum()).reshape(shape) for mu in pair)
    return first, second
