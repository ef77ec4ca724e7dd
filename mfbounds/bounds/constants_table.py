"""`mfbounds.constants(game)`: every constant on a game, in its tiers, with how it is known and what drives it."""

from __future__ import annotations

import html
import math
from collections.abc import Iterator
from dataclasses import dataclass

import pandas as pd
from flint import arb

from mfbounds.bounds.constants import REGULARITY, ConstantSet, constant_set
from mfbounds.bounds.definitions import DEFINITIONS, L_DEPENDENT, PARAMETRIC
from mfbounds.bounds.driver import constant_value, main_driver
from mfbounds.bounds.paper import latex
from mfbounds.bounds.regularity import regularity
from mfbounds.bounds.search import WorstPair, worst_pair
from mfbounds.bounds.statement import HALF, L1, Tier
from mfbounds.bounds.symbols import LEGEND
from mfbounds.checks import check_count, check_positive, check_steps
from mfbounds.errors import NotUnichainError, UnknownNameError
from mfbounds.games.game import MeanFieldGame
from mfbounds.numbers import Constant, Provenance, log10


@dataclass(frozen=True, kw_only=True)
class Row:
    """One constant on one game.

    Attributes:
        symbol: Python name; `latex` the paper's notation.
        printed, printed_half: under TV = l1 and under TV = l1/2; NaN where undefined, None where the paper has none.
        repaired, sharpened: None where the tier has no formula of its own and inherits none.
        provenance: of the best tier; `argument` says in one line how the number is known.
        driver: the ingredient that moves the constant most, with its elasticity.
    """

    symbol: str
    latex: str
    meaning: str
    printed: float | None
    printed_half: float | None
    repaired: float | None
    sharpened: float | None
    provenance: Provenance
    argument: str
    driver: str
    log10: float


@dataclass(frozen=True, kw_only=True)
class ConstantsTable:
    """The constants of a game; index it by symbol, or turn it into pandas.

    Attributes:
        game: what the table is about, in words.
        rows: one per symbol.
        M, L: population steps and inner iterations that the table is for.
        worst: the pair of populations with the largest measured slope of F_M, when it was searched for.
    """

    game: str
    rows: tuple[Row, ...]
    M: int | float
    L: int
    worst: WorstPair | None = None

    def __getitem__(self, symbol: str) -> Row:
        for row in self.rows:
            if row.symbol == symbol:
                return row
        raise UnknownNameError("constant", symbol, [row.symbol for row in self.rows])

    def __iter__(self) -> Iterator[Row]:
        return iter(self.rows)

    def __len__(self) -> int:
        return len(self.rows)

    def to_pandas(self) -> pd.DataFrame:
        """One row per symbol, indexed by symbol."""
        columns = ("printed", "printed_half", "repaired", "sharpened", "provenance", "argument", "driver", "meaning")
        data = {column: [_plain(getattr(row, column)) for row in self.rows] for column in columns}
        return pd.DataFrame(data, index=pd.Index([row.symbol for row in self.rows], name="symbol"))

    def __str__(self) -> str:
        head = f"{'symbol':<15}{'printed':>11}{'repaired':>11}{'sharpened':>11}  {'known':<10} how, and what drives it"
        lines = [f"Constants of {self.game}, M = {self.M}, L = {self.L} (printed: TV = l1)", head]
        for row in self.rows:
            cells = "".join(f"{_short(value):>11}" for value in (row.printed, row.repaired, row.sharpened))
            lines.append(f"{row.symbol:<15}{cells}  {row.provenance.value:<10} {_how(row)}")
        return "\n".join(lines)

    __repr__ = __str__

    def _repr_html_(self) -> str:
        head = ("symbol", "", "printed", "repaired", "sharpened", "known", "how, and what drives it")
        rows = [
            (
                f"<code>{row.symbol}</code>",
                f"${html.escape(row.latex)}$",
                *(_short(value) for value in (row.printed, row.repaired, row.sharpened)),
                row.provenance.value,
                html.escape(_how(row)),
            )
            for row in self.rows
        ]
        body = "".join("<tr>" + "".join(f"<td>{cell}</td>" for cell in row) + "</tr>" for row in rows)
        title = html.escape(f"{self.game}, M = {self.M}, L = {self.L} (printed: TV = l1)")
        return f"<table><caption>{title}</caption><tr>{''.join(f'<th>{h}</th>' for h in head)}</tr>{body}</table>"


def constants(
    game: MeanFieldGame, M: int | float = 1, *, L: int = 10, C_prime: float = 1.721, measure: bool = True, seed: int = 0
) -> ConstantsTable:
    """Every constant of the theory on a game.

    Args:
        M: population steps, an integer >= 1 or ``math.inf``.
        L: inner iterations, for the rows that depend on it (`B`, `E_pi`, `e_F`).
        C_prime: value for the constant that Theorem C.1 leaves open.
        measure: also search for the worst measured slopes of F_M (rows `C_op_measured` and `K_F_measured`).
        seed: of that search.

    Raises:
        InputError: `M`, `L` or `C_prime` is out of range.
    """
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


def _plain(value: object) -> object:
    return value.value if isinstance(value, Provenance) else value


def _short(value: float | None) -> str:
    if value is None:
        return "-"
    if 0.0 < 1.0 - value < 1e-4:
        return f"1-{1.0 - value:.2g}"
    return "undefined" if math.isnan(value) else f"{value:.4g}"


def _how(row: Row) -> str:
    how = row.argument if not row.argument.startswith(("printed:", "repaired:", "sharpened:")) else row.meaning
    return f"{how}; driven by {row.driver}" if row.driver else how
