"""Reward shift: adding a constant to the reward changes no optimal policy, no value gap, and no constant of the theory.

All formulas see the reward through its width R alone, so an inequality is unchanged by r -> r + c exactly when its
measured sides are. One that holds on a game and fails on the shifted game compares a number that knows c with one that
does not.
"""

from __future__ import annotations

from functools import cache

import numpy as np

from mfbounds.bounds.problem import Parameters, Problem
from mfbounds.bounds.statement import Bound, Statement
from mfbounds.games.affine import AffineGame
from mfbounds.verification.referee.findings import Check, Finding
from mfbounds.verification.status import Status, show
from mfbounds.verification.trial import TROUBLE, Trial, try_case

SHIFT = 64.0  # many times R, and exact in binary


def check_bound(statement: Statement, bound: Bound) -> list[Finding]:
    """A mistake where the inequality is true on a game, and false once a constant is added to its reward."""
    if bound.failure is not None or _violation(statement, bound, 0.0) is not None:
        return []  # sampled runs are not played here; what is false anyway needs no shift
    found = _violation(statement, bound, SHIFT)
    if found is None:
        return []
    text = f"reward shift r -> r + {SHIFT:g}: the left side becomes {show(found.left)}, the right side stays {show(found.right)}"
    return [Finding(check=Check.HOMOGENEITY, statement=statement.id, tier=bound.tier, place=bound.key, text=text)]


def _violation(statement: Statement, bound: Bound, shift: float) -> Trial | None:
    problem = _problem(shift)
    try:
        for case in statement.cases(problem):
            for trial in try_case(statement, [bound], problem, case):
                if trial.status is Status.VIOLATED:
                    return trial
    except TROUBLE:
        pass
    return None


@cache
def _problem(shift: float) -> Problem:
    """Doors whose kernel and reward move a little with the population, small enough for a certified equilibrium."""
    base = np.array([[[0.8, 0.2], [0.3, 0.7]], [[0.6, 0.4], [0.1, 0.9]]])
    push = 0.02 * np.array([1.0, -1.0]) * np.ones((2, 2, 1))
    reward = np.array([[1.0, 0.25], [0.5, 0.0]]) - 0.125 * np.eye(2)[:, :, None] * np.ones((2, 2, 2))
    game = AffineGame(np.stack([base + push, base - push]), reward + shift, gamma=0.5, eta=2.0, name="doors that push")
    return Problem(game, Parameters(L=(1, 2, 5), K=3, draws=2, M=1))
