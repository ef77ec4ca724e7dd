"""Where proved bounds say something: on how many games of each family they stay below the trivial bound."""

from __future__ import annotations

from collections import Counter, defaultdict
from collections.abc import Iterable
from dataclasses import dataclass

from mfbounds.bounds.statement import Tier
from mfbounds.verification.status import Status
from mfbounds.verification.table import DECIDED, Record


@dataclass(frozen=True, kw_only=True)
class Informative:
    """One proved inequality that is vacuous on some games.

    Attributes:
        statement, inequality: which one, tier and form.
        said: games on which it was decided and is not vacuous.
        decided: games on which it was decided.
        where: the same by family of games, in words.
    """

    statement: str
    inequality: str
    said: int
    decided: int
    where: str


def informative(records: Iterable[Record]) -> tuple[Informative, ...]:
    """Every proved inequality that is vacuous on some of the games, in the order of the records."""
    groups: dict[tuple[str, str], list[Record]] = defaultdict(list)
    for record in records:
        if record["kind"] == "verdict" and record["tier"] != Tier.PRINTED and record["status"] in DECIDED:
            groups[record["statement"], record["bound"]].append(record)
    return tuple(
        _counted(statement, bound, group)
        for (statement, bound), group in groups.items()
        if any(record["status"] == Status.VACUOUS for record in group)
    )


def _counted(statement: str, bound: str, group: list[Record]) -> Informative:
    decided = Counter(map(_family, group))
    said = Counter(_family(record) for record in group if record["status"] != Status.VACUOUS)
    names = sorted(decided, key=lambda name: (-said[name] / decided[name], name))
    shown = [f"{said[name]} of {decided[name]} {name}" for name in names if said[name]]
    silent = [f"{name} ({decided[name]})" for name in names if not said[name]]
    return Informative(
        statement=statement,
        inequality=bound,
        said=said.total(),
        decided=decided.total(),
        where="; ".join([*shown, *([f"none of {', '.join(silent)}"] if silent else [])]),
    )


def _family(record: Record) -> str:
    """The family that a random game was drawn from, else the factory that made the game."""
    origin = record["game"]["origin"]
    return str(origin["arguments"].get("family", origin["factory"])) if origin else "games without a factory"
