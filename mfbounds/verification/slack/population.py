"""Chains of the bounds on the population: C.3, C.5, C.6.

Names say what is replaced: each quantity of a chain is that of the one before with a measured number, or an exact
recursion, replaced by a lemma's bound on it. All are balls, so that every link carries its error.
"""

from __future__ import annotations

from collections.abc import Callable
from dataclasses import dataclass, replace

import numpy as np
from flint import arb

from mfbounds.bounds.norms import l2, sup
from mfbounds.bounds.outer import distance, steps_to_try
from mfbounds.bounds.problem import Problem
from mfbounds.bounds.runs import outer_rounding, outer_run, trpo_level
from mfbounds.bounds.statement import Case, Tier
from mfbounds.bounds.statements.p1.theorem_c5 import LIMITS
from mfbounds.mdp.exploitability import measured_quality
from mfbounds.mdp.population import push
from mfbounds.verification.slack.chain import Balls, Chain, Quantity, at_least_zero, policy_error, square, values_of
from mfbounds.verification.trial import Trial


def _run_case(problem: Problem) -> Case:
    """The run of Algorithm 2 from the game's start, at the largest step admitted."""
    M, parameters = problem.M, problem.parameters
    steps = list(steps_to_try(problem, M, (LIMITS[Tier.REPAIRED], Tier.REPAIRED))) or [0.5]
    return {"mu": problem.game.start, "beta": steps[0], "L": parameters.L[-1], "K": parameters.K, "M": M}


def _step_case(problem: Problem) -> Case:
    case = _run_case(problem)
    return {key: case[key] for key in ("mu", "beta", "M")}


@dataclass(frozen=True)
class Round:
    """What one outer iteration is really off by.

    Attributes:
        law: l2 distance of the population step with TRPO's policy to F_M(mu).
        policy: largest l1 distance of TRPO's policy to the optimal one.
        gap: largest value gap of TRPO's policy.
    """

    law: arb
    policy: arb
    gap: arb


def rounds(problem: Problem, case: Case) -> list[Round]:
    """The errors of the outer iterations of a case's run."""
    path = outer_run(problem, case["mu"], L=case["L"], K=case["K"], beta=case["beta"], M=case["M"])
    return [_round(problem, case, mu) for mu in path[: case["K"]]]


def _round(problem: Problem, case: Case, mu: np.ndarray) -> Round:
    level, step = trpo_level(problem, mu, case["L"]), problem.population_step(mu, case["M"])
    reached = push(problem.frozen(mu), level.policy, mu, case["M"])
    rounding = outer_rounding(problem, case["L"], 1) * (case["M"] if np.isfinite(case["M"]) else 1)
    return Round(
        law=at_least_zero(l2(reached - step.law, step.error_l1 + rounding)),
        policy=at_least_zero(policy_error(problem, mu, case["L"])),
        gap=at_least_zero(sup(level.gaps, level.error)),
    )


def _largest(values: list[arb]) -> arb:
    best = values[0]
    for value in values[1:]:
        best = best.max(value)
    return best


def _recursion(start: arb, errors: list[arb], step: Callable[[arb, arb], arb]) -> arb:
    """x_k = step(x_(k-1), e_k): positive coefficients only, so the largest errors give the largest x."""
    now = start
    for error in errors:
        now = step(now, error)
    return now


def _c5_repaired(problem: Problem, trial: Trial) -> list[Quantity]:
    v, run = values_of(trial), rounds(problem, trial.case)
    tau, b, start, errors = v["tau"], v["beta"], v["d_0"], [r.law for r in run]
    shrink = 1 - tau * b / 2

    def contracted(x: arb, e: arb) -> arb:
        return (1 - tau * b).sqrt() * x + b * e

    def young(x: arb, e: arb) -> arb:
        return shrink * x + 2 * b / tau * shrink * e**2

    left_over = shrink ** len(run) * square(start)
    scale = 4 / tau**2
    law = v["kappa_A"] * v["Sigma_M"] / arb(2).sqrt()
    return [
        ("C.3: contraction", square(_recursion(start, errors, contracted))),
        ("Young", _recursion(square(start), errors, young)),
        ("geometric sum, worst error", left_over + scale * square(_largest(errors))),
        ("E.1: law from policy", left_over + scale * square(law * _largest([r.policy for r in run]))),
        ("E.2: policy from gap", left_over + scale * law**2 * 2 / v["eta"] * _largest([r.gap for r in run])),
        ("C.1: gap", left_over + scale * law**2 * 2 / v["eta"] * v["B"]),
    ]


