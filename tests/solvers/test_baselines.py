"""Fictitious play, online mirror descent, damped fixed point and policy iteration against loops and known equilibria.

Resuming is tested for every method in test_solve.py.
"""

from __future__ import annotations

import math
from typing import Any

import numpy as np
import pytest
from scipy.special import softmax

from mfbounds.errors import InputError, UnknownNameError
from mfbounds.games import AffineGame, MeanFieldGame
from mfbounds.games.crowd import BONUS, crowd_grid, four_rooms
from mfbounds.games.random import garnet, random_affine, two_doors
from mfbounds.mdp import exploitability, measured_exploitability, soft_optimal, stationary_distribution
from mfbounds.solvers import solve
from mfbounds.solvers.baseline import BASELINES

LONG = 3000  # rounds of the loops below, which contract by gamma <= 0.8 or by the chain's mixing


def law_of(game: MeanFieldGame, policy: list[list[float]], mu: list[float]) -> list[float]:
    """The law that the chain keeps, by powers of it."""
    kernel, states = game.kernel(mu), range(game.n_states)
    law = [1.0 / game.n_states] * game.n_states
    for _ in range(LONG):
        law = [
            sum(law[s] * policy[s][a] * kernel[s, a, t] for s in states for a in range(game.n_actions)) for t in states
        ]
    return [x / sum(law) for x in law]


def q_of(game: MeanFieldGame, policy: list[list[float]], mu: list[float], eta: float) -> list[list[float]]:
    """Q of a policy, by backing up."""
    kernel, reward = game.kernel(mu), game.reward(mu)
    states, actions, V = range(game.n_states), range(game.n_actions), [0.0] * game.n_states
    for _ in range(200):
        Q = [
            [float(reward[s, a]) + game.gamma * sum(kernel[s, a, t] * V[t] for t in states) for a in actions]
            for s in states
        ]
        V = [sum(p * (q - eta * math.log(p)) for p, q in zip(policy[s], Q[s], strict=True) if p) for s in states]
    return Q


def soft(row: list[float], temperature: float) -> list[float]:
    weights = [math.exp((q - max(row)) / temperature) for q in row]
    return [w / sum(weights) for w in weights]


def greedy(row: list[float]) -> list[float]:
    return [float(a == row.index(max(row))) for a in range(len(row))]


def best_q(game: MeanFieldGame, mu: list[float], eta: float) -> list[list[float]]:
    """Q* by iterating the soft (for eta == 0 the hard) maximum."""
    kernel, reward = game.kernel(mu), game.reward(mu)
    states, actions, V = range(game.n_states), range(game.n_actions), [0.0] * game.n_states
    for _ in range(200):
        Q = [
            [float(reward[s, a]) + game.gamma * sum(kernel[s, a, t] * V[t] for t in states) for a in actions]
            for s in states
        ]
        V = [max(q) + (eta * math.log(sum(math.exp((x - max(q)) / eta) for x in q)) if eta else 0.0) for q in Q]
    return Q


def respond(game: MeanFieldGame, mu: list[float], options: dict[str, Any]) -> list[list[float]]:
    if options.get("regularised", True):
        return [soft(row, game.eta) for row in best_q(game, mu, game.eta)]
    Q = best_q(game, mu, 0.0)
    return [soft(row, options["temperature"]) if "temperature" in options else greedy(row) for row in Q]


def tiny(seed: int) -> AffineGame:
    game = random_affine(seed=seed, n_states=3, n_actions=2, gamma=0.8, eta=0.2)
    return game.replace(start=[0.8, 0.1, 0.1])


RESPONSES = [{}, {"regularised": False}, {"regularised": False, "temperature": 0.3}]


@pytest.mark.parametrize("options", RESPONSES)
@pytest.mark.parametrize("weights", [None, 0.3])
def test_fictitious_play_averages_populations_and_state_action_laws(options: dict[str, Any], weights: Any) -> None:
    game = tiny(0)
    run = solve(game, "fictitious-play", K=3, beta=weights, **options)
    uniform = [[0.5, 0.5]] * 3
    mean = law_of(game, uniform, game.start.tolist())
    joint = [[mean[s] * 0.5 for _ in range(2)] for s in range(3)]
    for k in range(1, 4):
        weight = 1 / (k + 1) if weights is None else weights
        policy = respond(game, mean, options)
        law = law_of(game, policy, mean)
        joint = [[(1 - weight) * joint[s][a] + weight * law[s] * policy[s][a] for a in range(2)] for s in range(3)]
        mean = [(1 - weight) * m + weight * x for m, x in zip(mean, law, strict=True)]
    assert np.abs(run.mu - mean).max() < 1e-10
    assert np.abs(run.policy - [[x / sum(row) for x in row] for row in joint]).max() < 1e-9


