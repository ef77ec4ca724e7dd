"""Bounds on alpha and beta for games in which they are not computed exactly.

From above through symmetrisation, from below by sampling: a sample finds distances, not their maximum.
"""

from __future__ import annotations

import math

import numpy as np

from mfbounds.checks import FloatArray, check_count, check_real
from mfbounds.errors import InputError
from mfbounds.games.dynamic.counts import CountGame
from mfbounds.games.dynamic.game import DynamicGame, IntArray
from mfbounds.games.dynamic.tabular import TabularGame
from mfbounds.numbers import Constant, Provenance
from mfbounds.symmetry.heterogeneity import Heterogeneity, distances_at
from mfbounds.symmetry.symmetrise import symmetrised_players

ROUNDING = 1e-14
ARGUMENT = "at most max |P^i - Sym P^i| + (1 - 1/N) max |Sym P^i - Sym P^j|"


def bounded_heterogeneity(game: TabularGame) -> Heterogeneity:
    """alpha <= max_i |P^i - Sym P^i| + (1 - 1/N) max_{i,j} |Sym P^i - Sym P^j|, and beta likewise.

    It tells apart the two sources: players that mind who of the others is where, and players unlike each other.

    Raises:
        InputError: not a game of tables.
    """
    if not isinstance(game, TabularGame):
        raise InputError(f"game == {game!r}, must be a TabularGame: functions of counts are symmetric in the others")
    kernels, rewards = symmetrised_players(game)
    found = [
        _bounded(game, table, lifted)
        for table, lifted in ((game.kernels, kernels), (game.reward_table[..., None], rewards[..., None]))
    ]
    constants = [
        Constant(value=value + ROUNDING * max(1.0, value), provenance=Provenance.CERTIFIED, argument=ARGUMENT)
        for value in found
    ]
    return Heterogeneity(*constants)


def _bounded(game: TabularGame, table: FloatArray, lifted: FloatArray) -> float:
    """Of a table (N, S, A, D^K, n) and its lifted symmetrisations (N, L, S, A, n)."""
    arranged = np.moveaxis(lifted, 1, 3)[:, :, :, game.lattice.arrangements]
    ordered = float(np.abs(table - arranged).sum(axis=-1).max())
    apart = max(float(np.abs(lifted - one).sum(axis=-1).max()) for one in lifted)
    return ordered + (1 - 1 / game.n_players) * apart


def sampled_heterogeneity(
    game: DynamicGame, *, places: int = 200, draws: int = 2000, error: float = 1e-6, seed: int = 0
) -> Heterogeneity:
    """Lower bounds on alpha and beta from samples, true together with probability at least 1 - `error`.

    At each of `places` random (i, s, a, rho^{-i}) the distance of player i to the average is needed. Functions of counts
    give the average over the players itself, so that the bounds are certain. Else it is the mean over `draws` random
    players and permutations of the others, off by at most sqrt(2 (|S| log 2 + log(2 places/error))/draws) in l1 (the law)
    and R sqrt(log(4 places/error)/(2 draws)) (the reward), all places at once; that is taken off.

    Raises:
        InputError: no dynamic game, `places` or `draws` < 1, `error` not in (0, 1).
    """
    if not isinstance(game, DynamicGame):
        raise InputError(f"game == {game!r}, must be a dynamic game of N players: its players are compared")
    check_count(places, "places")
    check_count(draws, "draws")
    if not 0.0 < check_real(error, "error") < 1.0:
        raise InputError(f"error == {error}, must be in (0, 1): it is the probability that a bound is wrong")
    rng = np.random.default_rng(check_count(seed, "seed", least=0))
    if isinstance(game, CountGame):
        found = _at_counts(game, places, rng)
        how = f"largest of {places} random counts of the others, seed {seed}: errs below"
    else:
        off = (
            math.sqrt(2 * (game.n_states * math.log(2) + math.log(2 * places / error)) / draws),
            game.R * math.sqrt(math.log(4 * places / error) / (2 * draws)),
        )
        found = _at_joint(game, places, draws, off, rng)
        how = f"largest of {places} random places less the sampling error, seed {seed}: wrong with p <= {error:g}, errs below"
    alpha, beta = (Constant(value=value, provenance=Provenance.ESTIMATED, argument=how) for value in found)
    return Heterogeneity(alpha, beta)


def _at_counts(game: CountGame, places: int, rng: np.random.Generator) -> tuple[float, float]:
    alpha = beta = 0.0
    for place in range(places):
        weights = np.eye(game.n_pairs)[place % game.n_pairs] if place < game.n_pairs else rng.dirichlet(
            np.full(game.n_pairs, 0.3)
        )  # fmt: skip
        laws, rewards = distances_at(game, rng.multinomial(game.n_others, weights)[None])
        alpha, beta = max(alpha, float(laws.max())), max(beta, float(rewards.max()))
    return alpha, beta


def _at_joint(
    game: DynamicGame, places: int, draws: int, off: tuple[float, float], rng: np.random.Generator
) -> tuple[float, float]:
    alpha = beta = 0.0
    for _ in range(places):
        others = rng.choice(game.n_pairs, game.n_others, p=rng.dirichlet(np.full(game.n_pairs, 0.3)))
        own, player = int(rng.integers(game.n_pairs)), int(rng.integers(game.n_players))
        law, reward = _seen_by(game, np.array([player]), own, others[None])
        players = rng.integers(game.n_players, size=draws)
        laws, rewards = _seen_by(game, players, own, rng.permuted(np.tile(others, (draws, 1)), axis=1))
        alpha = max(alpha, float(np.abs(law[0] - laws.mean(axis=0)).sum()) - off[0])
        beta = max(beta, float(abs(reward[0] - rewards.mean())) - off[1])
    return alpha, beta


def _seen_by(game: DynamicGame, players: IntArray, own: int, others: IntArray) -> tuple[FloatArray, FloatArray]:
    """Laws (B, S) and rewards (B,) of `players` (B,) in the pair `own`, the others in the pairs (B, N - 1)."""
    batch = np.arange(len(players))
    joint = np.empty((len(players), game.n_players), dtype=np.int64)
    is_other = np.arange(game.n_players) != players[:, None]
    joint[is_other] = others.ravel()
    joint[batch, players] = own
    states, actions = np.divmod(joint, game.n_actions)
    return game.laws(states, actions)[batch, players], game.rewards(states, actions)[batch, players]
