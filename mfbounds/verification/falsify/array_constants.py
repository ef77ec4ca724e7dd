"""The constants of many small games at once: what `mfbounds.bounds.regularity` and `constants` compute for one.

The formulas are those of `mfbounds.bounds.definitions`, turned into functions of arrays; nothing is rounded outward.
"""

from __future__ import annotations

import math
from collections.abc import Callable, Mapping
from functools import lru_cache, reduce
from typing import Any

import numpy as np
import sympy as sp

from mfbounds.bounds.definitions import DEFINITIONS, formula
from mfbounds.bounds.formula import symbols_of
from mfbounds.bounds.statement import Reading, Tier
from mfbounds.bounds.symbols import M as M_symbol
from mfbounds.bounds.symbols import Sigma_inf
from mfbounds.bounds.symbols import q as q_symbol
from mfbounds.checks import FloatArray
from mfbounds.verification.falsify.array_game import Games

EPS = 2.0**-52
BLOCKS = (2, 3, 4, 6, 8, 12, 16, 24, 32, 48, 64)  # lengths of mixing blocks that are tried
ASSUMED = {"C_TRPO_0_prime": 1.721}  # the default of `mfbounds.bounds.problem.Parameters`


def primitives(games: Games) -> dict[str, FloatArray]:
    """R, L_r, L_P, kappa_A, n, q, ... of every game, each (B,)."""
    kernels, rewards = games.kernels, games.rewards
    size, n_vertices, n_states, n_actions, _ = kernels.shape
    rows = kernels.reshape(size, n_vertices, n_states * n_actions, n_states)
    pairs = np.abs(rows[:, :, :, None] - rows[:, :, None, :]).sum(axis=-1)
    of_actions = np.abs(kernels[:, :, :, :, None] - kernels[:, :, :, None, :]).sum(axis=-1)
    rho_1 = np.minimum(1.0, 0.5 * pairs.max(axis=(1, 2, 3)))
    block, contraction = _mixing(kernels, rho_1)
    flat = rewards.reshape(size, rewards.shape[1], -1)
    found = {
        "R": flat.max(axis=(1, 2)) - flat.min(axis=(1, 2)),
        "gamma": games.gamma,
        "eta": games.eta,
        "n_S": np.full(size, float(n_states)),
        "n_A": np.full(size, float(n_actions)),
        "kappa_A": np.minimum(1.0, 0.5 * of_actions.max(axis=(1, 2, 3, 4))),
        "n": block,
        "q": contraction,
        "L_r": np.sqrt((_centred(flat) ** 2).sum(axis=1)).max(axis=1),
        "L_r1": 0.5 * np.ptp(flat, axis=1).max(axis=1),
        **_kernel_slopes(rows),
        "C_op_linear": np.full(size, math.inf),
        "K_F_linear": np.full(size, math.inf),
    }
    return found | {name: np.full(size, value) for name, value in ASSUMED.items()}


def _centred(values: FloatArray) -> FloatArray:
    """Minus the mean over the vertices (axis 1); exactly 0 where the vertices agree."""
    differences = values - values[:, :1]
    centred: FloatArray = differences - differences.mean(axis=1, keepdims=True)
    return centred


def _kernel_slopes(rows: FloatArray) -> dict[str, FloatArray]:
    """L_P, L_P_entry, L_P1 from the vertex rows (B, X, S*A, S)."""
    size, n_vertices, _, n_states = rows.shape
    if n_vertices == 1:
        return {name: np.zeros(size) for name in ("L_P", "L_P_entry", "L_P1")}
    centred = _centred(rows)
    codes = np.arange(2 ** (n_states - 1))
    signs = 1.0 - 2.0 * ((codes[None, :] >> np.arange(n_states)[:, None]) & 1)
    gains = (np.matmul(centred, signs) ** 2).sum(axis=1).max(axis=(1, 2))
    apart = np.abs(rows[:, :, None] - rows[:, None, :]).sum(axis=-1)
    return {
        "L_P": np.sqrt(gains),
        "L_P_entry": np.sqrt((centred**2).sum(axis=1).max(axis=(1, 2))),
        "L_P1": np.minimum(1.0, 0.5 * apart.max(axis=(1, 2, 3))),
    }


