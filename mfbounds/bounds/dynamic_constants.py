"""The constants of P2 on a dynamic game: how far from symmetric, how smooth, how monotone its induced game is."""

from __future__ import annotations

import math
from collections.abc import Mapping

from mfbounds.bounds.constants_rows import ConstantsTable, Row
from mfbounds.bounds.dynamic_symbols import DYNAMIC_LEGEND, L_POP, L_POP_PRINTED
from mfbounds.bounds.formula import rounded_up
from mfbounds.errors import NotEnumerableError
from mfbounds.games.dynamic.finite_horizon import FiniteHorizonGame
from mfbounds.games.dynamic.game import DynamicGame
from mfbounds.numbers import Constant, Provenance
from mfbounds.symmetry.heterogeneity import Heterogeneity, heterogeneity
from mfbounds.symmetry.heterogeneity_bounds import sampled_heterogeneity
from mfbounds.symmetry.induced import induced_game
from mfbounds.symmetry.moduli import Moduli, moduli
from mfbounds.symmetry.monotonicity import Monotonicity, monotonicity
from mfbounds.symmetry.sparsity import sparsity
from mfbounds.symmetry.spreads import spreads

ORDER = ("alpha", "beta", "K_mu", "L_mu", "K_sa", "K_s", "K_a", "L_a", "L_sa", "kappa", "C_1", "C_2")


def dynamic_constants(game: DynamicGame, *, seed: int = 0) -> ConstantsTable:
    """Every constant of P2 on a game; those that cannot be computed are bounded, or sampled with `seed`.

    Example:
        >>> from mfbounds.games.dynamic.congestion import congestion
        >>> table = dynamic_constants(congestion(n_players=30))
        >>> table["K_mu"].sharpened, table["kappa"].sharpened, table["slope"].argument
        (0.0, 1.0, 'monotone: weakly yes, strictly yes, along flows yes; declared: K max (h(k+1) - h(k)), the payoff of a \
pair depends on the crowd there only')
    """
    induced = induced_game(game)
    known = _known(game, induced, seed)
    rows = [_row(name, known[name]) for name in ORDER]
    rows.append(_population_row(game, known))
    rows += _monotone_rows(monotonicity(induced))
    return ConstantsTable(game=repr(game)[1:-1], rows=tuple(rows))


def _known(game: DynamicGame, induced: FiniteHorizonGame, seed: int) -> dict[str, Constant]:
    found, slopes = _heterogeneity(game, seed), _moduli(game, induced)
    widths = spreads(game, induced, slopes.K_sa)
    known = {"alpha": found.alpha, "beta": found.beta}
    known |= {name: getattr(slopes, name) for name in ("K_mu", "L_mu", "K_sa")}
    known |= {name: getattr(widths, name) for name in ("K_s", "K_a", "L_a", "L_sa")}
    return known | _influence(game)


def _heterogeneity(game: DynamicGame, seed: int) -> Heterogeneity:
    try:
        return heterogeneity(game)
    except NotEnumerableError:  # neither declared nor small enough to enumerate
        return sampled_heterogeneity(game, seed=seed)


def _moduli(game: DynamicGame, induced: FiniteHorizonGame) -> Moduli:
    try:
        return moduli(game, induced)
    except NotEnumerableError:
        none = _certified(math.inf, "no bound is known: declare it with the game")
        return Moduli(none, none, _certified(2.0, "at most 2: rows are laws"))


def _influence(game: DynamicGame) -> dict[str, Constant]:
    """kappa, C_1, C_2: declared, exact, or the most that they can be."""
    names = ("kappa", "C_1", "C_2")
    known = {name: game.declared[name] for name in names if name in game.declared}
    if len(known) == len(names):
        return known
    try:
        found = sparsity(game)
    except NotEnumerableError:
        D = game.n_pairs
        most = {
            "kappa": _certified(float(D - 1), "at most D - 1: the others in the last pair are the rest"),
            "C_1": _certified(0.0 if game.independent else 2.0, "at most 2, and 0 where dynamics ignore the others"),
            "C_2": _certified(game.R, "at most the width of the reward range"),
        }
        return most | known
    kappa = _certified(float(found.kappa), f"exact: {found.kappa_P} for laws, {found.kappa_R} for rewards")
    return {"kappa": kappa, "C_1": found.C_1, "C_2": found.C_2} | known


def _row(name: str, constant: Constant, printed: float | None = None, sharpened: float | None = None) -> Row:
    """The same value in all tiers, unless another is given for one."""
    legend, value = DYNAMIC_LEGEND[name], constant.value
    best = value if sharpened is None else sharpened
    return Row(
        symbol=name,
        latex=legend.latex,
        meaning=legend.meaning,
        printed=value if printed is None else printed,
        printed_half=value if printed is None else printed,
        repaired=value if printed is None else printed,
        sharpened=best,
        provenance=constant.provenance,
        argument=constant.argument,
        driver="",
        log10=math.log10(best) if best > 0 else (math.nan if math.isnan(best) or best < 0 else -math.inf),
    )


def _population_row(game: DynamicGame, known: Mapping[str, Constant]) -> Row:
    printed, sharpened = (rounded_up(modulus, known) for modulus in (L_POP_PRINTED, L_POP))
    declared = game.declared.get("L_pop")
    if declared is not None and declared.value <= sharpened:
        return _row("L_pop", declared, printed, declared.value)
    provenance = known["K_mu"].provenance
    how = f"Lemma 9: printed {L_POP_PRINTED}, sharpened {L_POP}"
    return _row("L_pop", Constant(value=sharpened, provenance=provenance, argument=how), printed, sharpened)


def _monotone_rows(found: Monotonicity) -> list[Row]:
    answers = {True: "yes", False: "no", None: "open"}
    told = (
        f"monotone: weakly {answers[found.weak]}, strictly {answers[found.strict]}, along flows {answers[found.flow]}; "
        f"{found.argument}"
    )

    def constant(value: float, decided: bool | None) -> Constant:
        provenance = Provenance.ESTIMATED if decided is None else Provenance.CERTIFIED
        return Constant(value=value, provenance=provenance, argument=told)

    return [
        _row("slope", constant(found.slope, found.weak)),
        _row("slope_flow", constant(found.flow_slope, found.flow)),
    ]


def _certified(value: float, argument: str) -> Constant:
    return Constant(value=value, provenance=Provenance.CERTIFIED, argument=argument)
