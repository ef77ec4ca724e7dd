"""Exact MF-TRPO (P1, Algorithm 2): TRPO(L) at the population, then a damped population step."""

from __future__ import annotations

import numpy as np

from mfbounds.games.game import MeanFieldGame
from mfbounds.mdp.frozen import freeze
from mfbounds.mdp.population import push
from mfbounds.solvers.iteration import Options, State, damped
from mfbounds.solvers.trpo import trpo_policy


def mf_trpo_step(game: MeanFieldGame, state: State, beta: float, options: Options) -> State:
    """mu_k = mu_{k-1} + beta_k (mu_{k-1} (P^{pi_k})^M - mu_{k-1}) with pi_k = TRPO(L) at mu_{k-1}.

    As printed, each TRPO starts at the uniform policy. With `warm_start` it starts at pi_{k-1} and its step counter
    begins again, as in the paper's experiments; no theorem of the paper covers that.
    """
    frozen = freeze(game, state.mu)
    log_policy = trpo_policy(frozen, options.L, state.log_policy if options.warm_start else None)
    law = push(frozen, np.exp(log_policy), state.mu, options.M)
    return State(mu=damped(state.mu, law, beta), log_policy=log_policy)
