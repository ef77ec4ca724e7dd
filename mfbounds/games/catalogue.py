"""Games by name: the factories of this package, a file, or a factory in a file of yours."""

from __future__ import annotations

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
from mfbounds.games.delay import delayed_crowds
from mfbounds.games.epidemic import sis
from mfbounds.games.factories import called, factory_in
from mfbounds.games.game import MeanFieldGame, Origin
from mfbounds.games.islands import two_islands
from mfbounds.games.kinetic import kinetic_congestion
from mfbounds.games.line import monotone_chain, potential_ring
from mfbounds.games.matching import coordination, rock_paper_scissors
from mfbounds.games.origins import origin_of, with_origin
from mfbounds.games.random import garnet, random_affine, random_game, two_doors
from mfbounds.games.weak import contractive, no_interaction


@dataclass(frozen=True, kw_only=True)
class Entry:
    """A named game.

    Attributes:
        factory: makes it.
        kind: its structural class, in words.
        summary: what it is, in one line.
        theory: which results apply to it, in one line.
        source: where it comes from.
    """

    factory: Callable[..., MeanFieldGame]
    kind: str
    summary: str
    theory: str
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
        >>> catalogue()["monotone_chain"].kind
        'Lasry-Lions monotone'
    """
    return MappingProxyType({factory.__name__: Entry(factory=factory, **words) for factory, words in _ENTRIES})


def _words(kind: str, summary: str, theory: str, source: str = "mfbounds") -> dict[str, str]:
    return {"kind": kind, "summary": summary, "theory": theory, "source": source}


CROWDS = "crowd-averse: monotone"
MONOTONE = (
    "with the default values one equilibrium was found from 20 starts; a monotone reward makes it the only one over a finite "
    "horizon or for the average reward, but need not where rewards are discounted: see delayed_crowds"
)
RANDOM = "as the constants say; all certified, the game being affine in mu"
NO_PROMISE = "A-2 fails: several equilibria, and what is found depends on the start"

_ENTRIES: tuple[tuple[Callable[..., MeanFieldGame], dict[str, str]], ...] = (
    (
        crowd_grid,
        _words(CROWDS, "crowd aversion on a 5x5 grid with walls and a point of interest", MONOTONE, "P1, Section 6"),
    ),
    (four_rooms, _words(CROWDS, "crowd aversion in four rooms, 104 states at 11x11", MONOTONE, "P1, Appendix F")),
    (two_islands, _words(CROWDS, "crowd aversion on two islands joined by a bridge", MONOTONE, "P1, Appendix F")),
    (
        two_doors,
        _words("several equilibria", "two doors that attract: several equilibria although L_P = 0", NO_PROMISE),
    ),
    (coordination, _words("several equilibria", "conventions that are worth more the more follow them", NO_PROMISE)),
    (
        delayed_crowds,
        _words(
            "several equilibria",
            "crowd aversion, a room soon or another late: three equilibria",
            NO_PROMISE + "; the reward is strictly monotone all the same",
        ),
    ),
    (
        no_interaction,
        _words(
            "no interaction", "a random Markov decision process", "K_pi = 0: A-2 by mixing alone, C.1 and C.5 apply"
        ),
    ),
    (
        contractive,
        _words(
            "contractive", "a random game with weak interaction", "A-2 certified at M = 1: all theorems of P1 apply"
        ),
    ),
    (
        monotone_chain,
        _words("Lasry-Lions monotone", "a slope with aversion to crowds nearby", MONOTONE + "; A-2 is not implied"),
    ),
    (
        rock_paper_scissors,
        _words(
            "zero-sum",
            "three states that beat each other in a circle",
            "monotone, not strictly; one equilibrium, as moves ignore one's state; policy iteration turns in circles",
            "Cui, Koeppl 2021",
        ),
    ),
    (
        potential_ring,
        _words(
            "potential",
            "company in one's cell, crowds next door",
            "of the average reward, equilibria are the critical points of the potential; discounted, they need not be",
        ),
    ),
    (
        kinetic_congestion,
        _words("kinetic congestion", "crowds slow movement on a ring", "L_P > 0, certified; not monotone"),
    ),
    (
        sis,
        _words(
            "epidemic",
            "susceptible or infected, infection as likely as it is common",
            "L_P > 0, certified; with one action the endemic share is 1 - recovery/infection",
            "Cui, Koeppl 2021",
        ),
    ),
    (random_game, _words("20 random families", "a game of a named random family", RANDOM)),
    (random_affine, _words("dense", "a dense random game", RANDOM)),
    (garnet, _words("sparse (MF-Garnet)", "a sparse random game: Garnet, coupled to the population", RANDOM)),
)


def build(name: str | os.PathLike[str], **arguments: Any) -> MeanFieldGame:
    """A game from the catalogue, from a file that `games.save` wrote, or from a factory of yours.

    Args:
        name: a name of `catalogue()`, a path that ends in .npz, or "path/module.py:factory" (its code is run; the game
            gets this call as its origin if it has none).
        arguments: what the factory takes; none for a file.

    Raises:
        UnknownNameError: the name or an argument is not known.
        InputError: the file does not exist, the factory returns something else than a game, or the name is that of a
            dynamic game.
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
        game = _built(factory_in(Path(path), function), name, arguments)
        return game if game.origin else with_origin(game, origin_of(name, arguments))
    if name not in (entries := catalogue()):
        from mfbounds.games.dynamic.catalogue import dynamic_catalogue  # which asks this one for its names in turn

        if name in dynamic_catalogue():
            raise InputError(
                f"game == {name!r}, must be a mean-field game: it is a dynamic game of N players; "
                "mfbounds.games.build_dynamic makes those"
            )
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
    game = called(factory, name, arguments)
    if not isinstance(game, MeanFieldGame):
        from mfbounds.games.dynamic.game import DynamicGame

        saved = "; a dynamic game is taken from a file that mfbounds.games.save wrote"
        advice = saved if isinstance(game, DynamicGame) else ""
        raise InputError(f"{name} returned {type(game).__name__}, must return a MeanFieldGame{advice}")
    return game
