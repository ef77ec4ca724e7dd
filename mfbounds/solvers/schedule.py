"""Step sizes of the population's damped iteration."""

from __future__ import annotations

from collections.abc import Callable, Mapping, Sequence
from types import MappingProxyType
from typing import Any, TypeAlias

import numpy as np

from mfbounds.checks import FloatArray, check_count, check_real
from mfbounds.errors import InputError, UnknownNameError

StepSizes: TypeAlias = float | str | Sequence[float] | FloatArray | Callable[[int], float]


def step_sizes(beta: StepSizes, K: int) -> FloatArray:
    """beta_1, ..., beta_K, shape (K,), each in (0, 1].

    Args:
        beta: one number for all steps, K numbers, a function k -> beta_k for k = 1..K, or "1/(k+1)" or "2/(k+2)".
        K: number of steps.

    Raises:
        InputError: a step lies outside (0, 1], or there are not K of them. Beyond 1 a step can leave the simplex.
        UnknownNameError: a rule is named that is not known.

    Example:
        >>> step_sizes(lambda k: 1 / k, 4)
        array([1.        , 0.5       , 0.33333333, 0.25      ])
    """
    steps = numbers_of(beta, check_count(K, "K"), "beta", first=1)
    outside = np.flatnonzero((steps <= 0.0) | (steps > 1.0))
    if outside.size:
        k = int(outside[0])
        raise InputError(
            f"beta[{k + 1}] == {steps[k]}, must be in (0, 1]: no step at 0, and beyond 1 one can leave the simplex"
        )
    return steps


def averaging(k: int) -> float:
    """1/(k+1): with these steps the k-th iterate is the plain average of what came after, and of the start.

    Example:
        >>> step_sizes(averaging, 3)
        array([0.5       , 0.33333333, 0.25      ])
    """
    return 1.0 / (k + 1)


def growing(k: int) -> float:
    """2/(k+2): the k-th iterate is an average in which each step weighs in proportion to its number.

    Example:
        >>> step_sizes("2/(k+2)", 3)
        array([0.66666667, 0.5       , 0.4       ])
    """
    return 2.0 / (k + 2)


RULES: Mapping[str, Callable[[int], float]] = MappingProxyType({"1/(k+1)": averaging, "2/(k+2)": growing})


def numbers_of(values: Any, count: int, name: str, *, first: int) -> FloatArray:
    """One finite number a step, shape (count,), from a number, a sequence, or a function of k = first, first + 1, ..., which
    may be given by its name in `RULES`.

    Raises:
        InputError: there are not as many, or one is no number; the message calls them `name`.
    """
    if isinstance(values, str):
        if values not in RULES:
            raise UnknownNameError(name, values, RULES)
        values = RULES[values]
    if callable(values):
        given = [values(k) for k in range(first, first + count)]
    elif np.asarray(values, dtype=object).ndim == 0:
        given = [check_real(values, name)] * count
    else:
        given = list(values)
    if len(given) != count:
        raise InputError(f"len({name}) == {len(given)}, must be K == {count}: one number for each step")
    numbers = np.array([check_real(value, f"{name}[{k}]") for k, value in enumerate(given, first)])
    numbers.setflags(write=False)
    return numbers


def shown(steps: FloatArray) -> float | str:
    """Step sizes as a run's parameters show them: one number, or the first and the last of several.

    Example:
        >>> shown(step_sizes(0.1, 4)), shown(step_sizes(lambda k: 1 / k, 9))
        (0.1, '1, 0.5, 0.333333, ..., 0.111111')
    """
    if (steps == steps[0]).all():
        return float(steps[0])
    if len(steps) <= 4:
        return ", ".join(f"{step:g}" for step in steps)
    return f"{', '.join(f'{step:g}' for step in steps[:3])}, ..., {steps[-1]:g}"
