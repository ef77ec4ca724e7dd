"""Online mirror descent, after Perolat et al. (2022): the policy is softmax(y/temperature), y the cumulative Q.

    y_k = y_{k-1} + learning_rate Q_{k-1},    Q_{k-1} the values of pi_{k-1} at its population,

in the game without the entropy bonus; there time is finite and the temperature 1. Regularised, which is a variant of this
package, the bonus counts, and y forgets as much as makes softmax(Q/eta), the soft-optimal policy, the only one that stays:

    y_k = y_{k-1} + learning_rate (Q_{k-1} - (eta/temperature) y_{k-1}),

that is, log pi_k = log pi_{k-1} + (learning_rate/temperature) (Q_{k-1} - eta log pi_{k-1}) + const.
"""

from __future__ import annotations

import numpy as np

from mfbounds.games.game import MeanFieldGame
from mfbounds.solvers.iteration import Options, State
from mfbounds.solvers.response import boltzmann, q_of_policy, stepped, with_own_population


def mirror_descent_step(game: MeanFieldGame, state: State, beta: float, options: Options) -> State:
    """pi_k = softmax(y_k/temperature), and its population, taken as it is unless beta < 1.

    The first population is that of the uniform policy; y_0 = 0.
    """
    assert options.baseline is not None
    rate, temperature = options.baseline.learning_rate, options.baseline.temperature
    assert rate is not None
    assert temperature is not None
    base, cumulative = state, state.memory.get("cumulative")
    if cumulative is None:
        base, cumulative = with_own_population(game, state, options.M), np.zeros_like(state.log_policy)
    forgotten = game.eta / temperature * cumulative if options.baseline.regularised else 0.0
    cumulative = cumulative + rate * (q_of_policy(game, base, options) - forgotten)
    return stepped(game, base, boltzmann(cumulative, temperature), beta, options, {"cumulative": cumulative})
