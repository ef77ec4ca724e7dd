"""`mfbounds plan`: how many iterations and trajectories suffice for an accuracy."""

from __future__ import annotations

from collections.abc import Mapping
from dataclasses import asdict
from pathlib import Path
from typing import TYPE_CHECKING, Annotated, Any

import typer

from mfbounds.cli.options import Game, Json, Settings, build_any, parse_steps
from mfbounds.cli.output import PICTURES, check_target, console, grid, print_json, save_figure
from mfbounds.errors import InputError

if TYPE_CHECKING:
    from mfbounds.bounds.planning_result import Plan
    from mfbounds.games.dynamic.game import DynamicGame


def command(
    game: Game,
    epsilon: Annotated[
        list[float] | None, typer.Option("--epsilon", help="Exploitability to reach, reward units. Repeat it for more.")
    ] = None,
    settings: Settings = None,
    delta: Annotated[
        float | None, typer.Option(help="Allowed failure probability; without it only the exact algorithm is planned.")
    ] = None,
    tier: Annotated[str, typer.Option(help="Of the bounds: printed, repaired, sharpened, or all.")] = "repaired",
    M: Annotated[
        str, typer.Option("-M", metavar="N|inf", help="Population steps; by default the first that serves.")
    ] = "",
    initial: Annotated[
        str, typer.Option(help="Where a population trajectory starts: repaired (Algorithm 8) or reset (a draw).")
    ] = "repaired",
    C_op: Annotated[float | None, typer.Option("--C-op", help="A constant for A-2 that you vouch for.")] = None,
    budget: Annotated[
        int | None, typer.Option(help="Oracle calls: plan the smallest epsilon that they buy (with --delta).")
    ] = None,
    tau: Annotated[float | None, typer.Option(help="Entropy weight, for dynamic games; by default the best.")] = None,
    empirical: Annotated[bool, typer.Option(help="Also search for small numbers that reach epsilon in runs.")] = False,
    plot: Annotated[Path | None, typer.Option(help="Draw the numbers over epsilon (.png, .svg, .pdf).")] = None,
    as_json: Json = False,
) -> None:
    """Plan sample sizes: integers that suffice for an epsilon-equilibrium; one fewer is no longer promised to.

    \b
    Examples:
      mfbounds plan random_game --set family=contractive --set seed=3 --epsilon 0.1 --delta 0.05
      mfbounds plan game.npz --epsilon 0.1 --epsilon 0.01 --delta 0.05 --tier all --plot plan.png
      mfbounds plan game.npz --budget 1000000000000 --delta 0.05 --tier sharpened --json
      mfbounds plan a_rps --epsilon 5 --tier sharpened
    """
    from mfbounds.games.dynamic.game import DynamicGame

    check_target(plot, "--plot", PICTURES)
    if bool(epsilon) == (budget is not None):
        raise InputError("--epsilon and --budget: exactly one of them must be given")
    built = build_any(game, settings)
    if isinstance(built, DynamicGame):
        _only_for_mean_fields(
            {"--delta": delta, "-M": M, "--C-op": C_op, "--budget": budget, "--empirical": empirical, "--plot": plot}
        )
        _plan_dynamic(built, epsilon or [], tier, tau, as_json)
        return
    if tau is not None:
        raise InputError(f"--tau == {tau}, must not be given for {built!r}: it is the entropy weight of dynamic games")
    tiers = ["printed", "repaired", "sharpened"] if tier == "all" else [tier]
    common: dict[str, Any] = {"delta": delta, "M": parse_steps(M) if M else None, "initial": initial, "C_op": C_op}
    if budget is not None:
        found = _affordable(built, budget, tiers, common)
    else:
        found = _plans(built, epsilon or [], tiers, {**common, "empirical": empirical})
    if plot is not None:
        _draw(built, epsilon or [found[0].epsilon], tiers, common, plot)
    _show(found, as_json=as_json)


def _only_for_mean_fields(options: Mapping[str, Any]) -> None:
    for name, value in options.items():
        if value:
            raise InputError(f"{name} == {value}, must not be given: it is for mean-field games, not for N players")


def _plan_dynamic(game: DynamicGame, epsilons: list[float], tier: str, tau: float | None, as_json: bool) -> None:
    from mfbounds.bounds.planning import plan

    tiers = ["repaired", "sharpened"] if tier == "all" else [tier]
    found = [plan(game, epsilon=epsilon, tier=name, tau=tau) for name in tiers for epsilon in epsilons]
    if as_json:
        print_json({"plans": [asdict(item) | item.to_dict() for item in found]})
    else:
        typer.echo("\n\n".join(map(str, found)))


def _plans(game: Any, epsilons: list[float], tiers: list[str], options: dict[str, Any]) -> list[Plan]:
    from mfbounds.bounds.planning import plan

    return [plan(game, epsilon=epsilon, tier=tier, **options) for tier in tiers for epsilon in epsilons]


def _affordable(game: Any, budget: int, tiers: list[str], common: dict[str, Any]) -> list[Plan]:
    from mfbounds.bounds.planning_tables import affordable_epsilon

    if common["delta"] is None:
        raise InputError("--delta is missing, must be given with --budget: only the sampled algorithm calls an oracle")
    return [affordable_epsilon(game, budget=budget, tier=tier, **common) for tier in tiers]


def _draw(game: Any, epsilons: list[float], tiers: list[str], common: dict[str, Any], path: Path) -> None:
    from mfbounds.bounds.planning_tables import plan_table, plot_plans

    save_figure(plot_plans(plan_table(game, epsilons, tiers=tiers, **common)), path)


def _show(found: list[Plan], *, as_json: bool) -> None:
    if as_json:
        print_json({"plans": [asdict(item) | item.to_dict() for item in found]})
    elif len(found) == 1:
        typer.echo(str(found[0]))
    else:
        _print(found)


def _print(found: list[Plan]) -> None:
    from mfbounds.bounds.planning_result import show_count

    numbers = ("exact_L", "exact_K", "L", "K", "I", "T", "P", "oracle_calls")
    table = grid(
        f"Plans for {found[0].game}, M = {found[0].M}", ("tier", "epsilon", *numbers), numeric=("epsilon", *numbers)
    )
    for item in found:
        cells = (show_count(getattr(item, name)) for name in numbers)
        table.add_row(item.tier.value, f"{item.epsilon:g}", *cells)
    console().print(table)
    for text in dict.fromkeys(note for item in found for note in item.notes):
        typer.echo(f"note: {text}")
