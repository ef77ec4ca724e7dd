"""What a search knows so far, in a file from which it can go on."""

from __future__ import annotations

import math
from collections.abc import Iterable, Mapping
from dataclasses import dataclass, field, replace
from fractions import Fraction
from pathlib import Path
from typing import Any

import numpy as np
from flint import arb

from mfbounds.errors import FileFormatError, InputError
from mfbounds.output import write_files
from mfbounds.verification.falsify.realise import Individual, ratio
from mfbounds.verification.records import from_line, to_line
from mfbounds.verification.status import Status
from mfbounds.verification.trial import Trial

FORMAT = "mfbounds falsify 1"
LARGEST_DENOMINATOR = 1000  # a number that is no fraction with a denominator up to it counts as unreadable
UNREADABLE_BITS = 60.0


@dataclass(frozen=True, eq=False, kw_only=True)
class Found:
    """An individual that the checking path has judged for one inequality.

    Attributes:
        bound: key of the inequality.
        status: of the verdict.
        ratio: left/right from below (NaN: nothing to compare).
        share: left over the trivial bound; decides between infinite ratios.
        complexity: states, actions, and the bits of all numbers as fractions: smaller is easier to check by hand.
    """

    bound: str
    status: Status
    ratio: float
    share: float
    complexity: tuple[float, ...]
    individual: Individual

    @classmethod
    def of(cls, trial: Trial, individual: Individual, common: str = "") -> Found:
        share = trial.left.lower() / trial.trivial if trial.trivial > 0 else arb(0)
        return cls(
            bound=trial.bound.key,
            status=trial.status,
            ratio=ratio(trial, common),
            share=float(share.mid()) if share.is_finite() else 0.0,
            complexity=complexity(individual),
            individual=individual,
        )

    @property
    def violated(self) -> bool:
        return self.status is Status.VIOLATED

    def rank(self) -> tuple[bool, float, float]:
        """Sorts by how much the game says against the inequality."""
        return self.violated, -1.0 if math.isnan(self.ratio) else self.ratio, self.share

    def to_record(self) -> dict[str, Any]:
        return {
            "bound": self.bound,
            "status": self.status.value,
            "ratio": self.ratio,
            "share": self.share,
            "complexity": list(self.complexity),
            "genes": dict(self.individual.genes),
            "settings": dict(self.individual.settings),
        }

    @classmethod
    def from_record(cls, record: Mapping[str, Any]) -> Found:
        return cls(
            bound=record["bound"],
            status=Status(record["status"]),
            ratio=float(record["ratio"]),
            share=float(record["share"]),
            complexity=tuple(record["complexity"]),
            individual=Individual(
                genes={name: np.asarray(values) for name, values in record["genes"].items()},
                settings=record["settings"],
            ),
        )


def complexity(individual: Individual) -> tuple[float, ...]:
    """(states, actions, bits): bits of the numerators and denominators of all numbers of the game and the case."""
    numbers = [values for name, values in individual.genes.items() if name not in ("near", "ties")]
    bits = sum(map(_bits, np.concatenate([np.ravel(values) for values in numbers]).tolist()))
    bits += abs(math.log2(individual.settings.get("scale", 1.0)))
    return float(individual.settings["n_states"]), float(individual.settings["n_actions"]), bits


def _bits(value: float) -> float:
    if value in (0.0, 1.0):
        return value / 8.0
    near = Fraction(value).limit_denominator(LARGEST_DENOMINATOR)
    if abs(float(near) - value) > 1e-12 * max(1.0, abs(value)):
        return UNREADABLE_BITS
    return math.log2(1 + abs(near.numerator)) + math.log2(near.denominator)


@dataclass(frozen=True, kw_only=True)
class Effort:
    """How much was tried.

    Attributes:
        games: evaluated by the search for the worst game.
        edge_cases: judged by the search for the smallest one.
        restarts: of the search for the worst game.
        refuted: candidates that float64 arrays took for violations and the checking path did not.
        seconds: of processor time.
    """

    games: int = 0
    edge_cases: int = 0
    restarts: int = 0
    refuted: int = 0
    seconds: float = 0.0

    def __add__(self, other: Effort) -> Effort:
        names = self.__dataclass_fields__
        return Effort(**{name: getattr(self, name) + getattr(other, name) for name in names})


