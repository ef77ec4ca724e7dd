"""Plans for many accuracies, the accuracy that a budget buys, and pictures of both."""

from __future__ import annotations

import math
from collections.abc import Iterable
from typing import Any

import pandas as pd
from matplotlib.figure import Figure

from mfbounds.bounds.planning import check_plan_arguments
from mfbounds.bounds.planning_mean_field import planned
from mfbounds.bounds.planning_orders import orders
from mfbounds.bounds.planning_result import Plan
from mfbounds.bounds.problem import Parameters, Problem
from mfbounds.bounds.statement import Tier
from mfbounds.checks import check_count, check_positive
from mfbounds.errors import InputError
from mfbounds.games.game import MeanFieldGame
from mfbounds.games.kinds import check_mean_field

PRECISION = 1e-3  # relative, of an affordable epsilon
NUMBERS = ("exact_L", "exact_K", "L", "K", "I", "P", "oracle_calls")


def plan_table(
    game: MeanFieldGame,
    epsilons: Iterable[float],
    *,
    delta: float | None = None,
    tiers: Iterable[Tier | str] = tuple(Tier),
    M: int | float | None = None,
    initial: str = "repaired",
    C_op: float | None = None,
) -> pd.DataFrame:
    """One row for each tier and epsilon: the numbers of `plan`, their decimal logarithms, and the growth.

    The column `order` is the exponent of 1/epsilon in the oracle calls between this row and the one before it; its
    limit is `mfbounds.bounds.planning_orders.orders(tier)["total"]`.

    Raises:
        InputError, UnknownNameError: as `plan`.
    """
    check_mean_field(game, "mfbounds.plan")
    problem = Problem(game, Parameters(C_op=C_op))
    rows: list[dict[str, Any]] = []
    wanted = sorted({check_positive(epsilon, "epsilon") for epsilon in epsilons}, reverse=True)
    for tier in tiers:
        before: dict[str, Any] | None = None
        for epsilon in wanted:
            check_plan_arguments(epsilon, delta, tier, initial)
            row = planned(problem, epsilon, delta, M, Tier(tier), initial).to_dict()
            row["order"] = math.nan if before is None or delta is None else _order(before, row)
            rows.append(row)
            before = row
    return pd.DataFrame(rows)


def _order(before: dict[str, Any], row: dict[str, Any]) -> float:
    growth: float = row["log10_oracle_calls"] - before["log10_oracle_calls"]
    return growth / math.log10(before["epsilon"] / row["epsilon"])


def affordable_epsilon(
    game: MeanFieldGame,
    *,
    budget: int,
    delta: float,
    M: int | None = None,
    tier: Tier | str = "repaired",
    initial: str = "repaired",
    C_op: float | None = None,
) -> Plan:
    """The plan with the smallest epsilon that costs at most `budget` expected oracle calls, to a part in a thousand.

    Raises:
        InputError: even the accuracy that every policy has costs more, or as `plan`.
    """
    check_mean_field(game, "mfbounds.plan")
    check_count(budget, "budget")
    check_plan_arguments(1.0, delta, tier, initial)
    problem = Problem(game, Parameters(C_op=C_op))

    def at(epsilon: float) -> Plan:
        return planned(problem, epsilon, delta, M, Tier(tier), initial)

    def calls(found: Plan) -> int:
        assert found.oracle_calls is not None
        return found.oracle_calls

    trivial = (game.R + game.eta * math.log(game.n_actions)) / (1.0 - game.gamma)
    high = at(trivial)
    if calls(high) > budget:
        raise InputError(
            f"budget == {budget}, must be >= {calls(high)}: that many calls are needed for a promise of epsilon == V_max == "
            f"{trivial:.4g}, which every policy keeps"
        )
    low = trivial
    while calls(at(low)) <= budget:
        high, low = at(low), low / 4.0
    while high.epsilon / low > 1.0 + PRECISION:
        middle = at(math.sqrt(low * high.epsilon))
        if calls(middle) <= budget:
            high = middle
        else:
            low = middle.epsilon
    return high


def plot_plans(table: pd.DataFrame) -> Figure:
    """The planned numbers over epsilon on logarithmic axes, one panel a tier, from the rows of `plan_table`."""
    tiers = list(dict.fromkeys(table["tier"]))
    figure = Figure(figsize=(4.2 * len(tiers), 4.2), layout="constrained")
    panels = figure.subplots(1, len(tiers), sharey=True, squeeze=False)[0]
    for axes, tier in zip(panels, tiers, strict=True):
        rows = table[table["tier"] == tier]
        for name in NUMBERS:
            if rows[f"log10_{name}"].notna().any():
                axes.plot(rows["epsilon"], rows[f"log10_{name}"], marker=".", label=name)
        axes.set(
            xscale="log", xlabel="epsilon (reward units)", title=f"{tier}: 1/eps^{orders(Tier(tier))['total']} calls"
        )
        axes.invert_xaxis()
    panels[0].set_ylabel("log10 of the number")
    panels[-1].legend()
    return figure
