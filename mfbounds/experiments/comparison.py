"""Pictures that compare methods: exploitability on three games, and the four panels of the slides."""

from __future__ import annotations

from collections.abc import Iterator, Mapping
from types import MappingProxyType
from typing import Any

import pandas as pd
from matplotlib.figure import Figure

from mfbounds.experiments import parts as p
from mfbounds.experiments.readings import BONUS, SOFT, kinds, step_size_of
from mfbounds.plots import Curve, draw_curves, draw_legend
from mfbounds.plots.style import BLACK, BLUE, GREEN, ORANGE, PURPLE, SKY, YELLOW

Tables = Mapping[str, pd.DataFrame]
METHODS: Mapping[str, tuple[str, str, str]] = MappingProxyType(  # short name, colour, marker
    {
        "fictitious-play": ("FP", ORANGE, "s"),
        "online-mirror-descent": ("OMD", GREEN, "^"),
        "damped-fixed-point": ("damped fixed point", PURPLE, "D"),
    }
)
OURS: Mapping[str, tuple[str, str]] = MappingProxyType({"M=1": (BLUE, "o"), "M=100": (SKY, "v"), "M=inf": (BLACK, "x")})
UNIT = "(reward units)"
PANELS: Mapping[str, tuple[str, str]] = MappingProxyType(
    {
        "exploitability": ("(a) exploitability", f"gain at the policy's own law {UNIT}"),
        "quality": ("(b) quality", f"gain at the mean field mu_k {UNIT}"),
        "delta_mu": ("(c) mean-field deltas", "||mu_k - mu_(k-1)||_2"),
        "delta_law": ("(d) deltas of the policy's law", "||lambda_k - lambda_(k-1)||_2"),
    }
)


def comparison_figures(tables: Tables) -> dict[str, Figure]:
    """One picture a kappa: a panel a game; a second row with FP and OMD as played without the entropy bonus."""
    table = tables["curves"]
    return {
        f"figure-3-kappa-{kappa}": _comparison(table[table["kappa"] == kappa], kappa)
        for kappa in table["kappa"].unique()
    }


def _comparison(table: pd.DataFrame, kappa: float) -> Figure:
    plain = kinds(table) != BONUS
    ours = table["method"] == "exact-mf-trpo"
    rows = {"tuned, with the entropy bonus": table[~plain]} if not plain.all() else {}
    if plain.any():
        rows["FP and OMD without the entropy bonus"] = table[plain | ours]
    games = [game for game in p.GAMES if game in set(table["game"])]
    figure = Figure(figsize=(4.6 * len(games) + 2.0, 3.8 * len(rows) + 0.4), layout="constrained")
    panels = figure.subplots(len(rows), len(games), squeeze=False, sharey="row")
    for (name, shown), line in zip(rows.items(), panels, strict=True):
        for game, axes in zip(games, line, strict=True):
            draw_curves(axes, _curves(shown[shown["game"] == game], "exploitability"), floor=p.DRAWN_FLOOR)
            axes.set_title(f"{game}\n{name}\n{_sizes(shown[shown['game'] == game])}", fontsize=9)
            axes.set_xlabel("outer step k")
        line[0].set_ylabel(f"exploitability {UNIT}")
        draw_legend(line, loc="center left", bbox_to_anchor=(1.0, 0.5))
    figure.suptitle(
        f"kappa = {kappa}; solid: eta = 0.05, dashed: eta = 0.3; over each panel the step sizes chosen for the two; "
        "values below 1e-8 lie on the dotted line,\nand a star marks where a method stopped since the game was solved; "
        "points with an error above their value are left out",
        fontsize=10,
    )
    return figure


def _curves(table: pd.DataFrame, column: str) -> Iterator[Curve]:
    for (method, variant, eta), rows in table.groupby(["method", "variant", "eta"], sort=False):
        yield Curve(
            steps=rows["step"],
            values=_told(rows) if column == "exploitability" else rows[column],
            dashed=bool(eta != p.ETAS[0]),
            ends=bool(method != "exact-mf-trpo" and rows["step"].max() < table["step"].max()),
            **_look(str(method), str(variant)),
        )


def _sizes(table: pd.DataFrame) -> str:
    """The step sizes that were chosen, by method: at the first eta, at the second."""
    found: dict[str, list[str]] = {"FP": [], "Boltzmann": [], "OMD": [], "damped": []}
    others = table[table["method"] != "exact-mf-trpo"]
    for (method, kind, _), rows in others.groupby([others["method"], kinds(others), "eta"], sort=False):
        short = "Boltzmann" if kind == SOFT else METHODS[str(method)][0].replace("damped fixed point", "damped")
        found[short].append(step_size_of(str(rows["variant"].iloc[0])))
    return "; ".join(f"{method} {', '.join(sizes)}" for method, sizes in found.items() if sizes)


def _told(rows: pd.DataFrame) -> pd.Series[float]:
    """The exploitability; NaN, so not drawn, where its error bound is larger: there the number says nothing."""
    values: pd.Series[float] = rows["exploitability"]
    return values.where(rows["exploitability_error"] <= values.clip(lower=p.DRAWN_FLOOR))


def _look(method: str, variant: str) -> dict[str, Any]:
    if method == "exact-mf-trpo":
        colour, marker = OURS[variant]
        label = f"MF-TRPO, {variant}"
    elif variant.startswith(SOFT):
        label, colour, marker = "FP, Boltzmann responses", YELLOW, "P"
    else:
        label, colour, marker = METHODS[method]
    return {"label": label, "colour": colour, "marker": marker}


def slide_figures(tables: Tables) -> dict[str, Figure]:
    """Exploitability, quality, and how far the mean field and the policy's law move a step, in four rooms."""
    figure = Figure(figsize=(12.0, 7.6), layout="constrained")
    panels = list(figure.subplots(2, 2).ravel())
    for (column, (title, label)), axes in zip(PANELS.items(), panels, strict=True):
        draw_curves(axes, _curves(tables["curves"], column), floor=p.DRAWN_FLOOR)
        axes.set(title=title, ylabel=label, xlabel="outer step k")
    draw_legend(panels[:1], loc="lower left")
    figure.suptitle(
        "Four rooms, kappa = 0.2, eta = 0.05; values below 1e-8 lie on the dotted line, a star marks where a method stopped\n"
        "since the game was solved; points with an error above their value are left out of (a)",
        fontsize=11,
    )
    return {"slides": figure}
