"""Each game of the catalogue belongs to the class that it is said to belong to, checked on its numbers."""

from __future__ import annotations

import itertools
import math
from typing import Any

import numpy as np
import pytest
from scipy.optimize import brentq

import mfbounds as mb
from mfbounds.bounds.regularity import regularity
from mfbounds.errors import InputError
from mfbounds.games import AffineGame, MeanFieldGame
from mfbounds.games.catalogue import build, catalogue
from mfbounds.games.delay import delayed_crowds
from mfbounds.games.epidemic import sis
from mfbounds.games.kinetic import kinetic_congestion
from mfbounds.games.line import monotone_chain, potential_ring
from mfbounds.games.matching import coordination, rock_paper_scissors
from mfbounds.games.weak import contractive, no_interaction
from mfbounds.mdp import best_response_step, stationary_distribution
from mfbounds.numbers import Provenance
from mfbounds.solvers import find_fixed_point, solve

OURS: tuple[Any, ...] = (
    monotone_chain,
    potential_ring,
    rock_paper_scissors,
    coordination,
    delayed_crowds,
    kinetic_congestion,
    sis,
    no_interaction,
    contractive,
)


def populations(game: MeanFieldGame, count: int = 40) -> list[np.ndarray]:
    rng = np.random.default_rng(7)
    corners = list(np.eye(game.n_states))
    return [*corners, *rng.dirichlet(np.ones(game.n_states), size=count)]


def pairings(game: MeanFieldGame) -> list[float]:
    """<r(mu) - r(mu'), mu - mu'> for pairs of populations, the reward of staying or of any action the same way."""
    rewards = [(mu, game.reward(mu)) for mu in populations(game)]
    return [
        float((mu - other) @ (r - r_other)[:, 0]) for (mu, r), (other, r_other) in itertools.combinations(rewards, 2)
    ]


@pytest.mark.parametrize("factory", OURS)
def test_games_are_affine_named_and_well_formed(factory: Any) -> None:
    game = factory()
    assert isinstance(game, AffineGame)
    assert game.name == game.origin.factory == factory.__name__
    for mu in populations(game, 5):
        assert np.abs(np.asarray(game.kernel(mu)).sum(axis=-1) - 1.0).max() < 1e-12
        assert np.asarray(game.kernel(mu)).min() >= 0.0
        best_response_step(game, mu, math.inf)  # one recurrent class at every vertex


def test_the_catalogue_names_a_class_and_a_theory_for_each() -> None:
    for entry in catalogue().values():
        assert entry.kind
        assert entry.theory
    assert len({entry.kind for entry in catalogue().values()}) >= 10


@pytest.mark.parametrize("name", ["monotone_chain", "crowd_grid", "four_rooms", "two_islands", "delayed_crowds"])
def test_monotone_rewards_pair_below_zero(name: str) -> None:
    game = build(name)
    assert max(pairings(game)) < 0.0
    assert np.ptp(game.reward(game.start) - game.reward(populations(game)[-1]), axis=1).max() < 1e-12


def test_the_chains_interaction_is_definite() -> None:
    game = monotone_chain()
    matrix = game.vertex_rewards[:, :, 1].T - np.linspace(0, 1, 10)[:, None]
    assert np.abs(matrix + np.exp(-np.abs(np.subtract.outer(np.arange(10), np.arange(10))))).max() < 1e-15
    assert np.linalg.eigvalsh(-matrix).min() > 0.1


@pytest.mark.parametrize("name", ["monotone_chain", "crowd_grid", "four_rooms", "two_islands"])
def test_one_equilibrium_is_found_from_twenty_starts(name: str) -> None:
    """What the catalogue says of these games; that there is no other does not follow from their monotone rewards."""
    game = build(name)
    corners = np.eye(game.n_states)[np.linspace(0, game.n_states - 1, 10).astype(int)]
    starts = [*corners, *np.random.default_rng(7).dirichlet(np.full(game.n_states, 0.3), size=10)]
    found = [equilibrium_from(game, start) for start in starts]
    assert max(np.abs(mu - found[0]).sum() for mu in found) < 1e-9


def equilibrium_from(game: MeanFieldGame, start: np.ndarray) -> np.ndarray:
    """Where a damped iteration leads from there, in smaller steps where the default ones do not settle."""
    point = find_fixed_point(game, math.inf, start=start)
    if not point.converged:
        nearer = solve(game.replace(start=start), "damped-fixed-point", K=1000, beta=0.03, every=1000).mu
        point = find_fixed_point(game, math.inf, start=nearer)
    assert point.converged
    return point.mu


