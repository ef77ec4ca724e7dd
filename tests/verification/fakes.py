"""Statements invented for the tests, whose findings are known beforehand, and a small game to try them on."""

from __future__ import annotations

from collections.abc import Callable, Iterator
from typing import Any

import numpy as np
import sympy as sp

from mfbounds.bounds.problem import Problem
from mfbounds.bounds.statement import (
    Bound,
    Case,
    Defect,
    DefectKind,
    Hypothesis,
    HypothesisResult,
    Quantities,
    Statement,
    Tier,
    Witness,
)
from mfbounds.bounds.symbols import L, R, gamma, measured
from mfbounds.games.affine import AffineGame
from mfbounds.numbers import Cause, Measured, Provenance

X = measured("x")
SIGNED = measured("x", signed=True)
TRIVIAL = R / (1 - gamma)


def two_doors(gamma: float = 0.9, eta: float = 0.1) -> AffineGame:
    """Two states; the action names the door; a crowded room pays less. R = 1."""
    doors = np.array([[[0.9, 0.1], [0.1, 0.9]]] * 2)
    crowd = -np.eye(2)[:, :, None] * np.ones((2, 2, 2))
    return AffineGame(doors, crowd, gamma=gamma, eta=eta, name="two doors")


def at_levels(problem: Problem) -> Iterator[Case]:
    """One case per number of inner iterations in the parameters."""
    for level in problem.parameters.L:
        yield {"L": level, "mu": problem.game.start}


def always(value: float, error: float = 0.0, cause: Cause = Cause.ROUNDING) -> Callable[..., Quantities]:
    """A measurement that always finds the same number."""
    return lambda *_: {"x": Measured(value, error, cause)}


def hypothesis(holds: bool | None, value: float) -> Hypothesis:
    """A hypothesis with a known outcome."""

    def result(problem: Problem, case: Case) -> HypothesisResult:
        return HypothesisResult(
            name="A-0",
            holds=holds,
            value=value,
            margin=1.0 - value,
            provenance=Provenance.CERTIFIED,
            reason=f"C_op == {value}, must be < 1",
        )

    return result


def bound(right: Any, *, left: Any = X, tier: Tier = Tier.REPAIRED, trivial: Any = TRIVIAL, **more: Any) -> Bound:
    """An inequality x <= right with trivial bound R/(1-gamma)."""
    return Bound(tier=tier, left=sp.sympify(left), right=sp.sympify(right), trivial=sp.sympify(trivial), **more)


ONE = always(1.0)


def statement(
    *bounds: Bound, measure: Callable[..., Quantities] = ONE, cases: Any = at_levels, **more: Any
) -> Statement:
    """A statement called FAKE.1."""
    return Statement(
        id=more.pop("id", "FAKE.1"),
        title="a fake",
        source="nowhere",
        claim="x is small.",
        quantities={"x": ("x", "a number")},
        cases=cases,
        measure=measure,
        bounds=bounds,
        **more,
    )


def decaying(problem: Problem, case: Case) -> Quantities:
    """x = 4/L, up to rounding."""
    value = 4.0 / case["L"]
    return {"x": Measured(value, 1e-15 * value)}


def printed_false(name: str = "FAKE.2") -> Statement:
    """Printed: x <= 1/L is false (x = 4/L). Repaired: x <= 8/L. Sharpened: x <= 5/L. One recorded defect."""
    printed = bound(1 / L, tier=Tier.PRINTED)

    def witness() -> Witness:
        return Witness(game=two_doors(), case={"L": 4, "mu": np.array([0.5, 0.5])}, bound=printed.key)

    defect = Defect(
        name="F(a)", text="The factor 4 is lost.", kind=DefectKind.FALSE, bounds=(printed.key,), witness=witness
    )
    return statement(
        printed, bound(8 / L), bound(5 / L, tier=Tier.SHARPENED), measure=decaying, defects=(defect,), id=name
    )
