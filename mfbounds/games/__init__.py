"""What is played: the model, games given by their vertices, random families, the paper's games, files."""

from mfbounds.games.affine import AffineGame
from mfbounds.games.catalogue import build, from_origin, paper_games
from mfbounds.games.crowd import crowd_grid, four_rooms
from mfbounds.games.dynamic.rps import a_rps
from mfbounds.games.dynamic.sis import a_sis
from mfbounds.games.epidemic import sis
from mfbounds.games.files import load, save
from mfbounds.games.game import MeanFieldGame, Origin, from_functions
from mfbounds.games.islands import two_islands
from mfbounds.games.kinetic import kinetic_congestion
from mfbounds.games.line import monotone_chain, potential_ring
from mfbounds.games.matching import coordination, rock_paper_scissors
from mfbounds.games.random import families, garnet, random_affine, random_game, two_doors
from mfbounds.games.weak import contractive, no_interaction

__all__ = [
    "AffineGame",
    "MeanFieldGame",
    "Origin",
    "a_rps",
    "a_sis",
    "build",
    "contractive",
    "coordination",
    "crowd_grid",
    "families",
    "four_rooms",
    "from_functions",
    "from_origin",
    "garnet",
    "kinetic_congestion",
    "load",
    "monotone_chain",
    "no_interaction",
    "paper_games",
    "potential_ring",
    "random_affine",
    "random_game",
    "rock_paper_scissors",
    "save",
    "sis",
    "two_doors",
    "two_islands",
]
