"""Which actions provably have the same value: ties that no precision resolves.

States are lumped together as long as the game cannot tell them apart: the coarsest partition in which two states have, up
to the order of their actions, the same rewards and the same probabilities of every class, at every vertex. Soft-optimal
values are constant on its classes, and so are those of the uniform policy and of what TRPO makes of it; actions of a state
with the same reward and the same class probabilities therefore have the same value. For an arbitrary policy only actions
with the same reward and the same row have it.
"""

from __future__ import annotations

from collections.abc import Hashable

from flint import fmpq

from mfbounds.certified.exact import ExactGame

Signature = tuple[Hashable, ...]


def identical_actions(game: ExactGame) -> list[list[int]]:
    """The first action of state s with the reward and the row of a at every vertex, (S, A)."""
    return _firsts(game, list(range(game.n_states)))


def lumped_actions(game: ExactGame) -> list[list[int]]:
    """The first action of state s with the reward and the class probabilities of a at every vertex, (S, A)."""
    classes = [0] * game.n_states
    while True:
        signatures = [[_signature(game, s, a, classes) for a in range(game.n_actions)] for s in range(game.n_states)]
        # A state keeps its own class in its key, so that classes only ever split.
        keys = [(classes[s], frozenset(_counted(row).items())) for s, row in enumerate(signatures)]
        order = {key: i for i, key in enumerate(dict.fromkeys(keys))}
        if len(order) == len(set(classes)):
            return _firsts(game, classes)
        classes = [order[key] for key in keys]


def _firsts(game: ExactGame, classes: list[int]) -> list[list[int]]:
    rows = ([_signature(game, s, a, classes) for a in range(game.n_actions)] for s in range(game.n_states))
    return [[row.index(signature) for signature in row] for row in rows]


def _signature(game: ExactGame, s: int, a: int, classes: list[int]) -> Signature:
    """Rewards and class probabilities of a pair at every vertex."""
    pair, found = s * game.n_actions + a, []
    for reward in game.rewards:
        found.append(_key(reward[pair, 0]))
    for kernel in game.kernels:
        masses = [fmpq(0)] * (max(classes) + 1)
        for state in range(game.n_states):
            masses[classes[state]] += kernel[pair, state]
        found.append(tuple(map(_key, masses)))
    return tuple(found)


def _counted(row: list[Signature]) -> dict[Signature, int]:
    return {signature: row.count(signature) for signature in row}


def _key(number: fmpq) -> tuple[int, int]:
    return int(number.p), int(number.q)
