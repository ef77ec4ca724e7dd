"""`mfbounds rescore`: a run of bench-mfg-suite scored again."""

from __future__ import annotations

from pathlib import Path
from typing import TYPE_CHECKING, Annotated, Any

import typer

from mfbounds.cli.options import Json, Settings, build_mean_field, parse_settings, where
from mfbounds.cli.output import console, facts, grid, print_json
from mfbounds.errors import InputError, MfboundsError

if TYPE_CHECKING:
    from mfbounds.interop import Rescore


def command(
    folder: Annotated[Path, typer.Argument(metavar="FOLDER", help="Of one run: final_policy.npz and so on.")],
    environment: Annotated[
        str | None,
        typer.Option(
            "--env",
            metavar="ENV",
            help="path/module.py:factory of the environment (its code is run), or a GAME; by default bench-mfg-suite, "
            "which must then be installed, builds it from the folder's config.yaml.",
        ),
    ] = None,
    settings: Settings = None,
    horizon: Annotated[int | None, typer.Option(help="Of the run, where neither ENV nor config.yaml has it.")] = None,
    tol: Annotated[float, typer.Option(help="Residual below which a law counts as stationary.")] = 1e-10,
    as_json: Json = False,
) -> None:
    """Score a run of bench-mfg-suite again: its exploitability, ours, and the steps between them.

    \b
    Examples:
      mfbounds rescore RUN
      mfbounds rescore RUN --env environments.py:make_rooms --set alpha=0.4
      mfbounds rescore RUN --env game.npz --horizon 100 --json
    """
    from mfbounds.interop import environment_of, rescore

    if environment is None and settings:
        raise InputError("--env is missing, must be given with --set: which environment is meant?")
    scored = environment_of(folder) if environment is None else _environment(environment, settings)
    result = rescore(folder, scored, horizon=horizon, tol=tol)
    if as_json:
        print_json(_plain(result))
    else:
        _print(result)


def _environment(name: str, settings: list[str] | None) -> Any:
    """What the factory in a file returns, an environment or a game; or a game by its name.

    Raises:
        InputError: it cannot be built; for a factory in a file, that includes whatever its code raises.
    """
    from mfbounds.games.factories import called, factory_in

    path, colon, function = name.rpartition(":")
    if not colon or not path.endswith(".py"):
        return build_mean_field(name, settings, "runs of bench-mfg-suite are of mean-field games")
    try:
        return called(factory_in(Path(path), function), name, parse_settings(settings))
    except (MfboundsError, OSError):
        raise
    except Exception as error:
        raise InputError(f"env == {name!r}, must be a factory that runs: {where(error)}") from error


def _plain(result: Rescore) -> dict[str, Any]:
    rows = result.to_pandas().reset_index().to_dict(orient="records")
    return {
        "folder": str(result.run.folder),
        "game": result.game,
        "horizon": result.horizon,
        "policy_correction": result.run.policy_correction,
        "mean_field_correction": result.run.mean_field_correction,
        "numbers": rows,
        "remark": result.remark,
    }


def _print(result: Rescore) -> None:
    out = console()
    run = result.run
    corrected = f"policy by {run.policy_correction:.2g}, mean field by {run.mean_field_correction:.2g}"
    out.print(facts([("run", str(run.folder)), ("game", result.game), ("rows divided by their sums, off", corrected)]))
    numeric = ("value", "error", "residual", "change")
    table = grid("Exploitability without entropy, reward units", ("number", *numeric, "what"), numeric=numeric)
    for number, row in result.to_pandas().iterrows():
        cells = (_digits(row["value"]), *(_short(row[key]) for key in numeric[1:]))
        table.add_row(str(number), *cells, row["what"])
    out.print(table)
    out.print("residual: ||mu P^pi - mu||_1 at the mean field used; change: from the row above")
    if result.remark:
        out.print(result.remark)


def _digits(value: float) -> str:
    return "-" if value != value else f"{value:.9g}"


def _short(value: float) -> str:
    return "-" if value != value else f"{value:.2g}"
