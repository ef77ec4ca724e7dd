"""The restart oracle, its Gymnasium environment, and simulators of the user's own."""

from __future__ import annotations

from typing import Any

import numpy as np
import pytest
from gymnasium.utils.env_checker import check_env

from mfbounds.errors import InputError
from mfbounds.games import AffineGame, MeanFieldGame, crowd_grid
from mfbounds.simulation import ParticleRollouts, Particles, RestartOracle
from mfbounds.simulation.environment import MeanFieldEnv

from .statistics import assert_counts, random_log_policy, show_seed, tiny_game

SEED = 77_001


class OneByOne:
    """A simulator of one's own around a game's arrays, without any code of the package; it cannot batch."""

    def __init__(self, game: MeanFieldGame, seed: int) -> None:
        self.n_states, self.n_actions, self.gamma, self.eta = game.n_states, game.n_actions, game.gamma, game.eta
        self.reward_range, self.start = game.reward_range, game.start
        self.game, self.rng, self.state = game, np.random.default_rng(seed), 0

    def reset(self) -> int:
        self.state = int(self.rng.choice(self.n_states, p=self.game.restart))
        return self.state

    def step(self, action: int, mu: Any) -> tuple[int, float]:
        reward = float(self.game.reward(mu)[self.state, action])
        self.state = int(self.rng.choice(self.n_states, p=np.asarray(self.game.kernel(mu))[self.state, action]))
        return self.state, reward


def test_reset_and_step_have_their_laws() -> None:
    show_seed(SEED)
    game, mu = tiny_game(1), np.array([0.2, 0.3, 0.5])
    oracle, n = RestartOracle(game, seed=SEED), 200_000
    states = oracle.reset_many(n)
    assert_counts(np.bincount(states, minlength=game.n_states), game.restart)
    actions = np.random.default_rng(SEED).integers(game.n_actions, size=n)
    following, rewards = oracle.step_many(np.arange(n), actions, mu)
    assert (rewards == game.reward(mu)[states, actions]).all()
    for s in range(game.n_states):
        for a in range(game.n_actions):
            arrivals = following[(states == s) & (actions == a)]
            assert_counts(np.bincount(arrivals, minlength=game.n_states), np.asarray(game.kernel(mu))[s, a])
    assert (oracle.resets, oracle.steps) == (n, n)


def test_one_particle_has_the_same_laws() -> None:
    show_seed(SEED + 1)
    game, mu, n = tiny_game(2), np.array([0.6, 0.3, 0.1]), 20_000
    oracle = RestartOracle(game, seed=SEED + 1)
    pairs = np.zeros((game.n_states, game.n_states), dtype=int)
    for _ in range(n):
        state = oracle.reset()
        following, reward = oracle.step(1, mu)
        assert reward == game.reward(mu)[state, 1]
        pairs[state, following] += 1
    assert_counts(pairs.ravel(), (game.restart[:, None] * np.asarray(game.kernel(mu))[:, 1]).ravel())
    assert (oracle.resets, oracle.steps) == (n, n)


def test_particles_move_on_from_where_they_are() -> None:
    game = crowd_grid()
    oracle = RestartOracle(game, seed=3)
    states = oracle.reset_many(50)
    which = np.arange(0, 50, 2)
    for _ in range(20):
        following, _ = oracle.step_many(which, np.zeros(25, dtype=int), game.start)
        reachable = np.asarray(game.kernel(game.start).toarray())[states[which] * game.n_actions, following]
        assert (reachable > 0.0).all()
        states[which] = following


def test_the_same_seed_gives_the_same_trajectory() -> None:
    game = tiny_game(4)
    one, two = (RestartOracle(game, seed=5) for _ in range(2))
    for oracle in (one, two):
        oracle.reset()
    assert [one.step(0, game.start) for _ in range(30)] == [two.step(0, game.start) for _ in range(30)]


def test_wrong_calls_of_the_oracle() -> None:
    game = tiny_game(6)
    oracle = RestartOracle(game, seed=0)
    with pytest.raises(InputError, match="reset before step"):
        oracle.step(0, game.start)
    oracle.reset()
    for action in (-1, game.n_actions, 0.0, "left"):
        with pytest.raises(InputError, match="a == "):
            oracle.step(action, game.start)
    for mu in ([0.5, 0.5], [np.nan, 0.5, 0.5], [0.5, 0.4, 0.2]):
        with pytest.raises(InputError, match="mu"):
            oracle.step(0, mu)
    oracle.reset_many(3)
    with pytest.raises(InputError, match="which in"):
        oracle.step_many(np.array([3]), np.array([0]), game.start)
    with pytest.raises(InputError, match="actions in"):
        oracle.step_many(np.array([0]), np.array([game.n_actions]), game.start)


@pytest.mark.parametrize("game", [tiny_game(7), crowd_grid()], ids=["dense", "sparse"])
def test_the_environment_passes_gymnasiums_checker(game: MeanFieldGame) -> None:
    check_env(MeanFieldEnv(game, horizon=20), skip_render_check=True)
    check_env(MeanFieldEnv(game), skip_render_check=True)


