"""A game, the parameters of a check and one precision, with everything that was enclosed for them."""

from __future__ import annotations

import math
from collections.abc import Mapping
from dataclasses import dataclass, replace
from functools import cached_property
from types import MappingProxyType
from typing import Any

import numpy as np
from flint import arb

from mfbounds.bounds.constants import ConstantSet, smallest_c_op
from mfbounds.bounds.problem import Problem
from mfbounds.bounds.regularity import Regularity
from mfbounds.certified.constants import ExactConstants, game_numbers, proves_linear
from mfbounds.certified.exact import ExactGame, Rationals, distribution, read
from mfbounds.certified.laws import push
from mfbounds.certified.numbers import Number
from mfbounds.certified.process import Optimum, Population, Populations, Process
from mfbounds.certified.regularity import exact_regularity
from mfbounds.certified.symmetry import Ties, identical_actions, lumped_actions
from mfbounds.errors import NotConvergedError
from mfbounds.numbers import Constant, Provenance


@dataclass(frozen=True, eq=False)
class Exact:
    """What does not depend on the precision: the game in rational numbers, its regularity, its provable ties."""

    game: ExactGame
    numbers: Mapping[str, Number]
    lumped: Ties
    identical: Ties


def exact(problem: Problem) -> Exact:
    """The exact data of a problem's game, computed once.

    Raises:
        NotCertifiableError: the game is not given by data, or is too large.
    """

    def compute() -> Exact:
        game = read(problem.game)
        numbers = {**game_numbers(game), **exact_regularity(game, problem.regularity)}
        return Exact(game, numbers, lumped_actions(game), identical_actions(game))

    return problem.remember("exact", compute)


def at_precision(problem: Problem, bits: int) -> CertifiedProblem:
    """The problem at one precision, made once; to be used at that working precision."""
    return problem.remember(
        ("bits", bits), lambda: CertifiedProblem(problem.game, problem.parameters, base=problem, bits=bits)
    )


@dataclass(frozen=True, eq=False)
class CertifiedProblem(Problem):
    """A `Problem` whose constants are balls of exact numbers, and that encloses what its methods return."""

    base: Problem | None = None
    bits: int = 53

    @cached_property
    def known(self) -> Exact:
        assert self.base is not None
        return exact(self.base)

    @cached_property
    def regularity(self) -> Regularity:
        assert self.base is not None
        return self.base.regularity

    @cached_property
    def populations(self) -> Populations:
        return Populations(self.known.game)

    def constant_set(self, M: int | float) -> ConstantSet:
        def compute() -> ConstantSet:
            assert self.base is not None
            rounded = self.base.constant_set(M)
            primitives = dict(rounded.primitives)
            given = {name: primitives[name].value for name in ("C_op_linear", "K_F_linear")}
            if math.isfinite(given["C_op_linear"]) and not self._linear(M, given):
                infinite = replace(primitives["C_op_linear"], value=math.inf, argument="not proved at this precision")
                primitives |= {"C_op_linear": infinite, "K_F_linear": infinite}
            return ExactConstants(primitives=MappingProxyType(primitives), M=M, numbers=self.known.numbers)

        return self.remember(("constants", M), compute)

    def _linear(self, M: int | float, given: Mapping[str, float]) -> bool:
        try:
            return proves_linear(
                self.process(self.known.game.start), M, C_op=given["C_op_linear"], K_F=given["K_F_linear"]
            )
        except ZeroDivisionError:
            return False

    def c_op(self, M: int | float) -> Constant:
        """The constant of A-2: the caller's, certified where a proved one is at most as large; else the smallest proved."""
        proved = self.remember(("C_op", M), lambda: smallest_c_op(self.constant_set(M)))
        declared = self.parameters.C_op
        if declared is None:
            return proved
        if proved.certified and proved.value <= declared:
            return Constant(value=declared, provenance=Provenance.CERTIFIED, argument="C_op of the caller, proved here")
        return Constant(value=declared, provenance=Provenance.DECLARED, argument="C_op of the caller")

    def exact_law(self, law: Any) -> Rationals:
        """A population of a case, exactly; the game's own start keeps the rational numbers it was given by."""
        array = np.ascontiguousarray(law, dtype=np.float64)
        if np.array_equal(array, self.game.start):
            return self.known.game.start
        return self.remember(("law", array.tobytes()), lambda: distribution(array))

    def exact_rows(self, policy: Any) -> tuple[Rationals, ...]:
        """A policy of a case, exactly, (S, A)."""
        array = np.ascontiguousarray(policy, dtype=np.float64)
        return self.remember(("rows", array.tobytes()), lambda: tuple(map(distribution, array)))

    def process(self, mu: Population, *, warm: bool = False) -> Process:
        """The decision process at a population.

        Args:
            warm: for values of policies that may treat states differently which the game does not tell apart.
        """
        return self.populations.at(mu, self.known.identical if warm else self._ties(mu))

    def _ties(self, mu: Population) -> Ties:
        if not isinstance(mu, tuple) or not self.known.game.interacts:
            return self.known.lumped
        assert self.base is not None
        return self.base.remember(("ties", mu_key(mu)), lambda: lumped_actions(self.known.game, mu))

    def best(self, mu: Population, guess: list[arb] | None = None) -> Optimum:
        """The soft optimum at a population; one and the same for all where the game does not interact."""
        if not self.known.game.interacts:
            return self.remember("best", lambda: self.process(mu).optimum())
        if isinstance(mu, tuple):
            return self.remember(("best", mu_key(mu)), lambda: self.process(mu).optimum(guess))
        return self.process(mu).optimum(guess)

    def image(self, mu: Population, M: int | float, guess: list[arb] | None = None) -> list[arb]:
        """F_M(mu) = mu (P_mu^pi_mu)^M, (S,)."""
        best = self.best(mu, guess)
        return push(self.process(mu).chain(best.policy), mu, M)

    def require_contraction(self, M: int | float) -> arb:
        """1 - C_op, which must be certainly > 0 for the equilibrium to be located.

        Raises:
            NotConvergedError: it is not.
        """
        c_op = self.c_op(M)
        if not c_op.value < 1.0:
            raise NotConvergedError(f"C_op == {c_op.value:.4g}, must be < 1: the equilibrium may not be unique")
        return 1 - arb(c_op.value)


def mu_key(mu: Rationals) -> tuple[tuple[int, int], ...]:
    """A hashable form of an exact law."""
    return tuple((int(mass.p), int(mass.q)) for mass in mu)
