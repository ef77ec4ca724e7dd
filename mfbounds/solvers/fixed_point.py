"""Fixed points of F_M(mu) = mu (P_mu^{pi_mu})^M, the equilibria: damped iteration, Newton's method, cooling.

Nothing here rests on convergence: the residual of the returned population is computed from that population alone.
"""

from __future__ import annotations

import math
from dataclasses import dataclass, field
from typing import Any

import numpy as np
from scipy.sparse.linalg import LinearOperator, gmres

from mfbounds.checks import FloatArray, check_positive, check_steps
from mfbounds.errors import NotUnichainError
from mfbounds.games.game import MeanFieldGame
from mfbounds.games.kinds import check_mean_field
from mfbounds.mdp.frozen import freeze
from mfbounds.mdp.population import Step, frozen_step
from mfbounds.solvers.iteration import damped

DAMPED_STEPS = 200  # rounds of the damped iteration before Newton's method, and again where that fails
NEWTON_STEPS = 40
ROUNDS = 3
KRYLOV_SIZE = 80  # most directional derivatives for one Newton step
DIFFERENCE = 1e-7  # l1 length of a difference step: the square root of the accuracy of F_M
SMALLEST_STEP = 1e-6
COOLING = tuple(2.0 ** (power / 2.0) for power in range(16, -1, -1))  # factors of eta


@dataclass(frozen=True, eq=False, kw_only=True)
class FixedPoint:
    """A population that F_M maps close to itself, and its soft-optimal policy.

    Attributes:
        policy: soft optimal at `mu`, (S, A).
        mu: population, (S,).
        residual: the computed ||F_M(mu) - mu||_2.
        error_l1: a bound on the l1 error of F_M(mu), hence on the error of `residual`.
        iterations: evaluations of F_M.
        converged: whether residual <= tol was reached.
    """

    policy: FloatArray
    mu: FloatArray
    residual: float
    error_l1: float
    iterations: int
    converged: bool


@dataclass(frozen=True, eq=False)
class _Point:
    mu: FloatArray
    step: Step
    move: FloatArray = field(repr=False)
    size: float


class _Map:
    """F_M with a count of its evaluations; each optimisation begins at the policy found last."""

    def __init__(self, game: MeanFieldGame, M: int | float) -> None:
        self.game, self.M, self.count = game, M, 0
        self.log_policy: FloatArray | None = None

    def at(self, mu: FloatArray) -> _Point:
        step = frozen_step(freeze(self.game, mu), mu, self.M, start=self.log_policy)
        self.count += 1
        self.log_policy = step.log_policy
        move = step.law - mu
        return _Point(mu, step, move, float(np.linalg.norm(move)))


def find_fixed_point(game: MeanFieldGame, M: int | float = 1, *, tol: float = 1e-12, start: Any = None) -> FixedPoint:
    """A population mu with ||F_M(mu) - mu||_2 as small as can be reached, at best `tol`.

    Where there are several fixed points, `start` decides which one is found. Nothing is raised when `tol` is missed:
    `converged` and `residual` say what was reached.

    Args:
        M: population steps, an integer >= 1 or ``math.inf``.
        tol: residual to aim at, in the l2 norm of populations.
        start: population to begin at, (S,); ``game.start`` by default.

    Raises:
        InputError: an argument is out of range.
        NotUnichainError: M is infinite and a chain has several recurrent classes.

    Example:
        Two doors repel: half the population behind each.

        >>> from mfbounds.games.random import two_doors
        >>> found = find_fixed_point(two_doors(attraction=-1.0), start=[0.8, 0.2])
        >>> found.mu.round(12), found.converged
        (array([0.5, 0.5]), True)
    """
    check_mean_field(game)
    mu = game.start if start is None else game.population(start, "start")
    tol, M = check_positive(tol, "tol"), check_steps(M)
    image, guide = _Map(game, M), _Map(game, math.inf)
    best = image.at(mu)
    if M != math.inf and best.size > tol:
        best = min(best, _guided(image, guide, best, tol), key=_size)
    if best.size > tol:
        best = _search(image, best, tol)
    if best.size > max(tol, best.step.error_l1):
        best = min(best, _cooled(guide, image, best, tol), key=_size)
    return FixedPoint(
        policy=best.step.policy,
        mu=best.mu,
        residual=best.size,
        error_l1=best.step.error_l1,
        iterations=image.count + guide.count,
        converged=best.size <= tol,
    )


