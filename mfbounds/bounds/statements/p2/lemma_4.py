"""Lemma 4: a symmetric function is its own symmetrisation. Checked in exact arithmetic on functions of counts."""

from __future__ import annotations

from fractions import Fraction

import numpy as np
import sympy as sp

from mfbounds.bounds.dynamic_problem import DynamicProblem
from mfbounds.bounds.dynamic_symbols import R
from mfbounds.bounds.statement import Bound, Case, Quantities, Statement, Tier
from mfbounds.bounds.statements.p2.lemma_3 import cases, exactly, symmetrised
from mfbounds.bounds.symbols import measured
from mfbounds.games.dynamic.tabular import TabularGame
from mfbounds.symmetry.symmetrise import symmetrise

change = measured("change")


def measure(problem: DynamicProblem, case: Case) -> Quantities:
    """|Sym f(x) - f(x)| for f the lifted reward of the game at a pair, as a function of joint state-actions; exactly."""
    game, others = problem.game, np.asarray(case["others"])
    assert isinstance(game, TabularGame)
    tables = problem.remember("lattice tables", lambda: symmetrise(game))
    f = tables.rewards[tables.lattice.arrangements, case["state"], case["action"]]
    powers = game.n_pairs ** np.arange(len(others) - 1, -1, -1)
    own = Fraction(float(f[int(others @ powers)]))
    return {"change": exactly(abs(symmetrised(f, others, game.n_pairs) - own))}


STATEMENT = Statement(
    id="P2.L.4",
    title="Symmetrisation leaves symmetric functions as they are",
    source="Appendix A, Lemma 4",
    claim="Sym(f) = f where f is symmetric.",
    quantities={"change": (r"|\mathrm{Sym}(f)(\mathbf x)-f(\mathbf x)|", "change by symmetrisation, f symmetric")},
    cases=cases,
    measure=measure,
    bounds=(Bound(tier=Tier.PRINTED, left=change, right=sp.Integer(0), trivial=R),),
    aliases=("P2.L4", "P2.Lemma 4"),
)
