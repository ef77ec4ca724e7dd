"""A claim of the paper, measured: how many cases there are, and in how many the numbers bear it out."""

from __future__ import annotations

from collections.abc import Iterable
from dataclasses import dataclass
from enum import StrEnum


class Verdict(StrEnum):
    """How far the numbers bear a claim out."""

    YES = "reproduced"
    PARTLY = "partly"
    NO = "not reproduced"


@dataclass(frozen=True, kw_only=True)
class Claim:
    """A claim of the paper under one reading.

    Attributes:
        name: a few words.
        source: where the paper makes it.
        reading: which choices the numbers were made with.
        criterion: when a case counts.
        cases: how many cases there are: settings or seeds.
        met: in how many of them the criterion is met.
        measured: the numbers in words.
    """

    name: str
    source: str
    reading: str
    criterion: str
    cases: int
    met: int
    measured: str

    @property
    def verdict(self) -> Verdict:
        if self.met == self.cases:
            return Verdict.YES
        return Verdict.PARTLY if self.met else Verdict.NO


def range_of(values: Iterable[float]) -> str:
    """Three digits of the lowest and the highest value, or of the one value."""
    numbers = list(values)
    low, high = f"{min(numbers):.3g}", f"{max(numbers):.3g}"
    return low if low == high else f"{low} to {high}"
