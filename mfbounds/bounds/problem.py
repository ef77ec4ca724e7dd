"""A game together with the parameters of a check, and everything derived from them, computed once."""

from __future__ import annotations

import math
import zlib
from collections.abc import Callable, Iterable, Mapping
from dataclasses import dataclass, field
from functools import cached_property
from typing import Any, TypeVar

import numpy as np
from flint import arb

from mfbounds.bounds.constants import ConstantSet, constant_set, smallest_c_op
from mfbounds.bounds.definitions import L_DEPENDENT, formula
from mfbounds.bounds.equilibrium import Equilibrium, locate
from mfbounds.bounds.formula import evaluate
from mfbounds.bounds.regularity import Regularity, regularity
from mfbounds.bounds.statement import Reading, Tier
from mfbounds.checks import FloatArray, check_count, check_positive, check_real, check_steps
from mfbounds.errors import InputError
from mfbounds.games.game import MeanFieldGame
from mfbounds.mdp.frozen import Frozen, freeze
from mfbounds.mdp.optimum import frozen_optimum
from mfbounds.mdp.population import Step, frozen_step
from mfbounds.mdp.soft_optimum import SoftOptimum
from mfbounds.numbers import Constant, Provenance

T = TypeVar("T")
STEPS: tuple[int | float, ...] = (1, 2, 5, 10, 50, math.inf)


@dataclass(frozen=True, kw_only=True)
class Parameters:
    """The numbers of a check that are not part of the game.

    Attributes:
        M: population steps (an integer, or ``math.inf``); None takes the first of `STEPS` with a certified C_op < 1.
        L: inner TRPO iterations to look at.
        K: outer iterations.
        beta: constant outer step; None takes the largest that each tier admits (or 1/2 where none is admitted).
        C_prime: value for the constant C' of Theorem C.1, which the paper never gives. The default is proved for the
            homogeneous form (R^2 for R, L >= 2).
        C_prime_1: the same for the constant C' of Theorem D.2.
        C_op: constant for A-2 that you vouch for; None takes the certified one.
        draws: random cases per statement, beside the systematic ones.
        seed: of the random cases.
        runs: most seeded runs of a case of an inequality that is claimed with high probability; fewer where they decide.
    """

    M: int | float | None = None
    L: tuple[int, ...] = (1, 2, 5, 10, 20, 40, 100, 200)
    K: int = 40
    beta: float | None = None
    C_prime: float = 1.721
    C_prime_1: float = 2.53
    C_op: float | None = None
    draws: int = 4
    seed: int = 0
    runs: int = 400

    def __post_init__(self) -> None:
        if self.M is not None:
            check_steps(self.M)
        levels = (self.L,) if isinstance(self.L, int) else tuple(self.L)
        if not levels:
            raise InputError("L == (), must hold at least one number of inner iterations")
        object.__setattr__(self, "L", tuple(sorted(check_count(level, "L") for level in levels)))
        check_count(self.K, "K")
        check_count(self.draws, "draws", least=0)
        check_count(self.seed, "seed", least=0)
        check_count(self.runs, "runs")
        check_positive(self.C_prime, "C_prime")
        check_positive(self.C_prime_1, "C_prime_1")
        if self.beta is not None and not 0.0 < check_real(self.beta, "beta") <= 1.0:
            raise InputError(f"beta == {self.beta}, must be in (0, 1]: a larger step leaves the simplex")
        if self.C_op is not None:
            check_real(self.C_op, "C_op")

    def to_dict(self) -> dict[str, Any]:
        """JSON types only."""
        values = {key: getattr(self, key) for key in self.__dataclass_fields__}
        values["M"] = "inf" if self.M == math.inf else self.M
        values["L"] = list(self.L)
        return values


