"""Which actions provably have the same value: ties that no precision resolves.

States are lumped together as long as the game cannot tell them apart: the coarsest partition in which two states have, up
to the order of their actions, the same rewards and the same probabilities of every class. Soft-optimal
values are constant on its classes, and so are those of the uniform policy and of what TRPO makes of it; actions of a state
with the same reward and the same class probabilities therefore have the same value. For an arbitrary policy only actions
with the same reward and the same row have it.
"""

from __future__ import annotations

from collections.abc import Hashable, Sequence
from dataclasses import dataclass
from operator import sub

from flint import fmpq, fmpq_mat

from mfbounds.certified.chains import rational_kernel, rational_reward
from mfbounds.certified.exact import ExactGame, Rationals

Signature = tuple[Hashable, ...]
Ties = list[list[int]]


@dataclass(frozen=True, eq=False)
class _Data:
    """Kernels (S*A, S) and rewards (S*A,): at every vertex, or at one population."""

    n_states: int
    n_actions: int
    kernels: Sequence[fmpq_mat]
    rewards: Sequence[Sequence[fmpq]]


def _everywhere(game: ExactGame) -> _Data:
    return _Data(game.n_states, game.n_actions, game.kernels, [list(r.entries()) for r in game.rewards])


def _there(game: ExactGame, mu: Rationals) -> _Data:
    return _Data(game.n_states, game.n_actions, [rational_kernel(game, mu)], [rational_reward(game, mu)])


def identical_actions(game: ExactGame) -> Ties:
    """The first action of state s with the reward and the row of a at every vertex, (S, A)."""
    return _firsts(_everywhere(game), list(range(game.n_states)))


def lumped_actions(game: ExactGame, mu: Rationals | None = None) -> Ties:
    """The first action of state s with the reward and the class probabilities of a, (S, A): at `mu`, or at every vertex."""
    game_data = _everywhere(game) if mu is None else _there(game, mu)
    classes = [0] * game.n_states
    while True:
        signatures = [
            [_signature(game_data, s, a, classes) for a in range(game.n_actions)] for s in range(game.n_states)
        ]
        # A state keeps its own class in its key, so that classes only ever split.
        keys = [(classes[s], frozenset(_counted(row).items())) for s, row in enumerate(signatures)]
        order = {key: i for i, key in enumerate(dict.fromkeys(keys))}
        if len(order) == len(set(classes)):
            return _firsts(game_data, classes)
        classes = [order[key] for key in keys]


def same_choices(game: ExactGame, mu: Rationals) -> bool:
    """Whether at `mu` an action changes reward and next law, against the first action, by the same in every state.

    Scores are then the same in every state for TRPO from the uniform policy, and so is its Bellman residual c; hence
    V* = V + c/(1-gamma), because T(V + const) = TV + gamma const.
    """
    data, n = _there(game, mu), game.n_actions
    rows = data.kernels[0].tolist()
    menus = [
        [
            (_key(data.rewards[0][i] - data.rewards[0][s * n]), *map(_key, map(sub, rows[i], rows[s * n])))
            for i in range(s * n, (s + 1) * n)
        ]
        for s in range(game.n_states)
    ]
    return all(menu == menus[0] for menu in menus)


def _firsts(data: _Data, classes: list[int]) -> Ties:
    rows = ([_signature(data, s, a, classes) for a in range(data.n_actions)] for s in range(data.n_states))
    return [[row.index(signature) for signature in row] for row in rows]


def _signature(data: _Data, s: int, a: int, classes: list[int]) -> Signature:
    """Rewards and class probabilities of a pair."""
    pair = s * data.n_actions + a
    found: list[Hashable] = [_key(rewards[pair]) for rewards in data.rewards]
    for kernel in data.kernels:
        masses = [fmpq(0)] * (max(classes) + 1)
        for state in range(data.n_states):
            masses[classes[state]] += kernel[pair, state]
        found.append(tuple(map(_key, masses)))
    return tuple(found)


def _counted(row: list[Signature]) -> dict[Signature, int]:
    return {signature: row.count(signature) for signature in row}


def _key(number: fmpq) -> tuple[int, int]:
    return int(number.p), int(number.q)
