"""The SIS epidemic: susceptible or infected, and infection as likely as it is common."""

from __future__ import annotations

from collections.abc import Sequence

import numpy as np

from mfbounds.checks import check_real, frozen_array
from mfbounds.errors import InputError
from mfbounds.games.affine import AffineGame
from mfbounds.games.origins import origin_of


def sis(
    *,
    infection: Sequence[float] = (0.81, 0.0),
    effort: Sequence[float] = (0.0, 0.5),
    recovery: float = 0.3,
    illness: float = 1.0,
    infected: float = 0.6,
    gamma: float = 0.99,
    eta: float = 0.1,
) -> AffineGame:
    """Two states, susceptible (0) and infected (1): P(1|0,a,mu) = infection[a] mu(1), and P(0|1) = recovery.

    The default moves, costs and start are those of Cui and Koeppl (2021) as mfglib has them, for 50 steps without
    discount: go out, or stay in for a cost. The discount and the temperature are this package's. With one action and
    infection > recovery > 0 the stationary populations are known: none infected, and the endemic share
    1 - recovery/infection.

    Args:
        infection: for each action, the probability in [0, 1] of being infected where all others are.
        effort: the cost of each action, reward units.
        recovery: probability in (0, 1] that an infected player recovers in a step; an action changes nothing then.
        illness: cost of being infected, reward units a step.
        infected: share that is infected at the start, in [0, 1].
        gamma, eta: discount factor in [0, 1), entropy temperature > 0.

    Raises:
        InputError: a value breaks an input rule.

    Example:
        >>> sis().kernel([0.5, 0.5])[0]
        array([[0.595, 0.405],
               [1.   , 0.   ]])
    """
    arguments = dict(locals())
    rates, costs = frozen_array(infection, "infection"), frozen_array(effort, "effort")
    if rates.ndim != 1 or rates.size == 0 or costs.shape != rates.shape:
        raise InputError(
            f"effort.shape == {costs.shape}, must be {rates.shape} as infection, one number for each action"
        )
    if (rates < 0.0).any() or (rates > 1.0).any():
        raise InputError(f"infection == {rates.tolist()}, must be in [0, 1]: these are probabilities")
    if not 0.0 < check_real(recovery, "recovery") <= 1.0:
        raise InputError(f"recovery == {recovery}, must be in (0, 1]: without recovery all end up infected")
    if not 0.0 <= check_real(infected, "infected") <= 1.0:
        raise InputError(f"infected == {infected}, must be in [0, 1]: it is a share")
    kernels = np.empty((2, 2, rates.size, 2))
    for x, risk in enumerate((0.0 * rates, rates)):
        kernels[x, 0] = np.stack([1.0 - risk, risk], axis=1)
        kernels[x, 1] = (recovery, 1.0 - recovery)
    rewards = np.stack([-costs, -costs - check_real(illness, "illness")])
    return AffineGame(
        kernels,
        rewards,
        gamma=gamma,
        eta=eta,
        start=[1.0 - infected, infected],
        name="sis",
        origin=origin_of("sis", arguments),
    )
