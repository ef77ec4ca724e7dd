"""Congestion games with players of their own (P2, Example 1 and Appendix D.1).

Player i in the pair (s, a) is paid h_i(s, a, k) + r_i(s, a), k the number of players there, itself included; h_i does not
increase with k, and nobody's moves depend on the others. Between the counts the average is interpolated linearly,
(1 - f) h(k) + f h(k + 1) with k + f = 1 + K mu(s, a): continuous, monotone, and equal to h at the counts, which the
interpolation that the appendix prints is not (its weights are the other way round).
"""

from __future__ import annotations

from copy import copy
from typing import Any

import numpy as np

from mfbounds.checks import FloatArray, check_count, check_real, check_rows, check_shape, frozen_array
from mfbounds.errors import InputError
from mfbounds.games.dynamic.counts import CountGame
from mfbounds.games.dynamic.game import IntArray
from mfbounds.games.origins import origin_of
from mfbounds.numbers import Constant, Provenance


def congestion_game(
    kernels: Any, payoffs: Any, bonuses: Any, *, horizon: int, start: Any = None, name: str = ""
) -> CountGame:
    """A congestion game from its tables; alpha, beta, the moduli, kappa, C_1 and C_2 are exact, and declared.

    The induced game is weakly monotone, strictly where the average payoff falls with every further player: that is
    declared as `slope`, a bound on <R(mu)-R(mu'), mu-mu'>/||mu-mu'||_2^2.

    Args:
        kernels: (N, S, A, S), or (1, S, A, S) for all players alike.
        payoffs: h_i(s, a, k), (N, S, A, N), k = 1..N along the last axis, not increasing in k; reward units.
        bonuses: r_i(s, a), (N, S, A), reward units.
        horizon: H >= 1.
        start: rho_0, (S,); uniform by default.

    Raises:
        InputError: arrays of wrong shape, rows off the simplex, a payoff that increases with the crowd.

    Example:
        >>> shares = 1.0 / np.arange(1, 4)  # a prize that is split
        >>> game = congestion_game(np.ones((1, 1, 2, 1)), [[[shares] * 2]] * 3, np.zeros((3, 1, 2)), horizon=1)
        >>> float(game.lifted_reward(np.array([[0.75, 0.25]]))[0, 1])  # half of the way from 1 to 1/2
        0.75
    """
    h, r = frozen_array(payoffs, "payoffs"), frozen_array(bonuses, "bonuses")
    if h.ndim != 4 or h.shape[0] != h.shape[3] or len(h) < 2:
        raise InputError(f"payoffs.shape == {h.shape}, must be (N, S, A, N), N >= 2: one number a count")
    n, S, A = h.shape[:3]
    check_shape(r, (n, S, A), "bonuses")
    if (h[..., 1:] > h[..., :-1]).any():
        i, s, a, k = (int(x) for x in np.argwhere(h[..., 1:] > h[..., :-1])[0])
        raise InputError(
            f"payoffs[{i},{s},{a},{k + 1}] == {h[i, s, a, k + 1]}, must be <= payoffs[{i},{s},{a},{k}] == "
            f"{h[i, s, a, k]}: a crowd must not pay"
        )
    laws = frozen_array(kernels, "kernels")
    if laws.shape not in ((n, S, A, S), (1, S, A, S)):
        raise InputError(f"kernels.shape == {laws.shape}, must be {(n, S, A, S)} or {(1, S, A, S)}")
    check_rows(laws, "kernels")
    paid = h + r[..., None]
    alike = bool((paid == paid[0]).all())
    mean: FloatArray = paid[0] if alike else paid.mean(axis=0)

    def reward(players: IntArray, states: IntArray, actions: IntArray, others: IntArray) -> FloatArray:
        here = np.take_along_axis(others, (states * A + actions)[..., None], axis=-1)[..., 0]
        values: FloatArray = paid[players, states, actions, here]
        return values

    return CountGame.of(
        laws,
        reward,
        n_players=n,
        n_states=S,
        n_actions=A,
        horizon=horizon,
        reward_range=(paid[..., -1].min(), paid[..., 0].max()),
        start=start,
        lifted_reward=lambda mu: interpolated(mean, mu),
        declared=_constants(laws, paid, mean, np.diff(h, axis=3)),
        name=name or "congestion",
    )


def interpolated(values: FloatArray, mu: FloatArray) -> FloatArray:
    """Linear between the counts of the others: values (S, A, N) at 0..N-1 others, mu (S, A) -> (S, A)."""
    others = values.shape[-1] - 1
    position = np.minimum(others * mu, others)
    below = np.minimum(np.floor(position), others - 1).astype(np.int64)[..., None]
    weight = position - below[..., 0]
    low, high = (np.take_along_axis(values, below + step, axis=-1)[..., 0] for step in (0, 1))
    result: FloatArray = (1 - weight) * low + weight * high
    return result


