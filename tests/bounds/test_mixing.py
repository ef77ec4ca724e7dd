"""Certified mixing against products of chains under random policies and populations, and an exact small case."""

from __future__ import annotations

import itertools
import math
from fractions import Fraction

import numpy as np
import pytest
import scipy.sparse as sp

from mfbounds.bounds.mixing import Mixing, _block_contractions, certified_mixing
from mfbounds.bounds.regularity import regularity
from mfbounds.games.affine import AffineGame
from mfbounds.games.crowd import four_rooms
from mfbounds.games.game import MeanFieldGame, from_functions
from mfbounds.numbers import Constant, Provenance

TRIVIAL = Constant(value=1.0, provenance=Provenance.CERTIFIED, argument="a total variation is at most 1")


def ring(n_states: int, n_actions: int, seed: int, *, interaction: bool) -> AffineGame:
    """Sparse rows on a ring (stay, one step left or right), so that one step never mixes."""
    rng = np.random.default_rng(seed)
    shape = (n_states,) * interaction + (n_states, n_actions)
    kernels = np.zeros((*shape, n_states))
    for index in np.ndindex(*shape):
        s = index[-2]
        kernels[index][[(s - 1) % n_states, s, (s + 1) % n_states]] = rng.dirichlet(np.full(3, 2.0))
    return AffineGame(kernels, np.zeros((n_states, n_actions)), gamma=0.9, eta=0.1)


def dobrushin(chain: np.ndarray) -> float:
    """The l1 contraction of a chain on zero-mass measures: the largest total variation between two rows."""
    return max(0.5 * float(np.abs(p - q).sum()) for p, q in itertools.product(chain, chain))


def random_chains(game: MeanFieldGame, seed: int, count: int) -> list[np.ndarray]:
    """Chains of random policies at random populations; every other policy is deterministic, every third mu a vertex."""
    rng, chains = np.random.default_rng(seed), []
    for i in range(count):
        policy = rng.dirichlet(np.ones(game.n_actions), size=game.n_states)
        if i % 2:
            policy = np.eye(game.n_actions)[rng.integers(game.n_actions, size=game.n_states)]
        mu = rng.dirichlet(np.ones(game.n_states)) if i % 3 else np.eye(game.n_states)[rng.integers(game.n_states)]
        chains.append(np.einsum("sa,sat->st", policy, game.kernel_at(mu)))
    return chains


@pytest.mark.parametrize("interaction", [False, True])
@pytest.mark.parametrize("seed", range(4))
def test_every_block_bounds_the_products_of_random_chains(seed: int, interaction: bool) -> None:
    game = ring(5, 2, seed, interaction=interaction)
    kernels = (game.fixed_kernel,) if game.fixed_kernel is not None else game.vertex_kernels
    blocks = list(_block_contractions(kernels))
    assert [n for n, _ in blocks][:7] == [1, 2, 3, 4, 6, 8, 12]
    chains = random_chains(game, seed, 30)
    for n, contraction in blocks[:8]:
        assert max(dobrushin(np.linalg.matrix_power(chain, n)) for chain in chains) <= contraction + 1e-13


