"""Certified twins of the statements about chains and laws: B.2, B.4, E.1, E.6; exact rational numbers where they can be."""

from __future__ import annotations

import math
from collections.abc import Sequence

import numpy as np
from flint import arb, fmpq, fmpq_mat
from scipy.sparse import csr_array

from mfbounds.bounds.statement import Case
from mfbounds.bounds.statements.p1.appendix_b4 import period_of
from mfbounds.certified.chains import rational_chain, rational_kernel, rational_reward, row_times
from mfbounds.certified.exact import Rationals, binary
from mfbounds.certified.laws import exact_stationary
from mfbounds.certified.measures.policies import apart
from mfbounds.certified.numbers import Measurement, l1, l2
from mfbounds.certified.problem import CertifiedProblem
from mfbounds.mdp.chains import recurrent_classes

ZERO = fmpq(0)


def dot(one: Sequence[fmpq], two: Sequence[fmpq]) -> fmpq:
    return sum((x * y for x, y in zip(one, two, strict=True)), ZERO)


def row_distances(one: Sequence[Rationals], two: Sequence[Rationals]) -> list[fmpq]:
    """||pi(.|s) - pi'(.|s)||_1, (S,)."""
    return [sum((abs(p - q) for p, q in zip(*rows, strict=True)), ZERO) for rows in zip(one, two, strict=True)]


def appendix_b2(problem: CertifiedProblem, case: Case) -> Measurement:
    """Rewards without entropy: everything is rational."""
    game, mu = problem.known.game, problem.exact_law(case["mu"])
    policy, xi = problem.exact_rows(case["policy"]), problem.exact_law(case["xi"])
    chain, n_actions = rational_chain(game, mu, policy), game.n_actions
    law, reward = exact_stationary(chain), rational_reward(game, mu)
    step = [dot(row, reward[s * n_actions : (s + 1) * n_actions]) for s, row in enumerate(policy)]
    ergodic, discount = dot(law, step), binary(case["gamma"])
    worth, before = (_discounted(chain, step, xi, factor) for factor in (discount, binary(0.9 * case["gamma"])))
    return {
        "off": abs((1 - discount) * worth - ergodic),
        "off_printed": abs(worth / (1 - discount) - ergodic),
        "off_printed_before": abs(before / (1 - binary(0.9 * case["gamma"])) - ergodic),
        "tv": sum((abs(x - y) for x, y in zip(xi, law, strict=True)), ZERO) / 2,
    }


def _discounted(chain: fmpq_mat, step: list[fmpq], xi: Rationals, discount: fmpq) -> fmpq:
    n = chain.nrows()
    unit = fmpq_mat(n, n, [1 if i % (n + 1) == 0 else 0 for i in range(n * n)])
    return dot(xi, list((unit - chain * discount).solve(fmpq_mat(n, 1, step)).entries()))


def appendix_b4(problem: CertifiedProblem, case: Case) -> Measurement:
    """Soft-optimal policies play every action, so that the support of the chain is that of the kernel."""
    game, n_actions = problem.known.game, problem.game.n_actions
    rows = rational_kernel(game, problem.exact_law(case["mu"])).tolist()
    support = [
        [any(rows[s * n_actions + a][y] != 0 for a in range(n_actions)) for y in range(game.n_states)]
        for s in range(game.n_states)
    ]
    chain = csr_array(np.array(support, dtype=np.float64))
    return {"period": fmpq(max(period_of(chain, states) for states in recurrent_classes(chain)))}


def lemma_e1(problem: CertifiedProblem, case: Case) -> Measurement:
    """Policies, populations and starts of a case are rational, and so are their laws."""
    game = problem.known.game
    mu, other, xi = (problem.exact_law(case[key]) for key in ("mu", "mu_2", "xi"))
    policy, policy_2 = problem.exact_rows(case["policy"]), problem.exact_rows(case["policy_2"])
    laws = _laws(rational_chain(game, mu, policy), xi, case["M"])
    others = _laws(rational_chain(game, other, policy_2), xi, case["M"])
    distance = row_distances(policy, policy_2)
    found: Measurement = {
        "d_law": sum((abs(x - y) for x, y in zip(laws[-1], others[-1], strict=True)), ZERO),
        "d_pi_sup": max(distance),
        "d_pi_mean": dot(xi, distance),
        "d_mu": apart(mu, other),
        "w_pi": _weighted(problem, laws, distance, case["M"]),
    }
    return found


def _laws(chain: fmpq_mat, xi: Rationals, M: int | float) -> list[Sequence[fmpq]]:
    """The laws after 0, 1, ..., M steps, or only the stationary one."""
    if M == math.inf:
        return [exact_stationary(chain)]
    laws: list[Sequence[fmpq]] = [xi]
    for _ in range(int(M)):
        laws.append(row_times(laws[-1], chain))
    return laws


def _weighted(
    problem: CertifiedProblem, laws: list[Sequence[fmpq]], distance: list[fmpq], M: int | float
) -> fmpq | arb:
    q, block = problem.known.numbers["q"], problem.regularity.mixing.block
    assert isinstance(q, fmpq)
    if M == math.inf:
        return block / (1 - q) * dot(laws[0], distance) if q < 1 else arb.nan()
    last = len(laws) - 1
    return sum((q ** (m // block) * dot(laws[last - m - 1], distance) for m in range(last)), ZERO)


def lemma_e6(problem: CertifiedProblem, case: Case) -> Measurement:
    mu, other = (problem.exact_law(case[key]) for key in ("mu", "mu_2"))
    steps = [y - x for x, y in zip(mu, other, strict=True)]
    found: Measurement = {"d_mu": apart(mu, other), "d_mu_1": sum(map(abs, steps), ZERO)}
    if case["M"] == math.inf and not problem.known.game.interacts:
        return {**found, "slope": ZERO, "d_F": ZERO, "d_F_1": ZERO}
    images = [problem.image(law, case["M"]) for law in (mu, other)]
    moved = [y - x for x, y in zip(*images, strict=True)]
    slope = sum((x * arb(y) for x, y in zip(moved, steps, strict=True)), arb(0))
    return {**found, "slope": slope, "d_F": l2(moved), "d_F_1": l1(moved)}
