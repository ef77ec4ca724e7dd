"""One part of an experiment: one game, one method, one setting, one seed; and which of its steps are kept."""

from __future__ import annotations

import hashlib
import json
import math
import re
from collections.abc import Iterable, Mapping
from dataclasses import dataclass, field, fields
from functools import cached_property
from importlib.metadata import version
from types import MappingProxyType
from typing import Any, Protocol

import numpy as np

from mfbounds.games.catalogue import build
from mfbounds.games.game import MeanFieldGame
from mfbounds.verification.records import plain

FORMAT = "mfbounds-part-1"  # to be raised when the numbers of a part change their meaning
SOLVED = 1e-8  # reward units: an exploitability that is certified to be below it counts as solved


@dataclass(frozen=True, eq=False, kw_only=True)
class Part:
    """What one worker computes in one go, and what it keeps of it.

    Attributes:
        game: name of the catalogue; with `arguments` it makes the game.
        label: how figures and tables call the game.
        method, options: of `mfbounds.solve`.
        variant: what tells this part from others of the same game and method, in a few words.
        K: number of outer steps.
        steps: the steps whose measures are kept, increasing, from 0 to K.
        snapshots: the steps whose populations are kept, a part of `steps`.
        laws: whether the change of the policy's law from step to step is measured too; it costs a second call a step.
        stops: whether the part ends at the first kept step that is certified to be solved.
        seed: of the draws; None for an exact method.
    """

    game: str
    arguments: Mapping[str, Any]
    label: str
    method: str
    options: Mapping[str, Any] = field(default_factory=lambda: MappingProxyType({}))
    variant: str = ""
    K: int
    steps: tuple[int, ...]
    snapshots: tuple[int, ...] = ()
    laws: bool = False
    stops: bool = False
    seed: int | None = None

    @property
    def settings(self) -> dict[str, Any]:
        """Everything that the numbers depend on, in JSON types, the versions included."""
        return settings_of(self, FORMAT)

    @cached_property
    def name(self) -> str:
        """A name for files, made of letters, digits, dots, dashes."""
        kappa, eta = self.arguments["kappa"], self.arguments["eta"]
        return file_name(self.label, f"kappa{kappa}", f"eta{eta}", self.method, self.variant, seed=self.seed)

    def build(self) -> MeanFieldGame:
        return build(self.game, **self.arguments)

    @property
    def call(self) -> dict[str, Any]:
        """The options of `solve` but K; the costly columns are asked for at the last step of a call alone."""
        return {**self.options, "seed": self.seed, "every": self.K + 1}


def settings_of(part: Any, form: str) -> dict[str, Any]:
    """The fields of a part of the format `form`, and the version: all that its numbers depend on, in JSON types."""
    named = {item.name: getattr(part, item.name) for item in fields(part)}
    return {"format": form, "version": version("mfbounds"), **json.loads(json.dumps(plain(named)))}


def file_name(*words: str, seed: int | None) -> str:
    """A name of letters, digits, dots and dashes, from the words that are not empty and the seed.

    Example:
        >>> file_name("four rooms", "", "step 1/(k+1)", seed=7)
        'four-rooms-step-1-k-1-seed7'
    """
    given = [*words, "" if seed is None else f"seed{seed}"]
    return re.sub(r"[^A-Za-z0-9.]+", "-", " ".join(word for word in given if word)).strip("-")


def log_steps(K: int, count: int, also: Iterable[int] = ()) -> tuple[int, ...]:
    """About `count` steps from 0 to K, evenly spaced in their logarithm, and those of `also` up to K.

    Example:
        >>> log_steps(100, 7, also=[50])
        (0, 1, 2, 5, 10, 22, 46, 50, 100)
    """
    spaced = np.rint(np.geomspace(1, K, max(count, 2))).astype(int) if K > 1 else np.array([1])
    return tuple(sorted({0, K, *spaced.tolist(), *(step for step in also if step <= K)}))


class HasSettings(Protocol):
    """A part of any kind."""

    @property
    def settings(self) -> dict[str, Any]:
        """Everything that the numbers depend on."""


def digest(parts: Iterable[HasSettings]) -> str:
    """A short fingerprint of the settings of parts, in their order."""
    text = json.dumps([part.settings for part in parts], sort_keys=True)
    return hashlib.sha256(text.encode()).hexdigest()[:16]


def solved(exploitability: float, error: float) -> bool:
    """Whether an exploitability is below `SOLVED` whatever the error; never where it is not defined."""
    return not math.isnan(exploitability) and exploitability + error <= SOLVED
