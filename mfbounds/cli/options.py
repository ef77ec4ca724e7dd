"""What the verbs have in common: their arguments, and the exit codes."""

from __future__ import annotations

import json
import math
import traceback
from collections.abc import Sequence
from pathlib import Path
from typing import TYPE_CHECKING, Annotated, Any

import typer

from mfbounds.errors import InputError, MfboundsError

if TYPE_CHECKING:
    from mfbounds.bounds.problems import AnyGame
    from mfbounds.games.game import MeanFieldGame

VIOLATED, BAD_INPUT, UNDECIDED = 1, 2, 3
EXIT_CODES = (
    "Exit codes: 0 fine; 1 a violated inequality that the ledger does not record as false, or a document that has "
    "drifted; 2 bad input, told in one line on stderr; 3 an undecided inequality, with --strict."
)

Game = Annotated[
    str,
    typer.Argument(
        metavar="GAME",
        help="A name of `mfbounds games`, a saved .npz file, or path/module.py:factory (its code is run).",
        show_default=False,
    ),
]
Settings = Annotated[
    list[str] | None,
    typer.Option(
        "--set",
        metavar="KEY=VALUE",
        help="Argument of the game's factory, as JSON or plain text: --set kappa=0.4. Repeat it for more.",
    ),
]
Json = Annotated[
    bool,
    typer.Option("--json", help='Print one JSON document and nothing else; infinities are {"float": "inf"}.'),
]
Strict = Annotated[bool, typer.Option("--strict", help="Exit with 3 when an inequality is left undecided.")]
Certify = Annotated[
    bool,
    typer.Option("--certify", help="Decide in ball arithmetic, with growing precision: such a verdict is a proof."),
]
Steps = Annotated[str, typer.Option("-M", metavar="N|inf", help="Population steps; inf: the stationary law.")]


def build_game(name: str, settings: Sequence[str] | None) -> MeanFieldGame:
    """The game that the command line names.

    Raises:
        InputError: it cannot be built; for a factory in a file, that includes whatever its code raises.
    """
    from mfbounds.games.catalogue import build

    arguments = parse_settings(settings)
    try:
        return build(name, **arguments)
    except (MfboundsError, OSError):
        raise
    except Exception as error:
        if ".py:" not in name:
            raise
        raise InputError(f"game == {name!r}, must be a factory that runs: {where(error)}") from error


def build_any(name: str, settings: Sequence[str] | None) -> AnyGame:
    """The mean-field or dynamic game that the command line names.

    Raises:
        InputError: it cannot be built.
    """
    from mfbounds.games.dynamic.catalogue import build_dynamic, dynamic_catalogue
    from mfbounds.games.files import load_any

    if name in dynamic_catalogue():
        return build_dynamic(name, **parse_settings(settings))
    return load_any(name) if name.endswith(".npz") and not settings else build_game(name, settings)


def build_mean_field(name: str, settings: Sequence[str] | None, instead: str) -> MeanFieldGame:
    """`build_game` for verbs that play no dynamic game; `instead` says what does, in place of them.

    Raises:
        InputError: it cannot be built, or is a dynamic game.
    """
    from mfbounds.games.dynamic.catalogue import dynamic_catalogue
    from mfbounds.games.game import MeanFieldGame

    built = name if name in dynamic_catalogue() else build_any(name, settings)
    if isinstance(built, MeanFieldGame):
        return built
    raise InputError(f"game == {built!r}, must be a mean-field game: it is a dynamic game of N players; {instead}")


def where(error: Exception) -> str:
    """A foreign error in one line, with the place that raised it."""
    told = f"{type(error).__name__}: {error}"
    frames = traceback.extract_tb(error.__traceback__)
    return f"{told} (line {frames[-1].lineno} of {Path(frames[-1].filename).name})" if frames else told


def parse_settings(settings: Sequence[str] | None, option: str = "--set") -> dict[str, Any]:
    """Arguments from the ``KEY=VALUE`` texts of a command-line `option`.

    Raises:
        InputError: a text has no key, or a key is given twice.

    Example:
        >>> parse_settings(["kappa=0.4", "target=[4, 4]", "blocked=stay"])
        {'kappa': 0.4, 'target': [4, 4], 'blocked': 'stay'}
    """
    arguments: dict[str, Any] = {}
    for text in settings or ():
        key, equals, value = text.partition("=")
        if not equals or not key.isidentifier():
            raise InputError(f"{option} == {text!r}, must be KEY=VALUE, for instance kappa=0.4")
        if key in arguments:
            raise InputError(f"{option} {key} == {value!r}, must be given once: it is {arguments[key]!r} already")
        arguments[key] = parse_value(value)
    return arguments


def parse_value(value: str) -> Any:
    """What JSON makes of a text, or the text itself.

    Example:
        >>> parse_value("0.4"), parse_value("2/(k+2)")
        (0.4, '2/(k+2)')
    """
    try:
        return json.loads(value)
    except json.JSONDecodeError:
        return value


def parse_steps(text: str) -> int | float:
    """M from text: an integer or ``inf``; its range is checked where it is used.

    Raises:
        InputError: it is neither.
    """
    if text.lower() in ("inf", "infinity"):
        return math.inf
    try:
        return int(text)
    except ValueError:
        raise InputError(f"M == {text!r}, must be an integer >= 1 or inf") from None
