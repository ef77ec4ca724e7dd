"""Values, optima, laws in balls against fractions, closed forms and 60 digits."""

from __future__ import annotations

import math
from fractions import Fraction

import mpmath as mp
import numpy as np
import pytest
from flint import arb, arb_mat, ctx, fmpq, fmpq_mat

from mfbounds.bounds.problem import Problem
from mfbounds.certified.exact import distribution
from mfbounds.certified.laws import exact_stationary, occupation, push, stationary
from mfbounds.certified.numbers import l2, root
from mfbounds.certified.policy import Policy, distances, divergences
from mfbounds.certified.problem import at_precision
from mfbounds.certified.process import Process
from mfbounds.errors import NotUnichainError
from mfbounds.games import AffineGame
from mfbounds.games.game import MeanFieldGame
from mfbounds.games.random import families, random_game
from tests.certified.oracles import contains, exactly, soft_values, solve

BITS = (53, 106, 424)


def process_of(game: MeanFieldGame, bits: int) -> Process:
    known = at_precision(Problem(game), bits)
    return known.process(known.known.game.start)


def frozen_data(game: MeanFieldGame) -> tuple[list, list]:
    """Kernel and reward of a game without interaction, as fractions."""
    kernel = np.asarray(game.fixed_kernel)
    return exactly(kernel), [[Fraction(float(x)) for x in row] for row in game.fixed_reward]


@pytest.mark.parametrize("bits", BITS)
@pytest.mark.parametrize("seed", [3, 23])
def test_values_of_a_deterministic_policy_are_rational(seed: int, bits: int) -> None:
    game = random_game("no-interaction", seed, n_states=3, n_actions=2)
    kernel, reward = frozen_data(game)
    plays = [1, 0, 1]
    discount = Fraction(game.gamma)
    system = [[Fraction(int(s == y)) - discount * kernel[s][plays[s]][y] for y in range(3)] for s in range(3)]
    expected = solve(system, [reward[s][plays[s]] for s in range(3)])
    with ctx.workprec(bits):
        values = process_of(game, bits).values(Policy.of([distribution(np.eye(2)[a]) for a in plays]))
        assert all(contains(ball, value) for ball, value in zip(values.V, expected, strict=True))
        assert max(float(ball.rad()) for ball in values.V) < 2.0 ** (14 - bits) * max(map(abs, expected)) / (
            1 - discount
        )


@pytest.mark.parametrize("bits", BITS)
def test_soft_optimum_against_value_iteration_in_sixty_digits(bits: int) -> None:
    with mp.workdps(60):
        game = random_game("no-interaction", 3, n_states=3, n_actions=2, gamma=0.5, eta=0.3)
        expected = soft_values(*frozen_data(game), Fraction(game.gamma), Fraction(game.eta), 190)
        with ctx.workprec(bits):
            best = process_of(game, bits).optimum()
            assert all(contains(ball, value) for ball, value in zip(best.V, expected, strict=True))


@pytest.mark.parametrize("bits", BITS)
def test_one_state_in_closed_form(bits: int) -> None:
    """V* = eta log sum exp(r/eta)/(1-gamma), pi* = softmax(r/eta); the uniform policy loses eta KL(uniform||pi*)/(1-gamma)."""
    game = AffineGame(np.ones((1, 3, 1)), [[1.0, 0.25, 0.0]], gamma=0.75, eta=0.5)
    with mp.workdps(60), ctx.workprec(bits):
        weights = [mp.exp(2), mp.exp(mp.mpf("0.5")), mp.mpf(1)]
        process = process_of(game, bits)
        best = process.optimum()
        assert contains(best.V[0], 2 * mp.log(mp.fsum(weights)))
        assert all(
            contains(p, w / mp.fsum(weights)) for p, w in zip(best.policy.probabilities[0], weights, strict=True)
        )
        loss = 2 * (mp.log(mp.fsum(weights)) - mp.log(3) - mp.mpf("2.5") / 3)
        (gap,) = process.gaps(Policy.uniform(1, 3), best)
        assert contains(gap, loss)
        assert float(gap.rad()) < 2.0 ** (10 - bits)


