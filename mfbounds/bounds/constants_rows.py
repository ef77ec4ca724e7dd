"""The table that `mfbounds.constants` returns: one row per constant, as text, HTML and pandas."""

from __future__ import annotations

import html
from collections.abc import Iterator
from dataclasses import dataclass

import pandas as pd

from mfbounds.bounds.search import WorstPair
from mfbounds.errors import UnknownNameError
from mfbounds.numbers import Provenance
from mfbounds.words import number


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
        M, L: population steps and inner iterations that the table is for; None for a dynamic game, which has neither.
        worst: the pair of populations with the largest measured slope of F_M, when it was searched for.
    """

    game: str
    rows: tuple[Row, ...]
    M: int | float | None = None
    L: int | None = None
    worst: WorstPair | None = None

    @property
    def title(self) -> str:
        """What the table is about, in one line."""
        steps = "" if self.M is None else f", M = {self.M}, L = {self.L}"
        return f"Constants of {self.game}{steps}"

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
        lines = [self.title + ("" if self.M is None else " (printed: TV = l1)"), head]
        for row in self.rows:
            cells = "".join(f"{number(value):>11}" for value in (row.printed, row.repaired, row.sharpened))
            lines.append(f"{row.symbol:<15}{cells}  {row.provenance.value:<10} {_how(row)}")
        return "\n".join(lines)

    __repr__ = __str__

    def _repr_html_(self) -> str:
        head = ("symbol", "", "printed", "repaired", "sharpened", "known", "how, and what drives it")
        rows = [
            (
                f"<code>{row.symbol}</code>",
                f"${html.escape(row.latex)}$",
                *(number(value) for value in (row.printed, row.repaired, row.sharpened)),
                row.provenance.value,
                html.escape(_how(row)),
            )
            for row in self.rows
        ]
        body = "".join("<tr>" + "".join(f"<td>{cell}</td>" for cell in row) + "</tr>" for row in rows)
        title = html.escape(self.title + ("" if self.M is None else " (printed: TV = l1)"))
        return f"<table><caption>{title}</caption><tr>{''.join(f'<th>{h}</th>' for h in head)}</tr>{body}</table>"


def _plain(value: object) -> object:
    return value.value if isinstance(value, Provenance) else value


def _how(row: Row) -> str:
    how = row.argument if not row.argument.startswith(("printed:", "repaired:", "sharpened:")) else row.meaning
    return f"{how}; driven by {row.driver}" if row.driver else how