def _guided(image: _Map, guide: _Map, point: _Point, tol: float) -> _Point:
    """A fixed point of F_inf, seen through F_M: it is one of every F_M, and F_inf does not wait for the chain to mix."""
    try:
        return image.at(_search(guide, guide.at(point.mu), tol).mu)
    except NotUnichainError:
        return point


def _cooled(guide: _Map, image: _Map, best: _Point, tol: float) -> _Point:
    """Fixed points followed from a high temperature, where F hardly depends on mu, down to the game's own."""
    game, mu = image.game, best.mu
    try:
        for factor in COOLING:
            guide.game = game.replace(eta=game.eta * factor)
            mu = _search(guide, guide.at(mu), tol).mu
    except NotUnichainError:
        return best
    return _search(image, image.at(mu), tol)


def _search(image: _Map, best: _Point, tol: float) -> _Point:
    """Rounds of the damped iteration and Newton's method, until neither halves the residual."""
    for _ in range(ROUNDS):
        point = _newton(image, _damped_iteration(image, best, tol), tol)
        before, best = best, min(best, point, key=_size)
        if best.size <= tol or best.size > before.size / 2.0:
            break
    return best


def _size(point: _Point) -> float:
    return point.size


def _damped_iteration(image: _Map, point: _Point, tol: float) -> _Point:
    """mu + beta (F_M(mu) - mu), beta halved when the residual grows and raised when it shrinks."""
    beta = 1.0
    for _ in range(DAMPED_STEPS):
        if point.size <= tol or beta < SMALLEST_STEP:
            break
        trial = image.at(damped(point.mu, point.step.law, beta))
        if trial.size < point.size:
            point, beta = trial, min(1.0, 1.2 * beta)
        else:
            beta /= 2.0
    return point


def _newton(image: _Map, point: _Point, tol: float) -> _Point:
    """Newton's method for F_M(mu) - mu = 0 with directional derivatives by differences, and backtracking."""
    for _ in range(NEWTON_STEPS):
        if point.size <= tol:
            break
        direction = _newton_direction(image, point)
        length, trial = 1.0, point
        while length >= SMALLEST_STEP and trial.size >= point.size:
            trial = image.at(_onto_simplex(point.mu + length * direction))
            length /= 4.0
        if trial.size >= point.size:
            break
        point = trial
    return point


def _newton_direction(image: _Map, point: _Point) -> FloatArray:
    """d of zero mass with F_M'(mu) d - d = mu - F_M(mu), by GMRES to four digits."""
    size = len(point.mu)

    def derivative(direction: FloatArray) -> FloatArray:
        mean = direction.mean()
        direction = direction - mean
        length = float(np.abs(direction).sum())
        if length == 0.0:
            return np.full(size, mean)
        shifted = image.at(_onto_simplex(point.mu + DIFFERENCE / length * direction))
        # The mean is kept as it is, which makes the operator invertible beyond the directions of zero mass.
        slope: FloatArray = (shifted.move - point.move) * (length / DIFFERENCE) + mean
        return slope

    operator = LinearOperator((size, size), matvec=derivative, dtype=np.dtype(np.float64))
    krylov = min(size, KRYLOV_SIZE)
    solution, _ = gmres(operator, -point.move, rtol=1e-4, restart=krylov, maxiter=1)
    direction: FloatArray = solution - solution.mean()
    return direction


def _onto_simplex(mu: FloatArray) -> FloatArray:
    """A distribution near `mu`: negative entries are cut, and the rest is divided by its sum."""
    cut = np.maximum(mu, 0.0)
    normalised: FloatArray = cut / cut.sum()
    return normalised
