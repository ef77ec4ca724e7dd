"""A dynamic game together with the parameters of a check, and everything derived from them, computed once.

The twin of `mfbounds.bounds.problem` for paper P2: it answers the same questions to the verification layer.
"""

from __future__ import annotations

import math
import zlib
from collections.abc import Callable, Iterable, Mapping
from dataclasses import dataclass, field
from functools import cached_property
from typing import Any, TypeVar

import numpy as np
from flint import arb

from mfbounds.bounds.dynamic_symbols import L_POP
from mfbounds.bounds.formula import rounded_up
from mfbounds.bounds.statement import Reading, Tier
from mfbounds.checks import FloatArray, check_count, check_positive
from mfbounds.games.dynamic.finite_horizon import FiniteHorizonGame
from mfbounds.games.dynamic.game import DynamicGame
from mfbounds.mdp.finite_horizon import Flow, flow_of
from mfbounds.numbers import Constant, Provenance
from mfbounds.symmetry.heterogeneity import heterogeneity
from mfbounds.symmetry.induced import induced_game
from mfbounds.symmetry.moduli import Moduli, moduli
from mfbounds.symmetry.spreads import spreads

T = TypeVar("T")


@dataclass(frozen=True, kw_only=True)
class DynamicParameters:
    """The numbers of a check on a dynamic game that are not part of the game.

    Attributes:
        tau: entropy weight, reward units per nat.
        M: trajectories of one policy evaluation.
        T: epochs of policy updates.
        draws: random cases per statement, beside the systematic ones.
        seed: of the random cases.
        runs: most seeded runs of a case of an inequality about expectations or probabilities.
    """

    tau: float = 0.1
    M: int = 100
    T: int = 50
    draws: int = 4
    seed: int = 0
    runs: int = 400

    def __post_init__(self) -> None:
        check_positive(self.tau, "tau")
        for name in ("M", "T", "runs"):
            check_count(getattr(self, name), name)
        for name in ("draws", "seed"):
            check_count(getattr(self, name), name, least=0)

    def to_dict(self) -> dict[str, Any]:
        """JSON types only."""
        return {key: getattr(self, key) for key in self.__dataclass_fields__}


@dataclass(frozen=True, eq=False)
class DynamicProblem:
    """A dynamic game, the parameters of a check, and a memory of what was computed for them."""

    game: DynamicGame
    parameters: DynamicParameters = field(default_factory=DynamicParameters)
    _memory: dict[Any, Any] = field(default_factory=dict, repr=False)

    @cached_property
    def induced(self) -> FiniteHorizonGame:
        """The mean-field game that the game induces."""
        return induced_game(self.game)

    @cached_property
    def primitives(self) -> Mapping[str, Constant]:
        """The numbers that all formulas are computed from, with provenance."""
        game, found, slopes = self.game, heterogeneity(self.game), moduli(self.game, self.induced)
        exact = {
            "n_S": game.n_states,
            "n_A": game.n_actions,
            "D": game.n_pairs,
            "N": game.n_players,
            "H": game.horizon,
            "R": game.R,
        }
        known = {name: _exactly(value) for name, value in exact.items()}
        widths = spreads(game, self.induced, slopes.K_sa)
        return {
            **known,
            "alpha": found.alpha,
            "beta": found.beta,
            "K_mu": slopes.K_mu,
            "L_mu": slopes.L_mu,
            "K_sa": slopes.K_sa,
            "K_s": widths.K_s,
            "K_a": widths.K_a,
            "L_a": widths.L_a,
            "L_sa": widths.L_sa,
            "L_pop": game.declared.get("L_pop", _population_modulus(slopes)),
            "L_2": game.declared.get("L_2", _population_modulus(slopes, math.sqrt(game.n_pairs / 2))),
        }

    def constants(self, tier: Tier, reading: Reading, M: int | float | None = None) -> Mapping[str, arb]:  # noqa: ARG002
        """The constants as balls: the same in all tiers, since only bounds differ."""
        numbers = {name: arb(constant.value) for name, constant in self.primitives.items()}
        return {**numbers, **{name: arb(getattr(self.parameters, name)) for name in ("tau", "M", "T")}}

    def derived(self, names: Iterable[str], tier: Tier, values: Mapping[str, arb]) -> dict[str, arb]:  # noqa: ARG002
        """No constant of P2 depends on a number that only a case gives."""
        return {}

    def unknown(self, names: Iterable[str], tier: Tier, M: int | float | None = None) -> dict[str, Constant]:  # noqa: ARG002
        """Those of `names` that were only found by search, and so err below."""
        found = {name: self.primitives[name] for name in sorted(set(names) & self.primitives.keys())}
        return {name: constant for name, constant in found.items() if constant.provenance is Provenance.ESTIMATED}

    def flow(self, policy: FloatArray) -> Flow:
        """Lambda(policy) in the induced game."""
        return self.remember(("flow", policy.tobytes()), lambda: flow_of(self.induced, policy))

    def rng(self, label: str) -> np.random.Generator:
        """A generator that depends on the seed and on the label only."""
        return np.random.default_rng([self.parameters.seed, zlib.crc32(label.encode())])

    def remember(self, key: Any, compute: Callable[[], T]) -> T:
        """The value of `compute()`, computed once per key."""
        if key not in self._memory:
            self._memory[key] = compute()
        value: T = self._memory[key]
        return value


def _population_modulus(slopes: Moduli, factor: float = 1.0) -> Constant:
    """L_pop, or with the factor sqrt(D/2) its counterpart from l2 to l2: zero-mass x have ||x||_2 <= ||x||_1/sqrt 2."""
    value = factor * rounded_up(L_POP, {"K_sa": slopes.K_sa, "K_mu": slopes.K_mu})
    how = "K_sa/2 + K_mu (Lemma 9, sharpened)" + ("" if factor == 1.0 else ", times sqrt(D/2)")
    return Constant(value=value, provenance=Provenance.CERTIFIED, argument=how)


def _exactly(value: float) -> Constant:
    return Constant(value=float(value), provenance=Provenance.CERTIFIED, argument="exact: part of the game", exact=True)