def test_the_rings_reward_is_a_gradient() -> None:
    """dr(s)/dmu(x) = dr(x)/dmu(s), and r(., mu) is the slope of the potential that it is said to have."""
    game = potential_ring(attraction=0.7, repulsion=1.6)
    interaction = game.vertex_rewards[:, :, 1]
    np.testing.assert_allclose(interaction, interaction.T, atol=1e-15)
    mu, other = populations(game)[-2:]

    def potential(x: np.ndarray) -> float:
        return float(x @ interaction @ x) / 2.0

    step = 1e-4
    slope = (potential(mu + step * (other - mu)) - potential(mu - step * (other - mu))) / (2 * step)
    assert slope == pytest.approx(float(game.reward(mu)[:, 1] @ (other - mu)), abs=1e-10)
    values = pairings(game)
    assert min(values) < 0.0 < max(values)  # neither monotone nor the opposite


@pytest.mark.parametrize(("gamma", "least", "most"), [(0.5, 1.4e-2, 1.5e-2), (0.9, 1.4e-6, 1.6e-6), (0.99, 0.0, 1e-7)])
def test_the_rings_equilibria_are_not_critical_points_of_its_potential(gamma: float, least: float, most: float) -> None:
    """The slope over the logits, by central differences, of the potential less the mean effort, with the mean entropy bonus."""
    game = potential_ring(gamma=gamma)
    interaction, effort = game.vertex_rewards[:, :, 1], np.array([0.05, 0.0, 0.05])
    point = find_fixed_point(game, math.inf, start=np.eye(8)[0])
    assert point.converged
    assert point.mu[0] > 0.8
    assert point.policy.min() > 0.0
    kernel = np.asarray(game.kernel(point.mu))

    def value(logits: np.ndarray) -> float:
        policy = np.exp(logits) / np.exp(logits).sum(axis=1, keepdims=True)
        chain = np.einsum("sa,sat->st", policy, kernel)
        law = np.linalg.solve(np.vstack([(chain.T - np.eye(8))[1:], np.ones(8)]), np.eye(8)[7])
        bonus = -(policy * (effort + game.eta * np.log(policy))).sum(axis=1)
        return float(law @ interaction @ law / 2.0 + law @ bonus)

    steps = [1e-5 * np.eye(24)[k].reshape(8, 3) for k in range(24)]
    logits = np.log(point.policy)
    slopes = [(value(logits + step) - value(logits - step)) / 2e-5 for step in steps]
    assert least < max(map(abs, slopes)) < most


@pytest.mark.parametrize(("win", "gamma"), [(1.0, 0.9), (1.0, 0.5), (2.0, 0.9)])
def test_rock_paper_scissors_has_one_equilibrium(win: float, gamma: float) -> None:
    game = rock_paper_scissors(win=win, gamma=gamma)
    for start in populations(game, 6):
        assert np.abs(equilibrium_from(game, start) - 1 / 3).max() < 1e-9


def test_rock_paper_scissors_is_monotone_but_not_strictly() -> None:
    assert max(map(abs, pairings(rock_paper_scissors()))) < 1e-14
    assert max(pairings(rock_paper_scissors(win=2.0))) < 0.0
    assert min(pairings(rock_paper_scissors(loss=2.0))) > 0.0
    for game in (rock_paper_scissors(), rock_paper_scissors(win=2.0), rock_paper_scissors(loss=2.0)):
        step = best_response_step(game, np.full(3, 1 / 3), math.inf)
        assert np.abs(step.law - 1 / 3).max() < 1e-12
        assert np.abs(step.policy - 1 / 3).max() < 1e-12


def test_rock_paper_scissors_turns_in_circles_unless_averaged() -> None:
    game = rock_paper_scissors(eta=0.02)
    plain = solve(game, "damped-fixed-point", K=60, beta=1.0).history.exploitability
    averaged = solve(game, "fictitious-play", K=60).history.exploitability
    assert plain[40:].min() > 10 * averaged[40:].max()


def test_conventions_have_an_equilibrium_each() -> None:
    game = coordination()
    found = [find_fixed_point(game, math.inf, start=corner) for corner in np.eye(3)]
    for s, point in enumerate(found):
        assert point.converged
        assert point.mu[s] > 0.8
    assert max(pairings(game)) > 0.0


@pytest.mark.parametrize("seed", range(6))
@pytest.mark.parametrize("arguments", [{}, {"gamma": 0.9, "eta": 0.1}, {"n_states": 2, "n_actions": 4}])
def test_contractive_games_are_certified_to_be(seed: int, arguments: dict[str, Any]) -> None:
    game = contractive(seed=seed, **arguments)
    table = mb.constants(game, M=1).to_pandas().loc["C_op"]
    assert table["repaired"] < 1.0
    assert table["sharpened"] < 1.0
    ratios = []
    for mu, other in itertools.combinations(populations(game, 6), 2):
        laws = [best_response_step(game, x, 1).law for x in (mu, other)]
        ratios.append(np.linalg.norm(laws[0] - laws[1]) / np.linalg.norm(mu - other))
    assert max(ratios) <= table["sharpened"]
    assert game.interacts


