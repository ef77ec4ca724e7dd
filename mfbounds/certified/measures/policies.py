"""Certified twins of the statements about policies at given populations: eq. (2), (21), 2.2, E.2 to E.5."""

from __future__ import annotations

from collections.abc import Sequence
from dataclasses import replace

import numpy as np
from flint import arb, fmpq

from mfbounds.bounds.statement import Case
from mfbounds.bounds.statements.p1 import proposition_e5
from mfbounds.certified.chains import rational_chain, rational_reward
from mfbounds.certified.exact import Rationals
from mfbounds.certified.laws import exact_stationary, occupation
from mfbounds.certified.numbers import Defined, Measurement, Root, largest
from mfbounds.certified.policy import Policy, Row, distances, equal_rows
from mfbounds.certified.problem import CertifiedProblem
from mfbounds.certified.process import Population, Process


def mean(law: Population, values: Row) -> arb:
    """<law, values>; exactly 0 where all values are."""
    return sum((arb(mass) * value for mass, value in zip(law, values, strict=True)), arb(0))


def apart(mu: Rationals, other: Rationals) -> Root:
    """||mu - mu'||_2."""
    return Root(sum(((x - y) ** 2 for x, y in zip(mu, other, strict=True)), fmpq(0)))


def equation_2(problem: CertifiedProblem, case: Case) -> Measurement:
    mu, policy = problem.exact_law(case["mu"]), Policy.of(problem.exact_rows(case["policy"]))
    process, best = problem.process(mu, warm=True), problem.best(mu)
    if all(equal_rows(policy, best.policy, s) for s in range(len(mu))):
        return {"gain_plus": fmpq(0), "gain_minus": fmpq(0)}
    plus = replace(process, eta=-process.eta)
    worth = [mean(mu, plus.values(one).V) for one in (policy, best.policy)]
    return {"gain_plus": worth[0] - worth[1], "gain_minus": -mean(mu, process.gaps(policy, best))}


def equation_21(problem: CertifiedProblem, case: Case) -> Measurement:
    mu, policies = problem.exact_law(case["mu"]), [problem.exact_rows(rows) for rows in case["policies"]]
    if all(rows == policies[0] for rows in policies):
        return {"loss_state": fmpq(0), "loss_occupation": fmpq(0)}
    process = problem.process(mu, warm=True)
    each = [Policy.of(rows) for rows in policies]
    worth = sum((mean(mu, process.values(one).V) for one in each), arb(0)) / len(each)
    by_state = Policy.of(_averages(policies))
    by_occupation = _by_occupation(process, mu, policies, by_state)
    return {
        "loss_state": worth - mean(mu, process.values(by_state).V),
        "loss_occupation": worth - mean(mu, process.values(by_occupation).V),
    }


def _averages(policies: Sequence[Sequence[Rationals]]) -> list[Rationals]:
    n = len(policies)
    return [
        tuple(sum(masses, fmpq(0)) / n for masses in zip(*rows, strict=True)) for rows in zip(*policies, strict=True)
    ]


def _by_occupation(
    process: Process, mu: Rationals, policies: Sequence[Sequence[Rationals]], by_state: Policy
) -> Policy:
    """The policy with the averaged occupation; states that no policy reaches keep the average."""
    each = [Policy.of(rows) for rows in policies]
    weights = [occupation(process, policy, list(map(arb, mu))) for policy in each]
    reached = [_reached(process, mu, policy) for policy in each]
    scores: list[list[arb | None]] = []
    for s in range(process.n_states):
        using = [i for i, places in enumerate(reached) if places[s]]
        if not using or all(policies[i][s] == policies[using[0]][s] for i in using):
            scores.append(by_state.scores[s] if not using else each[using[0]].scores[s])
            continue
        players = [[i for i in using if policies[i][s][a] != 0] for a in range(process.n_actions)]
        masses = [
            sum((weights[i][s] * policies[i][s][a] for i in those), arb(0)) if those else None
            for a, those in enumerate(players)
        ]
        first = next(mass for mass in masses if mass is not None)
        scores.append([None if mass is None else (mass / first).log() for mass in masses])
    return Policy.of_scores(scores)


def _reached(process: Process, mu: Rationals, policy: Policy) -> list[bool]:
    """Which states the discounted occupation from mu can reach."""
    n = process.n_states
    support = np.array([not x.is_zero() for x in process.chain(policy).entries()]).reshape(n, n)
    reached = np.array([mass != 0 for mass in mu])
    for _ in range(0 if process.gamma.is_zero() else n):
        reached = reached | support[reached].any(axis=0)
    return [bool(x) for x in reached]


def consistency(problem: CertifiedProblem, case: Case) -> Measurement:
    """Exploitability, value gap at mu and inconsistency (E.5 and 2.2)."""
    mu, rows = problem.exact_law(case["mu"]), problem.exact_rows(case["policy"])
    law, policy = tuple(exact_stationary(rational_chain(problem.known.game, mu, rows))), Policy.of(rows)
    gap = _quality(problem, mu, policy)
    phi = Defined(proposition_e5.gap, gap) if law == mu else _quality(problem, list(map(arb, law)), policy)
    return {"gap": gap, "phi": phi, "d_inc": apart(mu, law)}


def _quality(problem: CertifiedProblem, mu: Population, policy: Policy) -> arb:
    process = problem.process(mu, warm=True)
    return mean(mu, process.gaps(policy, problem.best(mu)))


def proposition_e2(problem: CertifiedProblem, case: Case) -> list[Measurement]:
    """One measurement a state: the claim is about each."""
    mu, policy = problem.exact_law(case["mu"]), Policy.of(problem.exact_rows(case["policy"]))
    best = problem.best(mu)
    gaps = problem.process(mu, warm=True).gaps(policy, best)
    return [{"d_pi": d, "gap": gap} for d, gap in zip(distances(policy, best.policy), gaps, strict=True)]


def proposition_e3(problem: CertifiedProblem, case: Case) -> Measurement:
    mu, other = (problem.exact_law(case[key]) for key in ("mu", "mu_2"))
    if mu == other or not problem.known.game.interacts:
        return {"dV": fmpq(0), "dV_pi": fmpq(0), "dQ": fmpq(0), "d_mu": apart(mu, other)}
    policy = Policy.of(problem.exact_rows(case["policy"]))
    one, two = problem.best(mu), problem.best(other)
    first, second = (problem.process(law, warm=True).values(policy).V for law in (mu, other))
    return {
        "dV": _farthest(one.V, two.V),
        "dV_pi": _farthest(first, second),
        "dQ": _exact_rewards(problem, mu, other) if problem.known.game.gamma == 0 else _farthest(one.Q, two.Q),
        "d_mu": apart(mu, other),
    }


def _exact_rewards(problem: CertifiedProblem, mu: Rationals, other: Rationals) -> fmpq:
    """max |r - r'|, which is the change of Q without a future."""
    one, two = (rational_reward(problem.known.game, law) for law in (mu, other))
    return max(abs(x - y) for x, y in zip(one, two, strict=True))


def _farthest(one: Row, two: Row) -> arb:
    return largest(abs(x - y) for x, y in zip(one, two, strict=True))


def corollary_e4(problem: CertifiedProblem, case: Case) -> Measurement:
    mu, other = (problem.exact_law(case[key]) for key in ("mu", "mu_2"))
    if mu == other or not problem.known.game.interacts:
        return {"d_pi": fmpq(0), "d_mu": apart(mu, other)}
    return {
        "d_pi": largest(distances(problem.best(mu).policy, problem.best(other).policy)),
        "d_mu": apart(mu, other),
    }
