"""Definition 2.2: an epsilon-equilibrium as a pair of exploitability at most epsilon.

Exploitability looks at mu only through the stationary law, so it cannot see whether mu is consistent. Repaired: with
the inconsistency ||lambda - mu||_2 beside it, the value gap at mu itself is at most phi + C_phi ||lambda - mu||_2 (the
proof of E.5 with the roles of mu and lambda exchanged).
"""

from __future__ import annotations

import math
from collections.abc import Iterator

import numpy as np
import sympy as sp

from mfbounds.bounds.hypotheses import a1
from mfbounds.bounds.problem import Problem
from mfbounds.bounds.statement import (
    Bound,
    Case,
    Defect,
    DefectKind,
    HypothesisResult,
    Quantities,
    Statement,
    Tier,
    Witness,
)
from mfbounds.bounds.statements.p1 import proposition_e5
from mfbounds.bounds.statements.p1.proposition_e5 import QUANTITIES, d_inc, gap, phi
from mfbounds.bounds.symbols import C_phi, V_max
from mfbounds.games.affine import AffineGame
from mfbounds.numbers import Provenance


def no_exploitability(problem: Problem, case: Case) -> HypothesisResult:
    """phi = 0 exactly, which is known without computing when there is one action."""
    single = problem.game.n_actions == 1
    return HypothesisResult(
        name="phi = 0",
        holds=single,
        value=0.0 if single else math.nan,
        margin=0.0,
        provenance=Provenance.CERTIFIED,
        reason="one action: phi == 0"
        if single
        else f"n_A == {problem.game.n_actions}, must be 1 for phi == 0 to be exact",
    )


def cases(problem: Problem) -> Iterator[Case]:
    """The cases of Proposition E.5."""
    return proposition_e5.cases(problem)


def measure(problem: Problem, case: Case) -> Quantities:
    """Exploitability, value gap at mu and inconsistency."""
    return proposition_e5.measure(problem, case)


def _inconsistent() -> Witness:
    chain = np.array([[[0.5, 0.5]], [[0.5, 0.5]]])
    game = AffineGame(chain, np.zeros((2, 1)), gamma=0.5, eta=1.0, name="one action")
    case = {"mu": np.array([1.0, 0.0]), "policy": np.ones((2, 1))}
    return Witness(game=game, case=case, bound="printed / phi = 0 implies consistency / TV = l1")


STATEMENT = Statement(
    id="P1.2.2",
    title="What an epsilon-equilibrium is",
    source="Section 2, Definition 2.2 against Definition 2.1",
    claim="A pair of exploitability 0 is an equilibrium (printed); exploitability and inconsistency together bound the "
    "value gap at mu (repaired).",
    quantities=QUANTITIES,
    cases=cases,
    measure=measure,
    bounds=(
        Bound(
            tier=Tier.PRINTED,
            form="phi = 0 implies consistency",
            left=d_inc,
            right=sp.Integer(0),
            trivial=sp.sqrt(2),
            hypotheses=(no_exploitability,),
        ),
        *(
            Bound(tier=tier, left=gap, right=phi + C_phi * d_inc, trivial=V_max, hypotheses=(a1,))
            for tier in (Tier.REPAIRED, Tier.SHARPENED)
        ),
    ),
    defects=(
        Defect(
            name="Def. 2.2",
            text="Exploitability ignores consistency: with one action every mu has phi = 0, and only one is an equilibrium.",
            kind=DefectKind.FALSE,
            bounds=("printed / phi = 0 implies consistency / TV = l1",),
            witness=_inconsistent,
        ),
    ),
)
