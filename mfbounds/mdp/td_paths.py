"""What one player sees when all play one policy: the exact law of its own path, with moments of its rewards.

TD learning on a player (P2, Algorithm 1) reads nothing else. The law is found by enumeration of joint states; one
player's path is no Markov chain, since the others remember what it did.
"""

from __future__ import annotations

from collections.abc import Sequence
from dataclasses import dataclass
from functools import reduce
from operator import add

import numpy as np

from mfbounds.checks import FloatArray
from mfbounds.errors import InputError
from mfbounds.games.dynamic.game import IntArray
from mfbounds.games.dynamic.lattice import digits
from mfbounds.mdp.joint import JointGame
from mfbounds.words import size_text

WORK_LIMIT = 5e7  # entries of the largest array


@dataclass(frozen=True)
class OwnPaths:
    """The paths x_0..x_{H-1} of one player, x = s A + a, and E[. 1{path}] of products of its rewards.

    Attributes:
        pairs: (paths, H), every path, also those of probability 0.
        mass: (paths,), probabilities.
        reward: (paths, H), E[r_h 1{path}], rewards counted from r_min, reward units.
        products: (paths, H, H), E[r_h r_k 1{path}], reward units squared.
        n_pairs: D.
    """

    pairs: IntArray
    mass: FloatArray
    reward: FloatArray
    products: FloatArray
    n_pairs: int


def path_work(joint: JointGame) -> int:
    """Entries of the largest array that `own_paths` needs."""
    game, H = joint.game, joint.game.horizon
    entries: int = game.n_pairs ** (H - 1 + game.n_players)
    return entries * (1 + H + H * (H + 1) // 2)


def own_paths(joint: JointGame, policy: FloatArray, players: Sequence[int] = (0,)) -> OwnPaths:
    """The law of the path of a player drawn uniformly from `players`, once a trajectory; all play `policy` (H, S, A).

    Raises:
        InputError: too many paths to enumerate.
    """
    work = path_work(joint)
    if work > WORK_LIMIT:
        raise InputError(
            f"{joint.game!r}: own paths take {size_text(work)} entries, must be <= {WORK_LIMIT:.3g}: simulate"
        )
    found = [_paths_of(joint, policy, player) for player in players]
    mass, reward, products = (reduce(add, parts) / len(found) for parts in zip(*found, strict=True))
    pairs = digits(joint.game.horizon, joint.game.n_pairs)
    return OwnPaths(pairs, mass, reward, products, joint.game.n_pairs)


def _paths_of(joint: JointGame, policy: FloatArray, player: int) -> tuple[FloatArray, FloatArray, FloatArray]:
    game, (kernel, rewards) = joint.game, joint.pairs
    D, H = game.n_pairs, game.horizon
    pairs = digits(game.n_players, D)
    states, actions = pairs // game.n_actions, pairs % game.n_actions
    place = (states * game.n_states ** np.arange(game.n_players - 1, -1, -1)).sum(axis=1)
    own = [np.flatnonzero(pairs[:, player] == x) for x in range(D)]
    gain = rewards[player] - game.reward_range[0]
    channels: dict[tuple[int, ...], int] = {(): 0}  # products of the rewards of these steps -> row
    weights = joint.start[None, None]  # (channels, paths, S^N)
    for h in range(H):
        here = weights[:, :, place] * policy[h, states, actions].prod(axis=1)  # (channels, paths, D^N)
        more = [steps for steps in channels if len(steps) < 2]
        here = np.concatenate([here, gain * here[[channels[steps] for steps in more]], gain**2 * here[:1]])
        for steps in (*((*steps, h) for steps in more), (h, h)):
            channels[steps] = len(channels)
        split = [here[:, :, cells] for cells in own]
        after = [
            part @ kernel[cells] if h < H - 1 else part.sum(axis=2) for part, cells in zip(split, own, strict=True)
        ]
        weights = np.stack(after, axis=2).reshape(len(channels), -1, *after[0].shape[2:])
    reward = weights[[channels[(h,)] for h in range(H)]].T
    products = np.empty((weights.shape[1], H, H))
    for h in range(H):
        for k in range(h, H):
            products[:, h, k] = products[:, k, h] = weights[channels[(h, k)]]
    return weights[0], reward, products
