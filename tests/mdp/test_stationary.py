from __future__ import annotations

from dataclasses import replace
from fractions import Fraction

import numpy as np
import pytest
import scipy.sparse as sp

from mfbounds.errors import InputError, NotUnichainError
from mfbounds.games import AffineGame
from mfbounds.mdp import Frozen, frozen_stationary, recurrent_classes, stationary, stationary_distribution

from .oracles import exact_stationary, gth, meant, random_frozen, with_uneven_rows


def l1(exact: list[Fraction], computed: np.ndarray) -> float:
    return float(sum(abs(x - Fraction(float(y))) for x, y in zip(exact, computed, strict=True)))


@pytest.mark.parametrize("seed", range(25))
@pytest.mark.parametrize("sparse", [False, True])
def test_the_error_bounds_the_distance_to_the_exact_law(seed: int, sparse: bool) -> None:
    rng = np.random.default_rng(seed)
    size = int(rng.integers(1, 9))
    chain = rng.dirichlet(np.full(size, rng.choice([0.05, 0.3, 1.0])), size=size)
    chain = 0.999 * chain + 0.001 * np.roll(np.eye(size), 1, axis=1)
    chain /= chain.sum(axis=1, keepdims=True)
    found = stationary(sp.csr_array(chain) if sparse else chain)
    assert l1(exact_stationary(chain), found.law) <= found.error < 1e-8
    assert found.law.sum() == pytest.approx(1.0, abs=1e-15)


@pytest.mark.parametrize("link", [1e-3, 1e-7, 1e-11])
def test_nearly_decoupled_chains_say_how_uncertain_they_are(link: float) -> None:
    chain = np.array([[1 - link, link, 0.0], [0.0, 1 - 2 * link, 2 * link], [3 * link, 0.0, 1 - 3 * link]])
    found = stationary(chain)
    exact = exact_stationary(chain)
    assert l1(exact, found.law) <= found.error
    assert np.abs(found.law - gth(chain)).sum() <= found.error + 1e-13 + l1(exact, gth(chain))


def test_elimination_agrees_on_a_slow_walk() -> None:
    size = 300
    chain = np.zeros((size, size))
    for s in range(size):
        chain[s, max(s - 1, 0)] += 0.45
        chain[s, min(s + 1, size - 1)] += 0.55
    dense, sparse = stationary(chain), stationary(sp.csr_array(chain))
    assert np.abs(dense.law - gth(chain)).sum() <= dense.error < 1e-8
    assert np.abs(sparse.law - gth(chain)).sum() <= sparse.error < 1e-7


def test_periodic_chains_and_transient_states() -> None:
    swap = np.array([[0.0, 1.0], [1.0, 0.0]])
    assert (stationary(swap).law == 0.5).all()
    chain = np.array([[0.2, 0.3, 0.5], [0.0, 0.5, 0.5], [0.0, 1.0, 0.0]])
    found = stationary(chain)
    assert found.law[0] == 0.0
    assert np.abs(found.law - [0, 2 / 3, 1 / 3]).sum() <= found.error + 1e-15
    absorbing = stationary(np.array([[0.5, 0.5], [0.0, 1.0]]))
    assert absorbing.law.tolist() == [0.0, 1.0]
    assert absorbing.error == 0.0


@pytest.mark.parametrize("leak", [1e-3, 1e-17, 1e-300])
@pytest.mark.parametrize("sparse", [False, True])
def test_transient_states_that_hardly_leak_do_not_spoil_the_law(sparse: bool, leak: float) -> None:
    stuck = np.array([[0.25, 0.75, 0.0], [0.5, 0.5, 0.0], [leak, 0.0, 1.0 - leak]])
    found = stationary(sp.csr_array(stuck) if sparse else stuck)
    assert np.abs(found.law - [0.4, 0.6, 0.0]).sum() <= found.error < 1e-14


@pytest.mark.parametrize("sparse", [False, True])
def test_several_recurrent_classes_are_named(sparse: bool) -> None:
    chain = np.array([[0.1, 0.2, 0.3, 0.4], [0.0, 0.0, 1.0, 0.0], [0.0, 1.0, 0.0, 0.0], [0.0, 0.0, 0.0, 1.0]])
    given = sp.csr_array(chain) if sparse else chain
    assert sorted(c.tolist() for c in recurrent_classes(given)) == [[1, 2], [3]]
    with pytest.raises(NotUnichainError, match=r"\{1, 2\}, \{3\}|\{3\}, \{1, 2\}"):
        stationary(given)


def test_the_law_is_that_of_the_mixed_actions() -> None:
    rng = np.random.default_rng(3)
    kernel, policy = rng.dirichlet(np.ones(4), size=(4, 3)), rng.dirichlet(np.ones(3), size=4)
    game = AffineGame(kernel, np.zeros((4, 3)), gamma=0.5, eta=1.0)
    law = stationary_distribution(game, policy, game.start)
    assert np.abs(law - gth(np.einsum("sa,sat->st", policy, kernel))).sum() < 1e-14
    with pytest.raises(InputError, match="policy"):
        stationary_distribution(game, policy[:2], game.start)