@pytest.mark.parametrize("seed", range(3))
def test_the_chosen_mixing_bounds_every_power(seed: int) -> None:
    game = ring(6, 2, seed, interaction=True)
    mixing = regularity(game).mixing
    assert mixing.constant.certified
    assert mixing.block > 1
    assert 0.0 < mixing.contraction < 1.0
    for chain in random_chains(game, seed, 10):
        for t in range(1, 3 * mixing.block + 2):
            bound = mixing.contraction ** (t // mixing.block)
            assert dobrushin(np.linalg.matrix_power(chain, t)) <= bound + 1e-13


def test_the_chosen_block_has_the_smallest_sum_of_contractions() -> None:
    game = ring(6, 2, 1, interaction=False)
    mixing = regularity(game).mixing
    others = [n / (1.0 - q) for n, q in _block_contractions((game.fixed_kernel,)) if q < 1.0]
    assert mixing.time == min(others)


def test_doeblin_in_exact_fractions() -> None:
    """Two actions on three states, entries in eighths: the recursion in rational arithmetic, for 1 to 4 steps."""
    eighths = np.array([[[4, 4, 0], [6, 2, 0]], [[2, 4, 2], [0, 8, 0]], [[0, 4, 4], [0, 1, 7]]])
    P = [[[Fraction(int(v), 8) for v in row] for row in rows] for rows in eighths]
    reach = [[Fraction(int(s == y)) for y in range(3)] for s in range(3)]
    expected = {}
    for n in range(1, 5):
        reach = [
            [min(sum(P[s][a][t] * reach[t][y] for t in range(3)) for a in range(2)) for y in range(3)] for s in range(3)
        ]
        overlaps = [sum(min(x, z) for x, z in zip(p, q, strict=True)) for p, q in itertools.combinations(reach, 2)]
        expected[n] = 1 - min(overlaps)
    found = {n: q for n, q in _block_contractions((eighths / 8.0,)) if n <= 4}
    assert found.keys() == expected.keys()
    for n, exact in expected.items():
        assert exact <= Fraction(found[n]) <= exact + Fraction(1, 10**13)


def test_one_mixing_step_is_kept_when_it_is_best() -> None:
    doors = np.array([[[0.9, 0.1], [0.1, 0.9]]] * 2)
    known = regularity(AffineGame(doors, np.zeros((2, 2)), gamma=0.9, eta=0.1))
    assert known.mixing == Mixing(block=1, contraction=known.rho_1.value, constant=known.rho_1)
    assert known.mixing.time == pytest.approx(5.0)


def test_a_policy_that_can_stay_put_is_not_mixing() -> None:
    stay = np.stack([np.eye(3), np.full((3, 3), 1 / 3)], axis=1)
    mixing = regularity(AffineGame(stay, np.zeros((3, 2)), gamma=0.9, eta=0.1)).mixing
    assert mixing.contraction == 1.0
    assert mixing.time == math.inf
    assert "not mixing as far as known" in mixing.constant.argument


def test_an_overlap_below_float64_is_not_called_mixing() -> None:
    slip = 1e-20
    stay = np.array([[[1.0, slip]], [[slip, 1.0]]])
    mixing = regularity(AffineGame(stay, np.zeros((2, 1)), gamma=0.9, eta=0.1)).mixing
    assert mixing.contraction == 1.0


def test_sparse_kernels_give_the_same_mixing() -> None:
    game = ring(6, 2, 3, interaction=True)
    sparse = AffineGame(
        [sp.csr_array(k.reshape(12, 6)) for k in game.vertex_kernels], game.fixed_reward, gamma=0.9, eta=0.1
    )
    one, two = regularity(game).mixing, regularity(sparse).mixing
    assert one.block == two.block
    assert one.contraction == pytest.approx(two.contraction, abs=1e-14)


def test_a_long_block_that_forgets_everything_keeps_a_positive_contraction() -> None:
    """From either state the second step ends in the third: two steps contract by 0 exactly, one step not at all."""
    funnel = np.array([[[0, 1, 0.0]], [[0, 0, 1.0]], [[0, 0, 1.0]]])
    mixing = regularity(AffineGame(funnel, np.zeros((3, 1)), gamma=0.9, eta=0.1)).mixing
    assert mixing.block == 2
    assert 0.0 < mixing.contraction < 1e-14


def test_games_given_by_code_take_the_provenance_of_rho_1() -> None:
    game = ring(4, 2, 0, interaction=True)
    code = from_functions(
        game.kernel_at, np.zeros((4, 2)), n_states=4, n_actions=2, gamma=0.9, eta=0.1, reward_range=(0.0, 0.0)
    )
    estimated = Constant(value=0.5, provenance=Provenance.ESTIMATED, argument="search")
    assert certified_mixing(code, estimated) == Mixing(block=1, contraction=0.5, constant=estimated)


def test_more_states_than_the_limit_say_so() -> None:
    n = 1001
    cycle = sp.csr_array((np.ones(n), ((np.arange(n)), (np.arange(n) + 1) % n)), shape=(n, n))
    mixing = certified_mixing(AffineGame(cycle, np.zeros((n, 1)), gamma=0.9, eta=0.1), TRIVIAL)
    assert mixing.contraction == 1.0
    assert "1001" in mixing.constant.argument


def test_four_rooms_mixing_is_certified() -> None:
    mixing = regularity(four_rooms()).mixing
    assert mixing.constant.certified
    assert mixing.contraction < 1.0
