"""The experiments by name: what the paper shows, the parts they are made of, the tables that are kept."""

from __future__ import annotations

from collections.abc import Callable, Iterable, Mapping, Sequence
from dataclasses import dataclass
from itertools import product
from types import MappingProxyType
from typing import Any

import pandas as pd

from mfbounds.experiments import dynamic_part as d
from mfbounds.experiments import parts as p
from mfbounds.experiments.dynamic_tables import dynamic_curves
from mfbounds.experiments.part import Part
from mfbounds.experiments.readings import kinds, plain_parts, reading_parts
from mfbounds.experiments.scale import Scale
from mfbounds.experiments.store import AnyPart
from mfbounds.experiments.tables import Done, curves, outcomes, populations, with_choice

CURVE = ("exploitability", "exploitability_error", "plain_exploitability", "quality", "delta_mu", "consistency")
Tables = Mapping[str, pd.DataFrame]


@dataclass(frozen=True, kw_only=True)
class Experiment:
    """One experiment.

    Attributes:
        name: as the command calls it.
        title: what it shows, in one line.
        source: where the paper shows it.
        parts: which parts it needs, from the scale and the seed.
        tables: its tables by name, from the finished parts.
    """

    name: str
    title: str
    source: str
    parts: Callable[[Scale, int], Iterable[AnyPart]]
    tables: Callable[[Sequence[Any]], Tables]


def experiments() -> Mapping[str, Experiment]:
    """All experiments, by name, in the order of the paper.

    Example:
        >>> list(experiments())[:3]
        ['figure-1', 'figure-2', 'figure-3']
    """
    return MappingProxyType({item.name: item for item in _ALL})


def _sampled_curves(done: Sequence[Done]) -> Tables:
    return {"curves": curves(done, [*CURVE, "oracle_calls"])}


def _populations(done: Sequence[Done]) -> Tables:
    return {"populations": populations(done)}


def _comparison(done: Sequence[Done]) -> Tables:
    """The curves of exact MF-TRPO and of the best step size of each other method, and how all step sizes did."""
    tried = _tuned(done)
    return {"curves": curves(_chosen(done, tried), CURVE), "tuning": tried}


def _slides(done: Sequence[Done]) -> Tables:
    return {"curves": curves(_chosen(done, _tuned(done)), [*CURVE, "delta_law"])}


def _tuned(done: Sequence[Done]) -> pd.DataFrame:
    """All outcomes with the column `chosen`; methods with and without the entropy bonus are tuned apart, see `kinds`."""
    ended = outcomes(done)
    tried = pd.concat([with_choice(rows) for _, rows in ended.groupby(kinds(ended))]).sort_index()
    tried.loc[tried["method"] == "exact-mf-trpo", "chosen"] = True  # what varies there is a reading, no step size
    return tried


def _chosen(done: Sequence[Done], tried: pd.DataFrame) -> list[Done]:
    return [item for item, chosen in zip(done, tried["chosen"], strict=True) if chosen]


def _table_1(done: Sequence[Done]) -> Tables:
    """The parameters of every run, as in the paper, and how it ended."""
    table = outcomes(done)
    given = [part for part, _ in done]
    columns: dict[str, list[Any]] = {"gamma": [p.GAMMA] * len(given), "K": [part.K for part in given]}
    columns |= {name: [part.options.get(name) for part in given] for name in ("L", "beta", "M", "I", "P")}
    for place, (name, values) in enumerate(columns.items(), list(table.columns).index("variant") + 1):
        table.insert(place, name, values)
    return {"table": table}


def _outcomes(done: Sequence[Done]) -> Tables:
    return {"outcomes": outcomes(done)}


def _all_exact(scale: Scale, _seed: int) -> list[Part]:
    settings = product(p.GAMES, scale.kappas, p.ETAS)
    plain = [part for label, kappa, eta in settings for part in plain_parts(label, kappa, eta, scale)]
    return [*p.trust_region_parts(scale), *p.grid_parts(scale), *plain]


def _exact_on(label: str) -> Callable[[Scale, int], list[Part]]:
    """Exact MF-TRPO on one game at eta = 0.05."""

    def parts(scale: Scale, _seed: int) -> list[Part]:
        return [q for q in p.trust_region_parts(scale) if q.label == label and q.arguments["eta"] == p.ETAS[0]]

    return parts


def _of_slides(scale: Scale, seed: int) -> list[Part]:
    return [q for q in _all_exact(scale, seed) if q.laws and q.options.get("regularised", True)]


def _sampled(scale: Scale, seed: int) -> list[Part]:
    return list(p.sampled_parts(scale, seed))


_ALL = (
    Experiment(
        name="figure-1",
        title="exploitability of Sample-Based MF-TRPO on the 5x5 grid, 10 and 3 seeds",
        source="P1, Figure 1",
        parts=_sampled,
        tables=_sampled_curves,
    ),
    Experiment(
        name="figure-2",
        title="mean field of Sample-Based MF-TRPO on the 5x5 grid at steps 0, 10, 200",
        source="P1, Figure 2",
        parts=lambda scale, seed: [q for q in _sampled(scale, seed) if q.arguments["eta"] == p.ETAS[0]],
        tables=_populations,
    ),
    Experiment(
        name="figure-3",
        title="exploitability of exact MF-TRPO, fictitious play, mirror descent and the damped fixed point on three games",
        source="P1, Figure 3",
        parts=_all_exact,
        tables=_comparison,
    ),
    Experiment(
        name="figure-4",
        title="mean field of exact MF-TRPO in four rooms",
        source="P1, Figure 4",
        parts=_exact_on("four rooms"),
        tables=_populations,
    ),
    Experiment(
        name="figure-5",
        title="mean field of exact MF-TRPO on two islands",
        source="P1, Figure 5",
        parts=_exact_on("two islands"),
        tables=_populations,
    ),
    Experiment(
        name="figure-6",
        title="mean field of exact MF-TRPO in four rooms with a point of interest",
        source="P1, Figure 6",
        parts=_exact_on("four rooms, target"),
        tables=_populations,
    ),
    Experiment(
        name="table-1",
        title="the parameters of all runs, and how they ended",
        source="P1, Table 1",
        parts=lambda scale, seed: [*p.trust_region_parts(scale), *_sampled(scale, seed)],
        tables=_table_1,
    ),
    Experiment(
        name="slides",
        title="exploitability, quality, and how far mean field and policy's law move a step, in four rooms",
        source="slides of P1",
        parts=_of_slides,
        tables=_slides,
    ),
    Experiment(
        name="readings",
        title="the same runs under other readings of what the paper leaves open",
        source="P1, Appendix F",
        parts=reading_parts,
        tables=_outcomes,
    ),
    Experiment(
        name="p2-figure-1b",
        title="exploitability of Symm-PMD and of independent learners on A-RPS",
        source="P2, Figure 1(b)",
        parts=d.rps_parts,
        tables=dynamic_curves,
    ),
    Experiment(
        name="p2-figure-1c",
        title="exploitability of Symm-PMD and of independent learners on A-SIS",
        source="P2, Figure 1(c)",
        parts=d.sis_parts,
        tables=dynamic_curves,
    ),
    Experiment(
        name="p2-figure-2a",
        title="exploitability of the mean-field equilibrium of A-SIS against alpha and beta",
        source="P2, Figure 2(a)",
        parts=d.sensitivity_parts,
        tables=dynamic_curves,
    ),
)
