"""Remark C.7: how L grows with 1/epsilon for an epsilon-equilibrium.

The exponent p of L = O~(epsilon^-p) is read off the formula of Corollary C.6 in each tier as the limit of
-log L/log epsilon(L) with mu_k at its floor. Printed: 2. The sharpened policy error is O(1/L), so 1 suffices.
"""

from __future__ import annotations

from collections.abc import Iterator
from functools import cache

import sympy as sp

from mfbounds.bounds.definitions import formula
from mfbounds.bounds.problem import Problem
from mfbounds.bounds.statement import Bound, Case, Defect, DefectKind, Quantities, Statement, Tier
from mfbounds.bounds.symbols import L, measured
from mfbounds.numbers import Measured

p_printed, p_repaired, p_sharpened = map(measured, ("p_printed", "p_repaired", "p_sharpened"))


def cases(problem: Problem) -> Iterator[Case]:
    """One case: the exponents do not depend on the numbers of the game."""
    yield {"n_states": problem.game.n_states}


def measure(problem: Problem, case: Case) -> Quantities:
    """The exponents of 1/epsilon in L, exact rationals."""
    return {f"p_{tier.value}": Measured(float(exponent(tier))) for tier in Tier}


@cache
def exponent(tier: Tier) -> sp.Rational:
    """p with L = O~(epsilon^-p), from the terms of C.6 that depend on L, all other symbols being positive constants."""
    gap = _in_L(formula("B", tier))
    error = sp.sqrt(gap) if tier is Tier.PRINTED else _in_L(formula("E_pi", tier))
    rates = [sp.limit(sp.log(term) / sp.log(L), L, sp.oo) for term in (gap, error)]
    return sp.nsimplify(-1 / max(rates))


def _in_L(expression: sp.Expr) -> sp.Expr:
    """The dominant branch of every minimum for large L, with all symbols but L set to 1 or, in [0, 1), to 1/2."""
    values = {s: sp.Rational(1, 2) if s.name == "gamma" else sp.Integer(2) for s in expression.free_symbols if s != L}
    number = expression.subs(values)
    return number.replace(sp.Min, lambda *branches: min(branches, key=lambda e: sp.N(e.subs(L, 10**12))))


STATEMENT = Statement(
    id="P1.C.7",
    title="Inner iterations for an epsilon-equilibrium",
    source="Appendix C.2, Remark C.7",
    claim="L of order 1/epsilon^2 and K of order log(1/epsilon) suffice, up to logarithms.",
    quantities={
        "p_printed": (r"p", "exponent of 1/epsilon in L by the printed C.6"),
        "p_repaired": (r"p'", "exponent of 1/epsilon in L by the repaired C.6"),
        "p_sharpened": (r"p''", "exponent of 1/epsilon in L by the sharpened C.6"),
    },
    cases=cases,
    measure=measure,
    bounds=(
        Bound(tier=Tier.PRINTED, left=p_printed, right=sp.Integer(2), trivial=sp.oo),
        Bound(tier=Tier.REPAIRED, left=p_repaired, right=sp.Integer(2), trivial=sp.oo),
        Bound(tier=Tier.SHARPENED, left=p_sharpened, right=sp.Integer(1), trivial=sp.oo),
    ),
    defects=(
        Defect(
            name="C.7(a)",
            text="True as an order, twice the exponent that is needed: L of order 1/epsilon suffices (sharpened).",
            kind=DefectKind.LOOSE,
        ),
    ),
    rests_on=("P1.C.6",),
)
