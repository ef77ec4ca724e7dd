"""What the paper says about convergence and about its mean fields (Figures 1, 2, 4, 5, 6), each claim measured by a number."""

from __future__ import annotations

import math
from collections.abc import Iterator, Mapping, Sequence
from itertools import pairwise
from typing import Any

import numpy as np
import pandas as pd

from mfbounds.experiments import parts as p
from mfbounds.experiments.claim import Claim, range_of
from mfbounds.experiments.geometry import effective_states, near_target, on_second_island, uniform_near_target
from mfbounds.games.catalogue import build

Tables = Mapping[str, pd.DataFrame]
FEW = 0.1  # "a few iterations": this share of all
SPREAD = 0.9  # "a more uniform distribution": this share of the cells, counted by their entropy
GATHERED = 1.1  # times the share of an even spread
STILL = 1e-6  # relative change that does not count: the tables keep seven digits
GROWS = f"grows from the first step shown to the last and falls at none (by more than {STILL:g} of it)"


def convergence(tables: Tables) -> Iterator[Claim]:
    """Figure 1: the sampled method's exploitability settles after a few iterations."""
    table = tables["curves"]
    for eta, runs in table.groupby("eta"):
        reached, settled, levels = zip(*(settling(run) for _, run in runs.groupby("seed")), strict=True)
        limit = FEW * float(table["step"].max())
        yield Claim(
            name="sampled: converges after a few iterations",
            source="Figure 1",
            reading=f"eta = {eta}",
            criterion=f"settled (within twice the mean of the last quarter) by {FEW:.0%} of the steps",
            cases=len(settled),
            met=sum(step <= limit for step in settled),
            measured=f"first there at step {range_of(reached)}, for good {_when(settled)}; "
            f"mean of the last quarter {range_of(levels)}",
        )


def settling(run: pd.DataFrame) -> tuple[int, float, float]:
    """At which step an exploitability is first within twice its mean over the last quarter, from which on it stays so (inf
    if it does not at the last), and that mean: the first two lie apart where noise lifts it again and again.
    """
    ordered = run.sort_values("step")
    values, steps = ordered["exploitability"].to_numpy(), ordered["step"].to_numpy()
    level = float(values[-max(1, len(values) // 4) :].mean())
    within = values <= 2.0 * level
    above = np.flatnonzero(~within)
    stays = 0 if above.size == 0 else int(above[-1]) + 1
    return int(steps[within.argmax()]), float(steps[stays]) if stays < len(steps) else math.inf, level


def _when(steps: Sequence[float]) -> str:
    """At which steps, and how often never (inf)."""
    known = [step for step in steps if step < math.inf]
    never = f"never in {len(steps) - len(known)} of {len(steps)}"
    if not known:
        return never
    return f"at step {range_of(known)}" + (f", {never}" if len(known) < len(steps) else "")


def sampled_spread(tables: Tables) -> Iterator[Claim]:
    """Figure 2: players gather around the point of interest and stay spread."""
    _, game, arguments = p.SAMPLED_GAME
    layout, table = build(game, **arguments).layout, tables["populations"]
    runs = [_by_step(run) for _, run in table.groupby("seed")]
    yield _gathering(runs, layout, "sampled: gathers at the point of interest", "Figure 2", "eta = 0.05, all seeds")
    yield _spreading(runs, 0.5, "sampled: stays spread over the grid", "Figure 2", "eta = 0.05, all seeds")


def populations_in_rooms(tables: Tables) -> Iterator[Claim]:
    """Figure 4: the mean field becomes ever more uniform."""
    for variant, runs in _by_variant(tables):
        yield _spreading(runs, SPREAD, "four rooms: ever more uniform", "Figure 4", variant, growing=True)


def populations_on_islands(tables: Tables) -> Iterator[Claim]:
    """Figure 5: players concentrate on the second island."""
    for variant, runs in _by_variant(tables):
        shares = [[on_second_island(mu) for mu in run.values()] for run in runs]
        yield Claim(
            name="two islands: concentrates on the second",
            source="Figure 5",
            reading=variant,
            criterion=f"its share {GROWS}, and ends above 1/2",
            cases=len(runs),
            met=sum(_grows(share) and share[-1] > 0.5 for share in shares),
            measured=f"share {_course(runs, shares)}",
        )


def populations_at_target(tables: Tables) -> Iterator[Claim]:
    """Figure 6: players cluster around the point of interest."""
    game, arguments = p.GAMES["four rooms, target"]
    layout = build(game, **arguments).layout
    for variant, runs in _by_variant(tables):
        yield _gathering(runs, layout, "four rooms: gathers at the point of interest", "Figure 6", variant)


def _by_variant(tables: Tables) -> Iterator[tuple[str, list[dict[int, Any]]]]:
    table = tables["populations"]
    for variant, rows in table.groupby("variant", sort=False):
        yield str(variant), [_by_step(run) for _, run in rows.groupby("kappa")]


def _by_step(run: pd.DataFrame) -> dict[int, Any]:
    """step -> population (S,)."""
    steps = sorted(int(step) for step in run["step"].unique())
    return {step: run[run["step"] == step].sort_values("state")["mass"].to_numpy() for step in steps}


def _gathering(runs: list[dict[int, Any]], layout: Mapping[str, Any], name: str, source: str, reading: str) -> Claim:
    shares = [[near_target(layout, mu) for mu in run.values()] for run in runs]
    even = uniform_near_target(layout)
    return Claim(
        name=name,
        source=source,
        reading=reading,
        criterion=f"the share within two moves of it ends above {GATHERED} times that of an even spread",
        cases=len(runs),
        met=sum(share[-1] > GATHERED * even for share in shares),
        measured=f"share {_course(runs, shares)}; even spread {even:.3g}",
    )


def _spreading(
    runs: list[dict[int, Any]], least: float, name: str, source: str, reading: str, *, growing: bool = False
) -> Claim:
    sizes = [[effective_states(mu) for mu in run.values()] for run in runs]
    states = len(next(iter(runs[0].values())))
    met = [size[-1] >= least * states and (not growing or _grows(size)) for size in sizes]
    words = f"{GROWS}, and ends" if growing else "ends"
    return Claim(
        name=name,
        source=source,
        reading=reading,
        criterion=f"exp(entropy) {words} at {least:.0%} of the {states} cells or more",
        cases=len(runs),
        met=sum(met),
        measured=f"exp(entropy) {_course(runs, sizes)}",
    )


def _grows(values: Sequence[float]) -> bool:
    """Whether values (>= 0) end above where they begin and never fall on the way, a change of `STILL` being none."""
    falls = any(later < earlier * (1.0 - STILL) for earlier, later in pairwise(values))
    return not falls and values[-1] > values[0] * (1.0 + STILL)


def _course(runs: list[dict[int, Any]], values: list[list[float]]) -> str:
    """The values at each step, their range over the runs where they differ."""
    steps = list(runs[0])
    return ", ".join(f"{range_of([value[i] for value in values])} at {step}" for i, step in enumerate(steps))