@pytest.mark.parametrize("regularised", [True, False])
def test_mirror_descent_adds_up_q(regularised: bool) -> None:
    game, rate, temperature = tiny(1), 0.4, 0.7
    run = solve(
        game, "online-mirror-descent", K=4, learning_rate=rate, temperature=temperature, regularised=regularised
    )
    policy, y = [[0.5, 0.5]] * 3, [[0.0, 0.0]] * 3
    mu = law_of(game, policy, game.start.tolist())
    for _ in range(4):
        Q = q_of(game, policy, mu, game.eta if regularised else 0.0)
        forget = rate * game.eta / temperature if regularised else 0.0
        y = [[(1 - forget) * y[s][a] + rate * Q[s][a] for a in range(2)] for s in range(3)]
        policy = [soft(row, temperature) for row in y]
        mu = law_of(game, policy, mu)
    assert np.abs(run.policy - policy).max() < 1e-9
    assert np.abs(run.mu - mu).max() < 1e-10


@pytest.mark.parametrize("options", RESPONSES)
def test_the_damped_fixed_point_moves_towards_the_responses_law(options: dict[str, Any]) -> None:
    game = tiny(2)
    run = solve(game, "damped-fixed-point", K=3, beta=[0.5, 0.25, 1.0], **options)
    mu = game.start.tolist()
    for beta in (0.5, 0.25, 1.0):
        policy = respond(game, mu, options)
        mu = [(1 - beta) * m + beta * x for m, x in zip(mu, law_of(game, policy, mu), strict=True)]
    assert np.abs(run.mu - mu).max() < 1e-10
    assert np.abs(run.policy - policy).max() < 1e-9


@pytest.mark.parametrize("options", RESPONSES)
def test_policy_iteration_improves_once_a_population(options: dict[str, Any]) -> None:
    game = tiny(3)
    run = solve(game, "policy-iteration", K=3, beta=0.6, **options)
    mu, policy = game.start.tolist(), [[0.5, 0.5]] * 3
    regularised, temperature = options.get("regularised", True), options.get("temperature", game.eta)
    for _ in range(3):
        Q = q_of(game, policy, mu, game.eta if regularised else 0.0)
        policy = [greedy(row) if options == {"regularised": False} else soft(row, temperature) for row in Q]
        mu = [0.4 * m + 0.6 * x for m, x in zip(mu, law_of(game, policy, mu), strict=True)]
    assert np.abs(run.mu - mu).max() < 1e-10
    assert np.abs(run.policy - policy).max() < 1e-9


@pytest.mark.parametrize("options", [{}, {"regularised": False}, {"beta": 0.2}])
def test_the_averaged_policy_keeps_the_averaged_law(options: dict[str, Any]) -> None:
    game = garnet(seed=1, n_states=12, coupling="reward")
    run = solve(game, "fictitious-play", K=7, **options)
    assert np.abs(stationary_distribution(game, run.policy, run.mu) - run.mu).sum() < 1e-12


def test_the_plain_mean_of_policies_keeps_another_law() -> None:
    game = garnet(seed=1, n_states=12, coupling="reward")
    run = solve(game, "fictitious-play", K=1)
    policy = soft_optimal(game, stationary_distribution(game, np.full((12, 3), 1 / 3), game.start)).policy
    plain = stationary_distribution(game, (policy + 1 / 3) / 2, run.mu)
    assert np.abs(plain - run.mu).sum() > 1e-3


FAST: dict[str, dict[str, Any]] = {
    "fictitious-play": {"beta": 0.1},
    "online-mirror-descent": {"learning_rate": 0.3},
    "damped-fixed-point": {"beta": 0.1},
    "policy-iteration": {"beta": 0.1},
}


@pytest.mark.parametrize("method", BASELINES)
@pytest.mark.parametrize("size", [5, 11])
def test_the_symmetric_grids_are_solved(method: str, size: int) -> None:
    """No target: mu* is uniform and pi*(.|s) = softmax(Gamma/eta), whatever kappa and the walls."""
    game = (crowd_grid if size == 5 else four_rooms)(eta=0.3)
    run = solve(game, method, K=400, every=400, **FAST[method])
    assert np.abs(run.mu - 1 / game.n_states).sum() < 1e-8
    assert np.abs(run.policy - softmax(np.array(BONUS) / 0.3)).max() < 1e-6
    assert run.history.exploitability.iloc[-1] < 1e-10


@pytest.mark.parametrize("method", BASELINES)
def test_repelling_doors_are_left_evenly_open(method: str) -> None:
    game = two_doors(attraction=-0.2).replace(start=[0.95, 0.05])
    run = solve(game, method, K=400, every=400, **FAST[method])
    assert np.abs(run.mu - 0.5).max() < 1e-8
    assert np.abs(run.policy - 0.5).max() < 1e-7
    assert exploitability(game, run.policy, run.mu) < 1e-12


