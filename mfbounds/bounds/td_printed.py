"""Inequality (18) of Appendix C.1, literally: the one explicit bound in the printed proof of Theorem 2 (P2)."""

from __future__ import annotations

from collections.abc import Mapping

import numpy as np
from flint import arb

from mfbounds.bounds.dynamic_problem import DynamicProblem
from mfbounds.bounds.dynamic_sums import C
from mfbounds.bounds.formula import evaluate
from mfbounds.bounds.statement import L1, Case, Quantities, Tier
from mfbounds.bounds.td_errors import evaluation
from mfbounds.numbers import Measured


def last_step(problem: DynamicProblem, case: Case) -> Quantities:
    """(18) with eta_m = u/(m+u), u = 2/delta, Q_max = H(1+log|A|) and B_{H-1} of Appendix C.1, C = 5.205 for Lemma 10."""
    values = problem.constants(Tier.PRINTED, L1)
    number, delta = case["M"], evaluation(problem, case["policy"]).limit.delta
    rate = 2.0 / delta
    steps = rate / (np.arange(number) + rate)
    after = np.append(np.cumprod((1.0 - delta * steps)[::-1])[::-1], 1.0)  # after[m] = Pi_m^{M-1}
    top = values["H"] * (1 + values["n_A"].log())
    drifted = values["beta"] ** 2 + values["L_mu"] ** 2 * _crowd(values)
    total = (
        arb(float(after[0]))
        + (1 + 2 * top**2) * arb(float((steps**2 * after[1:]).sum()))
        + 2 * drifted * arb(float((steps * after[1:]).sum()))
    )
    value = float(total.mid())
    return {"last": Measured(value, 1e-12 * number * value)}


def _crowd(values: Mapping[str, arb]) -> arb:
    """B_{H-1} as printed, its geometric sum H at L_pop = 1."""
    square, steps = values["L_pop"] ** 2, values["H"]
    growth = sum((square**j for j in range(int(steps.unique_fmpz()))), arb(0))
    far = steps**2 + 2
    inner = (
        values["D"] / values["N"] + 18 * values["K_mu"] ** 2 * far / values["N"] ** 2 + 2 * far * values["alpha"] ** 2
    )
    return growth * 2 * evaluate(C, {}) * inner * values["D"] + 18 * values["D"] / values["N"] ** 2
