"""A-RPS: rock, paper, scissors in a crowd, with players of different stakes (P2, Section 3 and Appendix E).

States and actions 0 rock, 1 paper, 2 scissors; the action is the next state. In state s the reward is
-c_i sigma_A(a) - u_i(s) sigma_S(s + 1) + v_i(s) sigma_S(s - 1), states modulo 3: s + 1 beats s, s - 1 is beaten. sigma
counts all N players: sigma_A(a) includes the player itself, the two other terms cannot.
"""

from __future__ import annotations

from dataclasses import dataclass, fields
from typing import Any

import numpy as np
import numpy.typing as npt

from mfbounds.checks import FloatArray, check_count, check_real, check_shape, frozen_array
from mfbounds.errors import InputError
from mfbounds.games.dynamic.counts import CountGame
from mfbounds.games.dynamic.game import IntArray
from mfbounds.games.origins import origin_of
from mfbounds.numbers import Constant, Provenance

LOSSES = (2.0, 4.0, 6.0)  # u(s) of rock, paper, scissors
GAINS = (1.0, 2.0, 3.0)  # v(s)
STAKES = 7  # c, u(3), v(3)


@dataclass(frozen=True, eq=False, kw_only=True, repr=False)
class RPSGame(CountGame):
    """A-RPS; build one with `a_rps` or, from the players' own stakes, `rps_game`.

    Attributes:
        crowding: c_i, (N,), reward units.
        losses: u_i(s), (N, 3), reward units.
        gains: v_i(s), (N, 3), reward units.
    """

    crowding: FloatArray
    losses: FloatArray
    gains: FloatArray

    def step(
        self,
        states: npt.NDArray[np.signedinteger],
        actions: npt.NDArray[np.signedinteger],
        rng: np.random.Generator,  # noqa: ARG002
    ) -> tuple[FloatArray, npt.NDArray[np.signedinteger]]:
        runs, n = states.shape
        shares = [np.stack([(array == s).sum(axis=1) for s in range(3)], axis=1) / n for array in (states, actions)]
        rows, players = np.arange(runs)[:, None], np.arange(n)
        lost = self.losses[players, states] * np.roll(shares[0], -1, axis=1)[rows, states]
        won = self.gains[players, states] * np.roll(shares[0], 1, axis=1)[rows, states]
        return won - lost - self.crowding * shares[1][rows, actions], actions

    def mean_rewards_at(self, states: IntArray, actions: IntArray, others: IntArray) -> FloatArray:
        stakes = (self.crowding.mean(), self.losses.mean(axis=0), self.gains.mean(axis=0))
        return _rewards(stakes[0], stakes[1][states], stakes[2][states], states, actions, others, self.n_players)


def a_rps(
    *,
    n_players: int = 2000,
    horizon: int = 10,
    crowding: float = 3.0,
    losses: Any = LOSSES,
    gains: Any = GAINS,
    beta: float = 0.1,
    seed: int = 0,
    start: Any = None,
) -> RPSGame:
    """A-RPS with players' stakes drawn around common ones.

    N, H, beta = 0.1 and the centres of u and v are the paper's. It gives neither c, nor rho_0, nor the law of the noise.
    Choices: c = 3, beyond 1 + sqrt(21)/3 = 2.53 from which on the induced game is monotone along flows; rho_0 uniform;
    uniform noise, of one width for c, u and v, scaled so that the game's beta, a maximum over players, is exactly the
    one asked for. The benchmark that the paper adapts has `losses` and `gains` the other way round.

    Args:
        n_players, horizon: N >= 2, H >= 1.
        crowding: the centre of c_i, reward units.
        losses, gains: the centres of u_i(s) and v_i(s), (3,), reward units.
        beta: heterogeneity of rewards, reward units, >= 0; 0 makes the players alike.
        seed: of the players' stakes.
        start: rho_0, (3,); uniform by default.

    Raises:
        InputError: a number outside its range, or of wrong shape.

    Example:
        >>> game = a_rps()
        >>> game
        <A-RPS: N=2000, S=3, A=3, H=10>
        >>> game.declared["alpha"].value, round(game.declared["beta"].value, 12)
        (0.0, 0.1)
    """
    n = check_count(n_players, "n_players", least=2)
    if check_real(beta, "beta") < 0.0:
        raise InputError(f"beta == {beta}, must be >= 0: it is a distance between players")
    centres = [frozen_array(values, name) for values, name in ((losses, "losses"), (gains, "gains"))]
    for array, name in zip(centres, ("losses", "gains"), strict=True):
        check_shape(array, (3,), name)
    rng = np.random.default_rng(check_count(seed, "seed", least=0))
    noise = rng.uniform(-1.0, 1.0, size=(n, STAKES))
    noise -= noise.mean(axis=0)
    scaled = beta / _distance(noise[:, 0], noise[:, 1:4], noise[:, 4:]) * noise
    game = rps_game(
        crowding=check_real(crowding, "crowding") + scaled[:, 0],
        losses=centres[0] + scaled[:, 1:4],
        gains=centres[1] + scaled[:, 4:],
        horizon=horizon,
        start=start,
    )
    arguments = {"n_players": n, "horizon": horizon, "crowding": crowding, "losses": losses, "gains": gains}
    arguments |= {"beta": beta, "seed": seed} | ({} if start is None else {"start": start})
    object.__setattr__(game, "origin", origin_of("a_rps", arguments))
    return game


