"""What the paper leaves open, and the parts that show what each choice changes.

Left open are: the population steps M of the exact runs (Table 1 says N/A), whether the crowd term counts the current or
the next cell, how low a density counts, how slips and blocked moves go, where players start exactly, which graph the two
islands are, whether FP and OMD play the game with the entropy bonus, and what of the sampled method is played.
"""

from __future__ import annotations

import math
from collections.abc import Iterator, Mapping
from types import MappingProxyType
from typing import Any

import pandas as pd

from mfbounds.experiments.part import Part
from mfbounds.experiments.parts import (
    ETAS,
    GAMES,
    GAMMA,
    KAPPA,
    POPULATION_STEPS,
    SAMPLED_GAME,
    STEP_NAME,
    exact_part,
    part_seed,
)
from mfbounds.experiments.scale import Scale

INF = math.inf
BONUS = "bonus"
PLAIN = "no bonus"  # how the variants without the entropy bonus begin
SOFT = f"{PLAIN}, temperature eta"  # and those of fictitious play with Boltzmann responses
# variant -> options of exact MF-TRPO, on all three games
SOLVER_READINGS: Mapping[str, Mapping[str, Any]] = MappingProxyType(
    {
        "M=10": {"M": 10},
        "cold start, M=1": {"M": 1, "warm_start": False},
        "cold start, M=inf": {"M": INF, "warm_start": False},
        "beta=0.1, M=1": {"M": 1, "beta": 0.1},
        "beta=0.1, M=inf": {"M": INF, "beta": 0.1},
    }
)
# variant -> arguments of the game, for exact MF-TRPO
SHARED_GAMES: Mapping[str, Mapping[str, Any]] = MappingProxyType(
    {"density floor 0.1/S": {"floor": 0.1}, "density floor 1e-9/S": {"floor": 1e-9}}  # times 1/S
)
GRID_GAMES: Mapping[str, Mapping[str, Any]] = MappingProxyType(
    {
        "crowd of the next cell": {"crowding": "next"},
        "slips over valid moves": {"slip_over": "valid", "blocked": "redistribute"},
        "start in the 2x2 corner": {"start": "cluster"},
        "start uniform": {"start": "uniform"},
    }
)
ISLAND_GAMES: Mapping[str, Mapping[str, Any]] = MappingProxyType(
    {
        "ring": {"topology": "ring"},
        "path": {"topology": "path"},
        "location counted from 1": {"location": 1},
        **{f"transitions {seed}": {"seed": seed} for seed in range(1, 6)},
    }
)
STATES: Mapping[str, int] = MappingProxyType({"four rooms": 104, "two islands": 14, "four rooms, target": 104})
SAMPLED_READINGS: Mapping[str, Mapping[str, Any]] = MappingProxyType(
    {
        "mean returns": {},
        "mean returns, last policy": {"play": "last"},
        "mean returns, cold start": {"warm_start": False},
        "mean returns, M=1": {"M": 1},
    }
)


def reading_parts(scale: Scale, seed: int) -> Iterator[Part]:
    """Every reading at kappa = 0.2: of games and of exact MF-TRPO at eta = 0.05, of the sampled method at both.

    The runs with the choices of `exact_part` itself come first, to compare with.
    """
    for label in GAMES:
        for variant, M in POPULATION_STEPS.items():
            yield exact_part(label, KAPPA, ETAS[0], scale, "exact-mf-trpo", variant, M=M)
        yield from _solver_parts(label, ETAS[0], scale)
        yield from _game_parts(label, ETAS[0], scale)
    for eta in ETAS:
        yield from _sampled_parts(eta, scale, seed)


def _solver_parts(label: str, eta: float, scale: Scale) -> Iterator[Part]:
    for variant, options in SOLVER_READINGS.items():
        yield exact_part(label, KAPPA, eta, scale, "exact-mf-trpo", variant, **options)


def _game_parts(label: str, eta: float, scale: Scale) -> Iterator[Part]:
    floors = {name: {"floor": change["floor"] / STATES[label]} for name, change in SHARED_GAMES.items()}
    own = ISLAND_GAMES if label == "two islands" else GRID_GAMES
    for variant, changes in {**floors, **own}.items():
        for name, M in {"M=1": 1, "M=inf": INF}.items():
            yield exact_part(
                label, KAPPA, eta, scale, "exact-mf-trpo", f"{variant}, {name}", changes=dict(changes), M=M
            )


def plain_parts(label: str, kappa: float, eta: float, scale: Scale) -> Iterator[Part]:
    """Fictitious play and mirror descent as printed by their authors: without the entropy bonus.

    Fictitious play is tried with Boltzmann responses too, softmax(Q/eta), as near to the regularised game as it comes.
    """
    for method, sizes in scale.plain_grids.items():
        for size in sizes:
            option: dict[str, Any] = {STEP_NAME[method]: size, "regularised": False}
            yield exact_part(label, kappa, eta, scale, method, f"{PLAIN}, step {size}", **option)
            if method == "fictitious-play" and isinstance(size, str):
                yield exact_part(label, kappa, eta, scale, method, f"{SOFT}, step {size}", temperature=eta, **option)


def kinds(table: pd.DataFrame) -> pd.Series[str]:
    """Of each row, how its method takes the entropy bonus: `BONUS`, `PLAIN` or `SOFT`. These are tuned apart."""
    return table["variant"].map(lambda name: next((kind for kind in (SOFT, PLAIN) if name.startswith(kind)), BONUS))


def step_size_of(variant: str) -> str:
    """The step size in the name of a variant, as it was given.

    Example:
        >>> step_size_of("no bonus, step 2/(k+2)")
        '2/(k+2)'
    """
    return variant.rpartition("step ")[2]


def _sampled_parts(eta: float, scale: Scale, seed: int) -> Iterator[Part]:
    label, name, arguments = SAMPLED_GAME
    for variant, options in SAMPLED_READINGS.items():
        counts = {"L": scale.L, "beta": 0.1, "M": scale.M, "I": scale.I, "P": scale.P, "warm_start": True}
        yield Part(
            game=name,
            arguments={"kappa": KAPPA, "eta": eta, "gamma": GAMMA, **arguments},
            label=label,
            method="sampled-mf-trpo",
            options={**counts, "rollouts": "expected", **options},
            variant=variant,
            K=scale.sampled_K,
            steps=tuple(range(scale.sampled_K + 1)),
            seed=part_seed(seed, 0),
        )
