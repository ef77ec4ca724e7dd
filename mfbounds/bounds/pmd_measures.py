"""The cases of Theorem 3 (P2) on a problem: epochs and whole runs of Symm-PMD, what is measured there and what follows."""

from __future__ import annotations

from collections.abc import Iterator

import numpy as np
from flint import arb

from mfbounds.bounds.dynamic_hypotheses import independent, monotone_flow
from mfbounds.bounds.dynamic_play import flow_gain, inductive_exploitability
from mfbounds.bounds.dynamic_problem import DynamicProblem
from mfbounds.bounds.dynamic_recursions import as_measured
from mfbounds.bounds.dynamic_structure import distance_from_affine
from mfbounds.bounds.formula import evaluate
from mfbounds.bounds.pmd_bounds import g, one_step, players_bound
from mfbounds.bounds.pmd_runs import apart, mean_distance, pmd_run
from mfbounds.bounds.pmd_sufficient import lowest_floor
from mfbounds.bounds.regularised import reference
from mfbounds.bounds.statement import L1, Case, Quantities, Tier
from mfbounds.bounds.symbols import measured
from mfbounds.mdp.n_player_independent import can_respond
from mfbounds.numbers import Measured

D_t, t = map(measured, ("D_t", "t"))


def cases(problem: DynamicProblem) -> Iterator[Case]:
    """Single steps and whole runs, with exact values and with noise of a fifth of the reward range; none with one action."""
    if problem.game.n_actions == 1:
        return
    last = problem.parameters.T
    for noise in (0.0, 0.2):
        yield {"noise": noise}
        for step in sorted({1, 2, last // 4, last - 1}):
            if 1 <= step < last:
                yield {"noise": noise, "t": step}


def is_step(case: Case) -> bool:
    """Whether a case is about the single epoch `t` of Symm-PMD, not about a whole run."""
    return "t" in case


def is_run(case: Case) -> bool:
    return "t" not in case


def is_exact(case: Case) -> bool:
    return "t" not in case and case["noise"] == 0.0


def measure(problem: DynamicProblem, case: Case) -> Quantities:
    """The divergences around a step; or their averages, the output's distance and its exploitability."""
    return _around(problem, case) if is_step(case) else _over_run(problem, case)


def _around(problem: DynamicProblem, case: Case) -> Quantities:
    run, step = pmd_run(problem, case["noise"]), case["t"]
    return {
        "D_t": Measured(float(run.distance[step]), run.error),
        "D_next": Measured(float(run.distance[step + 1]), run.error),
        "eps_t": Measured(float(run.noise[step]), run.error),
        "g": reference(problem).gap,
    }


def _over_run(problem: DynamicProblem, case: Case) -> Quantities:
    run = pmd_run(problem, case["noise"])
    far, rounding = apart(problem, run.output)
    ahead = problem.game.horizon - np.arange(problem.game.horizon)
    found = {
        "D_1": Measured(float(run.distance[1]), run.error),
        "D_mean": mean_distance(run, 1),
        "D_all": mean_distance(run, 0),
        "D_last": Measured(float(run.distance[-1]), run.error),
        "eps_mean": Measured(float(run.noise[1:].sum()) / problem.parameters.T, run.error),
        "g": reference(problem).gap,
        "w_sum": Measured(float(far.sum()), rounding),
        "w_steps": Measured(float(ahead @ far), rounding * problem.game.horizon**2),
        "plain": flow_gain(problem, run.output),
    }
    if is_exact(case) and can_respond(problem.game):
        found["most"] = inductive_exploitability(problem, run.output)
    return found


def floors(problem: DynamicProblem) -> dict[str, float]:
    """How far down plans reach on the problem, as shares of H R; nothing where the theorem is not about its game."""
    if problem.game.n_actions == 1 or problem.game.R == 0.0:
        return {}
    if not all(hypothesis(problem, {}).holds for hypothesis in (independent, monotone_flow)):
        return {}
    tiers = (Tier.REPAIRED, Tier.SHARPENED)
    return {f"lowest floor of a plan over H R, {tier}": lowest_floor(problem, tier) for tier in tiers}


def run_down(problem: DynamicProblem, case: Case) -> Quantities:  # noqa: ARG001
    """The recursion of one epoch, run from Delta_1 = H log|A| with no noise."""
    values = problem.constants(Tier.SHARPENED, L1)
    gap = reference(problem).gap.ball
    down = values["H"] * values["n_A"].log()
    formula = one_step(D_t, t, g)
    for step in range(1, problem.parameters.T):
        down = evaluate(formula, {**values, "D_t": down, "t": arb(step), "g": gap})
    return {"run_down": as_measured(down)}


def players(problem: DynamicProblem, case: Case, *, affine: bool = False) -> Quantities:  # noqa: ARG001
    """2B of Theorem 1 with independent dynamics, for rewards affine in the counts where they are."""
    bound = players_bound(problem.constants(Tier.SHARPENED, L1), affine=affine)
    if affine:
        off = problem.remember("distance from affine", lambda: distance_from_affine(problem))
        bound += 16 * problem.game.n_players * problem.game.horizon * off
    return {"two_B": as_measured(bound)}
