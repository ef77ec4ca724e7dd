"""Which parts each experiment is made of."""

from __future__ import annotations

import math
from collections.abc import Iterator, Mapping
from types import MappingProxyType
from typing import Any

import numpy as np

from mfbounds.experiments.part import SOLVED, Part, log_steps
from mfbounds.experiments.scale import Scale

ETAS = (0.05, 0.3)
GAMMA = 0.9
L, BETA = 10, 0.01  # of the exact runs (P1, Table 1)
KAPPA = 0.2  # of the sampled runs, and where one kappa is shown
DRAWN_FLOOR = SOLVED  # reward units: pictures do not tell smaller values apart
POPULATION_STEPS: Mapping[str, int | float] = MappingProxyType({"M=1": 1, "M=100": 100, "M=inf": math.inf})

# label -> catalogue name and arguments, and the seed-free choices of the paper (P1, Appendix F)
GAMES: Mapping[str, tuple[str, Mapping[str, Any]]] = MappingProxyType(
    {
        "four rooms": ("four_rooms", {}),
        "two islands": ("two_islands", {}),
        "four rooms, target": ("four_rooms", {"target": [10, 10]}),
    }
)
SAMPLED_GAME = ("grid, target", "crowd_grid", {"target": [4, 4]})

STEP_NAME: Mapping[str, str] = MappingProxyType(
    {"fictitious-play": "beta", "online-mirror-descent": "learning_rate", "damped-fixed-point": "beta"}
)


def exact_part(
    label: str,
    kappa: float,
    eta: float,
    scale: Scale,
    method: str,
    variant: str,
    *,
    changes: Mapping[str, Any] | None = None,
    **options: Any,
) -> Part:
    """A run of an exact method; `changes` are arguments of the game that differ from the defaults."""
    name, arguments = GAMES[label]
    ours = method == "exact-mf-trpo"
    shown = label == "four rooms" and (kappa, eta) == (KAPPA, ETAS[0]) and not changes
    return Part(
        game=name,
        arguments={"kappa": kappa, "eta": eta, "gamma": GAMMA, **arguments, **(changes or {})},
        label=label,
        method=method,
        options={"L": L, "beta": BETA, "warm_start": True, **options} if ours else options,
        variant=variant,
        K=scale.K,
        steps=log_steps(scale.K, scale.kept, scale.snapshots),
        snapshots=tuple(step for step in scale.snapshots if step <= scale.K),
        laws=shown,
        stops=not ours,
    )


def trust_region_parts(scale: Scale) -> Iterator[Part]:
    """Exact MF-TRPO in all settings, for each number of population steps."""
    for label in GAMES:
        for kappa in scale.kappas:
            for eta in ETAS:
                for variant, M in POPULATION_STEPS.items():
                    yield exact_part(label, kappa, eta, scale, "exact-mf-trpo", variant, M=M)


def grid_parts(scale: Scale) -> Iterator[Part]:
    """The methods of the field in all settings, with every step size of their grids, with the entropy bonus."""
    for label in GAMES:
        for kappa in scale.kappas:
            for eta in ETAS:
                for method, grid in scale.grids.items():
                    for size in grid:
                        option: dict[str, Any] = {STEP_NAME[method]: size}
                        yield exact_part(label, kappa, eta, scale, method, f"step {size}", **option)


def sampled_parts(scale: Scale, seed: int) -> Iterator[Part]:
    """Sample-Based MF-TRPO on the 5x5 grid: one part a seed, the first eta's seeds first."""
    label, name, arguments = SAMPLED_GAME
    for eta, count in scale.seeds.items():
        for number in range(count):
            yield Part(
                game=name,
                arguments={"kappa": KAPPA, "eta": eta, "gamma": GAMMA, **arguments},
                label=label,
                method="sampled-mf-trpo",
                options={"L": scale.L, "beta": 0.1, "M": scale.M, "I": scale.I, "P": scale.P, "warm_start": True},
                K=scale.sampled_K,
                steps=tuple(range(scale.sampled_K + 1)),
                snapshots=scale.sampled_snapshots,
                seed=part_seed(seed, number),
            )


def part_seed(seed: int, number: int) -> int:
    """The seed of the `number`-th run of an experiment's seed: 32 bits that no other pair is meant to share.

    Example:
        >>> part_seed(0, 0) != part_seed(0, 1) != part_seed(1, 0)
        True
    """
    return int(np.random.SeedSequence([seed, number]).generate_state(1)[0])
