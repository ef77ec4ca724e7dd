"""Games by name: the factories of this package, a file, or a factory in a file of yours."""

from __future__ import annotations

import importlib.util
import inspect
import itertools
import os
from collections.abc import Callable, Mapping
from dataclasses import dataclass
from pathlib import Path
from types import MappingProxyType
from typing import Any

from mfbounds.errors import InputError, UnknownNameError
from mfbounds.games.crowd import crowd_grid, four_rooms
from mfbounds.games.game import MeanFieldGame, Origin
from mfbounds.games.islands import two_islands
from mfbounds.games.origins import origin_of, with_origin
from mfbounds.games.random import garnet, random_affine, random_game, two_doors


@dataclass(frozen=True, kw_only=True)
class Entry:
    """A named game: its factory, what it is in one line, and where it comes from."""

    factory: Callable[..., MeanFieldGame]
    summary: str
    source: str

    @property
    def parameters(self) -> tuple[str, ...]:
        """The names of the factory's arguments."""
        return tuple(inspect.signature(self.factory).parameters)


def catalogue() -> Mapping[str, Entry]:
    """The factories of this package by name.

    Example:
        >>> catalogue()["two_doors"].summary
        'two doors that attract: several equilibria although L_P = 0'
    """
    entries: list[tuple[Callable[..., MeanFieldGame], str, str]] = [
        (crowd_grid, "crowd aversion on a 5x5 grid with walls and a point of interest", "P1, Section 6"),
        (four_rooms, "crowd aversion in four rooms, 104 states at 11x11", "P1, Appendix F"),
        (two_islands, "crowd aversion on two islands joined by a bridge", "P1, Appendix F"),
        (two_doors, "two doors that attract: several equilibria although L_P = 0", "mfbounds"),
        (random_game, "a game of a named random family", "mfbounds"),
        (random_affine, "a dense random game", "mfbounds"),
        (garnet, "a sparse random game: Garnet, coupled to the population", "mfbounds"),
    ]
    return MappingProxyType(
        {factory.__name__: Entry(factory=factory, summary=text, source=source) for factory, text, source in entries}
    )


def build(name: str | os.PathLike[str], **arguments: Any) -> MeanFieldGame:
    """A game from the catalogue, from a file that `games.save` wrote, or from a factory of yours.

    Args:
        name: a name of `catalogue()`, a path that ends in .npz, or "path/module.py:factory" (its code is run; the game
            gets this call as its origin if it has none).
        arguments: what the factory takes; none for a file.

    Raises:
        UnknownNameError: the name or an argument is not known.
        InputError: the file does not exist or the factory returns something else than a game.
        FileFormatError: the file holds no game.

    Example:
        >>> build("four_rooms", kappa=0.4)
        <four_rooms: S=104, A=5, gamma=0.9, eta=0.05>
    """
    name = os.fspath(name) if isinstance(name, os.PathLike) else str(name)
    if name.endswith(".npz"):
        from mfbounds.games.files import load  # files builds games by name in turn

        if arguments:
            raise InputError(f"arguments == {arguments}, must be empty: a game from a file is already built")
        return load(name)
    path, colon, function = name.rpartition(":")
    if colon and path.endswith(".py"):
        game = _built(_factory_in(Path(path), function), name, arguments)
        return game if game.origin else with_origin(game, origin_of(name, arguments))
    if name not in (entries := catalogue()):
        raise UnknownNameError("game", name, entries)
    return _built(entries[name].factory, name, arguments)


def from_origin(origin: Origin) -> MeanFieldGame:
    """The game that the origin tells how to build, changes made by `replace` included.

    Raises:
        UnknownNameError, InputError: as `build`.

    Example:
        >>> game = build("two_doors").replace(gamma=0.5)
        >>> from_origin(game.origin)
        <two_doors: S=2, A=2, gamma=0.5, eta=0.1>
    """
    arguments = dict(origin.arguments)
    changes = arguments.pop("replace", None)
    game = build(origin.factory, **arguments)
    return game.replace(**changes) if changes else game


def paper_games() -> Mapping[str, MeanFieldGame]:
    """The games of the paper's experiments (P1, Section 6, Appendix F, Table 1), by name.

    The 5x5 grid and the four rooms, each with and without a point of interest in the bottom-right corner, and the two
    islands; kappa in {0.2, 0.4} and eta in {0.05, 0.3}.

    Example:
        >>> list(paper_games())[:2]
        ['crowd_grid kappa=0.2 eta=0.05', 'crowd_grid kappa=0.2 eta=0.3']
    """
    kinds: list[tuple[Callable[..., MeanFieldGame], dict[str, Any]]] = [
        (crowd_grid, {}),
        (crowd_grid, {"target": (4, 4)}),
        (four_rooms, {}),
        (four_rooms, {"target": (10, 10)}),
        (two_islands, {}),
    ]
    games: dict[str, MeanFieldGame] = {}
    for (factory, options), kappa, eta in itertools.product(kinds, (0.2, 0.4), (0.05, 0.3)):
        game = factory(kappa=kappa, eta=eta, **options)
        games[f"{game.name} kappa={kappa} eta={eta}"] = game
    return MappingProxyType(games)


def _built(factory: Callable[..., Any], name: str, arguments: Mapping[str, Any]) -> MeanFieldGame:
    parameters = inspect.signature(factory).parameters
    open_ended = any(p.kind is p.VAR_KEYWORD for p in parameters.values())
    for key in arguments:
        if key not in parameters and not open_ended:
            raise UnknownNameError(f"argument of {name}", key, parameters)
    for key, parameter in parameters.items():
        optional = parameter.default is not parameter.empty or parameter.kind in (
            parameter.VAR_KEYWORD,
            parameter.VAR_POSITIONAL,
        )
        if key not in arguments and not optional:
            raise InputError(f"{key} is missing, must be given: {name} needs it")
    game = factory(**arguments)
    if not isinstance(game, MeanFieldGame):
        raise InputError(f"{name} returned {type(game).__name__}, must return a MeanFieldGame")
    return game


def _factory_in(path: Path, function: str) -> Callable[..., Any]:
    if not path.is_file():
        raise InputError(f"module == {str(path)!r}, must be a Python file: there is none")
    spec = importlib.util.spec_from_file_location(path.stem, path)
    assert spec is not None
    assert spec.loader is not None
    module = importlib.util.module_from_spec(spec)
    spec.loader.exec_module(module)
    factory = getattr(module, function, None)
    if not callable(factory):
        known = [key for key, value in vars(module).items() if inspect.isfunction(value)]
        raise UnknownNameError(f"factory in {path}", function, known)
    return factory  # type: ignore[no-any-return]
