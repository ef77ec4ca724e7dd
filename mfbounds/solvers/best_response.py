"""ExactAlgo (P1, Algorithm 5): the population iteration with the soft-optimal policy itself."""

from __future__ import annotations

from mfbounds.games.game import MeanFieldGame
from mfbounds.mdp.frozen import freeze
from mfbounds.mdp.population import frozen_step
from mfbounds.solvers.iteration import Options, State, damped


def exact_step(game: MeanFieldGame, state: State, beta: float, options: Options) -> State:
    """mu_k = mu_{k-1} + beta_k (F_M(mu_{k-1}) - mu_{k-1}); the optimisation begins at the previous policy."""
    step = frozen_step(freeze(game, state.mu), state.mu, options.M, start=state.log_policy)
    return State(mu=damped(state.mu, step.law, beta), log_policy=step.log_policy)
