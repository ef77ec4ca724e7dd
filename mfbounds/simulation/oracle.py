"""The restart oracle of a game whose kernel is known (P1, Section 2)."""

from __future__ import annotations

from typing import Any

import numpy as np

from mfbounds.checks import FloatArray, check_count
from mfbounds.errors import InputError
from mfbounds.games.game import MeanFieldGame
from mfbounds.games.kinds import check_mean_field
from mfbounds.simulation.cells import Cells, IntArray, kernel_cells


class RestartOracle:
    """`reset` draws a state from nu, `step` plays an action at a population; calls are counted.

    It is a `Simulator` and a `BatchSimulator`: the sampled solvers, which draw counts when they are given the game,
    run particle by particle when they are given its oracle.

    Args:
        game: the game that is played.
        seed: an integer, a generator, or anything else that ``numpy.random.default_rng`` takes.

    Attributes:
        state: where the particle is; None before the first reset.
        resets, steps: calls so far, one for each particle.

    Example:
        >>> from mfbounds.games.random import two_doors
        >>> oracle = RestartOracle(two_doors(attraction=-1.0), seed=1)
        >>> state = oracle.reset()
        >>> state, reward = oracle.step(0, [0.5, 0.5])
        >>> oracle.resets, oracle.steps
        (1, 1)
    """

    def __init__(self, game: MeanFieldGame, seed: Any = None) -> None:
        check_mean_field(game)
        self.game = game
        self.rng = np.random.default_rng(seed)
        self.n_states, self.n_actions = game.n_states, game.n_actions
        self.gamma, self.eta, self.reward_range, self.start = game.gamma, game.eta, game.reward_range, game.start
        self.state: int | None = None
        self.resets = self.steps = 0
        self._restart = np.cumsum(game.restart / game.restart.sum())
        self._states = np.zeros(0, dtype=np.int64)
        self._mu: FloatArray | None = None
        self._cells: Cells | None = None
        self._cumulative: FloatArray | None = None

    def reset(self) -> int:
        """Puts the particle on a state drawn from nu, and returns it."""
        self.state = int(self._draw_restart(1)[0])
        return self.state

    def step(self, a: Any, mu: Any) -> tuple[int, float]:
        """The next state, drawn from P(.|s,a,mu), and the reward r(s,a,mu).

        Raises:
            InputError: there was no reset yet, `a` is not an action or `mu` not a distribution.
        """
        if self.state is None:
            raise InputError("oracle.state == None, must be a state: call reset before step")
        if check_count(a, "a", least=0) >= self.n_actions:
            raise InputError(f"a == {a}, must be in 0..{self.n_actions - 1}")
        states, rewards = self._move(np.array([self.state]), np.array([int(a)]), mu)
        self.state = int(states[0])
        return self.state, float(rewards[0])

    def reset_many(self, n: int) -> IntArray:
        """Puts particles 0..n-1 on independent draws from nu, and returns their states, (n,)."""
        self._states = self._draw_restart(check_count(n, "n"))
        return self._states.copy()

    def step_many(self, which: IntArray, actions: IntArray, mu: Any) -> tuple[IntArray, FloatArray]:
        """Moves the particles `which` by their `actions`: next states and rewards, both (len(which),).

        Raises:
            InputError: a particle or an action does not exist, or `mu` is not a distribution.
        """
        for name, values, size in (("which", which, len(self._states)), ("actions", actions, self.n_actions)):
            if np.size(values) and not (0 <= np.min(values) and np.max(values) < size):
                raise InputError(f"{name} in [{np.min(values)}, {np.max(values)}], must be in 0..{size - 1}")
        states, rewards = self._move(self._states[which], np.asarray(actions), mu)
        self._states[which] = states
        return states, rewards

    def _draw_restart(self, n: int) -> IntArray:
        self.resets += n
        return _invert(self._restart, self.rng.random(n))

    def _move(self, states: IntArray, actions: IntArray, mu: Any) -> tuple[IntArray, FloatArray]:
        cells, cumulative = self._at(mu)
        self.steps += len(states)
        row = states * self.n_actions + actions
        place = (self.rng.random(len(row))[:, None] >= cumulative[row]).sum(axis=1)
        # Beyond the last cell, where rounding alone can lead, the first outcome stands in.
        place = np.where(place < cells.target.shape[1], place, 0)
        return cells.target[row, place], cells.reward[row, 0]

    def _at(self, mu: Any) -> tuple[Cells, FloatArray]:
        """The game's tables at `mu`, kept until another population is asked for."""
        if self._cells is None or self._cumulative is None or self._mu is None or not np.array_equal(mu, self._mu):
            population = self.game.population(mu)
            self._cells = kernel_cells(self.game.kernel_at(population), self.game.reward_at(population))
            self._cumulative, self._mu = np.cumsum(self._cells.probability, axis=1), population
        return self._cells, self._cumulative


def _invert(cumulative: FloatArray, uniform: FloatArray) -> IntArray:
    """Draws by the inverse distribution function; `cumulative` (S,) ends within rounding of 1."""
    last = int(np.searchsorted(cumulative, cumulative[-1]))
    return np.minimum(np.searchsorted(cumulative, uniform, side="right"), last)
