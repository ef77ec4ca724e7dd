"""Times of the sampled solvers on the 5x5 grid (22 states, 5 actions), T = 60, against particles moved one by one.

Run with one BLAS thread: ``OPENBLAS_NUM_THREADS=1 python benchmarks/sampled.py``. One batch of I = 3e5 rollouts is
simulated particle by particle in two ways, all particles moving together: by the inverse distribution function, action
first and next state then (the package's own way for simulators); and by Walker's alias tables, which draw both at once
in constant time. Counts and particles use one thread, unless workers are given.
"""

from __future__ import annotations

import time
from collections.abc import Callable

import numpy as np

from mfbounds.checks import FloatArray
from mfbounds.games.crowd import crowd_grid
from mfbounds.mdp import Frozen
from mfbounds.simulation import CountRollouts, ParticleRollouts, Particles, RestartOracle
from mfbounds.simulation.rollouts import truncated_values
from mfbounds.simulation.streams import child
from mfbounds.solvers import solve
from mfbounds.solvers.sampled_trpo import estimate, shifted
from mfbounds.solvers.trpo import trpo_update

I, T, K, L, M = 300_000, 60, 200, 100, 100  # noqa: E741
MEASURED_STEPS = 5  # outer steps of the full experiment that are played with sampled rollouts


class AliasTables:
    """Outcomes of each row in constant time: a uniform cell, or the cell that fills it up (Walker 1977, Vose 1991)."""

    def __init__(self, rows: FloatArray) -> None:
        self.size = rows.shape[1]
        self.keep = np.ones(rows.shape)
        self.other = np.tile(np.arange(self.size), (len(rows), 1))
        for r, row in enumerate(rows):
            scaled = row * self.size
            small, large = list(np.flatnonzero(scaled < 1.0)), list(np.flatnonzero(scaled >= 1.0))
            while small and large:
                poor, rich = small.pop(), large[-1]
                self.keep[r, poor], self.other[r, poor] = scaled[poor], rich
                scaled[rich] -= 1.0 - scaled[poor]
                if scaled[rich] < 1.0:
                    small.append(large.pop())

    def draw(self, rng: np.random.Generator, row: np.ndarray) -> np.ndarray:
        place = rng.random(len(row)) * self.size
        cell = place.astype(np.int64)
        at = row * self.size + cell
        return np.where(place - cell < self.keep.ravel()[at], cell, self.other.ravel()[at])


