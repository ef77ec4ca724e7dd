"""A plan for a mean-field game: the hypotheses it needs, the step it takes, the numbers that a search finds."""

from __future__ import annotations

import math
from collections.abc import Mapping
from typing import Any

from flint import arb

from mfbounds.bounds.concentrability import a4
from mfbounds.bounds.definitions import formula
from mfbounds.bounds.hypotheses import a1, a2, a3
from mfbounds.bounds.outer import step_limit
from mfbounds.bounds.planning_result import LIMIT, Plan
from mfbounds.bounds.planning_search import find_exact, find_printed, find_sampled, oracle_calls
from mfbounds.bounds.problem import STEPS, Problem
from mfbounds.bounds.statement import L1, Tier
from mfbounds.bounds.sufficient import Requirement
from mfbounds.checks import check_steps
from mfbounds.errors import InputError

SHARES = (0.6, 0.65, 0.85, 0.87)  # of epsilon that L; L, K; L, K, P; L, K, P, T may use up together


def planned(
    problem: Problem, epsilon: float, delta: float | None, M: int | float | None, tier: Tier, initial: str
) -> Plan:
    """`mfbounds.plan` for callers that plan several times on one game, with arguments that were checked."""
    steps = _steps(problem, M, delta)
    _check_hypotheses(problem, steps, sampled=delta is not None)
    beta = _step(problem, tier, steps, sampled=delta is not None)
    need = Requirement(problem=problem, tier=tier, M=steps, beta=beta, initial=initial, delta=delta)
    exact = find_exact(need, epsilon)
    asked: dict[str, Any] = {
        "game": repr(problem.game)[1:-1],
        "tier": tier,
        "epsilon": epsilon,
        "delta": delta,
        "M": steps,
    }
    asked |= {"beta": beta, "initial": initial, "exact_L": exact.numbers["L"], "exact_K": exact.numbers["K"]}
    notes = _notes(problem, tier, epsilon, steps)
    if delta is None:
        return Plan(**asked, bound=_upper(exact.bound), notes=notes)
    found = find_printed(need, epsilon) if tier is Tier.PRINTED else find_sampled(need, epsilon, SHARES)
    return Plan(
        **asked,
        **dict[str, Any](found.numbers),
        oracle_calls=oracle_calls(need, found.numbers),
        bound=_upper(found.bound),
        terms={name: _upper(term) for name, term in found.terms.items()},
        binding=found.binding,
        notes=(*notes, *found.notes, *_size_notes(found.numbers)),
    )


def _steps(problem: Problem, M: int | float | None, delta: float | None) -> int | float:
    if M is not None:
        if delta is not None and M == math.inf:
            raise InputError("M == inf, must be finite: no number of oracle calls draws from a stationary law")
        return check_steps(M)
    choices = [steps for steps in STEPS if delta is None or steps < math.inf]
    return next((steps for steps in choices if problem.c_op(steps).value < 1.0), 1)


def _check_hypotheses(problem: Problem, M: int | float, *, sampled: bool) -> None:
    for hypothesis in (a1, a2, a3, a4) if sampled else (a1, a2, a3):
        result = hypothesis(problem, {"M": M})
        if not result.holds:
            raise InputError(
                f"{result.name} == {'fails' if result.holds is False else 'not certified'}, must hold for a plan: "
                f"{result.reason}; {_floor(problem, result.name, M)}"
            )


def _floor(problem: Problem, name: str, M: int | float) -> str:
    """What forbids a plan, with its number, and what to change."""
    if name == "A-2":
        K_F = float(problem.constants(Tier.SHARPENED, L1, M)["K_F"].mid())
        return f"K_F = {K_F:.4g}; take a larger eta or a smaller gamma, another M, or vouch for a C_op < 1"
    if name == "A-3":
        return "without mixing the inconsistency of the population is not bounded (Sigma_inf is infinite)"
    if name == "A-4":
        return "take a restart law with mass on every state: game.replace(restart=...)"
    return "declare finite L_r and L_P with the game"


def _step(problem: Problem, tier: Tier, M: int | float, *, sampled: bool) -> float:
    """The caller's step if it is admissible, else the largest admissible one, rounded down."""
    name = ("b_1" if sampled else "b_0") if tier is Tier.PRINTED else "beta_max"
    limit = step_limit(formula(name, tier), tier, problem, M)
    asked = problem.parameters.beta
    strict = tier is Tier.PRINTED
    if asked is not None:
        if not (arb(asked) < limit if strict else arb(asked) <= limit):
            relation = "<" if strict else "<="
            raise InputError(f"beta == {asked}, must be {relation} {name} == {float(limit.mid()):.6g} ({tier} tier)")
        return asked
    if not limit > 0:
        raise InputError(f"{name} == {float(limit.mid())}, must be > 0: no step is admissible in the {tier} tier")
    return min(1.0, float(limit.lower()) * (0.999 if strict else 1.0 - 1e-12))


def _notes(problem: Problem, tier: Tier, epsilon: float, M: int | float) -> tuple[str, ...]:
    values = problem.constants(Tier.REPAIRED, L1, M)
    notes = []
    if values["V_max"] <= epsilon:
        notes.append(f"epsilon is no smaller than V_max = {float(values['V_max'].mid()):.4g}: every policy will do")
    if tier is Tier.PRINTED:
        notes.append("the constants C' of C.1 and D.2 are assumed: the paper gives no values")
    if not problem.c_op(M).certified:
        notes.append(f"C_op = {problem.c_op(M).value:.4g} is {problem.c_op(M).provenance}, not certified")
    return tuple(notes)


def _size_notes(numbers: Mapping[str, int]) -> tuple[str, ...]:
    large = [name for name in ("I", "P") if numbers[name] > LIMIT]
    if not large:
        return ()
    return (f"{' and '.join(large)} above 2^53 = {LIMIT}: more draws than one batch can hold, a plan but not a run",)


def _upper(ball: arb) -> float:
    """A float that is certainly not below the number (up to its own rounding)."""
    return float(ball.upper())
