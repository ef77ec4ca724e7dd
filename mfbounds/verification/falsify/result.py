"""What `falsify` returns."""

from __future__ import annotations

import math
import re
from collections.abc import Mapping
from dataclasses import dataclass, field
from pathlib import Path
from typing import Any

from mfbounds.verification.falsify.effort import tried
from mfbounds.verification.falsify.state import Effort, Found, State
from mfbounds.verification.verdict import Verdict
from mfbounds.verification.witness import save_witness

STATE = "falsify.json"  # in the folder of `Falsification.write`


@dataclass(frozen=True, eq=False, kw_only=True)
class Attempt:
    """What was found about one inequality.

    Attributes:
        bound: its key inside the statement.
        ratio: the largest left/right found, from below; above 1 only when `worst` is a violation, NaN when the
            inequality applied to no game tried.
        words: the ratio in words.
        smallest, worst: violations, as verdicts that can be saved and replayed; None where none was found.
        tightest: the verdict with that ratio, violated or not.
    """

    bound: str
    ratio: float
    words: str
    smallest: Verdict | None
    worst: Verdict | None
    tightest: Verdict | None

    def __bool__(self) -> bool:
        return self.worst is not None


@dataclass(frozen=True, eq=False, kw_only=True)
class Falsification:
    """The outcome of a search for counterexamples; true when it found one, so that ``if falsify(...)`` reads well.

    No violation is not a proof: read `effort` and `not_reached`.

    Attributes:
        statement, tier, family, seed: what was searched; family None means every way the population may enter.
        attempts: one for each inequality of the tier.
        effort: how much was tried, over all calls that this search was resumed in.
        not_reached: what the budget did not allow, in words; empty when every inequality was tried in every family.
        state: from which `falsify(..., resume=...)` goes on.
    """

    statement: str
    tier: str
    family: str | None
    seed: int
    attempts: tuple[Attempt, ...]
    effort: Effort
    not_reached: str
    state: State = field(repr=False)

    def __bool__(self) -> bool:
        return any(self.attempts)

    @property
    def smallest(self) -> Verdict | None:
        """The violation with the fewest states, actions and bits, over the inequalities; None where none was found."""
        return self._verdict("smallest", self.state.smallest, lambda found: tuple(-c for c in found.complexity))

    @property
    def worst(self) -> Verdict | None:
        """The violation with the largest left/right, over the inequalities; None where none was found."""
        return self._verdict("worst", self.state.worst, lambda found: found.rank())

    def _verdict(self, name: str, found: Mapping[str, Found], order: Any) -> Verdict | None:
        candidates = [attempt for attempt in self.attempts if attempt]
        best = max(candidates, key=lambda attempt: order(found[attempt.bound]), default=None)
        return None if best is None else getattr(best, name)

    @property
    def tightest_ratio(self) -> float:
        """The largest left/right over the inequalities; NaN when none applied."""
        return max((attempt.ratio for attempt in self.attempts if not math.isnan(attempt.ratio)), default=math.nan)

    def write(self, folder: str | Path) -> list[Path]:
        """Write the state, and the smallest and worst violations as witness files; returns the paths.

        Raises:
            InputError: the folder cannot be written.
        """
        target = Path(folder)
        self.state.save(target / STATE)
        paths = [target / STATE]
        for attempt in self.attempts:
            for name in ("smallest", "worst"):
                verdict: Verdict | None = getattr(attempt, name)
                if verdict is not None:
                    label = re.sub(r"[^A-Za-z0-9.]+", "-", f"{self.statement} {attempt.bound} {name}").strip("-")
                    save_witness(verdict, target / f"{label}.npz")
                    paths.append(target / f"{label}.npz")
        return paths

    def to_record(self) -> dict[str, Any]:
        """Everything but the state, for `mfbounds.verification.records.plain`."""
        return {
            "kind": "falsification",
            "statement": self.statement,
            "tier": self.tier,
            "family": self.family,
            "seed": self.seed,
            "effort": vars(self.effort),
            "not_reached": self.not_reached,
            "attempts": [
                {
                    "bound": attempt.bound,
                    "ratio": attempt.ratio,
                    "words": attempt.words,
                    **{name: _record(getattr(attempt, name)) for name in ("smallest", "worst", "tightest")},
                }
                for attempt in self.attempts
            ],
        }

    def __str__(self) -> str:
        lines = [f"{self.statement} [{attempt.bound}]: {attempt.words}" for attempt in self.attempts]
        lines.append(f"tried: {tried(self.effort)}")
        return "\n".join([*lines, f"not reached: {self.not_reached}"] if self.not_reached else lines)


def _record(verdict: Verdict | None) -> dict[str, Any] | None:
    return None if verdict is None else verdict.to_record()
