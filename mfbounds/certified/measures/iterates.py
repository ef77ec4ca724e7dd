"""Certified twins of the statements about iterates: C.1 to C.7, W. The iterates are run anew in balls."""

from __future__ import annotations

from collections.abc import Mapping

from flint import arb, fmpq

from mfbounds.bounds.statement import Case, Tier
from mfbounds.bounds.statements.p1 import remark_c4, remark_c7
from mfbounds.bounds.statements.p1.theorem_c1 import gap as theorem_c1_gap
from mfbounds.bounds.statements.p1.theorem_c1 import recursion
from mfbounds.bounds.statements.p1.theorem_w import x as theorem_w_x
from mfbounds.bounds.symbols import L, gamma
from mfbounds.certified.chains import rational_kernel
from mfbounds.certified.exact import Rationals
from mfbounds.certified.laws import stationary
from mfbounds.certified.measures.policies import apart, mean
from mfbounds.certified.numbers import Defined, Measurement, l2, largest
from mfbounds.certified.policy import Policy, Row, distances
from mfbounds.certified.problem import CertifiedProblem
from mfbounds.certified.runs import distance, inner, moved, outer_run, trpo
from mfbounds.certified.symmetry import same_choices


def theorem_c1(problem: CertifiedProblem, case: Case) -> Measurement:
    mu = problem.exact_law(case["mu"])
    process, policy = problem.process(mu), trpo(problem, mu, case["L"])
    gaps = process.gaps(policy, problem.best(mu))
    target = process.scores(process.values(policy).V)
    residuals, spans = [], []
    for s, (goal, scores) in enumerate(zip(target, policy.scores, strict=True)):
        spread = [q - x for q, x in zip(goal, scores, strict=True)]
        spans.append(_span(spread))
        # TV - V = eta (log sum exp q - log sum exp x - <pi, q - x>) with q = Q/eta: nothing large is subtracted.
        flat = all(x.is_zero() for x in spread)
        residuals.append(arb(0) if flat else _jensen(policy.probabilities[s], spread).nonnegative_part())
    gap, bellman = largest(gaps), process.eta * largest(residuals)
    game = problem.known.game
    attained = game.gamma == 0 or same_choices(game, mu) or _leads_nowhere(problem, mu, residuals)
    return {
        "gap": gap,
        "gap_mean": mean(mu, gaps),
        "bellman": Defined((1 - gamma) * theorem_c1_gap, bellman) if attained else bellman,
        "span": process.eta * largest(spans),
    }


def _leads_nowhere(problem: CertifiedProblem, mu: Rationals, residuals: Row) -> bool:
    """Whether the largest Bellman residual is that of a state that no action leaves: its gap is residual/(1-gamma)."""
    top = [s for s, one in enumerate(residuals) if all(one > other for y, other in enumerate(residuals) if y != s)]
    kernel, n = rational_kernel(problem.known.game, mu), problem.game.n_actions
    return any(all(kernel[s * n + a, s] == 1 for a in range(n)) for s in top)


def _jensen(weights: Row, spread: Row) -> arb:
    """log sum_a pi_a exp(y_a) - sum_a pi_a y_a, for weights that sum to 1."""
    centre = sum((p * y for p, y in zip(weights, spread, strict=True)), arb(0))
    return sum((p * ((y - centre).expm1()) for p, y in zip(weights, spread, strict=True)), arb(0)).log1p()


def _span(values: Row) -> arb:
    return largest(values) + largest(-x for x in values)


def corollary_c2(problem: CertifiedProblem, case: Case) -> Measurement:
    mu = problem.exact_law(case["mu"])
    off = distances(trpo(problem, mu, case["L"]), problem.best(mu).policy)
    return {"d_sup": largest(off), "d_mean_sq": mean(mu, [d * d for d in off])}


def theorem_w(problem: CertifiedProblem, case: Case) -> Measurement:
    mu, other = (problem.exact_law(case[key]) for key in ("mu", "mu_2"))
    rows = problem.exact_rows(case["policy"])
    policy = trpo(problem, mu, case["L"], rows)
    x_next = _spread(problem, other, policy)
    return {
        "gap": largest(problem.process(mu, warm=True).gaps(policy, problem.best(mu))),
        "x": _spread(problem, mu, Policy.of(rows)),
        "x_next": Defined(theorem_w_x / (L + 1), x_next) if _fixed_scores(problem, mu, other) else x_next,
        "d_mu": apart(mu, other),
    }


