"""Certified twins of what is certain about the sampled algorithms: Alg. 3, Alg. 8, D.2 (for every outcome), D.7."""

from __future__ import annotations

from collections.abc import Sequence

from flint import arb, arb_mat, fmpq

from mfbounds.bounds.planning_orders import PAPER, orders
from mfbounds.bounds.statement import L1, Case, Tier
from mfbounds.bounds.statements.p1.algorithm_3 import search_steps
from mfbounds.certified.laws import occupation, push
from mfbounds.certified.measures.policies import mean
from mfbounds.certified.numbers import Measurement, l1, largest
from mfbounds.certified.policy import Policy, Row
from mfbounds.certified.problem import CertifiedProblem
from mfbounds.certified.process import Process
from mfbounds.certified.runs import moved, trpo
from mfbounds.errors import NotCertifiableError


def algorithm_3(problem: CertifiedProblem, case: Case) -> Measurement:
    mu, rows = problem.exact_law(case["mu"]), problem.exact_rows(case["policy"])
    plain, policy, n = problem.process(mu, warm=True), Policy.of(rows), problem.game.n_actions
    low = arb(problem.known.game.reward_range[0])
    process = plain.with_rewards([r - low for r in plain.rewards])
    Q, chain = process.values(policy).Q, process.chain(policy)
    step = (policy.matrix() * process.reward).entries()
    gain = [r + process.eta * h for r, h in zip(step, policy.entropy(), strict=True)]
    tail, total = _sums(chain, gain, process.gamma, case["T"])
    kept = process.backup(tail)
    forgotten = [r + process.gamma * total[i // n] for i, r in enumerate(process.rewards)]
    if process.gamma.is_zero():
        Q = kept = forgotten = process.rewards
    tops = problem.remember(("tops", mu, rows), lambda: _tops(process, plain, policy))
    return {
        "tail": largest([arb(0), *_less(Q, kept)]),
        "off_repaired": largest(map(abs, _less(Q, kept))),
        "off_printed": largest(map(abs, _less(Q, forgotten))),
        **tops,
    }


def _less(one: Row, two: Row) -> Row:
    """one - two, exactly 0 where they are the same numbers (without a future nothing is cut off)."""
    return [arb(0)] * len(one) if one is two else [x - y for x, y in zip(one, two, strict=True)]


def _sums(chain: arb_mat, gain: Row, gamma: arb, T: int) -> tuple[Row, Row]:
    """T steps of x = gain + gamma P x, and of x = P (gain + gamma x)."""
    n = len(gain)
    rewards = arb_mat(n, 1, gain)
    tail = total = arb_mat(n, 1, [0] * n)
    for _ in range(T):
        tail, total = rewards + chain * tail * gamma, chain * (rewards + total * gamma)
    return list(tail.entries()), list(total.entries())


def _tops(shifted: Process, plain: Process, policy: Policy) -> dict[str, arb]:
    """The largest single returns, by value iteration from 0 over as many steps as the statement looks at."""
    by_log = [-log if log is not None else arb(0) for row in policy.logs for log in row]
    by_entropy = [h for h in policy.entropy() for _ in range(shifted.n_actions)]
    return {
        "top_log": _largest_return(shifted, by_log),
        "top_entropy": _largest_return(shifted, by_entropy),
        "top_unshifted": _largest_return(plain, by_entropy),
    }


def _largest_return(process: Process, bonus: Sequence[arb]) -> arb:
    n, n_actions = process.n_states, process.n_actions
    entries = process.kernel.entries()
    reached = [tuple(y for y in range(n) if not entries[i * n + y].is_zero()) for i in range(n * n_actions)]
    gain = [r + process.eta * b for r, b in zip(process.rewards, bonus, strict=True)]
    later = [arb(0)] * n
    for _ in range(search_steps(float(process.gamma.mid()))):
        ahead = {places: process.gamma * largest(later[y] for y in places) for places in set(reached)}
        later = [
            largest(gain[i] + ahead[reached[i]] for i in range(s * n_actions, (s + 1) * n_actions)) for s in range(n)
        ]
    ahead = {places: process.gamma * largest(later[y] for y in places) for places in set(reached)}
    return largest([arb(0), *(r + ahead[places] for r, places in zip(process.rewards, reached, strict=True))])


def algorithm_8(problem: CertifiedProblem, case: Case) -> Measurement:
    """The laws of the start, where no draw enters them; the noise has no certain value."""
    if problem.known.game.interacts:
        raise NotCertifiableError("probabilistic: the kernels depend on populations that were drawn at random")
    nu, beta = list(map(arb, problem.known.game.restart)), arb(case["beta"])
    noise_free = printed = level = nu
    for policy in case["policies"]:
        chain = problem.process(problem.known.game.restart).chain(Policy.of(problem.exact_rows(policy)))
        end, level = push(chain, noise_free, case["M"]), push(chain, level, case["M"])
        noise_free, printed = moved(noise_free, end, beta), moved(printed, level, beta)
    return {"off_printed": l1(x - y for x, y in zip(printed, noise_free, strict=True)), "d_noise": arb.nan()}


def theorem_d2(problem: CertifiedProblem, case: Case) -> Measurement:
    """What is certain whatever is drawn: pi_0 is uniform, every gap is >= 0 and at most V_max."""
    mu = problem.exact_law(case["mu"])
    process, best = problem.process(mu), problem.best(mu)
    first = process.gaps(trpo(problem, mu, 0), best)
    most = problem.constants(Tier.REPAIRED, L1)["V_max"]
    share = case["L"] + 1
    nu = problem.known.game.restart
    points = [[arb(int(x == y)) for y in range(len(nu))] for x in range(len(nu))]
    laws = [occupation(process, best.policy, point) for point in points]
    return {
        "gap_avg": (largest(first) / share).union(most),
        "gap_mean": (mean(mu, first) / share).union(most),
        "D": largest(sum((d / mass for d, mass in zip(law, nu, strict=True)), arb(0)) for law in laws),
        "D2": largest(sum((d * d / mass for d, mass in zip(law, nu, strict=True)), arb(0)) for law in laws),
        "C_nu": largest(
            d / mass for d, mass in zip(occupation(process, best.policy, list(map(arb, mu))), nu, strict=True)
        ),
    }


def remark_d7(problem: CertifiedProblem, case: Case) -> Measurement:  # noqa: ARG001
    """Exact rationals of the formulas."""
    powers = {(tier, what): orders(tier)[what] for tier in Tier for what in PAPER}
    return {f"p_{what}_{tier.value}": fmpq(int(power.p), int(power.q)) for (tier, what), power in powers.items()}
