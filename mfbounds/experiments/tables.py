"""From parts to tables: curves, populations, outcomes, and which step size was best."""

from __future__ import annotations

import math
from collections.abc import Iterable, Mapping, Sequence
from typing import Any, TypeAlias

import numpy as np
import pandas as pd

from mfbounds.experiments.geometry import effective_states, where
from mfbounds.experiments.part import SOLVED, Part, solved
from mfbounds.experiments.store import AnyPart, Outcome

Done: TypeAlias = "tuple[Part, Outcome]"
AnyDone: TypeAlias = "tuple[AnyPart, Outcome]"
SETTING = ("game", "kappa", "eta")
NAMED = (*SETTING, "method", "variant")


def named(part: Part) -> dict[str, Any]:
    """The columns that say which part a row is about."""
    setting = {"game": part.label, "kappa": part.arguments["kappa"], "eta": part.arguments["eta"]}
    seed = {} if part.seed is None else {"seed": part.seed}
    return {**setting, "method": part.method, "variant": part.variant, **seed}


def curves(done: Iterable[Done], columns: Sequence[str]) -> pd.DataFrame:
    """One row a part and kept step, with the `columns` asked for."""
    tables = []
    for part, outcome in done:
        rows = outcome.rows[["step", *columns]].copy()
        for place, (name, value) in enumerate(named(part).items()):
            rows.insert(place, name, value)
        tables.append(rows)
    return pd.concat(tables, ignore_index=True) if tables else pd.DataFrame(columns=[*NAMED, "step", *columns])


def populations(done: Iterable[Done]) -> pd.DataFrame:
    """One row a part, snapshot and state, with its mass."""
    rows = [
        {**named(part), "step": step, "state": state, "mass": float(mass)}
        for part, outcome in done
        for step, mu in outcome.populations.items()
        for state, mass in enumerate(mu)
    ]
    return pd.DataFrame(rows)


def outcomes(done: Iterable[Done]) -> pd.DataFrame:
    """One row a part: where it ended, and from which step on it was solved (NaN: never).

    The last columns are those of `mfbounds.experiments.work.measures` at the last step. `highest` is the largest
    exploitability at the kept steps, less its error bound (which is large while policies are so sharp that float64 does not
    tell where a chain rests), `first` the exploitability at the start. `effective_states` and `share` tell how the last
    population lies (`mfbounds.experiments.geometry`): NaN where it was not kept.
    """
    kept = ("exploitability", "exploitability_error", "plain_exploitability", "quality", "consistency")
    rows = []
    for part, outcome in done:
        last = outcome.rows.iloc[-1]
        row: dict[str, Any] = {**named(part), "last_step": int(last["step"]), "solved_at": solved_at(outcome.rows)}
        row |= {name: float(last[name]) for name in kept}
        row |= {
            "first": float(outcome.rows["exploitability"].iloc[0]),
            "highest": float((outcome.rows["exploitability"] - outcome.rows["exploitability_error"]).max()),
        }
        rows.append({**row, **_place(part, outcome)})
    return pd.DataFrame(rows)


def _place(part: Part, outcome: Outcome) -> dict[str, float]:
    """How the population at the last of all steps lies."""
    mu = outcome.populations.get(part.K)
    if mu is None:
        return {"effective_states": math.nan, "share": math.nan}
    return {"effective_states": effective_states(mu), "share": where(part.build().layout, mu)}


def solved_at(rows: pd.DataFrame) -> float:
    """The first kept step from which on every kept one is certified to be solved; NaN if the last is not."""
    flags = [
        solved(value, error) for value, error in zip(rows["exploitability"], rows["exploitability_error"], strict=True)
    ]
    if not flags[-1]:
        return math.nan
    unsolved = [place for place, flag in enumerate(flags) if not flag]
    return float(rows["step"].iloc[unsolved[-1] + 1 if unsolved else 0])


def with_choice(ended: pd.DataFrame) -> pd.DataFrame:
    """`outcomes` with a column `chosen`: in each setting and method the best variant, by `rank`."""
    chosen = ended.assign(chosen=False)
    for _, group in ended.groupby([*SETTING, "method"], sort=False):
        chosen.loc[min(group.index, key=lambda place: rank(ended.loc[place].to_dict())), "chosen"] = True
    return chosen


def rank(row: Mapping[Any, Any]) -> tuple[float, float]:
    """How good an outcome is, smaller is better: the step from which on it is solved; if it never is, by what is left.

    The criterion by which step sizes are chosen. NaN (a chain with several recurrent classes) is last.
    """
    left = float(row["exploitability"])
    step = math.inf if math.isnan(row["solved_at"]) else float(row["solved_at"])
    return step, math.inf if math.isnan(left) else max(left, SOLVED)


def of_method(table: pd.DataFrame, method: str, **wanted: Any) -> pd.DataFrame:
    """The rows of a method, and of whatever else is wanted: ``column=value``."""
    mask = table["method"] == method
    for name, value in wanted.items():
        mask &= np.isclose(table[name], value) if isinstance(value, float) else table[name] == value
    return table[mask]
