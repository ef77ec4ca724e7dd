r"""Theorem D.2 (Proposition 5.1): the averaged value gap of Sample-Based TRPO.

Repaired: the telescope of Theorem C.1 with ghat = Qhat - eta log pi, of span at most 2|A| Q_max; Hoeffding's inequality
for each average given its number of visits n(s) >= I(1-gamma) nu(s)/2 (Chernoff); Cauchy-Schwarz for sum_s d(s)/sqrt(nu(s)).
Sharpened: given the states that were visited, the errors <Qhat - Q, pi* - pi_l> weighted by d* are martingale
differences over returns and iterations, so they average out (Azuma and Hoeffding, ranges 2|A| Q_max d(s)/n_l(s)); or
Bernstein's inequality, the variance of |A| 1{a_i = a} X_i being at most (|A|-1) Q_max^2.
"""

from __future__ import annotations

from collections.abc import Iterator, Mapping

import numpy as np
import sympy as sp
from flint import arb

from mfbounds.bounds.cases import populations
from mfbounds.bounds.concentrability import a4, concentrability, enough_visits
from mfbounds.bounds.definitions import formula
from mfbounds.bounds.formula import evaluate
from mfbounds.bounds.norms import sup
from mfbounds.bounds.problem import Problem
from mfbounds.bounds.sampled_runs import sampled_level, seed_of
from mfbounds.bounds.statement import L1, Bound, Case, Defect, DefectKind, Quantities, Statement, Tier, Witness
from mfbounds.bounds.statements.p1.theorem_c1 import is_first
from mfbounds.bounds.symbols import N_B, N_M, B_lead, V_max, bias, delta, gamma, measured
from mfbounds.games.affine import AffineGame
from mfbounds.numbers import Measured

gap_avg, gap_mean = measured("gap_avg"), measured("gap_mean")
LEVELS = (2, 32)
STATES = 30  # beyond it a run takes too long for a verification


def cases(problem: Problem) -> Iterator[Case]:
    """The sample sizes that each tier asks for, from the game's start: once with few iterations, once with more."""
    if problem.game.n_states > STATES or not problem.game.restart.min() > 0.0:
        if problem.game.n_states <= STATES:
            yield {"mu": problem.game.start, "L": 2, "I": 100, "T": 1, "epsilon": 0.1, "delta": 0.1, "sizes": "none"}
        return
    mu = next(iter(populations(problem, "D.2")))
    tail = 0.01 * float(problem.constants(Tier.REPAIRED, L1)["V_max"].mid())
    for level in LEVELS:
        yield sized(problem, mu, level, "repaired", 0.1, tail)
    yield sized(problem, mu, 1, "printed", 0.1, 10.0 * tail)
    yield sized(problem, mu, 2, "printed", 0.1, 10.0 * tail)


def sized(
    problem: Problem, mu: np.ndarray, level: int, sizes: str, allowed: float, accuracy: float
) -> dict[str, object]:
    """A case whose I and T are the smallest that the printed (I_l, T_l >= 1) or the repaired statement asks for."""
    tier = Tier(sizes)
    values = dict(problem.constants(tier, L1))
    values |= {"L": arb(level), "delta": arb(allowed), "epsilon": arb(accuracy)}
    values |= {name: number.ball for name, number in _ratios(problem, mu).items()}
    asked = {name: evaluate(formula(name, tier), values) for name in ("I_l", "T_l")}
    numbers = {name: max(1, _ceiling(ball)) for name, ball in asked.items()}
    return {
        "mu": mu,
        "L": level,
        "I": min(numbers["I_l"], 2**53),
        "T": numbers["T_l"],
        "epsilon": accuracy,
        "delta": allowed,
        "sizes": sizes,
    }


def _ceiling(ball: arb) -> int:
    return int(ball.upper().ceil().unique_fmpz()) if ball.is_finite() else 1


def _ratios(problem: Problem, mu: np.ndarray) -> Mapping[str, Measured]:
    found = concentrability(problem, mu)
    return {"D": found.mean, "D2": found.square, "C_nu": found.from_mu}


def measure(problem: Problem, case: Case) -> Quantities:
    """The averaged gap of one seeded run at the worst start and under mu, and how nu covers the optimal occupation."""
    level = sampled_level(problem, case["mu"], case, seed_of(problem, case, "D.2"))
    mean = Measured(float(case["mu"] @ level.gaps), level.error)
    return {"gap_avg": sup(level.gaps, level.error), "gap_mean": mean, **_ratios(problem, case["mu"])}


def printed_first(case: Case) -> bool:
    return bool(case["sizes"] == "printed") and is_first(case)


