"""Measured sides against 50-digit truth: every `Measured` interval must contain the true value."""

from __future__ import annotations

import math

import mpmath as mp
import numpy as np
import pytest

from mfbounds.bounds.ledger import find_statement
from mfbounds.bounds.problem import Parameters, Problem
from mfbounds.bounds.runs import best_response_run, outer_rounding, outer_run, trpo_levels

from . import exact
from .exact import Exact, contains, dyadic_game, dyadic_rows

LEVELS = (1, 2, 3, 10, 30)
# The last ones have values of order 1000 eta: there rounding is large, and must be known to be.
SETTINGS = [(0.0, 1.0), (0.5, 1.0), (0.9375, 0.125), (0.9921875, 4.0), (0.9921875, 2.0**-7), (0.9375, 2.0**-10)]


@pytest.mark.parametrize("seed", range(3))
@pytest.mark.parametrize(("gamma", "eta"), SETTINGS)
def test_trpo_gaps_certificates_and_drift(seed: int, gamma: float, eta: float) -> None:
    game = dyadic_game(seed, gamma=gamma, eta=eta)
    mu = dyadic_rows(np.random.default_rng(seed), 3)
    levels = trpo_levels(Problem(game, Parameters(L=LEVELS)), mu)
    frozen = Exact(game, mu)
    best, policies = frozen.optimum()[1], frozen.trpo(max(LEVELS))
    for L, level in levels.items():
        V = frozen.values(policies[L])
        Q = frozen.Q(V)
        log_policy = [[mp.log(p) for p in row] for row in policies[L]]
        for s in range(3):
            assert abs(mp.mpf(level.gaps[s]) - (best[s] - V[s])) <= level.error
            off = [mp.mpf(level.log_policy[s, a]) - log_policy[s][a] for a in range(2)]
            assert abs(off[0] - off[1]) * frozen.eta <= level.drift
        soft = [frozen.eta * exact.logsumexp([q / frozen.eta for q in row]) for row in Q]
        spreads = [
            max(x) - min(x)
            for x in ([q - frozen.eta * p for q, p in zip(Q[s], log_policy[s], strict=True)] for s in range(3))
        ]
        assert contains(level.bellman, max(t - v for t, v in zip(soft, V, strict=True)))
        assert contains(level.span, max(spreads))


@pytest.mark.parametrize("seed", range(3))
@pytest.mark.parametrize(("M", "L"), [(1, 1), (2, 5), (math.inf, 3)])
def test_outer_run_follows_the_exact_iterates(seed: int, M: int | float, L: int) -> None:
    game, beta, rounds = exact.contractive_game(seed), 0.5, 6
    problem = Problem(game)
    path = outer_run(problem, np.array([0.75, 0.25, 0.0]), L=L, K=rounds, beta=beta, M=M)
    mu = exact.vector([0.75, 0.25, 0.0])
    for k in range(1, rounds + 1):
        frozen = Exact(game, mu)
        policy = frozen.trpo(L)[L]
        law = frozen.stationary(policy) if M == math.inf else frozen.push(policy, mu, int(M))
        mu = [(m + n) / 2 for m, n in zip(mu, law, strict=True)]
        assert exact.l2(exact.vector(path[k]), mu) <= outer_rounding(problem, L, k)


def test_best_response_run_uses_its_steps() -> None:
    game = exact.contractive_game(0)
    problem, steps = Problem(game), [1.0, 0.25]
    path = best_response_run(problem, np.array([1.0, 0.0, 0.0]), steps=steps, M=1)
    mu = exact.vector(path[0])
    for beta, computed in zip(steps, path[1:], strict=True):
        law = exact.population_step(game, mu)
        mu = [(1 - beta) * m + beta * n for m, n in zip(mu, law, strict=True)]
        assert exact.l2(exact.vector(computed), mu) < 1e-11


def measured(statement: str, game: object, case: dict[str, object], **parameters: object) -> dict[str, object]:
    found = find_statement(statement)
    return dict(found.measure(Problem(game, Parameters(**parameters)), case))  # type: ignore[arg-type]


POLICY = np.array([[0.75, 0.25], [0.125, 0.875], [0.5, 0.5]])
OTHER = np.array([[0.25, 0.75], [0.125, 0.875], [1.0, 0.0]])


@pytest.mark.parametrize("seed", range(4))
@pytest.mark.parametrize("M", [1, 2, 5, math.inf])
def test_laws_of_E1(seed: int, M: int | float) -> None:
    game = exact.contractive_game(seed)
    rng = np.random.default_rng(seed)
    mu, mu_2, xi = dyadic_rows(rng, 3, 3)
    case = {"policy": POLICY, "policy_2": OTHER, "mu": mu, "mu_2": mu_2, "xi": xi, "M": M}
    quantities = measured("E.1", game, case)
    laws = []
    for policy, population in ((POLICY, mu), (OTHER, mu_2)):
        frozen = Exact(game, population)
        exact_policy = exact.rows(policy)
        laws.append(
            frozen.stationary(exact_policy) if M == math.inf else frozen.push(exact_policy, exact.vector(xi), int(M))
        )
    assert contains(quantities["d_law"], exact.l1(*laws))
    assert contains(quantities["d_mu"], exact.l2(exact.vector(mu), exact.vector(mu_2)))
    by_hand = [mp.mpf(1), mp.mpf(0), mp.mpf(1)]
    assert contains(quantities["d_pi_sup"], max(by_hand))
    assert contains(quantities["d_pi_mean"], mp.fsum(x * d for x, d in zip(exact.vector(xi), by_hand, strict=True)))


