"""Algorithm 2: what one epoch of Symm-PMD does.

The argmax is pi^(1 - tau xi) exp(xi qhat)/Z. With mixing weights 1/(t+1) the first step is thrown away (pi_1 is uniform), and
pi_t >= 1/(|A| t): Appendix D.3 uses pi_t >= beta_t with beta_t = 1/(t+1), which is more.
"""

from __future__ import annotations

from collections.abc import Iterator

import numpy as np
import sympy as sp
from scipy.special import entr, rel_entr

from mfbounds.bounds.cases import distribution
from mfbounds.bounds.dynamic_hypotheses import small_step
from mfbounds.bounds.dynamic_problem import DynamicProblem
from mfbounds.bounds.dynamic_symbols import n_A
from mfbounds.bounds.pmd_runs import pmd_run, top_value
from mfbounds.bounds.regularised import EPS
from mfbounds.bounds.statement import Bound, Case, Defect, DefectKind, Quantities, Statement, Tier, Witness
from mfbounds.bounds.symbols import measured
from mfbounds.checks import FloatArray
from mfbounds.games.dynamic.tabular import TabularGame
from mfbounds.numbers import Measured

rival, best, least, t = map(measured, ("rival", "best", "least", "t"))
RIVALS = 40


def cases(problem: DynamicProblem) -> Iterator[Case]:
    """A few epochs of a run; none with one action."""
    if problem.game.n_actions == 1:
        return
    last = problem.parameters.T
    for epoch in sorted({2, 3, last // 2, last}):
        if 2 <= epoch <= last:
            yield {"t": epoch}


def measure(problem: DynamicProblem, case: Case) -> Quantities:
    """The objective of the step to pi_t at the closed form and at its best rival, and the smallest entry of pi_t."""
    run, epoch, rng = pmd_run(problem, 0.0), case["t"], problem.rng("Alg2")
    tau, xi = problem.parameters.tau, case["t"] ** -0.5
    old, scores = run.policies[epoch - 1], run.values[epoch - 1]
    new = run.before[epoch]
    weight = xi / (1.0 - tau * xi)
    gaps = []
    for _ in range(RIVALS):
        u = distribution(rng, problem.game.n_actions)
        mixed = new + rng.choice([0.3, 1.0]) * (u - new)
        gaps.append((_objective(mixed, scores, old, tau, weight), _objective(new, scores, old, tau, weight)))
    found = np.array(gaps)  # (rivals, 2, H, S)
    place = np.unravel_index(int((found[:, 0] - found[:, 1]).argmax()), found[:, 0].shape)
    other, own = float(found[(place[0], 0, *place[1:])]), float(found[(place[0], 1, *place[1:])])
    offset = min(other, own)  # both counted from the smaller: formulas are about numbers >= 0
    logs = float(np.abs(np.log(old)).max()) + 1.0
    error = 64 * EPS * problem.game.n_actions * (weight * (top_value(problem) + tau * logs) + logs)
    return {
        "rival": Measured(other - offset, error),
        "best": Measured(own - offset, error),
        "least": Measured(float(run.policies[epoch].min()), 64 * EPS),
    }


def _objective(u: FloatArray, scores: FloatArray, old: FloatArray, tau: float, weight: float) -> FloatArray:
    """(xi/(1 - tau xi)) (<q, u> + tau H(u)) - KL(u | pi_t) at every step and state."""
    gain: FloatArray = weight * ((scores * u).sum(axis=2) + tau * entr(u).sum(axis=2))
    gain -= rel_entr(u, old).sum(axis=2)
    return gain


def _certain() -> Witness:
    game = TabularGame.of(
        np.ones((2, 1, 3, 1)),
        np.broadcast_to(np.array([[0.0, 0.0, 4.0]]), (2, 1, 3)),
        horizon=1,
        reward_range=(0.0, 4.0),
        name="one action pays",
    )
    return Witness(game=game, case={"t": 2}, bound="printed / floor / TV = l1", parameters={"tau": 0.1, "T": 2})


STATEMENT = Statement(
    id="P2.Alg.2",
    title="One epoch of Symm-PMD",
    source="Section 2.6, Algorithm 2; Appendix D.3",
    claim="The step maximises its objective at pi^(1 - tau xi) exp(xi qhat)/Z; after mixing pi_t(a|s) >= beta_t (printed) or "
    "1/(|A| t) (repaired).",
    quantities={
        "t": (r"t", "an epoch, from 2"),
        "rival": (r"\max_u F(u)-F_0", "largest value of the step's objective at other laws u, from a common offset"),
        "best": (r"F(\hat\pi)-F_0", "its value at the closed form"),
        "least": (r"\min\pi_t(a|s)", "smallest entry of the mixed policy"),
    },
    cases=cases,
    measure=measure,
    bounds=(
        Bound(tier=Tier.PRINTED, form="argmax", left=rival, right=best, trivial=sp.oo, hypotheses=(small_step,)),
        Bound(tier=Tier.PRINTED, form="floor", left=1 / (t + 1), right=least, trivial=sp.oo, hypotheses=(small_step,)),
        Bound(
            tier=Tier.REPAIRED, form="floor", left=1 / (n_A * t), right=least, trivial=sp.oo, hypotheses=(small_step,)
        ),
    ),
    defects=(
        Defect(
            name="Alg.2(a)",
            text="D.3 says pi_t(a|s) >= beta_t = 1/(t+1). Mixing with the uniform law of |A| actions gives "
            "beta_{t-1}/|A| = 1/(|A| t), which its formulas then use; with three actions pi_2 breaks the printed one unless it "
            "is uniform.",
            kind=DefectKind.FALSE,
            bounds=("printed / floor / TV = l1",),
            witness=_certain,
        ),
        Defect(
            name="Alg.2(b)",
            text="At t = 0 the mixing weight is 1: the first step is thrown away, and beta_0/(1 - beta_0) in D.3 divides by 0. "
            "beta_t is printed as 1/t + 1.",
            kind=DefectKind.UNDEFINED,
        ),
        Defect(
            name="Alg.2(c)",
            text="The step needs tau xi_t < 1, which is not said: beyond it the weight xi/(1 - tau xi) is negative.",
            kind=DefectKind.UNDEFINED,
        ),
    ),
    aliases=("P2.Alg2",),
)
