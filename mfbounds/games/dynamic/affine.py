"""Dynamic games whose laws and rewards are affine in the empirical distribution of the others.

Such a game is given by its vertices: what P^i and R^i are where all others are in one pair x. Distances between players,
moduli and spreads are convex in the population, so that their largest values are at vertices: everything is exact for any
number of players.
"""

from __future__ import annotations

from copy import copy
from typing import Any

import numpy as np

from mfbounds.checks import FloatArray, check_count, check_real, check_rows, frozen_array
from mfbounds.errors import InputError
from mfbounds.games.dynamic.counts import CountFunction, CountGame, LiftedFunction
from mfbounds.games.dynamic.game import IntArray
from mfbounds.games.origins import origin_of
from mfbounds.numbers import Constant, Provenance

OF_LAWS = ("alpha", "K_sa", "K_s", "K_a")  # l1 distances of laws, at most 2
VERTICES = 60  # beyond as many pairs L_pop, over triples of them, is left to its bound


def affine_game(kernels: Any, rewards: Any, *, horizon: int, start: Any = None, name: str = "") -> CountGame:
    """P^i = sum_x sigma(x) P^i_x and R^i = sum_x sigma(x) R^i_x, sigma the empirical distribution of the others.

    alpha, beta, K_mu, L_mu, L_pop, K_sa, K_s, K_a, L_a, L_sa, kappa, C_1 and C_2 are exact, and declared with the game.

    Args:
        kernels: (N, S, A, D, S), P^i where all others are in the pair x = s A + a; or (N, S, A, S) when they play no role.
        rewards: (N, S, A, D), R^i where all others are in x, reward units.
        horizon: H >= 1.
        start: rho_0, (S,); uniform by default.

    Raises:
        InputError: arrays of wrong shape, rows off the simplex, N < 2, H < 1.

    Example:
        >>> doors = np.array([[[[1.0, 0.0], [0.0, 1.0]]] * 2] * 3)  # three players: the action is the next state
        >>> crowd = -np.eye(4).reshape(1, 2, 2, 4) * [[[[1.0]]], [[[1.0]]], [[[0.7]]]]  # each minds its own pair
        >>> game = affine_game(doors, crowd, horizon=2)
        >>> [round(game.declared[name].value, 12) for name in ("alpha", "beta", "L_mu", "kappa")]
        [0.0, 0.2, 0.45, 1.0]
    """
    laws, payoffs = _tables(kernels, rewards)
    n, S, A = payoffs.shape[:3]
    mean_laws, mean_payoffs = _mean(laws), _mean(payoffs)

    def reward(players: IntArray, states: IntArray, actions: IntArray, others: IntArray) -> FloatArray:
        values: FloatArray = (payoffs[players, states, actions] * others).sum(axis=-1) / (n - 1)
        return values

    kernel, lifted_kernel = _kernels(laws, mean_laws)
    return CountGame.of(
        kernel,
        reward,
        n_players=n,
        n_states=S,
        n_actions=A,
        horizon=horizon,
        reward_range=(payoffs.min(), payoffs.max()),
        start=start,
        lifted_kernel=lifted_kernel,
        lifted_reward=lambda mu: mean_payoffs @ mu.ravel(),
        affine_rewards=True,
        declared=_constants(laws, payoffs),
        name=name or "affine",
    )


def affine_players(
    *, n_players: int = 100, n_states: int = 2, n_actions: int = 2, horizon: int = 4, spread: float = 0.1, seed: int = 0
) -> CountGame:
    """A random affine game: every player's vertices are (1 - spread) common ones and spread of its own; rewards in [0, 1].

    Raises:
        InputError: a size out of range, `spread` outside [0, 1].

    Example:
        >>> affine_players(n_players=50)
        <affine players: N=50, S=2, A=2, H=4>
    """
    n = check_count(n_players, "n_players", least=2)
    S, A = check_count(n_states, "n_states"), check_count(n_actions, "n_actions")
    if not 0.0 <= check_real(spread, "spread") <= 1.0:
        raise InputError(f"spread == {spread}, must be in [0, 1]: it weighs what is a player's own")
    rng = np.random.default_rng(check_count(seed, "seed", least=0))
    laws = (1 - spread) * rng.dirichlet(np.ones(S), (1, S, A, S * A)) + spread * rng.dirichlet(
        np.ones(S), (n, S, A, S * A)
    )
    rewards = (1 - spread) * rng.random((1, S, A, S * A)) + spread * rng.random((n, S, A, S * A))
    game = copy(affine_game(laws / laws.sum(axis=-1, keepdims=True), rewards, horizon=horizon, name="affine players"))
    arguments = {"n_players": n, "n_states": S, "n_actions": A, "horizon": horizon, "spread": spread, "seed": seed}
    object.__setattr__(game, "origin", origin_of("affine_players", arguments))
    return game


