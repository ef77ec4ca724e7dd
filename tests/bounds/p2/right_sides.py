"""Numbers in place of a game: what the right sides of P2 are at constants that no game needs to have."""

from __future__ import annotations

from collections.abc import Mapping
from dataclasses import dataclass, field
from types import SimpleNamespace
from typing import Any

from flint import arb

from mfbounds.bounds.formula import evaluate
from mfbounds.bounds.ledger import find_statement
from mfbounds.numbers import Constant, Provenance

POINTS: tuple[Mapping[str, float], ...] = (
    {"D": 4, "n_A": 2, "N": 7, "H": 5, "R": 1.0, "alpha": 0.11, "beta": 0.07, "K_mu": 0.3, "L_mu": 0.6,
     "K_sa": 1.1, "L_sa": 0.45, "L_pop": 0.85, "L_2": 1.2, "tau": 0.2, "T": 8, "M": 100},
    {"D": 6, "n_A": 3, "N": 50, "H": 4, "R": 2.5, "alpha": 0.02, "beta": 0.3, "K_mu": 1.4, "L_mu": 1.7,
     "K_sa": 0.6, "L_sa": 1.9, "L_pop": 1.7, "L_2": 2.9, "tau": 0.7, "T": 50, "M": 7},
    {"D": 15, "n_A": 5, "N": 1000, "H": 9, "R": 0.3, "alpha": 0.35, "beta": 0.01, "K_mu": 0.05, "L_mu": 2.2,
     "K_sa": 2.0, "L_sa": 0.2, "L_pop": 1.05, "L_2": 0.4, "tau": 0.05, "T": 3, "M": 10**6},
)  # fmt: skip


@dataclass(frozen=True)
class Numbers:
    """Answers like a `DynamicProblem` whose constants are `at`; `known` is what it remembers."""

    at: Mapping[str, float]
    known: Mapping[Any, Any] = field(default_factory=dict)

    def constants(self, *_: Any) -> dict[str, arb]:
        return {name: arb(value) for name, value in self.at.items()}

    @property
    def primitives(self) -> dict[str, Constant]:
        return {
            name: Constant(value=value, provenance=Provenance.CERTIFIED, argument="given")
            for name, value in self.at.items()
        }

    @property
    def game(self) -> SimpleNamespace:
        sizes = {"horizon": "H", "n_players": "N", "n_actions": "n_A"}
        return SimpleNamespace(R=self.at["R"], **{name: int(self.at[symbol]) for name, symbol in sizes.items()})

    @property
    def parameters(self) -> SimpleNamespace:
        return SimpleNamespace(tau=self.at["tau"], T=int(self.at["T"]), M=int(self.at["M"]))

    def remember(self, key: Any, compute: Any) -> Any:
        return self.known[key] if key in self.known else compute()


def right_side(statement: str, key: str, values: Mapping[str, float], case: Mapping[str, Any] | None = None) -> float:
    """The right side of one inequality, its recursions included where a case is given."""
    bound = find_statement(statement).bound(key)
    found = {name: arb(value) for name, value in values.items()}
    if case is not None:
        found |= {name: arb(value) for name, value in case.items() if isinstance(value, int | float)}
        if bound.extra is not None:
            numbers: Any = Numbers(values, {"distance from affine": 0.0})
            found |= {name: quantity.ball for name, quantity in bound.extra(numbers, case).items()}
    return float(evaluate(bound.right, found).mid())


def drifts(at: Mapping[str, float], *, independent: bool = False) -> tuple[list[float], list[float]]:
    """e_h and d_h summed up over the steps at which they arise, instead of step by step.

    Others: at each step independent draws scatter by v, each law is off by alpha, and the others of two players differ in
    one of N - 1; what arose j steps ago has grown by L^j. A deviator's law: what arose j steps ago has contracted by rho^j,
    and at no step is anything further than 2.
    """
    D, N, H, alpha, K_mu = (at[name] for name in ("D", "N", "H", "alpha", "K_mu"))
    steps, v, swap = range(int(H)), ((D - 1) / (N - 1)) ** 0.5, sum(abs(x) / (N - 1) for x in (1, -1))
    L, rho = at["K_sa"] / 2 + K_mu, min(1.0, at["K_sa"] / 2)
    if independent:
        e, K_mu = [v + sum(alpha for _ in range(h)) for h in steps], 0.0
    else:
        e = [sum(L**j * v for j in range(h + 1)) + sum(L**j * (alpha + K_mu * swap) for j in range(h)) for h in steps]
    arisen = [alpha + K_mu * e_h for e_h in e]

    def since(first: int, h: int) -> float:
        return sum(rho ** (h - 1 - k) * arisen[k] for k in range(first, h))

    d = [min([since(0, h), *(2 * rho ** (h - j) + since(j, h) for j in range(1, h + 1))]) for h in steps]
    return e, d
