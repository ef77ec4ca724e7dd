"""The smallest counterexample: edge cases drawn and shrunk by hypothesis.

Sizes come first, then small fractions: point masses, ties, absorbing states, gamma = 0, one state, one action and equal
policies are what such draws are full of, and what shrinking leads to.
"""

from __future__ import annotations

import math
import random
import time
from collections.abc import Callable, Mapping
from fractions import Fraction
from functools import lru_cache
from itertools import product
from typing import TYPE_CHECKING, Any

import numpy as np

from mfbounds.bounds.statement import Bound, Statement, Tier
from mfbounds.checks import FloatArray
from mfbounds.errors import InputError
from mfbounds.verification.falsify.fields import N_POLICIES, Recipe
from mfbounds.verification.falsify.realise import Individual, judge
from mfbounds.verification.falsify.state import Found

if TYPE_CHECKING:
    from hypothesis.strategies import SearchStrategy

MOST_STATES, MOST_ACTIONS = 4, 3
DENOMINATORS = {1: (1,), 2: (1, 2, 10), 3: (1, 2, 4), 4: (1, 2, 4)}  # by the number of points
REWARDS = (0.0, 1.0, 0.5, 0.25, 0.75)
GAMMAS = (0.0, 0.5, 0.9, 0.1, 0.99)
ETAS = (1.0, 0.1, 10.0, 0.01, 100.0, 0.001)
SCALES = (1.0, 1e6)  # of printed inequalities; proved ones scale alike on both sides
SHARES = (1.0, 0.5, 0.1)  # of the largest step


def require_hypothesis() -> None:
    """Raises `InputError` where hypothesis is not installed, and says what to do."""
    try:
        import hypothesis  # noqa: F401
    except ImportError:
        raise InputError(
            "edge_cases > 0, must be 0 without hypothesis, which draws and shrinks them: "
            "pip install 'mfbounds[falsify]', or search for the worst game alone with edge_cases=0"
        ) from None


class EdgeCases:
    """The edge cases of one inequality: judged once each, the most telling and the simplest violation kept."""

    def __init__(self, statement: Statement, bound: Bound, recipe: Recipe, deadline: float) -> None:
        self.statement, self.bound, self.recipe, self.deadline = statement, bound, recipe, deadline
        self.judged: dict[bytes, bool] = {}
        self.best: Found | None = None
        self.smallest: Found | None = None

    def violates(self, individual: Individual) -> bool:
        """Whether the checking path says *violated*; after the deadline, only what is known already counts."""
        key = _key(individual)
        if key not in self.judged:
            if time.monotonic() > self.deadline:
                return False
            trial = judge(self.statement, self.bound, self.recipe, individual)
            self.judged[key] = False
            if trial is not None:
                self._keep(Found.of(trial, individual, self.recipe.shared(self.bound)))
                self.judged[key] = trial.status == "violated"
        return self.judged[key]

    def _keep(self, found: Found) -> None:
        if self.best is None or found.rank() > self.best.rank():
            self.best = found
        if found.violated and (self.smallest is None or found.complexity < self.smallest.complexity):
            self.smallest = found

    def search(self, couplings: tuple[str, ...], seed: int, examples: int) -> None:
        """Draw up to `examples` edge cases, and shrink the first violation; the same seed gives the same draws."""
        import hypothesis
        from hypothesis.errors import NoSuchExample

        quiet = hypothesis.settings(
            max_examples=examples,
            database=None,
            deadline=None,
            derandomize=False,
            phases=(hypothesis.Phase.generate, hypothesis.Phase.shrink),
            suppress_health_check=list(hypothesis.HealthCheck),
        )
        strategy = individuals(self.bound, self.recipe, couplings)
        try:
            hypothesis.find(strategy, self.violates, settings=quiet, random=random.Random(seed))
        except NoSuchExample:
            return


def _key(individual: Individual) -> bytes:
    arrays = b"|".join(name.encode() + values.tobytes() for name, values in sorted(individual.genes.items()))
    return repr(sorted(individual.settings.items())).encode() + arrays


def individuals(bound: Bound, recipe: Recipe, couplings: tuple[str, ...]) -> SearchStrategy[Individual]:
    """Games and cases made of small fractions."""
    from hypothesis import strategies as st

    simplest_first = tuple(reversed(couplings))  # "none" is the simplest game

    @st.composite
    def build(draw: Callable[[Any], Any]) -> Individual:
        S = draw(st.integers(1, MOST_STATES))
        A = draw(st.integers(1, MOST_ACTIONS))
        coupling = draw(st.sampled_from(simplest_first))
        scales = SCALES if bound.tier is Tier.PRINTED else SCALES[:1]
        settings = {"n_states": S, "n_actions": A, "coupling": coupling, "scale": draw(st.sampled_from(scales))}
        allowed = {name: list(values) for name, values in recipe.choices.items()}
        chosen = {name: draw(st.sampled_from(values)) for name, values in allowed.items()}
        return Individual(genes=_genes(draw, settings, recipe), settings=settings | chosen)

    return build()


def _genes(draw: Callable[[Any], Any], settings: Mapping[str, Any], recipe: Recipe) -> dict[str, FloatArray]:
    """One draw a distribution and a reward: an index into a table that begins with the simplest."""
    from hypothesis import strategies as st

    S, A, coupling = settings["n_states"], settings["n_actions"], settings["coupling"]
    X, Y = (S if coupling in ("both", "kernel") else 1), (S if coupling in ("both", "reward") else 1)

    def laws(*shape: int) -> FloatArray:
        table = simple_laws(shape[-1])
        places = st.integers(0, len(table) - 1)
        drawn = [draw(places) for _ in range(math.prod(shape[:-1]))]
        return table[drawn].reshape(shape)

    genes = {"gamma": np.array(draw(st.sampled_from(GAMMAS))), "eta": np.array(draw(st.sampled_from(ETAS)))}
    for name in recipe.policies:
        genes[name] = laws(N_POLICIES, S, A) if name == "policies" else laws(S, A)
    genes |= {name: laws(S) for name in recipe.laws}
    if recipe.step:
        genes["beta"] = np.array(draw(st.sampled_from(SHARES)))
    levels = [draw(st.integers(0, len(REWARDS) - 1)) for _ in range(Y * S * A)]
    genes["rewards"] = np.array(REWARDS)[levels].reshape(Y, S, A)
    genes["kernels"] = laws(X, S, A, S)
    return genes


@lru_cache(maxsize=8)
def simple_laws(n: int) -> FloatArray:
    """Distributions over n points with small denominators, the smallest denominators first, each once, (rows, n)."""
    rows = [
        tuple(Fraction(k, denominator) for k in weights)
        for denominator in DENOMINATORS[n]
        for weights in product(range(denominator + 1), repeat=n)
        if sum(weights) == denominator
    ]
    return np.array([[float(part) for part in row] for row in dict.fromkeys(rows)])
