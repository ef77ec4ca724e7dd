"""One player who stays at home while a crowd of any size leaves: what its own trajectories never show."""

from __future__ import annotations

from copy import copy

import numpy as np

from mfbounds.checks import check_count, check_real
from mfbounds.errors import InputError
from mfbounds.games.dynamic.counts import CountGame
from mfbounds.games.dynamic.game import IntArray
from mfbounds.games.origins import origin_of
from mfbounds.numbers import Constant, Provenance


def lone_holdout(*, n_players: int = 10_000, alpha: float = 0.01) -> CountGame:
    """Two steps, all start in state 0; player 0 stays there, the others move to state 1, which pays 1, with probability p.

    `one_stays` for crowds too large to enumerate: alpha = 2p(N-1)/N, beta = K_mu = L_mu = 0. Player 0 is always in
    state 0, so that nothing it sees tells the value of state 1, where the population is with probability alpha/2.

    Args:
        n_players: N >= 2.
        alpha: heterogeneity of the dynamics, l1, in [0, 2(N-1)/N].

    Raises:
        InputError: a number outside its range.

    Example:
        >>> lone_holdout(n_players=100, alpha=0.02)
        <a lone holdout: N=100, S=2, A=1, H=2>
    """
    n = check_count(n_players, "n_players", least=2)
    if not 0.0 <= check_real(alpha, "alpha") <= 2 * (n - 1) / n:
        raise InputError(f"alpha == {alpha}, must be in [0, {2 * (n - 1) / n}]: it is 2p(N-1)/N for a probability p")
    p = alpha * n / (2 * (n - 1))
    kernels = np.zeros((n, 2, 1, 2))
    kernels[:, 0, 0] = [1.0 - p, p]
    kernels[0, 0, 0] = [1.0, 0.0]
    kernels[:, 1, 0, 1] = 1.0

    def reward(players: IntArray, states: IntArray, actions: IntArray, others: IntArray) -> np.ndarray:  # noqa: ARG001
        return states.astype(np.float64)

    values = {"alpha": alpha * (1 + 1e-12), "beta": 0.0, "K_mu": 0.0, "L_mu": 0.0, "K_sa": 2.0, "L_pop": 1.0}
    values |= {"K_s": 2.0, "K_a": 0.0, "L_a": 0.0, "L_sa": 1.0}
    game = copy(
        CountGame.of(
            kernels,
            reward,
            n_players=n,
            n_states=2,
            n_actions=1,
            horizon=2,
            reward_range=(0.0, 1.0),
            start=[1.0, 0.0],
            lifted_reward=lambda mu: np.array([[0.0], [1.0]]),  # noqa: ARG005
            affine_rewards=True,
            declared={
                name: Constant(value=value, provenance=Provenance.CERTIFIED, argument="by construction", exact=True)
                for name, value in values.items()
            },
            name="a lone holdout",
        )
    )
    object.__setattr__(game, "origin", origin_of("lone_holdout", {"n_players": n, "alpha": alpha}))
    return game
