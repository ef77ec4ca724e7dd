"""A dynamic game as a PettingZoo parallel environment: every player is an agent that sees its own state.

PettingZoo is an optional extra, ``pip install 'mfbounds[pettingzoo]'``; nothing else in the package needs it.
"""

from __future__ import annotations

from typing import TYPE_CHECKING, Any

import gymnasium
import numpy as np

from mfbounds.checks import check_count
from mfbounds.errors import InputError, MfboundsError
from mfbounds.games.dynamic.game import DynamicGame, IntArray

if TYPE_CHECKING:

    class ParallelEnv:
        """What this module needs of `pettingzoo.ParallelEnv`."""

else:
    try:
        from pettingzoo import ParallelEnv
    except ImportError:  # the walk through the interface does not need it
        ParallelEnv = object


class DynamicGameEnv(ParallelEnv):
    """One episode is one joint trajectory of H steps.

    Agents are ``player_0`` .. ``player_{N-1}``. Observations are own states 0..S-1 and actions 0..A-1, both ``Discrete``.
    Rewards are the game's, reward units. After H steps all agents are truncated and leave; nobody terminates earlier.
    The observation after the last step is the state that the last action led to.

    Attributes:
        states: (N,), the joint state, or None before the first reset.
    """

    metadata: dict[str, Any] = {"name": "mfbounds_dynamic_game_v0", "render_modes": [], "is_parallelizable": True}  # noqa: RUF012
    render_mode: str | None = None

    def __init__(self, game: DynamicGame) -> None:
        self.game = game
        self.possible_agents = [f"player_{i}" for i in range(game.n_players)]
        self.agents: list[str] = []
        self.states: IntArray | None = None
        self._rng = np.random.default_rng()
        self._taken = 0
        self.observation_spaces = {name: gymnasium.spaces.Discrete(game.n_states) for name in self.possible_agents}
        self.action_spaces = {name: gymnasium.spaces.Discrete(game.n_actions) for name in self.possible_agents}

    def observation_space(self, agent: str) -> gymnasium.spaces.Discrete:
        """``Discrete(S)``, the same object every time."""
        return self.observation_spaces[agent]

    def action_space(self, agent: str) -> gymnasium.spaces.Discrete:
        """``Discrete(A)``, the same object every time."""
        return self.action_spaces[agent]

    def reset(
        self,
        seed: int | None = None,
        options: dict[str, Any] | None = None,  # noqa: ARG002
    ) -> tuple[dict[str, np.int64], dict[str, dict[str, Any]]]:
        """First states, drawn independently from rho_0; a seed also restarts the random numbers.

        Raises:
            InputError: a seed that is no integer >= 0.
        """
        if seed is not None:
            self._rng = np.random.default_rng(check_count(seed, "seed", least=0))
        self.agents, self._taken = list(self.possible_agents), 0
        uniforms = self._rng.random(self.game.n_players)
        self.states = np.searchsorted(np.cumsum(self.game.start)[:-1], uniforms, side="right").astype(np.int64)
        return self._by_agent(self.states), self._infos()

    def step(
        self, actions: dict[str, int]
    ) -> tuple[dict[str, np.int64], dict[str, float], dict[str, bool], dict[str, bool], dict[str, dict[str, Any]]]:
        """(observations, rewards, terminations, truncations, infos), dictionaries by agent.

        Raises:
            InputError: the episode is over, or an agent has no action, or one that is not in 0..A-1.
        """
        if not self.agents or self.states is None:
            raise InputError("agents == [], must be the players of a running episode: call reset first")
        joint = self._joint(actions)
        rewards, states = self.game.step(self.states[None], joint[None], self._rng)
        self.states, self._taken = states[0].astype(np.int64), self._taken + 1
        over = self._taken == self.game.horizon
        answer = (
            self._by_agent(self.states),
            {name: float(reward) for name, reward in zip(self.agents, rewards[0], strict=True)},
            dict.fromkeys(self.agents, False),
            dict.fromkeys(self.agents, over),
            self._infos(),
        )
        if over:
            self.agents = []
        return answer

    def render(self) -> None:
        """Nothing: there is no picture of a joint state."""

    def close(self) -> None:
        """Nothing is held that must be given back."""

    def state(self) -> IntArray:
        """The joint state, (N,).

        Raises:
            InputError: before the first reset.
        """
        if self.states is None:
            raise InputError("states == None, must be drawn first: call reset")
        return self.states.copy()

    @property
    def num_agents(self) -> int:
        """How many agents are in the running episode."""
        return len(self.agents)

    @property
    def max_num_agents(self) -> int:
        """N."""
        return len(self.possible_agents)

    @property
    def unwrapped(self) -> DynamicGameEnv:
        """This environment."""
        return self

    def _joint(self, actions: dict[str, int]) -> IntArray:
        missing = set(self.agents) - set(actions)
        if missing or len(actions) != len(self.agents):
            raise InputError(
                f"actions of {len(actions)} agents, must be of each of the {len(self.agents)} agents and of nobody else"
            )
        joint = np.array([actions[name] for name in self.agents])
        if joint.dtype.kind not in "iu" or joint.min() < 0 or joint.max() >= self.game.n_actions:
            raise InputError(f"actions == {joint.tolist()[:5]}..., must be integers in 0..{self.game.n_actions - 1}")
        return joint.astype(np.int64)

    def _by_agent(self, states: IntArray) -> dict[str, np.int64]:
        return dict(zip(self.agents, states, strict=True))

    def _infos(self) -> dict[str, dict[str, Any]]:
        return {name: {} for name in self.agents}


def pettingzoo_env(game: DynamicGame) -> DynamicGameEnv:
    """The PettingZoo parallel environment of a game.

    Raises:
        MfboundsError: PettingZoo is not installed; the message says how to install it.
    """
    if ParallelEnv is object:
        raise MfboundsError(
            "pettingzoo == not installed, must be importable for this environment: pip install 'mfbounds[pettingzoo]'"
        )
    return DynamicGameEnv(game)
