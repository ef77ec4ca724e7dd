"""The constants of a game: each in its tiers, as a number, with how it is known and what drives it."""

from __future__ import annotations

import math
from collections.abc import Iterator, Mapping
from dataclasses import dataclass
from fractions import Fraction
from functools import cache, cached_property
from types import MappingProxyType

import sympy as sp
from flint import arb

from mfbounds.bounds.definitions import DEFINITIONS, PARAMETRIC, formula
from mfbounds.bounds.formula import evaluate, symbols_of
from mfbounds.bounds.linear import linear_constants
from mfbounds.bounds.regularity import Regularity
from mfbounds.bounds.statement import L1, Reading, Tier
from mfbounds.bounds.symbols import M as M_symbol
from mfbounds.bounds.symbols import Sigma_inf, q
from mfbounds.games.game import MeanFieldGame
from mfbounds.numbers import Constant, Provenance

REGULARITY = ("L_r", "L_P", "L_P_entry", "L_r1", "L_P1", "kappa_A")
_EXACT = "exact: part of the game"


@dataclass(frozen=True, kw_only=True)
class ConstantSet:
    """All constants of one game for M population steps.

    Attributes:
        primitives: the numbers that everything else is computed from, with provenance.
        M: population steps.
    """

    primitives: Mapping[str, Constant]
    M: int | float

    def values(self, tier: Tier, reading: Reading = L1) -> Mapping[str, arb]:
        """Every constant of a tier as a ball; NaN where a formula is undefined on this game."""
        return self._tables[tier, reading]

    @cached_property
    def _tables(self) -> _Tables:
        return _Tables(self)

    def balls(self, reading: Reading) -> dict[str, arb]:
        """The primitives as balls under a reading."""
        values = {name: _ball(constant.value) for name, constant in self.primitives.items()}
        if reading.a1 == "entry":
            values["L_P"] = values["L_P_entry"]
        return values

    def expression(self, name: str, tier: Tier, reading: Reading = L1) -> sp.Expr | None:
        """The formula of a constant as it is evaluated here, or None where the tier has none."""
        special = self._special(name, reading)
        if special is not None:
            return special
        definition = DEFINITIONS[name]
        return None if definition.formula(tier) is None else formula(name, tier)

    def _special(self, name: str, reading: Reading) -> sp.Expr | None:
        """Closed forms that take another shape at M = infinity, without mixing, or under the other norm."""
        if name == "C_Erg" and reading.tv == "half":
            return DEFINITIONS["C_Erg"].formulas[Tier.PRINTED] / 2
        if self.M == math.inf:
            return {"Sigma_M": Sigma_inf, "delta_M": q**M_symbol}.get(name)
        if name == "Sigma_M" and self.primitives["q"].value >= 1.0:
            return M_symbol
        return None

    def derived(self, tier: Tier, reading: Reading, primitives: Mapping[str, arb]) -> dict[str, arb]:
        """Every constant of a tier from primitives given as balls, which need not be those of this game."""
        values = dict(primitives)
        for name in _order(tier):
            values[name] = evaluate(self.expression(name, tier, reading), values)
        return values

    def ingredients(self, name: str, tier: Tier) -> frozenset[str]:
        """The primitives that a constant is computed from, directly or not."""
        return _ingredients(name, tier)

    def provenance(self, name: str, tier: Tier) -> Provenance:
        """Certified when every ingredient is; else estimated if one is estimated; else declared."""
        kinds = {self.primitives[i].provenance for i in self.ingredients(name, tier) if i in self.primitives}
        for kind in (Provenance.ESTIMATED, Provenance.DECLARED):
            if kind in kinds:
                return kind
        return Provenance.CERTIFIED


class _Tables(dict[tuple[Tier, Reading], Mapping[str, arb]]):
    """Values by (tier, reading), computed at first use."""

    def __init__(self, constants: ConstantSet) -> None:
        super().__init__()
        self.constants = constants

    def __missing__(self, key: tuple[Tier, Reading]) -> Mapping[str, arb]:
        tier, reading = key
        self[key] = MappingProxyType(self.constants.derived(tier, reading, self.constants.balls(reading)))
        return self[key]


