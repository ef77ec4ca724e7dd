"""`mfbounds games`: the catalogue, and one game in full."""

from __future__ import annotations

import inspect
from collections.abc import Mapping
from pathlib import Path
from typing import TYPE_CHECKING, Annotated, Any

import typer

from mfbounds.cli.options import Json, Settings, build_any, parse_settings
from mfbounds.cli.output import check_target, console, facts, grid, note, plain_constant, print_json
from mfbounds.errors import InputError
from mfbounds.words import number

if TYPE_CHECKING:
    from mfbounds.games.catalogue import Entry
    from mfbounds.games.dynamic.game import DynamicGame
    from mfbounds.games.game import MeanFieldGame

ABOUT = ("class", "summary", "theory", "source")
LISTED = ("L_r", "L_P")
REGULARITY = ("L_r", "L_r1", "L_P", "L_P_entry", "L_P1", "kappa_A", "rho_1")


def command(
    game: Annotated[
        str | None, typer.Argument(metavar="[GAME]", help="Show this one: a name, a .npz file, or module.py:factory.")
    ] = None,
    settings: Settings = None,
    save: Annotated[Path | None, typer.Option(help="Write the game to this .npz file.")] = None,
    as_json: Json = False,
) -> None:
    """List the named games, or show one: sizes, factory arguments, regularity.

    \b
    Examples:
      mfbounds games
      mfbounds games four_rooms --set kappa=0.4
      mfbounds games garnet --set seed=3 --set n_states=50 --save garnet.npz
      mfbounds games a_sis --set n_players=200
    """
    if game is None:
        if settings or save:
            raise InputError("GAME is missing, must be given with --set and --save: which game is meant?")
        _list(as_json)
        return
    check_target(save, "save", (".npz",))
    from mfbounds.games.catalogue import catalogue
    from mfbounds.games.dynamic.game import DynamicGame

    entry = catalogue().get(game)
    about_factory = entry is not None and bool(_required(entry)) and not settings and save is None
    built = None if about_factory else build_any(game, settings)
    if built is not None and save is not None:
        from mfbounds.games.files import save as save_game

        save_game(built, save)
        note(f"game written to {save}")
    if isinstance(built, DynamicGame):
        _show_dynamic(game, built, as_json)
        return
    shown = {"name": game, **(_factory(entry, settings) if entry else {}), **(_numbers(built) if built else {})}
    if as_json:
        print_json(shown)
    else:
        _print(shown)


def _show_dynamic(name: str, game: DynamicGame, as_json: bool) -> None:
    from mfbounds.cli.dynamic_games import dynamic_facts, print_dynamic_facts

    shown = dynamic_facts(name, game)
    if as_json:
        print_json(shown)
    else:
        print_dynamic_facts(shown)


def _list(as_json: bool) -> None:
    from mfbounds.cli.dynamic_games import dynamic_rows, print_dynamic_rows
    from mfbounds.games.catalogue import build, catalogue

    rows: list[dict[str, Any]] = []
    for name, entry in catalogue().items():
        needs = _required(entry)
        built = None if needs else build(name)
        sizes = {key: getattr(built, key, None) for key in ("n_states", "n_actions", "gamma", "eta")}
        known = _numbers(built)["regularity"] if built else {}
        constants = {key: known[key]["value"] if known else None for key in LISTED}
        rows.append({"name": name, **sizes, **constants, "needs": needs, **_about(entry)})
    if as_json:
        print_json([*rows, *dynamic_rows()])
        return
    numeric = ("S", "A", "gamma", "eta", *LISTED)
    table = grid("Games, with their default arguments", ("name", *numeric, "class", "summary"), numeric=numeric)
    for row in rows:
        sizes_text = ["" if row[key] is None else str(row[key]) for key in ("n_states", "n_actions", "gamma", "eta")]
        constants_text = ["" if row[key] is None else number(row[key]) for key in LISTED]
        needs_text = f" (give {', '.join(f'--set {key}=...' for key in row['needs'])})" if row["needs"] else ""
        table.add_row(row["name"], *sizes_text, *constants_text, row["class"], row["summary"] + needs_text)
    out = console()
    out.print(table)
    out.print(
        "L_r, L_P: Lipschitz constants of reward and kernel in the population, certified. In full: mfbounds constants NAME"
    )
    print_dynamic_rows()
    out.print("What theory applies, and where a game comes from: mfbounds games NAME")


def _about(entry: Entry) -> dict[str, str]:
    texts = (entry.kind, entry.summary, entry.theory, entry.source)
    return dict(zip(ABOUT, texts, strict=True))


def _required(entry: Entry) -> list[str]:
    """Names of the arguments that the factory cannot do without."""
    parameters = inspect.signature(entry.factory).parameters
    return [key for key, value in parameters.items() if value.default is value.empty]


def _factory(entry: Entry, settings: list[str] | None) -> dict[str, Any]:
    """What is known of the factory; its class and theory are words about the default arguments."""
    parameters = inspect.signature(entry.factory).parameters.items()
    return {
        **_about(entry),
        "said_of_defaults": bool(set(parse_settings(settings)) - set(_required(entry))),
        "arguments": {key: _argument(parameter) for key, parameter in parameters},
    }


def _argument(parameter: inspect.Parameter) -> dict[str, Any]:
    required = parameter.default is parameter.empty
    found = {"type": str(parameter.annotation), "required": required}
    return found if required else {**found, "default": parameter.default}


def _numbers(game: MeanFieldGame) -> dict[str, Any]:
    from mfbounds.bounds.regularity import regularity

    known = regularity(game)
    mixing = known.mixing
    return {
        "origin": str(game.origin) if game.origin else None,
        "n_states": game.n_states,
        "n_actions": game.n_actions,
        "gamma": game.gamma,
        "eta": game.eta,
        "reward_range": list(game.reward_range),
        "regularity": {
            **{key: plain_constant(getattr(known, key)) for key in REGULARITY},
            "n": {**plain_constant(mixing.constant), "value": mixing.block},
            "q": {**plain_constant(mixing.constant), "value": mixing.contraction},
        },
    }


def _print(shown: Mapping[str, Any]) -> None:
    out = console()
    rows = [("game", shown.get("origin") or shown["name"])]
    rows += [(key, shown[key]) for key in ABOUT if key in shown]
    if shown.get("said_of_defaults"):
        rows.append(("caution", "class, summary and theory are said of the default arguments; --set has changed some"))
    if "n_states" in shown:
        low, high = shown["reward_range"]
        rows += [
            ("sizes", f"S = {shown['n_states']} states, A = {shown['n_actions']} actions"),
            ("gamma, eta", f"{shown['gamma']}, {shown['eta']}"),
            ("rewards", f"in [{low:.6g}, {high:.6g}]"),
        ]
    out.print(facts(rows))
    if "arguments" in shown:
        table = grid("Arguments of the factory (--set)", ("name", "default", "type"))
        for key, value in shown["arguments"].items():
            table.add_row(key, "required" if value["required"] else repr(value["default"]), value["type"])
        out.print(table)
    if "regularity" in shown:
        table = grid("Regularity", ("symbol", "value", "known", "how"), numeric=("value",))
        for key, value in shown["regularity"].items():
            table.add_row(key, number(value["value"]), value["provenance"], value["argument"])
        out.print(table)
    else:
        needs = ", ".join(f"--set {key}=..." for key, value in shown["arguments"].items() if value["required"])
        out.print(f"Sizes and regularity depend on the arguments: give {needs}")
