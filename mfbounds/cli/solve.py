"""`mfbounds solve`: run a population iteration, keep it, draw it, go on with it."""

from __future__ import annotations

from pathlib import Path
from typing import TYPE_CHECKING, Annotated, Any

import typer

from mfbounds.cli.options import Game, Json, Settings, build_any, parse_settings, parse_steps, parse_value
from mfbounds.cli.output import PICTURES, check_target, console, facts, note, print_json, progress_bar, save_figure
from mfbounds.errors import InputError
from mfbounds.words import number

if TYPE_CHECKING:
    from collections.abc import Callable

    from mfbounds.games.game import MeanFieldGame
    from mfbounds.numbers import Measured
    from mfbounds.solvers.run import Run

MEANING = {
    "exploitability": "gain of deviating at the law that the policy keeps (P1, eq. (7)), reward units",
    "quality": "gain of deviating at mu itself, reward units",
    "residual": "||F_M(mu) - mu||_2: 0 at an equilibrium",
    "consistency": "||lambda - mu||_1, lambda the law that the policy keeps: 0 at a stationary equilibrium",
}


def command(
    game: Game,
    settings: Settings = None,
    method: Annotated[
        str,
        typer.Option(
            help="exact-mf-trpo, exact-best-response, sampled-mf-trpo, fictitious-play, online-mirror-descent, "
            "damped-fixed-point or policy-iteration; for a dynamic game symm-pmd, independent-pmd, fictitious-play or "
            "online-mirror-descent."
        ),
    ] = "exact-mf-trpo",
    option: Annotated[
        list[str] | None,
        typer.Option(metavar="KEY=VALUE", help="Option of the method: --option learning_rate=1. Repeat it for more."),
    ] = None,
    K: Annotated[int, typer.Option("-K", help="Outer steps, in all also when resuming.")] = 100,
    L: Annotated[
        int | None, typer.Option("-L", help="TRPO updates an outer step, for the two MF-TRPO; by default 10.")
    ] = None,
    M: Annotated[
        str | None,
        typer.Option(
            "-M",
            metavar="N|inf",
            help="Population steps; by default 1, and inf for the methods of the field. For symm-pmd and "
            "independent-pmd trajectories an epoch, by default 200.",
        ),
    ] = None,
    beta: Annotated[
        str | None,
        typer.Option(
            metavar="B|RULE",
            help="Step size of the population, in (0, 1], K of them as a list, or one of the rules 1/(k+1), 2/(k+2); by "
            "default the method's.",
        ),
    ] = None,
    warm_start: Annotated[
        bool, typer.Option("--warm-start/--cold", help="Start each TRPO at the last policy, not the uniform one.")
    ] = False,
    seed: Annotated[int | None, typer.Option(help="Seed of a sampled method; by default a fresh one.")] = None,
    every: Annotated[int, typer.Option(help="Compute the costly columns at each such step, and at the last.")] = 1,
    resume: Annotated[Path | None, typer.Option(help="Go on with this saved run.")] = None,
    save: Annotated[Path | None, typer.Option(help="Write the run to this .npz file.")] = None,
    plot: Annotated[Path | None, typer.Option(help="Draw the history into this .png, .pdf or .svg file.")] = None,
    as_json: Json = False,
) -> None:
    """Solve a game by a population iteration, and say how close to an equilibrium it came.

    \b
    Examples:
      mfbounds solve four_rooms -K 200 -L 10 --beta 0.1 --every 20 --save run.npz --plot run.png
      mfbounds solve four_rooms -K 400 -L 10 --beta 0.1 --every 20 --resume run.npz
      mfbounds solve two_doors --set attraction=-1 -M inf --method exact-best-response --json
      mfbounds solve four_rooms --method online-mirror-descent --option learning_rate=1 --every 10
      mfbounds solve two_islands --method fictitious-play --beta "2/(k+2)" --every 10
      mfbounds solve a_rps --method symm-pmd --seed 0 --every 10
      mfbounds solve a_sis --set n_players=200 --method symm-pmd --option xi_0=4 --option mixing=none --every 10
    """
    from mfbounds.cli.solve_dynamic import show_dynamic
    from mfbounds.games.game import MeanFieldGame
    from mfbounds.solvers import load_run
    from mfbounds.solvers import solve as solve_game

    check_target(save, "save", (".npz",))
    check_target(plot, "plot", PICTURES)
    built, own = build_any(game, settings), _own_options(option)
    steps = {"M": None if M is None else parse_steps(M), "beta": None if beta is None else parse_value(beta)}
    given = {"K": K, "L": L, **steps, "warm_start": warm_start, **own}
    earlier = None if resume is None else load_run(resume)
    with progress_bar(method) as report:
        run = solve_game(built, method, every=every, seed=seed, progress=report, resume=earlier, **given)
    if save is not None:
        run.save(save)
        note(f"run written to {save}")
    if plot is not None:
        save_figure(run.plot(), plot)
    if isinstance(built, MeanFieldGame):
        _show(built, run, every, as_json=as_json)
    else:
        show_dynamic(run, every, as_json=as_json)


