"""Errors against steps, on logarithmic axes."""

from __future__ import annotations

from collections.abc import Iterable, Sequence
from dataclasses import dataclass
from typing import Any

import numpy as np
import numpy.typing as npt
from matplotlib.axes import Axes

from mfbounds.plots.style import BLACK, GREY


@dataclass(frozen=True, eq=False, kw_only=True)
class Curve:
    """One line of a picture.

    Attributes:
        steps, values: (n,), the values in the unit of the axis; NaN is left out.
        label: in the legend; empty for a line that is not named there.
        colour, marker, dashed: how it looks.
        low, high: (n,), the edges of a band around it.
        ends: whether to mark the last point: the method stopped there.
    """

    steps: npt.ArrayLike
    values: npt.ArrayLike
    label: str = ""
    colour: str = BLACK
    marker: str = ""
    dashed: bool = False
    low: npt.ArrayLike | None = None
    high: npt.ArrayLike | None = None
    ends: bool = False


def draw_curves(axes: Axes, curves: Iterable[Curve], *, floor: float | None = None, log_steps: bool = True) -> None:
    """Draws curves on logarithmic axes; values at or below 0 are left out where there is no floor.

    Args:
        axes: where to draw; its labels are the caller's.
        curves: the lines, in the order of the legend.
        floor: values below it, 0 among them, are drawn at it: they are smaller than can be told. A grey line shows it.
        log_steps: whether the steps' axis is logarithmic as well; step 0 is then left out.
    """
    if floor is not None:
        axes.axhline(floor, color=GREY, linewidth=0.8, linestyle=":")
    for curve in curves:
        _draw(axes, curve, floor, log_steps)
    axes.set_yscale("log")
    if log_steps:
        axes.set_xscale("log")
    axes.grid(True, color="#e6eaf0", linewidth=0.6)
    axes.set_axisbelow(True)


def _draw(axes: Axes, curve: Curve, floor: float | None, log_steps: bool) -> None:
    steps, values = np.asarray(curve.steps, dtype=float), np.asarray(curve.values, dtype=float)
    values = values if floor is None else np.maximum(values, floor)
    shown = (values > 0.0) & ((steps > 0) | (not log_steps))
    look: dict[str, Any] = {"color": curve.colour, "linestyle": "--" if curve.dashed else "-"}
    if not shown.any():
        return
    axes.plot(
        steps[shown],
        values[shown],
        label=curve.label or None,
        marker=curve.marker,
        markersize=4,
        markevery=max(1, int(shown.sum()) // 8),
        linewidth=1.4,
        **look,
    )
    if curve.low is not None and curve.high is not None:
        low, high = np.asarray(curve.low, dtype=float)[shown], np.asarray(curve.high, dtype=float)[shown]
        axes.fill_between(steps[shown], low, high, color=curve.colour, alpha=0.2, linewidth=0)
    if curve.ends:
        axes.plot(steps[shown][-1:], values[shown][-1:], marker="*", markersize=11, **look)


def draw_legend(panels: Sequence[Axes], **options: Any) -> None:
    """One legend on the last of some panels that names the lines of all of them, each label once; none without labels."""
    named: dict[str, Any] = {}
    for axes in panels:
        for handle, label in zip(*axes.get_legend_handles_labels(), strict=True):
            named.setdefault(label, handle)
    if named:
        panels[-1].legend(named.values(), named.keys(), **{"fontsize": 8, **options})
