"""The pictures of the experiments, made from their tables alone."""

from __future__ import annotations

import os
from collections.abc import Callable, Mapping
from dataclasses import replace
from pathlib import Path
from types import MappingProxyType

import numpy as np
import pandas as pd
from matplotlib.axes import Axes
from matplotlib.figure import Figure
from matplotlib.ticker import MaxNLocator

from mfbounds.experiments import figures_dynamic as d
from mfbounds.experiments import parts as p
from mfbounds.experiments.comparison import comparison_figures, slide_figures
from mfbounds.experiments.files import DEFAULT_OUT, load
from mfbounds.experiments.tables import of_method
from mfbounds.games.catalogue import build
from mfbounds.output import write_files
from mfbounds.plots import Curve, draw_curves, draw_legend, plot_populations, to_png
from mfbounds.plots.style import BLACK, BLUE, GREY, ORANGE, SKY

Tables = Mapping[str, pd.DataFrame]
FEW_RUNS = 3  # so many are drawn one by one
READING_MARKS = {"M=1": (BLUE, "o"), "M=10": (ORANGE, "^"), "M=100": (SKY, "v"), "M=inf": (BLACK, "x")}
SHOWN_STEPS = {"four rooms": (0, 1000, 5000), "two islands": (0, 2000, 5000), "four rooms, target": (0, 1000, 5000)}


def draw(name: str, out: str | os.PathLike[str] = DEFAULT_OUT) -> dict[str, Figure]:
    """The pictures of an experiment by name, from its tables in the folder `out`; Table 1 has none.

    Of unfinished tables they show what is there: no picture where nothing of it is.

    Raises:
        UnknownNameError, InputError, FileFormatError: as `mfbounds.experiments.load`.
    """
    tables = load(name, out)
    return FIGURES[name](tables) if name in FIGURES else {}


def write_figures(out: Path, name: str) -> list[Path]:
    """Draws the pictures of an experiment into its folder, and returns the files.

    Raises:
        UnknownNameError, InputError, FileFormatError: as `draw`.
    """
    contents = {f"{key}.png": to_png(figure) for key, figure in draw(name, out).items()}
    if contents:
        write_files(out / name, contents)
    return [out / name / file for file in contents]


def _figure_1(tables: Tables) -> dict[str, Figure]:
    table = tables["curves"]
    etas = sorted(table["eta"].unique())
    figure = Figure(figsize=(5.2 * len(etas), 4.0), layout="constrained")
    panels = figure.subplots(1, len(etas), squeeze=False, sharey=True)[0]
    for eta, axes in zip(etas, panels, strict=True):
        runs = table[table["eta"] == eta].pivot(index="step", columns="seed", values="exploitability")
        draw_curves(axes, _seeds(runs), log_steps=False)
        axes.set(title=f"eta = {eta}", xlabel="outer step k")
        axes.xaxis.set_major_locator(MaxNLocator(integer=True))
        draw_legend([axes])
    panels[0].set_ylabel("exploitability (reward units)")
    figure.suptitle("Sample-Based MF-TRPO on the 5x5 grid with a point of interest, kappa = 0.2", fontsize=11)
    return {"figure-1": figure}


def _seeds(runs: pd.DataFrame) -> list[Curve]:
    """The mean over the columns, which are seeds, and a band around it; few seeds are drawn one by one instead."""
    mean = Curve(steps=runs.index, values=runs.mean(axis=1), colour=BLUE, label=f"mean of {runs.shape[1]} seeds")
    if runs.shape[1] > FEW_RUNS:
        label = f"{mean.label}, band: lowest to highest"
        return [replace(mean, low=runs.min(axis=1), high=runs.max(axis=1), label=label)]
    single = [Curve(steps=runs.index, values=runs[seed], colour=GREY, label="each seed") for seed in runs]
    return [*single, mean] if len(single) > 1 else [replace(mean, label="one seed")]


def _figure_2(tables: Tables) -> dict[str, Figure]:
    table = tables["populations"]
    steps = sorted(table["step"].unique())
    _, game, arguments = p.SAMPLED_GAME
    means = table.groupby(["step", "state"])["mass"].mean()
    row = [means.loc[step].to_numpy() for step in steps]
    seeds = table["seed"].nunique()
    figure = plot_populations(
        build(game, **arguments).layout,
        [row],
        titles=[f"step {step}" for step in steps],
        names=["5x5 grid"],
        title=f"Sample-Based MF-TRPO, eta = 0.05, mean of {seeds} seeds; the star marks the point of interest",
    )
    return {"figure-2": figure}


