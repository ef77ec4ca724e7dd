"""The chains of inequalities from the left side of a bound to its right side, quantity by quantity.

Names say what is replaced: each quantity of a chain is that of the one before with a measured number, or an exact
recursion, replaced by a lemma's bound on it. All are balls, so that every link carries its error.
"""

from __future__ import annotations

from collections.abc import Callable, Iterator, Mapping
from dataclasses import dataclass, replace

import numpy as np
from flint import arb

from mfbounds.bounds.cases import population_pairs
from mfbounds.bounds.definitions import formula
from mfbounds.bounds.formula import evaluate
from mfbounds.bounds.norms import l2, row_l1, sup
from mfbounds.bounds.outer import distance, steps_to_try
from mfbounds.bounds.problem import Problem
from mfbounds.bounds.runs import outer_rounding, outer_run, trpo_level
from mfbounds.bounds.statement import Case, Tier
from mfbounds.bounds.statements.p1.theorem_c5 import LIMITS
from mfbounds.mdp.exploitability import measured_quality
from mfbounds.mdp.occupation import frozen_occupation
from mfbounds.mdp.population import push
from mfbounds.numbers import Measured
from mfbounds.verification.trial import Trial

Quantity = tuple[str, arb]  # the link that leads to it, and its value
Balls = Mapping[str, arb]


@dataclass(frozen=True, kw_only=True)
class Chain:
    """The chain of one bound: how a case is made, and the quantities after the left side."""

    statement: str
    bound: str
    case: Callable[[Problem], Case]
    quantities: Callable[[Problem, Trial], list[Quantity]]


def _values(trial: Trial) -> Balls:
    assert trial.values is not None
    return trial.values


def _run_case(problem: Problem) -> Case:
    """The run of Algorithm 2 from the game's start, at the largest step admitted."""
    M, parameters = problem.M, problem.parameters
    steps = list(steps_to_try(problem, M, (LIMITS[Tier.REPAIRED], Tier.REPAIRED))) or [0.5]
    return {"mu": problem.game.start, "beta": steps[0], "L": parameters.L[-1], "K": parameters.K, "M": M}


def _fixed_case(problem: Problem) -> Case:
    return {"mu": problem.game.start, "L": problem.parameters.L[-1]}


def _step_case(problem: Problem) -> Case:
    case = _run_case(problem)
    return {key: case[key] for key in ("mu", "beta", "M")}


def _pair_case(problem: Problem) -> Case:
    mu, mu_2 = next(iter(population_pairs(problem, "E.4")))
    return {"mu": mu, "mu_2": mu_2}


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
        law=_at_least_zero(l2(reached - step.law, step.error_l1 + rounding)),
        policy=_at_least_zero(_policy_error(problem, case, mu)),
        gap=_at_least_zero(sup(level.gaps, level.error)),
    )


def _policy_error(problem: Problem, case: Case, mu: np.ndarray) -> Measured:
    level, optimum = trpo_level(problem, mu, case["L"]), problem.optimum(mu)
    error = optimum.policy_error + level.drift / problem.game.eta + 1e-15
    return sup(row_l1(level.policy, optimum.policy), error)


def _at_least_zero(quantity: Measured) -> arb:
    return quantity.ball.nonnegative_part()


def _largest(values: list[arb]) -> arb:
    best = values[0]
    for value in values[1:]:
        best = best.max(value)
    return best


def _square(x: arb) -> arb:
    """flint's own power is undefined on balls that contain 0."""
    return (x * x).nonnegative_part()


def _recursion(start: arb, errors: list[arb], step: Callable[[arb, arb], arb]) -> arb:
    """x_k = step(x_(k-1), e_k): positive coefficients only, so the largest errors give the largest x."""
    now = start
    for error in errors:
        now = step(now, error)
    return now


def _c5_repaired(problem: Problem, trial: Trial) -> list[Quantity]:
    v, run = _with_B(trial), rounds(problem, trial.case)
    tau, b, start, errors = v["tau"], v["beta"], v["d_0"], [r.law for r in run]
    shrink = 1 - tau * b / 2

    def contracted(x: arb, e: arb) -> arb:
        return (1 - tau * b).sqrt() * x + b * e

    def young(x: arb, e: arb) -> arb:
        return shrink * x + 2 * b / tau * shrink * e**2

    left_over = shrink ** len(run) * _square(start)
    scale = 4 / tau**2
    law = v["kappa_A"] * v["Sigma_M"] / arb(2).sqrt()
    return [
        ("C.3: contraction", _square(_recursion(start, errors, contracted))),
        ("Young", _recursion(_square(start), errors, young)),
        ("geometric sum, worst error", left_over + scale * _square(_largest(errors))),
        ("E.1: law from policy", left_over + scale * _square(law * _largest([r.policy for r in run]))),
        ("E.2: policy from gap", left_over + scale * law**2 * 2 / v["eta"] * _largest([r.gap for r in run])),
        ("C.1: gap", left_over + scale * law**2 * 2 / v["eta"] * v["B"]),
    ]


def _with_B(trial: Trial) -> Balls:
    """The values, with B and E_pi in the bound's tier."""
    values = dict(_values(trial))
    return values | {name: evaluate(formula(name, trial.bound.tier), values) for name in ("B", "E_pi")}


def _c5_norm(problem: Problem, trial: Trial) -> list[Quantity]:
    v, run = _with_B(trial), rounds(problem, trial.case)
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
    v, run = _with_B(trial), rounds(problem, trial.case)
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
    v, case = _with_B(trial), trial.case
    path = outer_run(problem, case["mu"], L=case["L"], K=case["K"], beta=case["beta"], M=case["M"])
    mu, rounding = path[case["K"]], outer_rounding(problem, case["L"], case["K"])
    level = trpo_level(problem, mu, case["L"])
    gap = _at_least_zero(measured_quality(problem.game, level.policy, mu))
    apart = _at_least_zero(distance(problem, mu, case["M"], rounding))
    policy = _at_least_zero(_policy_error(problem, case, mu))
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


