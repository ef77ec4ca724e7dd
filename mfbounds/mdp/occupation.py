"""The discounted occupation of the states (P1, eqs. (5)-(6)), normalised."""

from __future__ import annotations

from typing import Any

from mfbounds.checks import FloatArray, check_policy
from mfbounds.games.game import MeanFieldGame
from mfbounds.games.kinds import check_mean_field
from mfbounds.mdp.frozen import Frozen, freeze
from mfbounds.mdp.linear import solve_discounted


def occupation(game: MeanFieldGame, policy: Any, mu: Any, start: Any) -> FloatArray:
    """d(s) = (1-gamma) sum_t gamma^t Pr(s_t = s) with s_0 ~ `start`, at the population `mu`.

    Args:
        policy: pi(a|s), (S, A).
        mu, start: population and law of the first state, (S,).

    Returns:
        (S,), a distribution; J(pi, mu, start) = <d, r + eta H(pi)>/(1-gamma).

    Raises:
        InputError: an argument is not a distribution.

    Example:
        A state that is left for good after one step holds the share 1-gamma:

        >>> from mfbounds.games import AffineGame
        >>> game = AffineGame([[[0.0, 1.0]], [[0.0, 1.0]]], [[0.0], [0.0]], gamma=0.75, eta=1.0)
        >>> occupation(game, [[1.0], [1.0]], [0.5, 0.5], [1.0, 0.0])
        array([0.25, 0.75])
    """
    check_mean_field(game)
    checked = check_policy(policy, game.n_states, game.n_actions)
    return frozen_occupation(freeze(game, game.population(mu)), checked, game.population(start, "start"))


def frozen_occupation(frozen: Frozen, policy: FloatArray, start: FloatArray) -> FloatArray:
    """`occupation` for inner loops: nothing is validated."""
    d = solve_discounted(frozen.chain(policy), frozen.gamma, (1.0 - frozen.gamma) * start, transposed=True)
    # The inverse of an M-matrix is nonnegative: a negative entry is rounding.
    d = d.clip(min=0.0)
    normalised: FloatArray = d / d.sum()
    return normalised
