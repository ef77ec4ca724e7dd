"""Reports: what was found over many games, worst first, as text, Markdown, HTML and one record a line."""

from __future__ import annotations

import math
import platform
from collections import defaultdict
from collections.abc import Iterable, Mapping
from dataclasses import dataclass, field
from functools import cached_property
from pathlib import Path
from statistics import median
from typing import TYPE_CHECKING, Any

from mfbounds.bounds.statement import Statement, Tier
from mfbounds.games.catalogue import catalogue
from mfbounds.output import write_files
from mfbounds.verification.findings import is_reproduced
from mfbounds.verification.informative import Informative, informative
from mfbounds.verification.records import restored, to_line
from mfbounds.verification.status import Status
from mfbounds.verification.table import Record, Row, table

if TYPE_CHECKING:
    from mfbounds.verification.referee import RefereeReport

NAME = "verification"  # of the files that `Report.write` makes


@dataclass(frozen=True, kw_only=True)
class Fact:
    """A further number of a statement over the games: median, smallest, largest."""

    statement: str
    name: str
    median: float
    smallest: float
    largest: float
    games: int


@dataclass(frozen=True, kw_only=True)
class PaperGame:
    """What the theory says about one of the paper's own games.

    Attributes:
        applies: statement id -> inequalities that hold or are violated there.
        obstacles: reason, with the failing number -> statement ids that it keeps from applying.
    """

    name: str
    applies: Mapping[str, tuple[str, ...]]
    obstacles: Mapping[str, tuple[str, ...]]