def _own_options(texts: list[str] | None) -> dict[str, Any]:
    """The options that one method has for itself; those of all methods are not given by --option."""
    from mfbounds.solvers.solve import OPTIONS

    own = parse_settings(texts, "--option")
    for key in set(own) & set(OPTIONS):
        raise InputError(
            f"--option {key} == {own[key]!r}, must be an option of its own: give --{key.replace('_', '-')}"
        )
    return own


def _show(game: MeanFieldGame, run: Run, every: int, *, as_json: bool) -> None:
    final = _final(game, run)
    if as_json:
        _print_json(run, final, every)
    else:
        _print(run, final)


def _final(game: MeanFieldGame, run: Run) -> dict[str, Measured | None]:
    """How far the last pair is from an equilibrium; None where the policy keeps no single law."""
    from mfbounds.errors import NotUnichainError
    from mfbounds.mdp import measured_exploitability, measured_quality

    measures: dict[str, Callable[[], Measured]] = {
        "exploitability": lambda: measured_exploitability(game, run.policy, run.mu),
        "quality": lambda: measured_quality(game, run.policy, run.mu),
        "residual": lambda: _residual(game, run, run.parameters["M"]),
        "consistency": lambda: _consistency(game, run),
    }
    found: dict[str, Measured | None] = {}
    for name, measure in measures.items():
        try:
            found[name] = measure()
        except NotUnichainError:
            found[name] = None
    return found


def _residual(game: MeanFieldGame, run: Run, M: int | float) -> Measured:
    import numpy as np

    from mfbounds.mdp import best_response_step
    from mfbounds.numbers import Measured

    step = best_response_step(game, run.mu, M)
    return Measured(float(np.linalg.norm(step.law - run.mu)), step.error_l1)


def _consistency(game: MeanFieldGame, run: Run) -> Measured:
    import numpy as np

    from mfbounds.mdp import freeze, frozen_stationary
    from mfbounds.numbers import Measured

    law = frozen_stationary(freeze(game, run.mu), run.policy)
    return Measured(float(np.abs(law.law - run.mu).sum()), law.error)


def _print_json(run: Run, final: dict[str, Measured | None], every: int) -> None:
    last = int(run.history["step"].iloc[-1])
    shown = run.history[(run.history["step"] % every == 0) | (run.history["step"] == last)]
    print_json(
        {
            "method": run.method,
            "game": run.game,
            "parameters": {**run.parameters, "beta": run.state["beta"].tolist()},
            "final": {key: _plain(value) for key, value in final.items()},
            "history": shown.to_dict(orient="records"),
        }
    )


def _plain(measured: Measured | None) -> dict[str, Any] | None:
    return None if measured is None else {"value": measured.value, "error": measured.error}


def _print(run: Run, final: dict[str, Measured | None]) -> None:
    from mfbounds.solvers.solve import WITH_TRPO

    unheard = set() if run.method in WITH_TRPO else {"L", "warm_start"}
    options = ", ".join(
        f"{key} = {value}" for key, value in run.parameters.items() if value is not None and key not in unheard
    )
    rows = [("game", str(run.game["name"])), ("method", f"{run.method}, {options}")]
    measures = [_measure(key, measured) for key, measured in final.items()]
    last = run.history.iloc[-1]
    measures.append(("last step", number(last["delta_mu"]), "||mu_K - mu_(K-1)||_2"))
    measures.append(("value", number(last["value"]), "J(pi, mu, mu), reward units"))
    out = console()
    out.print(facts(rows))
    out.print(facts(measures))


def _measure(name: str, measured: Measured | None) -> tuple[str, str, str]:
    if measured is None:
        return name, "none", "the chain has several recurrent classes: no law is singled out"
    return name, f"{number(measured.value)} +- {measured.error:.1g}", MEANING[name]
