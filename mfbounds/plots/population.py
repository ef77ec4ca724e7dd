"""Populations on whatever their game is played on."""

from __future__ import annotations

from collections.abc import Callable, Mapping, Sequence
from types import MappingProxyType
from typing import Any

import numpy as np
from matplotlib.axes import Axes
from matplotlib.cm import ScalarMappable
from matplotlib.figure import Figure
from matplotlib.ticker import MaxNLocator

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
    """A table of populations: one row a name, one column a title; each column has one colour scale.

    Populations at one step can be compared by their colours; the scale, below each column, changes from step to step, since
    players begin in one cell and end spread out.

    Raises:
        InputError: the numbers of rows, names, columns and titles do not fit.
    """
    if len(rows) != len(names) or any(len(row) != len(titles) for row in rows) or not rows:
        raise InputError(f"rows == {len(rows)} of {[len(row) for row in rows]}, must fit the names and titles")
    wide = layout.get("kind") == "graph"
    width, height = (4.1, 2.15) if wide else (2.9, 2.75)
    figure = Figure(figsize=(width * len(titles) + 0.6, height * len(rows) + 0.7), layout="constrained")
    panels = figure.subplots(len(rows), len(titles), squeeze=False)
    for line, name in zip(panels, names, strict=True):
        line[0].set_ylabel(name, fontsize=10)
    for column, mus in enumerate(zip(*rows, strict=True)):
        largest = max(float(np.max(mu)) for mu in mus)
        for mu, axes in zip(mus, panels[:, column], strict=True):
            painted = draw_population(axes, layout, mu, largest=largest)
        above = list(panels[:, column])
        ticks = MaxNLocator(5, steps=[1, 2, 5, 10])
        bar = figure.colorbar(painted, ax=above, location="bottom", shrink=0.9, aspect=30, ticks=ticks)
        bar.set_label("mass (share of players)", fontsize=9)
        bar.ax.tick_params(labelsize=8)
    for axes, text in zip(panels[0], titles, strict=True):
        axes.set_title(text, fontsize=10)
    figure.suptitle(title, fontsize=11)
    return figure
