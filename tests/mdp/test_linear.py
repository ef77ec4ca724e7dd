"""One linear system, several solvers: they must agree, and none may hide a failure."""

from __future__ import annotations

import numpy as np
import pytest
import scipy.sparse as sp

from mfbounds.errors import NotConvergedError
from mfbounds.games.crowd import four_rooms
from mfbounds.games.elimination import is_slim
from mfbounds.games.random import garnet
from mfbounds.mdp import Frozen, freeze, linear
from mfbounds.mdp.linear import solve_discounted
from mfbounds.mdp.refinement import refined


def ring(size: int, *, diagonal: bool) -> sp.csr_array:
    """A random walk around a ring, with or without stored diagonal entries."""
    rng = np.random.default_rng(size)
    ahead = rng.uniform(0.1, 0.9, size=size)
    states = np.arange(size)
    stay = np.full(size, 0.1 if diagonal else 0.0)
    rows = [states, states, states] if diagonal else [states, states]
    targets = [(states + 1) % size, (states - 1) % size, states][: len(rows)]
    values = [ahead * (1 - stay), (1 - ahead) * (1 - stay), stay][: len(rows)]
    return sp.csr_array((np.concatenate(values), (np.concatenate(rows), np.concatenate(targets))), shape=(size, size))


@pytest.mark.parametrize("gamma", [0.0, 0.5, 0.9, 0.999, 1 - 1e-9])
@pytest.mark.parametrize("diagonal", [False, True])
@pytest.mark.parametrize("transposed", [False, True])
@pytest.mark.parametrize("scale", [1e-200, 1.0, 1e200])
@pytest.mark.parametrize("limit", [0, 10**9])
def test_sparse_solvers_agree_with_a_dense_one(
    gamma: float, diagonal: bool, transposed: bool, scale: float, limit: int, monkeypatch: pytest.MonkeyPatch
) -> None:
    monkeypatch.setattr(linear, "DIRECT_LIMIT", limit)  # 0: the Krylov method comes first
    chain = ring(60, diagonal=diagonal)
    rhs = scale * np.random.default_rng(0).normal(size=60)
    system = np.eye(60) - gamma * chain.toarray()
    expected = np.linalg.solve(system.T if transposed else system, rhs)
    found = solve_discounted(chain, gamma, rhs, transposed=transposed)
    assert np.abs(found - expected).max() <= 1e-13 * np.abs(expected).max() / (1 - gamma)
    assert chain.shape == (60, 60)


