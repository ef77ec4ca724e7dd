"""Checks of the formulas themselves, before any game is played."""

from mfbounds.verification.referee.dependencies import chain_of, to_mermaid
from mfbounds.verification.referee.judge import referee
from mfbounds.verification.referee.report import RefereeReport

__all__ = ["RefereeReport", "chain_of", "referee", "to_mermaid"]
