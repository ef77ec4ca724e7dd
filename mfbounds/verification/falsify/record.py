"""The tightest ratios that long searches have found: kept with the package, shown in the verification report."""

from __future__ import annotations

import csv
import io
import math
from collections.abc import Callable, Iterable
from dataclasses import astuple, dataclass, fields
from functools import lru_cache
from importlib import resources
from typing import Any

from mfbounds.verification.falsify.effort import tightness
from mfbounds.verification.falsify.result import Falsification

FILE = "tightest.csv"


@dataclass(frozen=True, kw_only=True)
class Tightest:
    """One inequality and what a long search had to say about it.

    Attributes:
        statement, bound: id of the statement and key of the inequality.
        ratio: the largest left/right found, from below.
        words: the same in words.
        violated: whether the checking path found a violation.
        states, actions, family: of the game with that ratio ("" when it applied to none).
        games, edge_cases, seconds: how much was tried for the statement's tier, seconds of processor time.
        seed: of the search.
    """

    statement: str
    bound: str
    ratio: float
    words: str
    violated: bool
    states: int
    actions: int
    family: str
    games: int
    edge_cases: int
    seconds: float
    seed: int


def rows(searches: Iterable[Falsification]) -> list[Tightest]:
    """One row for each inequality, in the order of the searches."""
    return [_row(search, attempt.bound) for search in searches for attempt in search.attempts]


def _row(search: Falsification, bound: str) -> Tightest:
    found, effort = search.state.worst.get(bound), search.effort
    settings = {} if found is None else found.individual.settings
    return Tightest(
        statement=search.statement,
        bound=bound,
        ratio=math.nan if found is None else found.ratio,
        words=tightness(found),
        violated=found is not None and found.violated,
        states=int(settings.get("n_states", 0)),
        actions=int(settings.get("n_actions", 0)),
        family=str(settings.get("coupling", "")),
        games=effort.games,
        edge_cases=effort.edge_cases,
        seconds=round(effort.seconds, 1),
        seed=search.seed,
    )


def to_csv(found: Iterable[Tightest]) -> str:
    """The rows as CSV with a header; floats are written so that they read back the same."""
    stream = io.StringIO()
    writer = csv.writer(stream, lineterminator="\n")
    writer.writerow(item.name for item in fields(Tightest))
    writer.writerows(astuple(row) for row in found)
    return stream.getvalue()


def from_csv(text: str) -> tuple[Tightest, ...]:
    """The inverse of `to_csv`."""
    kinds: dict[str, Callable[[str], Any]] = {
        "float": float,
        "int": int,
        "str": str,
        "bool": lambda word: word == "True",
    }
    readers = {item.name: kinds[str(item.type)] for item in fields(Tightest)}
    return tuple(
        Tightest(**{name: readers[name](value) for name, value in row.items()})
        for row in csv.DictReader(io.StringIO(text))
    )


@lru_cache(maxsize=1)
def recorded() -> tuple[Tightest, ...]:
    """What the package's own long search found; empty in a package without the file."""
    file = resources.files("mfbounds.verification.falsify").joinpath(FILE)
    return from_csv(file.read_text()) if file.is_file() else ()


def show_ratio(value: float) -> str:
    """Four digits, near 1 what is missing to 1, empty where nothing applied.

    >>> show_ratio(0.0661583), show_ratio(1 - 5e-7), show_ratio(math.inf), show_ratio(math.nan)
    ('0.06616', '1-5e-07', 'inf', '')
    """
    if 0.0 < 1.0 - value < 1e-4:
        return f"1-{1.0 - value:.1g}"
    return "" if math.isnan(value) else f"{value:.4g}"


def show_game(row: Tightest) -> str:
    """Sizes of the game with the ratio, and where the population enters it."""
    if not row.states:
        return ""
    enters = {"both": "kernel and reward", "none": "nothing"}.get(row.family, row.family)
    return f"S={row.states}, A={row.actions}; mu enters {enters}"
