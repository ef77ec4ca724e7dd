"""The command `mfbounds`: one verb a module, and no numbers of its own.

Only what parsing the arguments needs is imported at the top of these modules; a verb imports the rest when it runs.
"""

from __future__ import annotations

import sys
from typing import Annotated, Any

import typer
from typer.core import TyperGroup

from mfbounds.cli import (
    check,
    constants,
    experiment,
    falsify,
    games,
    ledger,
    plan,
    players,
    referee,
    replay,
    rescore,
    slack,
    solve,
)
from mfbounds.cli.options import BAD_INPUT, EXIT_CODES
from mfbounds.errors import MfboundsError


class Commands(TyperGroup):
    """The verbs; what goes wrong on purpose is told in one line on stderr, without a traceback."""

    def main(self, *args: Any, **options: Any) -> Any:
        standalone = options.get("standalone_mode", True)
        try:
            code = super().main(*args, **{**options, "standalone_mode": False})
        except typer.Abort:
            code = _fail("stopped")
        except Exception as error:
            code = _fail(_told(error))
        if standalone:
            sys.exit(code or 0)
        return code


def _told(error: Exception) -> str:
    """What to tell about an error on purpose; any other one is raised again, with its traceback."""
    if isinstance(error, MfboundsError):
        return str(error)
    if isinstance(error, OSError):
        return f"path == {str(error.filename)!r}, must be a place that can be read or written: {error.strerror}"
    if hasattr(error, "format_message"):  # of the parser: a missing argument, an unknown option
        return str(error.format_message())
    raise error


def _fail(message: str) -> int:
    typer.echo(f"error: {' '.join(message.split())}", err=True)
    return BAD_INPUT


app = typer.Typer(
    cls=Commands,
    add_completion=False,
    invoke_without_command=True,
    rich_markup_mode="rich",
    pretty_exceptions_enable=False,
    help="A mean-field game goes in; constants, hypotheses, both sides of each inequality and a verdict come out.",
    epilog=EXIT_CODES,
)
for verb, module in {
    "games": games,
    "solve": solve,
    "constants": constants,
    "check": check,
    "falsify": falsify,
    "plan": plan,
    "players": players,
    "ledger": ledger,
    "replay": replay,
    "experiment": experiment,
    "referee": referee,
    "slack": slack,
    "rescore": rescore,
}.items():
    app.command(verb, epilog=EXIT_CODES)(module.command)


@app.callback()
def _without_verb(
    context: typer.Context,
    version: Annotated[bool, typer.Option("--version", help="Print the version and stop.")] = False,
) -> None:
    if version:
        from importlib.metadata import version as version_of

        typer.echo(f"mfbounds {version_of('mfbounds')}")
        raise typer.Exit
    if context.invoked_subcommand is None:
        typer.echo(context.get_help())


def main() -> None:
    """Run the command with the arguments of the process."""
    for stream in (sys.stdout, sys.stderr):
        if hasattr(stream, "reconfigure"):
            stream.reconfigure(errors="backslashreplace")  # a terminal without UTF-8 still shows everything
    app(prog_name="mfbounds")
