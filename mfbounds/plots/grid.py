"""A population on a grid with walls, as a heat map."""

from __future__ import annotations

from collections.abc import Mapping
from typing import Any

import numpy as np
from matplotlib.axes import Axes
from matplotlib.collections import PatchCollection
from matplotlib.image import AxesImage
from matplotlib.patches import Rectangle

from mfbounds.checks import FloatArray
from mfbounds.plots.style import MASSES, ORANGE, WALL


def draw_grid(axes: Axes, layout: Mapping[str, Any], mu: FloatArray, *, largest: float | None = None) -> AxesImage:
    """The mass of each free cell as a colour; walls dark, the point of interest a star.

    Args:
        axes: where to draw.
        layout: of a grid game: `shape`, `cells` (S, 2), `walls`, `target`.
        mu: population, (S,).
        largest: the mass of the lightest colour; the largest one of `mu` by default.
    """
    masses = np.full(layout["shape"], np.nan)
    cells = np.asarray(layout["cells"])
    masses[cells[:, 0], cells[:, 1]] = mu
    image = axes.imshow(masses, cmap=MASSES, vmin=0.0, vmax=float(mu.max()) if largest is None else largest)
    bricks = [Rectangle((column - 0.5, row - 0.5), 1, 1) for row, column in layout["walls"]]
    axes.add_collection(PatchCollection(bricks, facecolor=WALL, edgecolor=WALL, linewidth=0.3))
    if layout.get("target") is not None:
        row, column = layout["target"]
        axes.plot(column, row, marker="*", markersize=13, color=ORANGE, markeredgecolor="white", linestyle="none")
    axes.set_xticks([])
    axes.set_yticks([])
    return image