def _populations_of(label: str, name: str) -> Callable[[Tables], dict[str, Figure]]:
    def figures(tables: Tables) -> dict[str, Figure]:
        table = tables["populations"]
        kept = tuple(int(step) for step in sorted(table["step"].unique()))
        steps = SHOWN_STEPS[label] if set(SHOWN_STEPS[label]) <= set(kept) else kept
        game, arguments = p.GAMES[label]
        ours = of_method(table, "exact-mf-trpo", kappa=p.KAPPA, eta=p.ETAS[0])
        variants = [variant for variant in p.POPULATION_STEPS if variant in set(ours["variant"])]
        if not variants:
            return {}
        rows = [[masses(ours, variant, step) for step in steps] for variant in variants]
        figure = plot_populations(
            build(game, **arguments).layout,
            rows,
            titles=[f"step {step}" for step in steps],
            names=variants,
            title=f"Exact MF-TRPO, {label}: kappa = {p.KAPPA}, eta = {p.ETAS[0]}, beta = {p.BETA}, L = {p.L}",
        )
        return {name: figure}

    return figures


def masses(table: pd.DataFrame, variant: str, step: int) -> np.ndarray[tuple[int], np.dtype[np.float64]]:
    """The population of a variant at a step, (S,), from a table of populations."""
    rows = table[(table["variant"] == variant) & (table["step"] == step)].sort_values("state")
    return rows["mass"].to_numpy(dtype=np.float64)


def _readings(tables: Tables) -> dict[str, Figure]:
    """Where exact MF-TRPO ends under each reading, one panel a game."""
    table = of_method(tables["outcomes"], "exact-mf-trpo")
    games = list(dict.fromkeys(table["game"]))
    if not games:
        return {}
    figure = Figure(figsize=(4.5 * len(games), 4.4), layout="constrained")
    for game, axes in zip(games, figure.subplots(1, len(games), squeeze=False)[0], strict=True):
        _reading_panel(axes, table[table["game"] == game])
        axes.set_title(game)
    figure.axes[0].legend(fontsize=8, loc="center")
    figure.suptitle(
        "Exact MF-TRPO under other readings, kappa = 0.2, eta = 0.05; values below 1e-8 lie on the dotted line"
    )
    return {"readings": figure}


def _reading_panel(axes: Axes, table: pd.DataFrame) -> None:
    """One line a reading, the first as in Figure 3: the exploitability by the number of population steps."""
    split = table["variant"].str.rpartition(", ")
    labels = split[0].where(split[0] != "", "as in Figure 3")
    places = {label: -place for place, label in enumerate(dict.fromkeys(labels))}
    for steps, (colour, marker) in READING_MARKS.items():
        rows = split[2] == steps
        values = np.maximum(table.loc[rows, "exploitability"], p.DRAWN_FLOOR)
        axes.plot(values, [places[label] for label in labels[rows]], marker, color=colour, label=steps)
    axes.axvline(p.DRAWN_FLOOR, color=GREY, linewidth=0.8, linestyle=":")
    axes.set_yticks(list(places.values()), list(places), fontsize=8)
    axes.set_xscale("log")
    axes.set_xlabel("exploitability at the last step\n(reward units)")
    axes.grid(True, color="#e6eaf0", linewidth=0.6)
    axes.set_axisbelow(True)


FIGURES: Mapping[str, Callable[[Tables], dict[str, Figure]]] = MappingProxyType(
    {
        "figure-1": _figure_1,
        "figure-2": _figure_2,
        "figure-3": comparison_figures,
        "figure-4": _populations_of("four rooms", "figure-4"),
        "figure-5": _populations_of("two islands", "figure-5"),
        "figure-6": _populations_of("four rooms, target", "figure-6"),
        "slides": slide_figures,
        "readings": _readings,
        "p2-figure-1b": d.learning_on_rps,
        "p2-figure-1c": d.learning_on_sis,
        "p2-figure-2a": d.sensitivity,
    }
)
