"""The account: which claims of the paper the tables bear out, as a table and on a page."""

from __future__ import annotations

import os
from collections.abc import Callable, Iterable, Mapping
from dataclasses import asdict
from pathlib import Path
from types import MappingProxyType

import pandas as pd

from mfbounds.errors import InputError
from mfbounds.experiments import claims as c
from mfbounds.experiments import claims_dynamic as d
from mfbounds.experiments.catalogue import experiments
from mfbounds.experiments.claim import Claim
from mfbounds.experiments.claims_comparison import comparison
from mfbounds.experiments.files import DEFAULT_OUT, DIGITS, load, read_manifest
from mfbounds.experiments.page import BEGIN, END, page_tables
from mfbounds.output import write_files

MEASURED: Mapping[str, Callable[[Mapping[str, pd.DataFrame]], Iterable[Claim]]] = MappingProxyType(
    {
        "figure-1": c.convergence,
        "figure-2": c.sampled_spread,
        "figure-3": comparison,
        "figure-4": c.populations_in_rooms,
        "figure-5": c.populations_on_islands,
        "figure-6": c.populations_at_target,
        "p2-figure-1b": d.learning_on_rps,
        "p2-figure-1c": d.learning_on_sis,
        "p2-figure-2a": d.sensitivity,
    }
)
REHEARSAL = "rehearsal"
COLUMNS = ("experiment", "claim", "source", "reading", "criterion", "cases", "met", "verdict", "measured")


def account(out: str | os.PathLike[str] = DEFAULT_OUT) -> pd.DataFrame:
    """The claims that the experiments in the folder `out` measure, one row a claim and reading.

    Columns: `experiment`, `claim`, `source`, `reading`, `criterion`, `cases`, `met`, `verdict`, `measured`; see
    `mfbounds.experiments.claim.Claim`. Experiments that were not run are left out; the verdict on a reduced one is
    "rehearsal", as its counts are too small to say anything about the paper.

    Raises:
        FileFormatError: a table there is damaged.
    """
    rows = []
    for name, measure in MEASURED.items():
        manifest = read_manifest(Path(out), name)
        if manifest is None:
            continue
        rehearsal = "--reduced" in manifest["command"].split()
        for claim in measure(load(name, out)):
            row = asdict(claim)
            verdict = REHEARSAL if rehearsal else str(claim.verdict)
            rows.append({"experiment": name, "claim": row.pop("name"), **row, "verdict": verdict})
    return pd.DataFrame(rows, columns=list(COLUMNS))


def write_account(out: Path, table: pd.DataFrame) -> None:
    """Writes the account to account.csv in the folder of all experiments.

    Raises:
        InputError: the folder cannot be written.
    """
    write_files(out, {"account.csv": table.to_csv(index=False, float_format=DIGITS, lineterminator="\n").encode()})


def page_with_tables(text: str, out: str | os.PathLike[str] = DEFAULT_OUT) -> str:
    """A page with the tables between its markers made anew from the data in `out`.

    Raises:
        InputError: the page has no markers, or `out` lacks an experiment that the page shows.
        FileFormatError: a table there is damaged.
    """
    before, after = _around_tables(text)
    tables = {name: load(name, out) for name in ("figure-3", "table-1", "readings")}
    return f"{before}{BEGIN}\n\n{_unfinished(Path(out))}{page_tables(account(out), tables)}\n{END}{after}"


def _around_tables(text: str) -> tuple[str, str]:
    """What stands before the first marker, and after the second."""
    before, begin, rest = text.partition(BEGIN)
    _, end, after = rest.partition(END)
    if not begin or not end:
        raise InputError(
            f"page == {text[:40]!r}..., must hold the markers {BEGIN!r} and {END!r}: the tables go between"
        )
    return before, after


def _unfinished(out: Path) -> str:
    """Which experiments were not run, or lack parts: a paragraph, or nothing."""
    lines = []
    for name in experiments():
        manifest = read_manifest(out, name)
        if manifest is None:
            lines.append(f"{name} (not run yet)")
        elif manifest["missing"]:
            lines.append(f"{name} ({manifest['missing']} of {manifest['parts']} parts missing)")
    return f"**Unfinished**, and so not or not fully in these tables: {', '.join(lines)}.\n\n" if lines else ""


def read_page(path: Path) -> str:
    """The text of a page that the tables can be written into.

    Raises:
        InputError: there is no such page, it is no text, or it has no markers.
    """
    try:
        text = path.read_text(encoding="utf-8")
    except (OSError, UnicodeDecodeError):
        raise InputError(f"page == '{path}', must be an existing page with the markers {BEGIN!r}, {END!r}") from None
    _around_tables(text)
    return text


def write_page(path: Path, out: Path) -> None:
    """Writes the tables into a page, between its markers.

    Raises:
        InputError: as `read_page` and `page_with_tables`.
    """
    write_files(path.parent, {path.name: page_with_tables(read_page(path), out).encode()})
