"""`mfbounds check`: verdicts about one statement, or all of them, on a game."""

from __future__ import annotations

import re
from pathlib import Path
from typing import TYPE_CHECKING, Annotated, Any

import typer

from mfbounds.cli.options import Certify, Game, Json, Settings, Strict, build_any, parse_steps
from mfbounds.cli.output import note, print_json, progress_bar
from mfbounds.cli.replay import replay_file
from mfbounds.cli.verdicts import exit_code, print_verdicts
from mfbounds.errors import InputError

if TYPE_CHECKING:
    from collections.abc import Sequence

    from mfbounds.bounds.problems import AnyGame, AnyProblem
    from mfbounds.bounds.statement import Statement
    from mfbounds.verification.verdict import Verdict


def command(
    statement: Annotated[
        str,
        typer.Argument(
            metavar="STATEMENT", help="An id or alias of `mfbounds ledger` (C.5), or all.", show_default=False
        ),
    ] = "",
    game: Game = "",
    settings: Settings = None,
    tier: Annotated[
        list[str] | None, typer.Option(help="printed, repaired or sharpened; repeat it for more. Default: all.")
    ] = None,
    M: Annotated[
        str | None, typer.Option("-M", metavar="N|inf", help="Population steps. Default: the first with C_op < 1.")
    ] = None,
    L: Annotated[list[int] | None, typer.Option("-L", help="TRPO iterations to look at; repeat it for more.")] = None,
    K: Annotated[int | None, typer.Option("-K", help="Outer iterations.")] = None,
    beta: Annotated[float | None, typer.Option(help="Step size in (0, 1]. Default: the largest admitted.")] = None,
    C_prime: Annotated[
        float | None, typer.Option("--C-prime", help="The constant that Theorem C.1 leaves open.")
    ] = None,
    C_op: Annotated[
        float | None, typer.Option("--C-op", help="A constant for A-2 that you vouch for. Default: the certified one.")
    ] = None,
    draws: Annotated[int | None, typer.Option(help="Random cases a statement, beside the systematic ones.")] = None,
    seed: Annotated[int | None, typer.Option(help="Of the random cases.")] = None,
    save_witness: Annotated[
        Path | None, typer.Option(metavar="DIR", help="Write a witness file for each violated inequality.")
    ] = None,
    witness: Annotated[
        Path | None, typer.Option(metavar="FILE", help="Judge a saved case again, instead of STATEMENT and GAME.")
    ] = None,
    certify: Certify = False,
    strict: Strict = False,
    as_json: Json = False,
) -> None:
    """Check a statement on a game: a verdict for each of its inequalities, worst first, with the reason.

    A violation that the ledger records as a defect of the printed text is expected and exits with 0.

    \b
    Examples:
      mfbounds check C.5 two_islands
      mfbounds check E.6 four_rooms --set kappa=0.4 --tier repaired -M inf
      mfbounds check all two_doors --save-witness witnesses --strict
      mfbounds check E.1 two_doors --certify
      mfbounds check --witness witnesses/P1.E.1-printed-sup-TV-l1-two_doors.npz --certify
    """
    if witness is not None:
        if statement or game:
            raise InputError(f"STATEMENT == {statement!r}, must be left out with --witness: the file names them")
        replay_file(witness, certify=certify, strict=strict, as_json=as_json)
    if not game:
        raise InputError("GAME == '', must be given, after STATEMENT: a name of `mfbounds games`, or a file")
    given: dict[str, Any] = {"L": tuple(L) if L else None, "M": None if M is None else parse_steps(M)}
    given |= {"K": K, "beta": beta, "C_prime": C_prime, "C_op": C_op, "draws": draws, "seed": seed}
    wanted, problem = _asked(statement, build_any(game, settings), given)
    verdicts = _verdicts(wanted, problem, tier, save_witness, certify=certify)
    if as_json:
        print_json([verdict.to_record() for verdict in verdicts])
    else:
        print_verdicts(verdicts, title=f"{statement} on {problem.game!r}, worst first")
    if save_witness is not None:
        _save(verdicts, save_witness)
    raise typer.Exit(exit_code(verdicts, strict=strict))


def _asked(name: str, game: AnyGame, given: dict[str, Any]) -> tuple[list[Statement], AnyProblem]:
    """The statements that are meant, as far as they are about such a game, and the problem to check them on."""
    from mfbounds.bounds.ledger import find_statement, ledger
    from mfbounds.bounds.problems import check_subject, parameters_for, problem_of, speaks_about

    statements = ledger() if name.lower() == "all" else (find_statement(name),)
    spoken = [item for item in statements if speaks_about(item, game)]
    if not spoken:
        check_subject(statements[0], game)
    return spoken, problem_of(
        game, parameters_for(game, {key: value for key, value in given.items() if value is not None})
    )


def _verdicts(
    statements: Sequence[Statement], problem: AnyProblem, tier: list[str] | None, folder: Path | None, *, certify: bool
) -> list[Verdict]:
    from mfbounds.output import write_files
    from mfbounds.verification.check import check_problem, wanted_tiers

    tiers = wanted_tiers(tier or None)
    if folder is not None:
        write_files(folder, {})  # a folder that cannot be written is refused before the work
    found: list[Verdict] = []
    with progress_bar("check") as report:
        for done, statement in enumerate(statements):
            report(done, len(statements))
            found += check_problem(statement, problem, tiers=tiers, certify=certify)
    return found


def _save(verdicts: Sequence[Verdict], folder: Path) -> None:
    from mfbounds.verification.status import Status
    from mfbounds.verification.verdict import game_name
    from mfbounds.verification.witness import save_witness

    for verdict in verdicts:
        if verdict.status is Status.VIOLATED:
            name = f"{verdict.statement} {verdict.bound} {game_name(verdict.game)}"
            path = folder / f"{re.sub(r'[^A-Za-z0-9._]+', '-', name).strip('-')}.npz"
            save_witness(verdict, path)
            note(f"witness written to {path}")
