"""Games in which the action names the next state, and the reward compares one's state with the population's.

r(s,a,mu) = sum_x payoffs(s,x) mu(x): a symmetric game in normal form, played against the population at every step.

Where one goes does not depend on where one is. In equilibrium the policy is therefore the same in all states, and the
law of the states is the stationary one from the first step on; the reward before it is the same for all policies. So the
objective counts the rewards along the stationary law, and the proof in `mfbounds.games.delay` works: with monotone
payoffs, strictly or (as eta > 0) not, the equilibrium is unique.
"""

from __future__ import annotations

from collections.abc import Mapping
from typing import Any

import numpy as np

from mfbounds.checks import check_count, check_positive, check_real
from mfbounds.errors import InputError
from mfbounds.games.affine import AffineGame
from mfbounds.games.options import check_entries
from mfbounds.games.origins import origin_of


def rock_paper_scissors(
    *, win: float = 1.0, loss: float = 1.0, slip: float = 0.1, gamma: float = 0.9, eta: float = 0.1
) -> AffineGame:
    """Three states, each beating one: `win` against that, -`loss` against the one that beats it, 0 against itself.

    With win == loss the payoffs are antisymmetric: <r(mu) - r(mu'), mu - mu'> = 0, monotone but not strictly, and iterations
    without damping turn in circles (by default; not where eta is large). With win > loss the payoffs are strictly
    monotone, with win < loss they are not monotone. The uniform population is an equilibrium in each, with
    win >= loss the only one.

    Args:
        win, loss: reward units, > 0.
        slip: probability in [0, 1] of moving evenly to the two states that were not chosen.
        gamma, eta: discount factor in [0, 1), entropy temperature > 0.

    Raises:
        InputError: a value breaks an input rule.

    Example:
        >>> rock_paper_scissors().reward([1.0, 0.0, 0.0])[:, 0]       # all play rock: paper wins, scissors lose
        array([ 0.,  1., -1.])
    """
    arguments = dict(locals())
    beats = np.roll(np.eye(3), 1, axis=0)
    payoffs = check_positive(win, "win") * beats - check_positive(loss, "loss") * beats.T
    start = np.array([0.6, 0.3, 0.1])
    return _matching("rock_paper_scissors", arguments, payoffs, start)


def coordination(
    *,
    n_states: int = 3,
    attraction: float = 1.0,
    advantage: float = 0.1,
    slip: float = 0.1,
    gamma: float = 0.9,
    eta: float = 0.1,
) -> AffineGame:
    """`n_states` conventions; following one is worth `attraction` times the share that follows it, the first a little more.

    Where attraction is large against eta, each convention has an equilibrium in which almost all follow it, and there are
    unstable ones between: what an iteration finds depends on where it starts.

    Args:
        n_states: number of conventions S >= 2.
        attraction: reward units.
        advantage: how much more the first is worth than the last, as a fraction of `attraction`.
        slip: probability in [0, 1] of moving evenly to the states that were not chosen.
        gamma, eta: discount factor in [0, 1), entropy temperature > 0.

    Raises:
        InputError: a value breaks an input rule.

    Example:
        >>> coordination().reward([0.5, 0.25, 0.25])[:, 0]
        array([0.55  , 0.2625, 0.25  ])
    """
    arguments = dict(locals())
    check_entries(check_count(n_states, "n_states", least=2) ** 3, "n_states", n_states)
    worth = 1.0 + check_real(advantage, "advantage") * np.linspace(1.0, 0.0, n_states)
    return _matching("coordination", arguments, np.diag(check_real(attraction, "attraction") * worth), None)


def _matching(factory: str, arguments: Mapping[str, Any], payoffs: Any, start: Any) -> AffineGame:
    n, slip = len(payoffs), check_real(arguments["slip"], "slip")
    if not 0.0 <= slip <= 1.0:
        raise InputError(f"slip == {slip}, must be in [0, 1]: it is a probability")
    row = np.where(np.eye(n) > 0.0, 1.0 - slip, slip / (n - 1))
    return AffineGame(
        np.broadcast_to(row, (n, n, n)),
        np.repeat(payoffs.T[:, :, None], n, axis=2),
        gamma=arguments["gamma"],
        eta=arguments["eta"],
        start=start,
        name=factory,
        origin=origin_of(factory, arguments),
    )
