"""Lemma 7: averages of independent indicators.

Sharpened: p(1-p) <= 1/4, so 1/(2 sqrt N) and 1/(4N); for all pairs at once sum_x p(1-p) <= 1 - 1/D, hence
E||sigma - E sigma||_2^2 <= (1-1/D)/N and, by Cauchy-Schwarz, E||sigma - E sigma||_1^2 <= (D-1)/N. This replaces D/sqrt N
by sqrt((D-1)/N) wherever the paper adds up the pairs.
"""

from __future__ import annotations

from collections.abc import Iterator

import numpy as np
import sympy as sp

from mfbounds.bounds.cases import distribution
from mfbounds.bounds.dynamic_play import joint_game
from mfbounds.bounds.dynamic_problem import DynamicProblem
from mfbounds.bounds.dynamic_symbols import D, N
from mfbounds.bounds.norms import UNIT
from mfbounds.bounds.statement import Bound, Case, Defect, DefectKind, Quantities, Statement, Tier
from mfbounds.bounds.symbols import measured
from mfbounds.games.dynamic.lattice import counts_of_arrangements, digits
from mfbounds.numbers import Measured

mean_1, square_1, square_l1, square_l2 = map(measured, ("mean_1", "square_1", "square_l1", "square_l2"))


def cases(problem: DynamicProblem) -> Iterator[Case]:
    """A law over state-actions for every player: spread out, and near vertices, in turn."""
    game, rng = problem.game, problem.rng("7")
    if game.n_pairs == 1 or joint_game(problem) is None:
        return
    for i in range(2 + problem.parameters.draws):
        laws = [distribution(rng, game.n_pairs, (1.0, 0.2)[i % 2]) for _ in range(game.n_players)]
        yield {"laws": np.array(laws)}


def measure(problem: DynamicProblem, case: Case) -> Quantities:
    """Moments of the empirical distribution of independent players, by enumeration."""
    laws, game = case["laws"], problem.game
    joint = problem.remember("joint pairs", lambda: digits(game.n_players, game.n_pairs))
    shares = problem.remember("joint shares", lambda: counts_of_arrangements(game.n_players, game.n_pairs))
    weights = laws[np.arange(game.n_players), joint].prod(axis=1)
    off = shares / game.n_players - laws.mean(axis=0)
    error = 8 * (len(weights) + 16 * game.n_players) * UNIT

    def mean(values: np.ndarray[tuple[int, ...], np.dtype[np.float64]]) -> Measured:
        return Measured(float(weights @ values), 4 * error)

    return {
        "mean_1": mean(np.abs(off[:, 0])),
        "square_1": mean(off[:, 0] ** 2),
        "square_l1": mean(np.abs(off).sum(axis=1) ** 2),
        "square_l2": mean((off**2).sum(axis=1)),
    }


STATEMENT = Statement(
    id="P2.L.7",
    title="Averages of independent indicators are near their mean",
    source="Appendix A, Lemma 7",
    claim="The average of N independent indicators is off its mean by at most 1/sqrt N on average, and 1/N in mean square.",
    quantities={
        "mean_1": (r"E|\frac1N\sum_i(x^i-p^i)|", "mean distance of one average from its mean"),
        "square_1": (r"E(\frac1N\sum_i(x^i-p^i))^2", "mean squared distance of one average"),
        "square_l1": (r"E\|\hat\sigma-E\hat\sigma\|_1^2", "mean squared l1 distance of the empirical distribution"),
        "square_l2": (r"E\|\hat\sigma-E\hat\sigma\|_2^2", "mean squared l2 distance of the empirical distribution"),
    },
    cases=cases,
    measure=measure,
    bounds=(
        Bound(tier=Tier.PRINTED, form="mean", left=mean_1, right=1 / sp.sqrt(N), trivial=sp.Integer(1)),
        Bound(tier=Tier.PRINTED, form="square", left=square_1, right=1 / N, trivial=sp.Integer(1)),
        Bound(tier=Tier.SHARPENED, form="mean", left=mean_1, right=1 / (2 * sp.sqrt(N)), trivial=sp.Integer(1)),
        Bound(tier=Tier.SHARPENED, form="square", left=square_1, right=1 / (4 * N), trivial=sp.Integer(1)),
        Bound(tier=Tier.SHARPENED, form="all pairs, l1", left=square_l1, right=(D - 1) / N, trivial=sp.Integer(4)),
        Bound(tier=Tier.SHARPENED, form="all pairs, l2", left=square_l2, right=(1 - 1 / D) / N, trivial=sp.Integer(2)),
    ),
    defects=(
        Defect(
            name="L.7(a)",
            text="'Bernoulli random variables taking values in the discrete set X': they take the values 0 and 1. The variance "
            "p(1-p) is bounded by 1 instead of 1/4.",
            kind=DefectKind.LOOSE,
        ),
    ),
    aliases=("P2.L7", "P2.Lemma 7"),
)
