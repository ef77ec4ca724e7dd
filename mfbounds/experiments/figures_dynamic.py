"""The pictures of P2's Figures 1(b), 1(c) and 2(a), from their tables."""

from __future__ import annotations

from collections.abc import Iterator, Mapping

import pandas as pd
from matplotlib.axes import Axes
from matplotlib.figure import Figure
from matplotlib.ticker import MaxNLocator

from mfbounds.experiments.claim import range_of
from mfbounds.experiments.claims_dynamic import OURS
from mfbounds.plots import Curve, draw_curves, draw_legend
from mfbounds.plots.style import BLUE, GREEN, ORANGE, PURPLE

Tables = Mapping[str, pd.DataFrame]
NAMES = {"symm-pmd": "Symm-PMD", "independent-pmd": "IPMD"}
MEASURES = {
    "exploitability": "largest over the players",
    "exploitability_mean": "mean over the players",
    "average_exploitability": "largest, of the average policy",
}
UNIT = "exploitability (reward units)"
SWEEPS = {"alpha": (BLUE, "o"), "beta": (ORANGE, "s")}


def learning_on_rps(tables: Tables) -> dict[str, Figure]:
    """One row for each c: the largest and the mean over the players, and the largest of the average policy."""
    return {"p2-figure-1b": _learning(tables["curves"], "A-RPS, beta = 0.1")}


def learning_on_sis(tables: Tables) -> dict[str, Figure]:
    """The same for A-SIS."""
    return {"p2-figure-1c": _learning(tables["curves"], "A-SIS")}


def _learning(table: pd.DataFrame, title: str) -> Figure:
    settings = list(dict.fromkeys(table["setting"]))
    figure = Figure(figsize=(14.5, 3.9 * len(settings) + 0.5), layout="constrained")
    panels = figure.subplots(len(settings), len(MEASURES), squeeze=False, sharey="row")
    for setting, line in zip(settings, panels, strict=True):
        rows = table[table["setting"] == setting]
        for (column, words), axes in zip(MEASURES.items(), line, strict=True):
            draw_curves(axes, _curves(rows, column), log_steps=False)
            axes.set_title(f"{setting}: {words}", fontsize=10)
            axes.set_xlabel("epoch")
            axes.xaxis.set_major_locator(MaxNLocator(integer=True))
        line[0].set_ylabel(UNIT)
        draw_legend(line, loc="center left", bbox_to_anchor=(1.0, 0.5))
    figure.suptitle(f"{title}, tau = 0.05; {_band(table, ['setting', 'method', 'variant'])}", fontsize=11)
    return figure


def _band(table: pd.DataFrame, curve: list[str]) -> str:
    """What a line and its band are; unfinished curves have fewer seeds than others."""
    return f"mean of {range_of(table.groupby(curve)['seed'].nunique())} seeds, band: lowest to highest"


def _curves(table: pd.DataFrame, column: str) -> Iterator[Curve]:
    variants = list(dict.fromkeys(table["variant"]))
    for (method, variant), rows in table.groupby(["method", "variant"], sort=False):
        runs = rows.pivot(index="step", columns="seed", values=column)
        place = variants.index(variant)
        yield Curve(
            steps=runs.index,
            values=runs.mean(axis=1),
            low=runs.min(axis=1),
            high=runs.max(axis=1),
            label=f"{NAMES[str(method)]}, {variant}",
            colour=(BLUE, GREEN, PURPLE)[place % 3] if method == OURS else ORANGE,
            dashed=method != OURS and place > 0,
        )


def sensitivity(tables: Tables) -> dict[str, Figure]:
    """Exploitability of the mean-field equilibrium against alpha and beta, largest and mean over the players."""
    table = tables["curves"]
    split = table["setting"].str.split(" = ", expand=True)
    table = table.assign(varied=split[0], share=split[1].astype(float))
    figure = Figure(figsize=(9.6, 4.1), layout="constrained")
    panels = figure.subplots(1, 2, sharey=True)
    for (column, words), axes in zip(list(MEASURES.items())[:2], panels, strict=True):
        _sweep(axes, table, column)
        axes.set(title=words, xlabel="alpha (the other: beta = 0), or beta (alpha = 0)")
    panels[0].set_ylabel(UNIT)
    draw_legend(panels)
    figure.suptitle(
        f"A-SIS: the equilibrium of the mean-field game (tau = 0.05) among N players; {_band(table, ['setting'])};\n"
        "dotted: its exploitability in the mean-field game, which is what the entropy bonus costs",
        fontsize=10,
    )
    return {"p2-figure-2a": figure}


def _sweep(axes: Axes, table: pd.DataFrame, column: str) -> None:
    for varied, rows in table.groupby("varied", sort=False):
        colour, marker = SWEEPS[str(varied)]
        runs = rows.pivot(index="share", columns="seed", values=column)
        axes.plot(runs.index, runs.mean(axis=1), marker, color=colour, linestyle="-", label=f"{varied} varied")
        axes.fill_between(runs.index, runs.min(axis=1), runs.max(axis=1), color=colour, alpha=0.2, linewidth=0)
    axes.axhline(table["mean_field_exploitability"].mean(), color="#888888", linewidth=0.8, linestyle=":")
    axes.set_ylim(bottom=0.0)
    axes.grid(True, color="#e6eaf0", linewidth=0.6)
    axes.set_axisbelow(True)
