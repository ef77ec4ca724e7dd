"""One deviator among many players who are alike: exact laws at count level, for games of two states (P2, Definition 2).

All others play one deterministic policy, so that their state-actions follow from the number in state 1, and the pair
(own state, that number) is a Markov chain with 2 N states, whatever N is. Weights of binomial laws are computed in ball
arithmetic and rounded once.
"""

from __future__ import annotations

from dataclasses import dataclass
from functools import cached_property

import numpy as np
from flint import arb, ctx

from mfbounds.checks import FloatArray
from mfbounds.errors import InputError, NotEnumerableError
from mfbounds.games.dynamic.counts import CountGame
from mfbounds.games.dynamic.game import IntArray
from mfbounds.games.dynamic.lattice import digits

CONVOLVED = 400  # others whose next states are convolved; more only where the next states are certain
BRANCHES = 4096  # deterministic policies of the first H - 1 steps that are enumerated at most
BITS = 96  # of the binomial weights before they are rounded to float64


@dataclass(frozen=True, eq=False)
class ExchangeableGame:
    """A game of counts with two states whose players are alike.

    Raises:
        InputError: more than two states, or players that are not declared to be alike (alpha = beta = 0).
    """

    game: CountGame

    def __post_init__(self) -> None:
        game = self.game
        if game.n_states != 2:
            raise InputError(f"n_states == {game.n_states}, must be 2: the others are told apart by one number only")
        for name in ("alpha", "beta"):
            if not _is_zero(game, name):
                raise InputError(f"{name} of {game!r}, must be declared and 0: the players must be alike")

    @property
    def rounding(self) -> float:
        """Relative rounding of a sum over the 2 N states of the chain and H steps."""
        return 4.0 * float(np.finfo(np.float64).eps) * self.game.horizon * (2 * self.game.n_players + 16)

    @property
    def responds(self) -> bool:
        """Whether deviations are few enough to be enumerated, as `best_deviation` does."""
        branches: int = self.game.n_actions ** (2 * (self.game.horizon - 1))
        return branches <= BRANCHES

    @cached_property
    def start(self) -> FloatArray:
        """The law of (own state, number of others in state 1), shape (2, N)."""
        return np.outer(self.game.start, binomial_weights(self.game.n_others, float(self.game.start[1])))

    def can_follow(self, policy: FloatArray) -> bool:
        """Whether the others' number in state 1 can be followed: they are few, or their next states are certain."""
        if self.game.n_others <= CONVOLVED:
            return True
        for h in range(self.game.horizon - 1):
            counts, theirs = self._counts(policy, h)
            for own in np.ndindex(2, self.game.n_actions):
                for t in range(2):
                    rise = self._seen_by_other(counts, own, (t, int(theirs[t])))
                    if not np.isin(rise, (0.0, 1.0)).all():
                        return False
        return True

    def value(self, deviation: FloatArray, policy: FloatArray) -> float:
        """J of the player who plays `deviation` (H, 2, A) while all others play the deterministic `policy` (H, 2, A).

        Raises:
            InputError: a policy of the others that is not deterministic.
            NotEnumerableError: laws too large to convolve.
        """
        law, total = self.start, 0.0
        for h in range(self.game.horizon):
            weights = law[:, None, :] * deviation[h][:, :, None]  # (2, A, N)
            total += float((weights * self._rewards(policy, h)).sum())
            if h + 1 < self.game.horizon:
                law = self._moved(weights, policy, h)
        return total

    def best_deviation(self, policy: FloatArray) -> float:
        """The largest `value` over the deviations: some deterministic one attains it.

        Raises:
            InputError: as `value`.
            NotEnumerableError: as `value`, or more deviations than can be enumerated.
        """
        game = self.game
        maps = digits(2, game.n_actions)  # (A^2, 2): an action for each own state
        if not self.responds:
            raise NotEnumerableError(
                f"{game!r}: more than {BRANCHES} deterministic policies of the first H - 1 steps: use bounds"
            )
        laws, totals = [self.start], [0.0]
        for h in range(game.horizon - 1):
            rewards = self._rewards(policy, h)
            found = []
            for law, total in zip(laws, totals, strict=True):
                for actions in maps:
                    weights = law[:, None, :] * np.eye(game.n_actions)[actions][:, :, None]
                    found.append((self._moved(weights, policy, h), total + float((weights * rewards).sum())))
            laws, totals = [law for law, _ in found], [total for _, total in found]
        last = self._rewards(policy, game.horizon - 1)
        gains = [float((law[:, None, :] * last).sum(axis=2).max(axis=1).sum()) for law in laws]
        return max(total + gain for total, gain in zip(totals, gains, strict=True))

    def exploitability(self, policy: FloatArray) -> float:
        """E of every player when all play `policy`."""
        return self.best_deviation(policy) - self.value(policy, policy)

    def _counts(self, policy: FloatArray, h: int) -> tuple[IntArray, IntArray]:
        """The counts of the others over pairs, (N, D), by the number in state 1; and their actions in each state, (2,)."""
        game = self.game
        if not np.isin(policy, (0.0, 1.0)).all():
            raise InputError("policy of the others, must be deterministic: else their actions follow no single number")
        actions = policy[h].argmax(axis=1)
        counts = np.zeros((game.n_players, game.n_pairs), dtype=np.int64)
        ones = np.arange(game.n_players)
        counts[ones, actions[0]] = game.n_others - ones
        counts[ones, game.n_actions + actions[1]] = ones
        return counts, actions

    def _rewards(self, policy: FloatArray, h: int) -> FloatArray:
        """The deviator's reward by own state, own action and number of others in state 1, (2, A, N)."""
        counts, _ = self._counts(policy, h)
        states, actions, ones = np.indices((2, self.game.n_actions, self.game.n_players))
        return self.game.rewards_at(np.zeros_like(states), states, actions, counts[ones])

    def _moved(self, weights: FloatArray, policy: FloatArray, h: int) -> FloatArray:
        """The next law (2, N) from weights (2, A, N) of own state, own action and number of others in state 1."""
        game, (counts, theirs) = self.game, self._counts(policy, h)
        ones = np.arange(game.n_players)
        law = np.zeros((2, game.n_players))
        for s, a in np.ndindex(2, game.n_actions):
            if weights[s, a].any():
                own = self._laws(s, a, counts).T * weights[s, a]  # (2, N)
                rise = [self._seen_by_other(counts, (s, a), (t, int(theirs[t]))) for t in range(2)]
                numbers = (game.n_others - ones, ones)
                sure = np.logical_and(*(np.isin(p, (0.0, 1.0)) | (n == 0) for p, n in zip(rise, numbers, strict=True)))
                next_ones = (numbers[0] * rise[0] + numbers[1] * rise[1])[sure].astype(np.int64)
                law += [np.bincount(next_ones, weights=row[sure], minlength=game.n_players) for row in own]
                for n in np.flatnonzero(~sure & (weights[s, a] > 0.0)):
                    law += np.outer(
                        own[:, n],
                        self._next_ones([(int(m[n]), float(p[n])) for m, p in zip(numbers, rise, strict=True)]),
                    )
        return law

    def _laws(self, state: int, action: int, counts: IntArray) -> FloatArray:
        """P(.|s,a,counts) for rows of counts, (N, 2)."""
        rows = np.zeros(len(counts), dtype=np.int64)
        return self.game.laws_at(rows, rows + state, rows + action, counts)

    def _seen_by_other(self, counts: IntArray, own: tuple[int, int], other: tuple[int, int]) -> FloatArray:
        """The probability of state 1 next, (N,), for one of the others at a pair: it sees the deviator, and not itself."""
        seen = counts.copy()
        seen[:, own[0] * self.game.n_actions + own[1]] += 1
        place = other[0] * self.game.n_actions + other[1]
        present = seen[:, place] > 0
        seen[:, place] -= 1
        rise = np.zeros(len(counts))
        rise[present] = self._laws(*other, seen[present])[:, 1]
        return rise

    def _next_ones(self, parts: list[tuple[int, float]]) -> FloatArray:
        """The law of the number of others in state 1 at the next step, (N,), from (number, probability) of each state."""
        if self.game.n_others > CONVOLVED:
            raise NotEnumerableError(
                f"{self.game!r}: {self.game.n_others} others whose next states are random, must be <= {CONVOLVED} for "
                "their laws to be convolved"
            )
        first, second = (binomial_weights(number, p) for number, p in parts)
        law: FloatArray = np.convolve(first, second)
        return law


def can_be_followed(game: CountGame) -> bool:
    """Whether `ExchangeableGame` takes the game."""
    return game.n_states == 2 and _is_zero(game, "alpha") and _is_zero(game, "beta")


def _is_zero(game: CountGame, name: str) -> bool:
    constant = game.declared.get(name)
    return constant is not None and constant.certified and constant.value == 0.0


def binomial_weights(n: int, p: float) -> FloatArray:
    """P[Bin(n, p) = k], k = 0..n, each correct to a relative 1e-15 or below the smallest float64.

    >>> binomial_weights(2, 0.5).tolist()
    [0.25, 0.5, 0.25]
    """
    weights = np.zeros(n + 1)
    if p in (0.0, 1.0) or n == 0:
        weights[n if p == 1.0 else 0] = 1.0
        return weights
    with ctx.workprec(BITS):
        term, odds = (1 - arb(p)) ** n, arb(p) / (1 - arb(p))
        for k in range(n + 1):
            weights[k] = float(term)
            term = term * (n - k) / (k + 1) * odds
    return weights
