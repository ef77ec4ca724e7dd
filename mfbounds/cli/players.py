"""`mfbounds players`: play a policy among N players, and compare with its mean-field value."""

from __future__ import annotations

from pathlib import Path
from typing import TYPE_CHECKING, Annotated, Any

import typer

from mfbounds.cli.options import Game, Json, Settings, build_mean_field
from mfbounds.cli.output import PICTURES, check_target, print_json, save_figure
from mfbounds.errors import FileFormatError, InputError, NotConvergedError, why_unreadable

if TYPE_CHECKING:
    from mfbounds.games.game import MeanFieldGame

STATIONARY_STEPS = 1000
DYNAMIC = (
    "`mfbounds solve` plays those, and in Python n_player_exploitability tells what a policy of theirs leaves to gain"
)


def command(
    game: Game,
    settings: Settings = None,
    run: Annotated[
        Path | None, typer.Option(help="Take policy and population from this saved run (.npz of `mfbounds solve`).")
    ] = None,
    policy: Annotated[
        Path | None, typer.Option(help="Take the policy from this .npy file, an array (S, A); by default uniform.")
    ] = None,
    population: Annotated[
        str | None,
        typer.Option(
            metavar="start|stationary|FILE",
            help="Population at the start: the game's, one that stays under the policy, or a .npy array (S,).",
        ),
    ] = None,
    N: Annotated[
        str, typer.Option("-N", "--players", metavar="LIST|LOW:HIGH", help="Such as 10,50,1e6, or decades 10:1e9.")
    ] = "10:1e9",
    replications: Annotated[int, typer.Option(help="Independent plays for each N.")] = 200,
    horizon: Annotated[int | None, typer.Option(help="Last step played; by default, see --tolerance.")] = None,
    tolerance: Annotated[
        float, typer.Option(help="Share of the range of values, divided by N, that may come after the last step.")
    ] = 1e-3,
    start: Annotated[str, typer.Option(help="First states: iid draws, or the exact proportions.")] = "iid",
    level: Annotated[float, typer.Option(help="Confidence of each band.")] = 0.95,
    seed: Annotated[int, typer.Option(help="Same seed, same result.")] = 0,
    deviate: Annotated[
        bool, typer.Option("--deviate", help="Also: what one player gains by a best response to the population.")
    ] = False,
    workers: Annotated[int, typer.Option(help="Threads; they change nothing but the time.")] = 1,
    save: Annotated[Path | None, typer.Option(help="Draw the result into this .png, .pdf or .svg file.")] = None,
    as_json: Json = False,
) -> None:
    """Play a policy among N players, and show how their value nears that of the mean field.

    \b
    Examples:
      mfbounds players four_rooms --run run.npz -N 10:1e9 --save players.png
      mfbounds players two_doors --set attraction=-1 --population stationary -N 10,100,1000 --json
    """
    from mfbounds.cli.players_report import plain_players, print_gains, print_players
    from mfbounds.simulation.n_players import n_player_gap
    from mfbounds.simulation.n_players_deviation import n_player_deviation

    check_target(save, "save", PICTURES)
    numbers, built = parse_numbers(N), build_mean_field(game, settings, DYNAMIC)
    chosen, mu = _played(built, run, policy, population)
    options: dict[str, Any] = {"horizon": horizon, "tolerance": tolerance, "replications": replications}
    options |= {"level": level, "seed": seed, "workers": workers}
    found = n_player_gap(built, chosen, mu, numbers, start=start, **options)
    left = n_player_deviation(built, chosen, mu, numbers, **options) if deviate else None
    if save is not None:
        save_figure(found.plot(), save)
    if as_json:
        print_json(plain_players(found, left))
    else:
        print_players(found)
        if left is not None:
            print_gains(left)


def parse_numbers(text: str) -> list[int]:
    """Numbers of players from ``LOW:HIGH`` (by factors of ten, HIGH included) or a list with commas.

    Raises:
        InputError: a part is no integer >= 1, or LOW > HIGH.

    Example:
        >>> parse_numbers("10:1e4"), parse_numbers("7,2e3")
        ([10, 100, 1000, 10000], [7, 2000])
    """
    low, colon, high = text.partition(":")
    if not colon:
        return [_integer(part, text) for part in text.split(",")]
    first, last = _integer(low, text), _integer(high, text)
    if not 1 <= first <= last:
        raise InputError(f"N == {text!r}, must be LOW:HIGH with 1 <= LOW <= HIGH, for instance 10:1e9")
    numbers = [first]
    while numbers[-1] * 10 <= last:
        numbers.append(numbers[-1] * 10)
    return numbers if numbers[-1] == last else [*numbers, last]


def _integer(part: str, text: str) -> int:
    """An integer, also written as 1e9; exact, whatever its size."""
    from decimal import Decimal, InvalidOperation

    try:
        value = Decimal(part.strip())
        if abs(value.adjusted()) > 30 or value != value.to_integral_value():
            raise ValueError
        return int(value)
    except (InvalidOperation, ValueError, OverflowError):
        raise InputError(f"N == {text!r}, must hold integers such as 1000 or 1e9: {part!r} is none") from None


def _played(game: MeanFieldGame, run: Path | None, policy: Path | None, population: str | None) -> tuple[Any, Any]:
    """The policy (S, A) and the population (S,) that the options name."""
    import numpy as np

    from mfbounds.solvers import load_run

    if run is not None and policy is not None:
        raise InputError(f"policy == {str(policy)!r}, must not be given with --run: the run holds a policy")
    chosen: Any = np.full((game.n_states, game.n_actions), 1.0 / game.n_actions)
    mu: Any = game.start
    if run is not None:
        loaded = load_run(run)
        chosen, mu = loaded.policy, loaded.mu
        if chosen.shape != (game.n_states, game.n_actions):
            raise InputError(
                f"run == {str(run)!r}, must be of a game with {game.n_states} states and {game.n_actions} actions: it was made "
                f"on {loaded.game['name']}, its policy has the shape {chosen.shape}"
            )
    if policy is not None:
        chosen = _array(policy, "policy")
    if population == "start":
        mu = game.start
    elif population == "stationary":
        mu = _stationary(game, chosen, mu)
    elif population is not None:
        mu = _array(Path(population), "population")
    return chosen, mu


def _stationary(game: MeanFieldGame, policy: Any, mu: Any) -> Any:
    """A population that stays under the policy, found by repeating mu -> the law that P_mu^pi keeps."""
    import numpy as np

    from mfbounds.mdp import stationary_distribution

    for _ in range(STATIONARY_STEPS):
        before, mu = mu, stationary_distribution(game, policy, mu)
        moved = float(np.abs(mu - before).sum())
        if game.fixed_kernel is not None or moved <= 1e-12:
            return mu
    raise NotConvergedError(
        f"population == 'stationary', must be found in {STATIONARY_STEPS} steps: the last one moved it by {moved:.2g}; "
        "give a population in a .npy file"
    )


def _array(path: Path, name: str) -> Any:
    import numpy as np

    try:
        with path.open("rb") as stream:
            found = np.load(stream, allow_pickle=False)
        if not isinstance(found, np.ndarray):
            raise ValueError("it is an archive of several arrays; a saved run is given by --run")
        return found
    except (OSError, ValueError, EOFError) as why:
        raise FileFormatError(
            f"{name} == {str(path)!r}, must be a .npy file of numbers: {why_unreadable(why)}"
        ) from why