def test_the_environment_is_reproducible_counts_its_calls_and_takes_a_population() -> None:
    game = tiny_game(8)
    env = MeanFieldEnv(game, horizon=5)
    episodes = []
    for _ in range(2):
        state, _ = env.reset(seed=9, options={"mu": [0.0, 0.0, 1.0]})
        steps = [env.step(np.int64(1)) for _ in range(5)]
        episodes.append([state, *(step[:2] for step in steps)])
        assert [step[3] for step in steps] == [False] * 4 + [True]
    assert episodes[0] == episodes[1]
    assert episodes[0][1][1] == game.reward([0.0, 0.0, 1.0])[episodes[0][0], 1]
    assert (env.oracle.resets, env.oracle.steps) == (2, 10)
    for options in ({"nu": 1}, {"mu": [1.0]}):
        with pytest.raises(InputError):
            env.reset(options=options)


@pytest.mark.parametrize("seed", range(3))
def test_entropy_bonuses_keep_every_return_in_range(seed: int) -> None:
    game = tiny_game(seed, gamma=0.9)
    policy = np.random.default_rng(seed).dirichlet(np.full(game.n_actions, 0.05), size=game.n_states) + 1e-12
    returns = _returns(game, policy / policy.sum(axis=1, keepdims=True), "entropy", 40)
    assert returns.min() >= 0.0
    assert returns.max() <= _q_max(game) * (1.0 + 1e-12)


def test_log_probabilities_lead_out_of_the_range() -> None:
    """No reward, one state: a rare action of probability 1/1000 alone brings eta log 1000 where Q_max is eta log 2."""
    game = AffineGame(np.ones((1, 2, 1)), np.zeros((1, 2)), gamma=0.5, eta=1.0)
    policy = np.array([[0.001, 0.999]])
    # 20,000 returns miss the rare action with probability 0.999^20000 < 3e-9.
    assert _returns(game, policy, "log-prob", 3).max() > _q_max(game) >= _returns(game, policy, "entropy", 3).max()


def _returns(game: MeanFieldGame, policy: np.ndarray, bonus: str, T: int) -> np.ndarray:
    show_seed(SEED + 2)
    rollouts = ParticleRollouts(Particles(RestartOracle(game, seed=SEED + 2)), game.start, bonus=bonus)
    parts = rollouts.returns(np.log(policy), 20_000, T, np.random.default_rng(SEED + 2))
    return np.concatenate([part for _, part in parts])


def _q_max(game: MeanFieldGame) -> float:
    return game.R + game.gamma * (game.R + game.eta * np.log(game.n_actions)) / (1.0 - game.gamma)


def test_simulators_that_cannot_batch_have_the_law_of_those_that_can() -> None:
    show_seed(SEED + 4)
    game, I, T = tiny_game(11), 3_000, 3  # noqa: E741
    log_policy, seed = random_log_policy(12, game), np.random.SeedSequence(SEED + 4)
    single = Particles(OneByOne(game, SEED + 4))
    batched = Particles(RestartOracle(game, seed=SEED + 5))
    assert (single.batch, batched.batch > 1) == (1, True)
    one, two = (ParticleRollouts(particles, game.start)(log_policy, I, T, seed) for particles in (single, batched))
    assert one.visits.sum() == two.visits.sum() == one.resets == I
    width = 2.0 * (game.R + game.eta) / (1.0 - game.gamma)
    deviation = np.abs(one.totals / one.visits - two.totals / two.visits)
    limit = width * np.sqrt(np.log(4 * one.visits.size / 1e-8) / 2) * (one.visits**-0.5 + two.visits**-0.5)
    assert (deviation <= limit).all()


class Wrong(OneByOne):
    """Returns something else on each call than it should."""

    reset_value: Any = None
    step_value: Any = None

    def reset(self) -> int:
        return super().reset() if self.reset_value is None else self.reset_value

    def step(self, action: int, mu: Any) -> tuple[int, float]:
        return super().step(action, mu) if self.step_value is None else self.step_value


@pytest.mark.parametrize(
    ("where", "value", "words"),
    [
        ("reset_value", 3, "returned state 3, must be in 0..2"),
        ("reset_value", -1, "returned state -1"),
        ("reset_value", 1.0, "returned state"),
        ("reset_value", "a", "returned state"),
        ("reset_value", [1, [2]], "returned state"),
        ("step_value", (5, 1.0), "returned state 5"),
        ("step_value", (0, float("nan")), "returned reward nan"),
        ("step_value", (0, 1e9), r"returned reward 1000000000.0, must be in reward_range"),
        ("step_value", (0, "much"), "returned reward"),
        ("step_value", 0, "must be a pair"),
        ("step_value", (0, 1.0, True), "must be a pair"),
    ],
)
def test_wrong_answers_of_a_simulator_are_named(where: str, value: Any, words: str) -> None:
    game = tiny_game(13)
    simulator = Wrong(game, 0)
    setattr(simulator, where, value)
    rollouts = ParticleRollouts(Particles(simulator), game.start)
    with pytest.raises(InputError, match=words):
        rollouts(random_log_policy(14, game), 50, 5, np.random.SeedSequence(0))


def test_what_is_not_a_simulator_is_refused() -> None:
    game = tiny_game(15)
    with pytest.raises(InputError, match="must be a game, or have a method reset"):
        Particles(object())  # type: ignore[arg-type]
    for name, value in (("gamma", 1.0), ("eta", 0.0), ("n_states", 2.5), ("start", [1.0]), ("reward_range", (1, 0))):
        simulator = OneByOne(game, 0)
        setattr(simulator, name, value)
        with pytest.raises(InputError, match=rf"{name}"):
            Particles(simulator)
