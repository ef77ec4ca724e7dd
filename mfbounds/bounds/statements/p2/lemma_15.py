r"""Lemma 15: one step of mirror descent.

With q proportional to p exp(eta g): <g, p* - p> <= eta G^2/2 + (KL(p*||p) - KL(p*||q))/eta for g in [0, G]. Sharpened: eta
span(g)^2/8. The difference is log(sum p exp(eta g))/eta - <g, p>, whatever p* is: Hoeffding's lemma.
"""

from __future__ import annotations

from collections.abc import Iterator

import numpy as np
from scipy.special import logsumexp, rel_entr

from mfbounds.bounds.cases import distribution
from mfbounds.bounds.dynamic_problem import DynamicProblem
from mfbounds.bounds.statement import Bound, Case, Quantities, Statement, Tier
from mfbounds.bounds.symbols import measured
from mfbounds.numbers import Measured

lead, G, span, eta = measured("lead", signed=True), measured("G"), measured("span"), measured("eta")
STEPS = (0.02, 0.3, 2.0)


def cases(problem: DynamicProblem) -> Iterator[Case]:
    """Two equally likely actions of opposite worth, then random laws and scores, for several steps."""
    rng, n = problem.rng("L15"), problem.game.n_actions
    if n == 1:
        return
    for step in STEPS:
        scores, even = np.zeros(n), np.full(n, 1e-9)
        scores[0], even[:2] = 1.0, 0.5
        yield {"p": even / even.sum(), "p_star": distribution(rng, n), "g": scores, "eta": step}
        for i in range(problem.parameters.draws):
            p, target = distribution(rng, n, (1.0, 0.3)[i % 2]), distribution(rng, n)
            yield {"p": p, "p_star": target, "g": 3.0 * rng.random(n), "eta": step}


def measure(problem: DynamicProblem, case: Case) -> Quantities:
    """What the linear gain exceeds the divergences by, and the size of the scores."""
    p, target, scores, step = case["p"], case["p_star"], case["g"], case["eta"]
    logs = np.log(p) + step * scores
    moved = np.exp(logs - logsumexp(logs))
    near, away = float(rel_entr(target, p).sum()), float(rel_entr(target, moved).sum())
    value = float(scores @ (target - p)) - (near - away) / step
    error = 1e-15 * len(p) * (4 + near + away + float(np.abs(logs).max())) * (1 + 1 / step)
    return {
        "lead": Measured(value, error),
        "G": Measured(float(scores.max()), 0.0),
        "span": Measured(float(np.ptp(scores)), 1e-15 * float(scores.max())),
    }


STATEMENT = Statement(
    id="P2.L.15",
    title="One step of mirror descent",
    source="Appendix D.2, Lemma 15",
    claim="With q proportional to p exp(eta g), <g, p* - p> exceeds (KL(p*||p) - KL(p*||q))/eta by at most eta G^2/2.",
    quantities={
        "lead": (
            r"\langle g,p^*-p\rangle-\eta^{-1}(D_{\mathrm{KL}}(p^*|p)-D_{\mathrm{KL}}(p^*|q))",
            "what the linear gain exceeds the divergences by",
        ),
        "eta": (r"\eta", "step (alpha in the paper)"),
        "G": (r"G", "largest score"),
        "span": (r"\mathrm{span}\,g", "largest less smallest score"),
    },
    cases=cases,
    measure=measure,
    bounds=(
        Bound(tier=Tier.PRINTED, left=lead, right=eta * G**2 / 2, trivial=G),
        Bound(tier=Tier.SHARPENED, left=lead, right=eta * span**2 / 8, trivial=span),
    ),
    aliases=("P2.L15",),
)
