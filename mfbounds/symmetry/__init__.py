"""From a dynamic game to the mean-field game it induces: symmetrise, extend, average (P2, Section 2)."""

from mfbounds.symmetry.induced import induced_game
from mfbounds.symmetry.symmetrise import LatticeTables, symmetrise

__all__ = ["LatticeTables", "induced_game", "symmetrise"]
