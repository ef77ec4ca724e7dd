"""Sample-Based TRPO at a fixed population (P1, Algorithms 3 and 6)."""

from __future__ import annotations

from collections.abc import Iterator
from dataclasses import dataclass, replace
from typing import Any

import numpy as np
import numpy.typing as npt
import pandas as pd

from mfbounds.checks import FloatArray, check_count, check_distribution
from mfbounds.errors import InputError
from mfbounds.games.game import MeanFieldGame
from mfbounds.mdp.exploitability import frozen_gap
from mfbounds.mdp.frozen import Frozen, freeze
from mfbounds.mdp.optimum import frozen_optimum
from mfbounds.mdp.values import policy_values, uniform_log_policy
from mfbounds.simulation.particles import ParticleRollouts
from mfbounds.simulation.rollouts import Batch, CountRollouts, ExpectedRollouts, Rollouts
from mfbounds.simulation.simulator import Particles, Simulator
from mfbounds.simulation.streams import child, seed_sequence
from mfbounds.solvers.mixture import UniformMixture
from mfbounds.solvers.progress import Progress, reporter
from mfbounds.solvers.run import Run, describe
from mfbounds.solvers.sampling import Sampling, check_sampling
from mfbounds.solvers.trpo import check_start, reachable, trpo_update


@dataclass(frozen=True, eq=False)
class SampledIterate:
    """pi_l, the oracle calls until it was known, and how many states the last update changed."""

    l: int  # noqa: E741 - the paper's name
    log_policy: FloatArray
    calls: int
    updated: int


def sampled_iterates(
    rollouts: Rollouts, log_policy: FloatArray, eta: float, L: int, sampling: Sampling, seed: np.random.SeedSequence
) -> Iterator[SampledIterate]:
    """pi_0, ..., pi_L from L batches of rollouts; for inner loops. Batch l draws from the stream at address l."""
    calls, updated = 0, 0
    for step in range(L + 1):
        yield SampledIterate(step, log_policy, calls, updated)
        if step < L:
            batch = rollouts(log_policy, sampling.I, sampling.T, child(seed, step))
            Q, known = estimate(batch, sampling.estimator)
            changed = trpo_update(log_policy, Q, eta, step)
            log_policy = np.where(known[:, None], changed, log_policy)
            calls, updated = calls + batch.resets + batch.steps, int(known.sum())


def estimate(batch: Batch, estimator: str) -> tuple[FloatArray, npt.NDArray[np.bool_]]:
    """Qhat, (S, A), and the states in which it is known, (S,); elsewhere Qhat is 0 and the policy is kept.

    "importance": |A| (sum of the returns from (s, a)) / n(s), known where n(s) > 0. "mean": the mean of the returns
    from (s, a), known where all actions of s have been tried.
    """
    known: npt.NDArray[np.bool_]
    if estimator == "mean":
        known = np.all(batch.visits > 0, axis=1)
        return np.where(known[:, None], batch.totals / np.maximum(batch.visits, 1), 0.0), known
    visits = batch.visits.sum(axis=1)
    known = np.greater(visits, 0)
    return batch.totals * (batch.visits.shape[1] / np.maximum(visits, 1))[:, None], known


def rollout_source(game: MeanFieldGame | Simulator, mu: FloatArray, sampling: Sampling) -> Rollouts:
    """Where batches at `mu` come from: counts or expectations of a game, particles of a simulator.

    Raises:
        InputError: expectations are asked of a simulator; or no rollout reaches a state that `mu` reaches.
    """
    if not isinstance(game, MeanFieldGame):
        if sampling.rollouts == "expected":
            raise InputError("rollouts == 'expected', must be 'sampled' with a simulator: its kernel is not known")
        return ParticleRollouts(Particles(game), mu, bonus=sampling.bonus)
    frozen = shifted(game, mu)
    _check_restart(game, frozen, mu)
    if sampling.rollouts == "expected":
        return ExpectedRollouts(frozen, game.restart)
    return CountRollouts(frozen, game.restart, bonus=sampling.bonus, workers=sampling.workers)


def check_problem(game: Any) -> None:
    """Raises unless `game` is a game or a simulator with all that the sampled solvers ask for."""
    if not isinstance(game, MeanFieldGame):
        Particles(game)


def shifted(game: MeanFieldGame, mu: FloatArray) -> Frozen:
    """The game at `mu` with r_min subtracted from its rewards: the importance-weighted estimator needs r >= 0."""
    frozen = freeze(game, mu)
    return replace(frozen, reward=np.maximum(frozen.reward - game.reward_range[0], 0.0))


def _check_restart(game: MeanFieldGame, frozen: Frozen, mu: FloatArray) -> None:
    if (game.restart > 0.0).all():
        return
    missed = np.flatnonzero(reachable(frozen, mu) & ~reachable(frozen, game.restart))
    if missed.size:
        raise InputError(
            f"restart[{missed[0]}] == 0.0, must be > 0, or reach state {missed[0]}: the population reaches it and no "
            f"rollout ever does (A-4 fails; {missed.size} such states); give nu some mass there"
        )


