"""What a plan must satisfy: the inequalities of C.6 and D.5, evaluated on balls at given numbers of a run."""

from __future__ import annotations

import math
from collections.abc import Callable, Mapping
from dataclasses import dataclass
from functools import cached_property

import numpy as np
import sympy as sp
from flint import arb

from mfbounds.bounds.definitions import DEFINITIONS, L_DEPENDENT, formula
from mfbounds.bounds.formula import evaluate
from mfbounds.bounds.outer import monotone
from mfbounds.bounds.problem import Problem
from mfbounds.bounds.sampled_bounds import exploitability_terms, printed_exploitability
from mfbounds.bounds.statement import L1, Tier
from mfbounds.bounds.statements.p1.corollary_c6 import INCONSISTENCY, PRINTED_EPS
from mfbounds.bounds.symbols import B, C_phi
from mfbounds.errors import InputError

MOST = 2**4096  # beyond it the search for a sufficient number gives up
FOREVER = arb.pos_inf()


def smallest(sufficient: Callable[[int], bool], what: str, least: int = 1) -> int:
    """The smallest n >= least with ``sufficient(n)``, which must stay true from there on.

    Raises:
        InputError: no n up to 2^4096 suffices.
    """
    if sufficient(least):
        return least
    low, high = least, 2 * max(least, 1)
    while not sufficient(high):
        if high > MOST:
            raise InputError(f"{what} == 2^4096, must suffice: the accuracy lies below what this bound can reach")
        low, high = high, high * high if high > 2**16 else 2 * high
    while high - low > 1:
        middle = math.isqrt(low * high) if high > 4 * low else (low + high) // 2
        low, high = (low, middle) if sufficient(middle) else (middle, high)
    return high


@dataclass(frozen=True, eq=False, kw_only=True)
class Requirement:
    """The bounds on a game, as functions of the numbers of a run.

    Attributes:
        problem: the game and the constants that the caller vouches for.
        tier: of the bounds.
        M, beta, initial: population steps, constant step, where a population trajectory starts.
        delta: allowed failure probability; None for the exact algorithm.
    """

    problem: Problem
    tier: Tier
    M: int | float
    beta: float
    initial: str
    delta: float | None

    @cached_property
    def values(self) -> Mapping[str, arb]:
        """Everything that does not change during a search. The first distance is that of the farthest population."""
        game = self.problem.game
        values = dict(self.problem.constants(self.tier, L1, self.M))
        values.update((key, number.ball) for key, number in monotone(self.problem, {"M": self.M}).items())
        values |= {
            "beta": arb(self.beta),
            "d_0": arb(farthest(game.start if self.initial == "reset" else game.restart)),
        }
        if self.delta is not None:
            worst = 1 / values["nu_min"]
            values |= {"delta": arb(self.delta), **dict.fromkeys(("D", "D2", "C_nu"), worst)}
        return values

    def exact(self, L: int, K: int | None) -> arb:
        """The bound of C.6; K = None stands for infinitely many rounds."""
        values = {**self.values, "L": arb(L), "K": FOREVER if K is None else arb(K)}
        values["d_0"] = arb(farthest(self.problem.game.start))
        for name in L_DEPENDENT:
            if DEFINITIONS[name].formula(self.tier) is not None:
                values[name] = evaluate(formula(name, self.tier), values)
        return evaluate(exact_bound(self.tier), values)

    def noise(self, L: int, K: int, I: int) -> arb:  # noqa: E741 - the paper's name
        """N_I at this run's share of delta."""
        return evaluate(formula("N_I", self.tier), self._shared(L, K) | {"I": arb(I)})

    def seen(self, L: int, K: int) -> arb:
        """The number of trajectories after which every state is visited often enough."""
        return evaluate(formula("I_seen", self.tier), self._shared(L, K))

    def _shared(self, L: int, K: int) -> dict[str, arb]:
        return {**self.values, "L": arb(L), "delta": self.values["delta"] / (2 * (K + 1))}

    def terms(
        self,
        L: int,
        K: int | None = None,
        *,
        P: int | None = None,
        T: int | None = None,
        I: int | None = None,  # noqa: E741
    ) -> dict[str, arb]:
        """The terms of D.5 in a proved tier; a number that is None stands for infinity (its error for 0)."""
        values = {**self.values, "L": arb(L), "K": FOREVER if K is None else arb(K)}
        values["bias"] = arb(0) if T is None else evaluate(formula("bias", self.tier), values | {"T": arb(T)})
        values["N_I"] = arb(0) if I is None or K is None else self.noise(L, K, I)
        values["B_lead"] = evaluate(formula("B_lead", self.tier), values)
        values["B_avg"] = evaluate(DEFINITIONS["B_avg"].formula(self.tier), values)
        for name in ("e_P", "n_bar"):
            known = P is not None and K is not None
            values[name] = evaluate(formula(name, self.tier), values | {"P": arb(P)}) if known else arb(0)
        return {name: evaluate(term, values) for name, term in exploitability_terms(self.tier, self.initial).items()}

    def sampled(self, L: int, K: int | None = None, **numbers: int | None) -> arb:
        """The bound of D.5 in a proved tier."""
        return sum(self.terms(L, K, **numbers).values(), arb(0))

    def suffices(self, epsilon: float, *, L: int, K: int, P: int, T: int, I: int) -> bool:  # noqa: E741
        """Whether D.5 certainly promises exploitability at most epsilon at these numbers."""
        return bool(self.seen(L, K) <= I) and bool(self.sampled(L, K, P=P, T=T, I=I) <= epsilon)

    def printed(self, L: int, K: int | None, accuracy: arb) -> arb:
        """The bound of D.5 as printed, at the inner accuracy epsilon that sets I, T and P."""
        values = {**self.values, "L": arb(L), "K": FOREVER if K is None else arb(K), "epsilon": accuracy}
        return evaluate(printed_exploitability(), values)


def exact_bound(tier: Tier) -> sp.Expr:
    """C.6: the bound on phi(pi_{K+1}, mu_K)."""
    return PRINTED_EPS if tier is Tier.PRINTED else B + C_phi * INCONSISTENCY[tier]


def farthest(mu: np.ndarray[tuple[int], np.dtype[np.float64]]) -> float:
    """An upper bound on ||mu - mu'||_2 over all populations mu': a vertex is farthest."""
    squares = float(mu @ mu) + 1.0 - 2.0 * float(mu.min())
    return math.sqrt(squares) * (1.0 + 1e-14)
