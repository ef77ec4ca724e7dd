"""What a statement of the paper is: cases to try, quantities to measure, and one inequality per tier and form.

A `Statement` is data. `cases` proposes populations, policies, step counts; `measure` turns one case into numbers with
error bounds; each `Bound` is an inequality ``left <= right`` between formulas over those numbers and the constants.
"""

from __future__ import annotations

from collections.abc import Callable, Iterator, Mapping
from dataclasses import dataclass, field
from enum import StrEnum
from typing import Any, TypeAlias

import sympy as sp

from mfbounds.numbers import Measured, Provenance

Case: TypeAlias = Mapping[str, Any]  # arrays, numbers and strings: everything needed to measure again
Quantities: TypeAlias = Mapping[str, Measured]


class Tier(StrEnum):
    """How a formula is meant."""

    PRINTED = "printed"  # the paper, literally, under a stated reading
    REPAIRED = "repaired"  # proved true
    SHARPENED = "sharpened"  # proved, tighter


@dataclass(frozen=True, kw_only=True)
class Reading:
    """A choice where the paper's convention is ambiguous.

    Attributes:
        tv: ``"l1"`` when ||.||_TV is the l1 norm (as in Pinsker's inequality, E.2), ``"half"`` when it is half of it
            (as with test functions in [0, 1], E.1).
        a1: ``"l1"`` when L_P of A-1 bounds the l1 norm of rows (as the proofs use it), ``"entry"`` when it bounds each
            entry (as A-1 is printed).
    """

    tv: str = "l1"
    a1: str = "l1"

    def __str__(self) -> str:
        parts = ["TV = l1" if self.tv == "l1" else "TV = l1/2"]
        if self.a1 == "entry":
            parts.append("A-1 entrywise")
        return ", ".join(parts)


L1, HALF, ENTRY = Reading(), Reading(tv="half"), Reading(a1="entry")


@dataclass(frozen=True, kw_only=True)
class HypothesisResult:
    """One hypothesis on one game.

    Attributes:
        name: for instance ``"A-2"``.
        holds: True, False, or None when what is known does not decide.
        margin: how far inside (positive) or outside (negative) the hypothesis is, in the units of its number.
        value: the number it is about, with `provenance`.
        reason: one line in words, with the number.
    """

    name: str
    holds: bool | None
    value: float
    margin: float
    provenance: Provenance
    reason: str


# The first argument of these functions is the problem of the statement's paper (see `mfbounds.bounds.problems`).
Hypothesis: TypeAlias = Callable[[Any, Case], HypothesisResult]


@dataclass(frozen=True, kw_only=True)
class Bound:
    """One inequality left <= right of a statement.

    Attributes:
        tier: printed, repaired or sharpened; constants in `right` are taken in this tier.
        left, right: formulas over the statement's measured quantities, the constants, and the case's numbers.
        trivial: what is known without the statement; a right side at or above it is vacuous.
        hypotheses: all must hold for the inequality to be claimed.
        form: which of the statement's inequalities, when it makes several.
        reading: the reading of an ambiguous printed convention.
        where: whether a case is one this inequality speaks about (for instance L >= 2).
        extra: values of `right` that no closed formula gives (recursions), computed from the problem and the case.
        uses: constants that `extra` or a hypothesis is computed from, beside those that `right` shows.
        failure: allowed failure probability of an inequality that is only claimed with high probability. Such a case is
            measured many times, with ``case["run"]`` = 0, 1, ... as its seed; None: the inequality is certain.
    """

    tier: Tier
    left: sp.Expr
    right: sp.Expr
    trivial: sp.Expr
    hypotheses: tuple[Hypothesis, ...] = ()
    form: str = ""
    reading: Reading = L1
    where: Callable[[Case], bool] | None = None
    extra: Callable[[Any, Case], Quantities] | None = None
    uses: tuple[str, ...] = ()
    failure: sp.Expr | None = None

    @property
    def key(self) -> str:
        """Names the inequality inside its statement: ``"printed / mean / TV = l1"``."""
        reading = str(self.reading) if self.tier is Tier.PRINTED else ""
        return " / ".join(part for part in (self.tier.value, self.form, reading) if part)


class DefectKind(StrEnum):
    """What is wrong with a printed statement."""

    FALSE = "false"  # a game violates it
    PROOF = "proof"  # a proof step is false; the statement survives or falls elsewhere
    UNDEFINED = "undefined"  # a constant or a term is never given, or undefined
    LOOSE = "loose"  # true, but needlessly weak


@dataclass(frozen=True, kw_only=True)
class Witness:
    """A game and a case on which one bound is violated; small enough to check by hand."""

    game: Any
    case: Case
    bound: str  # the `Bound.key`
    parameters: Mapping[str, Any] = field(default_factory=dict)


@dataclass(frozen=True, kw_only=True)
class Defect:
    """A recorded defect of the printed text.

    Attributes:
        name: for instance ``"C.1(a)"``.
        text: what is wrong, in one or two lines.
        kind: see `DefectKind`.
        bounds: keys of the printed bounds that it makes false.
        witness: builds the witness; None only for a defect that no inequality can show (`UNDEFINED`, `LOOSE`).
    """

    name: str
    text: str
    kind: DefectKind
    bounds: tuple[str, ...] = ()
    witness: Callable[[], Witness] | None = None


@dataclass(frozen=True, kw_only=True)
class Statement:
    """A numbered statement of a paper.

    Attributes:
        id: ``"P1.C.5"``.
        title: a few words.
        source: where it stands, for instance ``"Appendix E.1, Lemma E.1"``.
        claim: what it says, in one or two plain sentences.
        quantities: measured symbol -> (LaTeX, meaning).
        cases: yields the cases to try on a problem (seeded by the problem).
        measure: the quantities of one case, each with its error.
        bounds: the inequalities, printed ones first.
        defects: what is wrong with the printed text.
        rests_on: ids of the statements that its printed proof uses.
        aliases: other numbers of the same statement (main text).
        facts: further numbers on a game that the report shows (for instance a fitted slope).
    """

    id: str
    title: str
    source: str
    claim: str
    quantities: Mapping[str, tuple[str, str]]
    cases: Callable[[Any], Iterator[Case]]
    measure: Callable[[Any, Case], Quantities]
    bounds: tuple[Bound, ...]
    defects: tuple[Defect, ...] = ()
    rests_on: tuple[str, ...] = ()
    aliases: tuple[str, ...] = ()
    facts: Callable[[Any], Mapping[str, float]] | None = None

    @property
    def paper(self) -> str:
        """``"P1"`` or ``"P2"``."""
        return self.id.split(".", 1)[0]

    def bound(self, key: str) -> Bound:
        """The inequality of that key."""
        for bound in self.bounds:
            if bound.key == key:
                return bound
        raise KeyError(f"{self.id} has no bound {key!r}; it has {[b.key for b in self.bounds]}")