def _fixed_scores(problem: CertifiedProblem, mu: Rationals, other: Rationals) -> bool:
    """Whether differences of Q depend neither on the policy nor on the population: TRPO divides x by L+1 exactly."""
    game = problem.known.game
    return len(mu) == 1 or (game.gamma == 0 and (not game.interacts or mu == other))


def _spread(problem: CertifiedProblem, mu: Rationals, policy: Policy) -> arb:
    """max_s span_a (Q*_mu - eta log pi)(s, .)."""
    process, best = problem.process(mu), problem.best(mu)
    rows = zip(process.scores(best.V), policy.scores, strict=True)
    return process.eta * largest(_span([q - x for q, x in zip(goal, row, strict=True)]) for goal, row in rows)


def proposition_c3(problem: CertifiedProblem, case: Case) -> Measurement:
    mu, M = problem.exact_law(case["mu"]), case["M"]
    after = moved(mu, problem.image(mu, M), arb(case["beta"]))
    return {"d_0": distance(problem, mu, M), "d_1": distance(problem, after, M)}


def remark_c4_count(problem: CertifiedProblem, case: Case) -> Measurement:
    """The first k with ||mu_k - mu*||^2 <= eps, or the cap: an integer where every comparison is decided."""
    now, M, limit = problem.exact_law(case["mu"]), case["M"], arb(case["eps"])
    first, early, late = distance(problem, now, M), remark_c4.CAP, remark_c4.CAP
    mu = list(map(arb, now))
    for k in range(remark_c4.CAP):
        squared = distance(problem, mu, M) ** 2
        if not squared > limit:
            early = min(early, k)
        if squared <= limit:
            late = k
            break
        size = arb(case["beta"]) if remark_c4.is_constant(case) else arb(case["beta"]) / (k + 1)
        mu = moved(mu, problem.image(mu, M), size)
    needed = fmpq(early) if early == late else arb(early).union(arb(late))
    return {"k_needed": needed, "d_0": first}


def theorem_c5(problem: CertifiedProblem, case: Case) -> Measurement:
    path = _path(problem, case)
    return {"d_0": distance(problem, path[0], case["M"]), "d_K": distance(problem, path[case["K"]], case["M"])}


def corollary_c6(problem: CertifiedProblem, case: Case) -> Measurement:
    path = _path(problem, case)
    mu = path[case["K"]]
    process, policy = inner(problem, mu, case["L"])
    law = stationary(process.chain(policy))
    return {
        "d_0": distance(problem, path[0], case["M"]),
        "phi": mean(law, problem.process(law).gaps(policy, problem.best(law))),
        "d_inc": l2(x - y for x, y in zip(law, mu, strict=True)),
    }


def _path(problem: CertifiedProblem, case: Case) -> list[Row]:
    mu = problem.exact_law(case["mu"])
    return outer_run(problem, mu, L=case["L"], K=case["K"], beta=case["beta"], M=case["M"])


def remark_c7_exponents(problem: CertifiedProblem, case: Case) -> Measurement:  # noqa: ARG001
    """Exact rationals of the formulas."""
    found = {tier: remark_c7.exponent(tier) for tier in Tier}
    return {f"p_{tier.value}": fmpq(int(power.p), int(power.q)) for tier, power in found.items()}


def monotone(problem: CertifiedProblem, case: Case) -> Mapping[str, arb]:
    """C_op and tau of A-2, without rounding."""
    c_op = arb(problem.c_op(case["M"]).value)
    return {"C_op": c_op, "tau": 1 - c_op}


def recursive(problem: CertifiedProblem, case: Case) -> Mapping[str, arb]:
    """D_L of Theorem C.1."""
    last = max(case["L"], *problem.parameters.L)
    return {"D_L": problem.remember(("D_L", last), lambda: recursion(problem, last))[case["L"]]}
