"""Games by name: from the catalogue, a file, a module; and back from their origin."""

from __future__ import annotations

import contextlib
import json
from collections.abc import Callable
from pathlib import Path

import numpy as np
import pytest

from mfbounds.errors import InputError, UnknownNameError
from mfbounds.games import files
from mfbounds.games.catalogue import build, catalogue, from_origin, paper_games
from mfbounds.games.dynamic.catalogue import build_dynamic
from mfbounds.games.game import MeanFieldGame, Origin
from mfbounds.games.random import two_doors

NEEDED = {"random_game": {"family": "garnet", "seed": 3}, "random_affine": {"seed": 3}, "garnet": {"seed": 3}}

MODULE = """
import numpy as np
from mfbounds.games import AffineGame, two_doors

def doors(gamma=0.5):
    return AffineGame(np.full((2, 2, 2), 0.5), np.zeros((2, 2)), gamma=gamma, eta=1.0)

def ours():
    return two_doors()

def nothing():
    return 3
"""


@pytest.fixture
def module(tmp_path: Path) -> Path:
    path = tmp_path / "mine.py"
    path.write_text(MODULE)
    return path


@pytest.mark.parametrize("name", catalogue())
def test_every_name_builds_and_rebuilds(name: str) -> None:
    game = build(name, **NEEDED.get(name, {}))
    assert isinstance(game, MeanFieldGame)
    assert game.origin.factory == name
    changed = game.replace(gamma=0.25, start=np.eye(game.n_states)[0], name="changed")
    for original in (game, changed):
        again = from_origin(Origin(name, json.loads(json.dumps(dict(original.origin.arguments)))))
        assert (again.gamma, again.eta, again.name) == (original.gamma, original.eta, original.name)
        assert again.origin.factory == name
        np.testing.assert_array_equal(again.start, original.start)
        np.testing.assert_array_equal(again.reward(again.start), original.reward(again.start))
    assert catalogue()[name].summary
    assert set(NEEDED.get(name, {})) <= set(catalogue()[name].parameters)


def test_paper_games() -> None:
    games = paper_games()
    assert len(games) == 20
    assert sorted({game.n_states for game in games.values()}) == [14, 22, 104]
    assert {(game.gamma, game.eta) for game in games.values()} == {(0.9, 0.05), (0.9, 0.3)}
    target = games["four_rooms target kappa=0.4 eta=0.3"]
    assert target.layout["target"] == [10, 10]
    assert target.origin.arguments["kappa"] == 0.4


def test_build_from_a_file(tmp_path: Path) -> None:
    path = files.save(two_doors(gamma=0.3), tmp_path / "game.npz")
    assert build(str(path)).gamma == 0.3
    with pytest.raises(InputError, match="already built"):
        build(str(path), gamma=0.5)


def test_build_from_a_module(module: Path) -> None:
    game = build(f"{module}:doors", gamma=0.25)
    assert game.gamma == 0.25
    assert game.origin == Origin(f"{module}:doors", {"gamma": 0.25})
    assert from_origin(game.replace(eta=3.0).origin).eta == 3.0
    assert build(f"{module}:ours").origin.factory == "two_doors"


def test_modules_that_make_no_game(module: Path) -> None:
    with pytest.raises(InputError, match="returned int"):
        build(f"{module}:nothing")
    with pytest.raises(UnknownNameError, match="did you mean 'doors'"):
        build(f"{module}:door")
    with pytest.raises(UnknownNameError, match="'gama'"):
        build(f"{module}:doors", gama=0.5)
    with pytest.raises(InputError, match="there is none"):
        build(f"{module.with_name('yours.py')}:doors")


def test_a_module_without_functions_is_told_from_one_without_that_function(tmp_path: Path) -> None:
    empty = tmp_path / "empty.py"
    empty.write_text("gamma = 0.5\n")
    with pytest.raises(InputError, match=r"empty.py', must hold a function 'doors': it holds none$"):
        build(f"{empty}:doors")


@pytest.mark.parametrize(("one", "name", "other"), [(build, "a_rps", build_dynamic), (build_dynamic, "sis", build)])
def test_names_of_games_of_the_other_kind_tell_who_builds_them(one: Callable, name: str, other: Callable) -> None:
    with pytest.raises(InputError, match=rf"game == '{name}', must be a .*mfbounds.games.{other.__name__} makes those"):
        one(name)
    assert other(name).n_states > 1


@pytest.mark.parametrize(
    ("name", "arguments", "nearest"),
    [("four_room", {}, "four_rooms"), ("four_rooms", {"kapa": 0.1}, "kappa"), ("random_game", {"famly": 1}, "family")],
)
def test_unknown_names_suggest_the_nearest(name: str, arguments: dict, nearest: str) -> None:
    with pytest.raises(UnknownNameError, match=f"did you mean '{nearest}'"):
        build(name, **arguments)


def test_missing_arguments_are_named() -> None:
    with pytest.raises(InputError, match="seed is missing"):
        build("garnet")


def test_not_a_name() -> None:
    with pytest.raises(InputError):
        build(3)


ANYTHING = (None, "x", [], {}, float("nan"), float("inf"), -1, 0, 1.5, True, 10**400, np.array([1, 2]), object(), 1j)


@pytest.mark.parametrize("name", catalogue())
def test_every_argument_is_checked(name: str) -> None:
    """Whatever an argument is, the factory makes a game or says what is wrong with it."""
    for key in catalogue()[name].parameters:
        for value in ANYTHING:
            with contextlib.suppress(InputError):
                game = build(name, **{**NEEDED.get(name, {}), key: value})
                assert isinstance(game, MeanFieldGame)
                assert json.dumps(dict(game.origin.arguments))
