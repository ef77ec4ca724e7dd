"""Corrupted constants and corrupted proof steps, for the referee alone."""

from __future__ import annotations

from collections.abc import Callable, Mapping
from dataclasses import replace
from functools import cache

import sympy as sp

from mfbounds.bounds.definitions import DEFINITIONS
from mfbounds.bounds.statement import Tier
from mfbounds.bounds.symbols import Q_max, V_max, epsilon, eta, gamma, kappa_A, n_A, n_S
from mfbounds.verification.referee.algebra import Outcome, Relation, Step, decide
from mfbounds.verification.referee.homogeneity import formula_clashes
from mfbounds.verification.referee.limits import SIZES, check_size
from mfbounds.verification.referee.steps import all_steps

REP, SHARP, PRINTED = Tier.REPAIRED, Tier.SHARPENED, Tier.PRINTED
Change = Callable[[sp.Expr], sp.Expr]
log_A = sp.log(n_A)

CONSTANTS: Mapping[str, tuple[str, Tier, Change]] = {
    "T_l: ratio upside down": ("T_l", REP, lambda e: e.subs(V_max / epsilon, epsilon / V_max)),
    "I_l: Q_max for Q_max^2": ("I_l", REP, lambda e: e.subs(Q_max**2, Q_max)),
    "I_l: epsilon for epsilon^2": ("I_l", SHARP, lambda e: e.subs(epsilon, sp.sqrt(epsilon))),
    "P_k: epsilon on top": ("P_k", SHARP, lambda e: e.subs(epsilon, 1 / epsilon)),
    "K_pi: 1/eta lost": ("K_pi", REP, lambda e: e * eta),
    "K_pi: 1/eta^2": ("K_pi", SHARP, lambda e: e / eta),
    "L_J: V_max^2": ("L_J", REP, lambda e: e.subs(V_max, V_max**2)),
    "V_max: eta lost": ("V_max", REP, lambda e: e.subs(eta * log_A, log_A)),
    "S0: eta^2": ("S0", SHARP, lambda e: e.subs(eta, eta**2)),
    "B: 1/eta lost": ("B", REP, lambda e: e.subs(Q_max**2, eta * Q_max**2)),
    "C_phi: |S| for sqrt|S|": ("C_phi", SHARP, lambda e: e.subs(n_S, n_S**2)),
    "K_F: sqrt|S| lost": ("K_F", REP, lambda e: e.subs(n_S, 1)),
    "B_lead: Q_max for Q_max^2": ("B_lead", REP, lambda e: e.subs(Q_max, sp.sqrt(Q_max))),
    "Q_sp: kappa_A lost": ("Q_sp", SHARP, lambda e: e.subs(kappa_A, 1)),
    "bias: discount lost": ("bias", REP, lambda e: e.subs(gamma, 1)),
}


def constant_is_caught(name: str) -> bool:
    """Whether the referee sees that the corrupted formula is no formula of that constant."""
    constant, tier, change = CONSTANTS[name]
    original = DEFINITIONS[constant].formula(tier)
    assert original is not None
    changed = change(original)
    assert changed != original, name
    found = list(formula_clashes(constant, changed))
    found += check_size(constant, tier, changed) if constant in SIZES else []
    return bool(found)


def _half(expression: sp.Expr) -> sp.Expr:
    return expression / 2


def _unsquared(expression: sp.Expr) -> sp.Expr:
    """The square of the first squared symbol dropped."""
    squares = [part for part in sp.preorder_traversal(expression) if part.is_Pow and part.args[1] == 2]
    return expression.subs(squares[0], squares[0].args[0]) if squares else expression


def _sign(expression: sp.Expr) -> sp.Expr:
    """The sign of the last term of the first sum that has one turned round."""
    sums = [part for part in sp.preorder_traversal(expression) if part.is_Add]
    return expression.subs(sums[0], sums[0] - 2 * sums[0].args[-1]) if sums else expression


CORRUPTIONS: Mapping[str, Change] = {"halved": _half, "a square dropped": _unsquared, "a sign turned": _sign}


@cache
def steps() -> Mapping[str, Step]:
    """The corrupted versions of all true steps with commuting symbols; those that change nothing are left out."""
    found = {}
    for step in all_steps():
        if step.left.is_commutative and decide(step).outcome is Outcome.PROVED:
            for name, change in CORRUPTIONS.items():
                right = change(sp.sympify(step.right))
                if sp.simplify(right - step.right) != 0:
                    found[f"{step.statement} {step.tier.value}, {step.name}: {name}"] = replace(step, right=right)
    return found


def step_is_caught(step: Step) -> bool:
    """Whether the referee refutes the corrupted step."""
    return decide(step).outcome is Outcome.REFUTED


def still_true(step: Step) -> bool:
    """A corrupted inequality that the referee proves: it was corrupted, and stayed true."""
    return step.relation is not Relation.EQUAL and decide(step).outcome is Outcome.PROVED
