"""What is played: mean-field games and dynamic games of N players, random families, the papers' games, files."""

from mfbounds.games.affine import AffineGame
from mfbounds.games.catalogue import build, from_origin, paper_games
from mfbounds.games.crowd import crowd_grid, four_rooms
from mfbounds.games.delay import delayed_crowds
from mfbounds.games.dynamic import (
    CountGame,
    DynamicGame,
    FiniteHorizonGame,
    TabularGame,
    affine_game,
    congestion_game,
)
from mfbounds.games.dynamic.catalogue import build_dynamic
from mfbounds.games.dynamic.random import dynamic_families, random_dynamic
from mfbounds.games.dynamic.rps import a_rps
from mfbounds.games.dynamic.sis import a_sis
from mfbounds.games.epidemic import sis
from mfbounds.games.files import load, load_any, save
from mfbounds.games.game import MeanFieldGame, Origin, from_functions
from mfbounds.games.islands import two_islands
from mfbounds.games.kinetic import kinetic_congestion
from mfbounds.games.line import monotone_chain, potential_ring
from mfbounds.games.matching import coordination, rock_paper_scissors
from mfbounds.games.random import families, garnet, random_affine, random_game, two_doors
from mfbounds.games.weak import contractive, no_interaction

__all__ = [
    "AffineGame",
    "CountGame",
    "DynamicGame",
    "FiniteHorizonGame",
    "MeanFieldGame",
    "Origin",
    "TabularGame",
    "a_rps",
    "a_sis",
    "affine_game",
    "build",
    "build_dynamic",
    "congestion_game",
    "contractive",
    "coordination",
    "crowd_grid",
    "delayed_crowds",
    "dynamic_families",
    "families",
    "four_rooms",
    "from_functions",
    "from_origin",
    "garnet",
    "kinetic_congestion",
    "load",
    "load_any",
    "monotone_chain",
    "no_interaction",
    "paper_games",
    "potential_ring",
    "random_affine",
    "random_dynamic",
    "random_game",
    "rock_paper_scissors",
    "save",
    "sis",
    "two_doors",
    "two_islands",
]
