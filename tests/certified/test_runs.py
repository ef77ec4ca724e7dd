"""Iterates in balls: TRPO in 60 digits, the outer iteration in closed form, the equilibrium of a chain."""

from __future__ import annotations

from fractions import Fraction

import mpmath as mp
import numpy as np
import pytest
from flint import arb, ctx, fmpq

from mfbounds.bounds.problem import Parameters, Problem
from mfbounds.bounds.runs import outer_run as computed_run
from mfbounds.certified.problem import at_precision
from mfbounds.certified.runs import distance, equilibrium, outer_run, trpo
from mfbounds.errors import NotConvergedError
from mfbounds.games import AffineGame
from mfbounds.games.random import random_game, two_doors
from tests.certified.oracles import contains

BITS = (53, 106, 424)


def trpo_by_hand(reward: list[list[mp.mpf]], leave: mp.mpf, gamma: mp.mpf, eta: mp.mpf, L: int) -> list[mp.mpf]:
    """pi_L(0|s) on two states: action a leads to state a with probability 1 - leave. Values by Cramer's rule."""
    logs = [[-mp.log(2)] * 2 for _ in range(2)]
    for step in range(L):
        p = [[mp.exp(x) for x in row] for row in logs]
        up = [row[0] * (1 - leave) + row[1] * leave for row in p]  # probability to go to state 0
        gain = [
            mp.fsum(q * (r - eta * x) for q, r, x in zip(*three, strict=True))
            for three in zip(p, reward, logs, strict=True)
        ]
        a, b, c, d = 1 - gamma * up[0], -gamma * (1 - up[0]), -gamma * up[1], 1 - gamma * (1 - up[1])
        V = [(d * gain[0] - b * gain[1]) / (a * d - b * c), (a * gain[1] - c * gain[0]) / (a * d - b * c)]
        ahead = [(1 - leave) * V[0] + leave * V[1], leave * V[0] + (1 - leave) * V[1]]
        for s in range(2):
            scores = [
                ((step + 1) * logs[s][a] + (reward[s][a] + gamma * ahead[a]) / eta) / (step + 2) for a in range(2)
            ]
            total = mp.log(mp.fsum(map(mp.exp, scores)))
            logs[s] = [x - total for x in scores]
    return [mp.exp(row[0]) for row in logs]


@pytest.mark.parametrize("bits", BITS)
@pytest.mark.parametrize("L", [1, 7])
def test_trpo_against_the_iteration_by_hand(bits: int, L: int) -> None:
    kernel = np.array([[[0.875, 0.125], [0.125, 0.875]]] * 2)
    game = AffineGame(kernel, [[1.0, 0.5], [0.0, 0.25]], gamma=0.75, eta=0.25)
    with mp.workdps(60), ctx.workprec(bits):
        rewards = [[mp.mpf(1), mp.mpf("0.5")], [mp.mpf(0), mp.mpf("0.25")]]
        expected = trpo_by_hand(rewards, mp.mpf("0.125"), mp.mpf("0.75"), mp.mpf("0.25"), L)
        policy = trpo(at_precision(Problem(game), bits), (fmpq(1, 2), fmpq(1, 2)), L)
        for row, value in zip(policy.probabilities, expected, strict=True):
            assert contains(row[0], value)
            assert float(row[0].rad()) < 2.0 ** (16 - bits)


def test_long_runs_keep_their_digits() -> None:
    with ctx.workprec(106):
        known = at_precision(Problem(random_game("dense", 0)), 106)
        policy = trpo(known, known.known.game.start, 200)
        assert max(float(p.rad()) for row in policy.probabilities for p in row) < 1e-18


def test_the_equilibrium_of_a_chain_and_the_distance_to_it() -> None:
    """Leaving probabilities a = 1/8 and b = 1/4: mu* = (2/3, 1/3); K half steps shrink the distance by (1 - 3/16)^K."""
    game = AffineGame([[[0.875, 0.125]], [[0.25, 0.75]]], np.zeros((2, 1)), gamma=0.5, eta=1.0)
    for bits in BITS:
        with ctx.workprec(bits):
            known = at_precision(Problem(game, Parameters(M=1)), bits)
            centre, bound = equilibrium(known, 1)
            assert abs(centre[0] - fmpq(2, 3)) <= fmpq(1, 10**14)
            assert float(bound) < 2.0 ** (20 - bits)
            path = outer_run(known, (fmpq(1), fmpq(0)), L=1, K=5, beta=0.5, M=1)
            expected = mp.sqrt(2) / 3 * (mp.mpf(13) / 16) ** 5
            assert contains(distance(known, path[5], 1), expected, 12)


def test_an_equilibrium_that_may_not_be_unique_is_not_located() -> None:
    with ctx.workprec(53), pytest.raises(NotConvergedError, match=r"C_op == .*, must be < 1"):
        equilibrium(at_precision(Problem(two_doors(), Parameters(M=1)), 53), 1)


@pytest.mark.parametrize("seed", [5, 8])
def test_outer_runs_agree_with_the_computed_ones(seed: int) -> None:
    game = random_game("contractive", seed)
    problem = Problem(game, Parameters(M=2))
    computed = computed_run(problem, game.start, L=3, K=6, beta=0.3, M=2)
    with ctx.workprec(106):
        known = at_precision(problem, 106)
        path = outer_run(known, known.known.game.start, L=3, K=6, beta=0.3, M=2)
        for law, floats in zip(path, computed, strict=True):
            assert all(abs(x - arb(float(y))) < 1e-12 for x, y in zip(law, floats, strict=True))
            assert all(float(x.rad()) < 1e-20 for x in law)


def test_the_equilibrium_of_an_interacting_game_gets_more_digits_with_more_bits() -> None:
    problem = Problem(random_game("contractive", 5), Parameters(M=1))
    centres = []
    for bits in BITS:
        with ctx.workprec(bits):
            known = at_precision(problem, bits)
            centre, bound = equilibrium(known, 1)
            assert float(bound) < 2.0 ** (24 - bits)
            centres.append((centre, bound))
    (first, width), *_, (last, _) = centres
    off = sum((Fraction(int((x - y).p), int((x - y).q)) ** 2 for x, y in zip(first, last, strict=True)), Fraction(0))
    assert float(off) ** 0.5 <= float(width)
