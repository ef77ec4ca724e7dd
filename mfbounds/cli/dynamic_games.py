"""What `mfbounds games` tells of dynamic games: N players over a finite horizon."""

from __future__ import annotations

import inspect
from collections.abc import Iterator, Mapping
from typing import TYPE_CHECKING, Any

from mfbounds.cli.output import console, facts, grid, plain_constant
from mfbounds.words import number

if TYPE_CHECKING:
    from mfbounds.games.dynamic.catalogue import DynamicEntry
    from mfbounds.games.dynamic.game import DynamicGame


def dynamic_rows() -> list[dict[str, Any]]:
    """One row a factory: name, class, summary, source, and the arguments that it cannot do without."""
    from mfbounds.games.dynamic.catalogue import dynamic_catalogue

    return [
        {
            "name": name,
            "class": entry.kind,
            "summary": entry.summary,
            "source": entry.source,
            "needs": [key for key, value in _parameters(entry) if value.default is value.empty],
        }
        for name, entry in dynamic_catalogue().items()
    ]


def print_dynamic_rows() -> None:
    """The dynamic games as a table."""
    table = grid("Dynamic games of N players (paper P2)", ("name", "class", "summary"))
    for row in dynamic_rows():
        needs = f" (give {', '.join(f'--set {key}=...' for key in row['needs'])})" if row["needs"] else ""
        table.add_row(row["name"], row["class"], row["summary"] + needs)
    console().print(table)


def dynamic_facts(name: str, game: DynamicGame) -> dict[str, Any]:
    """What is known of one game, in JSON types: sizes, arguments, and the constants of P2."""
    from mfbounds.bounds.dynamic_problem import DynamicProblem
    from mfbounds.errors import NotEnumerableError
    from mfbounds.games.dynamic.catalogue import dynamic_catalogue

    entry = dynamic_catalogue().get(name)
    shown: dict[str, Any] = {
        "name": name,
        "origin": str(game.origin) if game.origin else None,
        "n_players": game.n_players,
        "n_states": game.n_states,
        "n_actions": game.n_actions,
        "horizon": game.horizon,
        "reward_range": list(game.reward_range),
        "independent": game.independent,
        "arguments": {key: _default(value) for key, value in _parameters(entry)} if entry else {},
    }
    try:
        known = DynamicProblem(game).primitives
    except NotEnumerableError as error:
        return {**shown, "constants": {}, "unknown": str(error)}
    sizes = ("n_S", "n_A", "D", "N", "H", "R")
    constants = {key: plain_constant(value) for key, value in known.items() if key not in sizes}
    return {**shown, "constants": constants}


def print_dynamic_facts(shown: Mapping[str, Any]) -> None:
    """One game in full."""
    out = console()
    low, high = shown["reward_range"]
    rows = [
        ("game", shown["origin"] or shown["name"]),
        ("players", f"N = {shown['n_players']}, over H = {shown['horizon']} steps"),
        ("sizes", f"S = {shown['n_states']} states, A = {shown['n_actions']} actions"),
        ("rewards", f"in [{low:.6g}, {high:.6g}]"),
        ("dynamics", "independent of the others" if shown["independent"] else "coupled to the others"),
    ]
    out.print(facts([*rows, *_unknown(shown)]))
    if shown["arguments"]:
        table = grid("Arguments of the factory (--set)", ("name", "default"))
        for key, value in shown["arguments"].items():
            table.add_row(key, "required" if value == "required" else repr(value))
        out.print(table)
    if shown["constants"]:
        table = grid("Constants", ("symbol", "value", "known", "how"), numeric=("value",))
        for key, value in shown["constants"].items():
            table.add_row(key, number(value["value"]), value["provenance"], value["argument"])
        out.print(table)


def _unknown(shown: Mapping[str, Any]) -> Iterator[tuple[str, str]]:
    if "unknown" in shown:
        yield "constants", shown["unknown"]


def _parameters(entry: DynamicEntry) -> Iterator[tuple[str, inspect.Parameter]]:
    yield from inspect.signature(entry.factory).parameters.items()


def _default(parameter: inspect.Parameter) -> Any:
    return "required" if parameter.default is parameter.empty else parameter.default