@dataclass(frozen=True, eq=False)
class Problem:
    """A game, the parameters of a check, and a memory of what was computed for them."""

    game: MeanFieldGame
    parameters: Parameters = field(default_factory=Parameters)
    _memory: dict[Any, Any] = field(default_factory=dict, repr=False)

    @cached_property
    def regularity(self) -> Regularity:
        """The game's regularity constants."""
        return regularity(self.game)

    def constants(self, tier: Tier, reading: Reading, M: int | float | None = None) -> Mapping[str, arb]:
        """The values of all constants in a tier, as balls; `M` defaults to the parameter, or 1."""
        return self.constant_set(M or self.parameters.M or 1).values(tier, reading)

    def derived(self, names: Iterable[str], tier: Tier, values: Mapping[str, arb]) -> dict[str, arb]:
        """Those of `names` that are constants of a number of iterations L, evaluated at the L among `values`."""
        wanted = sorted(set(names) & set(L_DEPENDENT))
        return {name: evaluate(formula(name, tier), values) for name in wanted}

    def unknown(self, names: Iterable[str], tier: Tier, M: int | float | None = None) -> dict[str, Constant]:
        """The constants behind `names` that were only found by search, and so err below."""
        constants = self.constant_set(M or self.parameters.M or 1)
        primitives = {inner for name in names for inner in constants.ingredients(name, tier)} - {"n"}
        found = {name: constants.primitives[name] for name in sorted(primitives & constants.primitives.keys())}
        return {name: constant for name, constant in found.items() if constant.provenance is Provenance.ESTIMATED}

    def constant_set(self, M: int | float) -> ConstantSet:
        """All constants for M population steps."""
        return self.remember(
            ("constants", M),
            lambda: constant_set(
                self.game,
                self.regularity,
                M=M,
                C_prime=self.parameters.C_prime,
                C_prime_1=self.parameters.C_prime_1,
            ),
        )

    @cached_property
    def M(self) -> int | float:
        """The population steps of the convergence theorems: the parameter, or the first M with C_op < 1 certified."""
        if self.parameters.M is not None:
            return self.parameters.M
        return next((M for M in STEPS if self.c_op(M).value < 1.0 and self.c_op(M).certified), 1)

    def c_op(self, M: int | float) -> Constant:
        """The constant of A-2: the one that the user vouches for, else the smallest one that is certified."""
        if self.parameters.C_op is not None:
            return Constant(value=self.parameters.C_op, provenance=Provenance.DECLARED, argument="C_op of the caller")
        return self.remember(("C_op", M), lambda: smallest_c_op(self.constant_set(M)))

    def frozen(self, mu: FloatArray) -> Frozen:
        """The game frozen at mu."""
        return self.remember(("frozen", self._population_key(mu)), lambda: freeze(self.game, mu))

    def optimum(self, mu: FloatArray) -> SoftOptimum:
        """The soft optimum at mu: one and the same for every mu when the game does not interact."""
        return self.remember(("optimum", self._population_key(mu)), lambda: frozen_optimum(self.frozen(mu)))

    def _population_key(self, mu: FloatArray) -> bytes:
        return mu.tobytes() if self.game.interacts else b""

    def population_step(self, mu: FloatArray, M: int | float) -> Step:
        """F_M(mu) = mu (P_mu^pi_mu)^M; M = infinity: the stationary law of the optimal policy."""
        return self.remember(("step", mu.tobytes(), M), lambda: frozen_step(self.frozen(mu), mu, M))

    def equilibrium(self, M: int | float) -> Equilibrium:
        """The fixed point of F_M, with its distance to the equilibrium where C_op < 1 is certified."""
        return self.remember(("equilibrium", M), lambda: locate(self.game, self.constant_set(M)))

    def rng(self, label: str) -> np.random.Generator:
        """A generator that depends on the seed and on the label only."""
        return np.random.default_rng([self.parameters.seed, zlib.crc32(label.encode())])

    def remember(self, key: Any, compute: Callable[[], T]) -> T:
        """The value of `compute()`, computed once per key."""
        if key not in self._memory:
            self._memory[key] = compute()
        value: T = self._memory[key]
        return value
