"""Bounds on the exploitability of every player of A-SIS, with a stated confidence (P2, Definition 2 and Appendix E).

Two epidemics are simulated with common random numbers, a mild one (contacts lowered by 1/N, and capped where infection
would be likelier than staying infected) and a severe one (contacts raised by 1/N, persistence at least the probability of
infection). Both are monotone, so that by induction over steps the states of every player, whatever one player i does
instead of its policy, lie between them: an infected player infects at least as much as a healthy one, 1/N is all that
player i can add to the contacts, or that its absence can take away. Infection only costs (xi_i <= 1), so for every
deviation pi', with W the value against a known path of contacts,

    E W_i(pi'; severe) <= J^i(pi') <= E W_i(pi'; mild) <= E max W_i(.; mild).

The paths do not depend on player i's own luck, so all means are over independent paths. They are bounded with a stated
confidence by the empirical Bernstein inequality of Maurer and Pontil (2009), for all players and both sides at once.
"""

from __future__ import annotations

from dataclasses import dataclass

import numpy as np

from mfbounds.checks import FloatArray
from mfbounds.games.dynamic.game import IntArray
from mfbounds.games.dynamic.sis import HEALTHY, HOME, INFECTED, OUT, SISGame
from mfbounds.simulation.n_players_bands import bernstein_radius

CHUNK = 50  # paths whose values are computed at once


@dataclass(frozen=True)
class Contacts:
    """Shares of contagious players of the mild and of the severe epidemic, both (M, H)."""

    mild: FloatArray
    severe: FloatArray


def contagion_bounds(
    game: SISGame,
    policies: FloatArray,
    players: IntArray,
    *,
    actions: IntArray,
    trajectories: int,
    confidence: float,
    rng: np.random.Generator,
) -> tuple[FloatArray, FloatArray]:
    """(lower, upper) for the exploitability of each player, (P,) each, all valid together with the given confidence.

    Args:
        actions: (P, H, 2), the deviation whose gain is the lower bound.
        trajectories: M >= 2 independent paths.
    """
    contacts = _envelopes(game, policies, trajectories, rng)
    chosen = policies if len(policies) == 1 else policies[players]
    deviation = np.eye(2)[actions]
    sums = np.zeros((2, 2, len(players)))  # (side, power, player)
    for first in range(0, trajectories, CHUNK):
        part = Contacts(contacts.mild[first : first + CHUNK], contacts.severe[first : first + CHUNK])
        for side, gain in enumerate(_gains(game, players, part, chosen, deviation)):
            sums[side] += gain.sum(axis=0), (gain**2).sum(axis=0)
    ends = Contacts(
        np.zeros((1, game.horizon)), np.ones((1, game.horizon))
    )  # around all paths: values fall with contacts
    least, most = (gain[0] for gain in _gains(game, players, ends, chosen, deviation))
    widths = np.stack([most - least, most])  # the gain of the best response to the mild path is never below 0
    means = sums[:, 0] / trajectories
    variances = np.maximum(sums[:, 1] / trajectories - means**2, 0.0) * trajectories / (trajectories - 1)
    radius = bernstein_radius(variances, widths, trajectories, (1.0 - confidence) / (2 * len(players)))
    return np.maximum(means[0] - radius[0], 0.0), np.minimum(means[1] + radius[1], most)


def _gains(
    game: SISGame, players: IntArray, contacts: Contacts, policy: FloatArray, deviation: FloatArray
) -> tuple[FloatArray, FloatArray]:
    """Of the deviation, at worst, and of the best response to each path, at best; both (B, P)."""
    at_worst = _worth(game, players, contacts.severe, deviation, True) - _worth(
        game, players, contacts.mild, policy, False
    )
    at_best = _worth(game, players, contacts.mild, None, False) - _worth(game, players, contacts.severe, policy, True)
    return at_worst, at_best


def _envelopes(game: SISGame, policies: FloatArray, trajectories: int, rng: np.random.Generator) -> Contacts:
    """Contacts of the mild and the severe epidemic in which everybody plays `policies`."""
    n, shape = game.n_players, (trajectories, game.horizon)
    cap = float(np.min((1.0 - game.healing) / np.maximum(game.susceptibility, 1e-300)))
    contacts = Contacts(np.empty(shape), np.empty(shape))
    for first in range(0, trajectories, CHUNK):
        rows = slice(first, min(first + CHUNK, trajectories))
        size = (rows.stop - first, n)
        mild = severe = rng.random(size) < game.start[INFECTED]
        for h in range(game.horizon):
            chance, luck = rng.random(size), rng.random(size)
            out = [chance < policies[:, h, state, OUT] for state in (HEALTHY, INFECTED)]
            low = np.clip((np.count_nonzero(mild & out[1], axis=1) - 1) / n, 0.0, cap)
            high = np.minimum((np.count_nonzero(severe & out[1], axis=1) + 1) / n, 1.0)
            contacts.mild[rows, h], contacts.severe[rows, h] = low, high
            caught = luck < low[:, None] * game.susceptibility, luck < high[:, None] * game.susceptibility
            stays = luck < 1.0 - game.healing
            mild = (mild & stays) | (~mild & out[0] & caught[0])
            severe = (severe & (stays | caught[1])) | (~severe & out[0] & caught[1])
    return contacts


def _worth(game: SISGame, players: IntArray, paths: FloatArray, policy: FloatArray | None, harsh: bool) -> FloatArray:
    """The value of each player on each path of contacts (B, H), (B, P): of `policy` (1 or P, H, 2, 2), or the best one.

    On `harsh` paths an infected player stays so at least as probably as a healthy one outside is infected.
    """
    catch, heal, averse = (array[players] for array in (game.susceptibility, game.healing, game.aversion))
    healthy = np.zeros((len(paths), len(players)))
    infected = np.zeros_like(healthy)
    for h in range(paths.shape[1] - 1, -1, -1):
        caught = paths[:, h, None] * catch
        loss = caught * (infected - healthy)  # of going out while healthy
        stays = np.maximum(1.0 - heal, caught) if harsh else 1.0 - heal
        ill = -1.0 + healthy + stays * (infected - healthy)
        if policy is None:
            infected, healthy = ill, healthy + np.maximum(loss, -averse)
        else:
            home = policy[:, h, :, HOME]
            infected = ill - home[:, INFECTED] * averse
            healthy = healthy + loss - home[:, HEALTHY] * (averse + loss)
    worth: FloatArray = healthy * game.start[HEALTHY] + infected * game.start[INFECTED]
    return worth
