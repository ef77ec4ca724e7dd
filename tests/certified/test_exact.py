"""Reading a game exactly: float64 numbers as what they store, fractions as what they say, nothing else."""

from __future__ import annotations

from fractions import Fraction

import numpy as np
import pytest
from flint import fmpq

from mfbounds.certified import RationalGame
from mfbounds.certified.exact import MAX_STATES, binary, distribution, rational, read
from mfbounds.errors import InputError, NotCertifiableError
from mfbounds.games import AffineGame
from mfbounds.games.catalogue import build
from mfbounds.games.game import from_functions
from mfbounds.games.random import random_game, two_doors
from tests.certified.oracles import exactly


def as_fraction(value: fmpq) -> Fraction:
    return Fraction(int(value.p), int(value.q))


@pytest.mark.parametrize("value", [0.1, 1.0, 2.0**-1074, 1e308, -0.3])
def test_a_float_is_the_binary_rational_it_stores(value: float) -> None:
    assert as_fraction(binary(value)) == Fraction(value)


def test_rows_are_divided_by_their_exact_sums() -> None:
    row = np.array([0.9, 0.1])
    assert sum(Fraction(x) for x in row) != 1, "the point of the test"
    found = [as_fraction(x) for x in distribution(row)]
    assert found == exactly(row)
    assert sum(found) == 1


def test_a_game_of_floats_says_how_it_was_read() -> None:
    game = two_doors()
    found = read(game)
    assert "divided by their exact sums" in found.reading
    kernel = found.kernels[0].tolist()
    assert [[as_fraction(x) for x in row] for row in kernel] == exactly(np.asarray(game.fixed_kernel).reshape(4, 2))
    dyadic = AffineGame([[[0.5, 0.5]], [[0.25, 0.75]]], [[0.0], [1.0]], gamma=0.5, eta=1.0)
    assert read(dyadic).reading == "float64 numbers as the binary rationals that they store"


def test_vertices_and_sparse_kernels_are_read() -> None:
    coupled = random_game("dense", 0)
    assert len(read(coupled).kernels) == coupled.n_states
    sparse = random_game("garnet", 4)
    kernel = sparse.kernel(sparse.start)
    found = read(sparse)
    if len(found.kernels) == 1:
        dense = kernel.toarray() if hasattr(kernel, "toarray") else np.asarray(kernel).reshape(-1, sparse.n_states)
        assert [[as_fraction(x) for x in row] for row in found.kernels[0].tolist()] == exactly(dense)


def test_texts_and_fractions_mean_what_they_say() -> None:
    doors = [[["9/10", "0.1"], [Fraction(1, 10), "0.9"]]] * 2
    game = RationalGame(doors, [["1/3", 0], [0, 1]], gamma="9/10", eta="0.1", start=["1/3", "2/3"])
    assert game.exact.reading == "rational numbers as given"
    assert as_fraction(game.exact.kernels[0][0, 0]) == Fraction(9, 10)
    assert (game.gamma, game.start.tolist()) == (0.9, [1 / 3, 2 / 3])
    assert [as_fraction(x) for x in game.exact.start] == [Fraction(1, 3), Fraction(2, 3)]
    assert read(game) is game.exact
    colder = game.replace(eta=0.25, start=[0.5, 0.5])
    assert (colder.exact.eta, colder.exact.start) == (fmpq(1, 4), (fmpq(1, 2), fmpq(1, 2)))
    assert colder.exact.gamma == fmpq(9, 10)


def test_rational_rows_are_not_repaired() -> None:
    with pytest.raises(InputError, match=r"kernels\[1, 0\]\.sum\(\) == 999/1000, must be 1 exactly"):
        RationalGame([[["1/2", "1/2"]], [["1/2", "499/1000"]]], [[0], [0]], gamma=0, eta=1)


@pytest.mark.parametrize("value", ["a half", None, True, "1/0", float("nan"), float("inf")])
def test_what_is_no_rational_number_is_refused(value: object) -> None:
    with pytest.raises(InputError, match=r"gamma == .*, must be a rational number"):
        rational(value, "gamma")


def test_games_given_by_code_and_large_games_are_refused() -> None:
    crowd = from_functions(
        np.ones((1, 1, 1)), lambda mu: mu[:, None], n_states=1, n_actions=1, gamma=0.5, eta=1.0, reward_range=(0.0, 1.0)
    )
    with pytest.raises(NotCertifiableError, match=r"reward of .* == code, must be data"):
        read(crowd)
    with pytest.raises(NotCertifiableError, match=rf"S == \d+, must be <= {MAX_STATES}"):
        read(build("four_rooms"))


@pytest.mark.parametrize("where", ["gamma", "eta", "rewards", "kernels"])
def test_a_rational_number_that_is_0_as_a_float_only_is_refused(where: str) -> None:
    tiny = Fraction(1, 10**400)
    data = {"kernels": [[[1, 0]], [[0, 1]]], "rewards": [[0], [1]], "gamma": "1/2", "eta": 1}
    data |= {"rewards": [[0], [tiny]]} if where == "rewards" else {"kernels": [[[1 - tiny, tiny]], [[0, 1]]]}
    data |= {where: tiny} if where in ("gamma", "eta") else {}
    with pytest.raises(InputError, match="in float64, must be 0 or at least 5e-324"):
        RationalGame(**data)


def test_a_replaced_number_may_be_a_text() -> None:
    game = RationalGame([[[1, 0]], [[0, 1]]], [[0], [1]], gamma="1/2", eta=1).replace(gamma="1/3", eta="0.1")
    assert (game.exact.gamma, game.exact.eta) == (fmpq(1, 3), fmpq(1, 10))
    assert (game.gamma, game.eta) == (1 / 3, 0.1)


def test_a_reward_range_of_arrays_holds_without_slack() -> None:
    """1e-12 of 1e6 is far more than rewards that differ by 5e-7: with R = 0 every bound would be violated."""
    with pytest.raises(InputError, match="widen reward_range"):
        from_functions(
            np.array([[[0.9, 0.1], [0.1, 0.9]]] * 2), 1e6 + np.array([[5e-7, 0.0], [0.0, 0.0]]), n_states=2, n_actions=2,
            gamma=0.5, eta=1e-8, reward_range=(1e6, 1e6),
        )  # fmt: skip
