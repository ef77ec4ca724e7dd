"""kappa, C_1, C_2 and bounds on alpha and beta, against the definitions by brute force."""

from __future__ import annotations

import itertools

import numpy as np
import pytest

from mfbounds.errors import InputError
from mfbounds.games.dynamic import CountGame, TabularGame
from mfbounds.games.dynamic.random import dynamic_families, random_dynamic
from mfbounds.games.dynamic.rps import a_rps
from mfbounds.games.dynamic.sis import a_sis
from mfbounds.games.dynamic.witnesses import at_own_state, ordered_pair
from mfbounds.symmetry import induced_game, symmetrise
from mfbounds.symmetry.heterogeneity import heterogeneity
from mfbounds.symmetry.heterogeneity_bounds import bounded_heterogeneity, sampled_heterogeneity
from mfbounds.symmetry.sparsity import sparsity

TINY = [
    random_dynamic(family, seed)
    for family in dynamic_families()
    for seed in range(12)
    if random_dynamic(family, seed).n_pairs ** random_dynamic(family, seed).n_players <= 256
][:14]


def tables(game: TabularGame) -> list[np.ndarray]:
    """Laws and rewards as (N, D, D^K, n), the others always there."""
    size, shape = game.n_pairs**game.n_others, (game.n_players, game.n_pairs, -1)
    return [
        np.repeat(flat, size, axis=2) if flat.shape[2] == 1 else flat
        for flat in (
            game.kernels.reshape(*shape, game.n_states),
            game.reward_table.reshape(*shape, 1),
        )
    ]


def fewest(table: np.ndarray, own: int, joint: list[tuple[int, ...]], cells: int) -> int:
    """The size of the smallest U, trying all subsets: rho and rho' that agree on U have the same values."""
    for size in range(cells + 1):
        for chosen in itertools.combinations(range(cells), size):
            groups: dict[tuple[int, ...], int] = {}
            if all(
                (
                    table[:, own, groups.setdefault(tuple(x if x in chosen else -1 for x in rho), k)]
                    == table[:, own, k]
                ).all()
                for k, rho in enumerate(joint)
            ):
                return size
    raise AssertionError


@pytest.mark.parametrize("game", [*TINY, ordered_pair(), at_own_state(n_players=3).tabular()], ids=repr)
def test_kappa_and_the_largest_changes_are_those_of_the_definition(game: TabularGame) -> None:
    found = sparsity(game)
    joint = list(itertools.product(range(game.n_pairs), repeat=game.n_others))
    neighbours = [
        (k, joint.index((*rho[:j], x, *rho[j + 1 :])))
        for k, rho in enumerate(joint)
        for j in range(game.n_others)
        for x in range(game.n_pairs)
    ]
    a, b = np.array(neighbours).T
    for table, pairs, change in zip(
        tables(game), (found.pairs_P, found.pairs_R), (found.C_1, found.C_2), strict=True
    ):  # fmt: skip
        assert [len(U) for U in pairs] == [fewest(table, own, joint, game.n_pairs) for own in range(game.n_pairs)]
        largest = np.abs(table[:, :, a] - table[:, :, b]).sum(axis=-1).max()
        assert largest <= change.value <= largest + 1e-12
    assert found.C_1_mean.value <= found.C_1.value + 1e-12
    assert found.C_2_mean.value <= found.C_2.value + 1e-12


def test_counts_and_tables_agree_on_sparsity() -> None:
    game = at_own_state(n_players=4)
    counts, table = sparsity(game), sparsity(game.tabular())
    assert (counts.pairs_P, counts.pairs_R) == (table.pairs_P, table.pairs_R)
    assert counts.C_2.value == pytest.approx(table.C_2.value, abs=1e-13)
    contagion = a_sis(n_players=5)
    found = sparsity(contagion)
    assert (found.kappa_P, found.kappa_R) == (1, 0)
    assert found.kappa == contagion.declared["kappa"].value
    assert found.C_1.value == pytest.approx(contagion.declared["C_1"].value, rel=1e-11)
    assert found.C_2.value == contagion.declared["C_2"].value == 0.0


