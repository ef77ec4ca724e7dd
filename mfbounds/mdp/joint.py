"""All players at once: the exact law of a small dynamic game by enumeration of joint states (P2, Definition 2).

A joint state is an index in base S, player 0 most significant, S^N of them; a joint state-action likewise in base D.
Deviations are policies of the own state. J is affine in the policy of each step, so a best response exists among the
deterministic ones; they are enumerated step by step, and the last step is decided state by state.
"""

from __future__ import annotations

from dataclasses import dataclass
from functools import cached_property

import numpy as np

from mfbounds.checks import FloatArray
from mfbounds.errors import NotEnumerableError
from mfbounds.games.dynamic.lattice import digits
from mfbounds.games.dynamic.tabular import TabularGame, product_text
from mfbounds.words import size_text

ENTRIES = 20_000_000  # of the joint kernel D^N x S^N
BRANCHES = 200_000  # deterministic policies of the first H - 1 steps that are enumerated at most
LARGEST = 100_000_000  # entries of the largest array of that enumeration


@dataclass(frozen=True, eq=False)
class JointGame:
    """A tabular game over joint states.

    Raises:
        NotEnumerableError: the joint kernel would have too many entries.
    """

    game: TabularGame

    def __post_init__(self) -> None:
        game = self.game
        size = product_text(1, (game.n_pairs * game.n_states, game.n_players), limit=ENTRIES)
        if size:
            raise NotEnumerableError(
                f"{game!r}: the joint kernel has {size} entries, must be <= {ENTRIES:.3g} to be enumerated: use bounds or "
                "simulation"
            )

    @property
    def responds(self) -> bool:
        """Whether deviations are few enough to be enumerated, as `best_deviation` does."""
        return self._branches <= BRANCHES and self._largest <= LARGEST

    @property
    def _branches(self) -> int:
        branches: int = self.game.n_actions ** (self.game.n_states * (self.game.horizon - 1))
        return branches

    @property
    def _largest(self) -> int:
        """Entries: of the rewards of every branch, and of the kernels of every choice of a step that has a next one."""
        game = self.game
        S, A, n = game.n_states, game.n_actions, game.n_players
        moves: int = A**S * S ** (2 * n) if game.horizon > 1 else 0
        rewards: int = self._branches * A * S**n
        return max(moves, rewards)

    @cached_property
    def pairs(self) -> tuple[FloatArray, FloatArray]:
        """(kernel (D^N, S^N), rewards (N, D^N)) over joint state-actions."""
        game = self.game
        joint = digits(game.n_players, game.n_pairs)
        states, actions = joint // game.n_actions, joint % game.n_actions
        laws = game.laws(states, actions)  # (D^N, N, S)
        kernel = np.ones((len(joint), 1))
        for i in range(game.n_players):
            kernel = (kernel[:, :, None] * laws[:, i, None, :]).reshape(len(joint), -1)
        return kernel, game.rewards(states, actions).T

    @cached_property
    def start(self) -> FloatArray:
        """The law of the first joint state, (S^N,)."""
        law = np.ones(1)
        for _ in range(self.game.n_players):
            law = np.outer(law, self.game.start).ravel()
        return law

    @cached_property
    def own_states(self) -> np.ndarray[tuple[int, ...], np.dtype[np.int64]]:
        """The state of each player in each joint state, (S^N, N)."""
        return digits(self.game.n_players, self.game.n_states)

    def deviator(self, player: int, policies: FloatArray, step: int) -> tuple[FloatArray, FloatArray]:
        """What a player's action does when the others play `policies` (N, H, S, A) at `step`.

        Returns:
            kernel (A, S^N, S^N) and reward (A, S^N) of that player.
        """
        game, (kernel, rewards) = self.game, self.pairs
        n, S, A = game.n_players, game.n_states, game.n_actions
        weights = np.ones(1)  # [x]: product over the others of pi_j(a_j|s_j)
        for j in range(n):
            choice = np.ones((S, A)) if j == player else policies[j, step]
            weights = (weights[:, None] * choice.ravel()).ravel()
        actions = [2 * j + 1 for j in range(n)]  # axes of (s_1, a_1, ..., s_n, a_n)
        order = [actions[player], *range(0, 2 * n, 2), *(axis for axis in actions if axis != actions[player])]

        def summed(values: FloatArray) -> FloatArray:
            """Values (D^N, m) summed over the actions of the others: (A, S^N, m)."""
            axes = (weights[:, None] * values).reshape(*[S, A] * n, -1).transpose(*order, 2 * n)
            total: FloatArray = axes.reshape(A, S**n, A ** (n - 1), -1).sum(axis=2)
            return total

        return summed(kernel), summed(rewards[player][:, None])[..., 0]

    def value(self, player: int, policies: FloatArray) -> float:
        """J^i of the policies (N, H, S, A), reward units."""
        law, total = self.start, 0.0
        for h in range(self.game.horizon):
            kernel, reward = self.deviator(player, policies, h)
            own = policies[player, h][self.own_states[:, player]].T * law  # (A, S^N)
            total += float((own * reward).sum())
            law = np.einsum("as,ast->t", own, kernel)
        return total

    def best_deviation(self, player: int, policies: FloatArray) -> float:
        """max over the policies of one player of J^i, the others keeping theirs, reward units.

        Raises:
            NotEnumerableError: more deterministic policies than can be enumerated.
        """
        game = self.game
        if not self.responds:
            raise NotEnumerableError(
                f"{game!r}: {size_text(self._branches)} deterministic policies of the first H - 1 steps, must be <= {BRANCHES}, "
                f"and arrays of {size_text(self._largest)} entries, must be <= {LARGEST:.3g}: use bounds"
            )
        own = self.own_states[:, player]
        laws, totals = self.start[None], np.zeros(1)  # one row a branch
        # (A^S, S): an action for each own state, at a step that has a next one
        maps = digits(game.n_states, game.n_actions) if game.horizon > 1 else np.empty((0, game.n_states), np.int64)
        for h in range(game.horizon - 1):
            kernel, reward = self.deviator(player, policies, h)
            actions = maps[:, own]  # (A^S, S^N): the action in each joint state
            gains = laws @ np.take_along_axis(reward, actions, axis=0).T  # (branches, A^S)
            moves = kernel[actions, np.arange(len(own))]  # (A^S, S^N, S^N)
            totals = (totals[:, None] + gains).ravel()
            laws = np.einsum("bs,mst->bmt", laws, moves, optimize=True).reshape(len(totals), -1)
        _, reward = self.deviator(player, policies, game.horizon - 1)
        by_state = np.stack([(laws[:, None] * reward)[..., own == s].sum(axis=-1) for s in range(game.n_states)])
        return float((totals + by_state.max(axis=2).sum(axis=0)).max())

    def exploitability(self, policies: FloatArray) -> FloatArray:
        """E^i of every player for the policies (N, H, S, A), shape (N,), reward units (P2, Definition 2)."""
        players = range(self.game.n_players)
        return np.array([self.best_deviation(i, policies) - self.value(i, policies) for i in players])

    def pair_laws(self, policies: FloatArray) -> FloatArray:
        """The exact law of the joint state-action at every step, (H, D^N)."""
        game, (kernel, _) = self.game, self.pairs
        joint = digits(game.n_players, game.n_pairs)
        states, actions = joint // game.n_actions, joint % game.n_actions
        place = (states * game.n_states ** np.arange(game.n_players - 1, -1, -1)).sum(axis=1)
        law, found = self.start, []
        for h in range(game.horizon):
            choices = policies[np.arange(game.n_players), h, states, actions].prod(axis=1)
            found.append(law[place] * choices)
            law = found[-1] @ kernel
        return np.array(found)
