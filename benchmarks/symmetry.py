"""Simulation, exploitability and learning on the dynamic games A-SIS and A-RPS: CPU time of one thread, best of several runs.

    OPENBLAS_NUM_THREADS=1 python benchmarks/symmetry.py [--repeats 7] [--trajectories 200]

CPU time, because it says more than wall time on a machine with other work; ratios carry over between machines. The
yardstick is one `Generator.random` of as many numbers as a run of A-SIS draws: two a step of an agent.
"""

from __future__ import annotations

import argparse
import sys
import time
from collections.abc import Callable

import numpy as np

import mfbounds as mb
from mfbounds.games.dynamic import DynamicGame
from mfbounds.games.dynamic.rps import a_rps
from mfbounds.games.dynamic.sis import a_sis
from mfbounds.simulation.dynamic import simulate
from mfbounds.simulation.dynamic_counts import simulate_counts

BOUND_PATHS = 4000


def seconds(run: Callable[[], object], repeats: int) -> float:
    """CPU seconds of the best of several runs."""
    times = []
    for _ in range(repeats):
        began = time.process_time()
        run()
        times.append(time.process_time() - began)
    return min(times)


def uniform(game: DynamicGame) -> np.ndarray[tuple[int, ...], np.dtype[np.float64]]:
    return np.full((game.horizon, game.n_states, game.n_actions), 1.0 / game.n_actions)


def say(label: str, text: str) -> None:
    sys.stdout.write(f"{label:<52} {text}\n")


def simulation(sis: DynamicGame, rps: DynamicGame, runs: int, repeats: int) -> None:
    steps = runs * sis.horizon * sis.n_players
    rng, block = np.random.default_rng(0), np.empty(32_768)
    drawing = seconds(lambda: [rng.random(out=block) for _ in range(2 * steps // block.size)], repeats)
    moving = seconds(lambda: simulate(sis, uniform(sis), trajectories=runs, seed=0), repeats)
    pooling = seconds(lambda: simulate(sis, uniform(sis), trajectories=runs, seed=0).pooled, repeats)
    say(
        "A-SIS, agents, with states, actions and rewards", f"{steps / moving / 1e6:.1f} million agent-steps/s (aim: 30)"
    )
    say("  in units of drawing its random numbers", f"{moving / drawing:.2f}")
    say("A-SIS, epoch at agent level, pooled", f"{1e3 * pooling:.1f} ms")
    agents = seconds(lambda: simulate(rps, uniform(rps), trajectories=runs, seed=0).pooled, repeats)
    counts = seconds(lambda: simulate_counts(rps, uniform(rps), trajectories=runs, seed=0), repeats)
    say("A-RPS, epoch at agent level, pooled", f"{1e3 * agents:.1f} ms")
    say("A-RPS, epoch at count level", f"{1e3 * counts:.1f} ms, {agents / counts:.1f} times faster (aim: 20)")


def exploitability(sis: DynamicGame, rps: DynamicGame, repeats: int) -> None:
    for name, game in (("A-RPS", rps), ("A-SIS", sis)):
        found = mb.n_player_exploitability(game, uniform(game))
        took = seconds(lambda game=game: mb.n_player_exploitability(game, uniform(game)), repeats)  # type: ignore[misc]
        say(
            f"{name}, exploitability of all {game.n_players} players",
            f"{1e3 * took:.1f} ms (aim: 100), max {found.max:.4f}",
        )
    began = time.process_time()
    bounded = mb.n_player_exploitability(sis, uniform(sis), trajectories=BOUND_PATHS)
    took = time.process_time() - began
    say(f"A-SIS, bounds from {BOUND_PATHS} paths", f"{took:.1f} s, all within {bounded.errors.max():.3f} at 0.999")


def learning(sis: DynamicGame, rps: DynamicGame, runs: int, epochs: int) -> None:
    """Epochs of Symm-PMD and IPMD without measuring exploitability; how much less time than IPMD the former takes."""
    for name, game in (("A-RPS", rps), ("A-SIS", sis)):
        theirs = epoch_seconds(game, "independent-pmd", "agents", runs, epochs)
        say(f"{name}, 100 epochs of independent-pmd", f"{100 * theirs:.1f} s")
        for level in ("agents", "counts") if name == "A-RPS" else ("agents",):
            each = epoch_seconds(game, "symm-pmd", level, runs, epochs)
            text = f"{100 * each:.1f} s (aim: 30), {1 - each / theirs:.0%} less than IPMD"
            say(f"{name}, 100 epochs of symm-pmd, level {level}", text)


def epoch_seconds(game: DynamicGame, method: str, level: str, runs: int, epochs: int) -> float:
    """CPU seconds an epoch: those of a longer run less those of a run of one epoch, which measures as often."""
    options = {"M": runs, "level": level, "seed": 0, "every": epochs + 2}
    short, long = (seconds(lambda K=K: mb.solve(game, method, K=K, **options), 2) for K in (1, epochs + 1))  # type: ignore[misc]
    return (long - short) / epochs


def main() -> None:
    parser = argparse.ArgumentParser(description=__doc__)
    parser.add_argument("--repeats", type=int, default=7)
    parser.add_argument("--trajectories", type=int, default=200, help="M, of one epoch")
    parser.add_argument("--epochs", type=int, default=10, help="of learning that are timed")
    asked = parser.parse_args()
    sis, rps = a_sis(), a_rps()
    simulation(sis, rps, asked.trajectories, asked.repeats)
    exploitability(sis, rps, asked.repeats)
    learning(sis, rps, asked.trajectories, asked.epochs)


if __name__ == "__main__":
    main()
