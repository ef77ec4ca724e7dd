"""Against mfglib itself: `pip install mfglib`, then `pytest tests_peers -rs -W default`."""

from __future__ import annotations

from collections.abc import Iterator

import numpy as np
import pytest

import mfbounds as mb
from mfbounds.errors import InputError

torch = pytest.importorskip("torch", reason="torch is missing: pip install mfglib")
pytest.importorskip("mfglib", reason="mfglib is missing: pip install mfglib")

from mfglib.alg import MFOMO, OnlineMirrorDescent  # noqa: E402
from mfglib.env import Environment  # noqa: E402
from mfglib.scoring import exploitability_score  # noqa: E402

SMALL = {
    "beach_bar": {},
    "building_evacuation": {"n_floor": 2, "floor_l": 3, "floor_w": 2},
    "left_right": {},
    "rock_paper_scissors": {},
    "susceptible_infected": {},
}
REFUSED = {
    "conservative_treasure_hunting": r"prob\(1, L_t\) != prob\(0",
    "crowd_motion": r"reward\(\d, L_t\) != reward\(0",
    "equilibrium_price": "law of the states alone",
    "linear_quadratic": r"reward\(3, L_t\) != reward\(0",
    "random_linear": "law of the states alone",
}


@pytest.fixture
def double() -> Iterator[None]:
    before = torch.get_default_dtype()
    torch.set_default_dtype(torch.float64)
    yield
    torch.set_default_dtype(before)


@pytest.mark.parametrize("name", SMALL)
def test_their_stationary_games_are_imported(name: str) -> None:
    environment = getattr(Environment, name)(**SMALL[name])
    game = mb.interop.from_mfglib(environment, gamma=0.9, eta=0.1, reward_range=(-100.0, 100.0), renormalise=True)
    mu = np.random.default_rng(0).dirichlet(np.ones(game.n_states))
    rule = np.random.default_rng(1).dirichlet(np.ones(game.n_actions), size=game.n_states)
    law = torch.tensor(mu[:, None] * rule, dtype=torch.float32).reshape(*environment.S, *environment.A)
    table = environment.prob(0, law).reshape(game.n_states, game.n_states, game.n_actions)
    for s, a, to in np.ndindex(game.n_states, game.n_actions, game.n_states):
        assert abs(game.kernel(mu)[s, a, to] - float(table[to, s, a])) <= 1e-6
    rewards = environment.reward(0, law).reshape(game.n_states, game.n_actions).numpy()
    assert np.abs(game.reward(mu) - rewards).max() <= 1e-5


@pytest.mark.parametrize("name", REFUSED)
def test_their_other_games_are_refused(name: str) -> None:
    small = {"torus_l": 4, "torus_w": 4} if name == "crowd_motion" else {}
    with pytest.raises(InputError, match=REFUSED[name]):
        mb.interop.from_mfglib(getattr(Environment, name)(**small), gamma=0.9, eta=0.1, renormalise=True)


def test_r_max_of_the_beach_bar_does_not_bound_its_rewards() -> None:
    with pytest.raises(InputError, match=r"r_max == 4.0.*46.05"):
        mb.interop.from_mfglib(Environment.beach_bar(), gamma=0.9, eta=0.1)


GAMES = [mb.games.random_affine(seed=3), mb.games.crowd_grid(), mb.games.two_islands(), mb.games.sis()]


@pytest.mark.parametrize("game", GAMES, ids=lambda game: game.name)
@pytest.mark.usefixtures("double")
def test_there_and_back(game: mb.MeanFieldGame) -> None:
    environment = mb.interop.to_mfglib(game, 3, discounted=False)
    again = mb.interop.from_mfglib(
        environment, gamma=game.gamma, eta=game.eta, reward_range=game.reward_range, renormalise=True
    )
    mu = np.random.default_rng(5).dirichlet(np.ones(game.n_states))
    kernel = game.kernel(mu)
    dense = kernel if isinstance(kernel, np.ndarray) else kernel.toarray().reshape(again.kernel(mu).shape)
    assert np.abs(again.kernel(mu) - dense).max() <= 1e-14
    assert np.abs(again.reward(mu) - game.reward(mu)).max() <= 1e-12 * max(1.0, game.R)


@pytest.mark.parametrize("game", GAMES, ids=lambda game: game.name)
@pytest.mark.usefixtures("double")
def test_their_score_of_a_stationary_policy_tends_to_ours(game: mb.MeanFieldGame) -> None:
    """From the law that a policy keeps the population stays put, so their score lacks only what the horizon cuts off."""
    policy = np.random.default_rng(6).dirichlet(np.full(game.n_actions, 3.0), size=game.n_states)
    mu = game.start
    for _ in range(300):  # the law is a fixed point where mu plays a role in the kernel
        mu = mb.stationary_distribution(game, policy, mu)
    horizon = 150
    environment = mb.interop.to_mfglib(game.replace(start=mu), horizon)
    score = exploitability_score(environment, torch.tensor(np.tile(policy, (horizon, 1, 1))))
    ours = mb.exploitability(game, policy, mu, regularised=False)
    cut = game.gamma**horizon * game.R / (1.0 - game.gamma)
    assert abs(score - ours) <= cut + 1e-9 * max(1.0, game.R / (1.0 - game.gamma))


def test_their_algorithms_solve_our_games() -> None:
    environment = mb.interop.to_mfglib(mb.games.random_affine(seed=3), 5)
    for algorithm in (OnlineMirrorDescent(alpha=1.0), MFOMO()):
        _, scores, _ = algorithm.solve(environment, max_iter=60)
        assert scores[-1] < 0.5 * scores[0]


def test_mf_omo_cannot_differentiate_games_given_by_functions() -> None:
    environment = mb.interop.to_mfglib(mb.games.crowd_grid(), 3)
    with pytest.raises(InputError, match="MF-OMO needs an AffineGame"):
        MFOMO().solve(environment, max_iter=3)
