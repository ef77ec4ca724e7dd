"""Exploitability of all players of a game that is small enough for its joint states to be enumerated.

The best policy of the own state is found by enumeration where that is possible. Else it lies between the value of a
concrete policy, improved step by step (J is affine in the policy of each step), and the value of a player that sees the
states of all.
"""

from __future__ import annotations

import numpy as np

from mfbounds.checks import FloatArray
from mfbounds.mdp.joint import JointGame

SWEEPS = 20  # passes over the steps while a deviation improves


def joint_gains(joint: JointGame, policies: FloatArray, player: int) -> tuple[float, float]:
    """(lower, upper) bounds of E^i, equal up to rounding where deviations can be enumerated, reward units.

    Args:
        policies: (N, H, S, A).
    """
    value = joint.value(player, policies)
    if joint.responds:
        gain = joint.best_deviation(player, policies) - value
        return gain, gain
    steps = [joint.deviator(player, policies, h) for h in range(joint.game.horizon)]
    upper = informed_value(joint, steps)
    lower = _climb(joint, steps, policies[player], player)
    return lower - value, upper - value


def informed_value(joint: JointGame, steps: list[tuple[FloatArray, FloatArray]]) -> float:
    """The best value of a player that sees the joint state: at least that of every policy of the own state."""
    ahead = np.zeros(len(joint.start))
    for kernel, reward in reversed(steps):
        ahead = (reward + kernel @ ahead).max(axis=0)
    return float(joint.start @ ahead)


def _climb(joint: JointGame, steps: list[tuple[FloatArray, FloatArray]], policy: FloatArray, player: int) -> float:
    """The value of a deviation that no change of a single step improves any more."""
    game, own = joint.game, joint.own_states[:, player]
    choices, found = policy.copy(), -np.inf
    for _ in range(SWEEPS):
        laws = [joint.start]
        for h in range(game.horizon - 1):
            laws.append(np.einsum("sa,ast->t", choices[h][own] * laws[h][:, None], steps[h][0]))
        ahead = np.zeros(len(joint.start))
        for h in range(game.horizon - 1, -1, -1):  # laws before h do not depend on later choices
            q = steps[h][1] + steps[h][0] @ ahead  # (A, S^N)
            by_state = np.stack([(q * laws[h])[:, own == s].sum(axis=1) for s in range(game.n_states)])
            choices[h] = np.eye(game.n_actions)[by_state.argmax(axis=1)]
            ahead = (choices[h][own].T * q).sum(axis=0)
        value = float(joint.start @ ahead)
        if value <= found + 1e-12 * abs(found):
            break
        found = value
    return max(found, value)
