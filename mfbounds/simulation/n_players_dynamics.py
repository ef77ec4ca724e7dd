"""A population whose players all use one policy: its mean-field step, and its step as counts, for many at once.

Dimension letters: B populations, S states. A population is a law m (S,), or counts (S,) of N players; m = counts/N.
"""

from __future__ import annotations

from dataclasses import replace
from typing import Any

import numpy as np
import scipy.sparse as sp
from scipy.special import entr

from mfbounds.checks import FloatArray, Kernel
from mfbounds.games.affine import AffineGame
from mfbounds.games.crowding import Crowding
from mfbounds.games.game import MeanFieldGame
from mfbounds.mdp.frozen import freeze
from mfbounds.simulation.cells import Cells, IntArray, PolicyCells, pack
from mfbounds.simulation.counts import add_up, draw_outcomes

STEP = 1e-7  # of the finite differences: shares near the density floors of crowd games are of size 1e-5


class Dynamics:
    """How populations move and what their players earn under one policy.

    The reward of a state is its mean over the actions, entropy bonus included: sum_a pi(a|s) r(s,a,m) + eta H(pi(.|s)).
    """

    def __init__(self, game: MeanFieldGame, policy: FloatArray) -> None:
        self.game, self.policy, self.size = game, policy, game.n_states
        entropies = entr(policy).sum(axis=1)
        self.entropy: FloatArray = game.eta * entropies
        self._reward = None if game.fixed_reward is None else self._mean(game.fixed_reward)
        self._vertex_rewards = _vertex_rewards(game, policy)
        self._vertex_chains = _vertex_chains(game, policy)
        self.chain: Kernel | None = None
        if game.fixed_kernel is not None:
            frozen = replace(freeze(game, game.start), reward=np.zeros((self.size, game.n_actions)))
            self.chain = frozen.chain(policy)
            self._cells = PolicyCells(frozen).at(policy, frozen.reward)

    @property
    def reward_range(self) -> tuple[float, float]:
        """An interval that holds every reward of a state, at every population."""
        low, high = self.game.reward_range
        return low + float(self.entropy.min()), high + float(self.entropy.max())

    def rewards(self, m: FloatArray) -> FloatArray:
        """The reward of each state at each population of `m` (B, S), shape (B, S)."""
        if self._reward is not None:
            return np.broadcast_to(self._reward, m.shape)
        if self._vertex_rewards is not None:
            mixed: FloatArray = m @ self._vertex_rewards + self.entropy
            return mixed
        function = self.game.reward_function
        if isinstance(function, Crowding):
            return self._mean(function.many(m))
        return self._mean(np.stack([self.game.reward_at(law) for law in m]))

    def push(self, m: FloatArray) -> FloatArray:
        """m P_m^pi for each population of `m` (B, S)."""
        if self.chain is not None:
            return _left(m, self.chain)
        return np.stack([_left(law, chain) for law, chain in zip(m, self.chains(m), strict=True)])

    def move(self, rng: np.random.Generator, counts: IntArray, m: FloatArray) -> tuple[IntArray, FloatArray]:
        """`counts` (B, S) after one step of these players at the populations `m` (B, S), and m P_m^pi, (B, S)."""
        places = np.flatnonzero(counts)
        if self.chain is not None:
            cells, rows, mean = self._cells, places % self.size, _left(m, self.chain)
        else:
            chains = self.chains(m)
            cells, rows = _packed(chains), places
            mean = np.stack([_left(law, chain) for law, chain in zip(m, chains, strict=True)])
        moved = draw_outcomes(rng, counts.ravel()[places], cells, rows)
        target = cells.target[rows] + (places - places % self.size)[:, None]
        return add_up(target, moved, counts.size).reshape(counts.shape), mean

    def chains(self, m: FloatArray) -> Any:
        """P_m^pi for each population of `m` (B, S): B matrices (S, S)."""
        if self.chain is not None:
            return [self.chain] * len(m)
        if self._vertex_chains is not None:
            return np.tensordot(m, self._vertex_chains, axes=1)
        return [freeze(self.game, law).chain(self.policy) for law in m]

    def slopes(self, m: FloatArray) -> tuple[FloatArray, Kernel]:
        """Derivatives at one population `m` (S,) in the directions delta_s - m, by finite differences.

        Returns:
            Of the mean reward <m, rewards(m)>, (S,), and of the step m P_m^pi, (S, S), row s for the direction of s;
            up to a number (a row) that all s share, which no difference of two laws feels.
        """
        towards = np.eye(self.size) - m
        near, far = m + STEP * towards, m + 2.0 * STEP * towards
        here = float(m @ self.rewards(m[None])[0])
        first, second = ((points * self.rewards(points)).sum(axis=1) for points in (near, far))
        reward: FloatArray = (4.0 * (first - here) - (second - here)) / (2.0 * STEP)
        if self.chain is not None:
            return reward, self.chain
        law = self.push(m[None])[0]
        step: FloatArray = (4.0 * (self.push(near) - law) - (self.push(far) - law)) / (2.0 * STEP)
        return reward, step

    def plain_slopes(self, m: FloatArray) -> tuple[FloatArray, Kernel]:
        """`slopes` without the effect that the population has on rewards and moves."""
        return self.rewards(m[None])[0], self.chains(m[None])[0]

    def _mean(self, reward: FloatArray) -> FloatArray:
        mean: FloatArray = np.einsum("...sa,sa->...s", reward, self.policy) + self.entropy
        return mean


def _left(m: FloatArray, chain: Kernel) -> FloatArray:
    """m P as a dense array."""
    moved: FloatArray = m @ chain
    return moved


def _vertex_rewards(game: MeanFieldGame, policy: FloatArray) -> FloatArray | None:
    """Mean rewards of the states at the vertices of an affine game, (S, S), without the entropy."""
    if not isinstance(game, AffineGame) or game.vertex_rewards is None:
        return None
    mean: FloatArray = np.einsum("xsa,sa->xs", game.vertex_rewards, policy)
    return mean


def _vertex_chains(game: MeanFieldGame, policy: FloatArray) -> FloatArray | None:
    """The chains at the vertices of a dense affine game, (S, S, S)."""
    if not isinstance(game, AffineGame) or not isinstance(game.vertex_kernels, np.ndarray):
        return None
    chains: FloatArray = np.einsum("xsan,sa->xsn", game.vertex_kernels, policy, optimize=True)
    return chains


def _packed(chains: Any) -> Cells:
    """The outcomes of row b*S + s: the moves from s in chain b."""
    matrix = sp.vstack([sp.csr_array(chain) for chain in chains]) if sp.issparse(chains[0]) else np.concatenate(chains)
    row, target = matrix.nonzero()
    probability = matrix.tocsr()[row, target] if sp.issparse(matrix) else matrix[row, target]
    n_rows = len(chains) * int(matrix.shape[1])
    return pack(row.astype(np.int64), np.asarray(probability), target.astype(np.int64), np.zeros(len(row)), n_rows)