@dataclass(frozen=True, eq=False, kw_only=True)
class State:
    """A search of one statement and tier, between two restarts.

    Attributes:
        question: statement, tier, family, seed and edge_cases: what a resumed search must share.
        worst: for each inequality, the individual that says most against it.
        smallest: for each inequality, the simplest violation.
        reached: (inequality, coupling) pairs that a restart aimed at.
        edges: inequalities whose edge cases have been tried.
    """

    question: Mapping[str, Any]
    next_restart: int = 0
    effort: Effort = field(default_factory=Effort)
    worst: Mapping[str, Found] = field(default_factory=dict)
    smallest: Mapping[str, Found] = field(default_factory=dict)
    reached: frozenset[tuple[str, str]] = frozenset()
    edges: frozenset[str] = frozenset()

    def with_found(self, found: Iterable[Found]) -> State:
        worst, smallest = dict(self.worst), dict(self.smallest)
        for one in found:
            if one.bound not in worst or one.rank() > worst[one.bound].rank():
                worst[one.bound] = one
            if one.violated and (one.bound not in smallest or one.complexity < smallest[one.bound].complexity):
                smallest[one.bound] = one
        return replace(self, worst=worst, smallest=smallest)

    def without(self, refuted: Found) -> State:
        """The state without a finding, counted as refuted."""
        worst, smallest = (
            {key: one for key, one in known.items() if one is not refuted} for known in (self.worst, self.smallest)
        )
        return replace(self, worst=worst, smallest=smallest, effort=self.effort + Effort(refuted=1))

    def save(self, path: str | Path) -> None:
        """Write the state as JSON, in one step.

        Raises:
            InputError: the file cannot be written.
        """
        record = {
            "format": FORMAT,
            "question": dict(self.question),
            "next_restart": self.next_restart,
            "effort": vars(self.effort),
            "worst": [one.to_record() for one in self.worst.values()],
            "smallest": [one.to_record() for one in self.smallest.values()],
            "reached": [list(pair) for pair in sorted(self.reached)],
            "edges": sorted(self.edges),
        }
        target = Path(path)
        write_files(target.parent, {target.name: f"{to_line(record)}\n".encode()})


def load_state(path: str | Path, question: Mapping[str, Any] | None = None) -> State:
    """Read what `State.save` wrote; with a `question`, only a state of that search is taken.

    Raises:
        InputError: there is no such file, or it is about another search.
        FileFormatError: the file is corrupt, something else, or of another version.
    """
    try:
        record = from_line(Path(path).read_text())
    except FileNotFoundError:
        raise InputError(f"path == '{path}', must be an existing file: save a search first") from None
    except (OSError, UnicodeDecodeError, FileFormatError) as error:
        raise FileFormatError(f"path == '{path}', must be the state of a search: {error}") from None
    if record.get("format") != FORMAT:
        raise FileFormatError(
            f"format == {record.get('format')!r} in '{path}', must be {FORMAT!r}: start the search anew"
        )
    try:
        state = _state(record)
    except (KeyError, TypeError, ValueError) as error:
        raise FileFormatError(f"path == '{path}', must be a whole state of a search: {error!r}") from None
    for name, wanted in (question or {}).items():
        if state.question.get(name) != wanted:
            raise InputError(
                f"{name} == {wanted!r}, must be {state.question.get(name)!r} to resume '{path}': "
                "it is the state of another search"
            )
    return state


def _state(record: Mapping[str, Any]) -> State:
    worst, smallest = ([Found.from_record(one) for one in record[name]] for name in ("worst", "smallest"))
    return State(
        question=record["question"],
        next_restart=int(record["next_restart"]),
        effort=Effort(**record["effort"]),
        worst={one.bound: one for one in worst},
        smallest={one.bound: one for one in smallest},
        reached=frozenset((key, coupling) for key, coupling in record["reached"]),
        edges=frozenset(record["edges"]),
    )
