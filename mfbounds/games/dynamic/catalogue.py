"""The dynamic games of this package by name."""

from __future__ import annotations

import inspect
from collections.abc import Callable, Mapping
from dataclasses import dataclass
from types import MappingProxyType
from typing import Any

from mfbounds.errors import InputError, UnknownNameError
from mfbounds.games.dynamic.affine import affine_players
from mfbounds.games.dynamic.congestion import congestion
from mfbounds.games.dynamic.game import DynamicGame
from mfbounds.games.dynamic.holdout import lone_holdout
from mfbounds.games.dynamic.random import random_dynamic
from mfbounds.games.dynamic.rps import a_rps
from mfbounds.games.dynamic.sis import a_sis
from mfbounds.games.dynamic.witnesses import at_own_state, motionless, one_shot, one_stays, ordered_pair, unbalanced
from mfbounds.games.game import Origin


@dataclass(frozen=True, kw_only=True)
class DynamicEntry:
    """A named dynamic game: its factory, its class in words, and what it is in one line."""

    factory: Callable[..., DynamicGame]
    kind: str
    summary: str
    source: str = "mfbounds"

    @property
    def parameters(self) -> tuple[str, ...]:
        """The names of the factory's arguments."""
        return tuple(inspect.signature(self.factory).parameters)


PAPER = "P2, Section 3 and Appendix E"


def a_taxi() -> DynamicGame:
    """A-Taxi, the paper's third benchmark: its place in the catalogue.

    Raises:
        InputError: always; the game is not available yet.
    """
    raise InputError(
        "game == 'a_taxi', must be another one for now: A-Taxi (more than 2^25 states a player, policies by neural "
        "networks) is not available yet; a_rps and a_sis are"
    )


_ENTRIES = (
    (
        random_dynamic,
        {"kind": "any", "summary": "a random game small enough to enumerate, of a named family"},
    ),
    (
        a_rps,
        {
            "kind": "counts",
            "summary": "A-RPS: rock, paper, scissors in a crowd, with players of different stakes",
            "source": PAPER,
        },
    ),
    (
        a_sis,
        {
            "kind": "counts",
            "summary": "A-SIS: an epidemic among players that may stay at home, each with its own risks",
            "source": PAPER,
        },
    ),
    (
        congestion,
        {
            "kind": "counts",
            "summary": "a congestion game: every player has payoffs of its own that fall with the crowd at its pair",
            "source": "P2, Example 1 and Appendix D.1",
        },
    ),
    (
        affine_players,
        {"kind": "counts", "summary": "laws and rewards affine in the crowd, a little different for every player"},
    ),
    (ordered_pair, {"kind": "tabular", "summary": "three players, one of whom minds the order of the others"}),
    (one_stays, {"kind": "tabular", "summary": "one player stays where the others leave for good"}),
    (unbalanced, {"kind": "counts", "summary": "two steps in which a player profits from an unbalanced crowd"}),
    (one_shot, {"kind": "counts", "summary": "one step in which a player profits from an unbalanced crowd"}),
    (motionless, {"kind": "counts", "summary": "two states, and nobody ever moves"}),
    (at_own_state, {"kind": "counts", "summary": "a beach bar in small: the crowd at the own state, whatever it does"}),
    (lone_holdout, {"kind": "counts", "summary": "one player stays where a crowd of any size leaves for good"}),
    (
        a_taxi,
        {
            "kind": "not available yet",
            "summary": "A-Taxi: taxis that choose a zone; not available yet",
            "source": PAPER,
        },
    ),
)


def dynamic_catalogue() -> Mapping[str, DynamicEntry]:
    """The factories of dynamic games by name.

    Example:
        >>> dynamic_catalogue()["random_dynamic"].summary
        'a random game small enough to enumerate, of a named family'
    """
    return MappingProxyType({factory.__name__: DynamicEntry(factory=factory, **words) for factory, words in _ENTRIES})


def build_dynamic(name: str, **arguments: Any) -> DynamicGame:
    """The dynamic game of that name.

    Raises:
        UnknownNameError: the game or an argument is not known.
        InputError: the name is that of a mean-field game, an argument breaks a rule, or a necessary one is missing.
    """
    entries = dynamic_catalogue()
    if name not in entries:
        from mfbounds.games.catalogue import catalogue  # which asks this one for its names in turn

        if name in catalogue():
            raise InputError(
                f"game == {name!r}, must be a dynamic game of N players: it is a mean-field game; "
                "mfbounds.games.build makes those"
            )
        raise UnknownNameError("dynamic game", name, entries)
    entry = entries[name]
    for key in arguments:
        if key not in entry.parameters:
            raise UnknownNameError(f"argument of {name}", key, entry.parameters)
    try:
        inspect.signature(entry.factory).bind(**arguments)
    except TypeError as error:
        raise InputError(f"arguments of {name}: {error}") from None
    return entry.factory(**arguments)


def dynamic_from_origin(origin: Origin) -> DynamicGame:
    """The game that the origin tells how to build."""
    return build_dynamic(origin.factory, **origin.arguments)
