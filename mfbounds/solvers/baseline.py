"""The options of the methods of the field, checked once."""

from __future__ import annotations

from collections.abc import Mapping
from dataclasses import dataclass
from types import MappingProxyType
from typing import Any

from mfbounds.checks import check_flag, check_positive
from mfbounds.errors import InputError, UnknownNameError

RESPONSE_OPTIONS = ("regularised", "temperature")
BASELINES: Mapping[str, tuple[str, ...]] = MappingProxyType(
    {
        "fictitious-play": RESPONSE_OPTIONS,
        "online-mirror-descent": ("regularised", "learning_rate", "temperature"),
        "damped-fixed-point": RESPONSE_OPTIONS,
        "policy-iteration": RESPONSE_OPTIONS,
    }
)


@dataclass(frozen=True, kw_only=True)
class Baseline:
    """The options of a baseline, checked; see `solve` for their meaning.

    Attributes:
        regularised: whether the game with the entropy bonus is played, or the one without.
        temperature: of softmax(Q/temperature), reward units; None for the best response itself.
        learning_rate: weight of each Q in the cumulative one (online mirror descent).
    """

    regularised: bool
    temperature: float | None
    learning_rate: float | None = None

    @property
    def parameters(self) -> dict[str, Any]:
        rate = {} if self.learning_rate is None else {"learning_rate": self.learning_rate}
        return {"regularised": self.regularised, "temperature": self.temperature, **rate}


def check_baseline(method: str, eta: float, **given: Any) -> Baseline:
    """The options of the baseline `method`, or an error that names the wrong one."""
    for name in given:
        if name not in BASELINES[method]:
            raise UnknownNameError(f"argument of {method}", name, BASELINES[method])
    regularised = check_flag(given.get("regularised", True), "regularised")
    temperature = given.get("temperature")
    if method == "online-mirror-descent":
        temperature = check_positive(given.get("temperature", 1.0), "temperature")
        rate = check_positive(given.get("learning_rate", 0.1), "learning_rate")
        if regularised and rate * eta > temperature:
            raise InputError(
                f"learning_rate == {rate}, must be <= temperature/eta == {temperature / eta}: beyond it the step from "
                "log pi to Q/eta overshoots; take a lower learning_rate"
            )
        return Baseline(regularised=regularised, temperature=temperature, learning_rate=rate)
    if temperature is not None:
        temperature = check_positive(temperature, "temperature")
        if regularised:
            raise InputError(
                f"temperature == {temperature}, must be None when regularised: the soft best response has the "
                "temperature eta of the game; take regularised=False for softmax(Q/temperature)"
            )
    return Baseline(regularised=regularised, temperature=temperature)
