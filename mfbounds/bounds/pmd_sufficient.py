"""What T epochs of M trajectories certainly reach: the bound behind plans for dynamic games (P2, Theorem 3, repaired).

For independent dynamics and monotone flows, in expectation over TD on a player drawn anew for each trajectory:
E[E(pibar)] <= tau H log|A| + (2 L_mu + R/2) H sqrt(2 H avg Delta) + 2B, avg Delta from Theorem 3 with
E eps_t <= 2 sum_h (sqrt(A_h u/(M+u)) + T_h), u = c/delta_T, and delta_T a lower bound on every visit's probability under
policies with all entries at least max(1/(|A| T), exp(-Gamma/tau)/|A|).
"""

from __future__ import annotations

from collections.abc import Mapping
from dataclasses import dataclass, replace
from functools import cached_property

import numpy as np
from flint import arb

from mfbounds.bounds.dynamic_hypotheses import one_law
from mfbounds.bounds.dynamic_problem import DynamicProblem
from mfbounds.bounds.dynamic_structure import affine_rewards
from mfbounds.bounds.dynamic_symbols import L_sa, R
from mfbounds.bounds.formula import evaluate
from mfbounds.bounds.pmd_bounds import BOUND_ALL, GAMMA, a_priori, players_bound
from mfbounds.bounds.statement import L1, Tier
from mfbounds.bounds.td_errors import bias_bound, variance_bound
from mfbounds.checks import FloatArray
from mfbounds.mdp.n_player_independent import own_kernels

TAUS, DECADES = 25, (-6.0, -0.01)  # values of tau that are tried for the lowest floor


@dataclass(frozen=True)
class Reach:
    """The bound on a problem (its tau is the problem's), in the repaired or the sharpened tier.

    Sharpened: L_sa for R, c = H+1 for 2, expected counts where rewards are affine, and T_h without beta where all players
    have one law.
    """

    problem: DynamicProblem
    tier: Tier

    @cached_property
    def values(self) -> Mapping[str, arb]:
        return {**self.problem.constants(self.tier, L1), "g": arb(0)}

    @property
    def c(self) -> int:
        """u = c/delta in the steps of TD."""
        return self.problem.game.horizon + 1 if self.tier is Tier.SHARPENED else 2

    @cached_property
    def affine(self) -> bool:
        """Whether the bounds for rewards affine in the counts are used."""
        return self.tier is Tier.SHARPENED and bool(affine_rewards(self.problem, {}).holds)

    @cached_property
    def bias(self) -> arb:
        """2 sum_h T_h, reward units: what no number of trajectories removes."""
        pooled = self.tier is Tier.SHARPENED and bool(one_law(self.problem, {}).holds)
        steps = range(self.problem.game.horizon)
        found = (bias_bound(self.problem, h, independent=True, pooled=pooled, affine=self.affine) for h in steps)
        return 2 * sum(found, arb(0))

    @cached_property
    def players(self) -> arb:
        """2B, reward units."""
        return players_bound(self.values, affine=self.affine)

    def noise(self, T: int, M: int) -> arb:
        """2 sum_h sqrt(A_h u/(M+u)), reward units."""
        u = self.c / self.visits(T)
        steps = range(self.problem.game.horizon)
        root = (u / (M + u)).sqrt()
        return 2 * root * sum((variance_bound(self.problem, h, self.c).sqrt() for h in steps), arb(0))

    def visits(self, T: int) -> arb:
        """delta_T from below: no visit that is possible is rarer, whatever policy of the run is played."""
        n_A = self.values["n_A"]
        least = (1 / (n_A * T)).max((-evaluate(GAMMA, self.values) / self.values["tau"]).exp() / n_A)
        found = self.problem.remember(("visits", str(least)), lambda: rarest_visit(self.problem, float(least.lower())))
        return arb(found) * (1 - arb(10) ** -9)

    def divergence(self, T: int, noise: arb) -> arb:
        """The average of Delta_t over the run, nats, with the given average noise."""
        return evaluate(BOUND_ALL, {**self.values, "T": arb(T), "eps_mean": noise})

    def bound(self, T: int, M: int | None) -> arb:
        """The expected largest exploitability in the N-player game, reward units; M None: infinitely many trajectories."""
        noise = self.bias + (arb(0) if M is None else self.noise(T, M))
        width = L_sa if self.tier is Tier.SHARPENED else R
        return evaluate(a_priori(width), {**self.values, "T": arb(T), "eps_mean": noise}) + self.players

    def floor(self) -> arb:
        """Its limit for T, M -> infinity: tau H log|A|, the bias of TD, and 2B."""
        values = self.values
        width = values["L_sa"] if self.tier is Tier.SHARPENED else values["R"]
        H = values["H"]
        stuck = (2 * H * self.bias / values["tau"]).sqrt()
        return values["tau"] * H * values["n_A"].log() + (2 * values["L_mu"] + width / 2) * H * stuck + self.players

    def at(self, tau: float) -> Reach:
        """The same with another tau."""
        return Reach(DynamicProblem(self.problem.game, replace(self.problem.parameters, tau=tau)), self.tier)


def lowest_floor(problem: DynamicProblem, tier: Tier) -> float:
    """The lowest floor over a grid of tau in (0, 1), as a share of H R: at 1 or more, no plan says more than H R does."""
    reach = Reach(problem, tier)
    floors = (reach.at(float(tau)).floor() for tau in np.logspace(*DECADES, TAUS))
    return min(float(floor.upper()) for floor in floors) / (problem.game.horizon * problem.game.R)


def rarest_visit(problem: DynamicProblem, least: float) -> float:
    """min over possible (h, s, a) of a lower bound on P(s_h = s, a_h = a) for a player drawn uniformly, by dynamic programming.

    For each player the smallest probability of reaching s at h over policies whose entries are all at least `least`; averaged
    over the players; times `least`.
    """
    game = problem.game
    kernels, smallest = own_kernels(game), np.inf
    for h in range(game.horizon):
        for s in range(game.n_states):
            reach = np.broadcast_to(np.eye(game.n_states)[s], (len(kernels), game.n_states))
            for _ in range(h):
                reach = _worst_step(kernels, reach, least)
            found = float((reach @ game.start).mean())
            if found > 0.0:
                smallest = min(smallest, found)
    return smallest * least


def _worst_step(kernels: FloatArray, ahead: FloatArray, least: float) -> FloatArray:
    """min over action laws with entries >= `least` of the expected value of `ahead`, (N, S): the rest on the worst action."""
    after = np.einsum("nsat,nt->nsa", kernels, ahead)
    free = 1.0 - least * kernels.shape[2]
    worst: FloatArray = least * after.sum(axis=2) + max(free, 0.0) * after.min(axis=2)
    return worst
