"""Dynamic games in files: tables bit by bit, games of a factory by their origin with a fingerprint."""

from __future__ import annotations

from collections.abc import Mapping
from typing import Any

import numpy as np

from mfbounds.errors import FileFormatError, InputError
from mfbounds.games.dynamic.catalogue import dynamic_catalogue, dynamic_from_origin
from mfbounds.games.dynamic.game import DynamicGame, IntArray
from mfbounds.games.dynamic.tabular import TabularGame
from mfbounds.games.game import Origin
from mfbounds.games.origins import plain

AGREEMENT = 1e-9
KINDS = ("tabular", "dynamic factory")
PROBES = 4  # joint state-actions at which a rebuilt game must agree with the stored one


def dynamic_header(game: DynamicGame) -> dict[str, Any]:
    """What a file says about a dynamic game, in JSON types."""
    origin = None if game.origin is None else [game.origin.factory, plain(game.origin.arguments)]
    kind = "tabular" if isinstance(game, TabularGame) else "dynamic factory"
    return {"kind": kind, "name": game.name, "origin": origin, "horizon": game.horizon}


def dynamic_arrays(game: DynamicGame) -> dict[str, Any]:
    """The arrays of a file.

    Raises:
        InputError: the game has neither tables nor an origin to be stored by.
    """
    common = {"start": game.start, "reward_range": np.array(game.reward_range)}
    if isinstance(game, TabularGame):
        return {"kernels": game.kernels, "rewards": game.reward_table, **common}
    if game.origin is None or game.origin.factory not in dynamic_catalogue():
        raise InputError(
            f"game == {game!r}, must be a TabularGame or made by a factory of mfbounds.games: functions of counts cannot "
            "be stored; keep the code that makes it"
        )
    return {**common, **_fingerprint(game)}


def dynamic_game(header: Mapping[str, Any], arrays: Mapping[str, Any]) -> DynamicGame:
    """The game of a header and its arrays.

    Raises:
        FileFormatError: the factory is not one of this package, or makes another game now.
    """
    origin = None if header["origin"] is None else Origin(str(header["origin"][0]), dict(header["origin"][1]))
    if header["kind"] == "tabular":
        game = TabularGame.of(
            arrays["kernels"],
            arrays["rewards"],
            horizon=header["horizon"],
            start=arrays["start"],
            reward_range=arrays["reward_range"],
            name=str(header["name"]),
        )
        object.__setattr__(game, "origin", origin)
        return game
    if origin is None or origin.factory not in dynamic_catalogue():  # a file must not choose other code to run
        raise FileFormatError(f"its factory {origin} is not one of mfbounds.games")
    built = dynamic_from_origin(origin)
    for key, value in {"start": built.start, **_fingerprint(built)}.items():
        if key not in arrays or not np.allclose(arrays[key], value, rtol=AGREEMENT, atol=AGREEMENT):
            raise FileFormatError(f"{origin} now makes a game with another {key}; use the release that saved it")
    return built


def _fingerprint(game: DynamicGame) -> dict[str, Any]:
    """Laws and rewards of the first players at a few joint state-actions."""
    states, actions = _probe(game.n_states, game), _probe(game.n_actions, game)
    return {"laws": game.laws(states, actions)[:, :50], "probe_rewards": game.rewards(states, actions)[:, :50]}


def _probe(n: int, game: DynamicGame) -> IntArray:
    steps = np.arange(PROBES)[:, None] + 1
    return (steps * np.arange(game.n_players) // (1 + steps)) % n
