"""Lemma 3: Sym(f) is symmetric. Checked in exact arithmetic: means over all permutations of the others, as fractions."""

from __future__ import annotations

from collections.abc import Iterator
from fractions import Fraction
from itertools import permutations

import numpy as np
import sympy as sp

from mfbounds.bounds.dynamic_problem import DynamicProblem
from mfbounds.bounds.dynamic_symbols import R
from mfbounds.bounds.statement import Bound, Case, Quantities, Statement, Tier
from mfbounds.bounds.symbols import measured
from mfbounds.checks import FloatArray
from mfbounds.games.dynamic.game import IntArray
from mfbounds.games.dynamic.tabular import TabularGame
from mfbounds.numbers import Measured

change = measured("change")
OTHERS = 6  # players besides one, whose permutations are listed


def cases(problem: DynamicProblem) -> Iterator[Case]:
    """The reward of a player at a pair, a joint state-action of the others, and a permutation of them."""
    game, rng = problem.game, problem.rng("3")
    if not isinstance(game, TabularGame) or game.n_others > OTHERS:
        return
    for _ in range(2 + problem.parameters.draws):
        yield {
            "player": int(rng.integers(game.n_players)),
            "state": int(rng.integers(game.n_states)),
            "action": int(rng.integers(game.n_actions)),
            "others": rng.integers(game.n_pairs, size=game.n_others),
            "order": rng.permutation(game.n_others),
        }


def measure(problem: DynamicProblem, case: Case) -> Quantities:
    """|Sym f(g x) - Sym f(x)|, exactly."""
    game, others = problem.game, np.asarray(case["others"])
    assert isinstance(game, TabularGame)
    table = game.reward_table[case["player"], case["state"], case["action"]]
    first = symmetrised(table, others, game.n_pairs)
    return {"change": exactly(abs(symmetrised(table, others[case["order"]], game.n_pairs) - first))}


def symmetrised(table: FloatArray, others: IntArray, cells: int) -> Fraction:
    """Sym(f)(x): the mean over all permutations of x, by the definition."""
    powers = cells ** np.arange(len(others) - 1, -1, -1)
    values = [
        Fraction(float(table[int(others[list(g)] @ powers) if len(table) > 1 else 0]))
        for g in permutations(range(len(others)))
    ]
    return sum(values, Fraction(0)) / len(values)


def exactly(value: Fraction) -> Measured:
    """A fraction as a quantity; one that float64 holds stays exact."""
    nearest = float(value)
    return Measured(nearest, 0.0 if Fraction(nearest) == value else abs(nearest) * 1e-15)


STATEMENT = Statement(
    id="P2.L.3",
    title="Symmetrised functions are symmetric",
    source="Appendix A, Lemma 3",
    claim="Sym(f) does not change when its arguments are permuted.",
    quantities={"change": (r"|\mathrm{Sym}(f)(g\mathbf x)-\mathrm{Sym}(f)(\mathbf x)|", "change by a permutation g")},
    cases=cases,
    measure=measure,
    bounds=(Bound(tier=Tier.PRINTED, left=change, right=sp.Integer(0), trivial=R),),
    aliases=("P2.L3", "P2.Lemma 3"),
)
