"""How the value of N players nears that of the mean field."""

from __future__ import annotations

import math
from typing import TYPE_CHECKING

import numpy as np
from matplotlib.axes import Axes
from matplotlib.figure import Figure

from mfbounds.plots.style import BLUE, GREY, ORANGE

if TYPE_CHECKING:
    from mfbounds.simulation.n_players_bands import Slope
    from mfbounds.simulation.n_players_result import NPlayerGap, PlayersRow


def plot_n_players(found: NPlayerGap) -> Figure:
    """Deviation and bias against N on logarithmic axes, each with its band, its fitted exponent and a guide line.

    The guide of the deviation is the limit sigma sqrt(2/(pi N)), or 1/sqrt(N) through the first point where sigma
    vanishes; that of the bias is 1/N through the last resolved point. A bias whose band contains 0 is a hollow triangle
    at the far end of the band: its size is below that.
    """
    figure = Figure(figsize=(7.5, 5.0), layout="constrained")
    title = f"N players and their mean field: {found.game['name']}, gamma = {found.game['gamma']:g}"
    axes = figure.add_subplot(xlabel="players N", ylabel="distance from the mean field (reward units)", title=title)
    axes.set_xscale("log")
    axes.set_yscale("log")
    _draw_deviation(axes, found)
    _draw_bias(axes, found)
    axes.grid(True, color="#e6eaf0", linewidth=0.6)
    axes.set_axisbelow(True)
    axes.legend(fontsize=8, title=f"bands at level {found.parameters['level']:g}", title_fontsize=8, loc="lower left")
    return figure


def _draw_deviation(axes: Axes, found: NPlayerGap) -> None:
    rows = [row for row in found.rows if row.deviation.value > 0.0]
    if not rows:
        return
    N, values = [row.N for row in rows], [row.deviation.value for row in rows]
    low = [max(row.deviation.low, row.deviation.value / 100.0) for row in rows]
    axes.fill_between(N, low, [row.deviation.high for row in rows], color=BLUE, alpha=0.25, linewidth=0.0)
    label = f"deviation E|J^ - J|: {_exponent(found.deviation_slope)}"
    axes.plot(N, values, color=BLUE, marker="o", markersize=4, label=label)
    guide, label = [row.deviation_predicted for row in rows], "1/sqrt(N): limit of the deviation, computed"
    if guide[-1] < 0.01 * values[-1]:  # the first order vanishes: a limit of 0 cannot be drawn
        guide, label = [values[0] * math.sqrt(N[0] / n) for n in N], "1/sqrt(N) through the first deviation"
    axes.plot(N, guide, color=GREY, linestyle="--", label=label)


def _draw_bias(axes: Axes, found: NPlayerGap) -> None:
    resolved = [row for row in found.rows if row.resolved]
    if resolved:
        N, values = [row.N for row in resolved], [abs(row.bias.value) for row in resolved]
        edges = np.abs([(row.bias.low, row.bias.high) for row in resolved])
        axes.fill_between(N, edges.min(axis=1), edges.max(axis=1), color=ORANGE, alpha=0.3, linewidth=0.0)
        label = f"bias |E J^N - J|: {_exponent(found.bias_slope)}"
        axes.plot(N, values, color=ORANGE, marker="s", markersize=4, label=label)
        guide = [values[-1] * N[-1] / n for n in N]
        axes.plot(N, guide, color=GREY, linestyle=":", label="1/N through the last bias")
    hidden = [row for row in found.rows if not row.resolved]
    if hidden:
        label = "bias not resolved: below the triangle"
        axes.plot(
            [row.N for row in hidden],
            [_farthest(row) for row in hidden],
            color=ORANGE,
            marker="v",
            markersize=6,
            markerfacecolor="none",
            linestyle="",
            label=label,
        )


def _farthest(row: PlayersRow) -> float:
    return max(abs(row.bias.low), abs(row.bias.high))


def _exponent(slope: Slope) -> str:
    if not slope.resolved:
        return "slope not resolved"
    bent = "" if slope.straight else ", still bent"
    return f"slope {slope.value:.3f} [{slope.low:.3f}, {slope.high:.3f}] from N = {_power(slope.first)}{bent}"


def _power(n: int) -> str:
    """10^k for powers of ten beyond a thousand."""
    k = round(math.log10(n))
    return f"10^{k}" if n == 10**k and k > 3 else str(n)
