"""Affine and congestion games: what they declare, against enumeration of the same game as tables."""

from __future__ import annotations

from typing import Any

import numpy as np
import pytest

from mfbounds.errors import InputError
from mfbounds.games.dynamic import CountGame, affine_game, congestion_game
from mfbounds.games.dynamic.affine import affine_players
from mfbounds.games.dynamic.catalogue import build_dynamic
from mfbounds.games.dynamic.congestion import congestion
from mfbounds.games.files import load_any, save
from mfbounds.mdp.finite_horizon import population_flow
from mfbounds.symmetry import induced_game, symmetrise
from mfbounds.symmetry.heterogeneity import heterogeneity
from mfbounds.symmetry.lattice_moduli import lattice_modulus
from mfbounds.symmetry.monotonicity import inner_product, monotonicity
from mfbounds.symmetry.sparsity import sparsity

SMALL = [
    *(affine_players(n_players=n, n_states=S, n_actions=A, spread=p, seed=n) for n, S, A, p in
      ((3, 2, 2, 0.1), (4, 2, 1, 1.0), (3, 1, 3, 0.5), (3, 3, 1, 0.0))),
    *(congestion(n_players=n, n_states=S, n_actions=A, spread=p, seed=n) for n, S, A, p in
      ((3, 2, 2, 0.1), (4, 2, 2, 1.0), (5, 1, 3, 0.5), (4, 3, 1, 0.0))),
]  # fmt: skip


def close(value: float, expected: float) -> bool:
    return abs(value - expected) <= 1e-11


@pytest.mark.parametrize("game", SMALL, ids=repr)
def test_declared_constants_are_those_of_the_tables(game: CountGame) -> None:
    known, table = game.declared, game.tabular()
    found, sparse, lattice = heterogeneity(table), sparsity(table), symmetrise(table)
    size, cells = lattice.lattice.size, lattice.lattice.cells
    assert close(known["alpha"].value, found.alpha.value)
    assert close(known["beta"].value, found.beta.value)
    assert close(known["K_mu"].value, lattice_modulus(lattice.lattice, lattice.kernels.reshape(size, cells, -1)))
    assert close(known["L_mu"].value, lattice_modulus(lattice.lattice, lattice.rewards.reshape(size, cells, 1)))
    assert close(known["C_1"].value, sparse.C_1.value)
    assert close(known["C_2"].value, sparse.C_2.value)
    rows = lattice.kernels.reshape(size, cells, -1)
    assert close(known["K_sa"].value, np.abs(rows[:, :, None] - rows[:, None]).sum(axis=-1).max())
    law, paid = lattice.kernels, lattice.rewards
    expected = {
        "K_s": np.abs(law[:, :, None] - law[:, None]).sum(axis=-1).max(),
        "K_a": np.abs(law[:, :, :, None] - law[:, :, None]).sum(axis=-1).max(),
        "L_a": np.ptp(paid, axis=2).max(),
        "L_sa": np.ptp(paid.reshape(size, cells), axis=1).max(),
    }
    for name, value in expected.items():
        assert close(known[name].value, value)


@pytest.mark.parametrize("game", SMALL, ids=repr)
def test_closed_forms_are_the_averages_and_their_kuhn_interpolation(game: CountGame) -> None:
    """A function of one pair, that pair first, is interpolated linearly in its count; an affine one is what it is."""
    closed, rng = induced_game(game), np.random.default_rng(0)
    tables, kuhn = symmetrise(game.tabular()), induced_game(game.tabular(), "kuhn")
    shape = (game.n_states, game.n_actions)
    assert closed.extension == "analytic"
    for point, mu in enumerate(tables.lattice.distributions):
        assert np.allclose(closed.reward(mu.reshape(shape)), tables.rewards[point], rtol=0, atol=1e-12)
        assert np.allclose(closed.kernel(mu.reshape(shape)), tables.kernels[point], rtol=0, atol=1e-12)
    if game.n_pairs < 4 and not game.affine_rewards:
        return  # there the order of the pairs gains nothing, and they are left as they are
    for mu in rng.dirichlet(np.full(game.n_pairs, 0.5), 10):
        assert np.allclose(closed.reward(mu.reshape(shape)), kuhn.reward(mu.reshape(shape)), rtol=0, atol=1e-11)
        assert np.allclose(closed.kernel(mu.reshape(shape)), kuhn.kernel(mu.reshape(shape)), rtol=0, atol=1e-11)


@pytest.mark.parametrize("game", SMALL, ids=repr)
def test_the_population_modulus_bounds_pairs_and_is_attained_at_a_vertex(game: CountGame) -> None:
    closed, rng = induced_game(game), np.random.default_rng(1)
    D, shape, L_pop = game.n_pairs, (game.n_states, game.n_actions), game.declared["L_pop"].value

    def update(mu: np.ndarray) -> np.ndarray:
        return np.tensordot(mu.reshape(shape), closed.kernel(mu.reshape(shape)), 2)

    for mu, other in rng.dirichlet(np.full(D, 0.5), (100, 2)):
        assert np.abs(update(mu) - update(other)).sum() <= L_pop * np.abs(mu - other).sum() + 1e-12
    step, slopes = 1e-6, [0.0]
    for vertex in np.eye(D):
        for x in range(D):
            for y in range(D):
                centre = (1 - step) * vertex + step * np.eye(D)[y]
                moved = (1 - step) * vertex + step * np.eye(D)[x]
                slopes.append(np.abs(update(moved) - update(centre)).sum() / (2 * step))
    assert max(slopes) == pytest.approx(L_pop, abs=1e-4)


