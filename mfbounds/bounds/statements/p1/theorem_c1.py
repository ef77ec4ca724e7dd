r"""Theorem C.1: the value gap of exact TRPO after L iterations.

Repaired (a mirror-descent telescope): V* - V_L <= (eta log|A| + Q_max^2 log(L+2)/(8 eta))/((1-gamma)(L+1)).
Sharpened: pi_{l+1} maximises <Q_l, p> + eta H(p) - eta (l+1) KL(p || pi_l), whose three-point identity has no
second-order term; summed against the optimal occupation it gives (1-gamma)(L+1)(V* - V_L) <= S_0 without a logarithm.
Since pi_L = softmax(sum_{j<L} Q_j/(eta (L+1))), its logits differ from Q*/eta by a span O(1/(L+1)), and
KL(softmax x || softmax y) <= span(x-y)^2/8 gives the rate 1/L^2.
"""

from __future__ import annotations

import math
from collections.abc import Iterator, Mapping

import numpy as np
from flint import arb

from mfbounds.bounds.cases import populations
from mfbounds.bounds.definitions import formula
from mfbounds.bounds.norms import sup
from mfbounds.bounds.problem import Problem
from mfbounds.bounds.runs import resolved_levels, trpo_level, trpo_levels
from mfbounds.bounds.statement import L1, Bound, Case, Defect, DefectKind, Quantities, Statement, Tier, Witness
from mfbounds.bounds.symbols import R, eta, gamma, measured
from mfbounds.games.affine import AffineGame
from mfbounds.numbers import Measured

gap, gap_mean, bellman, span, D_L = map(measured, ("gap", "gap_mean", "bellman", "span", "D_L"))
TRIVIAL = R / (1 - gamma)


def cases(problem: Problem) -> Iterator[Case]:
    """Every L of the parameters at a few populations, as long as rounding leaves something to compare."""
    for mu, _ in zip(populations(problem, "C.1"), range(3), strict=False):
        for level in resolved_levels(problem, mu):
            yield {"mu": mu, "L": level}


def measure(problem: Problem, case: Case) -> Quantities:
    """The gap at the worst state and on average under mu, and the two a-posteriori certificates."""
    level = trpo_level(problem, case["mu"], case["L"])
    return {
        "gap": sup(level.gaps, level.error),
        "gap_mean": Measured(float(case["mu"] @ level.gaps), level.error),
        "bellman": level.bellman,
        "span": level.span,
    }


def recursive(problem: Problem, case: Case) -> Quantities:
    """D_L: S_0 = 0, w_l = (Q_sp + gamma kappa_A S_l)/(l+1), D_l = min(D_{l-1}, w_l^2/(8 eta (1-gamma)), S0/((1-gamma)(l+1)))."""
    last = max(case["L"], *problem.parameters.L)
    value = problem.remember(("D_L", last), lambda: recursion(problem, last))[case["L"]]
    return {"D_L": Measured(float(value.mid()), float(value.rad()) + 1e-15 * float(value.mid()))}


def recursion(problem: Problem, last: int) -> list[arb]:
    """D_0, ..., D_last as balls."""
    values = problem.constants(Tier.SHARPENED, L1)
    discount, temperature, weight = values["gamma"], values["eta"], values["gamma"] * values["kappa_A"]
    cap = values["S0"] / (1 - discount)
    total, best, bounds = arb(0), arb.pos_inf(), []
    for step in range(last + 1):
        width = (values["Q_sp"] + weight * total) / (step + 1)
        best = best.min(width**2 / (8 * temperature * (1 - discount))).min(cap / (step + 1))
        bounds.append(best)
        total = (total + best).min(cap)
    return bounds


def facts(problem: Problem) -> Mapping[str, float]:
    """The fitted slope of log gap over log L between 100 and 200, and the C' that this game asks for."""
    levels = trpo_levels(problem, problem.game.start)
    gaps = {L: sup(level.gaps, level.error) for L, level in levels.items()}
    result = {}
    if {100, 200} <= gaps.keys() and all(gaps[L].value > 100 * gaps[L].error > 0 for L in (100, 200)):
        result["slope of log gap, L = 100 to 200"] = math.log2(gaps[200].value / gaps[100].value)
    game = problem.game
    for label, size in (("R", game.R), ("R^2", game.R**2)):
        unit = (size + (game.eta * math.log(game.n_actions)) ** 2) / (game.eta * (1 - game.gamma) ** 3)
        needed = [max(gap.value, 0.0) * L / (unit * math.log(L)) for L, gap in gaps.items() if L >= 2 and unit > 0]
        if needed:
            result[f"C' needed with {label}, L >= 2"] = max(needed)
    return result


def _first_iteration() -> Witness:
    game = AffineGame(np.ones((1, 2, 1)), np.array([[1.0, 0.0]]), gamma=0.5, eta=1.0, name="one state, two actions")
    return Witness(game=game, case={"mu": np.array([1.0]), "L": 1}, bound="printed / L = 1 / TV = l1")


