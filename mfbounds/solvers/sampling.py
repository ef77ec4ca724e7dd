"""What a sampled solver is told about its draws, checked once."""

from __future__ import annotations

import math
from dataclasses import asdict, dataclass
from fractions import Fraction
from typing import Any

from mfbounds.checks import check_count, check_gamma
from mfbounds.errors import InputError, UnknownNameError
from mfbounds.simulation.counts import check_draws
from mfbounds.simulation.rollouts import BONUSES
from mfbounds.simulation.streams import seed_sequence
from mfbounds.simulation.truncation import steps_until

ROLLOUTS = ("sampled", "expected")
ESTIMATORS = ("importance", "mean")
INITIAL = ("reset", "repaired", "printed")
PLAY = ("mixture", "last")
TAIL = Fraction(1, 1000)


@dataclass(frozen=True, kw_only=True)
class Sampling:
    """How Sample-Based TRPO draws; see `sampled_trpo` for the meaning of each option."""

    I: int  # noqa: E741 - the paper's name
    T: int
    rollouts: str
    bonus: str
    estimator: str
    workers: int

    @property
    def parameters(self) -> dict[str, Any]:
        """Everything that the result depends on: all options but `workers`."""
        return {name: value for name, value in asdict(self).items() if name != "workers"}


@dataclass(frozen=True, kw_only=True)
class PopulationSampling(Sampling):
    """How Sample-Based MF-TRPO draws; see `solve` for the meaning of each option."""

    P: int
    initial: str
    play: str
    seed: int


def check_sampling(
    gamma: float,
    *,
    I: Any = 10_000,  # noqa: E741
    T: Any = None,
    rollouts: Any = "sampled",
    bonus: Any = "entropy",
    estimator: Any = "importance",
    workers: Any = 1,
) -> Sampling:
    """The options of `sampled_trpo`, or an `InputError` that names the wrong one."""
    I = check_draws(I, "I")  # noqa: E741
    T = default_horizon(gamma) if T is None else check_count(T, "T")
    for name, value, known in (
        ("rollouts", rollouts, ROLLOUTS),
        ("bonus", bonus, BONUSES),
        ("estimator", estimator, ESTIMATORS),
    ):
        _check_choice(name, value, known)
    return Sampling(
        I=I, T=T, rollouts=rollouts, bonus=bonus, estimator=estimator, workers=check_count(workers, "workers")
    )


def check_population_sampling(
    gamma: float,
    M: int | float,
    seed: Any,
    *,
    P: Any = 10_000,
    initial: Any = "reset",
    play: Any = "mixture",
    **options: Any,
) -> PopulationSampling:
    """The options of "sampled-mf-trpo", or an error that names the wrong one."""
    if M == math.inf:
        raise InputError("M == inf, must be an integer: a trajectory has an end")
    P = check_draws(P, "P")
    _check_choice("initial", initial, INITIAL)
    _check_choice("play", play, PLAY)
    known = (*Sampling.__dataclass_fields__, "P", "initial", "play")
    for name in options:
        if name not in known:
            raise UnknownNameError("argument", name, known)
    number = seed_sequence(seed).entropy
    assert isinstance(number, int)
    return PopulationSampling(**asdict(check_sampling(gamma, **options)), P=P, initial=initial, play=play, seed=number)


def default_horizon(gamma: float) -> int:
    """The smallest T >= 1 for which the part of a return that is cut off is at most a thousandth of V_max.

    >>> default_horizon(0.9)
    65
    """
    return max(1, steps_until(check_gamma(gamma), TAIL) - 1)


def _check_choice(name: str, value: Any, known: tuple[str, ...]) -> None:
    if value not in known:
        raise UnknownNameError(name, value, known)