def test_rock_paper_scissors_looks_at_seven_pairs_as_declared() -> None:
    game = a_rps(n_players=3, beta=0.0)
    assert sparsity(game).kappa == 7
    stakes = a_rps(n_players=3, beta=0.5, seed=1)
    found = sparsity(stakes)
    assert found.C_1.value == stakes.declared["C_1"].value == 0.0
    assert found.C_2.value == pytest.approx(stakes.declared["C_2"].value, rel=1e-11)
    assert game.declared["kappa"].value == 7.0


@pytest.mark.parametrize("family", dynamic_families())
@pytest.mark.parametrize("seed", [2, 5])
def test_alpha_and_beta_lie_between_their_bounds(family: str, seed: int) -> None:
    game = random_dynamic(family, seed)
    exact, above = heterogeneity(game), bounded_heterogeneity(game)
    below = sampled_heterogeneity(game, places=40, draws=400, seed=seed)  # false with probability 1e-6 at most
    for name in ("alpha", "beta"):
        assert getattr(below, name).value <= getattr(exact, name).value + 1e-12
        assert getattr(exact, name).value <= getattr(above, name).value + 1e-12
    assert not below.alpha.certified


def test_samples_find_a_clear_difference_and_count_functions_give_it_exactly() -> None:
    game = ordered_pair()
    below = sampled_heterogeneity(game, places=300, draws=4000, seed=0)
    assert 1.2 < below.alpha.value <= 5 / 3
    crowd = a_sis(n_players=50)
    found = sampled_heterogeneity(crowd, places=20)
    assert found.alpha.value == pytest.approx(0.1, abs=1e-9)  # attained where everybody is infected and out
    assert found.beta.value == pytest.approx(0.1, abs=1e-9)
    assert sampled_heterogeneity(crowd, places=20, seed=3) == sampled_heterogeneity(crowd, places=20, seed=3)


@pytest.mark.parametrize("error", [0.0, 1.0, -0.5])
def test_an_error_probability_outside_its_range_is_refused(error: float) -> None:
    with pytest.raises(InputError, match=r"must be in \(0, 1\)"):
        sampled_heterogeneity(ordered_pair(), error=error)


def test_what_cannot_be_enumerated_says_so() -> None:
    game = at_own_state(n_players=2000)
    with pytest.raises(InputError, match="bound kappa by D - 1"):
        sparsity(game)
    with pytest.raises(InputError, match="symmetric in the others"):
        bounded_heterogeneity(game)  # type: ignore[arg-type]


@pytest.mark.parametrize("family", ["dense", "symmetric", "affine"])
def test_lemma_2_as_repaired_bounds_the_modulus_on_the_lattice(family: str) -> None:
    """C_1 K/2 bounds the l1 modulus, and that of the averages is the modulus."""
    game = random_dynamic(family, 6)
    found, lattice = sparsity(game), symmetrise(game)
    slopes = np.abs(lattice.rewards[:, None] - lattice.rewards[None]).max(axis=(2, 3))
    distances = np.abs(lattice.lattice.distributions[:, None] - lattice.lattice.distributions[None]).sum(axis=-1)
    np.fill_diagonal(distances, np.inf)
    steepest = (slopes / distances).max()
    assert steepest <= found.C_2.value * game.n_others / 2 + 1e-12
    assert steepest == pytest.approx(found.C_2_mean.value * game.n_others / 2, rel=1e-9)
    assert induced_game(game).extension == "Kuhn"


def test_a_game_that_is_neither_tables_nor_counts_is_refused() -> None:
    with pytest.raises(InputError, match="TabularGame or a CountGame"):
        sparsity(None)  # type: ignore[arg-type]
    assert isinstance(at_own_state(), CountGame)
