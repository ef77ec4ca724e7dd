"""One population frozen: the Markov decision process that a representative agent then faces."""

from __future__ import annotations

from dataclasses import dataclass

import numpy as np
import scipy.sparse as sp

from mfbounds.checks import FloatArray, Kernel, SparseKernel
from mfbounds.games.game import MeanFieldGame

DENSE_LIMIT = 512  # up to this many states a dense LU beats a sparse one on the kernels of this package


@dataclass(frozen=True, eq=False, kw_only=True)
class Frozen:
    """Kernel and reward at one mu; dimension letters: S states, A actions.

    Attributes:
        kernel: P(.|s,a), dense (S, A, S) or CSR (S*A, S).
        reward: r(s,a), (S, A), reward units.
        gamma, eta: as in the game.
    """

    kernel: Kernel
    reward: FloatArray
    gamma: float
    eta: float

    @property
    def n_states(self) -> int:
        return int(self.reward.shape[0])

    @property
    def n_actions(self) -> int:
        return int(self.reward.shape[1])

    @property
    def dense(self) -> bool:
        """Whether chains of this process are handled as dense matrices."""
        return not sp.issparse(self.kernel) or self.n_states <= DENSE_LIMIT

    def expect(self, values: FloatArray) -> FloatArray:
        """sum_s' P(s'|s,a) values(s'), shape (S, A)."""
        flat: FloatArray = self._rows @ values
        return flat.reshape(self.n_states, self.n_actions)

    def backup(self, values: FloatArray) -> FloatArray:
        """Q = r + gamma P V, shape (S, A): the entropy of the current step is not in Q."""
        return self.reward + self.gamma * self.expect(values)

    def chain(self, policy: FloatArray) -> Kernel:
        """P^pi(s'|s) = sum_a pi(a|s) P(s'|s,a): (S, S), dense up to `DENSE_LIMIT` states, CSR beyond."""
        if not sp.issparse(self.kernel):
            dense: FloatArray = np.matmul(policy[:, None, :], self.kernel)[:, 0, :]
            return dense
        sparse = self._weighted(policy)
        return sparse.toarray() if self.dense else sparse

    @property
    def _rows(self) -> Kernel:
        return self.kernel if sp.issparse(self.kernel) else self.kernel.reshape(-1, self.n_states)

    def _weighted(self, policy: FloatArray) -> SparseKernel:
        n_states, n_actions = policy.shape
        bounds = np.arange(0, n_states * n_actions + 1, n_actions)
        weights = sp.csr_array(
            (policy.ravel(), np.arange(n_states * n_actions), bounds), shape=(n_states, n_states * n_actions)
        )
        return sp.csr_array(weights @ self.kernel)


def freeze(game: MeanFieldGame, mu: FloatArray) -> Frozen:
    """The game with its population frozen at a `mu` that is known to be a distribution, shape (S,)."""
    return Frozen(kernel=game.kernel_at(mu), reward=game.reward_at(mu), gamma=game.gamma, eta=game.eta)
