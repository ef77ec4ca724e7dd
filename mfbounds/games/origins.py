"""Origins in JSON types, so that they survive files, reports and command lines."""

from __future__ import annotations

from collections.abc import Mapping
from copy import copy
from typing import Any

import numpy as np

from mfbounds.games.game import MeanFieldGame, Origin


def origin_of(factory: str, arguments: Mapping[str, Any]) -> Origin:
    """The origin of a game that `factory` makes of `arguments`."""
    return Origin(factory, {key: plain(value) for key, value in arguments.items()})


def with_origin(game: MeanFieldGame, origin: Origin) -> MeanFieldGame:
    """A copy of the game that states this origin; everything else is shared."""
    result = copy(game)
    object.__setattr__(result, "origin", origin)
    return result


def plain(value: Any) -> Any:
    """Arrays and tuples as lists, NumPy numbers as Python's; everything else as it is."""
    if isinstance(value, np.ndarray | np.generic):
        return value.tolist()
    if isinstance(value, Mapping):
        return {key: plain(item) for key, item in value.items()}
    return [plain(item) for item in value] if isinstance(value, list | tuple) else value
