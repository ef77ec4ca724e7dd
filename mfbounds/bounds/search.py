"""A search for the pair of populations on which the population step expands most: lower bounds for C_op and K_F.

Both constants are suprema of derivatives: on a convex set the largest slope between two points is attained in the limit
of near pairs. So the search looks at near pairs along the eigenvectors (singular vectors) of finite-difference
Jacobians, and moves their centre uphill. Every slope that it reports was measured on an actual pair.
"""

from __future__ import annotations

from collections.abc import Callable, Iterator
from dataclasses import dataclass, field
from itertools import combinations

import numpy as np

from mfbounds.bounds.zero_mass import EPS
from mfbounds.checks import FloatArray, check_count, check_steps
from mfbounds.errors import InputError
from mfbounds.games.game import MeanFieldGame
from mfbounds.mdp.frozen import freeze
from mfbounds.mdp.population import Step, frozen_step
from mfbounds.numbers import Measured

INTERIOR = 0.02  # weight of the uniform law in a centre, so that there is room in every direction
RADIUS = 1e-4  # half the l2 distance of a near pair: small against curvature, large against rounding
CLIMB_WEIGHTS = (0.5, 0.1, 0.02)  # how far a centre moves toward another point


@dataclass(frozen=True, eq=False, kw_only=True)
class WorstPair:
    """The largest slopes of F_M found; each is a lower bound for its constant, up to its error.

    Attributes:
        mu, mu_2: the pair of the largest <F(mu_2)-F(mu), mu_2-mu> / ||mu_2-mu||_2^2, each (S,).
        C_op: that slope.
        mu_K, mu_2_K: the pair of the largest ||F(mu_2)-F(mu)||_2 / ||mu_2-mu||_2, each (S,).
        K_F: that ratio.
        M: population steps.
        evaluations: how often F was evaluated.
    """

    mu: FloatArray = field(repr=False)
    mu_2: FloatArray = field(repr=False)
    C_op: Measured
    mu_K: FloatArray = field(repr=False)
    mu_2_K: FloatArray = field(repr=False)
    K_F: Measured
    M: int | float
    evaluations: int


def worst_pair(game: MeanFieldGame, M: int | float = 1, *, seed: int = 0, effort: int = 400) -> WorstPair:
    """Search for the largest slopes of F_M.

    Args:
        M: population steps, an integer or ``math.inf``.
        seed: of the random centres and moves.
        effort: number of evaluations of F at which the search stops (the systematic part is always finished).

    Raises:
        InputError: the game has one state, so that there is one population only.
        NotUnichainError: M is infinite and a chain met has several recurrent classes.

    Example:
        Two doors with attraction, r(s,a,mu) = mu(s): the largest slope is 0.32 gamma/eta.

        >>> from mfbounds.games.affine import AffineGame
        >>> doors = np.array([[[0.9, 0.1], [0.1, 0.9]]] * 2)
        >>> game = AffineGame(doors, np.eye(2)[:, :, None] * np.ones((2, 2, 2)), gamma=0.9, eta=0.1)
        >>> round(worst_pair(game).C_op.value, 4)
        2.88
    """
    if game.n_states == 1:
        raise InputError("S == 1, must be >= 2: with one state there is one population and no pair")
    search = _Search(game, check_steps(M), np.random.default_rng(seed), check_count(effort, "effort"))
    search.run()
    (mu, mu_2, C_op), (mu_K, mu_2_K, K_F) = search.best["C_op"], search.best["K_F"]
    return WorstPair(
        mu=mu, mu_2=mu_2, C_op=C_op, mu_K=mu_K, mu_2_K=mu_2_K, K_F=K_F, M=search.M, evaluations=search.evaluations
    )


def slopes(mu: FloatArray, step: Step, mu_2: FloatArray, step_2: Step) -> dict[str, Measured]:
    """The slope and the Lipschitz ratio of F between two different populations, with their errors."""
    x, y = mu_2 - mu, step_2.law - step.law
    size, off = float(np.linalg.norm(x)), step.error_l1 + step_2.error_l1 + 2 * EPS
    slope, ratio = float(y @ x) / size**2, float(np.linalg.norm(y)) / size
    # x is exact up to one rounding an entry; against the mass of mu that is EPS in l1, relative to a distance `size`.
    relative = (len(x) + 8.0) * EPS + 2.0 * EPS / size
    return {
        "C_op": Measured(slope, off * float(np.abs(x).max()) / size**2 + relative * ratio),
        "K_F": Measured(ratio, off / size + relative * ratio),
    }


def interior(mu: FloatArray) -> FloatArray:
    """`mu` mixed with a little of the uniform law."""
    mixed = (1.0 - INTERIOR) * mu + INTERIOR / len(mu)
    normalised: FloatArray = mixed / mixed.sum()
    return normalised


def near_pair(centre: FloatArray, direction: FloatArray) -> tuple[FloatArray, FloatArray] | None:
    """Two populations around an interior centre along a direction; None for a direction without length."""
    whole = float(np.abs(direction).max())
    direction = direction - direction.mean()
    length = float(np.linalg.norm(direction))
    if length <= 1e-12 * whole or length == 0.0:  # what is left of a constant vector is rounding
        return None
    direction = direction / length
    direction = direction - direction.mean()
    room = float((centre / np.maximum(np.abs(direction), 1e-300)).min())
    step = min(RADIUS, 0.5 * room) * direction
    return centre - step, centre + step


def jacobian(function: Callable[[FloatArray], FloatArray], centre: FloatArray) -> FloatArray:
    """Differences of a function toward each vertex, shape (S, ...): row x is about D f (delta_x - centre)."""
    h, base = RADIUS, function(centre)
    rows = [(function(_toward_vertex(centre, x, h)) - base) / h for x in range(len(centre))]
    return np.stack(rows)


