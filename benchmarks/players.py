"""Time of N players against their mean field: four rooms from 11 cells a side on, N from 10 to 10^9, one thread.

    OPENBLAS_NUM_THREADS=1 python benchmarks/players.py [--size 11] [--replications 200]

Prints the processor seconds for each N: once all cells are occupied, they grow with the horizon, log(N)/(1-gamma), and not
with N.
"""

from __future__ import annotations

import argparse
import sys
import time

import numpy as np

import mfbounds as mb


def main() -> None:
    parser = argparse.ArgumentParser(description=__doc__)
    parser.add_argument("--size", type=int, default=11, help="cells a side")
    parser.add_argument("--replications", type=int, default=200)
    asked = parser.parse_args()
    game = mb.games.four_rooms(size=asked.size)
    policy = np.full((game.n_states, game.n_actions), 1.0 / game.n_actions)
    law = mb.stationary_distribution(game, policy, game.start)
    for k in range(1, 10):
        began = time.process_time()
        (row,) = mb.n_player_gap(game, policy, law, 10**k, replications=asked.replications, seed=1).rows
        spent = time.process_time() - began
        sys.stdout.write(
            f"S = {game.n_states}, N = 10^{k}, T = {row.horizon}: {spent:.2f} s; bias {row.bias.value:.3g} "
            f"in [{row.bias.low:.3g}, {row.bias.high:.3g}], deviation {row.deviation.value:.3g}\n"
        )


if __name__ == "__main__":
    main()
