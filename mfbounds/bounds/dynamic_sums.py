"""Geometric sums of L_pop over the horizon, as the printed and the repaired bounds of P2 take them.

G_h = 1 + L + ... + L^h. The paper writes (1 - L^{h+1})/(1 - L) and sets it to h where L = 1; the limit is h + 1.
"""

from __future__ import annotations

from collections.abc import Callable
from typing import Literal, TypeAlias

import sympy as sp
from flint import arb

from mfbounds.bounds.dynamic_problem import DynamicProblem
from mfbounds.bounds.dynamic_recursions import as_measured
from mfbounds.bounds.statement import Case, Quantities
from mfbounds.numbers import Constant

Modulus: TypeAlias = Literal["L_pop", "L_2"]
GEOMETRIC = (r"G_h", r"1 + L + \dots + L^h (printed: h where L = 1)")
ROOT = sp.sqrt(2) * sp.pi
# Lemma 10: prod_{h>=0} (1 + 1/(1+h^2)) = sqrt 2 sinh(sqrt 2 pi)/sinh(pi) = 5.20487
C = sp.sqrt(2) * (sp.exp(ROOT) - sp.exp(-ROOT)) / (sp.exp(sp.pi) - sp.exp(-sp.pi))
SUM_G = (r"\sum_{h<H} G_h", "geometric sums, added over the steps")
SUM_SUM_G = (r"\sum_{h<H} \sum_{k<h} G_k", "geometric sums, added twice over the steps")


def geometric_sums(modulus: Constant, steps: int, *, power: int = 1, printed: bool = False) -> list[arb]:
    """G_h of L^power, h = 0..steps-1; `printed`: h instead where the modulus is known to be exactly 1."""
    if printed and modulus.exact and modulus.value == 1.0:
        return [arb(h) for h in range(steps)]
    L, found = arb(modulus.value) ** power, [arb(1)]
    for _ in range(steps - 1):
        found.append(L * found[-1] + 1)
    return found


def at_step(name: Modulus, *, power: int = 1, printed: bool = False) -> Callable[[DynamicProblem, Case], Quantities]:
    """G at the case's step h and G_before at h - 1 (0 at h = 0), for `Bound.extra`."""

    def extra(problem: DynamicProblem, case: Case) -> Quantities:
        h = case["h"]
        sums = geometric_sums(problem.primitives[name], h + 1, power=power, printed=printed)
        return {"G": as_measured(sums[h]), "G_before": as_measured(sums[h - 1] if h else arb(0))}

    return extra


def over_horizon(*, printed: bool = False) -> Callable[[DynamicProblem, Case], Quantities]:
    """S_1 = sum_h G_h and S_2 = sum_h sum_{k<h} G_k of L_pop, for `Bound.extra`."""

    def extra(problem: DynamicProblem, case: Case) -> Quantities:  # noqa: ARG001
        H = problem.game.horizon
        sums = geometric_sums(problem.primitives["L_pop"], H, printed=printed)
        twice = sum((sum(sums[:h], arb(0)) for h in range(H)), arb(0))
        return {"S_1": as_measured(sum(sums, arb(0))), "S_2": as_measured(twice)}

    return extra
