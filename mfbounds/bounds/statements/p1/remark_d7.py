"""Remark D.7: how the numbers of Sample-Based MF-TRPO grow with 1/epsilon.

The exponents are derived from the formulas of D.2-D.5 in each tier (`mfbounds.bounds.planning_orders`). By its own
P = O~(1/epsilon^4) the printed population step costs 1/epsilon^4 calls, not 1/epsilon^2. Sharpened, L, I and P are of
order 1/epsilon^2, and the total is 1/epsilon^4.
"""

from __future__ import annotations

from collections.abc import Iterator

import sympy as sp

from mfbounds.bounds.planning_orders import PAPER, orders
from mfbounds.bounds.problem import Problem
from mfbounds.bounds.statement import Bound, Case, Defect, DefectKind, Quantities, Statement, Tier, Witness
from mfbounds.bounds.symbols import measured
from mfbounds.games.random import two_doors
from mfbounds.numbers import Measured

LIMITS = {
    Tier.PRINTED: PAPER,
    Tier.REPAIRED: {**PAPER, "P": 2},
    Tier.SHARPENED: {"L": 2, "K": 0, "I": 2, "P": 2, "trpo": 4, "population": 2, "total": 4},
}
TEXT = {
    "L": "inner iterations",
    "K": "outer iterations",
    "I": "trajectories per TRPO iteration",
    "P": "trajectories per population step",
    "trpo": "oracle calls of TRPO",
    "population": "oracle calls of the population steps",
    "total": "oracle calls in all",
}


def cases(problem: Problem) -> Iterator[Case]:
    """One case: the exponents do not depend on the numbers of the game."""
    yield {"n_states": problem.game.n_states}


def measure(problem: Problem, case: Case) -> Quantities:
    """The exponents of 1/epsilon by tier, exact rationals."""
    return {_name(tier, what): Measured(float(orders(tier)[what])) for tier in Tier for what in PAPER}


def _name(tier: Tier, what: str) -> str:
    return f"p_{what}_{tier.value}"


def _witness() -> Witness:
    return Witness(game=two_doors(), case={"n_states": 2}, bound="printed / population / TV = l1")


STATEMENT = Statement(
    id="P1.D.7",
    title="Samples for an epsilon-equilibrium",
    source="Appendix D.5, Remark D.7; Section 5",
    claim="The numbers of Sample-Based MF-TRPO and its oracle calls are powers of 1/epsilon, up to logarithms: 1/epsilon^6 in "
    "all (printed, repaired), 1/epsilon^4 (sharpened).",
    quantities={
        _name(tier, what): (rf"p_{{\mathrm{{{what}}}}}", f"exponent of 1/epsilon in the {text} ({tier})")
        for tier in Tier
        for what, text in TEXT.items()
    },
    cases=cases,
    measure=measure,
    bounds=tuple(
        Bound(tier=tier, form=what, left=measured(_name(tier, what)), right=sp.Integer(limit), trivial=sp.oo)
        for tier in Tier
        for what, limit in LIMITS[tier].items()
    ),
    defects=(
        Defect(
            name="D.7(a)",
            text="The cost of the population step is printed as P x I x K and as 1/epsilon^2, while P is of order 1/epsilon^4.",
            kind=DefectKind.FALSE,
            bounds=("printed / population / TV = l1",),
            witness=_witness,
        ),
    ),
    rests_on=("P1.D.5",),
)
