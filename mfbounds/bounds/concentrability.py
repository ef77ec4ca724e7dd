"""A-4: how much the optimal occupation concentrates relative to the restart law."""

from __future__ import annotations

import math
from dataclasses import dataclass
from functools import cache

import numpy as np
import sympy as sp
from flint import arb

from mfbounds.bounds.cases import populations, vertex
from mfbounds.bounds.definitions import formula
from mfbounds.bounds.formula import evaluate
from mfbounds.bounds.problem import Problem
from mfbounds.bounds.statement import L1, Case, Hypothesis, HypothesisResult, Tier
from mfbounds.bounds.symbols import delta
from mfbounds.checks import FloatArray
from mfbounds.mdp.frozen import UNIT
from mfbounds.mdp.linear import solve_discounted
from mfbounds.numbers import Measured, Provenance

SEARCH_STATES = 64  # vertices that the search for the worst population looks at


@dataclass(frozen=True, eq=False, kw_only=True)
class Concentrability:
    """Ratios of the optimal policy's occupation law d (normalised, discounted) to the restart law nu at one population.

    Attributes:
        mean: max over starting states of D = sum_s d(s)/nu(s).
        square: max over starting states of D2 = sum_s d(s)^2/nu(s).
        from_mu: ||d_mu/nu||_inf, the coefficient of A-4 (started from mu itself).
    """

    mean: Measured
    square: Measured
    from_mu: Measured


def concentrability(problem: Problem, mu: FloatArray) -> Concentrability:
    """The coefficients at `mu`, exact up to rounding; infinite where nu misses a state that is visited."""
    return problem.remember(("concentrability", mu.tobytes()), lambda: _coefficients(problem, mu))


def _coefficients(problem: Problem, mu: FloatArray) -> Concentrability:
    frozen, optimum, nu = problem.frozen(mu), problem.optimum(mu), problem.game.restart
    if (nu == 0.0).any():
        infinite = Measured(math.inf)
        return Concentrability(mean=infinite, square=infinite, from_mu=infinite)
    chain, discount, size = frozen.chain(optimum.policy), frozen.gamma, frozen.n_states
    # Column v of (1-gamma)(I - gamma P)^-1 applied to 1/nu is the sum over s of d_{s0}(s)/nu(s).
    dense = chain if isinstance(chain, np.ndarray) else chain.toarray()
    occupation = (1.0 - discount) * np.linalg.inv(np.eye(size) - discount * dense)
    mean = (1.0 - discount) * solve_discounted(chain, discount, 1.0 / nu)
    square = (occupation**2 / nu).sum(axis=1)
    from_mu = (mu @ occupation) / nu
    # In l1 the law moves by gamma/(1-gamma) times the policy's error; rounding of the solve is of the order of its size.
    doubt = discount / (1.0 - discount) * optimum.policy_error + 100 * size * UNIT / (1.0 - discount)
    error = doubt / float(nu.min())
    return Concentrability(
        mean=Measured(float(mean.max()), error),
        square=Measured(float(square.max()), 2.0 * error),
        from_mu=Measured(float(from_mu.max()), error),
    )


def worst_concentrability(problem: Problem) -> tuple[float, str]:
    """The largest ||d_mu/nu||_inf found over vertices and random populations, and where: a lower bound on A-4's number."""
    game = problem.game
    tried = {f"vertex {s}": vertex(game.n_states, s) for s in _rare_first(game.restart)[:SEARCH_STATES]}
    tried |= {f"population {i}": mu for i, mu in enumerate(populations(problem, "A-4"))}
    found = {name: concentrability(problem, mu).from_mu for name, mu in tried.items()}
    name = max(found, key=lambda key: found[key].value)
    return found[name].value - found[name].error, name


def _rare_first(nu: FloatArray) -> list[int]:
    order: list[int] = np.argsort(nu, kind="stable").tolist()
    return order


def a4(problem: Problem, case: Case) -> HypothesisResult:  # noqa: ARG001
    """A-4: sup_mu ||d_mu/nu||_inf is finite. Its number is the certified bound 1/min nu.

    At mu = delta_s the occupation of s is at least 1-gamma, so the supremum lies between (1-gamma)/min nu and 1/min nu,
    and A-4 holds exactly when nu has mass on every state.
    """
    nu = problem.game.restart
    missing = np.flatnonzero(nu == 0.0)
    if missing.size:
        s = int(missing[0])
        return HypothesisResult(
            name="A-4",
            holds=False,
            value=math.inf,
            margin=-math.inf,
            provenance=Provenance.CERTIFIED,
            reason=f"nu[{s}] == 0.0, must be > 0: at mu = delta_{s} the occupation of state {s} is at least 1-gamma, "
            f"its restart probability 0 ({missing.size} such states)",
        )
    bound = 1.0 / float(nu.min())
    return HypothesisResult(
        name="A-4",
        holds=True,
        value=bound,
        margin=math.inf,
        provenance=Provenance.CERTIFIED,
        reason=f"||d/nu||_inf <= 1/min nu = {bound:.4g}, and >= {(1.0 - problem.game.gamma) * bound:.4g} at a vertex",
    )


@cache
def enough_visits(runs: sp.Expr) -> Hypothesis:
    """The hypothesis I >= I_seen: every state is visited often enough in `runs` runs of TRPO that share delta.

    Args:
        runs: a formula in K; delta/2 is shared where there are several runs, all of it belongs to a single one.
    """
    share = delta if runs == 1 else delta / (2 * runs)
    least = formula("I_seen", Tier.REPAIRED).subs(delta, share)

    def i_seen(problem: Problem, case: Case) -> HypothesisResult:
        numbers = {name: arb(case[name]) for name in ("L", "K", "delta") if name in case}
        bound = evaluate(least, {**problem.constants(Tier.REPAIRED, L1), **numbers})
        value = float(bound.upper()) if bound.is_finite() else math.inf
        inside = bool(bound <= case["I"])
        return HypothesisResult(
            name="I_seen",
            holds=inside,
            value=case["I"],
            margin=case["I"] - value,
            provenance=Provenance.CERTIFIED,
            reason=f"I == {case['I']}{'' if inside else ', must be'} >= I_seen == {value:.6g}",
        )

    return i_seen
