"""Best responses of every player of A-SIS, whose infections couple all players (P2, Definition 2 and Appendix E).

A deterministic recursion of the N infection probabilities, in which the share of contagious players is replaced by its
mean; best responses against it by backward induction. Its bias is of order 1/N (co-variation of shares and states, and the
feedback of the player's own infections) and is not bounded by the recursion itself: `mfbounds.simulation.contagion` does.
"""

from __future__ import annotations

import numpy as np

from mfbounds.checks import FloatArray
from mfbounds.games.dynamic.game import IntArray
from mfbounds.games.dynamic.sis import HEALTHY, HOME, INFECTED, OUT, SISGame
from mfbounds.mdp.n_player_responses import Responses, respond


def contagion_responses(game: SISGame, policies: FloatArray, players: IntArray) -> Responses:
    """Values and best responses of `players` against the deterministic recursion of all N infection probabilities."""
    n = game.n_players
    infected = np.full(n, game.start[INFECTED])
    kernels = []
    for h in range(game.horizon):
        contagious = infected * policies[:, h, INFECTED, OUT]
        contacts = (contagious.sum() - contagious) / n  # by the others
        caught = game.susceptibility * contacts
        infected, kernel = (
            infected * (1.0 - game.healing) + (1.0 - infected) * policies[:, h, HEALTHY, OUT] * caught,
            _kernel(caught[players], 1.0 - game.healing[players]),
        )
        kernels.append(kernel)
    chosen = policies if len(policies) == 1 else policies[players]
    return respond(kernels, [_rewards(game, players)] * game.horizon, chosen, game.start)


def _kernel(caught: FloatArray, stays: FloatArray) -> FloatArray:
    """(P, S, A, S) of players with these probabilities of infection outside and of staying infected."""
    infected = np.zeros((len(caught), 2, 2))
    infected[:, HEALTHY, OUT], infected[:, INFECTED] = caught, stays[:, None]
    return np.stack([1.0 - infected, infected], axis=-1)


def _rewards(game: SISGame, players: IntArray) -> FloatArray:
    """(P, S, A)."""
    rewards = np.zeros((len(players), 2, 2))
    rewards[:, INFECTED] -= 1.0
    rewards[:, :, HOME] -= game.aversion[players, None]
    return rewards