@dataclass(frozen=True, eq=False)
class Report:
    """What was found over many games.

    Attributes:
        records: verdicts, facts and defects, in the order in which they were found (see `verification.jsonl`).
        statements: of which the records speak; they give titles and pictures.
    """

    records: tuple[Record, ...]
    statements: tuple[Statement, ...] = field(default=())

    def __init__(self, records: Iterable[Mapping[str, Any]], *, statements: Iterable[Statement] = ()) -> None:
        object.__setattr__(self, "records", tuple(restored(record) for record in records))
        object.__setattr__(self, "statements", tuple(statements))

    def of_kind(self, kind: str) -> list[Record]:
        """The records of one kind: verdict, facts or defect."""
        return [record for record in self.records if record["kind"] == kind]

    @cached_property
    def rows(self) -> tuple[Row, ...]:
        """One row for each inequality, worst first."""
        return table(self.records, {statement.id: statement.title for statement in self.statements})

    @property
    def ledger_true(self) -> bool:
        """No new violation, and every recorded defect reproduced by its witness."""
        return not self.new_violations and all(map(is_reproduced, self.of_kind("defect")))

    @cached_property
    def new_violations(self) -> tuple[Record, ...]:
        """Violations that the ledger does not know: proved inequalities, and printed ones without recorded defect."""
        return tuple(
            record
            for record in self.of_kind("verdict")
            if record["status"] == Status.VIOLATED and (record["tier"] != Tier.PRINTED or not record["defects"])
        )

    @cached_property
    def facts(self) -> tuple[Fact, ...]:
        """The statements' further numbers over the games."""
        values: dict[tuple[str, str], list[float]] = defaultdict(list)
        for record in self.of_kind("facts"):
            for name, value in record["facts"].items():
                if math.isfinite(value):
                    values[record["statement"], name].append(float(value))
        return tuple(
            Fact(statement=of, name=name, median=median(v), smallest=min(v), largest=max(v), games=len(v))
            for (of, name), v in values.items()
        )

    @cached_property
    def informative(self) -> tuple[Informative, ...]:
        """On which games the proved inequalities that are vacuous on some say something."""
        return informative(self.records)

    @cached_property
    def paper_games(self) -> tuple[PaperGame, ...]:
        """The paper's own games: what applies, and what does not, with the failing number."""
        groups: dict[str, list[Record]] = defaultdict(list)
        for record in self.of_kind("verdict"):
            if is_paper_game(record["game"]):
                groups[record["game"]["name"]].append(record)
        return tuple(_paper_game(name, group) for name, group in groups.items())

    @cached_property
    def referee(self) -> RefereeReport:
        """What the formulas and proofs of the ledger's statements say for themselves, before any game."""
        from mfbounds.bounds.ledger import ledger
        from mfbounds.verification.referee import referee

        known = [item for item in ledger() if item.paper == "P1"]
        return referee([item for item in self.statements if any(item is other for other in known)])

    @cached_property
    def environment(self) -> Mapping[str, str]:
        """Versions, parameters and seed of the verdicts."""
        verdicts = self.of_kind("verdict")
        found: dict[str, str] = {"games": str(len({record["game"]["name"] for record in verdicts}))}
        for record in verdicts[:1]:
            found |= record["versions"]
            found |= {f"parameter {key}": str(value) for key, value in record["parameters"].items()}
        return {**found, "machine": platform.platform(terse=True)}

    @property
    def summary(self) -> str:
        """One line: how many verdicts, of which status, and whether the ledger is true."""
        verdicts = self.of_kind("verdict")
        counts = {status: sum(record["status"] == status for record in verdicts) for status in Status}
        defects = [record for record in self.of_kind("defect") if record["replayed"] is not None]
        reproduced = sum(map(is_reproduced, defects))
        parts = ", ".join(f"{count} {status.value}" for status, count in counts.items() if count)
        end = (
            "the ledger is true"
            if self.ledger_true
            else f"THE LEDGER IS NOT TRUE: {len(self.new_violations)} new violations"
        )
        if any(row.asked for row in self.rows):
            parts += f"; {sum(row.certified for row in self.rows)} of them certified"
        return f"{len(verdicts)} verdicts: {parts}; {reproduced} of {len(defects)} witnesses of recorded defects reproduced; {end}"

    def to_jsonl(self) -> str:
        """One record a line; `mfbounds.verification.witness.replay` takes those of kind verdict."""
        return "".join(f"{to_line(record)}\n" for record in self.records)

    def to_text(self, *, width: int = 150, colour: bool = False) -> str:
        """The table and the findings for a terminal."""
        from mfbounds.verification.report_text import render_text

        return render_text(self, width=width, colour=colour)

    def to_markdown(self) -> str:
        """The report as Markdown."""
        from mfbounds.verification.report_html import render_markdown

        return render_markdown(self)

    def to_html(self, *, pictures: bool = True) -> str:
        """The report as one self-contained page; the pictures are inside."""
        from mfbounds.verification.report_html import render_html

        return render_html(self, pictures=pictures)

    def __str__(self) -> str:
        return self.to_text()

    def _repr_html_(self) -> str:
        return self.to_html(pictures=False)

    def write(self, folder: str | Path) -> None:
        """Write verification.html, .md and .jsonl; all of them or none.

        Raises:
            InputError: the folder cannot be written.
        """
        write_files(folder, {})  # an unwritable folder is refused before the pictures are drawn
        texts = {"jsonl": self.to_jsonl(), "md": self.to_markdown(), "html": self.to_html()}
        write_files(folder, {f"{NAME}.{suffix}": text.encode() for suffix, text in texts.items()})


def is_paper_game(description: Mapping[str, Any]) -> bool:
    """Whether a game's record names a factory of the paper's experiments."""
    entry = catalogue().get(description["origin"]["factory"]) if description["origin"] else None
    return entry is not None and entry.source.startswith("P1")


def _paper_game(name: str, group: Iterable[Record]) -> PaperGame:
    applies: dict[str, list[str]] = defaultdict(list)
    obstacles: dict[str, list[str]] = defaultdict(list)
    for record in group:
        if record["status"] != Status.NOT_APPLICABLE:
            applies[record["statement"]].append(f"{record['bound']}: {record['status']}")
            continue
        broken = [f"{r['name']}: {r['reason']}" for r in record["hypotheses"] if not r["holds"]]
        for reason in broken or [record["reason"]]:
            if record["statement"] not in obstacles[reason]:
                obstacles[reason].append(record["statement"])
    return PaperGame(
        name=name,
        applies={key: tuple(value) for key, value in applies.items()},
        obstacles={key: tuple(value) for key, value in obstacles.items()},
    )
