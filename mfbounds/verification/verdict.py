"""Verdicts: what was found about one inequality on one game, and why."""

from __future__ import annotations

import html
import math
import platform
from collections.abc import Mapping
from dataclasses import asdict, dataclass, field, fields
from functools import lru_cache
from importlib.metadata import version
from typing import Any, TypeAlias

from mfbounds.bounds.statement import Case, HypothesisResult, Reading, Tier
from mfbounds.games.dynamic.game import DynamicGame
from mfbounds.games.game import MeanFieldGame
from mfbounds.verification.records import plain
from mfbounds.verification.status import Status

SIZES = ("n_players", "n_states", "n_actions", "horizon", "gamma", "eta")  # those that a game has go into its record
Side: TypeAlias = tuple[float, float, float]  # midpoint, radius, log10 of the midpoint


@lru_cache(maxsize=1)
def package_versions() -> Mapping[str, str]:
    """Versions of what a verdict's numbers depend on."""
    return {**{name: version(name) for name in ("mfbounds", "numpy", "scipy")}, "python": platform.python_version()}


@dataclass(frozen=True, kw_only=True)
class Verdict:
    """What was found about one inequality on one game; it echoes everything needed to find it again.

    Attributes:
        statement: id, for instance ``"P1.C.5"``.
        tier, form, reading: which inequality; `bound` is its key inside the statement.
        status, reason: the finding, and why, in words with the numbers.
        lhs, rhs, trivial: midpoints of the two sides and of the trivial bound; infinite where float64 overflows.
        lhs_error, rhs_error: radii: the true values lie within midpoint +- radius.
        lhs_log10, rhs_log10, trivial_log10: decimal logarithms, defined where floats overflow.
        errors: how much each cause contributes to the error of rhs - lhs.
        hypotheses: each hypothesis of the inequality on this game.
        game: the game; a record keeps its origin and name.
        parameters: of the check.
        case: the arguments (arrays, numbers, text) at which the two sides were measured.
        counts: how many of the tried cases had which status; this verdict is about the most telling one.
        defects: names of the recorded defects that make this inequality false.
        runs: of an inequality claimed with high probability: runs, failures, allowed failure probability, its upper bound
            and the smallest failure probability that the runs could have resolved; empty for a certain one.
        certificate: of a verdict that was asked to be a proof: whether it is `certified`, the `precision` in bits, how the
            game was read (`reading`), what it `assumes`, or the `reason` why it is none; empty where none was asked for.
        versions: of mfbounds, numpy, scipy and python.
    """

    statement: str
    tier: Tier
    form: str
    reading: Reading
    bound: str
    status: Status
    reason: str
    lhs: float
    rhs: float
    trivial: float
    lhs_error: float
    rhs_error: float
    lhs_log10: float
    rhs_log10: float
    trivial_log10: float
    errors: Mapping[str, float]
    hypotheses: tuple[HypothesisResult, ...]
    game: MeanFieldGame | DynamicGame = field(repr=False, compare=False)
    parameters: Mapping[str, Any]
    case: Case = field(repr=False, compare=False)
    counts: Mapping[str, int] = field(default_factory=dict)
    defects: tuple[str, ...] = ()
    runs: Mapping[str, float] = field(default_factory=dict)
    certificate: Mapping[str, Any] = field(default_factory=dict)
    versions: Mapping[str, str] = field(default_factory=package_versions)

    @property
    def certified(self) -> bool:
        """Whether the status is proved in ball arithmetic."""
        return bool(self.certificate.get("certified", False))

    @property
    def slack(self) -> float:
        """rhs/lhs: 1 is tight, below 1 is violated; infinite where the left side may be zero or where it overflows."""
        decades = self.slack_decades
        if not -300.0 < decades < 300.0 or abs(self.lhs_log10) > 300.0:
            return math.nan if math.isnan(decades) else math.inf if decades > 0 else 0.0
        return self.rhs / self.lhs

    @property
    def slack_decades(self) -> float:
        """log10 of the slack, defined where the slack overflows; NaN where there is nothing to compare."""
        return decades_between((self.lhs, self.lhs_error, self.lhs_log10), (self.rhs, self.rhs_error, self.rhs_log10))

    @property
    def vacuity_decades(self) -> float:
        """log10(right/trivial): 0 or more is vacuous, and says by how many decades the bound must shrink."""
        return self.rhs_log10 - self.trivial_log10

    def to_record(self) -> dict[str, Any]:
        """Everything needed to replay the verdict, in JSON types (see `mfbounds.verification.records`)."""
        names = [item.name for item in fields(self) if item.name not in ("game", "hypotheses", "reading")]
        record = {
            "kind": "verdict",
            **{name: getattr(self, name) for name in names},
            "slack_decades": self.slack_decades,
            "vacuity_decades": self.vacuity_decades,
            "reading": asdict(self.reading),
            "hypotheses": [asdict(result) for result in self.hypotheses],
            "game": game_record(self.game),
        }
        plain_record: dict[str, Any] = plain(record)
        return plain_record

    def __str__(self) -> str:
        return f"{self.statement} [{self.bound}] on {game_name(self.game)}: {self.status.value}: {self.reason}"

    def to_markdown(self) -> str:
        """A table of two columns."""
        rows = [f"| {label} | {text.replace('|', chr(92) + '|')} |" for label, text in self._rows()]
        return "\n".join(["| verdict | |", "|---|---|", *rows])

    def to_html(self) -> str:
        """A table of two columns; notebooks show it."""
        rows = (f"<tr><th>{html.escape(label)}</th><td>{html.escape(text)}</td></tr>" for label, text in self._rows())
        return f"<table>{''.join(rows)}</table>"

    _repr_html_ = to_html

    def _rows(self) -> list[tuple[str, str]]:
        rows = [
            ("statement", f"{self.statement} [{self.bound}]"),
            ("game", game_name(self.game)),
            ("status", f"{self.status.value}: {self.status.explanation}"),
            ("reason", self.reason),
        ]
        if not math.isnan(self.slack_decades):
            rows.append(("slack", f"{self.slack:.4g} ({self.slack_decades:+.2f} decades)"))
        rows += [(f"hypothesis {result.name}", result.reason) for result in self.hypotheses]
        rows += [(f"error: {cause}", f"{error:.1e}") for cause, error in self.errors.items()]
        if self.certificate.get("reading"):
            rows.append(("game read as", str(self.certificate["reading"])))
        rows.append(("cases tried", ", ".join(f"{count} {status}" for status, count in self.counts.items())))
        return [*rows, ("next step", self.status.next_step)]


