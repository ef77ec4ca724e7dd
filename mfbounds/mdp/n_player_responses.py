"""Best responses of many players at once, each in its own finite decision process (P2, Definition 2).

Where the process of a player does not depend on its own past, the best policy of the own state is found by backward
induction; nothing is iterated, so the only error is rounding, and what rows miss of mass 1.
"""

from __future__ import annotations

import math
from dataclasses import dataclass

import numpy as np

from mfbounds.checks import FloatArray
from mfbounds.games.dynamic.game import DynamicGame, IntArray
from mfbounds.mdp.values import mass_missed


@dataclass(frozen=True)
class Responses:
    """Of P players: the value of their policies (P,), the best value (P,), and a best action (P, H, S)."""

    values: FloatArray
    best: FloatArray
    actions: IntArray


def respond(kernels: list[FloatArray], rewards: list[FloatArray], policies: FloatArray, start: FloatArray) -> Responses:
    """Values and best responses in P decision processes.

    Args:
        kernels: per step, (P, S, A, S), or (1, S, A, S) where all are alike.
        rewards: per step, (P, S, A), reward units.
        policies: (P, H, S, A), or (1, H, S, A).
        start: the law of the first state, (S,).
    """
    players, S, _ = rewards[0].shape
    value, best = np.zeros((players, S)), np.zeros((players, S))
    actions = np.empty((players, len(rewards), S), np.int64)
    for h in range(len(rewards) - 1, -1, -1):
        kept = rewards[h] + _ahead(kernels[h], value)
        found = rewards[h] + _ahead(kernels[h], best)
        actions[:, h] = found.argmax(axis=2)
        value, best = (policies[:, h] * kept).sum(axis=2), found.max(axis=2)
    return Responses(value @ start, best @ start, actions)


def _ahead(kernel: FloatArray, value: FloatArray) -> FloatArray:
    """The expected value of the next state, (P, S, A)."""
    if len(kernel) == 1:
        return np.moveaxis(np.tensordot(kernel[0], value, axes=(2, 1)), -1, 0)
    result: FloatArray = np.einsum("psat,pt->psa", kernel, value)
    return result


def error_of_gains(game: DynamicGame, kernels: FloatArray, policies: FloatArray, further: int) -> float:
    """A bound on the error of a difference of two values: sums of at most N D + H (D + S) terms a step, and what rows miss.

    Rows that miss mass 1 by more than rounding (`check_rows` lets some pass) stand for themselves divided by their sums.
    A joint law is a product of N starts, N H policies and N H kernels at most, so its mass tells how far it is off.

    Args:
        kernels: of each player, their rows along the last axis.
        policies: (N, H, S, A), or (1, H, S, A).
        further: terms that are summed over as well, such as joint states.
    """
    largest = max(abs(end) for end in game.reward_range)
    terms = game.n_players * game.n_pairs + game.horizon * (game.n_pairs + game.n_states) + further
    start, policy, kernel = (
        mass_missed(rows, roundings=rows.shape[-1] + 4) for rows in (game.start, policies, kernels)
    )
    off = start + game.horizon * (policy + kernel)
    rounding = 4 * float(np.finfo(np.float64).eps) * terms * game.horizon * largest
    return rounding + 2 * game.horizon * largest * math.expm1(game.n_players * off)
