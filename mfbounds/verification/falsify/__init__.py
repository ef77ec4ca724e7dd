"""Search for games that break an inequality, and for those on which it is tightest."""

from __future__ import annotations

from mfbounds.verification.falsify.result import Attempt, Falsification
from mfbounds.verification.falsify.search import falsify

__all__ = ["Attempt", "Falsification", "falsify"]
