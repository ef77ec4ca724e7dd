"""Policies in balls: their probabilities, scores and logarithms, and how far two of them are apart.

Dimension letters: S states, A actions.
"""

from __future__ import annotations

from collections.abc import Sequence
from dataclasses import dataclass

from flint import arb, arb_mat, fmpq

from mfbounds.certified.exact import Rationals

Row = list[arb]


@dataclass(frozen=True, eq=False)
class Policy:
    """A policy as balls, (S, A) each.

    Attributes:
        probabilities: pi(a|s).
        scores: log pi(a|s) up to a constant a state: 0 at its first action that is played, exactly 0 for an action that is
            known to be played as often; None for an action that is never played.
        logs: log pi(a|s).
        exact: whether the probabilities are known as numbers, and are not those of the scores' balls.
    """

    probabilities: list[Row]
    scores: list[list[arb | None]]
    logs: list[list[arb | None]]
    exact: bool = False

    @staticmethod
    def softmax(scores: Sequence[Row]) -> Policy:
        """The policy of the given scores (S, A)."""
        rows = [_softmax(row) for row in scores]
        return Policy([p for p, _ in rows], [list(row) for row in scores], [logs for _, logs in rows])

    @staticmethod
    def of_scores(scores: list[list[arb | None]]) -> Policy:
        """The policy of scores among which None stands for actions that are never played."""
        probabilities, logs = [], []
        for row in scores:
            played, their_logs = map(iter, _softmax([x for x in row if x is not None]))
            probabilities.append([arb(0) if x is None else next(played) for x in row])
            logs.append([None if x is None else next(their_logs) for x in row])
        return Policy(probabilities, scores, logs)

    @staticmethod
    def uniform(n_states: int, n_actions: int) -> Policy:
        return Policy.softmax([[arb(0)] * n_actions] * n_states)

    @staticmethod
    def of(rows: Sequence[Rationals]) -> Policy:
        """An exact policy."""
        scores: list[list[arb | None]] = []
        for row in rows:
            first = next(p for p in row if p != 0)
            scores.append([None if p == 0 else arb(0) if p == first else arb(p / first).log() for p in row])
        logs = [[None if p == 0 else arb(p).log() for p in row] for row in rows]
        return Policy([list(map(arb, row)) for row in rows], scores, logs, exact=True)

    def middle(self) -> Policy:
        """The policy of the midpoints of the scores; an exact one is its own."""
        if self.exact:
            return self
        return Policy.of_scores([[None if x is None else x.mid() for x in row] for row in self.scores])

    def entropy(self) -> Row:
        """H(pi(.|s)), nats."""
        return [
            sum((-p * log for p, log in zip(row, logs, strict=True) if log is not None), arb(0))
            for row, logs in zip(self.probabilities, self.logs, strict=True)
        ]

    def matrix(self) -> arb_mat:
        """(S, S*A): row s holds pi(.|s) at the columns of its pairs, so that the chain is a product."""
        n_states, n_actions = len(self.probabilities), len(self.probabilities[0])
        entries = [arb(0)] * (n_states * n_states * n_actions)
        for s, row in enumerate(self.probabilities):
            start = s * n_states * n_actions + s * n_actions
            entries[start : start + n_actions] = row
        return arb_mat(n_states, n_states * n_actions, entries)


def _softmax(row: Row) -> tuple[Row, list[arb | None]]:
    n = len(row)
    if all(score.is_zero() for score in row):
        return [arb(fmpq(1, n))] * n, [-arb(n).log()] * n
    top = max(score.mid() for score in row)
    weights = [(score - top).exp() for score in row]
    total = sum(weights, arb(0))
    shift = top + total.log()
    return [weight / total for weight in weights], [score - shift for score in row]


def divergences(policy: Policy, other: Policy) -> Row:
    """KL(pi(.|s) || pi'(.|s)), (S,), nats; `other` plays every action. Exactly 0 where the two are provably equal."""
    found = []
    for s, (row, logs) in enumerate(zip(policy.probabilities, policy.logs, strict=True)):
        if equal_rows(policy, other, s):
            found.append(arb(0))
            continue
        terms = [p * (log - theirs) for p, log, theirs in zip(row, logs, other.logs[s], strict=True) if log is not None]
        found.append(sum(terms, arb(0)).nonnegative_part())
    return found


def distances(policy: Policy, other: Policy) -> Row:
    """||pi(.|s) - pi'(.|s)||_1, (S,). Exactly 0 where the two are provably equal."""
    return [
        arb(0) if equal_rows(policy, other, s) else sum((abs(p - q) for p, q in zip(row, theirs, strict=True)), arb(0))
        for s, (row, theirs) in enumerate(zip(policy.probabilities, other.probabilities, strict=True))
    ]


def equal_rows(policy: Policy, other: Policy, s: int) -> bool:
    """Whether two policies provably agree in state s: both are known to be uniform there."""
    return all(score is not None and score.is_zero() for score in (*policy.scores[s], *other.scores[s]))
