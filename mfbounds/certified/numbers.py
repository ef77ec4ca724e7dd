"""Numbers of a certified measurement: a ball, or a number known exactly.

An exact number is a rational, the root of one, or an expression in other quantities. It becomes a ball when a formula is
evaluated, and stays symbolic when two sides that no precision separates are compared for equality.
"""

from __future__ import annotations

from collections.abc import Iterable, Mapping
from dataclasses import dataclass
from typing import TypeAlias

import sympy as sp
from flint import arb, fmpq


@dataclass(frozen=True)
class Root:
    """The square root of a rational number >= 0."""

    square: fmpq


@dataclass(frozen=True)
class Defined:
    """A quantity that is provably an expression in others: its ball, and the expression in their names."""

    expression: sp.Expr
    ball: arb


Number: TypeAlias = arb | fmpq | Root | Defined
Measurement: TypeAlias = Mapping[str, Number]  # what a statement measures, by name


def ball(number: Number) -> arb:
    """The number as a ball at the current precision."""
    if isinstance(number, Root):
        return arb(number.square).sqrt()
    if isinstance(number, Defined):
        return number.ball
    return number if isinstance(number, arb) else arb(number)


def balls(measured: Measurement) -> dict[str, arb]:
    """Every quantity as a ball."""
    return {name: ball(number) for name, number in measured.items()}


def symbolic(number: Number) -> sp.Expr | None:
    """The number as an exact expression; None for a ball."""
    if isinstance(number, Defined):
        return number.expression
    if isinstance(number, Root):
        root = sp.Rational(int(number.square.p), int(number.square.q))
        return root if root in (0, 1) else sp.Pow(root, sp.Rational(1, 2), evaluate=False)
    return None if isinstance(number, arb) else sp.Rational(int(number.p), int(number.q))


def largest(values: Iterable[arb]) -> arb:
    """A ball that contains the largest of the values."""
    first, *others = values
    for value in others:
        first = first.max(value)
    return first


def root(value: arb) -> arb:
    """The square root of a quantity that is known to be >= 0; a ball that reaches below 0 is rounding."""
    if value > 0 or value == 0:
        return value.sqrt()
    return arb(0).union(value.upper().sqrt()) if value.is_finite() else value


def l1(difference: Iterable[arb]) -> arb:
    """The l1 norm."""
    return sum((abs(x) for x in difference), arb(0))


def l2(difference: Iterable[arb]) -> arb:
    """The l2 norm."""
    return root(sum((x * x for x in difference), arb(0)))
