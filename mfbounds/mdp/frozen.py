"""One population frozen: the Markov decision process that a representative agent then faces."""

from __future__ import annotations

import math
from dataclasses import dataclass, field, replace
from functools import cached_property

import numpy as np
import scipy.sparse as sp

from mfbounds.checks import FloatArray, Kernel
from mfbounds.games.game import MeanFieldGame
from mfbounds.games.pattern import DENSE_LIMIT, ChainPattern

UNIT = 2.0**-53  # relative error of one rounded float64 operation


@dataclass(frozen=True, eq=False, kw_only=True)
class Frozen:
    """Kernel and reward at one mu; dimension letters: S states, A actions.

    The numbers held here *are* the decision process: every error bound of `mfbounds.mdp` is relative to it. Rows that miss
    mass 1 by more than rounding (`check_rows` lets some pass) stand for themselves divided by their sums, and the bounds
    cover what that changes: see `defect`.

    Attributes:
        kernel: P(.|s,a), dense (S, A, S) or CSR (S*A, S).
        reward: r(s,a), (S, A), reward units.
        gamma, eta: as in the game; eta == 0 stands for the problem without regularisation.
        pattern: of a CSR kernel; found here unless it is given.
    """

    kernel: Kernel
    reward: FloatArray
    gamma: float
    eta: float
    pattern: ChainPattern | None = field(default=None, repr=False)

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
        assert self.chain_pattern is not None
        return self.chain_pattern.chain(self.kernel, policy)

    @cached_property
    def chain_pattern(self) -> ChainPattern | None:
        """The structure that the chains of a CSR kernel share; None for a dense kernel."""
        if sp.issparse(self.kernel):
            return ChainPattern.of(self.kernel) if self.pattern is None else self.pattern
        return None

    @cached_property
    def terms(self) -> int:
        """The most successors of one (s, a): how many products one expectation adds up."""
        if sp.issparse(self.kernel):
            return int(np.diff(self.kernel.indptr).max())
        return int(np.count_nonzero(self.kernel, axis=2).max())

    @cached_property
    def gain(self) -> float:
        """A bound on the sup norm of (I - gamma P^pi)^-1 for every policy: 1/(1-gamma) if the rows sum to 1."""
        mass = float(self._masses.max()) * (1.0 + 2.0 * self.terms * UNIT)
        margin = (1.0 - self.gamma) - self.gamma * max(mass - 1.0, 0.0)
        return (1.0 + 4.0 * UNIT) / margin if margin > 0.0 else math.inf

    @cached_property
    def row_defect(self) -> float:
        """A bound on how far the exact sum of any row of the kernel is from 1."""
        return float(np.abs(self._masses - 1.0).max()) + 2.0 * self.terms * UNIT

    @cached_property
    def defect(self) -> float:
        """`row_defect` where rounding does not explain it, else 0; affine kernels are sums over S vertices."""
        return self.row_defect if self.row_defect > (self.n_states + 3 * self.terms + 10) * UNIT else 0.0

    def rounding(self, values: FloatArray) -> float:
        """A bound on the error of any one number computed from a backup of `values`, reward units.

        It covers Q itself, a policy's mean of Q plus the entropy, and the difference of that mean and `values`: no
        term exceeds the `size` below, and each is rounded at most `terms + A + 10` times. What the rows of the kernel
        miss comes on top.
        """
        largest = float(np.abs(values).max())
        size = float(np.abs(self.reward).max()) + (1.0 + self.gamma) * largest + self.eta * math.log(self.n_actions)
        return (self.terms + self.n_actions + 10) * UNIT * (1.0 + 1e-9) * size + 1e-305 + self.missed(largest)

    def missed(self, largest: float) -> float:
        """A bound on the change of a discounted expectation of values up to `largest` by what the rows miss."""
        return self.gamma * self.defect * (1.0 + 1e-9) * largest

    def unregularised(self) -> Frozen:
        """The same process without the entropy bonus."""
        return replace(self, eta=0.0)

    @cached_property
    def _masses(self) -> FloatArray:
        """The sums of the kernel's rows, (S, A)."""
        return self.expect(np.ones(self.n_states))

    @property
    def _rows(self) -> Kernel:
        return self.kernel if sp.issparse(self.kernel) else self.kernel.reshape(-1, self.n_states)


def freeze(game: MeanFieldGame, mu: FloatArray) -> Frozen:
    """The game with its population frozen at a `mu` that is known to be a distribution, shape (S,)."""
    kernel, reward = game.kernel_at(mu), game.reward_at(mu)
    return Frozen(kernel=kernel, reward=reward, gamma=game.gamma, eta=game.eta, pattern=game.pattern)
