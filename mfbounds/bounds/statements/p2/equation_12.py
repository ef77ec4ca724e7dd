"""Inequality (12): the return of one player who deviates is near its value against the flow.

Repaired and sharpened: as for Theorem 1, of which this is a half.
"""

from __future__ import annotations

from collections.abc import Iterator

import numpy as np

from mfbounds.bounds.approximation import QUANTITIES, approximation_bounds
from mfbounds.bounds.dynamic_cases import time_policies
from mfbounds.bounds.dynamic_play import flow_return, playable, played_policies, returns
from mfbounds.bounds.dynamic_problem import DynamicProblem
from mfbounds.bounds.statement import Case, Defect, DefectKind, Quantities, Statement, Witness
from mfbounds.bounds.symbols import measured
from mfbounds.games.dynamic.witnesses import one_shot, unbalanced
from mfbounds.mdp.finite_horizon import flow_optimum
from mfbounds.numbers import Measured

off = measured("off")


def cases(problem: DynamicProblem) -> Iterator[Case]:
    """Policies with the best response to their flow, and with a random deviation."""
    if problem.game.n_pairs == 1:
        return  # nobody can do otherwise, and a player is off by its own rewards
    deviations = list(time_policies(problem, "12/pi"))
    for i, policy in enumerate(played_policies(problem, "12")):
        best = flow_optimum(problem.flow(policy))[0]
        yield {"policy": policy, "deviation": best}
        yield {"policy": policy, "deviation": deviations[-1 - i]}


def measure(problem: DynamicProblem, case: Case) -> Quantities:
    """The returns of every player as the deviator, against the value in the flow."""
    values, error = returns(problem, case["deviation"], case["policy"])
    against = flow_return(problem, case["deviation"], case["policy"])
    return {"off": Measured(float(np.abs(values - against.value).max()), error + against.error)}


def _unbalanced() -> Witness:
    """Always 1 against always 0: half of the exploitability of the same game in Theorem 1, twice: .00798 > .00240."""
    policy, deviation = (np.tile(np.eye(2)[a], (2, 2, 1)) for a in (0, 1))
    case = {"policy": policy, "deviation": deviation}
    return Witness(game=unbalanced(n_players=10_001), case=case, bound="printed / TV = l1")


def _one_shot() -> Witness:
    policy, deviation = (np.tile(np.eye(2)[a], (1, 2, 1)) for a in (0, 1))
    case = {"policy": policy, "deviation": deviation}
    return Witness(game=one_shot(n_players=1001), case=case, bound="printed / TV = l1")


STATEMENT = Statement(
    id="P2.eq12",
    title="Returns of one player stay near its values against the flow",
    source="Appendix B.3, Step 3, inequality (12)",
    claim="When one player plays a policy of its own and all others another one, its return differs from the value of its "
    "policy against the flow of theirs by half the epsilon of Theorem 1.",
    quantities={
        "off": (
            r"\max_i|J^{(i)}(\bar\pi,\pi,\dots,\pi)-V(\Lambda(\pi),\bar\pi)|",
            "largest difference of a player's return and the value against the flow",
        ),
        **QUANTITIES,
    },
    cases=cases,
    measure=measure,
    bounds=approximation_bounds(off, playable),
    defects=(
        Defect(
            name="eq12(a)",
            text="As T.1(b): term (I) has L_a/2 for half the spread of rewards over states and actions; a player who steers "
            "its state by the imbalance of the crowd is off by .00798 at N = 10001, printed 24/N = .00240.",
            kind=DefectKind.FALSE,
            bounds=("printed / TV = l1",),
            witness=_unbalanced,
        ),
        Defect(
            name="eq12(b)",
            text="As T.1(a): E^(0) = 0 where L = 1. Of 1001 players in one shot one that profits from an unbalanced crowd gains "
            ".01261 over the flow, printed .00150.",
            kind=DefectKind.FALSE,
            bounds=("printed / TV = l1",),
            witness=_one_shot,
        ),
        Defect(
            name="eq12(c)",
            text="The step from (11) drops the weight L_a/2 of H^2 (alpha + 3 K_mu/N): allowed for rewards in [0, 1] only, and "
            "H^2 stands for H(H-1)/2.",
            kind=DefectKind.LOOSE,
        ),
    ),
    rests_on=("P2.eq7", "P2.eq9"),
)
