"""From a dynamic game to the mean-field game it induces: symmetrise, extend, average (P2, Section 2)."""

from mfbounds.symmetry.induced import induced_game
from mfbounds.symmetry.kirszbraun import kirszbraun
from mfbounds.symmetry.mcshane import mcshane
from mfbounds.symmetry.moduli import Moduli, moduli
from mfbounds.symmetry.symmetrise import LatticeTables, symmetrise

__all__ = ["LatticeTables", "Moduli", "induced_game", "kirszbraun", "mcshane", "moduli", "symmetrise"]
