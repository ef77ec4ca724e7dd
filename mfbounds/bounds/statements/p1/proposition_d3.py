"""Proposition D.3: the empirical law of P independent trajectories.

Sharpened: E||zeta - p||_2 <= 1/sqrt P, and one trajectory moves the norm by at most sqrt 2/P, so by McDiarmid's
inequality ||zeta - p||_2 <= (1 + sqrt(log(1/delta)))/sqrt P with probability 1 - delta.
"""

from __future__ import annotations

import math
from collections.abc import Iterator, Mapping

import numpy as np
import sympy as sp
from flint import arb

from mfbounds.bounds.cases import populations
from mfbounds.bounds.definitions import formula
from mfbounds.bounds.formula import evaluate
from mfbounds.bounds.norms import l2
from mfbounds.bounds.problem import Problem
from mfbounds.bounds.sampled_runs import seed_of
from mfbounds.bounds.statement import Bound, Case, Defect, DefectKind, Quantities, Statement, Tier
from mfbounds.bounds.symbols import delta, epsilon, measured
from mfbounds.simulation.counts import draw_law

e_k = measured("e_k")


def cases(problem: Problem) -> Iterator[Case]:
    """One population step of the optimal policy, at the P that each tier asks for."""
    mu = next(iter(populations(problem, "D.3")))
    for sizes in (Tier.PRINTED, Tier.SHARPENED):
        yield {"mu": mu, "M": 1, "epsilon": 0.01, "delta": 0.05, "P": needed(sizes, 0.01, 0.05), "sizes": sizes.value}


def needed(tier: Tier, accuracy: float, allowed: float) -> int:
    """The smallest P that a tier asks for, an integer that certainly suffices."""
    values = {"epsilon": arb(accuracy), "delta": arb(allowed)}
    return int(evaluate(formula("P_k", tier), values).upper().ceil().unique_fmpz())


def measure(problem: Problem, case: Case) -> Quantities:
    """||zeta - p||_2 for P draws from the law p of one population step."""
    step = problem.population_step(case["mu"], case["M"])
    rng = np.random.default_rng(seed_of(problem, case, "D.3"))
    counts = draw_law(rng, case["P"], step.law / step.law.sum())
    # The draws come from the computed law, so that the distance to that law is what the statement is about.
    return {"e_k": l2(counts / case["P"] - step.law / step.law.sum(), 1e-15)}


def printed_sizes(case: Case) -> bool:
    return bool(case["sizes"] == Tier.PRINTED)


def sharpened_sizes(case: Case) -> bool:
    return bool(case["sizes"] == Tier.SHARPENED)


def facts(problem: Problem) -> Mapping[str, float]:
    """How many times fewer trajectories the sharpened number asks for: it depends on delta alone."""
    return {
        f"P printed / P sharpened at delta = {allowed:g}": 64
        * math.log(2 / allowed)
        / (1 + math.sqrt(math.log(1 / allowed))) ** 2
        for allowed in (0.05, 0.001)
    }


def _bound(tier: Tier) -> Bound:
    return Bound(
        tier=tier,
        left=e_k,
        right=epsilon,
        trivial=sp.sqrt(2),
        where=sharpened_sizes if tier is Tier.SHARPENED else printed_sizes,
        failure=delta,
    )


STATEMENT = Statement(
    id="P1.D.3",
    title="Empirical law of P trajectories",
    source="Appendix D.3, Proposition D.3, (24)",
    claim="With P trajectories the l2 error of a population step is at most epsilon with probability 1 - delta.",
    quantities={"e_k": (r"\|\epsilon_k\|_2", "l2 distance of the empirical law to the law of a trajectory's end")},
    cases=cases,
    measure=measure,
    bounds=tuple(map(_bound, Tier)),
    defects=(
        Defect(
            name="D.3(a)",
            text="The printed proof bounds the mean of ||zeta_p - p||_1, which is of order 1 for each p: no P makes it small. "
            "The statement is true, with about 30 times too many trajectories at delta = .05.",
            kind=DefectKind.PROOF,
        ),
    ),
    facts=facts,
)
