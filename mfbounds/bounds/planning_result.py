"""What a plan for a mean-field game says: the numbers, the bound there, what asks for each of them."""

from __future__ import annotations

import math
from collections.abc import Mapping
from dataclasses import dataclass, field
from typing import TYPE_CHECKING, Any

from mfbounds.bounds.statement import Tier

if TYPE_CHECKING:
    from mfbounds.bounds.planning_empirical import Empirical

LIMIT = 2**53  # draws of one batch that count-level simulation can run


@dataclass(frozen=True, kw_only=True)
class Plan:
    """Numbers that suffice for an epsilon-equilibrium; one fewer of any of them is no longer promised to.

    Attributes:
        game, tier, epsilon, delta, M, beta, initial: what was asked; epsilon in reward units.
        exact_L, exact_K: for Exact MF-TRPO, by Corollary C.6.
        L, K: inner and outer iterations of Sample-Based MF-TRPO, by Corollary D.5; None without a delta.
        I, T, P: trajectories per TRPO iteration, their horizon, trajectories per population step.
        oracle_calls: expected number of calls of the restart oracle, resets included.
        bound: the bound on the exploitability at these numbers, reward units, at most epsilon.
        terms: the parts of `bound`.
        binding: for each number, the term that asks for it.
        notes: what a reader should know before trusting the numbers.
        seconds: estimated time of the sampled run on this machine; NaN where it cannot be run.
        empirical: numbers at which seeded runs reached epsilon, when they were searched for.
    """

    game: str
    tier: Tier
    epsilon: float
    delta: float | None
    M: int | float
    beta: float
    initial: str
    exact_L: int
    exact_K: int
    L: int | None = None
    K: int | None = None
    I: int | None = None  # noqa: E741 - the paper's name
    T: int | None = None
    P: int | None = None
    oracle_calls: int | None = None
    bound: float
    terms: Mapping[str, float] = field(default_factory=dict)
    binding: Mapping[str, str] = field(default_factory=dict)
    notes: tuple[str, ...] = ()
    seconds: float = math.nan
    empirical: Empirical | None = None

    @property
    def runnable(self) -> bool:
        """Whether count-level simulation can draw batches of this size."""
        return self.I is not None and self.P is not None and max(self.I, self.P) <= LIMIT

    def to_dict(self) -> dict[str, Any]:
        """One flat row: numbers, their decimal logarithms, bound."""
        names = ("epsilon", "exact_L", "exact_K", "L", "K", "I", "T", "P", "oracle_calls", "bound")
        row: dict[str, Any] = {"tier": self.tier.value, **{name: getattr(self, name) for name in names}}
        logs = ("exact_L", "exact_K", "L", "K", "I", "P", "oracle_calls")
        return row | {f"log10_{name}": math.nan if row[name] is None else math.log10(row[name]) for name in logs}

    def __str__(self) -> str:
        lines = [
            f"Plan for {self.game}: exploitability <= {self.epsilon:g} (bound {self.bound:.6g}), {self.tier} tier, "
            f"M = {self.M}, beta = {self.beta:.4g}",
            f"  exact    L = {show_count(self.exact_L)}, K = {show_count(self.exact_K)}  (Corollary C.6)",
        ]
        if self.L is not None:
            numbers = ", ".join(f"{name} = {show_count(getattr(self, name))}" for name in "LKITP")
            lines.append(f"  sampled  {numbers}, with probability >= 1 - {self.delta:g}  (Corollary D.5)")
            time = "" if math.isnan(self.seconds) else f", about {self.seconds:.2g} s here"
            lines.append(f"  oracle calls {show_count(self.oracle_calls)} expected{time}")
        if self.empirical is not None:
            numbers = ", ".join(f"{name} = {show_count(getattr(self.empirical, name))}" for name in "LKITP")
            lines.append(f"  found    {numbers} reached it in {self.empirical.seeds} seeded runs")
            lines.append(f"  oracle calls {show_count(self.empirical.oracle_calls)} expected for these")
        lines += [f"  {name} is set by {why}" for name, why in self.binding.items()]
        return "\n".join([*lines, *(f"  note: {note}" for note in self.notes)])

    __repr__ = __str__


def show_count(count: int | None) -> str:
    """A count as text; a power of ten where it is long.

    Example:
        >>> show_count(1234), show_count(10**30)
        ('1234', '10^30.0')
    """
    if count is None:
        return "-"
    return str(count) if count < 10**9 else f"10^{math.log10(count):.1f}"
