"""Which problem belongs to which paper: P1 speaks about mean-field games, P2 about dynamic games of N players."""

from __future__ import annotations

from collections.abc import Mapping
from dataclasses import fields
from typing import Any, TypeAlias

from mfbounds.bounds.cases import check_case_data
from mfbounds.bounds.dynamic_cases import check_dynamic_case_data
from mfbounds.bounds.dynamic_problem import DynamicParameters, DynamicProblem
from mfbounds.bounds.problem import Parameters, Problem
from mfbounds.bounds.statement import Case, Statement
from mfbounds.errors import InputError, UnknownNameError
from mfbounds.games.dynamic.game import DynamicGame
from mfbounds.games.game import MeanFieldGame

AnyGame: TypeAlias = MeanFieldGame | DynamicGame
AnyParameters: TypeAlias = Parameters | DynamicParameters
AnyProblem: TypeAlias = Problem | DynamicProblem


def problem_of(game: AnyGame, parameters: AnyParameters | None = None) -> AnyProblem:
    """The problem of a game; default parameters unless given."""
    if isinstance(game, DynamicGame):
        assert not isinstance(parameters, Parameters)
        return DynamicProblem(game, parameters or DynamicParameters())
    assert not isinstance(parameters, DynamicParameters)
    return Problem(game, parameters or Parameters())


def parameters_for(game: AnyGame, given: Mapping[str, Any]) -> AnyParameters:
    """The parameters of a check on a game, from keyword arguments.

    Raises:
        UnknownNameError: a name is not a parameter of checks on such a game.
        InputError: a value breaks a rule.
    """
    kind: type[AnyParameters] = DynamicParameters if isinstance(game, DynamicGame) else Parameters
    known = [item.name for item in fields(kind)]
    for name in given:
        if name not in known:
            raise UnknownNameError("parameter", name, known)
    return kind(**given)


def speaks_about(statement: Statement, game: AnyGame) -> bool:
    """Whether a statement is about games of this kind."""
    return isinstance(game, DynamicGame if statement.paper == "P2" else MeanFieldGame)


def check_subject(statement: Statement, game: AnyGame) -> None:
    """Raises `InputError` when a statement is not about games of this kind."""
    if not speaks_about(statement, game):
        wanted = "a dynamic game of N players" if statement.paper == "P2" else "a mean-field game"
        raise InputError(f"game == {game!r}, must be {wanted}: {statement.id} speaks about no other")


def check_case_of(game: AnyGame, case: Case) -> None:
    """Raises `InputError` when what a case holds is none of the game's."""
    if isinstance(game, DynamicGame):
        check_dynamic_case_data(game, case)
    else:
        check_case_data(game, case)