def certificate_text(certificate: Mapping[str, Any]) -> str:
    """What a certificate says in a few words; empty for none.

    Example:
        >>> certificate_text({"certified": True, "precision": 106, "assumes": []})
        'certified at 106 bits'
    """
    if not certificate:
        return ""
    if not certificate["certified"]:
        widths = f", their widths {certificate['widths']}" if certificate.get("widths") else ""
        return f"not certified: {certificate['reason']}{widths}"
    assumed = f", assuming {'; '.join(certificate['assumes'])}" if certificate.get("assumes") else ""
    how = "exactly" if certificate.get("exactly") else f"at {certificate['precision']} bits"
    return f"certified {how}{assumed}"


def game_name(game: MeanFieldGame | DynamicGame) -> str:
    """How a game is called in tables: its name, else its origin, else its sizes."""
    return game.name or (str(game.origin) if game.origin else repr(game))


def game_record(game: MeanFieldGame | DynamicGame) -> dict[str, Any]:
    """What a record keeps of a game; `origin` is None when no factory made it."""
    origin = None if game.origin is None else {"factory": game.origin.factory, "arguments": game.origin.arguments}
    sizes = {key: getattr(game, key) for key in SIZES if hasattr(game, key)}
    return {"name": game_name(game), "origin": origin, **sizes}


def decades_between(low: Side, high: Side) -> float:
    """log10(high/low): +inf over a `low` that may be zero or below, NaN where both may be, or one is undefined."""
    if math.isnan(low[0]) or math.isnan(high[0]):
        return math.nan
    if _may_vanish(low):
        return math.nan if _may_vanish(high) and low[0] + low[1] >= 0.0 else math.inf
    return -math.inf if _may_vanish(high) else high[2] - low[2]


def _may_vanish(side: Side) -> bool:
    value, error, decades = side
    return not decades > -math.inf or (value <= error < math.inf and error > 0.0)