@pytest.mark.parametrize("method", ["fictitious-play", "online-mirror-descent"])
def test_exploitability_falls_where_players_avoid_each_other(method: str) -> None:
    history = solve(four_rooms(target=(10, 10)), method, K=64).history.exploitability
    dyadic = history[[2**k for k in range(7)]].to_numpy()
    assert (np.diff(dyadic) < 0.0).all()
    assert method != "fictitious-play" or dyadic[-1] < 0.02 * dyadic[0]


def test_unregularised_fictitious_play_solves_the_game_without_the_bonus() -> None:
    game = crowd_grid(target=(4, 4))
    gains = []
    for K in (20, 80, 320):
        run = solve(game, "fictitious-play", K=K, every=K, regularised=False)
        gains.append(exploitability(game, run.policy, run.mu, regularised=False))
    # Perrin et al. prove O(1/t) for the continuous time; a factor 4 in time, at least 2 in exploitability.
    assert gains[1] < gains[0] / 2
    assert gains[2] < gains[1] / 2


def test_m_is_kept() -> None:
    game = tiny(4)
    run = solve(game, "damped-fixed-point", K=2, M=3, beta=0.4)
    exact = solve(game, "exact-best-response", K=2, M=3, beta=0.4)
    assert np.abs(run.mu - exact.mu).max() < 1e-12
    assert run.parameters["M"] == 3
    assert solve(game, "fictitious-play", K=1).parameters["M"] == math.inf


@pytest.mark.parametrize(
    ("method", "options", "message"),
    [
        ("online-mirror-descent", {"learning_rate": 0.0}, "learning_rate"),
        ("online-mirror-descent", {"learning_rate": math.nan}, "learning_rate"),
        ("online-mirror-descent", {"temperature": -1.0}, "temperature"),
        ("online-mirror-descent", {"temperature": None}, "temperature"),
        ("online-mirror-descent", {"learning_rate": 11.0}, "temperature/eta == 10"),
        ("fictitious-play", {"regularised": "yes"}, "regularised"),
        ("fictitious-play", {"temperature": 0.5}, "temperature"),
        ("damped-fixed-point", {"temperature": "x", "regularised": False}, "temperature"),
        ("policy-iteration", {"temperature": 0.0, "regularised": False}, "temperature"),
        ("policy-iteration", {"beta": 0.0}, "beta"),
        ("fictitious-play", {"M": 0}, "M"),
    ],
)
def test_values_out_of_range(method: str, options: dict[str, Any], message: str) -> None:
    with pytest.raises(InputError, match=message):
        solve(two_doors(), method, K=2, **options)


def test_options_of_other_methods_are_unknown() -> None:
    with pytest.raises(UnknownNameError, match="learning_rate"):
        solve(two_doors(), "fictitious-play", K=2, learning_rate=0.1)
    with pytest.raises(UnknownNameError, match="did you mean 'learning_rate'"):
        solve(two_doors(), "online-mirror-descent", K=2, learning_rat=0.1)
    with pytest.raises(UnknownNameError, match="temperature"):
        solve(two_doors(), "exact-mf-trpo", K=2, temperature=0.1)


@pytest.mark.parametrize("method", BASELINES)
def test_a_run_goes_on_with_its_own_options_alone(method: str) -> None:
    run = solve(tiny(0), method, K=2)
    with pytest.raises(InputError, match="regularised"):
        solve(tiny(0), method, K=4, resume=run, regularised=False)


@pytest.mark.parametrize("method", [*BASELINES, "exact-mf-trpo"])
@pytest.mark.parametrize("game", [four_rooms(target=(10, 10)), random_affine(seed=1)])
def test_exploitability_of_every_iterate_is_certified(method: str, game: MeanFieldGame) -> None:
    options: dict[str, Any] = {"L": 3} if method == "exact-mf-trpo" else {}
    history = solve(game, method, K=6, **options).history
    # Policies that are nearly deterministic from one step to the next make chains that hardly mix: the bound says so.
    limit = 1e-8 if method in ("fictitious-play", "online-mirror-descent") else 1e-2
    assert (history.exploitability_error < limit).all()
    for k in (1, 6):
        run = solve(game, method, K=k, **options)
        measured = measured_exploitability(game, run.policy, run.mu)
        bound = measured.error + history.exploitability_error[k]
        assert abs(measured.value - history.exploitability[k]) <= bound


@pytest.mark.parametrize("size", [11, 21, 41])
@pytest.mark.parametrize(
    ("method", "options"), [("fictitious-play", {}), ("online-mirror-descent", {"learning_rate": 1.0})]
)
def test_the_exploitability_of_every_iterate_is_known_to_eight_digits(
    method: str, options: dict[str, Any], size: int
) -> None:
    game = four_rooms(size=size, target=(size - 1, size - 1))
    assert solve(game, method, K=15, **options).history.exploitability_error.max() < 1e-8
