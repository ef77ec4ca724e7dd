"""From a dynamic game to the mean-field game it induces: symmetrise, extend, average (P2, Section 2)."""

from mfbounds.symmetry.heterogeneity import Heterogeneity, heterogeneity
from mfbounds.symmetry.heterogeneity_bounds import bounded_heterogeneity, sampled_heterogeneity
from mfbounds.symmetry.induced import induced_game
from mfbounds.symmetry.kirszbraun import kirszbraun
from mfbounds.symmetry.mcshane import mcshane
from mfbounds.symmetry.moduli import Moduli, moduli
from mfbounds.symmetry.monotonicity import Monotonicity, monotonicity
from mfbounds.symmetry.sparsity import Sparsity, sparsity
from mfbounds.symmetry.symmetrise import LatticeTables, symmetrise

__all__ = [
    "Heterogeneity",
    "LatticeTables",
    "Moduli",
    "Monotonicity",
    "Sparsity",
    "bounded_heterogeneity",
    "heterogeneity",
    "induced_game",
    "kirszbraun",
    "mcshane",
    "moduli",
    "monotonicity",
    "sampled_heterogeneity",
    "sparsity",
    "symmetrise",
]
