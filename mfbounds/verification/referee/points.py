"""Values of a formula at made-up numbers: no game, only symbols, so that each can be sent to its limit alone."""

from __future__ import annotations

from collections.abc import Mapping
from dataclasses import dataclass, field
from functools import cache
from types import MappingProxyType

import sympy as sp
from flint import arb, fmpq

from mfbounds.bounds.constants import ConstantSet
from mfbounds.bounds.definitions import L_DEPENDENT, formula
from mfbounds.bounds.formula import evaluate, symbols_of
from mfbounds.bounds.outer import monotone
from mfbounds.bounds.statement import L1, Bound, Tier
from mfbounds.numbers import Constant, Provenance

# Plain numbers without a common factor: no accidental cancellation, and every hypothesis on ranges is met.
PRIMITIVES: Mapping[str, fmpq] = MappingProxyType(
    {
        "R": fmpq(3, 2), "eta": fmpq(4, 3), "gamma": fmpq(3, 5), "n_S": fmpq(5), "n_A": fmpq(3), "L_r": fmpq(1, 21),
        "L_P": fmpq(1, 50), "L_P_entry": fmpq(1, 110), "L_r1": fmpq(1, 39), "L_P1": fmpq(1, 90), "kappa_A": fmpq(1, 15),
        "n": fmpq(1), "q": fmpq(1, 4), "M": fmpq(4), "nu_min": fmpq(1, 20), "C_TRPO_0_prime": fmpq(7, 4),
        "C_TRPO_1_prime": fmpq(5, 2),
    }
)  # fmt: skip
RUN: Mapping[str, fmpq] = MappingProxyType(
    {
        "L": fmpq(7), "K": fmpq(9), "I": fmpq(10**6), "T": fmpq(20), "P": fmpq(10**6), "beta": fmpq(1, 10),
        "epsilon": fmpq(1, 100), "delta": fmpq(1, 20), "C_nu": fmpq(9), "D": fmpq(11), "D2": fmpq(8),
        "tau": fmpq(3, 5), "C_op": fmpq(2, 5),
    }
)  # fmt: skip
MEASURED = fmpq(1, 8)  # any quantity that a statement measures, but an accuracy that is asked for
ASKED: Mapping[str, fmpq] = MappingProxyType({"eps": fmpq(1, 1000)})


@dataclass(frozen=True)
class Point:
    """Numbers for all symbols: `changed` ones, and plain ones for the others."""

    changed: Mapping[str, arb] = field(default_factory=dict)
    _known: dict[Tier, dict[str, arb]] = field(default_factory=dict, repr=False, compare=False)

    def right(self, bound: Bound) -> arb:
        """The right side of an inequality here."""
        return self.value(sp.sympify(bound.right), bound)

    def value(self, expression: sp.Expr, bound: Bound) -> arb:
        """A formula of an inequality here."""
        values = self.constants(bound.tier)
        given = ("C_op", "tau") if bound.extra is monotone else ()
        values |= {name: self._number(name) for name in symbols_of(expression) if name not in values or name in given}
        values |= {name: self._number(name) for name in RUN if name not in values}
        for name in set(symbols_of(expression)) & set(L_DEPENDENT):
            values[name] = evaluate(formula(name, bound.tier), values)
        return evaluate(expression, values)

    def constants(self, tier: Tier) -> dict[str, arb]:
        """The constants of a tier here."""
        if tier not in self._known:
            self._known[tier] = self._derived(tier)
        return dict(self._known[tier])

    def _derived(self, tier: Tier) -> dict[str, arb]:
        primitives = {name: self._number(name) for name in PRIMITIVES}
        none = dict.fromkeys(("C_op_linear", "K_F_linear"), arb.pos_inf())
        return _shapes(bool(primitives["M"] == arb.pos_inf())).derived(tier, L1, {**primitives, **none})

    def _number(self, name: str) -> arb:
        if name in self.changed:
            return self.changed[name]
        known = {**ASKED, **RUN, **PRIMITIVES}
        return arb(known.get(name, MEASURED))


@cache
def _shapes(endless: bool) -> ConstantSet:
    """Which form each constant's formula takes, for finite M or for M = infinity."""
    q = Constant(value=0.5, provenance=Provenance.DECLARED, argument="made up")
    return ConstantSet(primitives={"q": q}, M=float("inf") if endless else 4)
