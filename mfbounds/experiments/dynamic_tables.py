"""From parts on dynamic games to the one table of each of their experiments."""

from __future__ import annotations

from collections.abc import Mapping, Sequence

import pandas as pd

from mfbounds.experiments.dynamic_part import DynamicPart
from mfbounds.experiments.store import Outcome


def dynamic_curves(done: Sequence[tuple[DynamicPart, Outcome]]) -> Mapping[str, pd.DataFrame]:
    """One row a part and kept epoch; the columns are explained in `mfbounds.solvers.solve_dynamic`."""
    tables = []
    for part, outcome in done:
        rows = outcome.rows.copy()
        named = {
            "game": part.game,
            "setting": part.setting,
            "method": part.method,
            "variant": part.variant,
            "seed": part.seed,
        }
        for place, (name, value) in enumerate(named.items()):
            rows.insert(place, name, value)
        tables.append(rows)
    return {"curves": pd.concat(tables, ignore_index=True)}
