"""Check many statements on many games, in parallel, with the same result whatever the number of workers."""

from __future__ import annotations

from collections.abc import Callable, Iterable, Mapping
from dataclasses import dataclass
from typing import Any, TypeAlias

import joblib

from mfbounds.bounds.ledger import find_statement, ledger
from mfbounds.bounds.problems import AnyGame, parameters_for, problem_of, speaks_about
from mfbounds.bounds.statement import Statement, Tier
from mfbounds.errors import InputError
from mfbounds.games.catalogue import build, from_origin
from mfbounds.games.dynamic.catalogue import build_dynamic, dynamic_catalogue, dynamic_from_origin
from mfbounds.games.dynamic.game import DynamicGame
from mfbounds.games.game import MeanFieldGame, Origin
from mfbounds.verification.check import check_problem, wanted_tiers
from mfbounds.verification.findings import Record, defect_record, problem_records
from mfbounds.verification.report import Report

GameLike: TypeAlias = "AnyGame | Origin | str"


@dataclass(frozen=True, kw_only=True)
class Task:
    """What one worker does: all wanted statements on one game."""

    game: AnyGame | Origin
    statements: tuple[str | Statement, ...]  # names where possible: they travel to a worker faster
    tiers: frozenset[Tier]
    parameters: Mapping[str, Any]
    certify: bool = False


def check_all(
    games: Iterable[GameLike],
    *,
    statements: Iterable[str | Statement] | None = None,
    tiers: Iterable[Tier | str] | None = None,
    workers: int | None = None,
    progress: Callable[[int, int], None] | None = None,
    certify: bool = False,
    **parameters: Any,
) -> Report:
    """Check statements on games, and replay the recorded defects.

    Args:
        games: games, origins, or names of games, of both kinds: a statement is checked on those it is about.
        statements: ids, aliases or statements; the whole ledger by default.
        tiers: all by default.
        workers: processes; None leaves it to joblib (1, unless `joblib.parallel_config` says otherwise).
        progress: called with (games done, games in all) after every game.
        certify: decide in ball arithmetic, as `mfbounds.verification.check.check` does.
        parameters: fields of `mfbounds.bounds.problem.Parameters`.

    Returns:
        The report; its records are in the order of `games`, whatever the number of workers.

    Raises:
        UnknownNameError: a game, a statement, a tier or a parameter is not known.
        InputError: `games` is no list, or holds what is no game.
    """
    if isinstance(games, MeanFieldGame | DynamicGame | Origin | str):
        raise InputError(f"games == {games!r}, must be a list of games, origins or names: write [game]")
    named = tuple(item.id for item in ledger()) if statements is None else _as_tuple(statements)
    chosen = [_found(statement) for statement in named]
    wanted = wanted_tiers(tiers)
    tasks = [
        Task(game=_sendable(game), statements=named, tiers=wanted, parameters=parameters, certify=certify)
        for game in games
    ]
    records: list[Record] = []
    for done, found in enumerate(joblib.Parallel(workers, return_as="generator")(map(_job, tasks)), 1):
        records += found
        if progress is not None:
            progress(done, len(tasks))
    if Tier.PRINTED in wanted:
        records += [
            defect_record(statement, defect, certify=certify) for statement in chosen for defect in statement.defects
        ]
    return Report(records, statements=chosen)


def _job(task: Task) -> tuple[Any, ...]:
    job: tuple[Any, ...] = joblib.delayed(run_task)(task)
    return job


def run_task(task: Task) -> list[Record]:
    """All records of one game, in the order of the statements."""
    game = _rebuilt(task.game) if isinstance(task.game, Origin) else task.game
    problem = problem_of(game, parameters_for(game, task.parameters))
    records: list[Record] = []
    for statement in map(_found, task.statements):
        if not speaks_about(statement, game):
            continue
        verdicts = check_problem(statement, problem, tiers=task.tiers, certify=task.certify)
        records += problem_records(statement, verdicts, problem)
    return records


def _sendable(game: GameLike) -> AnyGame | Origin:
    """An origin where there is one: a worker builds the game again faster than it receives its arrays."""
    found = _named(game) if isinstance(game, str) else game
    if isinstance(found, Origin):
        return found
    if not isinstance(found, MeanFieldGame | DynamicGame):
        raise InputError(f"games[...] == {found!r}, must be a MeanFieldGame, a dynamic game, an origin or a name")
    return found.origin or found


def _named(name: str) -> AnyGame:
    return build_dynamic(name) if name in dynamic_catalogue() else build(name)


def _rebuilt(origin: Origin) -> AnyGame:
    return dynamic_from_origin(origin) if origin.factory in dynamic_catalogue() else from_origin(origin)


def _as_tuple(statements: Iterable[str | Statement]) -> tuple[str | Statement, ...]:
    return (statements,) if isinstance(statements, str) else tuple(statements)


def _found(statement: str | Statement) -> Statement:
    return find_statement(statement) if isinstance(statement, str) else statement
