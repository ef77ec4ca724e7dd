"""What drives a constant: the ingredient to which it is most sensitive on a game."""

from __future__ import annotations

import math
from dataclasses import replace
from types import MappingProxyType

from flint import arb

from mfbounds.bounds.constants import ConstantSet
from mfbounds.bounds.definitions import DEFINITIONS, L_DEPENDENT, formula
from mfbounds.bounds.formula import evaluate, symbols_of
from mfbounds.bounds.statement import L1, Reading, Tier

PERTURBED = ("R", "eta", "L_r", "L_P", "kappa_A", "q", "n_S", "n_A", "M")
STEP = 1e-4  # relative change of an ingredient when its influence is measured


def constant_value(known: ConstantSet, name: str, tier: Tier, reading: Reading, L: int) -> arb | None:
    """A constant of `DEFINITIONS` as a ball, in the constant's own unit; `L` counts only where the formula has it.

    None where the tier has no formula for it, NaN where the formula means nothing: a step without tau > 0.
    """
    if DEFINITIONS[name].formula(tier) is None:
        return None
    values = known.values(tier, reading)
    if "tau" in symbols_of(formula(name, tier)) and not values["tau"] > 0:
        return arb.nan()  # without tau > 0 no step is admissible and the formula means nothing
    return evaluate(formula(name, tier), {**values, "L": arb(L)}) if name in L_DEPENDENT else values[name]


def main_driver(known: ConstantSet, name: str, tier: Tier, L: int) -> str:
    """The ingredient with the largest elasticity d log(constant)/d log(ingredient), 1/(1-gamma) among them."""
    base = constant_value(known, name, tier, L1, L)
    if base is None or not base.is_finite() or not base > 0:
        return ""
    influence = {}
    for ingredient in sorted(known.ingredients(name, tier) & {*PERTURBED, "gamma"}):
        if known.primitives[ingredient].value == 0.0:
            continue
        moved = constant_value(_nudged(known, ingredient), name, tier, L1, L)
        if moved is not None and moved.is_finite() and moved > 0:
            label = "1/(1-gamma)" if ingredient == "gamma" else ingredient
            influence[label] = math.log(float((moved / base).mid())) / math.log1p(STEP)
    if not influence:
        return ""
    label, power = max(influence.items(), key=lambda item: abs(item[1]))
    return f"{label}^{power:.2g}" if abs(power) > 0.005 else ""


def _nudged(known: ConstantSet, name: str) -> ConstantSet:
    """The same constants with one ingredient 0.01% larger (for gamma: with 1/(1-gamma) that much larger)."""
    old = known.primitives[name]
    value = 1.0 - (1.0 - old.value) / (1.0 + STEP) if name == "gamma" else old.value * (1.0 + STEP)
    value = min(value, 1.0) if name in ("q", "kappa_A") else value
    primitives = MappingProxyType({**known.primitives, name: replace(old, value=value)})
    return ConstantSet(primitives=primitives, M=known.M)
