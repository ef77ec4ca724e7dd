"""Pictures of verdicts: both sides over the games, and against the number of iterations on one game."""

from __future__ import annotations

import io
import math
from collections.abc import Sequence
from typing import TYPE_CHECKING, Any

from matplotlib.axes import Axes
from matplotlib.figure import Figure
from matplotlib.ticker import FuncFormatter, MaxNLocator

from mfbounds.bounds.problems import AnyProblem, problem_of
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
WIDEST = 4  # panels in a row
FLOOR, CEILING = -16.0, 12.0  # decades shown: beyond them nothing can be read off


def statement_figures(report: Report, statement: Statement) -> list[Figure]:
    """The pictures of one statement: over the games; and against L or k where its cases have such a number."""
    records = [record for record in report.of_kind("verdict") if record["statement"] == statement.id]
    compared = [record for record in records if not math.isnan(record["slack_decades"])]  # both sides are numbers
    figures = [over_games(statement, compared)] if compared else []
    chosen = _game_to_show(compared)
    if chosen is not None:
        try:
            game = recorded_game(chosen["game"])
        except InputError:
            return figures  # a game that no factory made cannot be built again
        problem = problem_of(game, parameters_from(game, chosen["parameters"]))
        figures.append(over_iterations(statement, problem, chosen["game"]["name"]))
    return figures


def over_games(statement: Statement, records: Sequence[Record]) -> Figure:
    """Left side, right side and trivial bound of every game: one panel an inequality, games sorted by left side."""
    groups: dict[str, list[Record]] = {}
    for record in records:
        groups.setdefault(record["bound"], []).append(record)
    figure, axes = _panels(len(groups), f"{statement.id} {statement.title}")
    for axis, (key, group) in zip(axes, groups.items(), strict=True):
        _games_panel(axis, group, Tier(group[0]["tier"]))
        axis.set_title(key, fontsize=9)
        axis.set_xlabel("games, sorted by left side", fontsize=8)
    return figure


def _games_panel(axis: Axes, records: Sequence[Record], tier: Tier) -> None:
    ordered = sorted(records, key=lambda record: _shown(record["lhs_log10"]))
    places = range(len(ordered))
    trivial, right, left = (
        [_shown(record[f"{name}_log10"]) for record in ordered] for name in ("trivial", "rhs", "lhs")
    )
    axis.plot(places, trivial, "_", color="#9aa5b1", markersize=4, label="trivial bound")
    axis.plot(places, right, MARKER[tier], color=COLOUR[tier], markersize=3, label="right side")
    axis.plot(places, left, ".", color="black", markersize=4, label="left side, measured")
    broken = [i for i in places if ordered[i]["status"] == Status.VIOLATED]
    if broken:
        axis.plot(broken, [left[i] for i in broken], ".", color="#c0281c", markersize=6, label="left side, violated")
    _finish(axis)


def over_iterations(statement: Statement, problem: AnyProblem, name: str) -> Figure:
    """Both sides against the number of iterations on one game, one panel for each measured side."""
    series = _series(statement, problem)
    panels: dict[str, list[Bound]] = {}
    for bound in series:
        panels.setdefault(str(bound.left), []).append(bound)
    figure, axes = _panels(len(panels), f"{statement.id} {statement.title}, on {name}")
    for axis, bounds in zip(axes, panels.values(), strict=True):
        longest = max((series[bound] for bound in bounds), key=len)
        steps = sorted(longest)
        axis.plot(steps, [_log(longest[s].trivial) for s in steps], "--", color="#9aa5b1", label="trivial bound")
        for i, bound in enumerate(bounds):
            _iterations_line(axis, bound, series[bound], style=("-", ":", "-.", "--")[i % 4])
        axis.plot(steps, [_log(longest[s].left) for s in steps], "k.-", linewidth=1.0, label="left side, measured")
        axis.set_xscale("log")
        axis.set_xlabel(_counter(statement, problem), fontsize=8)
        _finish(axis)
    return figure


def _iterations_line(axis: Axes, bound: Bound, trials: dict[int, Trial], *, style: str) -> None:
    steps = sorted(trials)
    right = [_log(trials[step].right) for step in steps]
    colour = COLOUR[bound.tier]
    axis.plot(steps, right, style, marker=MARKER[bound.tier], color=colour, markersize=3, linewidth=1, label=bound.key)


def _series(statement: Statement, problem: AnyProblem) -> dict[Bound, dict[int, Trial]]:
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


def _counter(statement: Statement, problem: AnyProblem) -> str:
    return next((key for case in statement.cases(problem) for key in ITERATIONS if key in case), "")


def _game_to_show(records: Sequence[Record]) -> Record | None:
    """Of the records whose cases count iterations, one of the game on which most inequalities say something."""
    counting = [record for record in records if any(isinstance(record["case"].get(key), int) for key in ITERATIONS)]
    useful: dict[str, int] = {}
    for record in counting:
        name = record["game"]["name"]
        useful[name] = useful.get(name, 0) + (2 if record["status"] == Status.HOLDS else 1)
    return max(counting, key=lambda record: useful[record["game"]["name"]], default=None)


def _panels(count: int, title: str) -> tuple[Figure, list[Axes]]:
    """A figure with `count` panels, at most `WIDEST` in a row; sizes in inches."""
    columns = min(count, WIDEST)
    rows = -(-count // columns)
    width, height = max(5.0, 3.9 * columns), 0.5 + 3.0 * rows
    figure = Figure(figsize=(width, height), dpi=90)
    grid = figure.subplots(rows, columns, squeeze=False).ravel()
    for axis in grid[count:]:
        axis.set_axis_off()
    figure.subplots_adjust(
        left=0.6 / width,
        right=1 - 0.1 / width,
        bottom=0.5 / height,
        top=1 - 0.65 / height,
        wspace=0.2,
        hspace=0.34,
    )
    figure.suptitle(title, fontsize=11, y=1 - 0.12 / height, va="top")
    return figure, list(grid[:count])


def _finish(axis: Axes) -> None:
    """The values are logarithms: they stay defined where floats overflow."""
    axis.yaxis.set_major_locator(MaxNLocator(nbins=6, integer=True))
    axis.yaxis.set_major_formatter(FuncFormatter(lambda value, _: f"1e{value:+.0f}"))
    axis.tick_params(labelsize=8)
    axis.grid(True, color="#e6eaf0", linewidth=0.6)
    axis.set_axisbelow(True)
    axis.legend(fontsize=6.5, loc="best", framealpha=0.85)


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
