"""The cases of Theorem 2 (P2) on a problem: limits, single steps and samples of TD, what is measured and what bounds it."""

from __future__ import annotations

import math
from collections.abc import Iterator

import numpy as np

from mfbounds.bounds import td_errors
from mfbounds.bounds.dynamic_cases import time_policies
from mfbounds.bounds.dynamic_hypotheses import one_law
from mfbounds.bounds.dynamic_problem import DynamicProblem
from mfbounds.bounds.dynamic_recursions import as_measured, drift
from mfbounds.bounds.dynamic_structure import distance_from_affine
from mfbounds.bounds.statement import L1, Case, Quantities, Tier
from mfbounds.numbers import Measured

POLICIES = 3
FEW = 5  # trajectories: the rate is that of the start
LARGE = 10.0  # in place of the constant of O(.), where nothing else is asked for


def cases(problem: DynamicProblem) -> Iterator[Case]:
    """A few policies: the limit, and each step after few and after M trajectories."""
    for i, (policy, _) in enumerate(zip(time_policies(problem, "T2"), range(POLICIES), strict=False)):
        yield {"policy": policy, "C": LARGE}
        for step in range(problem.game.horizon):
            yield {"policy": policy, "h": step, "pooled": int(i == POLICIES - 1 and problem.game.n_pairs > 1)}
            yield {"policy": policy, "h": step, "c": 2, "M": problem.parameters.M}
            if i == POLICIES - 1:
                yield {"policy": policy, "h": step, "c": 2, "M": FEW}
                yield {"policy": policy, "h": step, "c": problem.game.horizon + 1, "M": problem.parameters.M}


def measure(problem: DynamicProblem, case: Case) -> Quantities:
    """Bias of the limit at a step (or of all steps in the norm of the flow), or mean squared errors after M."""
    found = td_errors.evaluation(problem, case["policy"])
    if "c" in case:
        return _sampled(problem, case)
    gap = found.limit.Q - found.Q
    if "C" in case:
        value = float((found.mu * gap**2).sum())
        return {"bias_mu": Measured(value, 4 * found.error * (found.error + math.sqrt(value * gap.shape[0])))}
    step = case["h"]
    here, visits = gap[step], found.limit.visits[step]
    result = {
        "bias": Measured(math.sqrt(float((visits * here**2).sum())), 2 * found.error),
        "bias_sup": Measured(float(np.abs(here[visits > 0.0]).max()), found.error),
    }
    if case["pooled"] and td_errors.enumerable(problem.game) and one_law(problem, case).holds:
        pooled = td_errors.evaluation(problem, case["policy"], pooled=True)
        off = (pooled.limit.Q - pooled.Q)[step]
        result["bias_pooled"] = Measured(math.sqrt(float((pooled.limit.visits[step] * off**2).sum())), 2 * pooled.error)
    return result


def _sampled(problem: DynamicProblem, case: Case) -> Quantities:
    found, step = td_errors.evaluation(problem, case["policy"]), case["h"]
    moments = td_errors.moments(problem, case["policy"], c=case["c"], M=case["M"])
    visits = found.limit.visits[step]
    gap = (found.limit.Q - found.Q)[step]
    square = moments.square[step] + 2 * moments.mean[step] * gap + gap**2
    top = float(found.Q[step].max()) + 2.0 * float(np.abs(gap).max())
    error = 4 * moments.error * (1 + top) + 4 * found.error * (top + found.error)
    rate = case["c"] / found.limit.delta
    return {
        "variance": Measured(float(moments.square[step][visits > 0.0].max()), moments.error),
        "total_p": Measured(float((visits * square).sum()), error),
        "total_mu": Measured(float((found.mu[step] * square).sum()), error),
        "u": Measured(rate, 1e-11 * rate),
    }


def recursions(problem: DynamicProblem, case: Case) -> Quantities:
    """T_h, A_h and d_h at the step of the case."""
    step = case["h"]
    result = {
        "T_h": td_errors.bias_bound(problem, step),
        "T_ind": td_errors.bias_bound(problem, step, independent=True),
        "T_aff": td_errors.bias_bound(problem, step, independent=True, affine=True) + _off_affine(problem),
        "T_pool": td_errors.bias_bound(problem, step, pooled=True),
        "d_h": drift(problem.constants(Tier.REPAIRED, L1)).d[step],
    }
    if "c" in case:
        result["A_h"] = td_errors.variance_bound(problem, step, case["c"])
    return {name: as_measured(ball) for name, ball in result.items()}


def _off_affine(problem: DynamicProblem) -> float:
    """What rewards are off affine functions of the counts, over all steps: rounding."""
    off = problem.remember("distance from affine", lambda: distance_from_affine(problem))
    return 8 * problem.game.n_players * problem.game.horizon * off if math.isfinite(off) else 0.0


def is_limit(case: Case) -> bool:
    """Whether a case is about all steps of the limit of TD, with a number `C` for the constant of O(.)."""
    return "C" in case


def is_bias(case: Case) -> bool:
    return "h" in case and "c" not in case


def is_pooled(case: Case) -> bool:
    return bool(case.get("pooled"))


def is_sampled(case: Case) -> bool:
    return case.get("c") == 2


def is_slow(case: Case) -> bool:
    return "c" in case and case["c"] > 2


def is_last(case: Case) -> bool:
    return is_sampled(case) and case["h"] == len(case["policy"]) - 1
