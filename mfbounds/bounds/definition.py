"""What a definition is: a constant of the theory with its formula in each tier."""

from __future__ import annotations

from collections.abc import Mapping
from dataclasses import dataclass
from types import MappingProxyType

import sympy as sp

from mfbounds.bounds.statement import Tier

PRINTED, REPAIRED, SHARPENED = Tier.PRINTED, Tier.REPAIRED, Tier.SHARPENED
_FALLBACK = {PRINTED: (PRINTED,), REPAIRED: (REPAIRED, PRINTED), SHARPENED: (SHARPENED, REPAIRED, PRINTED)}


@dataclass(frozen=True)
class Definition:
    """A constant: where it stands, its formulas by tier, and what is wrong with the printed one.

    A `common` constant is notation that all tiers share; otherwise a proved tier never takes a printed formula.
    """

    source: str
    formulas: Mapping[Tier, sp.Expr]
    defect: str = ""
    common: bool = False

    def formula(self, tier: Tier) -> sp.Expr | None:
        """The formula that `tier` uses, or None."""
        allowed = (t for t in _FALLBACK[tier] if t is tier or t is not PRINTED or self.common)
        return next((self.formulas[t] for t in allowed if t in self.formulas), None)


def define(source: str, *, defect: str = "", common: sp.Expr | None = None, **formulas: sp.Expr) -> Definition:
    """A definition from its formulas by tier, or from the one that all tiers share."""
    if common is not None:
        formulas = {"printed": common}
    by_tier = MappingProxyType({Tier(k): sp.sympify(v) for k, v in formulas.items()})
    return Definition(source, by_tier, defect, common is not None)