def _c1_repaired(problem: Problem, trial: Trial) -> list[Quantity]:
    """At the worst state: the average over the iterates, the telescope with its measured terms, then their bounds."""
    v, case = _with_B(trial), trial.case
    frozen, optimum = problem.frozen(case["mu"]), problem.optimum(case["mu"])
    worst = int(np.argmax(trpo_level(problem, case["mu"], case["L"]).gaps))
    gaps, spans = [], []
    for step in range(case["L"] + 1):
        level = trpo_level(problem, case["mu"], step)
        gaps.append(arb(float(level.gaps[worst]), level.error))
        spans.append(level.span.ball)
    law = frozen_occupation(frozen, optimum.policy, np.eye(frozen.n_states)[worst])
    entropy = (optimum.policy * np.where(optimum.policy > 0, optimum.log_policy, 0.0)).sum(axis=1)
    KL_0 = arb(float(law @ entropy) + float(np.log(frozen.n_actions)), 1e-12 * (1 + float(np.abs(entropy).max())))
    per_round = (1 - v["gamma"]) * (v["L"] + 1)

    def telescope(start: arb, widths: list[arb]) -> arb:
        return (
            v["eta"] * start + _sum(_square(width) / (8 * v["eta"] * (step + 2)) for step, width in enumerate(widths))
        ) / per_round

    every = [v["Q_max"]] * len(spans)
    return [
        ("last iterate below the average", _sum(iter(gaps)) / (v["L"] + 1)),
        ("mirror-descent telescope", telescope(KL_0.nonnegative_part(), spans)),
        ("KL(pi*, uniform) <= log|A|", telescope(v["n_A"].log(), spans)),
        ("span of the scores <= Q_max", telescope(v["n_A"].log(), every)),
        ("harmonic sum <= log(L+2)", v["B"]),
    ]


def _sum(values: Iterator[arb]) -> arb:
    total = arb(0)
    for value in values:
        total = total + value
    return total


def _c3_repaired(problem: Problem, trial: Trial) -> list[Quantity]:
    """The exact square, then A-2 for the inner product, K_F for the square of the image, and the choice of the step."""
    v, case = _values(trial), trial.case
    M, mu = case["M"], case["mu"]
    assert trial.measured is not None
    step, star = problem.population_step(mu, M), problem.equilibrium(M)
    apart = distance(problem, mu, M)
    image = l2(step.law - star.mu, step.error_l1 + apart.error + star.residual).ball
    b, d, tau = v["beta"], v["d_0"], v["tau"]
    free = (_square(1 - b) + 2 * b * (1 - b) * (1 - tau)) * _square(d)
    return [
        ("A-2: inner product", free + _square(b * image)),
        ("E.6: Lipschitz constant", free + _square(b * v["K_F"] * d)),
        ("choice of the step", (1 - tau * b) * _square(d)),
    ]


def _e4_repaired(problem: Problem, trial: Trial) -> list[Quantity]:
    v = _values(trial)
    values, _, error = _changes(problem, trial.case)
    return [
        ("softmax is 1-Lipschitz", arb(float(np.abs(values).max()), error) / v["eta"]),
        ("E.3: action values", v["K_pi"] * v["d_mu"]),
    ]


def _e4_sharpened(problem: Problem, trial: Trial) -> list[Quantity]:
    v = _values(trial)
    Q, V, error = _changes(problem, trial.case)
    width, spread = arb(float(np.ptp(Q, axis=1).max()), 2 * error), arb(float(np.ptp(V)), 2 * error)
    push_by = v["gamma"] * v["kappa_A"]
    return [
        ("softmax moves by span/(2 eta)", width / (2 * v["eta"])),
        (
            "E.3: one-step sensitivity b",
            (2 * v["b"] * v["d_mu"] + push_by * spread.nonnegative_part()) / (2 * v["eta"]),
        ),
        ("span of the values' change <= 2 b G", v["K_pi"] * v["d_mu"]),
    ]


def _changes(problem: Problem, case: Case) -> tuple[np.ndarray, np.ndarray, float]:
    """Differences of the optimal Q and V of two populations, and a bound on the error of every entry."""
    one, two = problem.optimum(case["mu"]), problem.optimum(case["mu_2"])
    error = one.gap + one.error + two.gap + two.error + 4e-16 * float(np.abs(one.Q).max() + np.abs(two.Q).max())
    return one.Q - two.Q, one.V - two.V, error


CHAINS: tuple[Chain, ...] = (
    Chain(statement="P1.C.5", bound="repaired", case=_run_case, quantities=_c5_repaired),
    Chain(statement="P1.C.5", bound="sharpened / norm", case=_run_case, quantities=_c5_norm),
    Chain(statement="P1.C.5", bound="sharpened / contraction", case=_run_case, quantities=_c5_contraction),
    Chain(statement="P1.C.6", bound="repaired", case=_run_case, quantities=_c6),
    Chain(statement="P1.C.6", bound="sharpened", case=_run_case, quantities=_c6),
    Chain(statement="P1.C.1", bound="repaired", case=_fixed_case, quantities=_c1_repaired),
    Chain(statement="P1.C.3", bound="repaired", case=_step_case, quantities=_c3_repaired),
    Chain(statement="P1.E.4", bound="repaired", case=_pair_case, quantities=_e4_repaired),
    Chain(statement="P1.E.4", bound="sharpened", case=_pair_case, quantities=_e4_sharpened),
)
