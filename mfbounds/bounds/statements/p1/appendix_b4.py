"""Appendix B.4: does regularisation make the optimal chain aperiodic? Printed: yes. It does not.

The policy has full support, but the kernel may forbid staying: with P(s'|s,a) = 1 for s' != s and two states every
policy has period 2.
"""

from __future__ import annotations

import math
from collections.abc import Iterator
from functools import reduce

import numpy as np
import sympy as sp
from scipy.sparse import csr_array
from scipy.sparse.csgraph import breadth_first_order

from mfbounds.bounds.cases import populations
from mfbounds.bounds.problem import Problem
from mfbounds.bounds.statement import Bound, Case, Defect, DefectKind, Quantities, Statement, Tier, Witness
from mfbounds.bounds.symbols import measured
from mfbounds.games.affine import AffineGame
from mfbounds.mdp.chains import recurrent_classes
from mfbounds.numbers import Measured

period = measured("period")


def cases(problem: Problem) -> Iterator[Case]:
    """The game's start and the uniform population."""
    for mu, _ in zip(populations(problem, "B.4"), range(2), strict=False):
        yield {"mu": mu}


def measure(problem: Problem, case: Case) -> Quantities:
    """The largest period of a recurrent class of the optimal chain: an exact integer."""
    chain = csr_array(problem.frozen(case["mu"]).chain(problem.optimum(case["mu"]).policy))
    return {"period": Measured(float(max(period_of(chain, states) for states in recurrent_classes(chain))))}


def period_of(chain: csr_array, states: np.ndarray) -> int:
    """The greatest common divisor of level(s) + 1 - level(s') over all links s -> s', levels from a breadth-first search."""
    inside = csr_array(chain[states][:, states])
    order, parents = breadth_first_order(inside, 0)
    level = np.zeros(len(states), dtype=np.int64)
    for state in order[1:]:
        level[state] = level[parents[state]] + 1
    rows, columns = inside.nonzero()
    return int(reduce(math.gcd, np.unique(np.abs(level[rows] + 1 - level[columns])).tolist(), 0))


def _swap() -> Witness:
    swap = np.array([[[0.0, 1.0]] * 2, [[1.0, 0.0]] * 2])
    game = AffineGame(swap, np.zeros((2, 2)), gamma=0.5, eta=1.0, name="forced swap")
    return Witness(game=game, case={"mu": np.array([0.5, 0.5])}, bound="printed / TV = l1")


STATEMENT = Statement(
    id="P1.B.4",
    title="Regularisation and aperiodicity",
    source="Appendix B.4",
    claim="With regularisation the chain of the optimal policy is aperiodic (printed).",
    quantities={"period": (r"d", "largest period of a recurrent class of the optimal chain")},
    cases=cases,
    measure=measure,
    bounds=(Bound(tier=Tier.PRINTED, left=period, right=sp.Integer(1), trivial=sp.oo),),
    defects=(
        Defect(
            name="B.4",
            text="Full support of the policy does not make the chain aperiodic (a kernel that forbids staying has period 2), nor "
            "irreducible (an absorbing state).",
            kind=DefectKind.FALSE,
            bounds=("printed / TV = l1",),
            witness=_swap,
        ),
    ),
)