def test_sparsity_of_structured_games() -> None:
    assert sparsity(SMALL[4]).kappa == SMALL[4].declared["kappa"].value == 1
    vertices = np.zeros((3, 2, 2, 4))
    vertices[..., 1] = 0.5  # only the second pair of the others matters
    game = affine_game(np.full((3, 2, 2, 2), 0.5), vertices, horizon=2)
    assert sparsity(game).kappa == game.declared["kappa"].value == 1


@pytest.mark.parametrize("n_players", [2, 7, 50])
def test_congestion_is_monotone_as_declared(n_players: int) -> None:
    game = induced_game(congestion(n_players=n_players, spread=1.0, seed=3))
    found, rng = monotonicity(game), np.random.default_rng(0)
    assert (found.weak, found.strict, found.flow) == (True, True, True)
    for first, second in rng.dirichlet(np.full(9, 0.3), (200, 2)).reshape(200, 2, 3, 3):
        assert inner_product(game, first, second) <= found.slope * ((first - second) ** 2).sum() + 1e-13


def test_a_congestion_that_is_level_somewhere_is_weakly_monotone_only() -> None:
    payoffs = np.broadcast_to([1.0, 1.0, 0.5], (3, 1, 2, 3))
    found = monotonicity(induced_game(congestion_game(np.ones((1, 1, 2, 1)), payoffs, np.zeros((3, 1, 2)), horizon=1)))
    assert (found.weak, found.strict, found.slope) == (True, None, 0.0)


def test_players_who_are_alike_have_no_heterogeneity_at_all() -> None:
    for game in (affine_players(n_players=7, spread=0.0), congestion(n_players=7, spread=0.0)):
        assert game.declared["alpha"].value == 0.0
        assert game.declared["beta"].value == 0.0
        assert game.alike


@pytest.mark.parametrize("name", ["affine_players", "congestion"])
def test_structured_games_survive_files_and_serve_large_crowds(name: str, tmp_path: Any) -> None:
    game = build_dynamic(name, n_players=300, seed=2)
    again = load_any(save(game, tmp_path / "game.npz") or tmp_path / "game.npz")
    assert again.origin == game.origin
    uniform = np.full((game.horizon, game.n_states, game.n_actions), 1 / game.n_actions)
    flows = [population_flow(induced_game(each), uniform).mu for each in (game, again)]
    assert np.array_equal(*flows)
    rng = np.random.default_rng(0)
    states, actions = rng.integers(game.n_states, size=(4, 300)), rng.integers(game.n_actions, size=(4, 300))
    assert game.rewards(states, actions).shape == (4, 300)


BAD_CONGESTION = {
    "increasing": (np.ones((1, 1, 2, 1)), np.broadcast_to([0.0, 0.5, 1.0], (3, 1, 2, 3)), np.zeros((3, 1, 2)), "must not pay"),
    "counts": (np.ones((1, 1, 2, 1)), np.zeros((3, 1, 2, 4)), np.zeros((3, 1, 2)), r"must be \(N, S, A, N\)"),
    "bonuses": (np.ones((1, 1, 2, 1)), np.zeros((3, 1, 2, 3)), np.zeros((3, 2)), "bonuses.shape"),
    "kernels": (np.ones((2, 1, 2, 1)), np.zeros((3, 1, 2, 3)), np.zeros((3, 1, 2)), "kernels.shape"),
    "simplex": (np.full((1, 1, 2, 1), 0.9), np.zeros((3, 1, 2, 3)), np.zeros((3, 1, 2)), "must be 1"),
    "alone": (np.ones((1, 1, 2, 1)), np.zeros((1, 1, 2, 1)), np.zeros((1, 1, 2)), "N >= 2"),
}  # fmt: skip


@pytest.mark.parametrize("name", BAD_CONGESTION)
def test_bad_congestion_tables_are_refused(name: str) -> None:
    kernels, payoffs, bonuses, told = BAD_CONGESTION[name]
    with pytest.raises(InputError, match=told):
        congestion_game(kernels, payoffs, bonuses, horizon=1)


BAD_AFFINE = {
    "vertices": (np.full((3, 2, 2, 2), 0.5), np.zeros((3, 2, 2, 3)), "D = S A"),
    "kernels": (np.full((3, 2, 2, 3, 2), 0.5), np.zeros((3, 2, 2, 4)), "kernels.shape"),
    "simplex": (np.full((3, 2, 2, 2), 0.6), np.zeros((3, 2, 2, 4)), "must be 1"),
    "alone": (np.full((1, 2, 2, 2), 0.5), np.zeros((1, 2, 2, 4)), ">= 2"),
}


@pytest.mark.parametrize("name", BAD_AFFINE)
def test_bad_affine_tables_are_refused(name: str) -> None:
    kernels, rewards, told = BAD_AFFINE[name]
    with pytest.raises(InputError, match=told):
        affine_game(kernels, rewards, horizon=1)


@pytest.mark.parametrize("factory", [affine_players, congestion])
@pytest.mark.parametrize(
    "arguments", [{"spread": -0.1}, {"spread": 1.5}, {"n_players": 1}, {"n_states": 0}, {"horizon": 0}]
)
def test_bad_sizes_are_refused(factory: Any, arguments: dict[str, Any]) -> None:
    with pytest.raises(InputError):
        factory(**arguments)