def scaling_witness(C_prime: float = 1.721) -> Witness:
    """For any C' a game that needs a larger one: delayed reward misleads two iterations, and R and eta are both large.

    State 0: action 0 leads to state 1 (worth 1 if played well, 1/2 if played uniformly), action 1 pays .4 at once;
    state 2 absorbs. The sum Q_0 + Q_1 still prefers the wrong action, so the gap at L = 2 is about .1 R.
    """
    kernel = np.zeros((3, 2, 3))
    kernel[0, 0, 1] = kernel[0, 1, 2] = 1.0
    kernel[1:, :, 2] = 1.0
    reward = np.array([[0.0, 0.4], [1.0, 0.0], [0.0, 0.0]])
    temperature = 1e3 * max(1.0, C_prime)
    scale = 60.0 * max(1.0, C_prime) * temperature
    game = AffineGame(
        kernel, scale * reward, gamma=0.5, eta=temperature, start=[1.0, 0.0, 0.0], name="misleading start"
    )
    case = {"mu": np.array([1.0, 0.0, 0.0]), "L": 2}
    return Witness(game=game, case=case, bound="printed / L >= 2 / TV = l1", parameters={"C_prime": C_prime})


def is_first(case: Case) -> bool:
    return bool(case["L"] == 1)


def is_later(case: Case) -> bool:
    return bool(case["L"] >= 2)


STATEMENT = Statement(
    id="P1.C.1",
    title="Value gap of exact TRPO",
    source="Appendix C.1, Theorem C.1, (12)",
    claim="At a fixed population the value gap after L iterations is O(log L/L) (printed) or O(1/L^2) (sharpened).",
    quantities={
        "gap": (r"\max_s(V^*-V_L)(s)", "value gap at the worst state, reward units"),
        "gap_mean": (r"J(\pi_\mu,\mu,\mu)-J(\pi_L,\mu,\mu)", "value gap averaged under mu, reward units"),
        "bellman": (r"\max_s(TV_L-V_L)(s)", "soft Bellman residual, reward units"),
        "span": (r"\max_s\mathrm{span}_a(Q_L-\eta\log\pi_L)(s)", "spread of the scores, reward units"),
        "D_L": (r"D_L", "the recursive form of the sharpened bound, reward units"),
    },
    cases=cases,
    measure=measure,
    bounds=(
        *(
            Bound(
                tier=Tier.PRINTED,
                form=form,
                left=gap_mean,
                right=formula("B", Tier.PRINTED),
                trivial=TRIVIAL,
                where=where,
            )
            for form, where in (("L = 1", is_first), ("L >= 2", is_later))
        ),
        Bound(tier=Tier.REPAIRED, left=gap, right=formula("B", Tier.REPAIRED), trivial=TRIVIAL),
        Bound(tier=Tier.SHARPENED, left=gap, right=formula("B", Tier.SHARPENED), trivial=TRIVIAL),
        Bound(
            tier=Tier.SHARPENED,
            form="recursive",
            left=gap,
            right=D_L,
            trivial=TRIVIAL,
            extra=recursive,
            uses=("Q_sp", "S0"),
        ),
        Bound(tier=Tier.SHARPENED, form="certificate, Bellman", left=gap, right=bellman / (1 - gamma), trivial=TRIVIAL),
        Bound(
            tier=Tier.SHARPENED,
            form="certificate, span",
            left=gap,
            right=span**2 / (8 * eta * (1 - gamma)),
            trivial=TRIVIAL,
        ),
    ),
    defects=(
        Defect(
            name="C.1(a)",
            text="At L = 1 the right side is 0 and the left side is not.",
            kind=DefectKind.FALSE,
            bounds=("printed / L = 1 / TV = l1",),
            witness=_first_iteration,
        ),
        Defect(
            name="C.1(b)",
            text="Under (r, eta) -> (c r, c eta) the left side scales by c and the right side does not (R must be R^2): no "
            "universal C' exists; for each value there is a game that needs a larger one.",
            kind=DefectKind.FALSE,
            bounds=("printed / L >= 2 / TV = l1",),
            witness=scaling_witness,
        ),
        Defect(
            name="C.1(c)",
            text="C' is never given; with R^2 and L >= 2 the value 1.721 is proved.",
            kind=DefectKind.UNDEFINED,
        ),
        Defect(
            name="C.1(e)",
            text="The step 1/(eta (l+2)) is called optimally chosen; the step 1/eta is soft policy iteration and converges "
            "quadratically (two doors after 10 steps: a gap of 0 to all digits against 2e-3).",
            kind=DefectKind.LOOSE,
        ),
        Defect(
            name="C.1(d)",
            text="Algorithm 1 updates only the states that the restart law reaches: without A-4 the gap at another state "
            "never shrinks.",
            kind=DefectKind.UNDEFINED,
        ),
    ),
    facts=facts,
)
