"""The game at one population, in balls: values of a policy, the soft optimum (P1, eqs. (2)-(4), (10)).

Dimension letters: S states, A actions; matrices are flint's `arb_mat`, state-action pairs are rows s*A + a.
"""

from __future__ import annotations

from collections.abc import Sequence
from dataclasses import dataclass, field, replace
from functools import cached_property

from flint import arb, arb_mat, ctx, fmpq, fmpq_mat

from mfbounds.certified.exact import ExactGame, Rationals
from mfbounds.certified.policy import Policy, Row, divergences

NEWTON_STEPS = 60  # a guard: Newton's method needs about ten from anywhere

Population = Sequence[arb] | Rationals


@dataclass(frozen=True, eq=False)
class Values:
    """Balls that contain V^pi (S,) and Q^pi (S*A,) of a policy, reward units."""

    V: Row
    Q: Row


@dataclass(frozen=True, eq=False)
class Optimum:
    """The soft optimum: balls that contain V*, Q* and the policy softmax(Q*/eta)."""

    V: Row
    Q: Row
    policy: Policy


@dataclass(frozen=True, eq=False, kw_only=True)
class Process:
    """The Markov decision process at one population.

    Attributes:
        kernel: (S*A, S).
        reward: (S*A, 1), reward units.
        kernel_change, reward_change: the same less those of the first action of the state: what the choice of action changes.
        gamma, eta: discount factor, and temperature (0 stands for the problem without regularisation).
        alike: alike[s][a] is an action that provably has the value of a in state s.
    """

    n_states: int
    n_actions: int
    kernel: arb_mat
    reward: arb_mat
    kernel_change: arb_mat = field(repr=False)
    reward_change: arb_mat = field(repr=False)
    gamma: arb
    eta: arb
    alike: Sequence[Sequence[int]] = field(repr=False)

    @cached_property
    def rewards(self) -> Row:
        """(S*A,)."""
        return list(self.reward.entries())

    def with_rewards(self, rewards: Row) -> Process:
        """The same process with other rewards, (S*A,), that differ by one number only."""
        return replace(self, reward=arb_mat(len(rewards), 1, rewards))

    def chain(self, policy: Policy) -> arb_mat:
        """P^pi, (S, S)."""
        return arb_mat([[1]]) if self.n_states == 1 else policy.matrix() * self.kernel

    def backup(self, V: Row) -> Row:
        """Q = r + gamma P V, (S*A,)."""
        centre, spread = self._centred(V)
        ahead = (self.kernel * spread).entries()
        return [r + self.gamma * (centre + x) for r, x in zip(self.rewards, ahead, strict=True)]

    def scores(self, V: Row) -> list[Row]:
        """(Q(s,a) - Q(s,0))/eta for Q = r + gamma P V, exactly 0 for actions alike the first."""
        n, changes = self.n_actions, self.reward_change.entries()
        ahead = (self.kernel_change * self._centred(V)[1]).entries()
        rises = [(r + self.gamma * x) / self.eta for r, x in zip(changes, ahead, strict=True)]
        return [[rises[s * n + a] if self.alike[s][a] else arb(0) for a in range(n)] for s in range(self.n_states)]

    def _centred(self, V: Row) -> tuple[arb, arb_mat]:
        """c and V - c. Rows sum to 1, so that P V = c + P (V - c): widths of P meet the spread of V only."""
        low, high = min(v.mid() for v in V), max(v.mid() for v in V)
        centre = ((low + high) / 2).mid()
        return centre, arb_mat(self.n_states, 1, [v - centre for v in V])

    def values(self, policy: Policy) -> Values:
        """The values of a policy: V0 from midpoints, then |V - V0| <= max|T^pi V0 - V0|/(1-gamma)."""
        middle, n = policy.middle(), self.n_states
        gain = [
            r + self.eta * h for r, h in zip((middle.matrix() * self.reward).entries(), middle.entropy(), strict=True)
        ]
        solved = self.resolvent(middle).solve(arb_mat(n, 1, gain), algorithm="approx").entries()
        V = [v.mid() for v in solved]
        residual = [w - v for w, v in zip(self._policy_backup(policy, middle, self.backup(V)), V, strict=True)]
        radius = (max(abs(x).upper() for x in residual) / (1 - self.gamma)).upper()
        V = V if radius.is_zero() else [v + arb(0, radius) for v in V]
        return Values(V, self.backup(V))

    def _policy_backup(self, policy: Policy, middle: Policy, Q: Row) -> Row:
        """sum_a pi (Q - eta log pi), (S,), by its value at the middle scores and its slopes pi_a (g_a - sum_b pi_b g_b).

        g = Q - eta log pi is nearly constant over the actions near the optimum: widths of the scores hardly count then.
        """
        found, n = [], self.n_actions
        for s, (row, scores) in enumerate(zip(policy.probabilities, policy.scores, strict=True)):
            played = {a: score for a, score in enumerate(scores) if score is not None}
            gains = (Q[s * n + a] - self.eta * middle.logs[s][a] for a in played)
            base = sum((middle.probabilities[s][a] * gain for a, gain in zip(played, gains, strict=True)), arb(0))
            if not policy.exact and any(not score.is_exact() for score in played.values()):
                g = {a: Q[s * n + a] - self.eta * score for a, score in played.items()}
                for a, score in played.items():
                    slope = row[a] * sum((row[b] * (g[a] - g[b]) for b in played if b != a), arb(0))
                    base += slope * arb(0, score.rad())
            found.append(base)
        return found

    def soft_backup(self, V: Row) -> Row:
        """(TV)(s) = eta log sum_a exp(Q(s,a)/eta), (S,)."""
        Q, n = self.backup(V), self.n_actions
        scores = self.scores(V)
        return [Q[s * n] + self.eta * _log_sum(row) for s, row in enumerate(scores)]

    def optimum(self, guess: Row | None = None) -> Optimum:
        """The soft optimum: Newton's method on midpoints, then |V* - V| <= max|TV - V|/(1-gamma) about its end."""
        V = [v.mid() for v in guess] if guess else [arb(0)] * self.n_states
        found, smallest = V, arb.pos_inf()
        for _ in range(NEWTON_STEPS):
            excess = [t - v for t, v in zip(self.soft_backup(V), V, strict=True)]
            off = max(abs(x).upper() for x in excess)
            if off < smallest:
                found, smallest = V, off
            away = max(abs(x.mid()) for x in excess)
            size = max(abs(x.mid()) for x in (*V, *self.rewards)) + self.eta.mid()
            if away <= size * arb(2) ** (10 - ctx.prec) or away < max(x.rad() for x in excess):
                break  # what is left is rounding, or the width of the data
            system = self.resolvent(Policy.softmax(self.scores(V)))
            step = system.solve(arb_mat(self.n_states, 1, excess), algorithm="approx").entries()
            V = [(v + x).mid() for v, x in zip(V, step, strict=True)]
        radius = (smallest / (1 - self.gamma)).upper()
        V = found if radius.is_zero() else [v + arb(0, radius) for v in found]
        return Optimum(V, self.backup(V), Policy.softmax(self.scores(V)))

    def resolvent(self, policy: Policy) -> arb_mat:
        """I - gamma P^pi, (S, S)."""
        return identity(self.n_states) - self.gamma * self.chain(policy)

    def gaps(self, policy: Policy, best: Optimum) -> Row:
        """V* - V^pi = eta (I - gamma P^pi)^-1 KL(pi || pi_mu), (S,): no two large numbers are subtracted."""
        system = self.resolvent(policy)
        loss = [self.eta * divergence for divergence in divergences(policy, best.policy)]
        return [gap.nonnegative_part() for gap in system.solve(arb_mat(self.n_states, 1, loss)).entries()]


