"""A-SIS: an epidemic among players that may stay at home (P2, Section 3 and Appendix E).

States 0 healthy, 1 infected; actions 0 stay at home (the paper's D), 1 go out (U). A healthy player that goes out is
infected with probability alpha_i sigma(infected and out); sigma counts all N players, but a healthy player is not among
the infected, so that it is the others' count over N. An infected player recovers with probability theta_i. The reward is
-1 while infected, minus xi_i at home.
"""

from __future__ import annotations

from dataclasses import dataclass, fields
from typing import Any

import numpy as np
import numpy.typing as npt

from mfbounds.checks import FloatArray, check_count, check_real, frozen_array
from mfbounds.errors import InputError
from mfbounds.games.dynamic.counts import CountGame
from mfbounds.games.dynamic.game import IntArray
from mfbounds.games.origins import origin_of
from mfbounds.numbers import Constant, Provenance

HEALTHY, INFECTED = 0, 1
HOME, OUT = 0, 1
CONTAGIOUS = INFECTED * 2 + OUT  # the pair that infects


@dataclass(frozen=True, eq=False, kw_only=True, repr=False)
class SISGame(CountGame):
    """A-SIS; build one with `a_sis` or, from the players' own numbers, `sis_game`.

    Attributes:
        susceptibility: alpha_i, (N,), in [0, 1].
        healing: theta_i, (N,), in [0, 1].
        aversion: xi_i, (N,), in [0, 1], reward units.
    """

    susceptibility: FloatArray
    healing: FloatArray
    aversion: FloatArray

    def step(
        self, states: npt.NDArray[np.signedinteger], actions: npt.NDArray[np.signedinteger], rng: np.random.Generator
    ) -> tuple[FloatArray, npt.NDArray[np.signedinteger]]:
        infected, out = states.astype(np.bool_), actions.astype(np.bool_)
        rewards = np.multiply(actions - 1, self.aversion) - states
        exposure = np.count_nonzero(infected & out, axis=1) / self.n_players
        uniforms = rng.random(states.shape)
        stays = infected & (uniforms < 1.0 - self.healing)
        caught = out & ~infected & (uniforms < exposure[:, None] * self.susceptibility)
        return rewards, (stays | caught).view(np.int8)


def a_sis(
    *,
    n_players: int = 1000,
    horizon: int = 20,
    susceptibility: float = 0.81,
    healing: float = 0.3,
    aversion: float = 0.5,
    alpha: float = 0.1,
    beta: float = 0.1,
    seed: int = 0,
    start: Any = None,
) -> SISGame:
    """A-SIS with players drawn around common numbers.

    N, H, the uniform start and alpha = beta = 0.1 are the paper's. It gives no base values; these are those of the
    benchmark it adapts (Cui and Koeppl 2021). The law of the noise is a choice: uniform, then scaled so that the game's
    alpha and beta, as maxima over players, are exactly those asked for.

    Args:
        n_players, horizon: N >= 2, H >= 1.
        susceptibility, healing, aversion: the centres of alpha_i, theta_i and xi_i, in [0, 1].
        alpha, beta: heterogeneity of dynamics and of rewards, >= 0; 0 makes the players alike.
        seed: of the players' numbers.
        start: rho_0, (S,) = (healthy, infected); uniform by default.

    Raises:
        InputError: a number outside its range, or so much heterogeneity that a player's number leaves [0, 1].

    Example:
        >>> game = a_sis()
        >>> game
        <A-SIS: N=1000, S=2, A=2, H=20>
        >>> round(game.declared["alpha"].value, 12), round(game.declared["beta"].value, 12)
        (0.1, 0.1)
    """
    n = check_count(n_players, "n_players", least=2)
    for name, level in (("alpha", alpha), ("beta", beta)):
        if check_real(level, name) < 0.0:
            raise InputError(f"{name} == {level}, must be >= 0: it is a distance between players")
    rng = np.random.default_rng(check_count(seed, "seed", least=0))
    noise = rng.uniform(-1.0, 1.0, size=(3, n))
    noise -= noise.mean(axis=1, keepdims=True)
    far = np.abs(noise).max(axis=1)
    dynamics = alpha / (2 * max((n - 1) / n * far[0], far[1]))
    game = sis_game(
        susceptibility=check_real(susceptibility, "susceptibility") + dynamics * noise[0],
        healing=check_real(healing, "healing") + dynamics * noise[1],
        aversion=check_real(aversion, "aversion") + beta / far[2] * noise[2],
        horizon=horizon,
        start=start,
    )
    arguments = {
        "n_players": n,
        "horizon": horizon,
        "susceptibility": susceptibility,
        "healing": healing,
        "aversion": aversion,
        "alpha": alpha,
        "beta": beta,
        "seed": seed,
    }
    arguments |= {} if start is None else {"start": start}
    object.__setattr__(game, "origin", origin_of("a_sis", arguments))
    return game