@pytest.mark.parametrize("seed", range(20))
@pytest.mark.parametrize("sparse", [False, True])
def test_the_errors_cover_kernels_that_are_normalised_only_to_1e_12(seed: int, sparse: bool) -> None:
    frozen, policy = random_frozen(seed)
    frozen = with_uneven_rows(replace(frozen, kernel=0.99 * frozen.kernel + 0.01 / frozen.n_states), seed)
    chain = (np.frompyfunc(Fraction, 1, 1)(policy)[:, :, None] * meant(frozen).kernel).sum(axis=1)
    if sparse:
        frozen = replace(frozen, kernel=sp.csr_array(frozen.kernel.reshape(-1, frozen.n_states)))
    exact, found = exact_stationary(chain), frozen_stationary(frozen, policy)
    for known in (found, found.refined):
        off = [abs(x - Fraction(float(y))) for x, y in zip(exact, known.law, strict=True)]
        assert sum(off) <= Fraction(known.error) < Fraction(1, 10**8)
        assert all(x <= Fraction(float(y)) for x, y in zip(off, known.entry_error, strict=True))


@pytest.mark.parametrize("sparse", [False, True])
def test_links_below_rounding_are_refused_or_reported(sparse: bool) -> None:
    """In float64 both rows say "stay": the law is not known, and nothing pretends that it is."""
    chain = np.array([[1.0, 1e-30, 0.0], [0.0, 1.0, 1e-30], [1e-30, 0.0, 1.0]])
    try:
        found = stationary(sp.csr_array(chain) if sparse else chain)
    except NotUnichainError as why:
        assert "decoupled" in str(why)  # noqa: PT017 - either outcome is right
    else:
        assert found.error == 2.0


@pytest.mark.parametrize("seed", range(25))
@pytest.mark.parametrize("sparse", [False, True])
def test_every_entry_lies_within_its_own_error(seed: int, sparse: bool) -> None:
    """Also where entries are far apart: rare states have small errors of their own."""
    rng = np.random.default_rng(seed)
    chain = rng.dirichlet(np.full(6, 0.3), size=6) * 10.0 ** -rng.uniform(0, 9, size=6)
    chain = 0.999 * chain + 0.001 * np.roll(np.eye(6), 1, axis=1)
    chain /= chain.sum(axis=1, keepdims=True)
    found = stationary(sp.csr_array(chain) if sparse else chain)
    exact = exact_stationary(chain)
    for x, y, error in zip(exact, found.law, found.entry_error, strict=True):
        assert abs(x - Fraction(float(y))) <= Fraction(float(error))
        assert error <= 1e-9 * y


@pytest.mark.parametrize("seed", range(25))
@pytest.mark.parametrize("absolute", [False, True])
def test_errors_of_the_chain_are_passed_on(seed: int, absolute: bool) -> None:
    rng = np.random.default_rng(seed)
    chain = rng.dirichlet(np.ones(5), size=5)
    if absolute:
        moved = chain + 1e-6 * (rng.dirichlet(np.ones(5), size=5) - chain)
        bound = float(np.abs(moved - chain).sum(axis=1).max())
        found = stationary(chain, chain_error=bound * (1 + 1e-9))
    else:
        moved = chain * (1.0 + 1e-6 * rng.uniform(-1, 1, size=chain.shape))
        moved /= moved.sum(axis=1, keepdims=True)
        found = stationary(chain, relative_error=float(np.abs(moved / chain - 1.0).max()) * (1 + 1e-9))
    distance = np.abs([float(x) for x in exact_stationary(moved)] - found.law)
    assert distance.sum() <= found.error < 1e-3
    assert (distance <= found.entry_error).all()


@pytest.mark.parametrize("size", [6, 260])
def test_a_policy_that_cuts_links_of_a_connected_kernel_is_seen(size: int) -> None:
    """Action 0 keeps to each half of a ring, action 1 goes round it: dense chains at 6 states, CSR at 260."""
    states, half = np.arange(size), size // 2
    within = (states + 1) % half + half * (states // half)
    rows, targets = np.arange(2 * size), np.stack([within, (states + 1) % size], axis=1).ravel()
    kernel = sp.csr_array((np.ones(2 * size), (rows, targets)), shape=(2 * size, size))
    frozen = Frozen(kernel=kernel, reward=np.zeros((size, 2)), gamma=0.9, eta=1.0)
    with pytest.raises(NotUnichainError, match="must be one class"):
        frozen_stationary(frozen, np.tile([1.0, 0.0], (size, 1)))
    for mixed in ([0.5, 0.5], [0.0, 1.0]):
        law = frozen_stationary(frozen, np.tile(mixed, (size, 1)))
        assert len(law.recurrent) == size
        np.testing.assert_allclose(law.law, 1.0 / size, rtol=1e-12)
