"""Which recorded defect says what the referee found: a table for the reader, consulted after the checks have run."""

from __future__ import annotations

from collections.abc import Iterable, Mapping
from dataclasses import replace
from types import MappingProxyType

from mfbounds.bounds.statement import Tier
from mfbounds.verification.referee.findings import Check, Finding, Weight

HOMOGENEITY, LIMITS, ORDERS, ALGEBRA = Check.HOMOGENEITY, Check.LIMITS, Check.ORDERS, Check.ALGEBRA

# (check, statement, part of the place or of the text) -> recorded defects; the first that fits is taken.
RECORDED: Mapping[tuple[Check, str, str], tuple[str, ...]] = MappingProxyType(
    {
        (HOMOGENEITY, "P1.C.1", ""): ("C.1(b)",),
        (HOMOGENEITY, "P1.C.2", ""): ("C.2(b)",),
        (HOMOGENEITY, "P1.C.5", "C_TRPO_0:"): ("C.1(b)",),
        (HOMOGENEITY, "P1.C.5", "value gap"): ("C.5(f)",),
        (HOMOGENEITY, "P1.C.6", "sqrt(B)"): ("C.6(b)",),
        (HOMOGENEITY, "P1.C.6", "policy distance"): ("C.6(b)",),
        (HOMOGENEITY, "P1.C.6", "through"): ("C.1(b)",),
        (HOMOGENEITY, "P1.W", ""): ("C.1(b)",),
        (HOMOGENEITY, "P1.Alg.3", "reward shift"): ("shift",),
        (HOMOGENEITY, "P1.D.2", "Bregman"): ("D.2(c)",),
        (HOMOGENEITY, "P1.D.4", "I_l_algorithm"): ("D.4(d)",),
        (HOMOGENEITY, "P1.D.4", ""): ("D.4(d)",),
        (HOMOGENEITY, "P1.D.5", "policy distance"): ("D.5(c)",),
        (HOMOGENEITY, "P1.D.5", ""): ("D.4(d)",),
        (HOMOGENEITY, "P1.E.1", ""): ("E.1(a)",),
        (HOMOGENEITY, "P1.E.6", ""): ("E.6(a)",),
        (LIMITS, "P1.C.1", "L = 1"): ("C.1(a)",),
        (LIMITS, "P1.C.2", "L = 1"): ("C.2(a)",),
        (LIMITS, "P1.C.5", "L_P = 0"): ("C.5(a)",),
        (LIMITS, "P1.C.5", "L = 1"): ("C.5(b)",),
        (LIMITS, "P1.C.6", ""): ("C.6(a)",),
        (LIMITS, "P1.E.1", ""): ("E.1(a)",),
        (LIMITS, "P1.E.6", ""): ("E.6(a)",),
        (LIMITS, "P1.Alg.3", "T_l"): ("T_l",),
        (ORDERS, "P1.D.7", "population"): ("D.7(a)",),
        (ALGEBRA, "P1.eq2", ""): ("sign",),
        (ALGEBRA, "P1.B.2", ""): ("App. B",),
        (ALGEBRA, "P1.Alg.8", ""): ("Alg. 8",),
        (ALGEBRA, "P1.C.3", "Lipschitz"): ("C.3(a)",),
        (ALGEBRA, "P1.C.3", ""): ("C.3(b)",),
        (ALGEBRA, "P1.C.4", "constant step"): ("C.4(a)",),
        (ALGEBRA, "P1.C.4", "step C/k"): ("C.4(b)",),
        (ALGEBRA, "P1.C.5", "of ||mu - mu*||^2"): ("C.5(f)",),
        (ALGEBRA, "P1.C.5", "value gap"): ("C.5(f)",),
        (ALGEBRA, "P1.C.5", "tau < 1"): ("C.5(d)",),
        (ALGEBRA, "P1.C.5", ""): ("C.5(c)",),
        (ALGEBRA, "P1.C.6", ""): ("C.6(b)",),
        (ALGEBRA, "P1.D.2", "at L = 1"): ("D.2(a)",),
        (ALGEBRA, "P1.D.2", ""): ("D.2(c)",),
        (ALGEBRA, "P1.D.3", ""): ("D.3(a)",),
        (ALGEBRA, "P1.D.4", "(28)"): ("D.4(d)",),
        (ALGEBRA, "P1.D.4", "value gap"): ("D.4(d)",),
        (ALGEBRA, "P1.D.4", ""): ("D.4(b)",),
        (ALGEBRA, "P1.D.5", ""): ("D.5(c)",),
        (ALGEBRA, "P1.E.1", "policy term"): ("E.1(a)",),
        (ALGEBRA, "P1.E.1", "mean under xi"): ("E.1(b)",),
        (ALGEBRA, "P1.E.2", ""): ("E.2(a)",),
        (ALGEBRA, "P1.E.6", ""): ("E.6(c)",),
    }
)


def with_records(findings: Iterable[Finding]) -> tuple[Finding, ...]:
    """The findings with the names of the recorded defects that say the same."""
    return tuple(replace(finding, recorded=_recorded(finding)) for finding in findings)


def _recorded(finding: Finding) -> tuple[str, ...]:
    if finding.weight is not Weight.MISTAKE or finding.tier is not Tier.PRINTED:
        return ()  # defects are recorded of the printed text alone
    told = f"{finding.place}: {finding.text}"
    for (check, statement, part), names in RECORDED.items():
        if (check, statement) == (finding.check, finding.statement) and part in told:
            return names
    return ()
