"""Waterfalls: how steps add up from one number to another on a logarithmic scale."""

from __future__ import annotations

from collections.abc import Sequence
from itertools import accumulate

from matplotlib.figure import Figure

from mfbounds.plots.style import BLACK, BLUE, GREY, ORANGE


def plot_waterfall(
    names: Sequence[str], steps: Sequence[float], *, title: str = "", start: str = "", end: str = ""
) -> Figure:
    """Steps in decades, stacked from 0 upwards: one bar a step, from the left side to the right side of a bound.

    Args:
        names: what each step is, in order.
        steps: decades; a negative one goes down.
        start, end: the two numbers that the steps lead from and to, as text.
    """
    rows = len(names) + 1
    figure = Figure(figsize=(8.0, 1.1 + 0.42 * rows), layout="constrained")
    axes = figure.add_subplot(xlabel="decades above the left side", title=title)
    if start:
        axes.set_xlabel(f"decades above the left side, {start}")
    ends = list(accumulate(steps, initial=0.0))
    largest = max(range(len(steps)), key=lambda i: steps[i])
    for row, (low, step) in enumerate(zip(ends, steps, strict=False)):
        axes.barh(row, step, left=low, color=ORANGE if row == largest else BLUE, height=0.6)
        axes.plot([low + step] * 2, [row, row + 1], color=GREY, linewidth=0.8)
        axes.annotate(
            f"{step:+.2f}", (max(low, low + step), row), xytext=(4, 0), textcoords="offset points", va="center"
        )
    axes.barh(rows - 1, ends[-1], color=GREY, height=0.6)
    axes.annotate(f"{ends[-1]:.2f}", (ends[-1], rows - 1), xytext=(4, 0), textcoords="offset points", va="center")
    axes.set_yticks(range(rows), [*names, f"right side, {end}" if end else "right side"])
    axes.invert_yaxis()
    axes.axvline(0.0, color=BLACK, linewidth=0.8)
    axes.set_xlim(min(0.0, min(ends)), max(ends[-1], max(ends), 0.1) * 1.12)
    axes.spines[["top", "right", "left"]].set_visible(False)
    axes.tick_params(axis="y", length=0)
    return figure
