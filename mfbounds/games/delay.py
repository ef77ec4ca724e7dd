"""Two rooms that everybody wants to have to themselves: a strictly monotone reward, and several equilibria all the same.

What the monotonicity of Lasry and Lions promises: let moves not depend on mu, and r(s,a,mu) = b(s,a) + f(s,mu) with
<f(mu) - f(mu'), mu - mu'> < 0 for mu != mu'. A policy's objective is then <x, f(mu)> plus a part in which mu does not
occur, with x the measure of the states that it visits, counted as the objective counts them (from any start, the same
for all: a policy that is optimal in every state is optimal from each). In neither of two equilibria does a player gain
by the policy of the other; the two inequalities, added, leave

    <f(mu) - f(mu'), x - x'> >= 0.

Where the population is that same measure, mu = x up to a factor, this says mu = mu': one equilibrium. So it is for the
flow over a finite horizon, for the stationary law where the objective is the average reward, and for a population that
is the discounted occupation measure of its policy. Here, as in P1, the objective is discounted and mu is the stationary
law: x counts what comes soon, mu does not, and nothing follows. In this game x - x' and mu - mu' point to different rooms.
"""

from __future__ import annotations

import numpy as np

from mfbounds.checks import check_count, check_real
from mfbounds.errors import InputError
from mfbounds.games.affine import AffineGame
from mfbounds.games.crowding import check_kappa
from mfbounds.games.options import check_entries
from mfbounds.games.origins import origin_of

HOME, ROOMS, QUEUES = 0, 1, 3  # the first cell of each kind


def delayed_crowds(
    *,
    kappa: float = 3.0,
    direct: float = 0.4,
    delay: int = 8,
    stay: float = 0.98,
    gamma: float = 0.9,
    eta: float = 0.1,
) -> AffineGame:
    """Two doors at home: each leads to its own room at once, or, more often, through a queue to the other room.

    r(s,a,mu) = -kappa mu(s), strictly monotone. With the default values there are three equilibria: who takes door 0 helps
    to crowd room 1 in the long run, which leaves room 0 emptier for those who mind what comes soon, and so makes
    door 0 more attractive. The action matters at home only. With p the share that takes door 0 there and u = 2p - 1,
    the equilibria are the solutions of u = tanh(theta u/2), one for theta <= 2 and three for theta > 2, where with
    q = direct, T = 1/(1 - stay), g = gamma^delay

        theta = gamma kappa [(1-2q)(q - (1-q)g) T/(1 - gamma stay) - (1-q)^2 (1-g)/(1-gamma)] / (eta (1 + T + (1-q)delay)).

    Discounting makes g small; as gamma tends to 1, (1-2q)(q - (1-q)g) tends to -(1-2q)^2, and one equilibrium is left.

    Args:
        kappa: crowd-aversion weight >= 0, reward units.
        direct: probability in [0, 1] that a door leads to its own room.
        delay: cells of each of the two queues, >= 1; a player moves up by one a step.
        stay: probability in [0, 1) of staying in a room; else the player goes home.
        gamma, eta: discount factor in [0, 1), entropy temperature > 0.

    Raises:
        InputError: a value breaks an input rule.

    Example:
        >>> delayed_crowds()
        <delayed_crowds: S=19, A=2, gamma=0.9, eta=0.1>
    """
    arguments = dict(locals())
    kappa, direct, stay = check_kappa(kappa), check_real(direct, "direct"), check_real(stay, "stay")
    if not 0.0 <= direct <= 1.0:
        raise InputError(f"direct == {direct}, must be in [0, 1]: it is a probability")
    if not 0.0 <= stay < 1.0:
        raise InputError(f"stay == {stay}, must be in [0, 1): players leave their room some day")
    n_states = QUEUES + 2 * check_count(delay, "delay")
    check_entries(n_states**2 * 2, "delay", delay)
    kernel = np.zeros((n_states, 2, n_states))
    for door in range(2):
        room, other = ROOMS + door, ROOMS + 1 - door
        queue = QUEUES + door * delay + np.arange(delay)
        kernel[HOME, door, room], kernel[HOME, door, queue[0]] = direct, 1.0 - direct
        kernel[queue[:-1], :, queue[1:]] = 1.0
        kernel[queue[-1], :, other] = 1.0
        kernel[room, :, room], kernel[room, :, HOME] = stay, 1.0 - stay
    return AffineGame(
        kernel,
        np.repeat(np.diag(np.full(n_states, -kappa))[:, :, None], 2, axis=2),
        gamma=gamma,
        eta=eta,
        start=np.eye(n_states)[ROOMS],
        name="delayed_crowds",
        origin=origin_of("delayed_crowds", arguments),
    )