@pytest.mark.parametrize("seed", range(4))
def test_values_policies_and_steps_of_two_populations(seed: int) -> None:
    game = dyadic_game(seed, gamma=0.9375, eta=0.125)
    mu, mu_2 = dyadic_rows(np.random.default_rng(seed), 2, 3)
    one, two = Exact(game, mu), Exact(game, mu_2)
    (pi, V), (pi_2, V_2) = one.optimum(), two.optimum()
    values = measured("E.3", game, {"mu": mu, "mu_2": mu_2, "policy": POLICY})
    own = [frozen.values(exact.rows(POLICY)) for frozen in (one, two)]
    Q, Q_2 = one.Q(V), two.Q(V_2)
    assert contains(values["dV"], max(abs(a - b) for a, b in zip(V, V_2, strict=True)))
    assert contains(values["dV_pi"], max(abs(a - b) for a, b in zip(*own, strict=True)))
    assert contains(values["dQ"], max(abs(Q[s][a] - Q_2[s][a]) for s in range(3) for a in range(2)))
    policies = measured("E.4", game, {"mu": mu, "mu_2": mu_2})
    assert contains(policies["d_pi"], max(exact.l1(pi[s], pi_2[s]) for s in range(3)))
    steps = measured("E.6", game, {"mu": mu, "mu_2": mu_2, "M": 3})
    images = [exact.population_step(game, exact.vector(m), 3) for m in (mu, mu_2)]
    assert contains(steps["d_F"], exact.l2(*images))
    assert contains(steps["d_F_1"], exact.l1(*images))
    moved = [b - a for a, b in zip(*images, strict=True)]
    apart = [mp.mpf(float(b)) - mp.mpf(float(a)) for a, b in zip(mu, mu_2, strict=True)]
    assert contains(steps["slope"], mp.fsum(m * a for m, a in zip(moved, apart, strict=True)))


@pytest.mark.parametrize("seed", range(4))
def test_gaps_exploitability_and_policy_errors(seed: int) -> None:
    game = exact.contractive_game(seed)
    mu = dyadic_rows(np.random.default_rng(seed), 3)
    frozen, exact_policy = Exact(game, mu), exact.rows(POLICY)
    pi, V = frozen.optimum()
    own = frozen.values(exact_policy)
    found = measured("E.5", game, {"mu": mu, "policy": POLICY})
    weights = exact.vector(mu)
    assert contains(found["gap"], mp.fsum(w * (a - b) for w, a, b in zip(weights, V, own, strict=True)))
    assert contains(found["phi"], exact.exploitability(game, exact_policy, mu))
    assert contains(found["d_inc"], exact.l2(frozen.stationary(exact_policy), weights))
    found = measured("C.2", game, {"mu": mu, "L": 5}, L=(5,))
    after = frozen.trpo(5)[5]
    distances = [exact.l1(after[s], pi[s]) for s in range(3)]
    assert contains(found["d_sup"], max(distances))
    assert contains(found["d_mean_sq"], mp.fsum(w * d**2 for w, d in zip(weights, distances, strict=True)))
    found = measured("E.2", game, {"mu": mu, "policy": POLICY})
    ratios = {s: exact.l1(exact_policy[s], pi[s]) ** 2 / (V[s] - own[s]) for s in range(3)}
    s = max(ratios, key=lambda state: ratios[state])
    assert contains(found["d_pi"], exact.l1(exact_policy[s], pi[s]))
    assert contains(found["gap"], V[s] - own[s])


def test_distance_of_the_outer_statements() -> None:
    game = exact.contractive_game(1)
    star = exact.fixed_point(game)
    case = {"mu": np.array([0.75, 0.25, 0.0]), "beta": 0.5, "L": 3, "K": 4, "M": 1}
    found = measured("C.5", game, case, K=4)
    assert contains(found["d_0"], exact.l2(exact.vector(case["mu"]), star))
    mu = exact.vector(case["mu"])
    for _ in range(4):
        frozen = Exact(game, mu)
        mu = [(m + n) / 2 for m, n in zip(mu, frozen.push(frozen.trpo(3)[3], mu, 1), strict=True)]
    assert contains(found["d_K"], exact.l2(mu, star))
    final = Exact(game, mu)
    policy = final.trpo(3)[3]
    found = measured("C.6", game, case, K=4)
    assert contains(found["d_inc"], exact.l2(final.stationary(policy), mu))
    assert contains(found["phi"], exact.exploitability(game, policy, mu))