def printed_later(case: Case) -> bool:
    return bool(case["sizes"] == "printed") and not is_first(case)


def repaired_sizes(case: Case) -> bool:
    return bool(case["sizes"] != "printed")


def facts(problem: Problem) -> Mapping[str, float]:
    """Printed against repaired and sharpened numbers, at L = 100, delta = .05, for noise and bias of V_max/100 each."""
    if not problem.game.restart.min() > 0.0:
        return {}
    result = {}
    for tier in Tier:
        values = dict(problem.constants(tier, L1))
        values |= {"L": arb(100), "delta": arb(0.05), "epsilon": values["V_max"] / 100}
        values |= dict.fromkeys(("D", "D2"), 1 / values["nu_min"])
        for name in ("I_l", "T_l"):
            ball = evaluate(formula(name, tier), values)
            if ball.is_finite() and problem.game.gamma > 0.0 and problem.game.n_actions > 1:
                result[f"{name} {tier}, L = 100, noise V_max/100"] = float(ball.mid())
    return result


def _first_iteration() -> Witness:
    game = AffineGame(np.ones((1, 2, 1)), np.array([[1.0, 0.0]]), gamma=0.5, eta=1.0, name="one state, two actions")
    case = {"mu": np.array([1.0]), "L": 1, "I": 10**8, "T": 1, "epsilon": 1e-4, "delta": 0.1, "sizes": "printed"}
    return Witness(game=game, case=case, bound="printed / L = 1 / TV = l1")


MARTINGALE = B_lead + (N_M + bias) / (1 - gamma)
BERNSTEIN = B_lead + (N_B + bias) / (1 - gamma)


def written(expression: sp.Expr) -> sp.Expr:
    """With the sampled constants written out in the sharpened tier."""
    return expression.subs({s: formula(s.name, Tier.SHARPENED) for s in (B_lead, N_M, N_B, bias)})


STATEMENT = Statement(
    id="P1.D.2",
    title="Averaged value gap of Sample-Based TRPO",
    source="Appendix D.1, Theorem D.2, (22), Algorithm 6; Section 5, Proposition 5.1",
    claim="With probability 1 - delta the value gap averaged over the iterates is at most a term O(log L/L) plus the "
    "sampling noise plus the truncated tail; the starts of the rollouts must reach every state (A-4).",
    quantities={
        "gap_avg": (
            r"\max_s\frac1{L+1}\sum_{\ell\le L}(V^*-V_\ell)(s)",
            "averaged gap at the worst start, reward units",
        ),
        "gap_mean": (r"\frac1{L+1}\sum_{\ell\le L}(J(\pi_\mu)-J(\hat\pi_\ell))", "averaged gap under mu, reward units"),
    },
    cases=cases,
    measure=measure,
    bounds=(
        *(
            Bound(
                tier=Tier.PRINTED,
                form=form,
                left=gap_mean,
                right=formula("B_avg", Tier.PRINTED),
                trivial=V_max,
                hypotheses=(a4,),
                where=where,
                failure=delta,
            )
            for form, where in (("L = 1", printed_first), ("L >= 2", printed_later))
        ),
        *(
            Bound(
                tier=tier,
                form=form,
                left=gap_avg,
                right=right,
                trivial=V_max,
                hypotheses=(a4, enough_visits(sp.Integer(1))),
                where=repaired_sizes,
                failure=delta,
            )
            for tier, form, right in (
                (Tier.REPAIRED, "", formula("B_avg", Tier.REPAIRED)),
                (Tier.SHARPENED, "martingale", written(MARTINGALE)),
                (Tier.SHARPENED, "Bernstein", written(BERNSTEIN)),
            )
        ),
    ),
    defects=(
        Defect(
            name="D.2(a)",
            text="At L = 1 the first term is 0: for small epsilon the right side is below the gap of the first two iterates.",
            kind=DefectKind.FALSE,
            bounds=("printed / L = 1 / TV = l1",),
            witness=_first_iteration,
        ),
        Defect(
            name="D.2(b)",
            text="C' is never given, and the failure probability is not split over the iterations; its proof has eight times "
            "the I_l and log(pi^2(l+1)^2/(6 delta)).",
            kind=DefectKind.UNDEFINED,
        ),
        Defect(
            name="D.2(c)",
            text="The proof drops eta at the Bregman term and puts log l into h, so that h(0) is infinite and h(L)^2 log L is of "
            "order log^3 L; |A|^2 is never derived.",
            kind=DefectKind.PROOF,
        ),
    ),
    rests_on=("P1.21",),
    aliases=("P1.5.1",),
    facts=facts,
)