def _mixing(kernels: FloatArray, rho_1: FloatArray) -> tuple[FloatArray, FloatArray]:
    """(block, contraction) with the smallest block/(1 - contraction): one step with rho_1, or a Doeblin block."""
    size, n_states = len(kernels), kernels.shape[2]
    with np.errstate(divide="ignore"):
        one = 1.0 / (1.0 - rho_1)
    time, block, contraction = one.copy(), np.ones(size), rho_1.copy()
    active = np.flatnonzero((rho_1 > 0.0) & (one > 2.0))
    reach = np.broadcast_to(np.eye(n_states), (len(active), n_states, n_states))
    for n in range(1, max(BLOCKS) + 1):
        keep = one[active] > n
        active, reach = active[keep], reach[keep]
        if active.size == 0:
            break
        reach = np.matmul(kernels[active], reach[:, None, None]).min(axis=(1, 3))
        if n in BLOCKS:
            overlap = np.minimum(reach[:, :, None], reach[:, None, :]).sum(axis=-1).min(axis=(1, 2))
            q = np.clip(1.0 - overlap, EPS, 1.0)
            with np.errstate(divide="ignore"):
                total = n / (1.0 - q)
            better = total < time[active]
            chosen = active[better]
            time[chosen], block[chosen], contraction[chosen] = total[better], n, q[better]
    unknown = ~np.isfinite(time)
    block[unknown], contraction[unknown] = 1.0, 1.0
    return block, contraction


class ArrayConstants:
    """Constants of a tier and reading, evaluated when first asked for."""

    def __init__(self, known: Mapping[str, FloatArray], tier: Tier, reading: Reading, M: float) -> None:
        self.tier, self.reading, self.M = tier, reading, M
        self.values = {**known, "M": np.full(len(known["q"]), float(M))}
        if reading.a1 == "entry":
            self.values["L_P"] = self.values["L_P_entry"]

    def evaluate(self, expression: sp.Expr, more: Mapping[str, Any]) -> FloatArray:
        """A formula over constants and the quantities in `more`, (B,)."""
        expression = sp.sympify(expression)
        names = symbols_of(expression)
        arguments = [more[name] if name in more else self.value(name, more) for name in names]
        with np.errstate(all="ignore"):
            result = array_function(expression)(*arguments)
        return np.broadcast_to(np.asarray(result, dtype=np.float64), self.values["q"].shape)

    def value(self, name: str, more: Mapping[str, Any]) -> FloatArray:
        if name not in self.values:
            self.values[name] = self._special(name, more)
        return self.values[name]

    def _special(self, name: str, more: Mapping[str, Any]) -> FloatArray:
        """What `ConstantSet.expression` gives one game: other shapes at M = infinity, and where nothing mixes."""
        if name == "C_Erg" and self.reading.tv == "half":
            return self.evaluate(DEFINITIONS["C_Erg"].formulas[Tier.PRINTED] / 2, more)
        if self.M == math.inf and name in ("Sigma_M", "delta_M"):
            return self.evaluate(Sigma_inf if name == "Sigma_M" else q_symbol**M_symbol, more)
        found = self.evaluate(formula(name, self.tier), more)
        return np.where(self.values["q"] >= 1.0, self.M, found) if name == "Sigma_M" else found


@lru_cache(maxsize=512)
def array_function(expression: sp.Expr) -> Callable[..., Any]:
    """The formula as a function of arrays, its arguments in the order of `symbols_of`."""
    extremes = {"Min": lambda *parts: reduce(np.minimum, parts), "Max": lambda *parts: reduce(np.maximum, parts)}
    symbols = sorted(expression.free_symbols, key=lambda symbol: symbol.name)
    function: Callable[..., Any] = sp.lambdify(symbols, expression, modules=[extremes, "numpy"], cse=True)
    return function
