"""Definition 8: kappa-sparse dynamics and rewards, and what the paper says of beach bars and crowds.

kappa counts state-action pairs. A game whose players look at the crowd in their own state, whatever it does there, looks
at |A| pairs, not at one. In any game D - 1 are enough: who is in the last pair follows.
"""

from __future__ import annotations

from collections.abc import Iterator

import sympy as sp

from mfbounds.bounds.dynamic_problem import DynamicProblem
from mfbounds.bounds.dynamic_structure import crowd_at_own_state, found_sparsity
from mfbounds.bounds.dynamic_symbols import D, kappa, n_A
from mfbounds.bounds.statement import (
    Bound,
    Case,
    Defect,
    DefectKind,
    Quantities,
    Statement,
    Tier,
    Witness,
)
from mfbounds.games.dynamic.tabular import TabularGame
from mfbounds.games.dynamic.witnesses import at_own_state
from mfbounds.numbers import Measured


def cases(problem: DynamicProblem) -> Iterator[Case]:
    """One: the game as a whole."""
    if isinstance(problem.game, TabularGame) or problem.game.n_players <= 5:
        yield {"whole": 1}


def measure(problem: DynamicProblem, case: Case) -> Quantities:
    """kappa of laws and rewards together."""
    return {"kappa": Measured(float(found_sparsity(problem).kappa))}


def _crowd() -> Witness:
    return Witness(game=at_own_state(), case={"whole": 1}, bound="printed / crowd at the own state / TV = l1")


CROWD = "crowd at the own state"

STATEMENT = Statement(
    id="P2.Def.8",
    title="Sparse dynamics and rewards",
    source="Section 2.4, Definition 8 and the remark after it",
    claim="kappa state-action pairs of the others are looked at; games where players feel the crowd in their own state, as "
    "beach bars and crowd models, are 1-sparse.",
    quantities={"kappa": (r"\kappa", "smallest number of pairs that laws and rewards look at, in the worst pair")},
    cases=cases,
    measure=measure,
    bounds=(
        Bound(
            tier=Tier.PRINTED,
            form=CROWD,
            left=kappa,
            right=sp.Integer(1),
            trivial=D,
            hypotheses=(crowd_at_own_state,),
        ),
        Bound(tier=Tier.REPAIRED, form=CROWD, left=kappa, right=n_A, trivial=D, hypotheses=(crowd_at_own_state,)),
        Bound(tier=Tier.REPAIRED, form="any game", left=kappa, right=D - 1, trivial=D),
    ),
    defects=(
        Defect(
            name="Def.8(a)",
            text="kappa lives in S x A: a player that feels the crowd in its state looks at |A| pairs. A beach bar of two "
            "places and two actions has kappa = 2.",
            kind=DefectKind.FALSE,
            bounds=("printed / crowd at the own state / TV = l1",),
            witness=_crowd,
        ),
    ),
    aliases=("P2.D.8", "P2.Definition 8"),
)
