"""Formulas: sympy expressions, evaluated on balls.

A formula exists once, as a sympy expression over the symbols of `mfbounds.bounds.symbols`; its numeric value and its
LaTeX both come from that expression. Values are balls, so rounding is part of the result and nothing overflows.
"""

from __future__ import annotations

import math
from collections.abc import Callable, Iterable, Mapping
from functools import lru_cache, reduce
from operator import add, mul
from typing import Any, TypeAlias

import sympy as sp
from flint import arb, ctx, fmpq

from mfbounds.errors import InputError
from mfbounds.numbers import PRECISION, Constant

Values: TypeAlias = Mapping[str, arb]
Program: TypeAlias = Callable[[Values], arb]


def evaluate(expression: sp.Expr, values: Values) -> arb:
    """The value of a formula as a ball; NaN where it is undefined (for instance a division by zero).

    It is computed with the working precision, and with no less than `PRECISION` bits.

    Raises:
        InputError: a symbol has no value.

    Example:
        >>> from mfbounds.bounds.symbols import R, gamma
        >>> evaluate(R / (1 - gamma), {"R": arb(1), "gamma": arb(0.5)})
        2.00000000000000
    """
    with ctx.workprec(max(PRECISION, ctx.prec)):
        return _compiled(sp.sympify(expression))(values)


def rounded_up(expression: sp.Expr, known: Mapping[str, Constant]) -> float:
    """A sum of constants, rounded up a little: every term is at least 0."""
    values = {symbol: known[symbol.name].value for symbol in expression.free_symbols}
    if math.inf in values.values():
        return math.inf
    return float(expression.subs(values)) * (1 + 1e-15)


def symbols_of(expression: sp.Expr) -> tuple[str, ...]:
    """The names of the symbols in a formula, sorted."""
    return tuple(sorted(symbol.name for symbol in sp.sympify(expression).free_symbols))


@lru_cache(maxsize=4096)
def _compiled(expression: sp.Expr) -> Program:
    """The expression as a tree of closures: walking sympy's tree at every evaluation would dominate a sweep."""
    if expression.is_Symbol:
        return _lookup(expression.name)
    if expression.is_Rational:
        exact = fmpq(int(expression.p), int(expression.q))
        return lambda _values: arb(exact)
    if expression is sp.pi:
        return lambda _values: arb.pi()
    if expression is sp.E:
        return lambda _values: arb(1).exp()
    if expression is sp.oo:
        return lambda _values: arb.pos_inf()
    if expression.is_Pow:
        base, exponent = map(_compiled, expression.args)
        return lambda values: _power(base(values), exponent(values))
    if expression.is_Mul:
        return _quotient(*sp.fraction(expression, exact=True))
    if expression.func not in _FUNCTIONS:
        raise InputError(f"formula == {expression}, must use only + * / ** log exp min max floor")
    function, parts = _FUNCTIONS[expression.func], tuple(map(_compiled, expression.args))
    return lambda values: function(part(values) for part in parts)


def _quotient(numerator: sp.Expr, denominator: sp.Expr) -> Program:
    """One division, of products: x * (1/y) would not be exact where x/y is, and `floor` asks for that."""
    above, below = (tuple(map(_compiled, sp.Mul.make_args(part))) for part in (numerator, denominator))

    def value(values: Values) -> arb:
        top = reduce(mul, (part(values) for part in above))
        return top if denominator == 1 else top / reduce(mul, (part(values) for part in below))

    return value


def _lookup(name: str) -> Program:
    def value(values: Values) -> arb:
        if name not in values:
            raise InputError(f"value of {name!r} is missing, must be given: the formula contains this symbol")
        return values[name]

    return value


def _power(base: arb, exponent: arb) -> arb:
    if not exponent.is_finite():
        return _infinite_power(base)
    if exponent.is_integer():
        return _integer_power(base, int(exponent.unique_fmpz()))
    if exponent < 0:
        return 1 / _power(base, -exponent)
    if base.contains(0):  # what is raised to a fraction is not negative: a ball that reaches below 0 is rounding
        top = base.upper()
        return arb(0).union(top.sqrt() if exponent == arb(0.5) else top**exponent) if top > 0 else arb(0)
    return base.sqrt() if exponent == arb(0.5) else base**exponent


def _integer_power(base: arb, exponent: int) -> arb:
    """By repeated squaring: flint's own power is undefined on balls that contain 0."""
    if exponent < 0:
        return 1 / _integer_power(base, -exponent)
    if not base.contains(0):
        return base**exponent
    result, square = arb(1), base
    while exponent:
        if exponent & 1:
            result = result * square
        square = (square * square).nonnegative_part()
        exponent >>= 1
    return result


def _infinite_power(base: arb) -> arb:
    if base < 1 and base > -1:
        return arb(0)
    return arb(1) if base == 1 else arb.nan()


def _only(method: str) -> Callable[[Iterable[arb]], arb]:
    def apply(parts: Iterable[arb]) -> arb:
        (value,) = parts
        return getattr(value, method)()

    return apply


_FUNCTIONS: dict[Any, Callable[[Iterable[arb]], arb]] = {
    sp.Add: lambda parts: reduce(add, parts),
    sp.Min: lambda parts: reduce(arb.min, parts),
    sp.Max: lambda parts: reduce(arb.max, parts),
    sp.log: _only("log"),
    sp.exp: _only("exp"),
    sp.floor: _only("floor"),
    sp.ceiling: _only("ceil"),
    sp.Abs: _only("__abs__"),
}
