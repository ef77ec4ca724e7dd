"""Regularity by search, for games given by code and without declared constants: errs below the true suprema."""

from __future__ import annotations

from collections.abc import Callable, Iterator, Sequence
from itertools import combinations
from typing import Any

import numpy as np
import scipy.sparse as sp

from mfbounds.bounds.search import interior, jacobian, moves, near_pair
from mfbounds.bounds.zero_mass import EPS, variation_of_actions, variation_of_rows
from mfbounds.checks import FloatArray, Kernel
from mfbounds.games.game import MeanFieldGame
from mfbounds.numbers import Constant, Provenance

ENTRY_BUDGET = 2e8  # kernel and reward entries looked at by one search: a second or two
ROW_STARTS = 8  # starts of the sign alternation
SLOPES = ("L_r", "L_r1", "L_P", "L_P1", "L_P_entry")


def estimated_regularity(game: MeanFieldGame, names: Sequence[str], *, seed: int = 0) -> dict[str, Constant]:
    """The largest values found of the named constants, labelled estimated, with the effort in the argument."""
    search = _Search(game, tuple(names), np.random.default_rng(seed))
    search.run()
    effort = f"largest of a search over {search.evaluations} populations"
    return {
        name: Constant(value=max(0.0, search.best[name]), provenance=Provenance.ESTIMATED, argument=effort)
        for name in names
    }


def slopes(game: MeanFieldGame, mu: FloatArray, other: FloatArray) -> dict[str, float]:
    """The Lipschitz ratios of reward and kernel between two different populations, rounded downward."""
    l2, l1 = float(np.linalg.norm(other - mu)), float(np.abs(other - mu).sum())
    reward, kernel = game.reward_at(mu), game.kernel_at(mu)
    difference = float(np.abs(game.reward_at(other) - reward).max()) - 4 * EPS * float(np.abs(reward).max())
    change: Any = abs(game.kernel_at(other) - kernel)
    rows = float(change.sum(axis=-1).max()) - (game.n_states + 4) * EPS
    entry = float(change.max()) - 4 * EPS
    return {
        "L_r": difference / l2,
        "L_r1": difference / l1,
        "L_P": rows / l2,
        "L_P1": rows / l1,
        "L_P_entry": entry / l2,
    }


class _Search:
    def __init__(self, game: MeanFieldGame, names: tuple[str, ...], rng: np.random.Generator) -> None:
        self.game, self.names, self.rng = game, names, rng
        self.best = dict.fromkeys(names, 0.0)
        self.where: dict[str, FloatArray] = {}
        self.evaluations = 0
        entries = float(game.n_states**2 * game.n_actions)
        self.effort = int(np.clip(ENTRY_BUDGET / entries, 20, 1000))

    def run(self) -> None:
        points = list(self._points())
        for mu in points:
            self._at_point(mu)
        if self.game.n_states == 1 or not set(self.names) & set(SLOPES):
            return
        for mu, other in combinations(points[:10], 2):
            self._pair(mu, other, interior(mu))
        affordable = self.game.n_states <= self.effort // 10
        for mu in points[:5]:
            self._around(interior(mu), affordable)
        for name in set(self.names) & set(SLOPES):
            self._climb(name, affordable)

    def _points(self) -> Iterator[FloatArray]:
        n = self.game.n_states
        yield np.full(n, 1.0 / n)
        yield self.game.start
        for x in self.rng.permutation(n)[: self.effort // 4]:
            yield np.eye(n)[x]
        for i in range(min(20, self.effort // 4)):
            yield self.rng.dirichlet(np.full(n, (1.0, 0.3)[i % 2]))

    def _at_point(self, mu: FloatArray) -> None:
        if not {"kappa_A", "rho_1"} & set(self.names):
            return
        self.evaluations += 1
        kernel, slack = self.game.kernel_at(mu), (self.game.n_states + 4) * EPS
        self._keep("kappa_A", variation_of_actions(kernel) - slack, mu)
        if self.best.get("rho_1", 1.0) < 1.0:
            pairs = variation_of_rows(kernel, budget=ENTRY_BUDGET)
            self._keep("rho_1", 1.0 if pairs is None or pairs == 1.0 else pairs - slack, mu)

    def _keep(self, name: str, value: float, mu: FloatArray) -> None:
        if name in self.best and value > self.best[name]:
            self.best[name], self.where[name] = value, mu

    def _pair(self, mu: FloatArray, other: FloatArray, centre: FloatArray) -> None:
        if np.abs(mu - other).max() > 1e-9:
            self.evaluations += 2
            for name, value in slopes(self.game, mu, other).items():
                self._keep(name, value, centre)

    def _around(self, centre: FloatArray, affordable: bool) -> None:
        """Near pairs at a centre: along the steepest directions of finite differences, or random ones."""
        directions = self._steepest(centre) if affordable else self._random_directions()
        for direction in directions:
            pair = near_pair(centre, direction)
            if pair is not None:
                self._pair(*pair, centre)

    def _random_directions(self) -> Iterator[FloatArray]:
        n = self.game.n_states
        yield from self.rng.standard_normal((2, n))
        yield np.eye(n)[self.rng.integers(n)] - np.eye(n)[self.rng.integers(n)]

    def _steepest(self, centre: FloatArray) -> Iterator[FloatArray]:
        self.evaluations += 2 * (self.game.n_states + 1)
        if {"L_r", "L_r1"} & set(self.names):
            yield from _directions(jacobian(self.game.reward_at, centre))
        if {"L_P", "L_P1", "L_P_entry"} & set(self.names):
            change = jacobian(_dense(self.game.kernel_at), centre)
            yield from _directions(change)
            yield _row_direction(change)

    def _climb(self, name: str, affordable: bool) -> None:
        """Move the centre of the best pair uphill."""
        if name not in self.where:
            return
        for candidate in moves(self.where[name], self.rng, 24):
            self._around(candidate, affordable)


def _dense(kernel_at: Callable[[FloatArray], Kernel]) -> Callable[[FloatArray], FloatArray]:
    def dense(mu: FloatArray) -> FloatArray:
        kernel = kernel_at(mu)
        return kernel.toarray() if sp.issparse(kernel) else kernel.reshape(-1, len(mu))

    return dense


def _directions(change: FloatArray) -> Iterator[FloatArray]:
    """For the entry that changes most: its gradient (steepest in l2), and the two vertices it differs at (in l1)."""
    n = len(change)
    flat = change.reshape(n, -1)
    yield flat[:, np.argmax(((flat - flat.mean(axis=0)) ** 2).sum(axis=0))]
    column = flat[:, np.argmax(np.ptp(flat, axis=0))]
    yield np.eye(n)[np.argmax(column)] - np.eye(n)[np.argmin(column)]


def _row_direction(change: FloatArray) -> FloatArray:
    """The direction that moves one row most in l1: alternate between a row's signs and their best direction.

    That climbs to a local maximum, so it is started once from each of the first vertices.
    """
    centred = change - change.mean(axis=0)  # (S, rows, S)
    found: FloatArray = centred[:, 0, 0]
    top = -1.0
    for start in centred[:ROW_STARTS]:
        signs = np.where(start >= 0.0, 1.0, -1.0)
        for _ in range(10):
            moved = np.einsum("xrn,rn->xr", centred, signs)
            signs = np.where(np.einsum("xrn,xr->rn", centred, moved) >= 0.0, 1.0, -1.0)
        moved = np.einsum("xrn,rn->xr", centred, signs)
        sizes = (moved**2).sum(axis=0)
        if float(sizes.max()) > top:
            found, top = moved[:, np.argmax(sizes)], float(sizes.max())
    return found
