"""Chains of the bounds at a fixed population, C.1 and W, and of the policy's sensitivity, E.4."""

from __future__ import annotations

import numpy as np
from flint import arb

from mfbounds.bounds.cases import population_pairs
from mfbounds.bounds.problem import Problem
from mfbounds.bounds.runs import trpo_level
from mfbounds.bounds.statement import Case, Quantities
from mfbounds.bounds.statements.p1 import theorem_w
from mfbounds.checks import FloatArray
from mfbounds.mdp.occupation import frozen_occupation
from mfbounds.verification.slack.chain import Chain, Quantity, square, total, values_of
from mfbounds.verification.trial import Trial


def _fixed_case(problem: Problem) -> Case:
    return {"mu": problem.game.start, "L": problem.parameters.L[-1]}


def _warm_case(problem: Problem) -> Case:
    """Half the optimal policy, half the uniform one."""
    mu, best = problem.game.start, problem.optimum(problem.game.start).policy
    start = 0.5 * best + 0.5 / problem.game.n_actions
    return {"mu": mu, "mu_2": mu, "policy": start / start.sum(axis=1, keepdims=True), "L": problem.parameters.L[-1]}


def _pair_case(problem: Problem) -> Case:
    mu, mu_2 = next(iter(population_pairs(problem, "E.4")))
    return {"mu": mu, "mu_2": mu_2}


def _c1_repaired(problem: Problem, trial: Trial) -> list[Quantity]:
    """At the worst state: the average over the iterates, the telescope with its measured terms, then their bounds."""
    v, case = values_of(trial), trial.case
    worst = int(np.argmax(trpo_level(problem, case["mu"], case["L"]).gaps))
    gaps, spans = [], []
    for step in range(case["L"] + 1):
        level = trpo_level(problem, case["mu"], step)
        gaps.append(arb(float(level.gaps[worst]), level.error))
        spans.append(level.span.ball)
    _, KL_0 = _optimal_law(problem, case["mu"], worst)
    per_round = (1 - v["gamma"]) * (v["L"] + 1)

    def telescope(start: arb, widths: list[arb]) -> arb:
        return (
            v["eta"] * start + total(square(width) / (8 * v["eta"] * (step + 2)) for step, width in enumerate(widths))
        ) / per_round

    every = [v["Q_max"]] * len(spans)
    return [
        ("last iterate below the average", total(iter(gaps)) / (v["L"] + 1)),
        ("mirror-descent telescope", telescope(KL_0, spans)),
        ("KL(pi*, uniform) <= log|A|", telescope(v["n_A"].log(), spans)),
        ("span of the scores <= Q_max", telescope(v["n_A"].log(), every)),
        ("harmonic sum <= log(L+2)", v["B"]),
    ]


def _c1_sharpened(problem: Problem, trial: Trial) -> list[Quantity]:
    """The better of the two bounds: by the telescope from S0, or by the span of the scores."""
    v, L = values_of(trial), trial.case["L"]
    by_start = v["S0"] / ((1 - v["gamma"]) * (v["L"] + 1))
    if by_start.overlaps(trial.right):
        return [("three-point telescope", _telescoped(problem, trial)), ("start of the telescope <= S0", by_start)]
    uniform = np.full((problem.game.n_states, problem.game.n_actions), 1.0 / problem.game.n_actions)
    spread = _spreads(problem, trial.case["mu"], uniform, L)
    push_by, runs = v["gamma"] * v["kappa_A"], _summed_gaps(problem, trial.case["mu"], L, None)

    def by_scores(width: arb, gaps: arb) -> arb:
        return square((width + push_by * gaps) / (v["L"] + 1)) / (8 * v["eta"] * (1 - v["gamma"]))

    return [
        ("KL <= span^2/8", square(spread["x_next"].ball) / (8 * v["eta"] * (1 - v["gamma"]))),
        ("scores from the gaps", by_scores(spread["x"].ball, runs)),
        ("span of Q* <= Q_sp", by_scores(v["Q_sp"], runs)),
        ("sum of the gaps <= S0/(1-gamma)", by_scores(v["Q_sp"], v["S0"] / (1 - v["gamma"]))),
    ]


