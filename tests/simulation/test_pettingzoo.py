"""The environment walked through by hand, by the interface of PettingZoo; PettingZoo's own test where it is installed.

python tests/simulation/pettingzoo_api.py    # needs the extra `pettingzoo`
"""

from __future__ import annotations

import importlib.util

import numpy as np
import pytest

from mfbounds.errors import InputError, MfboundsError
from mfbounds.games.dynamic.rps import a_rps
from mfbounds.games.dynamic.sis import a_sis
from mfbounds.simulation.dynamic import simulate
from mfbounds.simulation.pettingzoo import DynamicGameEnv, pettingzoo_env
from tests.simulation.statistics import assert_same_law, show_seed


def test_an_episode_follows_the_interface() -> None:
    env = DynamicGameEnv(a_rps(n_players=6, horizon=3))
    observations, infos = env.reset(seed=1)
    assert list(observations) == env.agents == env.possible_agents == list(infos)
    assert env.num_agents == env.max_num_agents == 6
    for step in range(3):
        actions = {name: (place + step) % 3 for place, name in enumerate(env.agents)}
        observations, rewards, terminations, truncations, infos = env.step(actions)
        assert observations == actions  # the action is the next state
        assert all(env.observation_space(name).contains(state) for name, state in observations.items())
        assert set(rewards) == set(terminations) == set(truncations) == set(infos) == set(actions)
        assert not any(terminations.values())
        assert all(truncations.values()) is (step == 2)
    assert env.agents == []
    assert env.state().tolist() == list(observations.values())


def test_the_same_seed_gives_the_same_episode() -> None:
    env = DynamicGameEnv(a_sis(n_players=30, horizon=4))

    def episode() -> list[object]:
        seen: list[object] = [env.reset(seed=5)[0]]
        while env.agents:
            seen.append(env.step(dict.fromkeys(env.agents, 1))[:2])
        return seen

    assert episode() == episode()


def test_rewards_agree_with_simulated_trajectories() -> None:
    show_seed(3)
    game = a_sis(n_players=20, horizon=3)
    env, rng, totals = DynamicGameEnv(game), np.random.default_rng(3), []
    env.reset(seed=3)
    for _ in range(1500):
        env.reset()
        total = 0.0
        while env.agents:
            total += sum(env.step(dict(zip(env.agents, rng.integers(0, 2, 20), strict=True)))[1].values())
        totals.append(total)
    other = simulate(game, np.full((3, 2, 2), 0.5), trajectories=100_000, seed=4).returns.sum(axis=1)
    assert_same_law(np.array(totals), other)


def test_wrong_actions_are_refused() -> None:
    env = DynamicGameEnv(a_sis(n_players=3, horizon=2))
    with pytest.raises(InputError, match="call reset first"):
        env.step({})
    with pytest.raises(InputError, match="call reset"):
        env.state()
    env.reset(seed=0)
    with pytest.raises(InputError, match="must be of each of the 3 agents"):
        env.step({"player_0": 1})
    with pytest.raises(InputError, match=r"must be integers in 0\.\.1"):
        env.step(dict.fromkeys(env.agents, 2))
    with pytest.raises(InputError, match="seed == -1"):
        env.reset(seed=-1)


@pytest.mark.parametrize("present", [importlib.util.find_spec("pettingzoo") is not None])
def test_a_missing_extra_is_named(present: bool) -> None:
    if present:
        assert pettingzoo_env(a_sis(n_players=3)).possible_agents == ["player_0", "player_1", "player_2"]
    else:
        with pytest.raises(MfboundsError, match=r"pip install 'mfbounds\[pettingzoo\]'"):
            pettingzoo_env(a_sis(n_players=3))
