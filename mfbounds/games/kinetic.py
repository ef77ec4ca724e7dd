"""Kinetic congestion: crowds slow movement, so that the population enters the kernel and not the reward alone."""

from __future__ import annotations

import numpy as np

from mfbounds.checks import check_count, check_real
from mfbounds.errors import InputError
from mfbounds.games.affine import AffineGame
from mfbounds.games.options import check_entries
from mfbounds.games.origins import origin_of


def kinetic_congestion(
    *,
    n_states: int = 8,
    speed: float = 0.9,
    drag: float = 0.8,
    gamma: float = 0.9,
    eta: float = 0.1,
) -> AffineGame:
    """A ring of cells with one rewarding cell; a move succeeds with probability speed * (1 - drag * mu(s)).

    Crowded cells are hard to leave: L_P > 0 while the reward does not depend on mu. The kernel is affine in mu, so its
    constants are certified.

    Args:
        n_states: number of cells S >= 3; the last is worth 1, and each step away from it half as much.
        speed: probability in (0, 1] that a move out of an empty cell succeeds.
        drag: share in [0, 1] of it that is lost where all players stand in the cell; 0: no interaction.
        gamma, eta: discount factor in [0, 1), entropy temperature > 0.

    Raises:
        InputError: a value breaks an input rule.

    Example:
        >>> game = kinetic_congestion(n_states=3, speed=1.0, drag=0.5)
        >>> game.kernel([1.0, 0.0, 0.0])[0, 2], game.kernel([0.0, 0.0, 1.0])[0, 2]         # right, from cell 0
        (array([0.5, 0.5, 0. ]), array([0., 1., 0.]))
    """
    arguments = dict(locals())
    check_entries(check_count(n_states, "n_states", least=3) ** 3 * 3, "n_states", n_states)
    for name, value in (("speed", speed), ("drag", drag)):
        if not 0.0 <= check_real(value, name) <= 1.0:
            raise InputError(f"{name} == {value}, must be in [0, 1]: it is a probability")
    if speed == 0.0:
        raise InputError("speed == 0.0, must be > 0: nobody would ever move")
    one, cells = np.eye(n_states), np.arange(n_states)
    goals = one[(cells[:, None] + (-1, 0, 1)) % n_states]
    leaves = speed * (1.0 - drag * one)[:, :, None, None]  # [x, s]: all players at x
    distance = np.minimum(cells + 1, n_states - 1 - cells)
    return AffineGame(
        leaves * goals + (1.0 - leaves) * one[:, None, :],
        np.repeat(2.0 ** -distance[:, None].astype(np.float64), 3, axis=1),
        gamma=gamma,
        eta=eta,
        start=one[0],
        name="kinetic_congestion",
        origin=origin_of("kinetic_congestion", arguments),
    )
