"""Pictures show the numbers that the records hold."""

from __future__ import annotations

import math

from mfbounds.bounds.problem import Problem
from mfbounds.bounds.symbols import L, R, gamma
from mfbounds.games.random import random_game
from mfbounds.verification.check import check_problem
from mfbounds.verification.findings import problem_records
from mfbounds.verification.plots import CEILING, over_games, over_iterations, statement_figures, to_png
from mfbounds.verification.report import Report

from . import fakes


def lines(axis):
    return {line.get_label(): line for line in axis.get_lines()}


def records_of(statement, *games):
    return [
        record
        for game in games
        for problem in [Problem(game)]
        for record in problem_records(statement, check_problem(statement, problem), problem)
    ]


def test_over_games_sorts_by_left_side_and_marks_violations():
    statement = fakes.printed_false()
    records = records_of(statement, fakes.two_doors(gamma=0.5), fakes.two_doors(gamma=0.9))
    figure = over_games(statement, records)
    titles = [axis.get_title() for axis in figure.axes if axis.axison]
    assert titles == ["printed / TV = l1", "repaired", "sharpened"]
    printed = lines(figure.axes[0])
    left = list(printed["left side, measured"].get_ydata())
    assert left == sorted(left)
    assert len(printed["left side, violated"].get_ydata()) == 2
    assert "left side, violated" not in lines(figure.axes[1])


def test_over_iterations_draws_the_bound_and_the_measured_side():
    statement = fakes.printed_false()
    figure = over_iterations(statement, Problem(fakes.two_doors()), "two doors")
    drawn = lines(figure.axes[0])
    steps = [1, 2, 5, 10, 20, 40, 100, 200]
    assert list(drawn["left side, measured"].get_xdata()) == steps
    for label, factor in (("left side, measured", 4), ("repaired", 8), ("sharpened", 5)):
        heights = drawn[label].get_ydata()
        assert max(abs(y - math.log10(factor / k)) for y, k in zip(heights, steps, strict=True)) < 1e-12
    assert figure.axes[0].get_xlabel() == "L"


def test_values_beyond_float64_stay_in_the_picture():
    statement = fakes.statement(fakes.bound(R * (1 - gamma) ** -400))
    figure = over_games(statement, records_of(statement, fakes.two_doors()))
    assert max(lines(figure.axes[0])["right side"].get_ydata()) == CEILING
    assert to_png(figure).startswith(b"\x89PNG")


def test_second_picture_only_where_cases_count_iterations_and_the_game_can_be_built_again():
    game = random_game("garnet", 5)
    counting = fakes.statement(fakes.bound(8 / L), measure=fakes.decaying)
    silent = fakes.statement(fakes.bound(8 * R), cases=lambda _: iter([{"M": 1}]))
    for statement, played, number in ((counting, game, 2), (silent, game, 1), (counting, fakes.two_doors(), 1)):
        report = Report(records_of(statement, played), statements=[statement])
        assert len(statement_figures(report, statement)) == number
    assert statement_figures(Report([]), counting) == []
