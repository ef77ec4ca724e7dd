"""Seeded runs of the sampled algorithms, as the statements look at them."""

from __future__ import annotations

import zlib
from collections.abc import Mapping
from dataclasses import dataclass
from typing import Any

import numpy as np

from mfbounds.bounds.problem import Problem
from mfbounds.bounds.statement import Case
from mfbounds.checks import FloatArray
from mfbounds.mdp.values import policy_values
from mfbounds.simulation.counts import draw_law
from mfbounds.simulation.rollouts import CountRollouts
from mfbounds.simulation.streams import child
from mfbounds.solvers.mixture import UniformMixture
from mfbounds.solvers.sampled_trpo import sampled_iterates, shifted
from mfbounds.solvers.sampling import check_sampling

UNIT = float(np.finfo(np.float64).eps)


@dataclass(frozen=True, eq=False, kw_only=True)
class SampledLevel:
    """Sample-Based TRPO at a frozen population, looked at after L iterations.

    Attributes:
        gaps: (1/(L+1)) sum over l = 0..L of V* - V_l, (S,), each known up to `error`.
        policies: pi_0, ..., pi_L, (L+1, S, A).
    """

    gaps: FloatArray
    error: float
    policies: FloatArray

    @property
    def average(self) -> FloatArray:
        """The per-state average of the policies, (S, A)."""
        return UniformMixture(self.policies).by_state()


def seed_of(problem: Problem, case: Case, label: str) -> np.random.SeedSequence:
    """The stream of one run: it depends on the problem's seed, the label and the run's number."""
    return np.random.SeedSequence([problem.parameters.seed, zlib.crc32(label.encode()), int(case["run"])])


def sampled_level(
    problem: Problem, mu: FloatArray, numbers: Mapping[str, Any], seed: np.random.SeedSequence
) -> SampledLevel:
    """One run of Sample-Based TRPO (Algorithm 6, entropy bonus, sampled rollouts) with the numbers L, I and T."""
    game, frozen, optimum = problem.game, problem.frozen(mu), problem.optimum(mu)
    rollouts = CountRollouts(shifted(game, mu), game.restart)
    sampling = check_sampling(game.gamma, I=numbers["I"], T=numbers["T"])
    uniform = np.full((game.n_states, game.n_actions), -np.log(game.n_actions))
    policies, total, error = [], np.zeros(game.n_states), 0.0
    for iterate in sampled_iterates(rollouts, uniform, game.eta, numbers["L"], sampling, seed):
        policy = np.exp(iterate.log_policy)
        values = policy_values(frozen, policy)
        policies.append(policy)
        total += optimum.V - values.V
        error = max(error, values.error)
    count = len(policies)
    rounding = 2 * count * UNIT * float(np.abs(optimum.V).max() + np.abs(total).max())
    return SampledLevel(
        gaps=total / count, error=optimum.gap + optimum.error + error + rounding, policies=np.array(policies)
    )


def sampled_populations(problem: Problem, case: Case, seed: np.random.SeedSequence) -> list[FloatArray]:
    """mu_0, ..., mu_K of Sample-Based MF-TRPO with a constant step; `initial` as in `mfbounds.solvers.sampled_mf_trpo`."""
    game, beta, M, initial = problem.game, case["beta"], case["M"], case["initial"]
    path = [game.start if initial == "reset" else game.restart]
    start = level = path[0]  # laws of a trajectory's start, and (printed) of a start that went through all levels
    for k in range(1, case["K"] + 1):
        mu = path[-1]
        policies = sampled_level(problem, mu, case, child(seed, k, 0)).policies
        end = _pushed(problem, mu, policies, mu if initial == "reset" else start, M)
        level = _pushed(problem, mu, policies, level, M) if initial == "printed" else end
        start = (1.0 - beta) * start + beta * level
        counts = draw_law(np.random.default_rng(child(seed, k, 1)), case["P"], end)
        path.append((1.0 - beta) * mu + beta * counts / case["P"])
    return path


def _pushed(problem: Problem, mu: FloatArray, policies: FloatArray, law: FloatArray, M: int) -> FloatArray:
    """mean_l law (P_mu^{pi_l})^M: one policy is drawn for a whole trajectory."""
    (end,) = UniformMixture(policies).push(problem.frozen(mu), [law], M)
    return end
