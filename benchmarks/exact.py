"""Times of the exact solvers on four rooms (104 states, 5 actions), as ratios to a plain linear solve of the same run.

Run with one BLAS thread: ``OPENBLAS_NUM_THREADS=1 python benchmarks/exact.py``. The unit is one `scipy.linalg.solve` of
the evaluation system (I - gamma P^pi) V = r plus one product P V: the least that one exact policy evaluation costs. Times
are the process's own, so that other work on the machine counts as little as it can.
"""

from __future__ import annotations

import math
import time
from collections.abc import Callable

import numpy as np
import scipy.linalg

from mfbounds.games.crowd import four_rooms
from mfbounds.mdp import exploitability, freeze, policy_values
from mfbounds.solvers import find_fixed_point, solve
from mfbounds.solvers.trpo import trpo_policy

OUTER, INNER = 5_000, 10


def seconds(action: Callable[[], object], repeat: int) -> float:
    """The least mean time of one call over five batches, after a first call that is not counted."""
    action()
    batches = []
    for _ in range(5):
        start = time.process_time()
        for _ in range(repeat):
            action()
        batches.append((time.process_time() - start) / repeat)
    return min(batches)


def once(action: Callable[[], object]) -> float:
    start = time.process_time()
    action()
    return time.process_time() - start


def main() -> None:
    game = four_rooms(target=(10, 10))
    run = solve(game, "exact-mf-trpo", K=50, L=INNER, beta=0.1, every=50)
    frozen = freeze(game, run.mu)
    right = policy_values(frozen, run.policy).V
    system = np.eye(game.n_states) - game.gamma * frozen.chain(run.policy)
    unit = seconds(lambda: (scipy.linalg.solve(system, right), frozen.expect(right)), 200)
    inner = seconds(lambda: trpo_policy(frozen, 100), 2) / 100
    phi = seconds(lambda: exploitability(game, run.policy, run.mu), 50)
    print(f"unit: one scipy.linalg.solve and one product P V    {unit * 1e6:8.1f} us")
    print(f"one TRPO inner iteration                            {inner / unit:8.2f} units   (aim: 2)")
    print(f"one exploitability evaluation                       {phi / unit:8.2f} units   (aim: 12)")
    total = once(lambda: solve(game, "exact-mf-trpo", K=OUTER, L=INNER, beta=0.01, every=OUTER))
    print(f"{OUTER} x {INNER} exact MF-TRPO                            {total:8.2f} s       (aim: 10)")
    for M in (1, 10, math.inf):
        spent = once(lambda M=M: find_fixed_point(game, M))  # type: ignore[misc]
        print(f"fixed point of F_M to 1e-12, M = {M:<4}                {spent:8.2f} s")
    for size in (21, 41, 81):
        larger = four_rooms(size=size, target=(size - 1, size - 1))
        uniform = np.full((larger.n_states, larger.n_actions), 1.0 / larger.n_actions)
        spent = once(lambda g=larger, p=uniform: exploitability(g, p, g.start))  # type: ignore[misc]
        print(f"one exploitability evaluation, {larger.n_states:5} states         {spent:8.2f} s")


if __name__ == "__main__":
    main()
