"""Games without interaction: their population step is a linear map, and A-2 a question about an eigenvalue."""

from __future__ import annotations

import math

import numpy as np
import scipy.sparse as sp
from scipy.linalg import helmert

from mfbounds.bounds.zero_mass import EPS, eigenvalue_bound, row_defect, spectral_norm_bound
from mfbounds.games.game import MeanFieldGame
from mfbounds.mdp.chains import recurrent_classes
from mfbounds.mdp.frozen import freeze
from mfbounds.mdp.optimum import frozen_optimum
from mfbounds.numbers import Constant, Provenance

MAX_STATES = 1000  # beyond it, dense decompositions of P^M take too long


def linear_constants(game: MeanFieldGame, M: int | float) -> tuple[Constant, Constant] | None:
    """(C_op, K_F) of a game whose population step is linear, F_M(mu) = mu P^M; None for other games.

    It is linear when mu plays no role in the kernel, and none in the reward or there is one action. C_op is then the
    largest eigenvalue of the symmetric part of P^M on zero-mass vectors and K_F its spectral norm there, both rounded
    upward, with the error of the soft-optimal policy included. For M = inf, F is constant and both are 0.

    None also beyond `MAX_STATES` states (finite M), and for M = inf when the chain has several recurrent classes.
    """
    if game.fixed_kernel is None or (game.fixed_reward is None and game.n_actions > 1):
        return None
    if game.n_states == 1:
        return _both(0.0, 0.0, "exact: there is one population")
    if game.n_states > MAX_STATES and M != math.inf:
        return None
    frozen = freeze(game, np.full(game.n_states, 1.0 / game.n_states))
    best = frozen_optimum(frozen)
    chain = frozen.chain(best.policy)
    if M == math.inf:
        unichain = len(recurrent_classes(chain)) == 1
        return _both(0.0, 0.0, "exact: F is a constant map") if unichain else None
    steps, n = int(M), game.n_states
    dense = chain.toarray() if sp.issparse(chain) else chain
    basis = helmert(n)
    restricted = basis @ np.linalg.matrix_power(dense, steps) @ basis.T
    # Rows are off by so much in l1 per step; ||x||_1 <= sqrt(S) ||x||_2, and a row error does not grow under kernels.
    off = best.policy_error + row_defect((dense,)) + (2 * n + game.n_actions + 8) * EPS
    slack = math.sqrt(n) * (steps * off + (4 * n + 8) * EPS)
    eigenvalue = eigenvalue_bound(0.5 * (restricted + restricted.T)) + slack
    norm = spectral_norm_bound(restricted) + slack
    return _both(
        eigenvalue, norm, f"F is linear; extreme eigenvalue (norm) of P^{steps} on zero mass, within {slack:.0e}"
    )


def _both(C_op: float, K_F: float, argument: str) -> tuple[Constant, Constant]:
    return (
        Constant(value=C_op, provenance=Provenance.CERTIFIED, argument=argument, exact=True),
        Constant(value=K_F, provenance=Provenance.CERTIFIED, argument=argument, exact=True),
    )
