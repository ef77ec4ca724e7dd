"""Sides that no precision separates: right - left as an exact expression, in which common terms cancel."""

from __future__ import annotations

from collections.abc import Mapping

import sympy as sp
from flint import arb

from mfbounds.bounds.definitions import DEFINITIONS, L_DEPENDENT, formula
from mfbounds.bounds.formula import evaluate, symbols_of
from mfbounds.bounds.statement import Bound, Case
from mfbounds.certified.constants import ExactConstants
from mfbounds.certified.exact import binary
from mfbounds.certified.numbers import Measurement, symbolic
from mfbounds.certified.problem import CertifiedProblem

MOST_TERMS = 400  # beyond it, expanding takes too long


def difference(
    bound: Bound, problem: CertifiedProblem, case: Case, measured: Measurement, values: Mapping[str, arb]
) -> arb | None:
    """A ball of right - left, exactly 0 where the two are provably equal; None where nothing is known exactly."""
    if all(isinstance(number, arb) for number in measured.values()):
        return None
    surplus = sp.sympify(bound.right) - sp.sympify(bound.left)
    if sp.count_ops(surplus) > MOST_TERMS:
        return None
    constants = problem.constant_set(case.get("M") or problem.parameters.M or 1)
    assert isinstance(constants, ExactConstants)
    for _ in range(len(DEFINITIONS)):
        known = {
            symbol: value
            for symbol in surplus.free_symbols
            if (value := _value(symbol.name, bound, constants, case, measured)) is not None and value != symbol
        }
        if not known:
            break
        surplus = surplus.subs(known)
    surplus = sp.expand(surplus)
    return evaluate(surplus, values) if set(symbols_of(surplus)) <= values.keys() else None


def _value(name: str, bound: Bound, constants: ExactConstants, case: Case, measured: Measurement) -> sp.Expr | None:
    """What stands for a symbol: an exact number, or its definition."""
    if name in measured:
        return symbolic(measured[name])
    if name in case and isinstance(case[name], int | float):
        return symbolic(binary(case[name])) if case[name] != float("inf") else sp.oo
    if name in L_DEPENDENT:
        return formula(name, bound.tier)
    if name in DEFINITIONS:
        return constants.expression(name, bound.tier, bound.reading)
    return constants.symbolic(name, bound.reading) if name in constants.primitives else None
