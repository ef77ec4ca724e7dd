"""What the paper says about its experiments, each claim measured by a number with a stated criterion."""

from __future__ import annotations

from collections.abc import Iterator, Mapping, Sequence
from dataclasses import dataclass
from enum import StrEnum
from itertools import pairwise
from typing import Any

import numpy as np
import pandas as pd

from mfbounds.experiments import parts as p
from mfbounds.experiments.geometry import effective_states, near_target, on_second_island, uniform_near_target
from mfbounds.experiments.part import SOLVED
from mfbounds.experiments.readings import PLAIN
from mfbounds.experiments.tables import of_method
from mfbounds.games.catalogue import build

Tables = Mapping[str, pd.DataFrame]
COMPETITIVE = 10.0  # an exploitability up to this many times the best of FP and OMD
FEW = 0.1  # "a few iterations": this share of all
SPREAD = 0.9  # "a more uniform distribution": this share of the cells, counted by their entropy
GATHERED = 1.1  # times the share of an even spread
RIVALS = ("fictitious-play", "online-mirror-descent")


class Verdict(StrEnum):
    """How far the numbers bear a claim out."""

    YES = "reproduced"
    PARTLY = "partly"
    NO = "not reproduced"


@dataclass(frozen=True, kw_only=True)
class Claim:
    """A claim of the paper under one reading.

    Attributes:
        name: a few words.
        source: where the paper makes it.
        reading: which choices the numbers were made with.
        criterion: when a case counts.
        cases: how many cases there are: settings or seeds.
        met: in how many of them the criterion is met.
        measured: the numbers in words.
    """

    name: str
    source: str
    reading: str
    criterion: str
    cases: int
    met: int
    measured: str

    @property
    def verdict(self) -> Verdict:
        if self.met == self.cases:
            return Verdict.YES
        return Verdict.PARTLY if self.met else Verdict.NO


def convergence(tables: Tables) -> Iterator[Claim]:
    """Figure 1: the sampled method's exploitability settles after a few iterations."""
    table = tables["curves"]
    for eta, runs in table.groupby("eta"):
        settled, levels = zip(*(settling(run) for _, run in runs.groupby("seed")), strict=True)
        limit = FEW * float(table["step"].max())
        yield Claim(
            name="sampled: converges after a few iterations",
            source="Figure 1",
            reading=f"eta = {eta}",
            criterion=f"settled (within twice the mean of the last quarter) by {FEW:.0%} of the steps",
            cases=len(settled),
            met=sum(step <= limit for step in settled),
            measured=f"settled at step {min(settled)} to {max(settled)}, at exploitability {_range(levels)}",
        )