class ParticleBatch:
    """What one batch of Sample-Based TRPO asks for, particle by particle."""

    def __init__(self, frozen: Frozen, restart: FloatArray) -> None:
        kernel = frozen.kernel
        self.frozen, self.restart = frozen, restart
        self.kernel = kernel.toarray().reshape(22, 5, 22) if not isinstance(kernel, np.ndarray) else kernel
        self.successors = np.argsort(-self.kernel.max(axis=1), axis=1, kind="stable")[:, :5]
        self.moves = np.take_along_axis(self.kernel, self.successors[:, None, :], axis=2)

    def __call__(self, log_policy: FloatArray, n: int, rng: np.random.Generator) -> tuple[np.ndarray, np.ndarray]:
        policy, gamma = np.exp(log_policy), self.frozen.gamma
        joint = AliasTables((policy[:, :, None] * self.moves).reshape(22, -1))
        first = AliasTables(self.moves.reshape(110, -1))
        reward = self.frozen.reward - self.frozen.eta * (policy * log_policy).sum(axis=1, keepdims=True)
        states = rng.choice(22, size=n, p=self.restart)
        alive = np.flatnonzero(rng.random(n) < gamma)
        while alive.size:
            here = states[alive]
            states[alive] = self.successors[here, joint.draw(rng, here) % 5]
            alive = alive[rng.random(alive.size) < gamma]
        origin = states * 5 + rng.integers(5, size=n)
        totals, weight = self.frozen.reward.ravel()[origin], 1.0
        states = self.successors[states, first.draw(rng, origin)]
        for _ in range(T):
            weight *= gamma
            outcome = joint.draw(rng, states)
            totals += weight * reward.ravel()[states * 5 + outcome // 5]
            states = self.successors.ravel()[states * 5 + outcome % 5]
        return np.bincount(origin, minlength=110), np.bincount(origin, weights=totals, minlength=110)


def seconds(action: Callable[[], object], repeat: int = 5) -> float:
    """The least time of one call, after a first call that is not counted."""
    action()
    times = []
    for _ in range(repeat):
        start = time.perf_counter()
        action()
        times.append(time.perf_counter() - start)
    return min(times)


def compare(
    name: str, counts: CountRollouts, particles: ParticleBatch, inverse: ParticleRollouts, log_policy: FloatArray
) -> None:
    """One TRPO iteration under a policy, as counts of three sizes and as particles."""
    root = np.random.SeedSequence(1)

    def iteration(n: int) -> None:
        Q, _ = estimate(counts(log_policy, n, T, root), "importance")
        trpo_update(log_policy, Q, counts.frozen.eta, 0)

    visits, totals = particles(log_policy, I, np.random.default_rng(1))
    off = np.abs(totals / visits - truncated_values(counts.frozen, log_policy, T).ravel()).max()
    alias = seconds(lambda: particles(log_policy, I, np.random.default_rng(1)))
    plain = seconds(lambda: inverse(log_policy, I, T, root), 2)
    small, large, huge = (seconds(lambda n=n: iteration(n), 10) for n in (I, 1000 * I, 10**15))  # type: ignore[misc]
    print(f"one TRPO iteration, {name}")
    print(f"  particles, I = 3e5, inverse distribution function   {plain:8.3f} s")
    print(f"  particles, I = 3e5, alias tables                    {alias:8.3f} s, off the exact means by {off:.4f}")
    faster = f"{plain / small:.1f} and {alias / small:.1f} times faster"
    print(f"  counts,    I = 3e5                                  {small:8.3f} s, {faster} (aim: 5)")
    print(
        f"  counts,    I = 3e8                                  {large:8.3f} s, {large / small:.2f} of 3e5 (aim: 1.6)"
    )
    print(f"  counts,    I = 1e15                                 {huge:8.3f} s, {huge / small:.2f} of 3e5")


def main() -> None:
    game = crowd_grid()
    frozen, root = shifted(game, game.restart), np.random.SeedSequence(1)
    counts, particles = CountRollouts(frozen, game.restart), ParticleBatch(frozen, game.restart)
    inverse = ParticleRollouts(Particles(RestartOracle(game, seed=1)), game.restart)
    log_policy = np.full((22, 5), -np.log(5.0))
    compare("the first", counts, particles, inverse, log_policy)
    for step in range(20):
        Q, _ = estimate(counts(log_policy, I, T, child(root, step)), "importance")
        log_policy = trpo_update(log_policy, Q, game.eta, step)
    compare("the 21st", counts, particles, inverse, log_policy)
    common = {"L": L, "M": M, "beta": 0.1, "I": I, "P": I, "T": T, "seed": 1, "every": 10, "warm_start": True}
    print(f"full experiment: K = {K}, L = {L}, I = P = 3e5, M = {M}")
    start = time.perf_counter()
    solve(game, "sampled-mf-trpo", K=K, rollouts="expected", **common)  # type: ignore[arg-type]
    print(
        f"  expected rollouts, measured                         {(time.perf_counter() - start):8.1f} s     (aim: 120)"
    )
    for workers in (1, 2):
        start = time.perf_counter()
        solve(game, "sampled-mf-trpo", K=MEASURED_STEPS, workers=workers, **common)  # type: ignore[arg-type]
        minutes = (time.perf_counter() - start) / MEASURED_STEPS * K / 60.0
        print(
            f"  sampled rollouts, {workers} worker(s), from {MEASURED_STEPS} of {K} steps      {minutes:8.1f} min   (aim: 75)"
        )


if __name__ == "__main__":
    main()
