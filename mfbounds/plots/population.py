"""Populations on whatever their game is played on."""

from __future__ import annotations

from collections.abc import Callable, Mapping, Sequence
from types import MappingProxyType
from typing import Any

import numpy as np
from matplotlib.axes import Axes
from matplotlib.cm import ScalarMappable
from matplotlib.figure import Figure

from mfbounds.checks import FloatArray, check_shape, frozen_array
from mfbounds.errors import InputError, UnknownNameError
from mfbounds.plots.graph import draw_graph
from mfbounds.plots.grid import draw_grid

PAINTERS: Mapping[str, Callable[..., ScalarMappable]] = MappingProxyType({"grid": draw_grid, "graph": draw_graph})
NODES = {"grid": "cells", "graph": "positions"}


def draw_population(axes: Axes, layout: Mapping[str, Any], mu: Any, *, largest: float | None = None) -> ScalarMappable:
    """Draws the population `mu`, (S,), on the grid or graph of ``game.layout``.

    Raises:
        UnknownNameError: the layout is of no known kind; games without a layout have none.
        InputError: `mu` has another length.
    """
    kind = str(layout.get("kind"))
    if kind not in PAINTERS:
        raise UnknownNameError("layout.kind", kind, PAINTERS)
    masses = frozen_array(mu, "mu")
    check_shape(masses, (len(layout[NODES[kind]]),), "mu")
    return PAINTERS[kind](axes, layout, masses, largest=largest)


def plot_populations(
    layout: Mapping[str, Any],
    rows: Sequence[Sequence[FloatArray]],
    *,
    titles: Sequence[str],
    names: Sequence[str],
    title: str,
) -> Figure:
    """A table of populations: one row a name, one column a title; one colour scale for all but the first column.

    The first column, where all players start, has a scale of its own if it is more concentrated than the others.

    Raises:
        InputError: the numbers of rows, names, columns and titles do not fit.
    """
    if len(rows) != len(names) or any(len(row) != len(titles) for row in rows) or not rows:
        raise InputError(f"rows == {len(rows)} of {[len(row) for row in rows]}, must fit the names and titles")
    wide = layout.get("kind") == "graph"
    width, height = (4.1, 2.15) if wide else (2.9, 2.75)
    figure = Figure(figsize=(width * len(titles) + 0.6, height * len(rows) + 0.7), layout="constrained")
    panels = figure.subplots(len(rows), len(titles), squeeze=False)
    largest = max(float(np.max(mu)) for row in rows for mu in (row[1:] or row))
    for row, name, line in zip(rows, names, panels, strict=True):
        _draw_row(figure, layout, row, line, largest)
        line[0].set_ylabel(name, fontsize=10)
    for axes, text in zip(panels[0], titles, strict=True):
        axes.set_title(text, fontsize=10)
    figure.suptitle(title, fontsize=11)
    return figure


def _draw_row(figure: Figure, layout: Mapping[str, Any], row: Sequence[FloatArray], line: Any, largest: float) -> None:
    for column, (mu, axes) in enumerate(zip(row, line, strict=True)):
        own = column == 0 and float(np.max(mu)) > largest
        painted = draw_population(axes, layout, mu, largest=float(np.max(mu)) if own else largest)
        if own or column == len(row) - 1:
            figure.colorbar(painted, ax=axes, label="mass (share of players)", shrink=0.85)
