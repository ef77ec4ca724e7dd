"""Chains in rational numbers: what a rational policy makes of a rational kernel."""

from __future__ import annotations

from collections.abc import Sequence

from flint import fmpq, fmpq_mat

from mfbounds.certified.exact import ExactGame, Rationals


def rational_kernel(game: ExactGame, mu: Rationals) -> fmpq_mat:
    """P(.|s,a,mu), (S*A, S)."""
    return _mixed(game.kernels, mu)


def rational_reward(game: ExactGame, mu: Rationals) -> list[fmpq]:
    """r(s,a,mu), (S*A,)."""
    return list(_mixed(game.rewards, mu).entries())


def _mixed(parts: Sequence[fmpq_mat], mu: Rationals) -> fmpq_mat:
    if len(parts) == 1:
        return parts[0]
    total = parts[0] * mu[0]
    for weight, part in zip(mu[1:], parts[1:], strict=True):
        total = total + part * weight
    return total


def rational_chain(game: ExactGame, mu: Rationals, policy: Sequence[Rationals]) -> fmpq_mat:
    """P_mu^pi, (S, S)."""
    n, n_actions = game.n_states, game.n_actions
    entries = [fmpq(0)] * (n * n * n_actions)
    for s, row in enumerate(policy):
        entries[s * n * n_actions + s * n_actions : s * n * n_actions + (s + 1) * n_actions] = row
    return fmpq_mat(n, n * n_actions, entries) * rational_kernel(game, mu)


def row_times(law: Sequence[fmpq], chain: fmpq_mat) -> list[fmpq]:
    """law P, (S,)."""
    return list((fmpq_mat(1, len(law), list(law)) * chain).entries())
