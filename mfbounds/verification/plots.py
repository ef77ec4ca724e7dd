"""Pictures of verdicts: both sides over the games, and against the number of iterations on one game."""

from __future__ import annotations

import io
import math
from collections.abc import Sequence
from typing import TYPE_CHECKING, Any

from matplotlib.axes import Axes
from matplotlib.figure import Figure
from matplotlib.ticker import FuncFormatter, MaxNLocator

from mfbounds.bounds.problem import Problem
from mfbounds.bounds.statement import Bound, Statement, Tier
from mfbounds.errors import InputError
from mfbounds.verification.status import Status
from mfbounds.verification.table import Record
from mfbounds.verification.trial import Trial, side, try_case
from mfbounds.verification.witness import parameters_from, recorded_game

if TYPE_CHECKING:
    from mfbounds.verification.report import Report

COLOUR = {Tier.PRINTED: "#8e4bb5", Tier.REPAIRED: "#1f77b4", Tier.SHARPENED: "#2e8b57"}
MARKER = {Tier.PRINTED: "s", Tier.REPAIRED: "o", Tier.SHARPENED: "^"}
ITERATIONS = ("L", "k")  # the case entries that count iterations
FLOOR, CEILING = -16.0, 12.0  # decades shown: beyond them nothing can be read off


def statement_figures(report: Report, statement: Statement) -> list[Figure]:
    """The pictures of one statement: over the games; and against L or k where its cases have such a number."""
    records = [record for record in report.of_kind("verdict") if record["statement"] == statement.id]
    compared = [record for record in records if not math.isnan(record["slack_decades"])]
    figures = [over_games(statement, compared)] if compared else []
    chosen = _game_to_show(compared)
    if chosen is not None:
        try:
            game = recorded_game(chosen["game"])
        except InputError:
            return figures  # a game that no factory made cannot be built again
        problem = Problem(game, parameters_from(chosen["parameters"]))
        figures.append(over_iterations(statement, problem, chosen["game"]["name"]))
    return figures


def over_games(statement: Statement, records: Sequence[Record]) -> Figure:
    """Left side, right side and trivial bound of every game, one panel a form and tier, games sorted by left side."""
    forms = list(dict.fromkeys(record["form"] for record in records))
    tiers = [tier for tier in Tier if any(record["tier"] == tier for record in records)]
    figure, axes = _panels(len(forms), len(tiers))
    for i, form in enumerate(forms):
        for j, tier in enumerate(tiers):
            of_panel = [record for record in records if record["form"] == form and record["tier"] == tier]
            first = [record for record in of_panel if record["bound"] == of_panel[0]["bound"]]
            _games_panel(axes[i][j], first, tier)
            axes[i][j].set_title(f"{tier.value}{f' / {form}' if form else ''}", fontsize=9)
        axes[i][0].set_ylabel("value", fontsize=9)
    for axis in axes[-1]:
        axis.set_xlabel("games, sorted by left side", fontsize=9)
    figure.suptitle(f"{statement.id} {statement.title}", fontsize=11)
    return figure


def _games_panel(axis: Axes, records: Sequence[Record], tier: Tier) -> None:
    if not records:
        axis.text(0.5, 0.5, "no game to compare", ha="center", va="center", transform=axis.transAxes, fontsize=9)
        axis.set_xticks([])
        axis.set_yticks([])
        return
    ordered = sorted(records, key=lambda record: _shown(record["lhs_log10"]))
    places = range(len(ordered))
    trivial = [_shown(record["trivial_log10"]) for record in ordered]
    right = [_shown(record["rhs_log10"]) for record in ordered]
    left = [_shown(record["lhs_log10"]) for record in ordered]
    axis.plot(places, trivial, color="#9aa5b1", linewidth=1.0, drawstyle="steps-mid", label="trivial bound")
    axis.plot(places, right, MARKER[tier], color=COLOUR[tier], markersize=3.5, label="right side")
    axis.plot(places, left, ".", color="black", markersize=4, label="left side (measured)")
    broken = [i for i in places if ordered[i]["status"] == Status.VIOLATED]
    if broken:
        axis.plot(broken, [left[i] for i in broken], "x", color="#c0281c", markersize=7, label="violated")
    _decades(axis)
    axis.legend(fontsize=7, loc="best", framealpha=0.9)