@pytest.mark.parametrize("family", families())
def test_gaps_agree_with_the_difference_of_values(family: str) -> None:
    """Two formulas of the gap; and V* lies between the value of any policy and that value plus residual/(1-gamma)."""
    game = random_game(family, 1)
    rng = np.random.default_rng(1)
    with ctx.workprec(106):
        process = process_of(game, 106)
        best = process.optimum()
        rows = [distribution(row) for row in rng.dirichlet(np.ones(game.n_actions), game.n_states)]
        policy = Policy.of(rows)
        values = process.values(policy)
        gaps = process.gaps(policy, best)
        excess = max(t.upper() for t in (t - v for t, v in zip(process.soft_backup(values.V), values.V, strict=True)))
        for gap, top, value in zip(gaps, best.V, values.V, strict=True):
            assert gap.overlaps(top - value)
            assert not top < value
            assert not top > value + excess / (1 - process.gamma)


def test_wide_scores_are_contained() -> None:
    """A policy known up to 1e-6 in its scores: the values of policies inside lie in the ball."""
    game = random_game("dense", 0)
    rng = np.random.default_rng(0)
    with ctx.workprec(106):
        process = process_of(game, 106)
        middle = [[arb(0), *map(arb, rng.standard_normal(game.n_actions - 1))] for _ in range(game.n_states)]
        wide = Policy.softmax([[x if x.is_zero() else x + arb(0, 1e-6) for x in row] for row in middle])
        outer = process.values(wide)
        for _ in range(5):
            moved = [[x + arb(1e-6 * rng.uniform(-1, 1)) if not x.is_zero() else x for x in row] for row in middle]
            inner = process.values(Policy.softmax(moved))
            assert all(big.contains(small) for big, small in zip(outer.V, inner.V, strict=True))


def test_equal_policies_have_no_distance_at_all() -> None:
    one, two = Policy.uniform(2, 3), Policy.of([(fmpq(1, 3),) * 3] * 2)
    assert [x.is_zero() for x in divergences(one, two)] == [True, True]
    assert [x.is_zero() for x in distances(one, two)] == [True, True]


def test_two_state_chain_in_closed_form() -> None:
    """Leaving probabilities a and b: the stationary law is (b, a)/(a+b); the distance to it shrinks by 1-a-b a step."""
    a, b = fmpq(1, 7), fmpq(2, 5)
    chain = fmpq_mat(2, 2, [1 - a, a, b, 1 - b])
    assert exact_stationary(chain) == [b / (a + b), a / (a + b)]
    with ctx.workprec(212):
        balls = arb_mat(chain)
        assert all(x.overlaps(arb(y)) for x, y in zip(stationary(balls), exact_stationary(chain), strict=True))
        for M in (3, 1000):
            law = push(balls, [fmpq(1), fmpq(0)], M)
            expected = b / (a + b) + a / (a + b) * (1 - a - b) ** M
            assert law[0].overlaps(arb(expected))
            assert float(law[0].rad()) < 1e-55


@pytest.mark.parametrize("entries", [[1, 0, 0, 1], [1, 0, 0, 0, 1, 0, 0, 0, 1]])
def test_several_recurrent_classes_are_refused(entries: list[int]) -> None:
    n = math.isqrt(len(entries))
    with pytest.raises(NotUnichainError, match="recurrent classes == "):
        stationary(arb_mat(n, n, entries))
    with pytest.raises(NotUnichainError):
        exact_stationary(fmpq_mat(n, n, entries))


def test_periodic_chains_and_transient_states_have_a_law() -> None:
    assert exact_stationary(fmpq_mat(2, 2, [0, 1, 1, 0])) == [fmpq(1, 2), fmpq(1, 2)]
    found = stationary(arb_mat(2, 2, [fmpq(1, 2), fmpq(1, 2), 0, 1]))
    assert found[0].contains(0)
    assert found[1].contains(1)


def test_occupation_is_a_geometric_sum() -> None:
    game = random_game("no-interaction", 3, n_states=3, n_actions=2)
    kernel, _ = frozen_data(game)
    discount = Fraction(game.gamma)
    system = [[Fraction(int(s == y)) - discount * kernel[s][0][y] for s in range(3)] for y in range(3)]
    expected = solve(system, [(1 - discount) / 3] * 3)
    with ctx.workprec(106):
        first = Policy.of([(fmpq(1), fmpq(0))] * 3)
        found = occupation(process_of(game, 106), first, [arb(fmpq(1, 3))] * 3)
        assert all(contains(x, y) for x, y in zip(found, expected, strict=True))


def test_roots_of_balls_that_touch_zero() -> None:
    assert root(arb(0)).is_zero()
    assert root(arb(0, 1e-10)).contains(1e-6)
    assert l2([arb(3), arb(-4)]) == 5
    assert l2([]).is_zero()