@cache
def _order(tier: Tier) -> tuple[str, ...]:
    """The constants of a tier, each after those that its formula contains."""
    done: list[str] = []

    def visit(name: str) -> None:
        found = DEFINITIONS[name].formula(tier)
        if found is None or name in done or name in PARAMETRIC:
            return
        for inner in symbols_of(found):
            if inner in DEFINITIONS:
                visit(inner)
        done.append(name)

    for name in DEFINITIONS:
        visit(name)
    return tuple(done)


@cache
def _ingredients(name: str, tier: Tier) -> frozenset[str]:
    if name not in DEFINITIONS:
        return frozenset({name})
    found = DEFINITIONS[name].formula(tier)
    names = symbols_of(found) if found is not None else ()
    return frozenset().union(*(_ingredients(inner, tier) for inner in names))


def _ball(value: float) -> arb:
    return arb.pos_inf() if value == math.inf else arb(value)


def constant_set(
    game: MeanFieldGame, known: Regularity, *, M: int | float = 1, C_prime: float = 1.721, C_prime_1: float = 2.53
) -> ConstantSet:
    """All constants of a game; `known` is its regularity."""
    primitives = dict(_exact_primitives(game, M))
    primitives |= {name: getattr(known, name) for name in REGULARITY}
    primitives["n"] = _exactly(known.mixing.block, known.mixing.constant.argument, known.mixing.constant.provenance)
    primitives["q"] = known.mixing.constant
    primitives["C_TRPO_0_prime"] = _exactly(
        C_prime, "assumed: the paper gives no value; the default is proved for R^2 and L >= 2", Provenance.DECLARED
    )
    primitives["C_TRPO_1_prime"] = _exactly(
        C_prime_1,
        "assumed: the paper gives no value; with the default the first term of (22) is true for L >= 2",
        Provenance.DECLARED,
    )
    linear = linear_constants(game, M)
    none = _exactly(math.inf, "no closed form: the game interacts")
    primitives["C_op_linear"], primitives["K_F_linear"] = (none, none) if linear is None else linear
    return ConstantSet(primitives=MappingProxyType(primitives), M=M)


def _exact_primitives(game: MeanFieldGame, M: int | float) -> Iterator[tuple[str, Constant]]:
    low, high = game.reward_range
    exact = Fraction(high) - Fraction(low) == Fraction(high - low)
    yield "R", _exactly(high - low if exact else math.nextafter(high - low, math.inf), "exact: width of reward_range")
    yield from ((name, _exactly(getattr(game, name), _EXACT)) for name in ("gamma", "eta"))
    yield "n_S", _exactly(game.n_states, _EXACT)
    yield "n_A", _exactly(game.n_actions, _EXACT)
    yield "M", _exactly(M, "a parameter")
    yield "nu_min", _exactly(float(game.restart.min()), _EXACT)


def _exactly(value: float, argument: str, provenance: Provenance = Provenance.CERTIFIED) -> Constant:
    return Constant(value=float(value), provenance=provenance, argument=argument, exact=True)


def smallest_c_op(constants: ConstantSet) -> Constant:
    """The smallest proved C_op of A-2 (repaired, sharpened, or exact for games without interaction)."""
    best = Constant(value=math.inf, provenance=Provenance.CERTIFIED, argument="no finite C_op is proved")
    for tier in (Tier.REPAIRED, Tier.SHARPENED):
        ball, provenance = constants.values(tier)["C_op"], constants.provenance("C_op", tier)
        if ball.is_finite() and (value := _at_least(ball)) < best.value:
            how = "game without interaction" if _is_linear(constants, ball) else f"{tier} K_F of Lemma E.6"
            best = Constant(value=value, provenance=provenance, argument=how)
    return best


def _at_least(ball: arb) -> float:
    """The smallest float64 number that is found to be an upper bound of the ball."""
    value = float(ball.upper())
    return value if ball <= arb(value) else math.nextafter(value, math.inf)


def _is_linear(constants: ConstantSet, ball: arb) -> bool:
    return math.isfinite(constants.primitives["C_op_linear"].value) and ball == arb(
        constants.primitives["C_op_linear"].value
    )
