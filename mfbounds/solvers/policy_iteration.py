"""Policy iteration for mean-field games, after Cacace et al. (2021) and Lauriere et al. (2022): one improvement a population.

In place of a best response: the values of the last policy at the current population, and the policy that they favour.
"""

from __future__ import annotations

import numpy as np

from mfbounds.games.game import MeanFieldGame
from mfbounds.solvers.iteration import Options, State
from mfbounds.solvers.response import boltzmann, log_of, q_of_policy, stepped


def policy_iteration_step(game: MeanFieldGame, state: State, beta: float, options: Options) -> State:
    """pi_k from the Q of pi_{k-1} at mu_{k-1}, and a step of size beta (1 by default) towards its population.

    pi_k is softmax(Q/eta) when regularised, else greedy (of equal actions the first), or softmax(Q/temperature).
    """
    assert options.baseline is not None
    regularised, temperature = options.baseline.regularised, options.baseline.temperature
    Q = q_of_policy(game, state, options)
    if regularised:
        log_policy = boltzmann(Q, game.eta)
    elif temperature is None:
        log_policy = log_of(np.eye(game.n_actions)[Q.argmax(axis=1)])
    else:
        log_policy = boltzmann(Q, temperature)
    return stepped(game, state, log_policy, beta, options)
