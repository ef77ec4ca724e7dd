"""What is played: the model, games given by their vertices, random families, the paper's games, files."""

from mfbounds.games.affine import AffineGame
from mfbounds.games.game import MeanFieldGame, Origin, from_functions

__all__ = ["AffineGame", "MeanFieldGame", "Origin", "from_functions"]
