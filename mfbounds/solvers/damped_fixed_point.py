"""The damped fixed-point iteration: mu_k = mu_{k-1} + beta (law of the best response - mu_{k-1}).

It goes by this name in the survey of Lauriere et al. (2022). The best response may be soft (for M steps this is P1's
Algorithm 5), greedy, or Boltzmann, softmax(Q*/temperature) of the game without the bonus (after Guo et al. 2019 and Cui and
Koeppl 2021).
"""

from __future__ import annotations

from mfbounds.games.game import MeanFieldGame
from mfbounds.solvers.iteration import Options, State
from mfbounds.solvers.response import best_response, stepped


def damped_fixed_point_step(game: MeanFieldGame, state: State, beta: float, options: Options) -> State:
    """The best response to mu_{k-1}, and a step of size beta towards its population."""
    response = best_response(game, state, options)
    return stepped(game, state, response.log_policy, beta, options, response.memory, response.found)
