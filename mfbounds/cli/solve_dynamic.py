"""What `mfbounds solve` shows of a run on a dynamic game."""

from __future__ import annotations

import math
from typing import TYPE_CHECKING

from mfbounds.cli.output import console, facts, print_json
from mfbounds.words import number

if TYPE_CHECKING:
    from mfbounds.solvers.run import Run

MEANING = {
    "exploitability": "largest gain of a player by deviating from the last policy (P2, Definition 2), reward units",
    "exploitability_error": "bound on the error of the line above",
    "exploitability_mean": "the same, averaged over the players",
    "average_exploitability": "largest gain by deviating from the average of all policies",
    "average_exploitability_mean": "the same, averaged over the players",
    "mean_field_exploitability": "of the last policy in the induced mean-field game (P2, Definition 5)",
    "policy_change": "max over steps and states of ||pi_t - pi_(t-1)||_1",
    "trajectories": "joint trajectories sampled",
}


def show_dynamic(run: Run, every: int, *, as_json: bool) -> None:
    """The last row of the history, each number with its meaning; as JSON, with the history."""
    last = {str(name): float(value) for name, value in run.history.iloc[-1].items()}
    if as_json:
        steps = run.history["step"]
        shown = run.history[(steps % every == 0) | (steps == last["step"])]
        schedules = {
            name.partition(" ")[2]: a.tolist() for name, a in run.state.items() if name.startswith("schedule ")
        }
        print_json(
            {
                "method": run.method,
                "game": dict(run.game),
                "parameters": {**run.parameters, **schedules},
                "final": last,
                "history": shown.to_dict(orient="records"),
            }
        )
        return
    options = ", ".join(f"{key} = {value}" for key, value in run.parameters.items() if value is not None)
    out = console()
    out.print(facts([("game", str(run.game["name"])), ("method", f"{run.method}, {options}")]))
    rows = [(name, number(last[name]), words) for name, words in MEANING.items() if not math.isnan(last[name])]
    out.print(facts(rows))