def sis_game(*, susceptibility: Any, healing: Any, aversion: Any, horizon: int, start: Any = None) -> SISGame:
    """A-SIS of the players' own numbers, each (N,) in [0, 1].

    Raises:
        InputError: arrays of different lengths, a number outside [0, 1], N < 2, H < 1.
    """
    catch, heal, averse = (
        _shares(values, name)
        for values, name in ((susceptibility, "susceptibility"), (healing, "healing"), (aversion, "aversion"))
    )
    n = len(catch)
    if not len(heal) == len(averse) == n:
        raise InputError(f"healing, aversion: {len(heal)}, {len(averse)} players, must be {n} as susceptibility")

    def kernel(players: IntArray, states: IntArray, actions: IntArray, others: IntArray) -> FloatArray:
        caught = catch[players] * others[..., CONTAGIOUS] / n * (actions == OUT)
        infected = np.where(states == INFECTED, 1.0 - heal[players], caught)
        return np.stack([1.0 - infected, infected], axis=-1)

    def reward(players: IntArray, states: IntArray, actions: IntArray, others: IntArray) -> FloatArray:  # noqa: ARG001
        rewards: FloatArray = -(states == INFECTED).astype(np.float64) - averse[players] * (actions == HOME)
        return rewards

    def lifted_kernel(mu: FloatArray) -> FloatArray:
        infected = np.full((2, 2), 1.0 - heal.mean())
        infected[HEALTHY] = [0.0, catch.mean() * (n - 1) / n * mu[INFECTED, OUT]]
        return np.stack([1.0 - infected, infected], axis=-1)

    table = np.array([[-averse.mean(), 0.0], [-1.0 - averse.mean(), -1.0]])
    game = CountGame.of(
        kernel,
        reward,
        n_players=n,
        n_states=2,
        n_actions=2,
        horizon=horizon,
        reward_range=(-1.0 - averse.max(), 0.0),
        start=start,
        lifted_kernel=lifted_kernel,
        lifted_reward=lambda mu: table,  # noqa: ARG005
        affine_rewards=True,
        declared=_constants(catch, heal, averse),
        name="A-SIS",
    )
    common = {field.name: getattr(game, field.name) for field in fields(CountGame)}
    return SISGame(**common, susceptibility=catch, healing=heal, aversion=averse)


def _shares(values: Any, name: str) -> FloatArray:
    array = frozen_array(values, name)
    if array.ndim != 1 or len(array) < 2:
        raise InputError(f"{name}.shape == {array.shape}, must be (N,), N >= 2: one number a player")
    if array.min() < 0.0 or array.max() > 1.0:
        worst = array.min() if array.min() < 0.0 else array.max()
        raise InputError(f"{name} == {worst} for a player, must be in [0, 1]: less heterogeneity, or another centre")
    return array


def _constants(catch: FloatArray, heal: FloatArray, averse: FloatArray) -> dict[str, Constant]:
    n = len(catch)
    contact = float(catch.mean()) * (n - 1) / n
    away = max((n - 1) / n * _spread(catch), _spread(heal))
    known = {
        "alpha": (2 * away, "2 max((N-1)/N |alpha_i - mean|, |theta_i - mean|): all others may be infected and out"),
        "beta": (_spread(averse), "max |xi_i - mean|"),
        "K_mu": (contact, "(N-1)/N mean alpha_i: only mu(infected, out) matters, a change is at most half the l1 norm"),
        "L_mu": (0.0, "rewards do not depend on the others"),
        "K_sa": (
            2 * max(contact, 1.0 - float(heal.mean())),
            "infection probabilities are 0, contact, 1 - mean theta_i",
        ),
        "L_pop": (1.0 - float(heal.mean()) + contact, "largest spread of the derivative, at everybody healthy and out"),
        "C_1": (2 * float(catch.max()) / n, "2 max alpha_i/N: one of the others becomes infected and out"),
        "C_2": (0.0, "rewards do not depend on the others"),
        "kappa": (1.0, "only the pair (infected, out) of the others matters"),
    }
    return {name: _exact(value, argument) for name, (value, argument) in known.items()}


def _spread(values: FloatArray) -> float:
    """Largest distance from the mean; exactly 0 for equal values."""
    return 0.0 if (values == values[0]).all() else float(np.abs(values - values.mean()).max())


def _exact(value: float, argument: str) -> Constant:
    rounded = value if value.is_integer() else value * (1 + 1e-13)  # upwards, where it was computed
    return Constant(value=rounded, provenance=Provenance.CERTIFIED, argument=argument, exact=True)
