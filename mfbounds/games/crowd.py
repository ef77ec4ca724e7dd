"""Crowd modelling on grids: the 5x5 grid and the four rooms of the paper (P1, Section 6 and Appendix F).

A state is a free cell, numbered row by row; the actions are `ACTIONS`. Moves do not depend on mu, so L_P = 0. Where the
paper leaves a choice open, it is an option and the default is the plainest reading:

- The crowd term is -kappa log mu(s) of the *current* cell (its formula) or of the next one (its words): `crowding`.
- Slips go to all four other actions, or to those alone that are not blocked ("a different valid move"): `slip_over`.
- A blocked move leaves the player in place, or its probability is spread evenly over the moves that are not blocked
  (staying included): `blocked`.
- "Clustered in the top-left corner" is one cell, or the 2x2 block there: `start`.

With no target, ``blocked="stay"`` and ``slip_over="all"`` an equilibrium is known in closed form, whatever kappa and
the walls: mu* is uniform and pi*(.|s) = softmax(Gamma/eta). A policy that is the same in all cells and gives the four
moves equal probability makes the chain symmetric, so it keeps the uniform law; and there the crowd term is constant.
That it is the only one is not proved: the crowd term is monotone (that of the current cell; strictly above the floor),
but that says nothing of uniqueness where rewards are discounted, see `mfbounds.games.delay`. From 20 starts no other was
found, with the default values.
"""

from __future__ import annotations

from collections.abc import Iterable
from typing import Any

import numpy as np

from mfbounds.checks import FloatArray, check_count, check_real
from mfbounds.errors import InputError
from mfbounds.games.crowding import Crowding, check_floor, check_kappa, own_density
from mfbounds.games.game import MeanFieldGame, from_functions
from mfbounds.games.grid import ACTIONS, Cell, Grid, room_walls
from mfbounds.games.options import check_choice
from mfbounds.games.origins import origin_of, plain

BONUS = (0.2, -0.2, -0.2, -0.2, -0.2)  # Gamma(a), reward units
STARTS = ("corner", "cluster", "uniform")
CHOICES = {"slip_over": ("all", "valid"), "blocked": ("stay", "redistribute"), "crowding": ("current", "next")}


def crowd_grid(
    *,
    kappa: float = 0.2,
    eta: float = 0.05,
    gamma: float = 0.9,
    size: int = 5,
    walls: Iterable[Cell] = ((1, 2), (2, 2), (3, 2)),
    target: Cell | None = None,
    slip: float = 0.1,
    slip_over: str = "all",
    blocked: str = "stay",
    crowding: str = "current",
    floor: float | None = None,
    start: str | Cell = "corner",
) -> MeanFieldGame:
    """Players on a grid who avoid walls and crowds (P1, Section 6): r = crowd term + Gamma(a) + attraction of a target.

    Args:
        kappa: crowd-aversion weight >= 0, reward units; 0 gives a game without interaction.
        eta: entropy temperature > 0 (reward units per nat).
        gamma: discount factor in [0, 1).
        size: the grid has size x size cells; (row, column) are counted from 0 at the top left.
        walls: cells that cannot be entered; the others must be connected.
        target: cell with bonus max(0.3 - 0.1 * l1 distance, 0); the paper's is the bottom-right corner.
        slip: probability in [0, 1] that another action than the chosen one is carried out.
        slip_over: "all" four other actions, or the "valid" ones (not blocked; staying is never blocked).
        blocked: what a blocked move does: "stay", or "redistribute" over the moves of this cell that are valid.
        crowding: density of the "current" cell, or expected over the "next" one.
        floor: densities below it count as equal to it, in (0, 1); default 1e-3/S. See `mfbounds.games.crowding`.
        start: mu0: all at the free cell nearest to the top-left "corner", evenly over the free cells of the 2x2 block
            there ("cluster"), "uniform", or all at one cell (row, column).

    Raises:
        InputError: a value breaks an input rule, or the walls disconnect the grid.
        UnknownNameError: an option has no such choice.

    Example:
        >>> game = crowd_grid(target=(4, 4))
        >>> game
        <crowd_grid target: S=22, A=5, gamma=0.9, eta=0.05>
        >>> f"{game.declared['L_r'].value:.0f}"       # 0.2 / floor * sqrt(1 - 1/22)
        '4299'
    """
    arguments = dict(locals())
    grid = Grid.with_walls(check_count(size, "size"), walls)
    arguments["walls"] = grid.walls
    return _crowd_game("crowd_grid", grid, arguments)


