"""`mfbounds.constants(game)`: every constant on a game, in its tiers, with how it is known and what drives it."""

from __future__ import annotations

import math

from flint import arb

from mfbounds.bounds.constants import REGULARITY, ConstantSet, constant_set
from mfbounds.bounds.constants_rows import ConstantsTable, Row
from mfbounds.bounds.definitions import DEFINITIONS, L_DEPENDENT, PARAMETRIC
from mfbounds.bounds.driver import constant_value, main_driver
from mfbounds.bounds.dynamic_constants import dynamic_constants
from mfbounds.bounds.paper import latex
from mfbounds.bounds.regularity import regularity
from mfbounds.bounds.search import WorstPair, worst_pair
from mfbounds.bounds.statement import HALF, L1, Tier
from mfbounds.bounds.symbols import LEGEND
from mfbounds.checks import check_count, check_positive, check_steps
from mfbounds.errors import NotUnichainError
from mfbounds.games.dynamic.game import DynamicGame
from mfbounds.games.game import MeanFieldGame
from mfbounds.games.kinds import check_mean_field
from mfbounds.numbers import Constant, Provenance, log10

__all__ = ["ConstantsTable", "Row", "constants"]


def constants(
    game: MeanFieldGame | DynamicGame,
    M: int | float = 1,
    *,
    L: int = 10,
    C_prime: float = 1.721,
    measure: bool = True,
    seed: int = 0,
) -> ConstantsTable:
    """Every constant of the theory on a game: of P1 on a mean-field game, of P2 on a dynamic game of N players.

    On a dynamic game only `seed` is used, where constants can only be sampled.

    Args:
        M: population steps, an integer >= 1 or ``math.inf``.
        L: inner iterations, for the rows that depend on it (`B`, `E_pi`, `e_F`).
        C_prime: value for the constant that Theorem C.1 leaves open.
        measure: also search for the worst measured slopes of F_M (rows `C_op_measured` and `K_F_measured`).
        seed: of that search.

    Raises:
        InputError: `M`, `L` or `C_prime` is out of range.
    """
    if isinstance(game, DynamicGame):
        return dynamic_constants(game, seed=seed)
    check_mean_field(game, "mfbounds.constants with a dynamic game")
    check_count(L, "L")
    check_positive(C_prime, "C_prime")
    known = constant_set(game, regularity(game), M=check_steps(M), C_prime=C_prime)
    rows = [_primitive(known, name) for name in (*REGULARITY, "n", "q")]
    rows += [_defined(known, name, L) for name in DEFINITIONS if name in L_DEPENDENT or name not in PARAMETRIC]
    worst = _search(game, M, seed) if measure else None
    if worst is not None:
        rows += [_measured(worst, name) for name in ("C_op", "K_F")]
    return ConstantsTable(game=repr(game)[1:-1], rows=tuple(rows), M=M, L=L, worst=worst)


def _search(game: MeanFieldGame, M: int | float, seed: int) -> WorstPair | None:
    if game.n_states < 2:
        return None
    try:
        return worst_pair(game, M, seed=seed, effort=200)
    except NotUnichainError:
        return None


def _primitive(known: ConstantSet, name: str) -> Row:
    constant = known.primitives[name]
    return Row(
        symbol=name,
        latex=LEGEND[name].latex,
        meaning=LEGEND[name].meaning,
        printed=constant.value,
        printed_half=constant.value,
        repaired=constant.value,
        sharpened=constant.value,
        provenance=constant.provenance,
        argument=constant.argument,
        driver="",
        log10=math.log10(constant.value) if constant.value > 0 else -math.inf,
    )


def _defined(known: ConstantSet, name: str, L: int) -> Row:
    definition, legend = DEFINITIONS[name], LEGEND[name]
    best = next(tier for tier in reversed(Tier) if tier in definition.formulas)
    ball = constant_value(known, name, best, L1, L)
    assert ball is not None
    first = Tier.PRINTED in definition.formulas
    tiers = {tier: constant_value(known, name, tier, L1, L) for tier in Tier}
    return Row(
        symbol=name,
        latex=legend.latex,
        meaning=legend.meaning,
        printed=_float(tiers[Tier.PRINTED]) if first else None,
        printed_half=_float(constant_value(known, name, Tier.PRINTED, HALF, L)) if first else None,
        repaired=_float(tiers[Tier.REPAIRED]),
        sharpened=_float(tiers[Tier.SHARPENED]),
        provenance=known.provenance(name, best),
        argument=_argument(known, name, best),
        driver=main_driver(known, name, best, L),
        log10=log10(ball),
    )


def _argument(known: ConstantSet, name: str, tier: Tier) -> str:
    weak = [
        i for i in sorted(known.ingredients(name, tier)) if i in known.primitives and not known.primitives[i].certified
    ]
    errs = f"; {', '.join(weak)} not certified" if weak else ""
    return f"{tier}: {latex(DEFINITIONS[name].formulas[tier])}{errs}"


def _measured(worst: WorstPair, name: str) -> Row:
    found = getattr(worst, name)
    constant = Constant(
        value=found.value,
        provenance=Provenance.ESTIMATED,
        argument=f"largest slope of {worst.evaluations} evaluations, +- {found.error:.1g}: errs below",
    )
    return Row(
        symbol=f"{name}_measured",
        latex=LEGEND[name].latex + r"^{\mathrm{measured}}",
        meaning=f"largest measured value: a lower bound for every valid {name}",
        printed=None,
        printed_half=None,
        repaired=constant.value,
        sharpened=constant.value,
        provenance=constant.provenance,
        argument=constant.argument,
        driver="",
        log10=log10(found.ball),
    )


def _float(ball: arb | None) -> float | None:
    if ball is None:
        return None
    if ball.is_nan():
        return math.nan
    return float(ball.mid()) if ball.is_finite() or not math.isfinite(float(ball.mid())) else math.inf