def congestion(
    *, n_players: int = 100, n_states: int = 3, n_actions: int = 3, horizon: int = 5, spread: float = 0.1, seed: int = 0
) -> CountGame:
    """A random congestion game: h and r in [0, 1], of every player (1 - spread) common and spread its own.

    h(s, a, k) = 1 - c ((k - 1)/(N - 1))^p with c in [1/2, 1] and p in [1/2, 2] drawn for each pair.

    Raises:
        InputError: a size out of range, `spread` outside [0, 1].

    Example:
        >>> congestion(n_players=20)
        <congestion: N=20, S=3, A=3, H=5>
    """
    n = check_count(n_players, "n_players", least=2)
    S, A = check_count(n_states, "n_states"), check_count(n_actions, "n_actions")
    if not 0.0 <= check_real(spread, "spread") <= 1.0:
        raise InputError(f"spread == {spread}, must be in [0, 1]: it weighs what is a player's own")
    rng = np.random.default_rng(check_count(seed, "seed", least=0))
    share = np.arange(n) / (n - 1)

    def mixed(draw: Any) -> FloatArray:
        values: FloatArray = (1 - spread) * draw(1) + spread * draw(n)
        return values

    h = mixed(lambda m: 1 - rng.uniform(0.5, 1.0, (m, S, A, 1)) * share ** rng.uniform(0.5, 2.0, (m, S, A, 1)))
    r = mixed(lambda m: rng.random((m, S, A)))
    laws = mixed(lambda m: rng.dirichlet(np.ones(S), (m, S, A)))
    laws = laws / laws.sum(axis=-1, keepdims=True)
    game = copy(congestion_game(laws, np.minimum.accumulate(h, axis=3), r, horizon=horizon))
    arguments = {"n_players": n, "n_states": S, "n_actions": A, "horizon": horizon, "spread": spread, "seed": seed}
    object.__setattr__(game, "origin", origin_of("congestion", arguments))
    return game


def _constants(laws: FloatArray, paid: FloatArray, mean: FloatArray, falls: FloatArray) -> dict[str, Constant]:
    """Exact constants; `falls` (N, S, A, N-1) are the changes of h with one more player, at most 0."""
    others = paid.shape[0] - 1
    law = laws[0] if (laws == laws[0]).all() else laws.mean(axis=0)
    rows, cells = law.reshape(-1, law.shape[-1]), mean.reshape(-1, mean.shape[-1])
    K_sa, (empty, full) = _apart(rows), (mean[..., 0], mean[..., -1])
    known = {
        "alpha": (float(np.abs(laws - law).sum(axis=-1).max()), "max ||P^i - mean P||_1: laws ignore the others"),
        "beta": (float(np.abs(paid - mean).max()), "max |h_i + r_i - mean| over players, pairs and counts"),
        "K_mu": (0.0, "the dynamics ignore the others"),
        "L_mu": (others * float(np.abs(np.diff(mean)).max()) / 2, "K max |h(k+1) - h(k)| / 2: one pair matters"),
        "L_pop": (K_sa / 2, "K_sa/2, attained: the kernel is fixed"),
        "K_sa": (K_sa, "largest l1 distance of two rows"),
        "K_s": (max(_apart(law[:, a]) for a in range(law.shape[1])), "two states, one action"),
        "K_a": (max(_apart(row) for row in law), "one state, two actions"),
        "L_a": (max(_gap(*pair) for pair in zip(empty, full, strict=True)), "nobody here, everybody there"),
        "L_sa": (_gap(cells[:, 0], cells[:, -1]), "nobody here, everybody there"),
        "kappa": (float(bool((falls < 0.0).any())), "the own pair matters"),
        "C_1": (0.0, "the dynamics ignore the others"),
        "C_2": (float(np.abs(np.diff(paid)).max()), "max |h_i(k+1) - h_i(k)|"),
    }
    most = {"alpha": 2.0, "K_sa": 2.0, "K_s": 2.0, "K_a": 2.0, "L_pop": 1.0, "kappa": 1.0}
    constants = {name: _exact(*pair, most.get(name, np.inf)) for name, pair in known.items()}
    slope = others * float(falls.mean(axis=0).max()) * (1 - 1e-12)
    argument = "K max (h(k+1) - h(k)), the payoff of a pair depends on the crowd there only"
    return constants | {"slope": Constant(value=slope, provenance=Provenance.CERTIFIED, argument=argument)}


def _apart(rows: FloatArray) -> float:
    """The largest l1 distance of two rows."""
    return max(float(np.abs(rows - row).sum(axis=-1).max()) for row in rows)


def _gap(empty: FloatArray, full: FloatArray) -> float:
    """max over x != y of empty[x] - full[y]: the largest difference of two payoffs at one population."""
    gaps = empty[:, None] - full[None]
    np.fill_diagonal(gaps, -np.inf)
    return max(0.0, float(gaps.max()))


def _exact(value: float, argument: str, most: float = np.inf) -> Constant:
    rounded = min(most, value * (1 + 1e-13) + 1e-15) if value else 0.0
    return Constant(value=rounded, provenance=Provenance.CERTIFIED, argument=argument, exact=True)
