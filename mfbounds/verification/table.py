"""The table of a report: one row for each inequality, over all games, worst first."""

from __future__ import annotations

import math
from collections import Counter, defaultdict
from collections.abc import Iterable, Mapping, Sequence
from dataclasses import dataclass
from enum import IntEnum
from statistics import median
from typing import Any, TypeAlias

from mfbounds.bounds.statement import Reading, Tier
from mfbounds.verification.status import Status

Record: TypeAlias = Mapping[str, Any]

DECIDED = (Status.HOLDS, Status.VACUOUS, Status.VIOLATED)


class Severity(IntEnum):
    """What a row calls for; the table is sorted by it."""

    REPAIRED_VIOLATED = 0
    NEW_VIOLATION = 1
    RECORDED_VIOLATION = 2
    VACUOUS = 3
    INCONCLUSIVE = 4
    HOLDS = 5
    NOT_APPLICABLE = 6

    @property
    def text(self) -> str:
        return self.name.lower().replace("_", " ")


@dataclass(frozen=True, kw_only=True)
class Row:
    """One inequality over all games.

    Attributes:
        statement, title, tier, form, reading, bound: which inequality.
        counts: number of games by status.
        median_slack, worst_slack: decades; over the games where it was decided which side is larger.
        vacuity: median decades by which the right side exceeds the trivial bound; 0 or more is vacuous.
        gain: median decades by which the slack is smaller than that of the printed form, where that is true.
        defects: names of the recorded defects that make the inequality false.
        reason: of the worst verdict; for an inequality that never applies, what fails most often.
        worst: the record that `reason` is about.
        asked, certified, precision: games on which a proof was asked for, on which there is one, and its most bits.
    """

    statement: str
    title: str
    tier: Tier
    form: str
    reading: str
    bound: str
    counts: Mapping[Status, int]
    median_slack: float
    worst_slack: float
    vacuity: float
    gain: float
    defects: tuple[str, ...]
    reason: str
    worst: Record
    asked: int = 0
    certified: int = 0
    precision: int = 0

    @property
    def severity(self) -> Severity:
        if self.counts[Status.VIOLATED]:
            if self.tier is not Tier.PRINTED:
                return Severity.REPAIRED_VIOLATED
            return Severity.RECORDED_VIOLATION if self.defects else Severity.NEW_VIOLATION
        if self.counts[Status.INCONCLUSIVE]:
            return Severity.INCONCLUSIVE
        if self.counts[Status.HOLDS]:
            return Severity.HOLDS
        return Severity.VACUOUS if self.counts[Status.VACUOUS] else Severity.NOT_APPLICABLE

    @property
    def mark(self) -> str:
        """On how many games the verdict is a proof, and the most bits that one took; empty where none was asked for."""
        bits = f", {self.precision} bits" if self.certified else ""
        return f"certified {self.certified}/{self.asked}{bits}" if self.asked else ""

    @property
    def inequality(self) -> str:
        """Tier, form and reading."""
        return " / ".join(part for part in (self.tier.value, self.form, self.reading) if part)


def table(records: Iterable[Record], titles: Mapping[str, str]) -> tuple[Row, ...]:
    """The rows, worst first; among equals in the order of the records."""
    groups: dict[tuple[str, str], list[Record]] = defaultdict(list)
    for record in records:
        if record["kind"] == "verdict":
            groups[record["statement"], record["bound"]].append(record)
    printed = _printed_slacks(groups)
    rows = [_row(group, titles, printed) for group in groups.values()]
    return tuple(sorted(rows, key=_urgency))


def _urgency(row: Row) -> tuple[float, ...]:
    slack = math.inf if math.isnan(row.worst_slack) else row.worst_slack
    return row.severity, -row.counts[Status.VIOLATED], -row.counts[Status.INCONCLUSIVE], slack


def reading_text(record: Record) -> str:
    """The reading of a printed inequality; empty for the others, whose conventions are fixed."""
    return str(Reading(**record["reading"])) if record["tier"] == Tier.PRINTED else ""


def _row(group: Sequence[Record], titles: Mapping[str, str], printed: Mapping[Place, float]) -> Row:
    first = group[0]
    compared = [record for record in group if record["status"] in DECIDED and not math.isnan(record["slack_decades"])]
    slacks = [record["slack_decades"] for record in compared]
    gains = [
        _printed(printed, record) - record["slack_decades"]
        for record in compared
        if record["tier"] != Tier.PRINTED and math.isfinite(record["slack_decades"])
    ]
    worst = min(group, key=_badness)
    proofs = [record["certificate"] for record in group if record.get("certificate")]
    given = [proof for proof in proofs if proof["certified"]]
    return Row(
        statement=first["statement"],
        title=titles.get(first["statement"], ""),
        tier=Tier(first["tier"]),
        form=first["form"],
        reading=reading_text(first),
        bound=first["bound"],
        counts={status: sum(record["status"] == status for record in group) for status in Status},
        median_slack=median(slacks) if slacks else math.nan,
        worst_slack=min(slacks) if slacks else math.nan,
        vacuity=_median(record["vacuity_decades"] for record in compared),
        gain=_median(gains),
        defects=tuple(first["defects"]),
        reason=_reason(group, worst),
        worst=worst,
        asked=len(proofs),
        certified=len(given),
        precision=max((proof["precision"] for proof in given), default=0),
    )


def _badness(record: Record) -> tuple[int, float]:
    order = (Status.VIOLATED, Status.INCONCLUSIVE, Status.HOLDS, Status.VACUOUS, Status.NOT_APPLICABLE)
    slack = record["slack_decades"]
    return order.index(Status(record["status"])), math.inf if math.isnan(slack) else slack


def _reason(group: Sequence[Record], worst: Record) -> str:
    if worst["status"] != Status.NOT_APPLICABLE:
        return f"{worst['game']['name']}: {worst['reason']}"
    kinds = Counter(_obstacle(record) for record in group)
    (most, count), *_ = kinds.most_common(1)
    example = next(record for record in group if _obstacle(record) == most)
    return f"{count} of {len(group)} games: {example['reason']}"


def _obstacle(record: Record) -> str:
    """What keeps an inequality from applying, without its number."""
    broken = [result["name"] for result in record["hypotheses"] if not result["holds"]]
    return ", ".join(broken) or record["reason"]


Place: TypeAlias = "tuple[str, str | None, str]"  # statement, form (None: any), game


def _printed(slacks: Mapping[Place, float], record: Record) -> float:
    """Slack of the printed inequality of the same form on the same game, else of any form; NaN where none is true."""
    statement, form, game = record["statement"], record["form"], record["game"]["name"]
    return slacks.get((statement, form, game), slacks.get((statement, None, game), math.nan))


def _printed_slacks(groups: Mapping[Any, Sequence[Record]]) -> dict[Place, float]:
    """Slack of the printed inequalities that are true; the smallest over the readings (and over the forms)."""
    slacks: dict[Place, float] = {}
    for record in (record for group in groups.values() for record in group):
        true = record["status"] in DECIDED[:2] and math.isfinite(record["slack_decades"])
        if record["tier"] == Tier.PRINTED and true:
            for form in (record["form"], None):
                place = (record["statement"], form, record["game"]["name"])
                slacks[place] = min(record["slack_decades"], slacks.get(place, math.inf))
    return slacks


def _median(values: Iterable[float]) -> float:
    numbers = [value for value in values if not math.isnan(value)]
    return median(numbers) if numbers else math.nan
