"""What the statements measure, for many small games at once; the statements' own `measure` is the authority.

Each function takes the games, the arrays of the case and its settings (M, L), and returns the quantities that the
statement's formulas use, each (B,), and a mask of the games on which they are defined.
"""

from __future__ import annotations

import math
from collections.abc import Callable, Mapping
from types import MappingProxyType
from typing import Any, TypeAlias

import numpy as np
import numpy.typing as npt
from scipy.linalg import helmert

from mfbounds.checks import FloatArray
from mfbounds.verification.falsify.array_game import Games, push, soft_optima, stationary, trpo

Arrays: TypeAlias = Mapping[str, FloatArray]
Settings: TypeAlias = Mapping[str, Any]
Mask: TypeAlias = npt.NDArray[np.bool_]
Measures: TypeAlias = tuple[dict[str, FloatArray], Mask]
ArrayMeasure: TypeAlias = Callable[[Games, Arrays, Settings, Arrays], Measures]


def _everywhere(games: Games) -> Mask:
    return np.ones(len(games.gamma), dtype=bool)


def _row_l1(first: FloatArray, second: FloatArray) -> FloatArray:
    distance: FloatArray = np.abs(first - second).sum(axis=2)
    return distance


def _apart(case: Arrays) -> dict[str, FloatArray]:
    difference = case["mu_2"] - case["mu"]
    return {"d_mu": np.linalg.norm(difference, axis=1), "d_mu_1": np.abs(difference).sum(axis=1)}


def lemma_e1(games: Games, case: Arrays, settings: Settings, known: Arrays) -> Measures:
    M, distance = settings["M"], _row_l1(case["policy"], case["policy_2"])
    first, second = games.at(case["mu"]).chain(case["policy"]), games.at(case["mu_2"]).chain(case["policy_2"])
    n, q, valid = known["n"], known["q"], _everywhere(games)
    if M == math.inf:
        (law, one), (other, two) = stationary(first), stationary(second)
        valid = one & two & (q < 1.0)
        with np.errstate(all="ignore"):
            weighted = n / (1.0 - q) * (law * distance).sum(axis=1)
        moved = law - other
    else:
        path, other, weighted = [case["xi"]], case["xi"], np.zeros(len(q))
        for _ in range(M):
            path.append(push(first, path[-1], 1))
            other = push(second, other, 1)
        for m in range(M):
            weighted += q ** np.floor(m / n) * (path[M - m - 1] * distance).sum(axis=1)
        moved = path[-1] - other
    quantities = {
        "d_law": np.abs(moved).sum(axis=1),
        "d_pi_sup": distance.max(axis=1),
        "d_pi_mean": (case["xi"] * distance).sum(axis=1),
        "w_pi": weighted,
    }
    return quantities | _apart(case), valid


def proposition_e2(games: Games, case: Arrays, settings: Settings, known: Arrays) -> Measures:  # noqa: ARG001
    processes = games.at(case["mu"])
    optima = soft_optima(processes)
    distance, gaps = _row_l1(case["policy"], optima.policy), optima.V - processes.values(case["policy"])
    # A gap below the rounding of its two values would pass for a violation.
    noise = 1e-13 * (1.0 + np.abs(optima.V).max(axis=1, keepdims=True)) / (1.0 - games.gamma[:, None])
    ratio = np.where(gaps > noise, distance**2 / np.maximum(gaps, noise), 0.0)
    place = np.arange(len(ratio)), np.where(ratio.any(axis=1), ratio.argmax(axis=1), distance.argmax(axis=1))
    return {"d_pi": distance[place], "gap": gaps[place]}, np.asarray(ratio.any(axis=1))


def proposition_e3(games: Games, case: Arrays, settings: Settings, known: Arrays) -> Measures:  # noqa: ARG001
    first, second = games.at(case["mu"]), games.at(case["mu_2"])
    one, two = soft_optima(first), soft_optima(second)
    fixed = first.values(case["policy"]) - second.values(case["policy"])
    quantities = {
        "dV": np.abs(one.V - two.V).max(axis=1),
        "dV_pi": np.abs(fixed).max(axis=1),
        "dQ": np.abs(one.Q - two.Q).max(axis=(1, 2)),
    }
    return quantities | _apart(case), _everywhere(games)


def corollary_e4(games: Games, case: Arrays, settings: Settings, known: Arrays) -> Measures:  # noqa: ARG001
    one, two = soft_optima(games.at(case["mu"])), soft_optima(games.at(case["mu_2"]))
    return {"d_pi": _row_l1(one.policy, two.policy).max(axis=1)} | _apart(case), _everywhere(games)