@pytest.mark.parametrize("limit", [0, 10**9])
def test_a_right_side_of_zeros(limit: int, monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setattr(linear, "DIRECT_LIMIT", limit)
    assert (solve_discounted(ring(60, diagonal=True), 0.9, np.zeros(60)) == 0.0).all()


@pytest.mark.parametrize("limit", [0, 10**9])
def test_systems_without_a_solution_are_refused(limit: int, monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setattr(linear, "DIRECT_LIMIT", limit)
    with pytest.raises(NotConvergedError, match="gamma"):
        solve_discounted(sp.csr_array(sp.eye_array(60)), 1.0, np.ones(60))
    with pytest.raises(NotConvergedError, match="gamma"):
        solve_discounted(ring(60, diagonal=True), 0.9, np.full(60, np.inf))


@pytest.mark.parametrize("n_states", [64, 300])
def test_chains_of_sparse_kernels_are_the_mixed_rows(n_states: int) -> None:
    """Dense below, sparse above the limit; once with the game's own pattern, once with one that is found."""
    for coupling in ("none", "kernel"):
        if coupling == "kernel" and n_states > 64:
            continue
        game = garnet(seed=1, n_states=n_states, coupling=coupling)
        frozen = freeze(game, game.start)
        policy = np.random.default_rng(2).dirichlet(np.ones(3), size=n_states)
        expected = np.einsum("sa,sat->st", policy, frozen.kernel.toarray().reshape(n_states, 3, n_states))
        chain = frozen.chain(policy)
        assert sp.issparse(chain) == (n_states == 300)
        assert np.abs((chain.toarray() if sp.issparse(chain) else chain) - expected).max() < 1e-16 * 4
        assert (frozen.pattern is None) == (coupling == "kernel")


def grid_chain(size: int, seed: int, nearness: float = np.inf) -> tuple[Frozen, np.ndarray, sp.csr_array]:
    """Four rooms, a policy, and its chain; a seed and a distance from the uniform policy make the policy."""
    game = four_rooms(size=size, target=(size - 1, size - 1))
    frozen = freeze(game, game.start)
    logits = np.random.default_rng(seed).normal(size=(game.n_states, game.n_actions))
    policy = np.exp(min(nearness, 3.0) * logits)
    policy /= policy.sum(axis=1, keepdims=True)
    return frozen, policy, frozen.chain(policy)


@pytest.mark.parametrize("transposed", [False, True])
@pytest.mark.parametrize("root", [None, 0, 77])
@pytest.mark.parametrize("gamma", [0.9, 1.0 - 1e-6])
def test_states_may_be_eliminated_in_any_order(transposed: bool, root: int | None, gamma: float) -> None:
    frozen, _, chain = grid_chain(21, 0)
    assert frozen.chain_pattern is not None
    elimination = frozen.chain_pattern.elimination
    assert elimination is not None
    system = np.eye(frozen.n_states) - gamma * chain.toarray()
    if root is not None:
        system[root], system[:, root] = 0.0, 0.0
        system[root, root] = 1.0
    rhs = np.random.default_rng(1).normal(size=frozen.n_states)
    expected = np.linalg.solve(system.T if transposed else system, rhs)
    for order in (elimination, None):
        found = linear.chain_factors(chain, gamma, order, root)(rhs, transposed)
        assert np.abs(found - expected).max() <= 1e-12 * np.abs(expected).max() / (1.0 - gamma)


@pytest.mark.parametrize("across", [1, 5, 20])
def test_slim_structures_are_told_from_those_that_fill_up(across: int) -> None:
    """A grid is slim, whatever the order of its states: its band is its shorter side. What is linked at random is not."""
    cells = np.random.default_rng(0).permutation(400).reshape(across, 400 // across)
    ends = [cells.ravel(), cells[:, :-1].ravel(), cells[:, 1:].ravel(), cells[:-1].ravel(), cells[1:].ravel()]
    links = [ends[i] for i in (0, 1, 2, 3, 4)], [ends[i] for i in (0, 2, 1, 4, 3)]
    rows, columns = (np.concatenate(part) for part in links)
    assert is_slim(sp.csr_array((np.ones(len(rows)), (rows, columns)), shape=(400, 400)))
    frozen = freeze(played := garnet(seed=1, n_states=300), played.start)
    assert frozen.chain_pattern is not None
    assert frozen.chain_pattern.elimination is None


@pytest.mark.parametrize("transposed", [False, True])
@pytest.mark.parametrize(
    ("nearness", "rows", "serves"), [(1e-6, 0, True), (1e-3, 0, True), (0.0, 3, True), (3.0, 0, False)]
)
def test_factors_of_a_chain_nearby_serve_where_they_are_near(
    transposed: bool, nearness: float, rows: int, serves: bool
) -> None:
    """Near in all rows, or other in three of them alone; where neither, the chain's own factors are found."""
    frozen, uniform, chain = grid_chain(21, 0, 0.0)
    first = linear.DiscountedSolver(chain, 0.9, frozen.chain_pattern)
    rhs = np.random.default_rng(2).normal(size=frozen.n_states)
    first(rhs, False)
    _, policy, _ = grid_chain(21, 3, nearness)
    policy[:rows] = np.eye(5)[0]
    other = frozen.chain(policy)
    second = linear.DiscountedSolver(other, 0.9, frozen.chain_pattern, first)
    system = np.eye(frozen.n_states) - 0.9 * other.toarray()
    expected = np.linalg.solve(system.T if transposed else system, rhs)
    assert np.abs(second(rhs, transposed) - expected).max() <= 1e-12 * np.abs(expected).max()
    assert (second.anchor is first) == serves
    assert np.abs(uniform - 0.2).max() < 1e-15
    alone = second.alone()
    assert alone.anchor is not first
    assert np.abs(alone(rhs, transposed) - expected).max() <= 1e-12 * np.abs(expected).max()
    rough = linear.DiscountedSolver(other, 0.9, frozen.chain_pattern, first)(rhs, transposed, enough=1e-3)
    left = (system.T if transposed else system) @ rough - rhs
    assert np.abs(left).max() <= 1e-3


@pytest.mark.parametrize("scale", [1e-200, 1.0, 1e200])
@pytest.mark.parametrize("rank", [1, 2, 5])
def test_a_matrix_that_differs_in_a_few_rows_needs_one_solve_more_than_there_are_rows(scale: float, rank: int) -> None:
    rng = np.random.default_rng(rank)
    base = np.eye(50) + 0.01 * rng.normal(size=(50, 50))
    matrix = base.copy()
    matrix[:rank] += rng.normal(size=(rank, 50))
    rhs, solves = scale * rng.normal(size=50), []

    def nearby(right: np.ndarray) -> np.ndarray:
        solves.append(right)
        return np.linalg.solve(base, right)

    found = refined(lambda x: matrix @ x, nearby, rhs, 1e-12 * scale)
    if rank < 4:  # beyond, the residual after four solves is not small enough to go on
        assert found is not None
        assert np.abs(matrix @ found - rhs).max() <= 1e-12 * scale
        assert len(solves) <= rank + 2
    else:
        assert found is None
        assert len(solves) == 4


def test_refinement_of_nothing_and_of_what_is_not_finite() -> None:
    assert (refined(lambda x: x, lambda x: x, np.zeros(3), 0.0) == 0.0).all()
    assert refined(lambda x: x, lambda x: x, np.full(3, np.nan), 0.0) is None
    assert refined(lambda x: x, lambda x: np.full(3, np.nan), np.ones(3), 0.0) is None
    assert refined(lambda x: 0.0 * x, lambda x: x, np.ones(3), 0.0) is None
