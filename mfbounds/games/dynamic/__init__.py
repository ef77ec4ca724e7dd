"""N-player finite-horizon dynamic games (P2, Definition 1) and the mean-field games they are compared with.

Symbols of P2, used throughout: N players (`n_players`), K = N - 1 others (`n_others`), X = S x A the state-action
pairs, D = |S||A| of them (`n_pairs`), x = s A + a the index of a pair, H steps (`horizon`), rho_0 the law of the
first state (`start`), mu a distribution over X as an array (S, A), sigma(rho) the empirical distribution of a joint
state-action rho, counts = N sigma or K sigma.
"""

from mfbounds.games.dynamic.affine import affine_game
from mfbounds.games.dynamic.congestion import congestion_game
from mfbounds.games.dynamic.counts import CountGame
from mfbounds.games.dynamic.finite_horizon import FiniteHorizonGame
from mfbounds.games.dynamic.game import DynamicGame
from mfbounds.games.dynamic.lattice import Lattice
from mfbounds.games.dynamic.tabular import TabularGame

__all__ = [
    "CountGame",
    "DynamicGame",
    "FiniteHorizonGame",
    "Lattice",
    "TabularGame",
    "affine_game",
    "congestion_game",
]
