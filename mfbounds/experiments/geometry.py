"""How a population lies on its game: how spread it is, how much of it is where."""

from __future__ import annotations

from collections.abc import Mapping
from typing import Any

import numpy as np
from scipy.special import entr

from mfbounds.checks import FloatArray

NEAR = 2  # moves


def effective_states(mu: FloatArray) -> float:
    """exp(entropy): as many states would hold the population evenly.

    Example:
        >>> effective_states(np.array([0.5, 0.5, 0.0]))
        2.0
    """
    return float(np.exp(entr(mu).sum()))


def near_target(layout: Mapping[str, Any], mu: FloatArray) -> float:
    """The share of players within two moves of the point of interest, walls not counted; the cells with a bonus."""
    return float(mu[_near(layout)].sum())


def uniform_near_target(layout: Mapping[str, Any]) -> float:
    """`near_target` of the even spread."""
    return float(_near(layout).mean())


def _near(layout: Mapping[str, Any]) -> Any:
    cells, target = np.asarray(layout["cells"]), np.asarray(layout["target"])
    return np.abs(cells - target).sum(axis=1) <= NEAR


def on_second_island(mu: FloatArray) -> float:
    """The share of players on the second half of the states."""
    return float(mu[len(mu) // 2 :].sum())


def where(layout: Mapping[str, Any], mu: FloatArray) -> float:
    """The share that a game's claim is about: on the second island of a graph, or near a grid's target; else NaN."""
    if layout.get("kind") == "graph":
        return on_second_island(mu)
    return near_target(layout, mu) if layout.get("target") is not None else float("nan")