def _c5_norm(problem: Problem, trial: Trial) -> list[Quantity]:
    v, run = values_of(trial), rounds(problem, trial.case)
    tau, b, start, errors = v["tau"], v["beta"], v["d_0"], [r.law for r in run]
    shrink = 1 - tau * b / 2
    product = shrink ** len(run)
    law = v["kappa_A"] * v["Sigma_M"] / arb(2).sqrt()

    def summed(error: arb) -> arb:
        return product * start + 2 / tau * (1 - product) * error

    return [
        ("C.3: contraction", _recursion(start, errors, lambda x, e: (1 - tau * b).sqrt() * x + b * e)),
        ("sqrt(1-x) <= 1-x/2", _recursion(start, errors, lambda x, e: shrink * x + b * e)),
        ("geometric sum, worst error", summed(_largest(errors))),
        ("E.1: law from policy", summed(law * _largest([r.policy for r in run]))),
        ("C.2: policy error", summed(law * v["E_pi"])),
    ]


def _c5_contraction(problem: Problem, trial: Trial) -> list[Quantity]:
    v, run = values_of(trial), rounds(problem, trial.case)
    b, start, errors, margin = v["beta"], v["d_0"], [r.law for r in run], 1 - v["K_F"]
    left_over = (1 - margin * b) ** len(run) * start
    law = v["kappa_A"] * v["Sigma_M"] / arb(2).sqrt()
    return [
        ("E.6: Lipschitz step", _recursion(start, errors, lambda x, e: (1 - margin * b) * x + b * e)),
        ("geometric sum, worst error", left_over + _largest(errors) / margin),
        ("E.1: law from policy", left_over + law * _largest([r.policy for r in run]) / margin),
        ("C.2: policy error", left_over + law * v["E_pi"] / margin),
    ]


def _c6(problem: Problem, trial: Trial) -> list[Quantity]:
    v, case = values_of(trial), trial.case
    path = outer_run(problem, case["mu"], L=case["L"], K=case["K"], beta=case["beta"], M=case["M"])
    mu, rounding = path[case["K"]], outer_rounding(problem, case["L"], case["K"])
    level = trpo_level(problem, mu, case["L"])
    gap = at_least_zero(measured_quality(problem.game, level.policy, mu))
    apart = at_least_zero(distance(problem, mu, case["M"], rounding))
    policy = at_least_zero(policy_error(problem, mu, case["L"]))
    assert trial.measured is not None
    law = v["kappa_A"] * v["Sigma_inf"] / arb(2).sqrt()
    moved = 1 + (v["kappa_A"] * v["K_pi"] + v["L_P"]) * v["Sigma_inf"] / arb(2).sqrt()
    repaired = trial.bound.tier is Tier.REPAIRED
    last = (_c5_repaired if repaired else _c5_norm)(problem, _as_c5(trial, v))[-1][1]
    reached = last.sqrt() if repaired else last
    return [
        ("E.5: gap and inconsistency", gap + v["C_phi"] * trial.measured["d_inc"].ball),
        ("E.1, E.4: inconsistency", gap + v["C_phi"] * (moved * apart + law * policy)),
        ("C.5: distance", gap + v["C_phi"] * (moved * reached + law * policy)),
        ("C.2: policy error", gap + v["C_phi"] * (moved * reached + law * v["E_pi"])),
        ("C.1: gap", v["B"] + v["C_phi"] * (moved * reached + law * v["E_pi"])),
    ]


def _as_c5(trial: Trial, values: Balls) -> Trial:
    return replace(trial, values=values)


def _c3_repaired(problem: Problem, trial: Trial) -> list[Quantity]:
    """The exact square, then A-2 for the inner product, K_F for the square of the image, and the choice of the step."""
    v, case = values_of(trial), trial.case
    M, mu = case["M"], case["mu"]
    assert trial.measured is not None
    step, star = problem.population_step(mu, M), problem.equilibrium(M)
    apart = distance(problem, mu, M)
    image = l2(step.law - star.mu, step.error_l1 + apart.error + star.residual).ball
    b, d, tau = v["beta"], v["d_0"], v["tau"]
    free = (square(1 - b) + 2 * b * (1 - b) * (1 - tau)) * square(d)
    return [
        ("A-2: inner product", free + square(b * image)),
        ("E.6: Lipschitz constant", free + square(b * v["K_F"] * d)),
        ("choice of the step", (1 - tau * b) * square(d)),
    ]


CHAINS = (
    Chain(statement="P1.C.3", bound="repaired", case=_step_case, quantities=_c3_repaired),
    Chain(statement="P1.C.5", bound="repaired", case=_run_case, quantities=_c5_repaired),
    Chain(statement="P1.C.5", bound="sharpened / norm", case=_run_case, quantities=_c5_norm),
    Chain(statement="P1.C.5", bound="sharpened / contraction", case=_run_case, quantities=_c5_contraction),
    Chain(statement="P1.C.6", bound="repaired", case=_run_case, quantities=_c6),
    Chain(statement="P1.C.6", bound="sharpened", case=_run_case, quantities=_c6),
)
