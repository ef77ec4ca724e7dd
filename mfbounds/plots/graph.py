"""A population on a graph: the larger a node, the more players."""

from __future__ import annotations

import math
from collections.abc import Mapping
from typing import Any

import numpy as np
from matplotlib.axes import Axes
from matplotlib.collections import LineCollection, PathCollection

from mfbounds.checks import FloatArray
from mfbounds.plots.style import MASSES

LARGEST_NODE = 900.0  # points^2
SMALLEST_NODE = 8.0


def draw_graph(
    axes: Axes, layout: Mapping[str, Any], mu: FloatArray, *, largest: float | None = None
) -> PathCollection:
    """Nodes whose area and colour grow with their mass, and their edges.

    Args:
        axes: where to draw.
        layout: of a graph game: `positions` (S, 2) and `edges`, pairs of states.
        mu: population, (S,).
        largest: the mass of the largest node; the largest one of `mu` by default.
    """
    positions = np.asarray(layout["positions"], dtype=float)
    top = float(mu.max()) if largest is None else largest
    lines = positions[np.asarray(layout["edges"])]
    axes.add_collection(LineCollection([line.tolist() for line in lines], colors="#b0b0b0", linewidths=1.0, zorder=1))
    sizes = SMALLEST_NODE + (LARGEST_NODE - SMALLEST_NODE) * np.clip(mu / top, 0.0, 1.0)
    nodes = axes.scatter(
        positions[:, 0],
        positions[:, 1],
        s=sizes,
        c=mu,
        cmap=MASSES,
        vmin=0.0,
        vmax=top,
        edgecolors="#3a3a3a",
        linewidths=0.7,
        zorder=2,
    )
    for state, (place, size) in enumerate(zip(positions.tolist(), sizes.tolist(), strict=True)):
        below = (0.0, -math.sqrt(size) / 2.0 - 5.0)
        axes.annotate(str(state), place, xytext=below, textcoords="offset points", ha="center", va="center", fontsize=7)
    axes.set_xlim(positions[:, 0].min() - 0.6, positions[:, 0].max() + 0.6)
    axes.set_ylim(positions[:, 1].min() - 0.6, positions[:, 1].max() + 0.5)
    axes.set_aspect("equal")
    axes.set_xticks([])
    axes.set_yticks([])
    return nodes
