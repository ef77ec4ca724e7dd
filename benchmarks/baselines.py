"""Times per iteration of fictitious play, online mirror descent and exact MF-TRPO on four rooms, and their memory.

Run with one BLAS thread: ``OPENBLAS_NUM_THREADS=1 python benchmarks/baselines.py``. The exploitability of every iterate of
the first two is computed, with its error bound; MF-TRPO (L = 10, warm start) is timed without. A time per iteration is the
difference of a longer and a shorter run, so that what happens once a run is left out; the least of three is shown. Times are
the process's own, so that other work on the machine counts as little as it can.
"""

from __future__ import annotations

import math
import time
import tracemalloc
from typing import Any

import scipy.sparse as sp

from mfbounds.games import MeanFieldGame
from mfbounds.games.crowd import four_rooms
from mfbounds.solvers import Run, solve

SIZES = (11, 21, 41, 81)
SHORT, LONG = 10, 60
METHODS: dict[str, dict[str, Any]] = {
    "online-mirror-descent": {"learning_rate": 1.0},
    "fictitious-play": {},
    "exact-mf-trpo": {"L": 10, "beta": 0.1, "warm_start": True, "every": 10**6},
}


def iteration(game: MeanFieldGame, method: str) -> tuple[float, Run]:
    """Seconds per iteration, and the longer run."""
    options, best, run = METHODS[method], math.inf, None
    for _ in range(3):
        start = time.process_time()
        solve(game, method, K=SHORT, **options)
        middle = time.process_time()
        run = solve(game, method, K=LONG, **options)
        best = min(best, (2.0 * middle - start - time.process_time()) / (SHORT - LONG))
    assert run is not None
    return best, run


def memory(game: MeanFieldGame, method: str) -> float:
    """Peak memory of NumPy arrays during ten steps, in sizes of the game (kernel, base reward, nu, mu0)."""
    kernel = game.fixed_kernel
    assert sp.issparse(kernel)
    parts = (kernel.data, kernel.indices, kernel.indptr, game.reward_at(game.start), game.start, game.restart)
    size = math.isqrt(game.n_states) + 1
    fresh = four_rooms(size=size, target=(size - 1, size - 1))  # nothing is cached on it
    # What is imported on first use is no part of it.
    solve(four_rooms(size=size, target=(size - 1, size - 1)), method, K=10, **METHODS[method])
    tracemalloc.start()
    solve(fresh, method, K=10, **METHODS[method])
    peak = tracemalloc.get_traced_memory()[1]
    tracemalloc.stop()
    return peak / sum(part.nbytes for part in parts)


def main() -> None:
    games = [four_rooms(size=size, target=(size - 1, size - 1)) for size in SIZES]
    print(f"{'ms per iteration at':24}" + "".join(f"{game.n_states:>12} states" for game in games) + "   growth")
    for method in METHODS:
        spent, runs = zip(*(iteration(game, method) for game in games), strict=True)
        growth = math.log(spent[-1] / spent[0]) / math.log(games[-1].n_states / games[0].n_states)
        print(f"{method:24}" + "".join(f"{1e3 * t:12.2f}       " for t in spent) + f"   S^{growth:.2f}")
        if "every" not in METHODS[method]:
            errors = [float(run.history.exploitability_error.max()) for run in runs]
            print(f"{'  largest error bound':24}" + "".join(f"{error:12.1e}       " for error in errors))
    for method in METHODS:
        sizes = [memory(game, method) for game in games]
        print(
            f"{method + ', memory':31}"
            + "".join(f"{size:5.1f}              " for size in sizes)
            + "(sizes of the game)"
        )


if __name__ == "__main__":
    main()
