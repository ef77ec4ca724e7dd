"""Corollary C.2 (Proposition 4.1): the policy error of exact TRPO after L iterations.

Repaired: E.2 sharpened with C.1 repaired. Sharpened: the logits of pi_L and pi_mu differ by a span O(1/(L+1)), and
softmax moves by span/(2 eta) in l1, so the error itself (not its square) is O(1/L).
"""

from __future__ import annotations

from collections.abc import Iterator

import numpy as np
import sympy as sp

from mfbounds.bounds.cases import populations
from mfbounds.bounds.norms import row_l1, sup
from mfbounds.bounds.problem import Problem
from mfbounds.bounds.runs import resolved_levels, trpo_level
from mfbounds.bounds.statement import HALF, L1, Bound, Case, Defect, DefectKind, Quantities, Statement, Tier, Witness
from mfbounds.bounds.statements.p1.theorem_c1 import STATEMENT as THEOREM_C1
from mfbounds.bounds.statements.p1.theorem_c1 import is_first, is_later
from mfbounds.bounds.symbols import C_TRPO_0, E_pi, L, measured
from mfbounds.games.affine import AffineGame
from mfbounds.numbers import Measured

d_sup, d_mean_sq = measured("d_sup"), measured("d_mean_sq")


def cases(problem: Problem) -> Iterator[Case]:
    """Every L of the parameters at a few populations, as long as rounding leaves something to compare."""
    for mu, _ in zip(populations(problem, "C.1"), range(3), strict=False):
        for level in resolved_levels(problem, mu):
            yield {"mu": mu, "L": level}


def measure(problem: Problem, case: Case) -> Quantities:
    """Distance to the optimal policy: largest over states, and mean square under mu."""
    level, optimum = trpo_level(problem, case["mu"], case["L"]), problem.optimum(case["mu"])
    distance, error = (
        row_l1(level.policy, optimum.policy),
        optimum.policy_error + level.drift / problem.game.eta + 1e-15,
    )
    mean = float(case["mu"] @ distance**2)
    return {"d_sup": sup(distance, error), "d_mean_sq": Measured(mean, (2 * float(distance.max()) + error) * error)}


def _first_iteration() -> Witness:
    found = THEOREM_C1.defects[0].witness
    assert found is not None
    witness = found()
    return Witness(game=witness.game, case=witness.case, bound="printed / L = 1 / TV = l1")


def _misled() -> Witness:
    """Found by search. In state 1 leaving pays R and staying .999 R; state 0 leads back, and pays R if played well.

    The optimal policy leaves. The uniform policy, with which TRPO begins, plays state 0 badly, so that the sum of the
    first ten action values still prefers staying.
    """
    kernel = np.array([[[0.0, 1.0], [0.0, 1.0]], [[1.0, 0.0], [0.0, 1.0]]])
    reward = 1e8 * np.array([[0.0, 1.0], [1.0, 0.999]])
    game = AffineGame(kernel, reward, gamma=0.1, eta=2e4, start=[0.0, 1.0], name="leave or stay")
    return Witness(game=game, case={"mu": np.array([0.0, 1.0]), "L": 10}, bound="printed / L >= 2 / TV = l1")


STATEMENT = Statement(
    id="P1.C.2",
    title="Policy error of exact TRPO",
    source="Appendix C.1, Corollary C.2, (13); Section 4, Proposition 4.1",
    claim="At a fixed population the squared policy error after L iterations is O(log L/L) (printed) or O(1/L^2).",
    quantities={
        "d_sup": (r"\max_s\|\pi_L-\pi_\mu\|_1(s)", "l1 policy error at the worst state"),
        "d_mean_sq": (r"\sum_s\mu(s)\|\pi_L-\pi_\mu\|_1^2(s)", "squared l1 policy error averaged under mu"),
    },
    cases=cases,
    measure=measure,
    bounds=(
        *(
            Bound(
                tier=Tier.PRINTED,
                form=form,
                reading=reading,
                left=d_mean_sq * scale,
                right=C_TRPO_0 * sp.log(L) / L,
                trivial=4 * scale,
                where=where,
            )
            for reading, scale in ((L1, sp.Integer(1)), (HALF, sp.Rational(1, 4)))
            for form, where in (("L = 1", is_first), ("L >= 2", is_later))
        ),
        *(Bound(tier=tier, left=d_sup, right=E_pi, trivial=sp.Integer(2)) for tier in (Tier.REPAIRED, Tier.SHARPENED)),
    ),
    defects=(
        Defect(
            name="C.2(a)",
            text="Inherits C.1(a): at L = 1 the right side is 0.",
            kind=DefectKind.FALSE,
            bounds=("printed / L = 1 / TV = l1", "printed / L = 1 / TV = l1/2"),
            witness=_first_iteration,
        ),
        Defect(
            name="C.2(b)",
            text="Inherits C.1(b): R must be R^2. Where R is small against eta^2 and large against eta the right side tends to "
            "C' log L/L times a constant without R, while a policy stays misled, at the distance 2, for as many iterations L as "
            "one likes: no universal C' exists. (With a C' of its own for each game the corollary holds at L >= 2, and says "
            "little.)",
            kind=DefectKind.FALSE,
            bounds=("printed / L >= 2 / TV = l1", "printed / L >= 2 / TV = l1/2"),
            witness=_misled,
        ),
        Defect(name="C.2(c)", text="Inherits C.1(c): C' is not given.", kind=DefectKind.UNDEFINED),
    ),
    rests_on=("P1.C.1", "P1.E.2"),
    aliases=("P1.4.1",),
)
