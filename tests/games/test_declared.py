"""Declared constants are checked where a game is made, whatever its kind."""

from __future__ import annotations

from collections.abc import Callable
from typing import Any

import numpy as np
import pytest

import mfbounds as mb
from mfbounds.errors import InputError, UnknownNameError
from mfbounds.games.dynamic.counts import CountGame
from mfbounds.games.dynamic.finite_horizon import FiniteHorizonGame
from mfbounds.numbers import Constant, Provenance


def count_game(declared: Any) -> CountGame:
    return CountGame.of(
        np.full((1, 1, 2, 1), 1.0), lambda p, s, a, o: o[..., 0] / 4.0, n_players=5, n_states=1, n_actions=2, horizon=1,
        reward_range=(0, 1), declared=declared,
    )  # fmt: skip


def finite_horizon_game(declared: Any) -> FiniteHorizonGame:
    return FiniteHorizonGame.of(
        np.full((1, 2, 1), 1.0),
        lambda mu: mu,
        n_states=1,
        n_actions=2,
        horizon=1,
        reward_range=(0, 1),
        declared=declared,
    )


def mean_field_game(declared: Any) -> mb.MeanFieldGame:
    return mb.from_functions(
        np.full((1, 2, 1), 1.0), lambda mu: np.zeros((1, 2)), n_states=1, n_actions=2, gamma=0.5, eta=0.1,
        reward_range=(0, 1), declared=declared,
    )  # fmt: skip


GAMES = {"K_mu": count_game, "L_mu": finite_horizon_game, "L_r": mean_field_game}
GIVEN = pytest.mark.parametrize(("name", "build"), GAMES.items(), ids=["counts", "finite horizon", "discounted"])


@GIVEN
def test_numbers_count_as_declared_and_constants_are_kept(name: str, build: Callable[[Any], Any]) -> None:
    assert build(None).declared == {}
    (number,) = build({name: 1}).declared.values()
    assert (number.value, number.provenance) == (1.0, Provenance.DECLARED)
    known = Constant(value=0.5, provenance=Provenance.CERTIFIED, argument="by hand", exact=True)
    assert build({name: known}).declared[name] is known


@GIVEN
@pytest.mark.parametrize("declared", [[], ["K_mu"], [("K_mu", 1.0)], 0, 1.0, "K_mu", {"K_mu"}], ids=repr)
def test_only_mappings_are_accepted(name: str, build: Callable[[Any], Any], declared: Any) -> None:
    with pytest.raises(InputError, match=r"declared == .*, must be a mapping from names to numbers"):
        build(declared)


@GIVEN
def test_unknown_names_are_refused(name: str, build: Callable[[Any], Any]) -> None:
    for key in (name.lower() + "x", 3):
        with pytest.raises(UnknownNameError, match=rf"declared constant == .*known are.*{name}"):
            build({key: 1.0})


@GIVEN
@pytest.mark.parametrize(
    ("value", "told"),
    [
        ("1", "must be a real number"),
        (True, "must be a real number"),
        (None, "must be a real number"),
        ([1.0, 2.0], "must be a real number"),
        (np.nan, "must be finite"),
        (np.inf, "must be finite"),
        (-0.1, "must be >= 0"),
        (Constant(value=-1.0, provenance=Provenance.CERTIFIED, argument=""), "must be >= 0"),
        (Constant(value=np.nan, provenance=Provenance.CERTIFIED, argument=""), "must be >= 0"),
    ],
    ids=str,
)
def test_values_that_bound_nothing_are_refused(name: str, build: Callable[[Any], Any], value: Any, told: str) -> None:
    with pytest.raises(InputError, match=rf"declared\['{name}'\] == .*{told}"):
        build({name: value})


def test_slopes_may_be_below_zero() -> None:
    for build in (count_game, finite_horizon_game):
        assert build({"slope": -0.5}).declared["slope"].value == -0.5


def test_what_is_declared_of_a_dynamic_game_shows_in_its_constants() -> None:
    table = mb.constants(count_game({"K_mu": 0.0, "L_mu": 0.5, "alpha": 0, "beta": 0, "L_2": 1}))
    assert table["L_mu"].provenance is Provenance.DECLARED
    assert table["L_mu"].sharpened == 0.5


@pytest.mark.parametrize("name", ["lifted_kernel", "lifted_reward"])
def test_closed_forms_are_functions(name: str) -> None:
    with pytest.raises(InputError, match=f"{name} == 3, must be a function of mu"):
        CountGame.of(
            np.full((1, 1, 2, 1), 1.0), lambda p, s, a, o: o[..., 0] / 4.0, n_players=5, n_states=1, n_actions=2,
            horizon=1, reward_range=(0, 1), **{name: 3},
        )  # fmt: skip
