"""PettingZoo's own tests of the environment: needs the extra `pettingzoo`, and so is no part of the suite.

python tests/simulation/pettingzoo_api.py
"""

from __future__ import annotations

from pettingzoo.test import parallel_api_test, parallel_seed_test

from mfbounds.games.dynamic.random import random_dynamic
from mfbounds.games.dynamic.rps import a_rps
from mfbounds.games.dynamic.sis import a_sis
from mfbounds.simulation.pettingzoo import pettingzoo_env


def main() -> None:
    for game in (a_rps(n_players=20), a_sis(n_players=20), random_dynamic("dense", 1)):
        parallel_api_test(pettingzoo_env(game), num_cycles=100)
        parallel_seed_test(lambda game=game: pettingzoo_env(game))


if __name__ == "__main__":
    main()