def rps_game(*, crowding: Any, losses: Any, gains: Any, horizon: int, start: Any = None) -> RPSGame:
    """A-RPS of the players' own stakes: crowding (N,), losses and gains (N, 3), reward units, >= 0.

    Raises:
        InputError: arrays of wrong shape, a stake below 0, N < 2, H < 1.
    """
    c = frozen_array(crowding, "crowding")
    if c.ndim != 1 or len(c) < 2:
        raise InputError(f"crowding.shape == {c.shape}, must be (N,), N >= 2: one number a player")
    n = len(c)
    u, v = frozen_array(losses, "losses"), frozen_array(gains, "gains")
    for array, name in ((c, "crowding"), (u, "losses"), (v, "gains")):
        if name != "crowding":
            check_shape(array, (n, 3), name)
        if array.min() < 0.0:
            raise InputError(f"{name} == {array.min()} for a player, must be >= 0: rewards keep their signs")

    def reward(players: IntArray, states: IntArray, actions: IntArray, others: IntArray) -> FloatArray:
        return _rewards(c[players], u[players, states], v[players, states], states, actions, others, n)

    means = c.mean(), u.mean(axis=0), v.mean(axis=0)

    def lifted_reward(mu: FloatArray) -> FloatArray:
        chosen, present = (1 + (n - 1) * mu.sum(axis=0)) / n, (n - 1) / n * mu.sum(axis=1)
        by_state = means[2] * np.roll(present, 1) - means[1] * np.roll(present, -1)
        table: FloatArray = by_state[:, None] - means[0] * chosen
        return table

    game = CountGame.of(
        np.broadcast_to(np.eye(3), (1, 3, 3, 3)),
        reward,
        n_players=n,
        n_states=3,
        n_actions=3,
        horizon=horizon,
        reward_range=(-(c[:, None] + u).max(), v.max()),
        start=start,
        lifted_reward=lifted_reward,
        affine_rewards=True,
        declared=_constants(c, u, v),
        name="A-RPS",
    )
    common = {field.name: getattr(game, field.name) for field in fields(CountGame)}
    return RPSGame(**common, crowding=c, losses=u, gains=v)


def _rewards(
    c: Any, u: FloatArray, v: FloatArray, states: IntArray, actions: IntArray, others: Any, n: int
) -> FloatArray:
    """Rewards of players with the stakes c, u(s), v(s), where the others' counts are `others` (..., 9)."""
    pairs = np.arange(9)
    membership = np.concatenate(
        [np.eye(3)[pairs // 3], np.eye(3)[pairs % 3]], axis=1
    )  # of a pair in states and actions
    crowd = others.astype(np.float64) @ membership

    def at(column: IntArray) -> FloatArray:
        picked: FloatArray = np.take_along_axis(crowd, column[..., None], axis=-1)[..., 0]
        return picked

    lost, won = at((states + 1) % 3), at((states - 1) % 3)
    rewards: FloatArray = (v * won - u * lost - c * (1 + at(3 + actions))) / n
    return rewards


def _distance(c: FloatArray, u: FloatArray, v: FloatArray) -> float:
    """max over players, pairs and counts of the distance to the mean reward: beta, in closed form.

    The deviation is affine in the counts of the others: its extremes have all of them in one pair, of any state (beats,
    is beaten, the same) and of the player's action or another.
    """
    n = len(c)
    if all((array == array[0]).all() for array in (c, u, v)):
        return 0.0
    dc, du, dv = c - c.mean(), u - u.mean(axis=0), v - v.mean(axis=0)
    own = np.stack([-dc * (1 + (n - 1) * same) / n for same in (0, 1)])  # (2, N)
    theirs = (n - 1) / n * np.stack([-du, dv, np.zeros_like(du)])  # (3, N, 3)
    return float(np.abs(own[:, None, :, None] + theirs).max())


def _constants(c: FloatArray, u: FloatArray, v: FloatArray) -> dict[str, Constant]:
    n = len(c)
    slope = (n - 1) / n * float((c.mean() + u.mean(axis=0) + v.mean(axis=0)).max()) / 2
    known = {
        "alpha": (0.0, "the action is the next state, for every player"),
        "beta": (_distance(c, u, v), "affine in the counts: extreme where all others are in one pair"),
        "K_mu": (0.0, "the dynamics ignore the others"),
        "L_mu": (slope, "(N-1)/N max over s of mean (c + u(s) + v(s)) / 2: half the spread of the slopes"),
        "K_sa": (2.0, "different actions lead to different states"),
        "L_pop": (1.0, "the next states are the actions, of which at most all of a change survives"),
        "C_1": (0.0, "the dynamics ignore the others"),
        "C_2": (float((c[:, None] + u + v).max()) / n, "max (c + u(s) + v(s))/N: from what beats s to what s beats"),
        "kappa": (7.0, "three pairs with the action, three of each of two states, two of them counted twice"),
    }
    return {
        name: Constant(
            value=value * (1 + 1e-13) if name in ("beta", "L_mu", "C_2") else value,
            provenance=Provenance.CERTIFIED,
            argument=argument,
            exact=True,
        )
        for name, (value, argument) in known.items()
    }
