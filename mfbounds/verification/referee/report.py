"""What the referee found, one line per statement and tier."""

from __future__ import annotations

from collections import Counter
from collections.abc import Mapping, Sequence
from dataclasses import dataclass
from typing import TYPE_CHECKING, Any

from mfbounds.bounds.statement import Tier
from mfbounds.verification.referee.findings import Check, Finding, Weight

if TYPE_CHECKING:
    import pandas as pd

FINE, NOTHING = "ok", "-"
CHECKS = tuple(Check)


@dataclass(frozen=True, kw_only=True)
class Line:
    """One statement in one tier.

    Attributes:
        statement, title, tier: which.
        cells: what each check says: ``ok``, ``-`` where there is nothing to check, or what was found.
        exponents: of its first inequality, in |S|, |A|, L, 1/eta, 1/(1-gamma), 1/epsilon.
        findings: in full.
    """

    statement: str
    title: str
    tier: Tier
    cells: Mapping[Check, str]
    exponents: str
    findings: tuple[Finding, ...]

    @property
    def mistakes(self) -> tuple[Finding, ...]:
        """The findings that are mistakes."""
        return tuple(finding for finding in self.findings if finding.weight is Weight.MISTAKE)


@dataclass(frozen=True, eq=False)
class RefereeReport:
    """Every checked formula, in the order of the papers."""

    lines: tuple[Line, ...]

    @property
    def checks(self) -> tuple[str, ...]:
        """The names of the checks, in the order of the cells."""
        return tuple(check.value for check in CHECKS)

    @property
    def findings(self) -> tuple[Finding, ...]:
        """All findings, mistakes and remarks."""
        return tuple(finding for line in self.lines for finding in line.findings)

    @property
    def mistakes(self) -> tuple[Finding, ...]:
        """The findings that are mistakes."""
        return tuple(finding for line in self.lines for finding in line.mistakes)

    @property
    def new(self) -> tuple[Finding, ...]:
        """Mistakes that no recorded defect tells, and all mistakes in a proved tier."""
        return tuple(found for found in self.mistakes if not found.recorded or found.tier is not Tier.PRINTED)

    @property
    def summary(self) -> str:
        """One line: how many formulas, mistakes and remarks, and whether the ledger knows them."""
        proved = sum(finding.tier is not Tier.PRINTED for finding in self.mistakes)
        known = "all recorded as defects" if not self.new else f"{len(self.new)} NOT RECORDED"
        return (
            f"{len(self.lines)} lines: {len(self.mistakes)} mistakes in formulas and proof steps ({known}), "
            f"{proved} of them in a proved tier; {len(self.findings) - len(self.mistakes)} remarks"
        )

    def to_pandas(self) -> pd.DataFrame:
        """One row a line: statement, tier, a column for each check, exponents."""
        import pandas as pd

        return pd.DataFrame([_row(line) for line in self.lines])

    def to_markdown(self) -> str:
        """The lines as a table, then every mistake in words."""
        names = ("statement", "tier", *CHECKS, "exponents")
        parts = [self.summary, "", f"| {' | '.join(names)} |", "|" + "---|" * len(names)]
        parts += [f"| {' | '.join(map(_cell, _row(line).values()))} |" for line in self.lines]
        parts += ["", *(f"- {told(finding)}" for finding in self.mistakes)]
        return "\n".join(parts) + "\n"

    def to_records(self) -> list[dict[str, Any]]:
        """One mapping of JSON types a line, with its findings."""
        return [{**_row(line), "findings": [_record(finding) for finding in line.findings]} for line in self.lines]

    def __str__(self) -> str:
        return self.to_markdown()

    def _repr_html_(self) -> str:
        return str(self.to_pandas().to_html(index=False))


def told(finding: Finding) -> str:
    """A finding in one line."""
    known = f" [{', '.join(finding.recorded)}]" if finding.recorded else ""
    return f"{finding.statement} {finding.tier.value}, {finding.check.value}{known}: {finding.place}: {finding.text}"


def cell(check: Check, findings: Sequence[Finding], checked: bool) -> str:
    """What one check says about one statement and tier, in few words."""
    if not checked:
        return NOTHING
    mistakes = [finding for finding in findings if finding.weight is Weight.MISTAKE]
    if not mistakes:
        remarks = len(findings)
        if check is Check.DEPENDENCIES and findings:
            return findings[0].place
        return FINE if not remarks else f"{FINE}, {remarks} remark{'s' if remarks > 1 else ''}"
    names = Counter(name for finding in mistakes for name in (finding.recorded or ("NOT RECORDED",)))
    return f"{len(mistakes)} wrong: {', '.join(names)}"


def _row(line: Line) -> dict[str, Any]:
    checks = {check.value: line.cells[check] for check in CHECKS}
    return {"statement": line.statement, "tier": line.tier.value, **checks, "exponents": line.exponents}


def _record(finding: Finding) -> dict[str, Any]:
    return {
        "check": finding.check.value,
        "weight": finding.weight.value,
        "place": finding.place,
        "text": finding.text,
        "recorded": list(finding.recorded),
    }


def _cell(value: Any) -> str:
    return str(value).replace("|", "\\|")
