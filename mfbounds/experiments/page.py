"""The tables of the one-page account, in Markdown."""

from __future__ import annotations

import math
from collections.abc import Iterable, Mapping, Sequence
from typing import Any

import pandas as pd

from mfbounds.experiments.part import solved
from mfbounds.experiments.readings import BONUS, PLAIN, SOFT, kinds, step_size_of

BEGIN, END = "<!-- tables: begin -->", "<!-- tables: end -->"
Tables = Mapping[str, Mapping[str, pd.DataFrame]]


def page_tables(claims: pd.DataFrame, tables: Tables) -> str:
    """All tables of the page, each under its heading."""
    second = claims["source"].str.startswith("P2")
    shown = f"### What is reproduced\n\n{_claims(claims[~second])}"
    if second.any():
        shown += f"\n### What is reproduced of P2\n\n{_claims(claims[second])}"
    folded = {
        "How the runs of Table 1 ended": _ended(tables["table-1"]["table"]),
        "The step sizes that were tried": _tuning(tables["figure-3"]["tuning"]),
        "The same runs under other readings": _readings(tables["readings"]["outcomes"]),
    }
    parts = [f"<details><summary>{title}</summary>\n\n{table}\n</details>\n" for title, table in folded.items()]
    return "\n".join([shown, *parts])


def markdown(columns: Sequence[str], rows: Iterable[Sequence[Any]]) -> str:
    """A Markdown table.

    Example:
        >>> print(markdown(["a", "b"], [[1, "x|y"]]), end="")
        | a | b |
        | --- | --- |
        | 1 | x/y |
    """
    lines = [columns, ["---"] * len(columns), *rows]
    return "".join("| " + " | ".join(str(cell).replace("|", "/") for cell in line) + " |\n" for line in lines)


def short(value: float, error: float) -> str:
    """Two digits of an exploitability; what is below the threshold whatever the error as such; NaN as a dash.

    Example:
        >>> short(0.01234, 1e-9), short(1e-20, 1e-9), short(1e-20, 1e-7), short(float("nan"), 0.0)
        ('0.012', '< 1e-8', '1e-20 +- 1e-07', '-')
    """
    if solved(value, error):
        return "< 1e-8"
    return f"{two_digits(value)} +- {two_digits(error)}" if error > abs(value) else two_digits(value)


def two_digits(value: float) -> str:
    """Two digits; NaN as a dash."""
    return "-" if math.isnan(value) else f"{value:.2g}"


def _claims(claims: pd.DataFrame) -> str:
    """The claims by reading, and under the table what makes a case count."""
    rows = []
    for row in claims.to_dict("records"):
        met = f"{row['verdict']} ({row['met']} of {row['cases']})"
        rows.append([row["claim"], row["reading"], met, row["measured"]])
    table = markdown(["claim", "reading", "verdict (cases)", "measured"], rows)
    criteria = claims.drop_duplicates("claim").to_dict("records")
    lines = "".join(f"- *{row['claim']}* ({row['source']}): {row['criterion']}\n" for row in criteria)
    return f"{table}\nA case, which is a setting or a seed, counts if:\n\n{lines}"


def _ended(table: pd.DataFrame) -> str:
    rows = []
    keys = ["method", "game", "kappa", "eta", "variant"]
    for (method, game, kappa, eta, variant), group in table.groupby(keys, sort=False):
        sampled = method == "sampled-mf-trpo"
        reading = f"M = {group['M'].iloc[0]:g}, {len(group)} seeds" if sampled else variant
        rows.append(
            [
                "sampled" if sampled else "exact",
                game,
                f"{kappa:g}",
                f"{eta:g}",
                reading,
                short(group["exploitability"].mean(), group["exploitability_error"].mean()),
                two_digits(group["quality"].mean()),
                two_digits(group["consistency"].mean()),
                "-" if math.isnan(group["solved_at"].iloc[0]) or sampled else f"{group['solved_at'].iloc[0]:.0f}",
            ]
        )
    columns = [
        "MF-TRPO",
        "game",
        "kappa",
        "eta",
        "reading",
        "exploitability",
        "quality",
        "consistency",
        "solved at step",
    ]
    return markdown(columns, rows)


def _tuning(table: pd.DataFrame) -> str:
    """One row a setting and method: every step size with the step at which it solved the game, or with what was left."""
    rows = []
    others = table[table["method"] != "exact-mf-trpo"]
    for kind, bonus in {BONUS: "yes", PLAIN: "no", SOFT: "no; Boltzmann responses"}.items():
        part = others[kinds(others) == kind]
        for (game, kappa, eta, method), group in part.groupby(["game", "kappa", "eta", "method"], sort=False):
            tried = ", ".join(_tried(row) for row in group.to_dict("records"))
            rows.append([game, f"{kappa:g}", f"{eta:g}", method, bonus, tried])
    return markdown(["game", "kappa", "eta", "method", "bonus", "step size: outcome (bold: chosen)"], rows)


def _tried(row: Mapping[Any, Any]) -> str:
    size = step_size_of(str(row["variant"]))
    step = row["solved_at"]
    left = short(row["exploitability"], row["exploitability_error"])
    outcome = f"{left} left" if math.isnan(step) else f"step {step:.0f}"
    return f"**{size}: {outcome}**" if row["chosen"] else f"{size}: {outcome}"


def _readings(table: pd.DataFrame) -> str:
    rows = []
    for row in table.to_dict("records"):
        rows.append(
            [
                row["game"],
                f"{row['eta']:g}",
                row["variant"],
                short(row["exploitability"], row["exploitability_error"]),
                two_digits(row["highest"]),
                _or_dash(row["effective_states"]),
                _or_dash(row["share"]),
            ]
        )
    columns = [
        "game",
        "eta",
        "reading",
        "exploitability",
        "highest on the way",
        "exp(entropy)",
        "share at target or on island 2",
    ]
    return markdown(columns, rows)


def _or_dash(value: float) -> str:
    return "-" if math.isnan(value) else f"{value:.3g}"