def _telescoped(problem: Problem, trial: Trial) -> arb:
    """(<d*, V* - V_0> + eta <d*, KL(pi*, uniform)>)/((1-gamma)(L+1)) from the worst state."""
    v, case = values_of(trial), trial.case
    worst = int(np.argmax(trpo_level(problem, case["mu"], case["L"]).gaps))
    law, KL_0 = _optimal_law(problem, case["mu"], worst)
    first = trpo_level(problem, case["mu"], 0)
    gap_0 = arb(float(law @ first.gaps), first.error + 1e-12 * float(first.gaps.max()))
    return (gap_0 + v["eta"] * KL_0) / ((1 - v["gamma"]) * (v["L"] + 1))


def _optimal_law(problem: Problem, mu: FloatArray, state: int) -> tuple[FloatArray, arb]:
    """The optimal policy's occupation from a state, and its mean KL divergence from the uniform policy."""
    frozen, optimum = problem.frozen(mu), problem.optimum(mu)
    law = frozen_occupation(frozen, optimum.policy, np.eye(frozen.n_states)[state])
    entropy = (optimum.policy * np.where(optimum.policy > 0, optimum.log_policy, 0.0)).sum(axis=1)
    error = 1e-12 * (1 + float(np.abs(entropy).max()))
    return law, arb(float(law @ entropy) + float(np.log(frozen.n_actions)), error).nonnegative_part()


def _spreads(problem: Problem, mu: FloatArray, start: FloatArray, L: int) -> Quantities:
    """max_s span_a (Q* - eta log pi) before (x) and after (x_next) L iterations from a start."""
    return theorem_w.measure(problem, {"mu": mu, "mu_2": mu, "policy": start, "L": L})


def _summed_gaps(problem: Problem, mu: FloatArray, L: int, start: FloatArray | None) -> arb:
    """max_s of the sum over l < L of the value gaps; never negative."""
    levels = [trpo_level(problem, mu, step, start) for step in range(L)]
    worst = float(np.sum([level.gaps for level in levels], axis=0).max()) if levels else 0.0
    return arb(worst, sum(level.error for level in levels) + 1e-15 * L * abs(worst)).nonnegative_part()


def _w(problem: Problem, trial: Trial) -> list[Quantity]:
    v, case = values_of(trial), trial.case
    assert trial.measured is not None
    scale, push_by = 8 * v["eta"] * (1 - v["gamma"]), v["gamma"] * v["kappa_A"]
    gaps = _summed_gaps(problem, case["mu"], case["L"], np.log(case["policy"]))
    from_x = (2 - v["gamma"]) * square(v["x"]) / (8 * v["eta"] * square(1 - v["gamma"]))
    return [
        ("KL <= span^2/8", square(trial.measured["x_next"].ball) / scale),
        ("scores from the gaps", square((v["x"] + push_by * gaps) / (v["L"] + 1)) / scale),
        ("sum of the gaps from x", square((v["x"] + push_by * from_x) / (v["L"] + 1)) / scale),
    ]


def _e4_repaired(problem: Problem, trial: Trial) -> list[Quantity]:
    v = values_of(trial)
    values, _, error = _changes(problem, trial.case)
    return [
        ("softmax is 1-Lipschitz", arb(float(np.abs(values).max()), error) / v["eta"]),
        ("E.3: action values", v["K_pi"] * v["d_mu"]),
    ]


def _e4_sharpened(problem: Problem, trial: Trial) -> list[Quantity]:
    v = values_of(trial)
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


CHAINS = (
    Chain(statement="P1.C.1", bound="repaired", case=_fixed_case, quantities=_c1_repaired),
    Chain(statement="P1.C.1", bound="sharpened", case=_fixed_case, quantities=_c1_sharpened),
    Chain(statement="P1.W", bound="sharpened", case=_warm_case, quantities=_w),
    Chain(statement="P1.E.4", bound="repaired", case=_pair_case, quantities=_e4_repaired),
    Chain(statement="P1.E.4", bound="sharpened", case=_pair_case, quantities=_e4_sharpened),
)
