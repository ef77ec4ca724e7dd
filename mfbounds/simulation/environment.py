"""A Gymnasium environment around the restart oracle: one agent in a population that does not move."""

from __future__ import annotations

from typing import Any

import gymnasium
import numpy as np

from mfbounds.checks import FloatArray, check_count
from mfbounds.errors import InputError
from mfbounds.games.game import MeanFieldGame
from mfbounds.simulation.oracle import RestartOracle


class MeanFieldEnv(gymnasium.Env[np.int64, np.int64]):
    """The decision process of a representative agent at a frozen population.

    Observations are states 0..S-1 and actions 0..A-1, both ``Discrete``. Rewards are those of the game, without an
    entropy bonus. Episodes never terminate; they are truncated after `horizon` steps, or not at all.

    Args:
        game: the game that is played.
        mu: population, (S,); ``game.start`` by default. ``reset(options={"mu": ...})`` changes it.
        horizon: steps of an episode, or None.

    Raises:
        InputError: `mu` is not a distribution, or `horizon` not an integer >= 1.

    Example:
        >>> from mfbounds.games.random import two_doors
        >>> env = MeanFieldEnv(two_doors(attraction=-1.0), horizon=10)
        >>> state, info = env.reset(seed=3)
        >>> state, reward, terminated, truncated, info = env.step(0)
        >>> (terminated, truncated)
        (False, False)
    """

    def __init__(self, game: MeanFieldGame, mu: Any = None, *, horizon: int | None = None) -> None:
        self.oracle = RestartOracle(game)
        self.mu: FloatArray = game.start if mu is None else game.population(mu)
        self.horizon = None if horizon is None else check_count(horizon, "horizon")
        self.observation_space = gymnasium.spaces.Discrete(game.n_states)
        self.action_space = gymnasium.spaces.Discrete(game.n_actions)
        self._taken = 0

    def reset(
        self, *, seed: int | None = None, options: dict[str, Any] | None = None
    ) -> tuple[np.int64, dict[str, Any]]:
        """A state drawn from nu; `options` may hold a new population under "mu"."""
        super().reset(seed=seed)
        unknown = set(options or {}) - {"mu"}
        if unknown:
            raise InputError(f"options == {sorted(options or {})}, must hold nothing but 'mu'")
        if options:
            self.mu = self.oracle.game.population(options["mu"])
        self.oracle.rng = self.np_random
        self._taken = 0
        return np.int64(self.oracle.reset()), {}

    def step(self, action: np.int64) -> tuple[np.int64, float, bool, bool, dict[str, Any]]:
        """Next state, reward, False, whether the horizon is reached, and an empty dictionary."""
        state, reward = self.oracle.step(action, self.mu)
        self._taken += 1
        return np.int64(state), reward, False, self._taken == self.horizon, {}
