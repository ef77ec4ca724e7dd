"""How large the experiments are: the paper's sizes, and those of a quick rehearsal of the same commands."""

from __future__ import annotations

from collections.abc import Mapping
from dataclasses import dataclass, field
from types import MappingProxyType

FULL_GRIDS: Mapping[str, tuple[float | str, ...]] = MappingProxyType(
    {
        "fictitious-play": ("1/(k+1)", "2/(k+2)", 0.01, 0.03, 0.1, 0.3),
        "online-mirror-descent": (0.01, 0.03, 0.1, 0.3, 1.0, 3.0),
        "damped-fixed-point": (0.01, 0.03, 0.1, 0.3, 1.0),
    }
)
PLAIN_GRIDS: Mapping[str, tuple[float | str, ...]] = MappingProxyType(
    {
        "fictitious-play": ("1/(k+1)", "2/(k+2)", 0.01, 0.03, 0.1),
        "online-mirror-descent": (0.0003, 0.001, 0.003, 0.01, 0.03, 0.1, 1.0),
    }
)
SMALL_GRIDS: Mapping[str, tuple[float | str, ...]] = MappingProxyType(
    {
        "fictitious-play": ("1/(k+1)", 0.1),
        "online-mirror-descent": (0.1, 1.0),
        "damped-fixed-point": (0.1,),
    }
)


@dataclass(frozen=True, kw_only=True)
class Scale:
    """Counts of the experiments (P1, Table 1 and Appendix F).

    Attributes:
        K: outer steps of the exact methods.
        kept: about how many of them are measured.
        kappas: crowd-aversion weights.
        snapshots: steps at which populations of the exact methods are kept.
        grids: step sizes tried, for each method of the field.
        plain_grids: the same for the game without the entropy bonus.
        sampled_K, L, I, P, M: of the sampled method; L is also its number of policy updates.
        seeds: eta -> how many seeds of the sampled method.
        sampled_snapshots: as `snapshots`, for the sampled method.
        dynamic_K, dynamic_M, dynamic_seeds: epochs, trajectories an epoch and seeds on the dynamic games of P2.
        players: their number of players; None for the paper's number and number of steps.
    """

    K: int = 5000
    kept: int = 50
    kappas: tuple[float, ...] = (0.2, 0.4)
    snapshots: tuple[int, ...] = (0, 1000, 2000, 5000)
    grids: Mapping[str, tuple[float | str, ...]] = field(default_factory=lambda: FULL_GRIDS)
    plain_grids: Mapping[str, tuple[float | str, ...]] = field(default_factory=lambda: PLAIN_GRIDS)
    sampled_K: int = 200
    L: int = 100
    I: int = 300_000  # noqa: E741 - the paper's name
    P: int = 300_000
    M: int = 100
    seeds: Mapping[float, int] = field(default_factory=lambda: MappingProxyType({0.05: 10, 0.3: 3}))
    sampled_snapshots: tuple[int, ...] = (0, 10, 200)
    dynamic_K: int = 100
    dynamic_M: int = 200
    dynamic_seeds: int = 5
    players: int | None = None


def full_scale() -> Scale:
    """The paper's counts."""
    return Scale()


def reduced_scale() -> Scale:
    """Counts that take seconds: the same experiments, too short to say anything about the methods."""
    return Scale(
        K=10,
        kept=2,
        kappas=(0.2,),
        snapshots=(0, 10),
        grids=SMALL_GRIDS,
        plain_grids=MappingProxyType({"fictitious-play": ("1/(k+1)",), "online-mirror-descent": (0.1,)}),
        sampled_K=4,
        L=3,
        I=2_000,
        P=2_000,
        M=10,
        seeds=MappingProxyType({0.05: 2, 0.3: 1}),
        sampled_snapshots=(0, 2, 4),
        dynamic_K=4,
        dynamic_M=10,
        dynamic_seeds=2,
        players=30,
    )
