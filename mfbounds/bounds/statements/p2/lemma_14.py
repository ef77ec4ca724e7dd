r"""Lemma 14: mixing with the uniform law keeps divergences bounded, and moves them little.

With phat = (1-w) p + w Unif: KL(p*||phat) <= log(|A|/w), and KL(p*||phat) - KL(p*||p) <= w/(1-w). Sharpened: -log(1-w), since
phat >= (1-w) p.
"""

from __future__ import annotations

from collections.abc import Iterator

import numpy as np
import sympy as sp
from scipy.special import rel_entr

from mfbounds.bounds.cases import distribution, vertex
from mfbounds.bounds.dynamic_problem import DynamicProblem
from mfbounds.bounds.dynamic_symbols import n_A
from mfbounds.bounds.statement import Bound, Case, Defect, DefectKind, Quantities, Statement, Tier
from mfbounds.bounds.symbols import measured
from mfbounds.numbers import Measured

far, moved = measured("far"), measured("moved", signed=True)
w = measured("w")
WEIGHTS = (0.5, 0.01, 0.9)
LEAST = 1e-9  # p(a) at the action that p* takes: at 0 the first bound is attained


def cases(problem: DynamicProblem) -> Iterator[Case]:
    """A point mass where p is small and where it is all, then random laws, for several weights."""
    rng, n = problem.rng("L14"), problem.game.n_actions
    for weight in WEIGHTS:
        if n > 1:
            corner = (1 - LEAST) * vertex(n, 0) + LEAST * vertex(n, 1)
            yield {"p": corner, "p_star": vertex(n, 1), "w": weight}
            yield {"p": corner, "p_star": corner, "w": weight}
        for i in range(problem.parameters.draws):
            yield {"p": distribution(rng, n, (1.0, 0.2)[i % 2]), "p_star": distribution(rng, n, 0.5), "w": weight}


def measure(problem: DynamicProblem, case: Case) -> Quantities:
    """Both divergences; the second only where it is finite."""
    p, target, weight = case["p"], case["p_star"], case["w"]
    mixed = (1 - weight) * p + weight / len(p)
    first, second = float(rel_entr(target, mixed).sum()), float(rel_entr(target, p).sum())
    error = 1e-15 * len(p) * (2 + abs(np.log(weight / len(p))))
    return {"far": Measured(first, error), "moved": Measured(first - second, 2 * error + 1e-15 * len(p) * second)}


STATEMENT = Statement(
    id="P2.L.14",
    title="Mixing with the uniform law",
    source="Appendix D.2, Lemma 14",
    claim="phat = (1-w) p + w Unif has KL(p*||phat) <= log(|A|/w), and KL(p*||phat) - KL(p*||p) <= w/(1-w).",
    quantities={
        "w": (r"w", "weight of the uniform law, in (0, 1) (beta in the paper)"),
        "far": (r"D_{\mathrm{KL}}(p^*|\hat p)", "divergence from the mixture, nats"),
        "moved": (r"D_{\mathrm{KL}}(p^*|\hat p)-D_{\mathrm{KL}}(p^*|p)", "what mixing adds to it, nats"),
    },
    cases=cases,
    measure=measure,
    bounds=(
        Bound(tier=Tier.PRINTED, form="size", left=far, right=sp.log(n_A / w), trivial=sp.oo),
        Bound(tier=Tier.PRINTED, form="shift", left=moved, right=w / (1 - w), trivial=sp.log(n_A / w)),
        Bound(tier=Tier.SHARPENED, form="shift", left=moved, right=-sp.log(1 - w), trivial=sp.log(n_A / w)),
    ),
    defects=(
        Defect(
            name="L.14",
            text="It introduces p' and speaks about p*.",
            kind=DefectKind.UNDEFINED,
        ),
    ),
    aliases=("P2.L14",),
)
