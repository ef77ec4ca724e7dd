"""Online mirror descent (Perolat et al. 2022): the policy is softmax(y/temperature), y the cumulative Q.

    y_k = y_{k-1} + learning_rate Q_{k-1},    Q_{k-1} the values of pi_{k-1} at its population,

in the game without the entropy bonus. Regularised, the bonus counts, and y forgets as much as makes softmax(Q/eta), the
soft-optimal policy, the only one that stays:

    y_k = y_{k-1} + learning_rate (Q_{k-1} - (eta/temperature) y_{k-1}),

that is, log pi_k = log pi_{k-1} + (learning_rate/temperature) (Q_{k-1} - eta log pi_{k-1}) + const.
"""

from __future__ import annotations

import numpy as np

from mfbounds.games.game import MeanFieldGame
from mfbounds.mdp.frozen import freeze
from mfbounds.mdp.values import policy_values
from mfbounds.solvers.iteration import Options, State, damped
from mfbounds.solvers.response import boltzmann, first_population, kept


def mirror_descent_step(game: MeanFieldGame, state: State, beta: float, options: Options) -> State:
    """pi_k = softmax(y_k/temperature), and its population, taken as it is unless beta < 1.

    The first population is that of the uniform policy; y_0 = 0.
    """
    assert options.baseline is not None
    rate, temperature = options.baseline.learning_rate, options.baseline.temperature
    assert rate is not None
    assert temperature is not None
    if "cumulative" in state.memory:
        mu, cumulative = state.mu, state.memory["cumulative"]
    else:
        mu, cumulative = first_population(game, state.log_policy, options.M), np.zeros_like(state.log_policy)
    frozen = freeze(game, mu)
    if options.baseline.regularised:
        gradient = policy_values(frozen, state.policy).Q - game.eta / temperature * cumulative
    else:
        gradient = policy_values(frozen.unregularised(), state.policy).Q
    cumulative = cumulative + rate * gradient
    log_policy = boltzmann(cumulative, temperature)
    law = kept(frozen, log_policy, mu, options.M)
    return State(mu=damped(mu, law, beta), log_policy=log_policy, memory={"cumulative": cumulative})