def _tables(kernels: Any, rewards: Any) -> tuple[FloatArray, FloatArray]:
    payoffs, laws = frozen_array(rewards, "rewards"), frozen_array(kernels, "kernels")
    if payoffs.ndim != 4 or payoffs.shape[3] != payoffs.shape[1] * payoffs.shape[2]:
        raise InputError(f"rewards.shape == {payoffs.shape}, must be (N, S, A, D), D = S A: one number a vertex")
    n, S, A, D = payoffs.shape
    if n < 2:
        raise InputError(f"n_players == {n}, must be >= 2: a game needs another player")
    if laws.shape not in ((n, S, A, D, S), (n, S, A, S)):
        raise InputError(f"kernels.shape == {laws.shape}, must be {(n, S, A, D, S)} or {(n, S, A, S)}")
    check_rows(laws, "kernels")
    return laws, payoffs


def _kernels(laws: FloatArray, mean: FloatArray) -> tuple[FloatArray | CountFunction, LiftedFunction | None]:
    """The kernel of a CountGame, and its average in closed form."""
    if laws.ndim == 4:
        return laws, None
    others_count = laws.shape[0] - 1

    def kernel(players: IntArray, states: IntArray, actions: IntArray, others: IntArray) -> FloatArray:
        rows: FloatArray = np.einsum("...x,...xt->...t", others / others_count, laws[players, states, actions])
        return rows

    return kernel, lambda mu: np.einsum("x,saxt->sat", mu.ravel(), mean)


def _mean(values: FloatArray) -> FloatArray:
    """The players' average; of equal players exactly what each of them has."""
    alike = (values == values[0]).all()
    mean: FloatArray = values[0] if alike else values.mean(axis=0)
    return mean


def _constants(laws: FloatArray, payoffs: FloatArray) -> dict[str, Constant]:
    others = len(laws) - 1
    fixed = laws.ndim == 4
    at = laws[:, :, :, None] if fixed else laws  # (N, S, A, D or 1, S)
    mean, pay = _mean(at), _mean(payoffs)
    rows, cells = mean.reshape(-1, mean.shape[2], mean.shape[3]), pay.reshape(-1, pay.shape[2])
    known = {
        "alpha": max(_l1(player - mean) for player in at),
        "beta": float(np.abs(payoffs - pay).max()),
        "K_mu": _apart(mean, 2) / 2,
        "L_mu": float(np.ptp(pay, axis=2).max()) / 2,
        "K_sa": _apart(rows, 0),
        "K_s": _apart(mean, 0),
        "K_a": _apart(mean, 1),
        "L_a": float(np.ptp(pay, axis=1).max()),
        "L_sa": float(np.ptp(cells, axis=0).max()),
        "C_1": max(_apart(player, 2) for player in at) / others,
        "C_2": float(np.ptp(payoffs, axis=3).max()) / others,
    }
    if len(cells) <= VERTICES:
        known["L_pop"] = _population_modulus(rows if rows.shape[1] > 1 else np.repeat(rows, len(rows), axis=1))
    how = "affine: largest at the vertices"
    constants = {name: _exact(value, how, 2.0 if name in OF_LAWS else np.inf) for name, value in known.items()}
    sizes = [*_looked_at(np.moveaxis(at, 3, 0)), *_looked_at(np.moveaxis(payoffs, 3, 0)[..., None])]
    most = float(max(sizes))
    constants["kappa"] = _exact(most, "vertices that differ from the most common one of each row", most)
    return constants


def _l1(rows: FloatArray) -> float:
    return float(np.abs(rows).sum(axis=-1).max())


def _apart(rows: FloatArray, axis: int) -> float:
    """The largest l1 distance, over the last axis, of two entries along `axis`."""
    entries = np.moveaxis(rows, axis, 0)
    return max(_l1(entries - entry) for entry in entries)


def _population_modulus(rows: FloatArray) -> float:
    """L_pop from P at the vertices, rows[x, v] = P(.|x, v): the derivative of sum_z mu(z) P(.|z, mu) is affine in mu."""
    derivative = rows + np.swapaxes(rows, 0, 1)  # [x, v]: along e_x at the vertex v
    return _apart(derivative, 0) / 2


def _looked_at(values: FloatArray) -> list[int]:
    """How many vertices of each (s, a) must be told from the rest; values (D, N, S, A, n)."""
    sizes = []
    for index in np.ndindex(values.shape[2:4]):
        row = values[:, :, *index].reshape(len(values), -1)
        sizes.append(len(values) - max(int((row == one).all(axis=1).sum()) for one in row))
    return sizes


def _exact(value: float, argument: str, most: float = np.inf) -> Constant:
    rounded = min(most, value * (1 + 1e-13) + 1e-15) if value else 0.0
    return Constant(value=rounded, provenance=Provenance.CERTIFIED, argument=argument, exact=True)