def test_nothing_interacts_in_a_decision_process() -> None:
    game = no_interaction(seed=3)
    assert not game.interacts
    laws = [best_response_step(game, mu, math.inf).law for mu in populations(game, 3)]
    assert max(np.abs(law - laws[0]).max() for law in laws) == 0.0


def test_crowds_slow_the_kinetic_game() -> None:
    game = kinetic_congestion(speed=0.9, drag=0.8)
    assert game.fixed_kernel is None
    assert game.fixed_reward is not None
    for mu in populations(game, 6):
        kernel = game.kernel(mu)
        for s in range(8):
            success = 0.9 * (1 - 0.8 * mu[s])
            assert kernel[s, 2, (s + 1) % 8] == pytest.approx(success, abs=1e-15)
            assert kernel[s, 0, (s - 1) % 8] == pytest.approx(success, abs=1e-15)
            assert kernel[s, 1, s] == pytest.approx(1.0, abs=1e-15)
    L_P1 = mb.constants(game).to_pandas().loc["L_P1"]
    assert L_P1["printed"] == pytest.approx(2 * 0.9 * 0.8 / 2, rel=1e-9)  # 2 speed drag |mu(s) - mu'(s)|, half the l1
    free = kinetic_congestion(drag=0.0)
    assert all((free.kernel(mu) == free.kernel(mu[::-1])).all() for mu in np.eye(8))


@pytest.mark.parametrize(("infection", "recovery"), [(0.81, 0.3), (0.5, 0.1), (1.0, 0.9)])
def test_the_epidemic_settles_at_its_endemic_share(infection: float, recovery: float) -> None:
    game = sis(infection=[infection], effort=[0.0], recovery=recovery)
    share = 1 - recovery / infection
    endemic = np.array([1 - share, share])
    policy = np.ones((2, 1))
    assert np.abs(stationary_distribution(game, policy, endemic) - endemic).max() < 1e-14
    assert np.abs(stationary_distribution(game, policy, [1.0, 0.0]) - [1.0, 0.0]).max() < 1e-14
    run = solve(game, "exact-best-response", K=2000, beta=1.0, every=2000)
    assert np.abs(run.mu - endemic).max() < 1e-10
    below = sis(infection=[0.2], effort=[0.0], recovery=0.3)
    assert solve(below, "exact-best-response", K=2000, beta=1.0, every=2000).mu[1] < 1e-10


def test_the_epidemics_equilibrium_solves_its_scalar_equation() -> None:
    """With two actions: i recovery = (1-i) p(i) infection i, p(i) the soft-optimal share that goes out, found by bisection."""
    game = sis(eta=0.5, gamma=0.9)

    def balance(i: float) -> float:
        V = np.zeros(2)
        for _ in range(600):
            Q = np.array([[0.0, -0.5], [-1.0, -1.5]])
            stay = np.array([1 - 0.81 * i, 1.0])
            Q[0] += 0.9 * (stay * V[0] + (1 - stay) * V[1])
            Q[1] += 0.9 * (0.3 * V[0] + 0.7 * V[1])
            V = 0.5 * np.log(np.exp(Q / 0.5).sum(axis=1))
        out = 1 / (1 + np.exp((Q[0, 1] - Q[0, 0]) / 0.5))
        return float((1 - i) * out * 0.81 - 0.3)

    share = brentq(balance, 1e-3, 0.9, xtol=1e-12)
    found = find_fixed_point(game, 1, start=[0.4, 0.6])
    assert found.mu[1] == pytest.approx(share, abs=1e-9)


@pytest.mark.parametrize(
    ("factory", "arguments", "message"),
    [
        (monotone_chain, {"kappa": -1.0}, "kappa"),
        (monotone_chain, {"reach": 0.0}, "reach"),
        (monotone_chain, {"n_states": 1}, "n_states"),
        (monotone_chain, {"slip": 1.5}, "slip"),
        (potential_ring, {"n_states": 2}, "n_states"),
        (potential_ring, {"attraction": math.inf}, "attraction"),
        (rock_paper_scissors, {"win": 0.0}, "win"),
        (coordination, {"slip": -0.1}, "slip"),
        (kinetic_congestion, {"drag": 1.1}, "drag"),
        (kinetic_congestion, {"speed": 0.0}, "speed"),
        (sis, {"recovery": 0.0}, "recovery"),
        (sis, {"infection": [0.5]}, "effort.shape"),
        (sis, {"infection": [1.5, 0.0]}, "infection"),
        (sis, {"infected": 2.0}, "infected"),
        (contractive, {"gamma": 1.0}, "gamma"),
    ],
)
def test_values_out_of_range(factory: Any, arguments: dict[str, Any], message: str) -> None:
    with pytest.raises(InputError, match=message):
        factory(**arguments)


@pytest.mark.parametrize("factory", OURS)
def test_regularity_is_certified(factory: Any) -> None:
    known = regularity(factory())
    for name in ("L_r", "L_P", "kappa_A"):
        assert getattr(known, name).provenance is Provenance.CERTIFIED
