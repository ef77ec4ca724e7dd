"""Exact regularity against brute force on fractions and against the rounded constants; ties; proofs by elimination."""

from __future__ import annotations

from fractions import Fraction
from itertools import combinations, product

import numpy as np
import pytest
from flint import arb, ctx, fmpq

from mfbounds.bounds.problem import Parameters, Problem
from mfbounds.bounds.statement import ENTRY, HALF, L1, Tier
from mfbounds.certified import RationalGame
from mfbounds.certified.constants import proves_linear
from mfbounds.certified.exact import read
from mfbounds.certified.numbers import Root, ball
from mfbounds.certified.problem import at_precision, exact
from mfbounds.certified.symmetry import identical_actions, lumped_actions
from mfbounds.games import AffineGame
from mfbounds.games.random import families, random_game, two_doors

NAMES = ("L_r", "L_r1", "L_P", "L_P_entry", "L_P1", "kappa_A", "q")


@pytest.mark.parametrize("family", families())
@pytest.mark.parametrize("seed", [1, 2])
def test_rounded_constants_lie_just_above_the_exact_ones(family: str, seed: int) -> None:
    problem = Problem(random_game(family, seed))
    rounded = problem.constant_set(1).primitives
    for name in NAMES:
        number = ball(exact(problem).numbers[name])
        assert not number > arb(rounded[name].value), name
        assert float(number.mid()) == pytest.approx(rounded[name].value, rel=1e-9, abs=1e-12), name


def test_brute_force_on_fractions() -> None:
    """Two states, two actions, everything depends on mu: every supremum written out."""
    f = Fraction
    kernels = [
        [[[f(1, 2), f(1, 2)], [f(1, 3), f(2, 3)]], [[f(1, 5), f(4, 5)], [f(1), f(0)]]],
        [[[f(1, 4), f(3, 4)], [f(2, 3), f(1, 3)]], [[f(1, 7), f(6, 7)], [f(3, 4), f(1, 4)]]],
    ]
    rewards = [[[f(1), f(0)], [f(1, 3), f(2)]], [[f(0), f(-1)], [f(1, 2), f(5, 2)]]]
    known = exact(Problem(RationalGame(kernels, rewards, gamma="1/2", eta=1))).numbers
    pairs = list(product(range(2), range(2)))
    row = lambda x, pair: kernels[x][pair[0]][pair[1]]  # noqa: E731
    tv = lambda p, q: sum(abs(x - y) for x, y in zip(p, q, strict=True)) / 2  # noqa: E731
    change = max(abs(rewards[0][s][a] - rewards[1][s][a]) for s, a in pairs)
    moved = max(tv(row(0, pair), row(1, pair)) for pair in pairs)
    # mu - mu' = t (1, -1): ||.||_2 = sqrt(2) |t|, ||.||_1 = 2 |t|.
    assert known["L_r1"] == fmpq(change.numerator, 2 * change.denominator)
    assert known["L_r"] == Root(fmpq(*(change**2 / 2).as_integer_ratio()))
    assert known["L_P1"] == fmpq(*moved.as_integer_ratio())
    assert known["L_P"] == Root(fmpq(*((2 * moved) ** 2 / 2).as_integer_ratio()))
    assert known["L_P_entry"] == Root(fmpq(*(moved**2 / 2).as_integer_ratio()))
    actions = max(tv(row(x, (s, 0)), row(x, (s, 1))) for x in range(2) for s in range(2))
    rows = max(tv(row(x, i), row(x, j)) for x in range(2) for i, j in combinations(pairs, 2))
    assert (known["kappa_A"], known["q"]) == tuple(fmpq(*x.as_integer_ratio()) for x in (actions, rows))


@pytest.mark.parametrize("reading", [L1, HALF, ENTRY])
@pytest.mark.parametrize("tier", list(Tier))
def test_every_constant_is_a_ball_that_shrinks(tier: Tier, reading: object) -> None:
    problem = Problem(random_game("contractive", 5), Parameters(M=2))
    coarse = problem.constants(tier, reading)
    for bits in (53, 424):
        with ctx.workprec(bits):
            fine = at_precision(problem, bits).constants(tier, reading)
            assert fine.keys() == coarse.keys()
            for name, value in fine.items():
                if value.is_finite() and float(value.mid()) != 0.0:
                    assert value.rel_accuracy_bits() > min(bits, 128) - 40, name
                    assert float(value.mid()) == pytest.approx(float(coarse[name].mid()), rel=1e-6), name


def test_eigenvalue_bounds_are_proved_and_wrong_ones_are_not() -> None:
    """The swinging chain has the eigenvalue -.9 on zero mass: C_op = -.9, K_F = .9."""
    game = AffineGame(np.array([[[0.05, 0.95]], [[0.95, 0.05]]]), np.zeros((2, 1)), gamma=0.5, eta=1.0)
    with ctx.workprec(106):
        process = at_precision(Problem(game), 106).process(read(game).start)
        assert proves_linear(process, 1, C_op=-0.8999, K_F=0.9001)
        assert not proves_linear(process, 1, C_op=-0.9001, K_F=0.9001)
        assert not proves_linear(process, 1, C_op=-0.8999, K_F=0.8999)
        assert proves_linear(process, 2, C_op=0.8101, K_F=0.8101)


def test_a_declared_monotonicity_is_proved_where_it_can_be() -> None:
    game = AffineGame(np.array([[[0.05, 0.95]], [[0.95, 0.05]]]), np.zeros((2, 1)), gamma=0.5, eta=1.0)
    with ctx.workprec(106):
        for declared, proved in ((0.0, True), (-0.95, False)):
            problem = Problem(game, Parameters(C_op=declared, M=1))
            assert at_precision(problem, 106).c_op(1).certified is proved


def test_ties_between_actions() -> None:
    """Doors that lead to rooms alike; with rewards that tell the rooms apart only where mu does."""
    game = read(two_doors())
    assert lumped_actions(game) == [[0, 1], [0, 1]]
    uniform = (fmpq(1, 2), fmpq(1, 2))
    assert lumped_actions(game, uniform) == [[0, 0], [0, 0]]
    assert identical_actions(game) == [[0, 1], [0, 1]]
    assert lumped_actions(read(random_game("zero-rewards", 13))) == [[0] * 4] * 5