def proposition_e5(games: Games, case: Arrays, settings: Settings, known: Arrays) -> Measures:  # noqa: ARG001
    mu, policy = case["mu"], case["policy"]
    here = games.at(mu)
    law, valid = stationary(here.chain(policy))
    there = games.at(law)
    gap_here = soft_optima(here).V - here.values(policy)
    gap_there = soft_optima(there).V - there.values(policy)
    quantities = {
        "phi": np.maximum((law * gap_there).sum(axis=1), 0.0),
        "gap": np.maximum((mu * gap_here).sum(axis=1), 0.0),
        "d_inc": np.linalg.norm(law - mu, axis=1),
    }
    return quantities, valid


def lemma_e6(games: Games, case: Arrays, settings: Settings, known: Arrays) -> Measures:
    (law, one), (other, two) = (_step(games, case[key], settings["M"]) for key in ("mu", "mu_2"))
    moved, apart = other - law, case["mu_2"] - case["mu"]
    quantities = {
        "slope": (moved * apart).sum(axis=1),
        "d_F": np.linalg.norm(moved, axis=1),
        "d_F_1": np.abs(moved).sum(axis=1),
    }
    valid = one & two & (known["q"] < 1.0) if settings["M"] == math.inf else one & two
    return quantities | _apart(case) | _linear(games, settings["M"]), valid


def _linear(games: Games, M: float) -> dict[str, FloatArray]:
    """C_op_linear and K_F_linear where F_M is a linear map (see `mfbounds.bounds.linear`); else nothing."""
    size, _, S, A, _ = games.kernels.shape
    if games.kernels.shape[1] > 1 or (games.rewards.shape[1] > 1 and A > 1):
        return {}
    if M == math.inf or S == 1:
        return {"C_op_linear": np.zeros(size), "K_F_linear": np.zeros(size)}
    here = games.at(np.full((size, S), 1.0 / S))
    power = np.linalg.matrix_power(here.chain(soft_optima(here).policy), int(M))
    restricted = helmert(S) @ power @ helmert(S).T
    symmetric = 0.5 * (restricted + np.swapaxes(restricted, 1, 2))
    return {
        "C_op_linear": np.linalg.eigvalsh(symmetric)[:, -1],
        "K_F_linear": np.linalg.norm(restricted, ord=2, axis=(1, 2)),
    }


def _step(games: Games, mu: FloatArray, M: float) -> tuple[FloatArray, Mask]:
    """F_M(mu) and where it is defined."""
    processes = games.at(mu)
    chain = processes.chain(soft_optima(processes).policy)
    return stationary(chain) if M == math.inf else (push(chain, mu, int(M)), _everywhere(games))


def theorem_c1(games: Games, case: Arrays, settings: Settings, known: Arrays) -> Measures:  # noqa: ARG001
    processes = games.at(case["mu"])
    optima = soft_optima(processes)
    log_policy, V, Q = trpo(processes, settings["L"])
    eta = games.eta[:, None]
    top = Q.max(axis=2)
    soft = top + eta * np.log(np.exp((Q - top[..., None]) / eta[..., None]).sum(axis=2))
    distance = _row_l1(np.exp(log_policy), optima.policy)
    quantities = {
        "gap": (optima.V - V).max(axis=1),
        "gap_mean": (case["mu"] * (optima.V - V)).sum(axis=1),
        "bellman": (soft - V).max(axis=1),
        "span": np.ptp(Q - eta[..., None] * log_policy, axis=2).max(axis=1),
        "d_sup": distance.max(axis=1),
        "d_mean_sq": (case["mu"] * distance**2).sum(axis=1),
    }
    return quantities, _everywhere(games)


def theorem_w(games: Games, case: Arrays, settings: Settings, known: Arrays) -> Measures:  # noqa: ARG001
    here = games.at(case["mu"])
    optima, start, eta = soft_optima(here), np.log(case["policy"]), games.eta[:, None, None]
    log_policy, V, _ = trpo(here, settings["L"], start)
    later = soft_optima(games.at(case["mu_2"]))
    quantities = {
        "gap": (optima.V - V).max(axis=1),
        "x": np.ptp(optima.Q - eta * start, axis=2).max(axis=1),
        "x_next": np.ptp(later.Q - eta * log_policy, axis=2).max(axis=1),
    }
    return quantities | _apart(case), _everywhere(games)


MEASURES: Mapping[str, ArrayMeasure] = MappingProxyType(
    {
        "P1.E.1": lemma_e1,
        "P1.E.2": proposition_e2,
        "P1.E.3": proposition_e3,
        "P1.E.4": corollary_e4,
        "P1.E.5": proposition_e5,
        "P1.2.2": proposition_e5,
        "P1.E.6": lemma_e6,
        "P1.C.1": theorem_c1,
        "P1.C.2": theorem_c1,
        "P1.W": theorem_w,
    }
)
