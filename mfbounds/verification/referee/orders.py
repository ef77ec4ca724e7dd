"""Orders: the exponents of a bound in its numbers, by tier, and the plan's against what the paper claims.

The exponent in a number is the slope of log(bound) over log(number) far out, all other symbols at plain numbers;
logarithms and floors of order 1 have slope 0. Far out means 10^+-40 against 10^+-80 in ball arithmetic.
"""

from __future__ import annotations

from collections.abc import Mapping
from functools import cache
from types import MappingProxyType

import sympy as sp
from flint import arb, ctx

from mfbounds.bounds.formula import symbols_of
from mfbounds.bounds.planning_orders import PAPER, orders
from mfbounds.bounds.statement import Bound, Statement, Tier
from mfbounds.bounds.statements.p1.remark_c7 import exponent
from mfbounds.bounds.statements.p1.theorem_c5 import lipschitz
from mfbounds.numbers import PRECISION, log10
from mfbounds.verification.referee.findings import Check, Finding, Weight
from mfbounds.verification.referee.points import Point

NEAR, NEARER = 40, 80
# gamma as close to 1 as 128 bits resolve exactly; powers of two, so that 1 - gamma carries no rounding.
CLOSE, CLOSER = 30, 60
NUMBERS: Mapping[str, str] = MappingProxyType(
    {"n_S": "|S|", "n_A": "|A|", "L": "L", "eta": "1/eta", "gamma": "1/(1-gamma)", "epsilon": "1/epsilon"}
)
CLAIMED_L = {Tier.PRINTED: 2, Tier.REPAIRED: 2, Tier.SHARPENED: 1}  # Remark C.7, L in 1/epsilon


@cache
def exponents(bound: Bound) -> Mapping[str, float]:
    """The exponents of the right side in |S|, |A|, L, 1/eta, 1/(1-gamma) and 1/epsilon, to two digits; 0s left out."""
    right = sp.sympify(bound.right)
    found = {label: _slope(right, bound, name) for name, label in NUMBERS.items()} if not right.is_number else {}
    return MappingProxyType({label: value for label, value in found.items() if value})


def _slope(right: sp.Expr, bound: Bound, name: str) -> float:
    points = _points(name)
    if lipschitz in bound.hypotheses and not points[0].constants(bound.tier)["K_F"] < 1:
        return 0.0  # nothing is claimed there
    near, nearer = (point.value(right, bound) for point in points)
    if not (near > 0 and nearer > 0 and near.is_finite() and nearer.is_finite()):
        return 0.0
    rise = log10(nearer) - log10(near)
    apart = (CLOSER - CLOSE) * float(arb(2).log() / arb(10).log()) if name == "gamma" else NEARER - NEAR
    slope = rise / apart
    return round(slope * 2) / 2 + 0.0 if abs(slope * 2 - round(slope * 2)) < 0.2 else round(slope, 2)


@cache
def _points(name: str) -> tuple[Point, Point]:
    near, nearer = _far_out(name)
    return Point({name: near}), Point({name: nearer})


def _far_out(name: str) -> tuple[arb, arb]:
    with ctx.workprec(PRECISION):
        if name == "gamma":
            return 1 - arb(2) ** -CLOSE, 1 - arb(2) ** -CLOSER
        sign = -1 if name in ("eta", "epsilon") else 1
        return arb(10) ** (sign * NEAR), arb(10) ** (sign * NEARER)


def told(bound: Bound) -> str:
    """The exponents in one line: ``|A|^2 L^-1 1/eta^2``."""
    return " ".join(label if value == 1 else f"{label}^{value:g}" for label, value in exponents(bound).items())


def check_bound(statement: Statement, bound: Bound) -> list[Finding]:
    """A remark where a proved bound grows faster in a number than the printed one of the same form."""
    printed = [b for b in statement.bounds if b.tier is Tier.PRINTED and b.left == bound.left]
    if bound.tier is Tier.PRINTED or not printed:
        return []
    before, now = exponents(printed[-1]), exponents(bound)
    worse = [label for label in now if label != "L" and now[label] > before.get(label, 0.0)]
    if not worse or set(symbols_of(bound.right)) == set(symbols_of(printed[-1].right)):
        return []
    text = ", ".join(f"{label}^{now[label]:g} where the printed one has {before.get(label, 0.0):g}" for label in worse)
    return [_finding(statement.id, bound.tier, bound.key, f"grows like {text}", Weight.REMARK)]


def check_claims(statement: Statement, tier: Tier) -> list[Finding]:
    """The exponents of 1/epsilon that Remarks C.7 and D.7 claim, against those that the formulas give."""
    if statement.id == "P1.C.7" and exponent(tier) != CLAIMED_L[tier]:
        return [_finding("P1.C.7", tier, "L", f"L grows like 1/epsilon^{exponent(tier)}, claimed {CLAIMED_L[tier]}")]
    if statement.id != "P1.D.7" or tier is not Tier.PRINTED:
        return []
    return [
        _finding("P1.D.7", tier, name, f"{name} grows like 1/epsilon^{orders(tier)[name]}, the paper says {claimed}")
        for name, claimed in PAPER.items()
        if orders(tier)[name] > claimed
    ]


def _finding(statement: str, tier: Tier, place: str, text: str, weight: Weight = Weight.MISTAKE) -> Finding:
    return Finding(check=Check.ORDERS, statement=statement, tier=tier, place=place, text=text, weight=weight)
