"""Theorem W: TRPO started warm, as the paper's experiments run it and no theorem of the paper covers.

With x = max_s span_a(Q*_mu - eta log pi_0): KL(pi* || pi_0) <= x^2/(8 eta^2) and V* - V_0 <= x^2/(8 eta (1-gamma)), so the
telescope of Theorem C.1 gives sum_{l<L} (V* - V_l) <= (2-gamma) x^2/(8 eta (1-gamma)^2). The logits of pi_L differ from
Q*/eta by (Q* - eta log pi_0 + sum_j (Q* - Q_j))/(eta (L+1)), of span at most z/eta with
z = (x + gamma kappa_A (2-gamma) x^2/(8 eta (1-gamma)^2))/(L+1); hence V* - V_L <= z^2/(8 eta (1-gamma)). From one outer
step to the next x moves by at most span_a(Q_mu' - Q_mu) <= 2 eta K_pi ||mu' - mu||_2.
"""

from __future__ import annotations

from collections.abc import Iterator

import numpy as np
import sympy as sp

from mfbounds.bounds.cases import population_pairs, random_policy
from mfbounds.bounds.definitions import formula
from mfbounds.bounds.hypotheses import a1
from mfbounds.bounds.norms import l2, sup
from mfbounds.bounds.problem import Problem
from mfbounds.bounds.runs import UNIT, resolved_levels, trpo_level
from mfbounds.bounds.statement import Bound, Case, Defect, DefectKind, Quantities, Statement, Tier, Witness
from mfbounds.bounds.statements.p1.theorem_c1 import is_later
from mfbounds.bounds.symbols import K_pi, L, V_max, eta, gamma, kappa_A, measured
from mfbounds.checks import FloatArray
from mfbounds.games.affine import AffineGame
from mfbounds.numbers import Measured

gap, x, x_next, d_mu = map(measured, ("gap", "x", "x_next", "d_mu"))

Z = (x + gamma * kappa_A * (2 - gamma) * x**2 / (8 * eta * (1 - gamma) ** 2)) / (L + 1)


def cases(problem: Problem) -> Iterator[Case]:
    """Starts near the optimum (the optimal policy of a near population), and random ones."""
    rng = problem.rng("W")
    shape = (problem.game.n_states, problem.game.n_actions)
    pairs = list(population_pairs(problem, "W")) or [(problem.game.start, problem.game.start)]
    for i, (mu, mu_2) in enumerate(pairs[:4]):
        start = random_policy(rng, shape, 1.0) if i % 2 else problem.optimum(mu_2).policy
        if start.min() > 0.0:
            for level in resolved_levels(problem, mu, np.log(start)):
                yield {"mu": mu, "mu_2": mu_2, "policy": start, "L": level}


def measure(problem: Problem, case: Case) -> Quantities:
    """The gap after L warm-started iterations, and the distance x before and after, at mu and then at mu_2."""
    start = np.log(case["policy"])
    level = trpo_level(problem, case["mu"], case["L"], start)
    return {
        "gap": sup(level.gaps, level.error),
        "x": _spread(problem, case["mu"], start),
        "x_next": _spread(problem, case["mu_2"], level.log_policy, 2 * level.drift),
        "d_mu": l2(case["mu"] - case["mu_2"]),
    }


def _spread(problem: Problem, mu: FloatArray, log_policy: FloatArray, drift: float = 0.0) -> Measured:
    """max_s span_a (Q*_mu - eta log pi)(s, .), reward units."""
    optimum, eta_ = problem.optimum(mu), problem.game.eta
    score = optimum.Q - eta_ * log_policy
    error = 2.0 * problem.game.gamma * (optimum.gap + optimum.error) + 8 * UNIT * float(
        np.abs(optimum.Q).max() + eta_ * np.abs(log_policy).max()
    )
    return Measured(float(np.ptp(score, axis=1).max()), error + drift)


def _cold_comfort() -> Witness:
    """One state, no reward: the uniform policy is optimal, and the start is almost deterministic."""
    game = AffineGame(np.ones((1, 2, 1)), np.zeros((1, 2)), gamma=0.0, eta=1.0, name="one state, no reward")
    case = {"mu": np.ones(1), "mu_2": np.ones(1), "policy": np.array([[1.0 - 1e-9, 1e-9]]), "L": 2}
    return Witness(game=game, case=case, bound="printed / C.1 taken to cover a warm start / TV = l1")


STATEMENT = Statement(
    id="P1.W",
    title="TRPO started warm",
    source="Appendix F.1 (the experiments); no theorem of the paper",
    claim="Started at any policy of full support, TRPO's value gap after L iterations is of order x^2/L^2, x being how far "
    "the start is from the optimal policy.",
    quantities={
        "gap": (r"\max_s(V^*-V_L)(s)", "value gap at the worst state, reward units"),
        "x": (r"\max_s\mathrm{span}_a(Q^*_\mu-\eta\log\pi_0)(s)", "distance of the start, reward units"),
        "x_next": (
            r"\max_s\mathrm{span}_a(Q^*_{\mu'}-\eta\log\pi_L)(s)",
            "distance at the next population, reward units",
        ),
        "d_mu": (r"\|\mu-\mu'\|_2", "l2 distance of the populations"),
    },
    cases=cases,
    measure=measure,
    bounds=(
        Bound(
            tier=Tier.PRINTED,
            form="C.1 taken to cover a warm start",
            left=gap,
            right=formula("B", Tier.PRINTED),
            trivial=V_max,
            where=is_later,
        ),
        Bound(tier=Tier.SHARPENED, left=gap, right=Z**2 / (8 * eta * (1 - gamma)), trivial=V_max),
        Bound(
            tier=Tier.SHARPENED,
            form="outer step",
            left=x_next,
            right=Z + 2 * eta * K_pi * d_mu,
            trivial=sp.oo,
            hypotheses=(a1,),
        ),
    ),
    defects=(
        Defect(
            name="W",
            text="The experiments start TRPO warm with its step counter at 0. Theorem C.1 covers the uniform start only, and "
            "taken to cover another one it is false: nothing printed is about what was run.",
            kind=DefectKind.FALSE,
            bounds=("printed / C.1 taken to cover a warm start / TV = l1",),
            witness=_cold_comfort,
        ),
    ),
    rests_on=("P1.C.1", "P1.E.4"),
)
