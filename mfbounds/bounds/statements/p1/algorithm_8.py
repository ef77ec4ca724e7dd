"""Algorithm 8 and Appendix D.2: where a population trajectory of round k starts.

Printed: a level l of Cat_k, then the levels 1..l in full. The population is nu prod_j ((1-b_j) I + b_j P_j^M) without noise:
each level is applied independently, with probability b_j. From two levels on the printed rule draws from another law.
Repaired: each level with its own probability; the start then has the noise-free law m_{k-1}, and muhat_k - m_k is a
weighted martingale, so max_k ||muhat_k - m_k||_2 <= n_bar with probability 1 - delta/2 (Pinelis, or D.3 in each round).
"""

from __future__ import annotations

from collections.abc import Iterator

import numpy as np
import sympy as sp

from mfbounds.bounds.cases import random_policy
from mfbounds.bounds.definitions import formula
from mfbounds.bounds.problem import Problem
from mfbounds.bounds.sampled_runs import UNIT, seed_of
from mfbounds.bounds.statement import Bound, Case, Defect, DefectKind, Quantities, Statement, Tier, Witness
from mfbounds.bounds.symbols import delta, measured
from mfbounds.games.affine import AffineGame
from mfbounds.mdp.population import push
from mfbounds.numbers import Measured
from mfbounds.simulation.counts import draw_law

off_printed, d_noise = measured("off_printed"), measured("d_noise")


def cases(problem: Problem) -> Iterator[Case]:
    """Levels with random policies, mild and nearly deterministic; a large and a small step."""
    rng, shape = problem.rng("Alg.8"), (problem.game.n_states, problem.game.n_actions)
    if problem.game.n_states == 1:
        return
    for i, beta in enumerate((0.5, 0.1)):
        levels = np.array([random_policy(rng, shape, (5.0, 1.0)[i]) for _ in range(4)])
        yield {"policies": levels, "beta": beta, "M": 1, "K": len(levels), "P": 10_000, "delta": 0.2}


def measure(problem: Problem, case: Case) -> Quantities:
    """Distance of the printed law to the noise-free one, l1; largest distance of muhat_k to m_k over the rounds, l2."""
    beta, M, nu = case["beta"], case["M"], problem.game.restart
    rng = np.random.default_rng(seed_of(problem, {"run": 0, **case}, "Alg.8"))
    noise_free = printed = level = muhat = nu
    largest = 0.0
    for policy in case["policies"]:
        frozen = problem.frozen(muhat / muhat.sum())
        end, level = push(frozen, policy, noise_free, M), push(frozen, policy, level, M)
        noise_free, printed = (1.0 - beta) * noise_free + beta * end, (1.0 - beta) * printed + beta * level
        counts = draw_law(rng, case["P"], end)
        muhat = (1.0 - beta) * muhat + beta * counts / case["P"]
        largest = max(largest, float(np.linalg.norm(muhat - noise_free)))
    rounding = 8 * UNIT * case["K"] * (M + 1) * nu.size
    return {
        "off_printed": Measured(float(np.abs(printed - noise_free).sum()), rounding),
        "d_noise": Measured(largest, rounding),
    }


def _two_levels() -> Witness:
    """Level 1 sends everything to state 0, level 2 to state 1: the printed rule never skips level 1 before level 2."""
    kernel = np.zeros((3, 2, 3))
    kernel[:2, 0, 0] = kernel[0, 1, 1] = kernel[1, 1, 2] = 1.0
    kernel[2, :, 2] = 1.0
    game = AffineGame(kernel, np.zeros((3, 2)), gamma=0.5, eta=1.0, restart=[0.0, 1.0, 0.0], name="two levels")
    policies = np.array([np.eye(2)[[0, 0, 0]], np.eye(2)[[1, 1, 1]]])
    case = {"policies": policies, "beta": 0.5, "M": 1, "K": 2, "P": 100, "delta": 0.05}
    return Witness(game=game, case=case, bound="printed / law of the start / TV = l1")


STATEMENT = Statement(
    id="P1.Alg.8",
    title="Where a population trajectory starts",
    source="Appendix D.2-D.3, Algorithm 8, lines 6 to 13; Section 5, Algorithm 4",
    claim="The start of a population trajectory has the law of the population (printed); with each level applied independently "
    "it has the noise-free law, from which muhat_k is at most n_bar away (repaired).",
    quantities={
        "off_printed": (
            r"\|\mathrm{law}(s^{\mathrm{init}})-m_{k-1}\|_1",
            "l1 distance of the printed law to the noise-free one",
        ),
        "d_noise": (r"\max_k\|\hat\mu_k-m_k\|_2", "largest l2 distance of muhat_k to its noise-free law"),
    },
    cases=cases,
    measure=measure,
    bounds=(
        Bound(tier=Tier.PRINTED, form="law of the start", left=off_printed, right=sp.Integer(0), trivial=sp.Integer(2)),
        Bound(
            tier=Tier.REPAIRED,
            form="noise",
            left=d_noise,
            right=formula("n_bar", Tier.REPAIRED),
            trivial=sp.sqrt(2),
            failure=delta / 2,
        ),
    ),
    defects=(
        Defect(
            name="Alg. 8",
            text="A level drawn from Cat_k and all levels before it in full do not sample the population: two levels suffice. "
            "(Line 10 uses mu_l for mu_{l-1}, line 13 an index that is never generated.)",
            kind=DefectKind.FALSE,
            bounds=("printed / law of the start / TV = l1",),
            witness=_two_levels,
        ),
    ),
)