def sampled_trpo(
    game: MeanFieldGame | Simulator,
    mu: Any,
    L: int,
    *,
    I: int = 10_000,  # noqa: E741
    T: int | None = None,
    seed: int | None = None,
    start: Any = None,
    rollouts: str = "sampled",
    bonus: str = "entropy",
    estimator: str = "importance",
    every: int = 1,
    workers: int = 1,
    progress: Progress = False,
) -> Run:
    """L updates of Sample-Based TRPO at the population `mu` (P1, Algorithms 3 and 6).

    A batch is I rollouts. Each starts at s_i from the discounted occupation of nu under pi_l (a rollout that stops with
    probability 1-gamma before each step), takes a uniform first action and follows pi_l for T further steps. Rewards
    are shifted by r_min. The states that were visited are updated with Qhat, the others keep their policy.

    Args:
        game: a game, whose rollouts are drawn as counts at a cost that does not grow with I; or a `Simulator`, which
            is asked particle by particle.
        mu: population, (S,).
        L: number of updates, >= 1.
        I: rollouts of a batch, 1..2^53.
        T: steps of a rollout after the first; by default so many that at most V_max/1000 is cut off.
        seed: an integer >= 0; None draws one, which `Run.parameters` tells.
        start: pi_0 with all entries positive, (S, A); uniform by default.
        rollouts: "sampled"; or "expected", which gives each return its mean: the expectation that Algorithm 3 prints in
            line 8, but from s_1 ~ P(.|s_i,a_i,mu), for as printed the first action is forgotten.
        bonus: "entropy" adds eta H(pi_l(.|s_t)) to the rewards after the first, so that every return lies in
            [0, Q_max]. "log-prob" adds -eta log pi_l(a_t|s_t) (the paper's, with the sign corrected): the same mean,
            unbounded. No difference for expected rollouts.
        estimator: "importance" divides sums of returns by n(s)/|A|, as printed; "mean" by n(s, a), with less noise.
        every: `value`, `quality` and `average_quality` need the model; the first two are computed at each `every`-th
            step and at the last, the third with every=1 only. All are NaN with a simulator.
        workers: threads; the result does not depend on it.
        progress: True shows a bar; a function is called as ``progress(l, L)`` for pi_0 and after each update.

    Returns:
        A run whose policy is the Markov mixture pibar(a|s) = mean_l pi_l(a|s); `UniformMixture.of(run)` is the output
        of the paper's algorithm (Algorithm 7). The history has a row for each l = 0..L: `step`; `value` =
        J(pi_l, mu, mu); `quality` = max J(., mu, mu) - J(pi_l, mu, mu); `average_quality`, its mean up to l, which
        Theorem D.2 bounds; `policy_change` = max_s ||pi_l - pi_{l-1}||_1; `updated`, the states that were visited;
        `oracle_calls` so far, resets and steps (with expected rollouts: those of the starts).

    Raises:
        InputError: an argument is out of range; nu leaves out a state that matters; a simulator returns nonsense.
        UnknownNameError: an option has no such choice.

    Example:
        >>> from mfbounds.games.random import two_doors
        >>> run = sampled_trpo(two_doors(attraction=-1.0), [0.5, 0.5], 30, I=100_000_000, seed=1, estimator="mean")
        >>> bool(run.history.quality.iloc[-1] < 0.01)
        True
    """
    check_problem(game)
    mu, L, every = check_distribution(mu, game.n_states, "mu"), check_count(L, "L"), check_count(every, "every")
    sampling = check_sampling(
        game.gamma, I=I, T=T, rollouts=rollouts, bonus=bonus, estimator=estimator, workers=workers
    )
    root, first = seed_sequence(seed), check_start(game, start)
    if first is None:
        first = uniform_log_policy(game.n_states, game.n_actions)
    rows = _Rows(game, mu, every, L)
    policies = []
    with reporter(progress, "sampled-trpo") as report:
        for iterate in sampled_iterates(rollout_source(game, mu, sampling), first, game.eta, L, sampling, root):
            policies.append(iterate.log_policy)
            rows.add(iterate)
            report(iterate.l, L)
    log_policies = np.array(policies)
    return Run(
        method="sampled-trpo",
        policy=UniformMixture(np.exp(log_policies)).by_state(),
        mu=mu,
        history=pd.DataFrame(rows.rows),
        parameters={"L": L, "every": every, "seed": root.entropy, **sampling.parameters},
        game=describe(game),
        state={"log_policies": log_policies},
    )


class _Rows:
    """The history, one row an iterate."""

    def __init__(self, game: MeanFieldGame | Simulator, mu: FloatArray, every: int, L: int) -> None:
        self.rows: list[dict[str, float]] = []
        self._mu, self._every, self._L = mu, every, L
        self._frozen = freeze(game, mu) if isinstance(game, MeanFieldGame) else None
        self._best = frozen_optimum(self._frozen) if self._frozen else None
        self._last: FloatArray | None = None
        self._qualities = np.full(L + 1, np.nan)

    def add(self, iterate: SampledIterate) -> None:
        policy = np.exp(iterate.log_policy)
        change = np.nan if self._last is None else float(np.abs(policy - self._last).sum(axis=1).max())
        value, quality = self._measures(policy) if self._shown(iterate.l) else (np.nan, np.nan)
        self._qualities[iterate.l] = quality
        self.rows.append(
            {
                "step": iterate.l,
                "value": value,
                "quality": quality,
                "average_quality": float(self._qualities[: iterate.l + 1].mean()),
                "policy_change": change,
                "updated": iterate.updated,
                "oracle_calls": iterate.calls,
            }
        )
        self._last = policy

    def _shown(self, step: int) -> bool:
        return step % self._every == 0 or step == self._L

    def _measures(self, policy: FloatArray) -> tuple[float, float]:
        if self._frozen is None:
            return np.nan, np.nan
        values = policy_values(self._frozen, policy)
        quality = frozen_gap(self._frozen, policy, values=values, best=self._best).mean(self._mu).value
        return float(self._mu @ values.V), quality
