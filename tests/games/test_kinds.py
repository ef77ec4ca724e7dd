"""Mean-field games, dynamic games of N players, finite horizons, and what is no game: each is told from the others."""

from __future__ import annotations

from collections.abc import Callable
from typing import Any

import numpy as np
import pytest

import mfbounds as mb
from mfbounds.errors import InputError, NotCertifiableError
from mfbounds.games.dynamic.rps import a_rps
from mfbounds.games.random import two_doors
from mfbounds.mdp import best_response_step
from mfbounds.simulation import RestartOracle
from mfbounds.simulation.dynamic_exploitability import n_player_exploitability
from mfbounds.solvers.fixed_point import find_fixed_point
from mfbounds.symmetry import induced_game

RPS = a_rps(n_players=4)
UNIFORM, LAW = np.full((3, 3), 1 / 3), np.full(3, 1 / 3)
OF_MEAN_FIELDS: dict[str, Callable[[Any], object]] = {
    "evaluate": lambda game: mb.evaluate(game, UNIFORM, LAW),
    "exploitability": lambda game: mb.exploitability(game, UNIFORM, LAW),
    "quality": lambda game: mb.quality(game, UNIFORM, LAW),
    "occupation": lambda game: mb.occupation(game, UNIFORM, LAW, LAW),
    "stationary_distribution": lambda game: mb.stationary_distribution(game, UNIFORM, LAW),
    "soft_optimal": lambda game: mb.soft_optimal(game, LAW),
    "best_response_step": lambda game: best_response_step(game, LAW),
    "trpo": lambda game: mb.trpo(game, LAW, 1),
    "find_fixed_point": find_fixed_point,
    "RestartOracle": RestartOracle,
    "equilibrium": lambda game: mb.equilibrium(game),
    "n_player_gap": lambda game: mb.n_player_gap(game, UNIFORM, LAW, [10]),
    "n_player_deviation": lambda game: mb.n_player_deviation(game, UNIFORM, LAW, [10]),
    "plan_table": lambda game: mb.plan_table(game, [0.1]),
    "affordable_epsilon": lambda game: mb.affordable_epsilon(game, budget=10**6, delta=0.1),
}
OF_BOTH: dict[str, Callable[[Any], object]] = {
    "constants": mb.constants,
    "plan": lambda game: mb.plan(game, epsilon=0.1),
}
JUDGING: dict[str, Callable[[str, Any], object]] = {
    "check": lambda statement, game: mb.check(statement, game, unheard=1),
    "certify_trial": lambda statement, game: mb.certify_trial(statement, "sharpened", game, {}),
}


@pytest.mark.parametrize("name", OF_MEAN_FIELDS)
def test_functions_of_mean_field_games_take_no_others(name: str) -> None:
    for wrong, words in ((RPS, "for N players"), (induced_game(RPS), "a finite horizon use "), ("sis", "games.build")):
        with pytest.raises(InputError, match=rf"^game == .*, must be a MeanFieldGame: .*{words}"):
            OF_MEAN_FIELDS[name](wrong)
    with pytest.raises(InputError, match=r"^game == None, must be a MeanFieldGame$"):
        OF_MEAN_FIELDS[name](None)


@pytest.mark.parametrize("name", OF_BOTH)
def test_functions_of_both_kinds_take_no_third(name: str) -> None:
    for wrong in (induced_game(RPS), "sis", None):
        with pytest.raises(InputError, match=r"^game == .*, must be a MeanFieldGame"):
            OF_BOTH[name](wrong)


@pytest.mark.parametrize("name", JUDGING)
def test_the_kind_is_looked_at_before_anything_else_is(name: str) -> None:
    for wrong in (RPS, induced_game(RPS), "sis", None):
        with pytest.raises(InputError, match=r"must be a mean-field game: P1.C.5 speaks about no other"):
            JUDGING[name]("C.5", wrong)
    for wrong in (two_doors(), induced_game(RPS), "a_rps", None):
        with pytest.raises(InputError, match=r"must be a dynamic game of N players: P2.T.1 speaks about no other"):
            JUDGING[name]("P2.T1", wrong)


def test_what_nothing_encloses_is_told_of_dynamic_games() -> None:
    with pytest.raises(NotCertifiableError, match=r"P2.T.1 \[sharpened\] has no known enclosure"):
        mb.certify_trial("P2.T1", "sharpened", RPS, {})  # type: ignore[arg-type]


def test_slack_and_searches_are_of_mean_field_games() -> None:
    for wrong in (RPS, induced_game(RPS), "sis", None):
        with pytest.raises(InputError, match=r"must be a mean-field game: P1.C.5 speaks about no other"):
            mb.slack_attribution("C.5", wrong, L=3)
    with pytest.raises(InputError, match=r"statement == 'P2.T.1', must be about mean-field games"):
        mb.falsify("P2.T1", budget=0)


def test_functions_of_dynamic_games_take_no_mean_field_game() -> None:
    for wrong in (two_doors(), "a_rps", None):
        with pytest.raises(InputError, match="must be a dynamic game of N players"):
            n_player_exploitability(wrong, np.full((2, 2), 0.5))  # type: ignore[arg-type]
        with pytest.raises(InputError, match=r"must be of finite horizon.*mfbounds.equilibrium"):
            mb.regularised_equilibrium(wrong, tau=0.1)  # type: ignore[arg-type]