def over_iterations(statement: Statement, problem: Problem, name: str) -> Figure:
    """Left and right side of each tier against the number of iterations, on one game; the largest over the cases."""
    series = _series(statement, problem)
    forms = list(dict.fromkeys(bound.form for bound in series))
    figure, axes = _panels(1, len(forms))
    for axis, form in zip(axes[0], forms, strict=True):
        drawn: set[Tier] = set()
        for bound, trials in series.items():
            if bound.form == form and bound.tier not in drawn:
                drawn.add(bound.tier)
                _iterations_panel(axis, bound.tier, trials, first=len(drawn) == 1)
        axis.set_xscale("log")
        axis.set_xlabel(_counter(statement, problem), fontsize=9)
        axis.set_title(form or "on one game", fontsize=9)
        _decades(axis)
        axis.legend(fontsize=7, framealpha=0.9)
    figure.suptitle(f"{statement.id} {statement.title}, on {name}", fontsize=11)
    return figure


def _iterations_panel(axis: Axes, tier: Tier, trials: dict[int, Trial], *, first: bool) -> None:
    steps = sorted(trials)
    if first:
        axis.plot(steps, [_log(trials[s].left) for s in steps], "k.-", linewidth=1.0, label="left side (measured)")
        axis.plot(steps, [_log(trials[s].trivial) for s in steps], "--", color="#9aa5b1", label="trivial bound")
    right = [_log(trials[s].right) for s in steps]
    axis.plot(steps, right, MARKER[tier] + "-", color=COLOUR[tier], markersize=4, linewidth=1.0, label=tier.value)


def _series(statement: Statement, problem: Problem) -> dict[Bound, dict[int, Trial]]:
    """Per inequality and number of iterations, the case of the largest left side."""
    found: dict[Bound, dict[int, Trial]] = {}
    for case in statement.cases(problem):
        step = next((int(case[key]) for key in ITERATIONS if isinstance(case.get(key), int)), None)
        if step is None:
            continue
        for trial in try_case(statement, statement.bounds, problem, case):
            if trial.measured is None or not trial.right.is_finite():
                continue
            best = found.setdefault(trial.bound, {})
            if step not in best or side(trial.left)[0] > side(best[step].left)[0]:
                best[step] = trial
    return found


def _counter(statement: Statement, problem: Problem) -> str:
    return next((key for case in statement.cases(problem) for key in ITERATIONS if key in case), "")


def _game_to_show(records: Sequence[Record]) -> Record | None:
    """Of the records whose cases count iterations, one of the game on which most inequalities say something."""
    counting = [record for record in records if any(isinstance(record["case"].get(key), int) for key in ITERATIONS)]
    useful: dict[str, int] = {}
    for record in counting:
        name = record["game"]["name"]
        useful[name] = useful.get(name, 0) + (2 if record["status"] == Status.HOLDS else 1)
    return max(counting, key=lambda record: useful[record["game"]["name"]], default=None)


def _panels(rows: int, columns: int) -> tuple[Figure, Any]:
    figure = Figure(figsize=(1.2 + 3.4 * columns, 0.8 + 2.6 * rows), dpi=100, layout="constrained")
    return figure, figure.subplots(rows, columns, squeeze=False, sharey="row")


def _decades(axis: Axes) -> None:
    """The values are logarithms: they stay defined where floats overflow."""
    axis.yaxis.set_major_locator(MaxNLocator(nbins=7, integer=True))
    axis.yaxis.set_major_formatter(FuncFormatter(lambda value, _: f"$10^{{{value:.0f}}}$"))
    axis.tick_params(labelsize=8)
    axis.grid(True, color="#e6eaf0", linewidth=0.6)


def _log(ball: Any) -> float:
    return _shown(side(ball)[2])


def _shown(decades: float) -> float:
    """Clipped to what a picture can show; zero and negative values lie on the floor."""
    return FLOOR if math.isnan(decades) else min(max(decades, FLOOR), CEILING)


def to_png(figure: Figure) -> bytes:
    """The picture as PNG."""
    buffer = io.BytesIO()
    figure.savefig(buffer, format="png")
    return buffer.getvalue()
