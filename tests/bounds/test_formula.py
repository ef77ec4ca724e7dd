"""Formulas on balls against mpmath at 60 digits, and at the points where floating point gives up."""

from __future__ import annotations

import random
from fractions import Fraction

import mpmath as mp
import pytest
import sympy as sp
from flint import arb, ctx, fmpq

from mfbounds.bounds.formula import evaluate, symbols_of
from mfbounds.errors import InputError

X, Y, Z = (sp.Symbol(name, nonnegative=True) for name in "xyz")
NAMES = ("x", "y", "z")


def random_expression(rng: random.Random, depth: int) -> sp.Expr:
    """A random formula that is defined for positive numbers: every logarithm is of something above 1."""
    if depth == 0:
        return rng.choice([X, Y, Z, sp.Rational(rng.randint(1, 9), rng.randint(1, 9))])
    one, two = (random_expression(rng, depth - 1) for _ in range(2))
    return rng.choice(
        [
            lambda: one + two,
            lambda: one * two,
            lambda: one - two,
            lambda: one / (1 + two**2),
            lambda: sp.sqrt(1 + one**2),
            lambda: (1 + one**2) ** sp.Rational(-3, 2),
            lambda: sp.log(2 + one**2),
            lambda: sp.exp(-(one**2)),
            lambda: sp.Min(one, two),
            lambda: sp.Max(one, two),
            lambda: sp.Abs(one) ** sp.Rational(1, 3),
        ]
    )()


def in_mpmath(expression: sp.Expr, values: dict[str, Fraction]) -> mp.mpf:
    """The same expression by sympy's own evaluation at 60 digits."""
    numbers = {sp.Symbol(k, nonnegative=True): sp.Rational(v.numerator, v.denominator) for k, v in values.items()}
    return mp.mpf(str(sp.N(expression.subs(numbers), 60)))


def ball_contains(ball: arb, number: mp.mpf) -> bool:
    with mp.workdps(60):
        text = mp.nstr(number, 45)
        return bool((ball - arb(text)).overlaps(arb(0, 1e-38 * max(1.0, abs(float(number))))))


@pytest.mark.parametrize("seed", range(150))
def test_evaluate_agrees_with_sympy_at_60_digits(seed: int) -> None:
    rng = random.Random(seed)
    expression = random_expression(rng, 3)
    numbers = {name: Fraction(rng.randint(1, 4000), rng.choice([7, 64, 1000])) for name in NAMES}
    with ctx.workprec(300):
        inputs = {k: arb(fmpq(v.numerator, v.denominator)) for k, v in numbers.items()}
    value = evaluate(expression, inputs)
    with mp.workdps(60):
        truth = in_mpmath(expression, numbers)
    if truth == 0:  # terms that cancel exactly: the ball must not exclude 0
        assert value.contains(0)
        return
    assert ball_contains(value, truth)
    assert float(value.rad()) <= 1e-28 * max(1.0, *(float(v) for v in numbers.values())) ** 24


@pytest.mark.parametrize("seed", range(60))
def test_evaluate_encloses_every_point_of_its_balls(seed: int) -> None:
    rng = random.Random(1000 + seed)
    expression = random_expression(rng, 3)
    centre = {name: rng.choice([0.0, 0.001, 0.5, 3.0]) for name in NAMES}
    radius = {name: rng.choice([0.0, 1e-9, 0.01]) for name in NAMES}
    ball = evaluate(expression, {name: arb(centre[name], radius[name]) for name in NAMES})
    for _ in range(5):
        exact = {name: max(0.0, centre[name] + rng.uniform(-1, 1) * radius[name]) for name in NAMES}
        assert ball.overlaps(evaluate(expression, {name: arb(value) for name, value in exact.items()}))


def test_powers_of_balls_that_contain_zero() -> None:
    around = arb(0.0, 0.25)
    root, square = evaluate(sp.sqrt(X), {"x": around}), evaluate(X**2, {"x": around})
    assert root.contains(0)
    assert root.contains(arb(0.25).sqrt())
    assert root.upper() <= 0.51
    assert square.contains(0)
    assert square.contains(arb(0.0625))
    assert square.upper() <= 0.07
    assert evaluate(sp.sqrt(X), {"x": arb(-1e-31, 1e-30)}).contains(0), "what reaches below 0 under a root is rounding"
    assert evaluate(sp.sqrt(X), {"x": arb(-1)}).is_nan()
    assert evaluate(X ** sp.Rational(2, 3), {"x": arb(0)}) == 0
    assert evaluate(X**Y, {"x": arb(0), "y": arb(0)}) == 1, "0^0 = 1: the contraction over zero steps"
    assert not evaluate(1 / X, {"x": around}).is_finite()
    assert not evaluate(1 / X, {"x": arb(0)}).is_finite()


def test_infinite_exponents_are_limits_inside_the_unit_interval() -> None:
    infinite = arb.pos_inf()
    for base, limit in ((arb(0.9), 0), (arb(0), 0), (arb(-0.5), 0), (arb(1), 1)):
        assert evaluate(X**Y, {"x": base, "y": infinite}) == limit
    for base in (arb(1.1), arb(1, 1e-20), arb(-1)):
        assert evaluate(X**Y, {"x": base, "y": infinite}).is_nan()


def test_nothing_overflows_or_underflows() -> None:
    with ctx.workprec(128):
        near_one = arb(1) - arb(2) ** -60
    value = evaluate(1 / (1 - X) ** 40, {"x": near_one})
    assert abs(value.log() / arb(2).log() - 2400) < 1e-9
    tiny = evaluate(sp.exp(-(X**2)), {"x": arb(10) ** 6})
    assert tiny > 0
    assert float(tiny) == 0.0


def test_floor_and_ceiling_of_exact_quotients() -> None:
    for y in (3, 5, 7, 12):  # 1/y is not exact in binary, k y/y is
        numbers = {"x": arb(2 * y), "y": arb(y)}
        assert evaluate(sp.floor(X / Y), numbers) == 2
        assert evaluate(sp.ceiling(X / Y), numbers) == 2
    assert evaluate(sp.floor(X / Y), {"x": arb(7), "y": arb(3)}) == 2
    assert evaluate(sp.ceiling(X / Y), {"x": arb(7), "y": arb(3)}) == 3


def test_infinity_wins_a_maximum_and_loses_a_minimum() -> None:
    numbers = {"x": arb.pos_inf(), "y": arb(3)}
    assert evaluate(sp.Min(X, Y), numbers) == 3
    assert not evaluate(sp.Max(X, Y), numbers).is_finite()


def test_missing_symbols_and_foreign_functions_are_named() -> None:
    with pytest.raises(InputError, match="'y' is missing"):
        evaluate(X + Y, {"x": arb(1)})
    with pytest.raises(InputError, match="must use only"):
        evaluate(sp.sin(X), {"x": arb(1)})
    assert symbols_of(X * Z + 1) == ("x", "z")