def settling(run: pd.DataFrame) -> tuple[int, float]:
    """From which step on an exploitability stays within twice its mean over the last quarter, and that mean."""
    ordered = run.sort_values("step")
    values, steps = ordered["exploitability"].to_numpy(), ordered["step"].to_numpy()
    level = float(values[-max(1, len(values) // 4) :].mean())
    above = np.flatnonzero(values > 2.0 * level)
    first = 0 if above.size == 0 else min(int(above[-1]) + 1, len(values) - 1)
    return int(steps[first]), level


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
            criterion="its share grows from step to step shown, and ends above 1/2",
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


def comparison(tables: Tables) -> Iterator[Claim]:
    """Figure 3: MF-TRPO against FP and OMD at the last step, and on the way there."""
    table = tables["tuning"]
    plain = table["variant"].str.startswith(PLAIN)
    untuned = [of_method(table, "fictitious-play", variant="step 1/(k+1)")]
    untuned.append(of_method(table, "online-mirror-descent", variant="step 0.01"))
    rivals = {
        "FP, OMD with the bonus, tuned": table[table["chosen"] & ~plain],
        "FP with weights 1/(k+1), OMD with rate 0.01": pd.concat(untuned),
        "FP, OMD without the bonus, tuned": table[table["chosen"] & plain],
    }
    for variant in p.POPULATION_STEPS:
        ours = of_method(table, "exact-mf-trpo", variant=variant)
        if ours.empty:
            continue
        for name, theirs in rivals.items():
            yield from _against(ours, theirs, f"{variant}; {name}")
        yield from _level(ours, rivals["FP, OMD with the bonus, tuned"], variant)
        yield _improving(ours, variant)


def _against(ours: pd.DataFrame, theirs: pd.DataFrame, reading: str) -> Iterator[Claim]:
    pairs = list(_pairs(ours, theirs))
    if not pairs:
        return
    ratios = [own / best for own, best, _ in pairs]
    yield Claim(
        name="exact: competitive with FP and OMD",
        source="Appendix F.2, Figure 3",
        reading=reading,
        criterion=f"at the last step at most {COMPETITIVE:g} times the better of the two (below 1e-8 counts as 1e-8)",
        cases=len(pairs),
        met=sum(own <= COMPETITIVE * best for own, best, _ in pairs),
        measured=f"ratio {_range(ratios)}",
    )
    yield Claim(
        name="exact: superior in the long run",
        source="Appendix F.2, Figure 3",
        reading=reading,
        criterion="at the last step below both, beyond the error bounds (below 1e-8 counts as 1e-8)",
        cases=len(pairs),
        met=sum(own + error < best for own, best, error in pairs),
        measured=f"below in {sum(own + error < best for own, best, error in pairs)}, "
        f"level in {sum(abs(own - best) <= error for own, best, error in pairs)}, "
        f"above in {sum(own > best + error for own, best, error in pairs)} of {len(pairs)}",
    )


def _level(ours: pd.DataFrame, theirs: pd.DataFrame, variant: str) -> Iterator[Claim]:
    """The comparison by quality, the gain at mu_k: all that can be seen where mu_k lags behind the policy's law."""
    pairs = list(_pairs(ours, theirs, "quality"))
    if not pairs:
        return
    yield Claim(
        name="exact: competitive, had it been measured at mu_k",
        source="slides, panel (b)",
        reading=f"{variant}; FP, OMD with the bonus, tuned",
        criterion=f"quality at the last step at most {COMPETITIVE:g} times the better of the two (below 1e-8 counts as 1e-8)",
        cases=len(pairs),
        met=sum(own <= COMPETITIVE * best for own, best, _ in pairs),
        measured=f"ratio {_range([own / best for own, best, _ in pairs])}",
    )


def _pairs(
    ours: pd.DataFrame, theirs: pd.DataFrame, column: str = "exploitability"
) -> Iterator[tuple[float, float, float]]:
    """In each setting: our exploitability, the lowest of the rivals', and what their errors come to together."""
    keys = ["game", "kappa", "eta"]
    for _, own in ours.iterrows():
        rivals = theirs[(theirs[keys] == own[keys]).all(axis=1) & theirs["method"].isin(RIVALS)]
        if rivals["method"].nunique() < len(RIVALS):
            continue
        best = rivals.sort_values(column).iloc[0]
        error = float(own["exploitability_error"] + best["exploitability_error"])
        yield max(float(own[column]), SOLVED), max(float(best[column]), SOLVED), error


def _improving(ours: pd.DataFrame, variant: str) -> Claim:
    rises = (ours["highest"] / ours["first"]).to_numpy()
    return Claim(
        name="exact: improves continually",
        source="Appendix F.2",
        reading=variant,
        criterion="the exploitability never rises above its start",
        cases=len(ours),
        met=int((rises <= 1.0).sum()),
        measured=f"rises to {_range(rises)} times its start on the way",
    )


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
    words = "grows from step to step shown, and ends" if growing else "ends"
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
    """Whether values grow, those that stand still up to a millionth included."""
    return all(later >= earlier * (1.0 - 1e-6) for earlier, later in pairwise(values))


def _course(runs: list[dict[int, Any]], values: list[list[float]]) -> str:
    """The values at each step, their range over the runs where they differ."""
    steps = list(runs[0])
    return ", ".join(f"{_range([value[i] for value in values])} at {step}" for i, step in enumerate(steps))


def _range(values: Any) -> str:
    """Three digits of the lowest and the highest value, or of the one value."""
    low, high = f"{min(values):.3g}", f"{max(values):.3g}"
    return low if low == high else f"{low} to {high}"
