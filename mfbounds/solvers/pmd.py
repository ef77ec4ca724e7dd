"""The step of policy mirror descent in log space, and its schedules (P2, Algorithm 2)."""

from __future__ import annotations

import math
from collections.abc import Callable
from typing import Any

import numpy as np
from scipy.special import log_softmax

from mfbounds.checks import FloatArray, check_count, check_positive
from mfbounds.errors import InputError
from mfbounds.solvers.schedule import numbers_of


def pmd_update(log_policy: FloatArray, q: FloatArray, *, xi: float, tau: float, mixing: float = 0.0) -> FloatArray:
    """log pi_{t+1}, where pi_{t+1} = (1 - mixing) pihat + mixing Unif (P2, Algorithm 2, steps 5 and 6).

    pihat maximises (xi/(1 - tau xi)) (<q, u> + tau H(u)) - KL(u | pi_t) over u, so that
    pihat is proportional to pi_t^(1 - tau xi) exp(xi q).

    Args:
        log_policy, q: (..., A); q in reward units, any constant a row may be added to it.
        xi, tau: step size (nats a reward unit) and entropy weight (reward units a nat), tau xi < 1.
        mixing: in [0, 1].

    Example:
        >>> log_policy = np.log([[0.5, 0.5]])
        >>> np.exp(pmd_update(log_policy, np.array([[np.log(3.0), 0.0]]), xi=1.0, tau=0.0)).round(12).tolist()
        [[0.75, 0.25]]
    """
    moved: FloatArray = log_softmax((1.0 - tau * xi) * log_policy + xi * q, axis=-1)
    if mixing == 0.0:
        return moved
    uniform = -math.log(log_policy.shape[-1])
    if mixing == 1.0:
        return np.full_like(moved, uniform)
    mixed: FloatArray = np.logaddexp(math.log1p(-mixing) + moved, math.log(mixing) + uniform)
    return mixed


def learning_rates(xi: Any, T: int, *, tau: float, xi_0: Any = 1.0, name: str = "xi") -> FloatArray:
    """xi_0, ..., xi_{T-1}, shape (T,), each > 0 with tau xi_t < 1.

    Args:
        xi: one number for all epochs, T numbers, or a function t -> xi_t; None for xi_0/sqrt(t+1), printed with xi_0 = 1.
        name: what the caller calls `xi`, for messages.

    Raises:
        InputError: a step <= 0 or with tau xi_t >= 1 (the exponent 1 - tau xi_t of the old policy must stay positive).

    Example:
        >>> learning_rates(None, 4, tau=0.05).round(3).tolist()
        [1.0, 0.707, 0.577, 0.5]
    """
    T = check_count(T, "K")
    first = check_positive(xi_0, "xi_0", why="it scales the step sizes")
    if xi is not None and first != 1.0:
        raise InputError(f"xi_0 == {xi_0} is given with xi, must be one of them: xi_0 scales the default 1/sqrt(t+1)")
    rates = numbers_of((lambda t: first / math.sqrt(t + 1)) if xi is None else xi, T, name, first=0)
    for t, rate in enumerate(rates):
        check_positive(rate, f"{name}[{t}]", why="it is a step size")
        if tau * rate >= 1.0:
            raise InputError(
                f"tau*{name}[{t}] == {tau * rate:g}, must be < 1: the new policy is pi^(1 - tau xi) exp(xi q)/Z for a step xi; "
                "take a smaller step or less entropy"
            )
    return rates


def mixing_weights(mixing: Any, T: int) -> FloatArray:
    """The weights of the uniform policy, shape (T,), each in [0, 1].

    Args:
        mixing: "printed" for 1/(t+1), so that the first step is thrown away; "none"; a number, T numbers, or a function of t.

    Raises:
        InputError: a weight outside [0, 1], or another word.

    Example:
        >>> mixing_weights("printed", 4).round(3).tolist()
        [1.0, 0.5, 0.333, 0.25]
    """
    words: dict[str, Callable[[int], float]] = {"printed": lambda t: 1.0 / (t + 1), "none": lambda t: 0.0}  # noqa: ARG005
    if isinstance(mixing, str):
        if mixing not in words:
            raise InputError(f"mixing == {mixing!r}, must be 'printed', 'none', numbers or a function of t")
        mixing = words[mixing]
    weights = numbers_of(mixing, check_count(T, "K"), "mixing", first=0)
    for t, weight in enumerate(weights):
        if not 0.0 <= weight <= 1.0:
            raise InputError(f"mixing[{t}] == {weight}, must be in [0, 1]: it is the weight of the uniform policy")
    return weights
