"""Cases from outside: a policy or a population of the caller's, or what a file holds."""

from __future__ import annotations

from collections.abc import Iterator
from contextlib import contextmanager, suppress

from mfbounds.bounds.problems import AnyProblem, check_case_of
from mfbounds.bounds.statement import Case, Statement
from mfbounds.errors import InputError, UnknownNameError
from mfbounds.verification.trial import TROUBLE


def check_given(statement: Statement, problem: AnyProblem, case: Case) -> None:
    """Refuses a case that the statement could not be measured on.

    Raises:
        UnknownNameError: it holds a name that no case of the statement has on this game.
        InputError: what it holds is none of the game's.
    """
    known = _names(statement, problem)
    for name in case:
        if known and name not in known:
            raise UnknownNameError(f"name in a case of {statement.id}", name, known)
    check_case_of(problem.game, case)


def _names(statement: Statement, problem: AnyProblem) -> set[str]:
    """What the cases hold that the statement itself tries; nothing if they cannot be found."""
    names: set[str] = set()
    with suppress(*TROUBLE):
        for case in statement.cases(problem):
            names.update(case)
    return names


@contextmanager
def nothing_missing(statement: Statement, case: Case) -> Iterator[None]:
    """Raises `InputError` when what is done inside asks a case from outside for something that it does not hold."""
    try:
        yield
    except KeyError as error:
        if len(error.args) != 1 or error.args[0] in case:
            raise
        raise InputError(f"case == {sorted(case)}, must hold {error}: {statement.id} is measured there") from None
