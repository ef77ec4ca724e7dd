"""Algorithm 1: the range of its tables.

Printed (Appendix C.1): estimates and values lie in [0, Q_max], Q_max = H (1 + log|A|), for rewards in [0, 1]. The entropy bonus
is tau H(pi), so that this needs tau <= 1. Repaired, for rewards counted from r_min: [0, (H-h)(R + tau log|A|)] at step h.
"""

from __future__ import annotations

from collections.abc import Iterator

import numpy as np
import sympy as sp

from mfbounds.bounds.dynamic_cases import time_policies
from mfbounds.bounds.dynamic_hypotheses import rewards_unit
from mfbounds.bounds.dynamic_problem import DynamicProblem
from mfbounds.bounds.dynamic_symbols import H, R, h, n_A, tau
from mfbounds.bounds.regularised import value_error
from mfbounds.bounds.statement import Bound, Case, Defect, DefectKind, Quantities, Statement, Tier, Witness
from mfbounds.bounds.symbols import measured
from mfbounds.games.dynamic.tabular import TabularGame
from mfbounds.mdp.finite_horizon import flow_values
from mfbounds.numbers import Measured

top, raw_top = map(measured, ("top", "raw_top"))


def cases(problem: DynamicProblem) -> Iterator[Case]:
    """Every step of an uneven random policy; the uniform one of a constant reward attains the repaired bound."""
    policies = list(time_policies(problem, "Alg1"))
    for policy in [policies[0], *policies[2:]]:
        for step in range(problem.game.horizon):
            yield {"policy": policy, "h": step}


def measure(problem: DynamicProblem, case: Case) -> Quantities:
    """The largest mean-field value at a step, which the tables approach, and the same with rewards counted from r_min."""
    flow, weight = problem.flow(case["policy"]), problem.parameters.tau
    values, step = flow_values(flow, case["policy"], weight).Q, case["h"]
    low = problem.game.reward_range[0] * (problem.game.horizon - step)
    highest, error = float(values[step].max()), value_error(flow, weight) + 1e-15 * abs(low)
    return {
        "raw_top": Measured(max(highest, 0.0), error),
        "top": Measured(max(highest - low, 0.0), 2 * error),
    }


def _warm() -> Witness:
    game = TabularGame.of(
        np.ones((2, 1, 2, 1)), np.zeros((2, 1, 2)), horizon=1, reward_range=(0.0, 1.0), name="two idle players"
    )
    case = {"policy": np.full((1, 1, 2), 0.5), "h": 0}
    return Witness(game=game, case=case, bound="printed / TV = l1", parameters={"tau": 5.0})


STATEMENT = Statement(
    id="P2.Alg.1",
    title="Range of the tables of TD learning",
    source="Section 2.5, Algorithm 1; Appendix C.1",
    claim="Estimates and values lie in [0, H(1 + log|A|)] (printed); in [0, (H-h)(R + tau log|A|)] (repaired).",
    quantities={
        "raw_top": (r"\max Q_h^{\tau,\pi}", "largest value at a step, reward units"),
        "top": (r"\max Q_h^{\tau,\pi}-(H-h)r_{\min}", "the same with rewards counted from r_min"),
    },
    cases=cases,
    measure=measure,
    bounds=(
        Bound(
            tier=Tier.PRINTED,
            left=raw_top,
            right=H * (1 + sp.log(n_A)),
            trivial=sp.oo,
            hypotheses=(rewards_unit,),
        ),
        Bound(tier=Tier.REPAIRED, left=top, right=(H - h) * (R + tau * sp.log(n_A)), trivial=sp.oo),
    ),
    defects=(
        Defect(
            name="Alg.1(a)",
            text="Q_max = H(1 + log|A|) leaves out tau: with tau = 5, two actions and rewards 0 the value 5 log 2 exceeds it.",
            kind=DefectKind.FALSE,
            bounds=("printed / TV = l1",),
            witness=_warm,
        ),
        Defect(
            name="Alg.1(b)",
            text="Pairs that agent 1 never visits keep the value 0: what the tables say there must not be used. In practice all "
            "agents' trajectories are used; the text does not say how (the mean of the targets of those in a pair is one way).",
            kind=DefectKind.UNDEFINED,
        ),
    ),
    aliases=("P2.Alg1",),
)
