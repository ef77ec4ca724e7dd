"""What the referee says about a formula: a check, the place, words, and whether it is a mistake or a remark."""

from __future__ import annotations

from dataclasses import dataclass
from enum import StrEnum

from mfbounds.bounds.statement import Tier


class Check(StrEnum):
    """What a formula is checked for, without playing a game (`LIMITS` plays tiny ones to be sure)."""

    HOMOGENEITY = "homogeneity"
    LIMITS = "limits"
    ORDERS = "orders"
    ALGEBRA = "algebra"
    DEPENDENCIES = "dependencies"


class Weight(StrEnum):
    """How much a finding weighs."""

    MISTAKE = "mistake"  # the formula cannot be right as it stands, or a step of its proof is false
    REMARK = "remark"  # true or open, and worth knowing


@dataclass(frozen=True, kw_only=True)
class Finding:
    """One finding about one formula.

    Attributes:
        check: which check found it.
        statement: id of the statement.
        tier: of the formula.
        place: key of the inequality, name of the constant, or name of the proof step.
        text: what is wrong, with the numbers or the terms that show it.
        weight: mistake or remark.
        recorded: names of the recorded defects that say the same; empty for something new.
    """

    check: Check
    statement: str
    tier: Tier
    place: str
    text: str
    weight: Weight = Weight.MISTAKE
    recorded: tuple[str, ...] = ()