def moves(centre: FloatArray, rng: np.random.Generator, count: int) -> Iterator[FloatArray]:
    """Centres around one: toward random vertices and random points, in smaller and smaller steps."""
    n = len(centre)
    for i in range(count):
        target = rng.dirichlet(np.ones(n)) if i % 2 else np.eye(n)[rng.integers(n)]
        weight = CLIMB_WEIGHTS[i * len(CLIMB_WEIGHTS) // count]
        yield interior((1.0 - weight) * centre + weight * target)


def _toward_vertex(centre: FloatArray, x: int, h: float) -> FloatArray:
    moved = (1.0 - h) * centre
    moved[x] += h
    return moved


class _Search:
    """The state of one search: the best pairs so far and the number of evaluations."""

    def __init__(self, game: MeanFieldGame, M: int | float, rng: np.random.Generator, effort: int) -> None:
        self.game, self.M, self.rng, self.effort = game, M, rng, effort
        self.evaluations = 0
        self.best: dict[str, tuple[FloatArray, FloatArray, Measured]] = {}
        self._warm: FloatArray | None = None  # log policy of the last step: near populations have near optima

    def run(self) -> None:
        n = self.game.n_states
        steps = [(mu, self.step(mu)) for mu in self._points()]
        for (mu, step), (mu_2, step_2) in combinations(steps[:8], 2):
            self._record(mu, step, mu_2, step_2)
        affordable = n + 5 <= self.effort // 2
        centres = [interior(mu) for mu, _ in steps]
        scored: list[tuple[dict[str, float], FloatArray]] = []
        for centre in centres:
            if scored and self.evaluations + (n + 5 if affordable else 12) > self.effort:
                break
            scored.append((self._local(centre) if affordable else self._power(centre), centre))
        for name in ("C_op", "K_F"):
            self._climb(name, max(scored, key=lambda pair: pair[0][name])[1], affordable)

    def step(self, mu: FloatArray) -> Step:
        self.evaluations += 1
        step = frozen_step(freeze(self.game, mu), mu, self.M, start=self._warm)
        self._warm = step.log_policy
        return step

    def _points(self) -> Iterator[FloatArray]:
        """The uniform law, the start, a point near the fixed point, some vertices, some random points."""
        n = self.game.n_states
        yield np.full(n, 1.0 / n)
        mu = self.game.start
        yield mu
        for _ in range(min(20, self.effort // 10)):
            mu = 0.5 * (mu + self.step(mu).law)
        yield mu / mu.sum()
        for x in self.rng.permutation(n)[: min(5, self.effort // 20)]:
            yield np.eye(n)[x]
        for i in range(self.effort // 50):
            yield self.rng.dirichlet(np.full(n, (1.0, 0.3)[i % 2]))

    def _record(self, mu: FloatArray, step: Step, mu_2: FloatArray, step_2: Step) -> dict[str, float]:
        """Measure a pair and keep it where it beats the best beyond its error; returns lower ends."""
        if np.abs(mu_2 - mu).max() < 1e-9:
            return {}
        found = slopes(mu, step, mu_2, step_2)
        for name, value in found.items():
            best = self.best.get(name)
            if best is None or value.value - value.error > best[2].value - best[2].error:
                self.best[name] = (mu, mu_2, value)
        return {name: value.value - value.error for name, value in found.items()}

    def _along(self, centre: FloatArray, direction: FloatArray) -> dict[str, float]:
        pair = near_pair(centre, direction)
        return {} if pair is None else self._record(pair[0], self.step(pair[0]), pair[1], self.step(pair[1]))

    def _local(self, centre: FloatArray) -> dict[str, float]:
        """The slopes at a centre, along the extreme directions of a finite-difference Jacobian."""
        rows = jacobian(lambda mu: self.step(mu).law, centre)
        rows = rows - rows.mean(axis=0)
        values, vectors = np.linalg.eigh(_on_zero_mass(0.5 * (rows + rows.T)))
        found = self._along(centre, vectors[:, np.argmax(values)])
        left = np.linalg.svd(rows)[0][:, 0]
        return {"C_op": found.get("C_op", -np.inf), "K_F": self._along(centre, left).get("K_F", 0.0)}

    def _power(self, centre: FloatArray) -> dict[str, float]:
        """The slopes at a centre along directions of a power iteration: for games too large for a Jacobian."""
        direction, found = self.rng.standard_normal(self.game.n_states), {"C_op": -np.inf, "K_F": 0.0}
        for _ in range(6):
            pair = near_pair(centre, direction)
            if pair is None:
                break
            first, second = self.step(pair[0]), self.step(pair[1])
            for name, value in self._record(pair[0], first, pair[1], second).items():
                found[name] = max(found[name], value)
            direction = second.law - first.law
        return found

    def _climb(self, name: str, centre: FloatArray, affordable: bool) -> None:
        """Move a centre uphill, the direction renewed whenever it has moved."""
        look = self._local if affordable else self._power
        cost = self.game.n_states + 5 if affordable else 12
        top = look(centre)[name]
        for candidate in moves(centre, self.rng, max(0, (self.effort - self.evaluations) // cost // 2)):
            value = look(candidate)[name]
            if value > top:
                top, centre = value, candidate


def _on_zero_mass(symmetric: FloatArray) -> FloatArray:
    """The quadratic form restricted to zero mass: the uniform direction gets an eigenvalue below all others."""
    n = len(symmetric)
    centred = symmetric - symmetric.mean(axis=0)
    centred = centred - centred.mean(axis=1, keepdims=True)
    low: FloatArray = centred - (2.0 * float(np.abs(centred).sum()) + 1.0) / n
    return low