def four_rooms(
    *,
    kappa: float = 0.2,
    eta: float = 0.05,
    gamma: float = 0.9,
    size: int = 11,
    target: Cell | None = None,
    slip: float = 0.1,
    slip_over: str = "all",
    blocked: str = "stay",
    crowding: str = "current",
    floor: float | None = None,
    start: str | Cell = "corner",
) -> MeanFieldGame:
    """Four rooms divided by the middle row and column, with a door in the middle of each wall (P1, Appendix F).

    `size` is odd and >= 3; there are (size-1)^2 + 4 free cells: 104, 404, 1604, 6404 at size 11, 21, 41, 81. The other
    arguments are those of `crowd_grid`.

    Raises:
        InputError, UnknownNameError: as `crowd_grid`; also for an even size.

    Example:
        >>> four_rooms(target=(10, 10)).n_states
        104
    """
    arguments = dict(locals())
    return _crowd_game("four_rooms", Grid.with_walls(check_count(size, "size", least=3), room_walls(size)), arguments)


def _crowd_game(factory: str, grid: Grid, arguments: dict[str, Any]) -> MeanFieldGame:
    kappa, slip = check_kappa(arguments["kappa"]), check_real(arguments["slip"], "slip")
    if not 0.0 <= slip <= 1.0:
        raise InputError(f"slip == {slip}, must be in [0, 1]: it is a probability")
    for key, known in CHOICES.items():
        check_choice(arguments[key], key, known)
    floor = check_floor(arguments["floor"], len(grid.cells))
    arguments = {**arguments, "floor": floor}  # a game states the floor that it has, not that none was asked for
    kernel = grid.kernel(slip, arguments["slip_over"], arguments["blocked"])
    exposure = kernel * kappa if arguments["crowding"] == "next" else own_density(np.full(len(grid.cells), kappa))
    target = arguments["target"]
    reward = Crowding(exposure=exposure, base=np.array(BONUS) + _attraction(grid, target)[:, None], floor=floor)
    return from_functions(
        kernel,
        reward if kappa > 0.0 else reward.base,
        n_states=len(grid.cells),
        n_actions=len(ACTIONS),
        gamma=arguments["gamma"],
        eta=arguments["eta"],
        reward_range=reward.reward_range,
        start=_start(grid, arguments["start"]),
        declared=reward.constants if kappa > 0.0 else {},
        name=factory if target is None else f"{factory} target",
        origin=origin_of(factory, arguments),
        layout=_layout(grid, target),
    )


def _attraction(grid: Grid, target: Any) -> FloatArray:
    """max(0.3 - 0.1 d(s, target), 0), shape (S,), reward units."""
    if target is None:
        return np.zeros(len(grid.cells))
    distance = np.abs(grid.cells - grid.cells[grid.state(target, "target")]).sum(axis=1)
    attraction: FloatArray = np.maximum(0.3 - 0.1 * distance, 0.0)
    return attraction


def _start(grid: Grid, start: Any) -> FloatArray:
    weights = np.zeros(len(grid.cells))
    if not isinstance(start, str):
        weights[grid.state(start, "start")] = 1.0
    elif check_choice(start, "start", STARTS) == "uniform":
        weights[:] = 1.0
    elif start == "cluster":
        weights[(grid.cells < 2).all(axis=1)] = 1.0
        if not weights.any():
            raise InputError("start == 'cluster', must find a free cell in the 2x2 corner block: free one of its walls")
    else:
        weights[np.lexsort((grid.cells[:, 0], grid.cells.sum(axis=1)))[0]] = 1.0
    law: FloatArray = weights / weights.sum()
    return law


def _layout(grid: Grid, target: Any) -> dict[str, Any]:
    return {
        "kind": "grid",
        "shape": list(grid.free.shape),
        "cells": grid.cells.tolist(),
        "walls": [list(wall) for wall in grid.walls],
        "target": plain(target),
        "actions": list(ACTIONS),
    }
