"""Lemma 6: means of a vector function under two laws, checked on the rows of the induced kernel as the proofs use it."""

from __future__ import annotations

from collections.abc import Iterator
from itertools import islice

import numpy as np
import sympy as sp

from mfbounds.bounds.dynamic_cases import pair_laws
from mfbounds.bounds.dynamic_problem import DynamicProblem
from mfbounds.bounds.norms import UNIT, l1
from mfbounds.bounds.statement import Bound, Case, Quantities, Statement, Tier
from mfbounds.bounds.symbols import measured
from mfbounds.numbers import Measured

d_mean, d_mu, lambda_g = map(measured, ("d_mean", "d_mu", "lambda_g"))


def cases(problem: DynamicProblem) -> Iterator[Case]:
    """Pairs of populations; two vertices, where the bound may be attained, are left out."""
    if problem.game.n_states == 1 or problem.game.n_pairs == 2:
        return  # all rows are equal, or there are two, and the bound is an equality
    for mu, other in islice(pair_laws(problem, "6"), 1, None):
        yield {"mu": mu, "mu_2": other}


def measure(problem: DynamicProblem, case: Case) -> Quantities:
    """g(e) = P(.|e, mu), the rows of the kernel at one population."""
    mu, other = case["mu"].ravel(), case["mu_2"].ravel()
    rows = problem.induced.kernel_at(case["mu"]).reshape(len(mu), -1)
    spread = max(float(np.abs(rows - row).sum(axis=1).max()) for row in rows)
    rounding = 4 * rows.size * UNIT
    return {
        "d_mean": l1((mu - other) @ rows, rounding),
        "d_mu": l1(mu - other, rounding),
        "lambda_g": Measured(spread, rounding),
    }


STATEMENT = Statement(
    id="P2.L.6",
    title="Means of a vector function under two laws",
    source="Appendix A, Lemma 6",
    claim="The means of g under two laws differ by at most half the diameter of g times the l1 distance of the laws.",
    quantities={
        "d_mean": (r"\|\sum_e g(e)(\mu(e)-\nu(e))\|_1", "l1 distance of the means"),
        "d_mu": (r"\|\mu-\nu\|_1", "l1 distance of the laws"),
        "lambda_g": (r"\lambda_g", "largest l1 distance of two values of g"),
    },
    cases=cases,
    measure=measure,
    bounds=(Bound(tier=Tier.PRINTED, left=d_mean, right=lambda_g / 2 * d_mu, trivial=sp.Integer(2)),),
    aliases=("P2.L6", "P2.Lemma 6"),
)
