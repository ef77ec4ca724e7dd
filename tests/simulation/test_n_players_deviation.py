"""One deviator among N, against enumeration of the joint chain and against the mean field."""

from __future__ import annotations

import itertools
import math

import numpy as np
import pytest

import mfbounds as mb
from mfbounds.checks import FloatArray
from mfbounds.errors import InputError
from mfbounds.games.game import MeanFieldGame
from mfbounds.simulation.n_players_deviation import n_player_deviation

from .statistics import random_log_policy, show_seed, tiny_game
from .test_n_players import crowded_game

SEED = 20_240_710
LEVEL = 1.0 - 1e-7


def first_value(game: MeanFieldGame, policies: list[FloatArray], T: int) -> float:
    """The first player's value over steps 0..T when player i uses policies[i], by enumeration."""
    N = len(policies)
    states = list(itertools.product(range(game.n_states), repeat=N))
    law = np.array([math.prod(game.start[s] for s in players) for players in states])
    value, first = 0.0, policies[0]
    for t in range(T + 1):
        after = np.zeros_like(law)
        for weight, players in zip(law, states, strict=True):
            m = np.bincount(players, minlength=game.n_states) / N
            kernel, reward, s = np.asarray(game.kernel(m)), game.reward(m), players[0]
            earned = sum(p * (reward[s, a] - game.eta * math.log(p)) for a, p in enumerate(first[s]) if p > 0.0)
            value += game.gamma**t * weight * earned
            moves = [pi[s] @ kernel[s] for pi, s in zip(policies, players, strict=True)]
            after += weight * np.array([math.prod(m[s] for m, s in zip(moves, to, strict=True)) for to in states])
        law = after
    return value


@pytest.mark.parametrize("N", [1, 2, 3])
@pytest.mark.parametrize("game", [crowded_game(1), tiny_game(3)], ids=["functions", "affine"])
def test_the_gain_is_that_of_the_enumerated_joint_chain(game: MeanFieldGame, N: int) -> None:
    show_seed(SEED + N)
    kept, left = (np.exp(random_log_policy(seed, game)) for seed in (20, 21))
    T = 3
    exact = first_value(game, [left] + [kept] * (N - 1), T) - first_value(game, [kept] * N, T)
    found = n_player_deviation(
        game, kept, game.start, N, deviation=left, horizon=T, replications=2_000, level=LEVEL, seed=SEED + N
    )
    row = found.rows[0]
    inside = row.gain.widened(-row.truncation)  # both sides stop at T
    assert inside.low <= exact <= inside.high


def test_no_deviation_gains_nothing_and_the_best_one_tends_to_the_mean_field_gain() -> None:
    show_seed(SEED + 10)
    game = mb.games.crowd_grid(kappa=0.2, eta=0.3)
    mu, policy = np.full(22, 1 / 22), np.full((22, 5), 0.2)
    options = {"N": [100, 10**8], "replications": 50, "level": LEVEL, "seed": SEED + 10}
    same = n_player_deviation(game, policy, mu, deviation=policy, **options)
    assert all(row.gain.low <= 0.0 <= row.gain.high for row in same.rows)
    best = n_player_deviation(game, policy, mu, **options)
    # The uniform population stays under the uniform policy: the gain of the best response is the exploitability.
    assert best.mean_field_gain.value == pytest.approx(mb.quality(game, policy, mu), abs=1e-7)
    last = best.rows[-1]
    assert last.gain.low <= best.mean_field_gain.value + 1e-4
    assert last.gain.high >= best.mean_field_gain.value - 1e-4
    assert last.resolved
    assert best.to_pandas()["N"].tolist() == [100, 10**8]


def test_sparse_kernels_that_depend_on_the_population() -> None:
    import scipy.sparse as sp

    rng = np.random.default_rng(12)
    kernels, rewards = rng.dirichlet(np.ones(3), size=(3, 3, 2)), rng.normal(size=(3, 3, 2))
    dense = mb.AffineGame(kernels, rewards, gamma=0.6, eta=0.2)
    sparse = mb.AffineGame([sp.csr_array(k.reshape(6, 3)) for k in kernels], rewards, gamma=0.6, eta=0.2)
    policy = np.exp(random_log_policy(13, dense))
    one, two = (
        n_player_deviation(game, policy, game.start, [9], replications=30, workers=w, horizon=8, seed=2)
        for w, game in enumerate((dense, sparse), 1)
    )
    assert one.rows[0].gain.value == pytest.approx(two.rows[0].gain.value, rel=1e-4)


def test_bad_input_is_refused() -> None:
    game = tiny_game(3)
    with pytest.raises(InputError, match=r"deviation\.shape"):
        n_player_deviation(game, np.full((3, 2), 0.5), game.start, [10], deviation=np.ones((2, 2)))
    with pytest.raises(InputError, match="N == 0"):
        n_player_deviation(game, np.full((3, 2), 0.5), game.start, 0)
