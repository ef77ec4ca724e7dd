"""Lemma 8: power sums between integrals. It speaks of numbers only; the cases are drawn with the game's seed."""

from __future__ import annotations

from collections.abc import Iterator

import sympy as sp
from flint import arb

from mfbounds.bounds.dynamic_problem import DynamicProblem
from mfbounds.bounds.dynamic_recursions import as_measured
from mfbounds.bounds.statement import Bound, Case, Quantities, Statement, Tier
from mfbounds.bounds.symbols import measured

total, s, s_bar = map(measured, ("total", "s", "s_bar"))
p = measured("p", signed=True)

INTEGRAL = (s ** (p + 1) - s_bar ** (p + 1)) / (p + 1)
LOG = sp.log(s) - sp.log(s_bar)
MOST = (s - s_bar + 1) * sp.Max(s**p, s_bar**p)  # as many terms, each the largest


def cases(problem: DynamicProblem) -> Iterator[Case]:
    """1 <= s_bar < s and exponents: -1, above 0, below 0 on both sides of -1."""
    rng = problem.rng("8")
    for exponent in (-1.0, 0.5, 2.0, -0.5, -1.5, -2.0):
        first = int(rng.integers(1, 20))
        yield {"s_bar": first, "s": first + int(rng.integers(1, 60)), "p": exponent}


def measure(problem: DynamicProblem, case: Case) -> Quantities:
    """The sum of n^p over n = s_bar..s, in ball arithmetic."""
    terms = (arb(n) ** arb(case["p"]) for n in range(case["s_bar"], case["s"] + 1))
    return {"total": as_measured(sum(terms, arb(0)))}


def _harmonic(case: Case) -> bool:
    return bool(case["p"] == -1.0)


def _rising(case: Case) -> bool:
    return bool(case["p"] >= 0.0)


def _falling(case: Case) -> bool:
    return bool(case["p"] <= 0.0 and case["p"] != -1.0)


STATEMENT = Statement(
    id="P2.L.8",
    title="Power sums lie between integrals",
    source="Appendix A, Lemma 8",
    claim="A sum of n^p from s_bar to s is the integral of x^p plus something between the first and the last term.",
    quantities={
        "total": (r"\sum_{n=\bar s}^s n^p", "the sum"),
        "s": (r"s", "last summand"),
        "s_bar": (r"\bar s", "first summand"),
        "p": (r"p", "exponent"),
    },
    cases=cases,
    measure=measure,
    bounds=tuple(
        bound
        for form, where, integral, low, high in (
            ("p = -1", _harmonic, LOG, 1 / s, 1 / s_bar),
            ("p >= 0", _rising, INTEGRAL, s_bar**p, s**p),
            ("p <= 0", _falling, INTEGRAL, s**p, s_bar**p),
        )
        for bound in (
            Bound(
                tier=Tier.PRINTED, form=f"{form}, below", left=integral + low, right=total, trivial=MOST, where=where
            ),
            Bound(
                tier=Tier.PRINTED, form=f"{form}, above", left=total, right=integral + high, trivial=MOST, where=where
            ),
        )
    ),
    aliases=("P2.L8", "P2.Lemma 8"),
)
