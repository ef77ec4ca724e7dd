"""Where TD learning on one player of a dynamic game goes, and how fast in the mean square: exact, by recursion (P2).

The limit is Q_h(s,a) = E[r_h + tau H(pi_h(.|s)) + Q_{h+1}(s',a') | the player is in (s, a) at h], 0 where it never is.
With e = Qhat - Q the update adds eta 1{visit} (e_{h+1}(x') - e_h(x) + noise), noise of conditional mean 0, and
trajectories are independent: first and second moments of e obey linear recursions.
"""

from __future__ import annotations

from dataclasses import dataclass

import numpy as np
from scipy.special import entr

from mfbounds.checks import FloatArray
from mfbounds.errors import InputError
from mfbounds.games.dynamic.counts import CountGame
from mfbounds.mdp.td_paths import OwnPaths


@dataclass(frozen=True)
class TDLimit:
    """Q (H, S, A), reward units, rewards counted from r_min; `visits` (H, S, A), the player's law of (s_h, a_h)."""

    Q: FloatArray
    visits: FloatArray

    @property
    def delta(self) -> float:
        """The smallest positive probability of a visit."""
        return float(self.visits[self.visits > 0.0].min())


def td_limit(paths: OwnPaths, policy: FloatArray, tau: float) -> TDLimit:
    """The limit from the law of a player's own paths."""
    H, D = policy.shape[0], paths.n_pairs
    bonus = tau * np.repeat(entr(policy).sum(axis=2), policy.shape[2], axis=1)  # (H, D)
    Q, visits = np.zeros((H + 1, D)), np.empty((H, D))
    for h in range(H - 1, -1, -1):
        now = paths.pairs[:, h]
        ahead = Q[h + 1][paths.pairs[:, h + 1]] if h < H - 1 else np.zeros(len(now))
        visits[h] = np.bincount(now, paths.mass, D)
        total = np.bincount(now, paths.reward[:, h] + paths.mass * ahead, D)
        Q[h] = np.divide(total, visits[h], out=np.zeros(D), where=visits[h] > 0.0) + bonus[h] * (visits[h] > 0.0)
    return TDLimit(Q[:H].reshape(policy.shape), visits.reshape(policy.shape))


def td_limit_of_strangers(game: CountGame, policy: FloatArray, tau: float) -> TDLimit:
    """The limit for player 0 where no law depends on the others and rewards are affine in their counts: any N.

    The others' paths are then independent of the own one, so that expected rewards are rewards at expected counts.

    Raises:
        InputError: laws depend on the others, or rewards are not declared affine.
    """
    if game.fixed_kernels is None or not game.affine_rewards:
        raise InputError(f"game == {game!r}, must have laws that ignore the others and rewards affine in their counts")
    kernels = np.broadcast_to(game.fixed_kernels, (game.n_players, *game.fixed_kernels.shape[1:]))
    H, S, A = policy.shape
    zero, s, a = np.zeros((S, A), dtype=np.int64), *np.indices((S, A))
    laws = np.broadcast_to(game.start, (game.n_players, S))
    rewards, visits = np.empty(policy.shape), np.empty(policy.shape)
    for h in range(H):
        pairs = laws[:, :, None] * policy[h]  # (N, S, A)
        others = np.broadcast_to(pairs[1:].sum(axis=0).ravel(), (S, A, S * A))
        rewards[h] = game.rewards_at(zero, s, a, others) - game.reward_range[0]
        visits[h] = pairs[0]
        laws = np.einsum("nsa,nsat->nt", pairs, kernels)
    Q, ahead = np.empty(policy.shape), np.zeros(S)
    bonus = tau * entr(policy).sum(axis=2)
    for h in range(H - 1, -1, -1):
        Q[h] = np.where(visits[h] > 0.0, rewards[h] + bonus[h][:, None] + kernels[0] @ ahead, 0.0)
        ahead = (policy[h] * Q[h]).sum(axis=1)
    return TDLimit(Q, visits)


@dataclass(frozen=True)
class TDMoments:
    """E e and E e^2 of e = Qhat^M - Q, (H, S, A), after M trajectories; `error` bounds what rounding did to each."""

    mean: FloatArray
    square: FloatArray
    error: float


def td_moments(paths: OwnPaths, limit: TDLimit, policy: FloatArray, tau: float, *, u: float, M: int) -> TDMoments:
    """Moments of Algorithm 1's tables after M trajectories with eta_m = u/(m+u), from Qhat = 0."""
    H, D = policy.shape[0], paths.n_pairs
    steps = _Steps(paths, limit, tau * np.repeat(entr(policy).sum(axis=2), policy.shape[2], axis=1))
    mean = np.append(-limit.Q.ravel(), np.zeros(D))  # one more step, where all is known to be 0
    second = np.outer(mean, mean)
    for m in range(M):
        eta = u / (m + u)
        drift = steps.drift @ second
        second = second + eta * (drift + drift.T) + eta**2 * steps.noise(mean, second)
        mean = mean + eta * (steps.drift @ mean)
    shape = policy.shape
    size = float(np.abs(limit.Q).max()) + 1e-300
    rounding = 1e-15 * (M + 1) * (H + 1) * D * (1.0 + size) * size * 8
    kept = slice(0, H * D)
    return TDMoments(mean[kept].reshape(shape), np.diag(second)[kept].reshape(shape), rounding)


class _Steps:
    """One update in the mean: E e' = e + eta drift e, and the second moment of its noise as a function of those of e."""

    def __init__(self, paths: OwnPaths, limit: TDLimit, bonus: FloatArray) -> None:
        H, D = bonus.shape
        seen = paths.mass > 0.0
        pairs, self.mass = paths.pairs[seen], paths.mass[seen]
        self.now = pairs + D * np.arange(H)
        self.ahead = np.concatenate([self.now[:, 1:], np.full((len(pairs), 1), H * D)], axis=1)
        Q = np.append(limit.Q.ravel(), np.zeros(D))
        known = bonus.ravel()[self.now] + Q[self.ahead] - Q[self.now]  # the target's error is r + known
        reward, weight = paths.reward[seen], self.mass[:, None]
        self.error = reward + weight * known
        self.errors = (
            paths.products[seen]
            + reward[:, :, None] * known[:, None, :]
            + known[:, :, None] * reward[:, None, :]
            + weight[:, :, None] * known[:, :, None] * known[:, None, :]
        )
        self.size, self.horizon = (H + 1) * D, H
        self.drift = np.zeros((self.size, self.size))
        for h in range(H):
            np.add.at(self.drift, (self.now[:, h], self.ahead[:, h]), self.mass)
            np.add.at(self.drift, (self.now[:, h], self.now[:, h]), -self.mass)

    def noise(self, mean: FloatArray, second: FloatArray) -> FloatArray:
        found = np.zeros(self.size * self.size)
        gap = mean[self.ahead] - mean[self.now]
        for h in range(self.horizon):
            for k in range(h, self.horizon):
                (x, y), (v, w) = (self.now[:, h], self.ahead[:, h]), (self.now[:, k], self.ahead[:, k])
                value = self.mass * (second[y, w] - second[x, w] - second[y, v] + second[x, v])
                value += self.error[:, h] * gap[:, k] + self.error[:, k] * gap[:, h] + self.errors[:, h, k]
                if k == h:
                    found += np.bincount(x * self.size + v, value, self.size**2)
                else:
                    found += np.bincount(
                        np.append(x * self.size + v, v * self.size + x), np.append(value, value), self.size**2
                    )
        return found.reshape(self.size, self.size)
