"""How each planned number grows as epsilon shrinks: exponents p of 1/epsilon, derived from the formulas.

With u = log(1/epsilon) a number n = epsilon^-p is exp(p u). A term of the bound then decays like exp(-rate u), and the
rate is the limit of log(term)/u, which is linear in the exponents. The exponent of a number is the one at which its
term decays like epsilon. Logarithmic factors have rate 0: the orders are those of O~.
"""

from __future__ import annotations

from collections.abc import Mapping
from functools import cache
from types import MappingProxyType

import sympy as sp

from mfbounds.bounds.definitions import formula
from mfbounds.bounds.statement import Tier
from mfbounds.bounds.statements.p1.remark_c7 import exponent
from mfbounds.bounds.symbols import I, K, L, P, T, beta, epsilon, tau

_u = sp.Symbol("u", positive=True)
PAPER: Mapping[str, int] = MappingProxyType({"L": 2, "K": 0, "I": 4, "P": 4, "trpo": 6, "population": 2, "total": 6})


@cache
def orders(tier: Tier) -> Mapping[str, sp.Rational]:
    """Exponents of 1/epsilon in a tier: exact_L; L, K, I, T, P; trpo, population and total oracle calls.

    Example:
        >>> [int(orders(Tier(name))["total"]) for name in ("printed", "repaired", "sharpened")]
        [6, 6, 4]
    """
    found = {"exact_L": exponent(tier), **(_printed() if tier is Tier.PRINTED else _proved(tier))}
    calls = {"trpo": found["L"] + found["I"] + found["K"], "population": found["P"] + found["K"]}
    return MappingProxyType({**found, **calls, "total": max(calls.values())})


def _proved(tier: Tier) -> dict[str, sp.Rational]:
    lead = sp.sqrt(formula("B_lead", tier))  # the gap enters through the policy's error, its root
    noise = sp.sqrt(formula("N_M" if tier is Tier.SHARPENED else "N_I", tier))
    p_L = _solve(lead, L, {})
    return {
        "L": p_L,
        "K": _solve_rounds((1 - tau * beta / 2) ** K),
        "I": _solve(noise, I, {L: p_L}),
        "T": _solve_rounds(sp.sqrt(formula("bias", tier)), T),
        "P": _solve(formula("e_P", tier), P, {}),
    }


def _printed() -> dict[str, sp.Rational]:
    """The inner accuracy of D.2 and D.4 enters as its root, so it is a power of epsilon itself."""
    gap = formula("B_avg", Tier.PRINTED)
    p_inner = -_solve(sp.sqrt(gap.subs(sp.log(L), 0)), epsilon, {})
    numbers = {name: _rate(formula(source, Tier.PRINTED), {epsilon: -p_inner}) for name, source in _ASKED.items()}
    return {
        "L": _solve(sp.sqrt(gap.subs(epsilon, 0)), L, {}),
        "K": _solve_rounds(sp.exp(-tau / 2 * K * beta)),
        **numbers,
        "T": sp.Integer(0),
    }


_ASKED = {"I": "I_l", "P": "P_k"}


def _solve(term: sp.Expr, number: sp.Symbol, known: Mapping[sp.Symbol, sp.Rational]) -> sp.Rational:
    """p such that the term decays like epsilon at number = epsilon^-p, the other numbers growing as given."""
    at_1, at_2 = (_rate(term, {**known, number: sp.Integer(p)}) for p in (1, 2))
    return sp.nsimplify(1 + (-1 - at_1) / (at_2 - at_1))


def _solve_rounds(term: sp.Expr, number: sp.Symbol = K) -> sp.Rational:
    """0 for a term that decays geometrically in the number: log(1/epsilon) of it suffices."""
    fixed = _numbers(term, {number})
    speed = sp.limit(sp.log(term.subs(fixed)) / number, number, sp.oo)
    if not speed < 0:
        raise ValueError(f"{term} does not decay geometrically in {number}")
    return sp.Integer(0)


def _rate(term: sp.Expr, powers: Mapping[sp.Symbol, sp.Rational]) -> sp.Rational:
    """The limit of log(term)/u with each number at exp(p u), all other symbols at positive constants."""
    grown = {symbol: sp.exp(p * _u) for symbol, p in powers.items()}
    return sp.limit(sp.log(term.subs(_numbers(term, set(powers))).subs(grown)) / _u, _u, sp.oo)


def _numbers(term: sp.Expr, free: set[sp.Symbol]) -> dict[sp.Symbol, sp.Rational]:
    small = {"gamma", "delta", "tau", "beta"}
    return {s: sp.Rational(1, 2) if s.name in small else sp.Integer(3) for s in term.free_symbols - free}
