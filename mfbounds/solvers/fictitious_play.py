"""Fictitious play, after Perrin et al. (2020): best responses to the averaged population.

The average of the populations, mubar_k = (1 - w_k) mubar_{k-1} + w_k mu^{pi_k}, comes with an average of the policies:
the one whose state-action law is the average of theirs,

    pibar_k(a|s) = sum_j W_j mu^{pi_j}(s) pi_j(a|s) / mubar_k(s),        W_j the weight that mu^{pi_j} has in mubar_k.

It is not the plain mean of the policies: only this one keeps mubar_k as its law (where mu plays no role in the kernel and
M is infinite). Where no policy has put mass, pibar_k is the last response. A running average is kept, no history. Weights
of 1/(k+1) give all of the first k responses and the uniform policy, where it begins, the same weight.
"""

from __future__ import annotations

import numpy as np

from mfbounds.games.game import MeanFieldGame
from mfbounds.solvers.iteration import Options, State, damped
from mfbounds.solvers.response import best_response, log_of, population_of, stays, with_own_population


def fictitious_play_step(game: MeanFieldGame, state: State, beta: float, options: Options) -> State:
    """The averages after one more best response, which enters with the weight beta = w_k; 1/(k+1) by default.

    The first average is the population of the uniform policy.
    """
    base = state if "response" in state.memory else with_own_population(game, state, options.M)
    response = best_response(game, base, options)
    law = population_of(game, base, response.log_policy, options.M)
    played = np.exp(response.log_policy)
    joint = (1.0 - beta) * base.mu[:, None] * base.policy + beta * law[:, None] * played
    mass = joint.sum(axis=1, keepdims=True)
    policy = np.divide(joint, mass, out=played, where=mass > 0.0)
    return State(
        mu=damped(base.mu, law, beta),
        log_policy=log_of(policy),
        memory=response.memory,
        kept=stays(game, options),
        found=response.found,
    )
