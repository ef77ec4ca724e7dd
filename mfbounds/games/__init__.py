"""What is played: the model, games given by their vertices, random families, the paper's games, files."""

from mfbounds.games.affine import AffineGame
from mfbounds.games.catalogue import build, from_origin, paper_games
from mfbounds.games.crowd import crowd_grid, four_rooms
from mfbounds.games.files import load, save
from mfbounds.games.game import MeanFieldGame, Origin, from_functions
from mfbounds.games.islands import two_islands
from mfbounds.games.random import families, garnet, random_affine, random_game, two_doors

__all__ = [
    "AffineGame",
    "MeanFieldGame",
    "Origin",
    "build",
    "crowd_grid",
    "families",
    "four_rooms",
    "from_functions",
    "from_origin",
    "garnet",
    "load",
    "paper_games",
    "random_affine",
    "random_game",
    "save",
    "two_doors",
    "two_islands",
]