def _log_sum(scores: Row) -> arb:
    if all(score.is_zero() for score in scores):
        return arb(len(scores)).log()
    top = max(score.mid() for score in scores)
    return top + sum(((score - top).exp() for score in scores), arb(0)).log()


def identity(n: int) -> arb_mat:
    """The unit matrix."""
    return arb_mat(n, n, [1 if i % (n + 1) == 0 else 0 for i in range(n * n)])


class Populations:
    """Processes of one game at one precision; made anew for each precision."""

    def __init__(self, game: ExactGame) -> None:
        self.game = game
        self._kernels, self._rewards = _Mixture(game.kernels), _Mixture(game.rewards)
        self._kernel_changes, self._reward_changes = (
            _Mixture([_changes(part, game.n_actions) for part in parts]) for parts in (game.kernels, game.rewards)
        )

    def at(self, mu: Population, alike: Sequence[Sequence[int]]) -> Process:
        """The game at `mu`, with the ties between actions that are known there."""
        return Process(
            n_states=self.game.n_states,
            n_actions=self.game.n_actions,
            kernel=self._kernels.at(mu),
            reward=self._rewards.at(mu),
            kernel_change=self._kernel_changes.at(mu),
            reward_change=self._reward_changes.at(mu),
            gamma=arb(self.game.gamma),
            eta=arb(self.game.eta),
            alike=alike,
        )


class _Mixture:
    """sum_x mu(x) part_x, as mean + sum_x mu(x) (part_x - mean): widths of mu meet what differs between the parts only."""

    def __init__(self, parts: Sequence[fmpq_mat]) -> None:
        self._rows, self._columns = parts[0].nrows(), parts[0].ncols()
        mean = sum(parts[1:], parts[0]) * fmpq(1, len(parts))
        self._mean = arb_mat(mean)
        away = [x for part in parts for x in (part - mean).entries()]
        self._away = arb_mat(len(parts), self._rows * self._columns, away)

    def at(self, mu: Population) -> arb_mat:
        if self._away.nrows() == 1:
            return self._mean
        moved = arb_mat(1, len(mu), list(mu)) * self._away
        return self._mean + arb_mat(self._rows, self._columns, moved.entries())


def _changes(part: fmpq_mat, n_actions: int) -> fmpq_mat:
    """Each row less that of the first action of its state."""
    rows = part.tolist()
    firsts = [rows[i - i % n_actions] for i in range(len(rows))]
    return fmpq_mat(
        part.nrows(), part.ncols(), [x - y for row in zip(rows, firsts, strict=True) for x, y in zip(*row, strict=True)]
    )
