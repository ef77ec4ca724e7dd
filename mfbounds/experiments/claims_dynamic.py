"""What P2 says about its Figures 1(b), 1(c) and 2(a), each claim measured by a number."""

from __future__ import annotations

import math
from collections.abc import Iterator, Mapping
from itertools import pairwise

import pandas as pd

from mfbounds.experiments.claim import Claim, range_of
from mfbounds.experiments.dynamic_part import EQUILIBRIUM

Tables = Mapping[str, pd.DataFrame]
SOON = 0.1  # "rapidly": by this share of the epochs
CLEARLY = 0.9  # "below": at most this share of the other's
OURS, THEIRS = "symm-pmd", "independent-pmd"


def learning_on_rps(tables: Tables) -> Iterator[Claim]:
    """Figure 1(b)."""
    return _learning(tables["curves"], "A-RPS", "P2, Figure 1(b)")


def learning_on_sis(tables: Tables) -> Iterator[Claim]:
    """Figure 1(c)."""
    return _learning(tables["curves"], "A-SIS", "P2, Figure 1(c)")


def _learning(table: pd.DataFrame, game: str, source: str) -> Iterator[Claim]:
    for (setting, variant), runs in table[table["method"] == OURS].groupby(["setting", "variant"], sort=False):
        rivals = _rivals(table, str(setting), str(variant))
        reading = f"{setting}, {variant}"
        if rivals is None:
            yield _ends(runs, game, source, reading)
            continue
        theirs, which = rivals
        yield _below(runs, theirs, game, source, f"{reading}; IPMD {which}")
        yield _soon(runs, theirs, game, source, f"{reading}; IPMD {which}")


def _rivals(table: pd.DataFrame, setting: str, variant: str) -> tuple[pd.DataFrame, str] | None:
    """The runs of independent learners with the same options, or with the printed ones; None if there are none."""
    theirs = table[(table["method"] == THEIRS) & (table["setting"] == setting)]
    for wanted in (variant, "printed"):
        found = theirs[theirs["variant"] == wanted]
        if len(found):
            return found, wanted
    return None


def _below(ours: pd.DataFrame, theirs: pd.DataFrame, game: str, source: str, reading: str) -> Claim:
    """Symm-PMD ends below the independent learners."""
    last, other = _last(ours, "exploitability"), _last(theirs, "exploitability")
    means, other_means = _last(ours, "exploitability_mean"), _last(theirs, "exploitability_mean")
    return Claim(
        name=f"{game}: Symm-PMD ends below IPMD",
        source=source,
        reading=reading,
        criterion=f"last policy, largest over the players: at most {CLEARLY:g} times IPMD's lowest over the seeds",
        cases=len(last),
        met=int((last <= CLEARLY * other.min()).sum()),
        measured=f"max {range_of(last)} against {range_of(other)}, mean {range_of(means)} against {range_of(other_means)}",
    )


def _soon(ours: pd.DataFrame, theirs: pd.DataFrame, game: str, source: str, reading: str) -> Claim:
    """Symm-PMD needs few epochs to be where the independent learners end."""
    goal = _last(theirs, "exploitability").min()
    limit = SOON * float(ours["step"].max())
    reached = [_first_below(run, goal) for _, run in ours.groupby("seed")]
    known = [step for step in reached if not math.isnan(step)]
    return Claim(
        name=f"{game}: Symm-PMD is rapid",
        source=source,
        reading=reading,
        criterion=f"from {SOON:.0%} of the epochs on it stays below where IPMD ends (its best seed)",
        cases=len(reached),
        met=sum(step <= limit for step in known),
        measured=f"below from epoch {range_of(known)} on" if known else "never below for good",
    )


def _ends(runs: pd.DataFrame, game: str, source: str, reading: str) -> Claim:
    """Where Symm-PMD ends, and whether it stays near its lowest value: told without a rival."""
    last = _last(runs, "exploitability")
    lowest = runs.groupby("seed")["exploitability"].min()
    average = _last(runs, "average_exploitability")
    return Claim(
        name=f"{game}: Symm-PMD settles",
        source=source,
        reading=reading,
        criterion="its last policy's exploitability is at most twice the lowest on the way",
        cases=len(last),
        met=int((last.to_numpy() <= 2.0 * lowest.to_numpy()).sum()),
        measured=f"last {range_of(last)}, lowest {range_of(lowest)}, of the average policy {range_of(average)}",
    )


def _first_below(run: pd.DataFrame, goal: float) -> float:
    """The first kept epoch from which on the exploitability stays below `goal`; NaN if there is none."""
    ordered = run.sort_values("step")
    above = ordered["exploitability"].to_numpy() >= goal
    if above[-1]:
        return math.nan
    return float(ordered["step"].to_numpy()[int(above.nonzero()[0][-1]) + 1 if above.any() else 0])


def _last(runs: pd.DataFrame, column: str) -> pd.Series[float]:
    """The value of each seed at its last epoch, in the order of the seeds."""
    values: pd.Series[float] = runs[runs["step"] == runs["step"].max()].sort_values("seed").set_index("seed")[column]
    return values


def sensitivity(tables: Tables) -> Iterator[Claim]:
    """Figure 2(a): the equilibrium of the mean-field game loses as the players become less alike."""
    table = tables["curves"]
    played = table[table["method"] == EQUILIBRIUM]
    split = played["setting"].str.split(" = ", expand=True)
    played = played.assign(varied=split[0], share=split[1].astype(float))
    for varied, runs in played.groupby("varied", sort=False):
        curves = [run.sort_values("share")["exploitability"].tolist() for _, run in runs.groupby("seed")]
        shares = sorted(runs["share"].unique())
        course = ", ".join(
            f"{range_of(runs[runs['share'] == share]['exploitability'])} at {share:g}" for share in shares
        )
        yield Claim(
            name="A-SIS: the equilibrium loses with heterogeneity",
            source="P2, Figure 2(a)",
            reading=f"{varied} varied, the other 0",
            criterion="its exploitability in the N-player game, largest over the players, grows from value to value",
            cases=len(curves),
            met=sum(all(low < high for low, high in pairwise(curve)) for curve in curves),
            measured=f"{course}; in the mean-field game {range_of(runs['mean_field_exploitability'])}",
        )
