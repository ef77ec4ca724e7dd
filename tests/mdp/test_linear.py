"""One linear system, several solvers: they must agree, and none may hide a failure."""

from __future__ import annotations

import numpy as np
import pytest
import scipy.sparse as sp

from mfbounds.errors import NotConvergedError
from mfbounds.games.random import garnet
from mfbounds.mdp import freeze, linear
from mfbounds.mdp.linear import solve_discounted


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
