"""Definition 10: monotone games.

As printed the inner product is below 0 for *all* mu, mu'; at mu = mu' it is 0, so that no game is monotone. Repaired: *weak*
(at most 0), *strict* (below 0 for mu != mu'), and *flows* (P ignores mu, the products of two flows sum to at most 0), which is
all that Lemma 12 and Theorem 3 use. Weak with tau > 0 gives a unique regularised equilibrium on what it reaches; with tau = 0
even a strict game has a unique flow only, not a unique policy (R = 0 refutes "a unique MFG-NE").
"""

from __future__ import annotations

from collections.abc import Iterator
from itertools import pairwise

import numpy as np
import sympy as sp

from mfbounds.bounds.dynamic_cases import pair_laws, time_policies
from mfbounds.bounds.dynamic_hypotheses import known_monotonicity, monotone_flow, monotone_strict, monotone_weak
from mfbounds.bounds.dynamic_problem import DynamicProblem
from mfbounds.bounds.dynamic_symbols import H, R
from mfbounds.bounds.regularised import EPS
from mfbounds.bounds.statement import Bound, Case, Defect, DefectKind, Quantities, Statement, Tier, Witness
from mfbounds.bounds.statements.p2.lemma_12 import LEAST
from mfbounds.bounds.symbols import measured
from mfbounds.checks import FloatArray
from mfbounds.games.dynamic.witnesses import at_own_state
from mfbounds.numbers import Measured

inner, below = measured("inner", signed=True), measured("below")


def cases(problem: DynamicProblem) -> Iterator[Case]:
    """A distribution and itself, two that differ, and two flows; few where rewards do not depend on the population."""
    game = problem.game
    centre = np.full((game.n_states, game.n_actions), 1.0 / game.n_pairs)
    yield {"mu": centre, "mu_2": centre, "kind": "same"}
    if problem.primitives["L_mu"].value <= LEAST * game.R or game.n_pairs == 1:
        return
    for mu, other in pair_laws(problem, "Def10"):
        yield {"mu": mu, "mu_2": other, "kind": "pair"}
    policies = list(time_policies(problem, "Def10"))
    if game.n_actions > 1:
        for policy, other in pairwise(policies):
            yield {"mu": problem.flow(policy).mu, "mu_2": problem.flow(other).mu, "kind": "flows"}


def measure(problem: DynamicProblem, case: Case) -> Quantities:
    """The inner product, summed over steps for flows, and whether it is below 0."""
    first, second = np.atleast_3d(case["mu"]), np.atleast_3d(case["mu_2"])
    if case["kind"] != "flows":
        first, second = case["mu"][None], case["mu_2"][None]
    value, size = 0.0, 0.0
    for mu, other in zip(first, second, strict=True):
        gap = problem.induced.reward_at(mu) - problem.induced.reward_at(other)
        value += float((gap * (mu - other)).sum())
        size += float(np.abs(mu - other).sum())
    error = 0.0 if _equal(first, second) else 16 * EPS * problem.game.n_pairs * size * _level(problem)
    decided = value < -error or value > error or error == 0.0
    return {  # the hypotheses hold up to a change of the rewards within their rounding
        "inner": Measured(value, error + known_monotonicity(problem).allowance(first, second)),
        "below": Measured(float(value < -error)) if decided else Measured(0.5, 0.5),
    }


def _equal(first: FloatArray, second: FloatArray) -> bool:
    return bool((first == second).all())


def _level(problem: DynamicProblem) -> float:
    return max(map(abs, problem.game.reward_range))


def _at_itself() -> Witness:
    centre = np.full((2, 2), 0.25)
    case = {"mu": centre, "mu_2": centre, "kind": "same"}
    return Witness(game=at_own_state(), case=case, bound="printed / all mu, mu' / TV = l1")


STATEMENT = Statement(
    id="P2.Def.10",
    title="Monotone games",
    source="Section 2.6, Definition 10",
    claim="<R(mu) - R(mu'), mu - mu'> is below 0 for all mu, mu' (printed), at most 0 (weak), below 0 for mu != mu' (strict), or "
    "at most 0 in sum over the steps of two flows.",
    quantities={
        "inner": (r"\sum_h\langle R(\mu_h)-R(\mu'_h),\mu_h-\mu'_h\rangle", "reward units; one step unless for flows"),
        "below": (r"1\{\langle R(\mu)-R(\mu'),\mu-\mu'\rangle<0\}", "1 where the inner product is below 0"),
    },
    cases=cases,
    measure=measure,
    bounds=(
        Bound(
            tier=Tier.PRINTED,
            form="all mu, mu'",
            left=sp.Integer(1),
            right=below,
            trivial=sp.oo,
            hypotheses=(monotone_weak,),
            where=lambda case: case["kind"] != "flows",
        ),
        Bound(
            tier=Tier.REPAIRED,
            form="weak",
            left=inner,
            right=sp.Integer(0),
            trivial=2 * R,
            hypotheses=(monotone_weak,),
            where=lambda case: case["kind"] == "pair",
        ),
        Bound(
            tier=Tier.REPAIRED,
            form="strict",
            left=sp.Integer(1),
            right=below,
            trivial=sp.oo,
            hypotheses=(monotone_strict,),
            where=lambda case: case["kind"] == "pair",
        ),
        Bound(
            tier=Tier.REPAIRED,
            form="flows",
            left=inner,
            right=sp.Integer(0),
            trivial=2 * H * R,
            hypotheses=(monotone_flow,),
            where=lambda case: case["kind"] == "flows",
        ),
    ),
    defects=(
        Defect(
            name="Def. 10",
            text="Asks for an inner product below 0 for all mu, mu', also equal ones, where it is 0: no game is monotone.",
            kind=DefectKind.FALSE,
            bounds=("printed / all mu, mu' / TV = l1",),
            witness=_at_itself,
        ),
        Defect(
            name="Def. 10, uniqueness",
            text="D.2 says that a monotone game has a unique equilibrium: with R = 0 every policy is one. What strict "
            "monotonicity makes unique is the flow; with tau > 0 the policy, where the flow goes.",
            kind=DefectKind.UNDEFINED,
        ),
    ),
    aliases=("P2.Def10", "P2.10"),
)
