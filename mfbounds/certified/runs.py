"""Runs of the exact algorithms, enclosed: TRPO, Exact MF-TRPO, ExactAlgo, and the equilibrium that they approach."""

from __future__ import annotations

from collections.abc import Sequence

from flint import arb, arb_mat, ctx, fmpq

from mfbounds.certified.exact import Rationals
from mfbounds.certified.laws import push
from mfbounds.certified.numbers import l2
from mfbounds.certified.policy import Policy
from mfbounds.certified.problem import CertifiedProblem, mu_key
from mfbounds.certified.process import Population, Process, identity

NEWTON_STEPS = 8
Law = list[arb]


def extended(process: Process, path: list[Policy], L: int) -> Policy:
    """pi_L of TRPO; `path` holds pi_0, pi_1, ... as far as they are known and grows."""
    while len(path) <= L:
        policy, step = path[-1], len(path) - 1
        target = process.scores(process.values(policy).V)
        scores = [
            [x + (q - x) / (step + 2) for x, q in zip(row, goal, strict=True)]
            for row, goal in zip(policy.scores, target, strict=True)
        ]
        path.append(Policy.softmax(scores))
    return path[L]


def trpo(problem: CertifiedProblem, mu: Rationals, L: int, start: Sequence[Rationals] | None = None) -> Policy:
    """pi_L at an exact population, from the uniform policy or from an exact one of full support."""
    if start is not None and all(p == row[0] for row in start for p in row):
        start = None  # the uniform policy
    key = ("trpo", mu_key(mu), None if start is None else tuple(map(mu_key, start)))
    first = Policy.uniform(len(mu), problem.game.n_actions) if start is None else Policy.of(start)
    return extended(problem.process(mu, warm=start is not None), problem.remember(key, lambda: [first]), L)


def outer_run(problem: CertifiedProblem, mu: Rationals, *, L: int, K: int, beta: float, M: int | float) -> list[Law]:
    """mu_0, ..., mu_K of Exact MF-TRPO (Algorithm 2, cold restarts) with a constant step."""
    path: list[Law] = problem.remember(("path", mu_key(mu), L, beta, M), lambda: [list(map(arb, mu))])
    while len(path) <= K:
        process, policy = inner(problem, path[-1], L)
        path.append(moved(path[-1], push(process.chain(policy), path[-1], M), arb(beta)))
    return path


def inner(problem: CertifiedProblem, mu: Population, L: int) -> tuple[Process, Policy]:
    """pi_L of TRPO at a population; the same for all where the game does not interact."""
    process, first = problem.process(mu), Policy.uniform(len(mu), problem.game.n_actions)
    path = [first] if problem.known.game.interacts else problem.remember("inner", lambda: [first])
    return process, extended(process, path, L)


def moved(mu: Population, target: Law, beta: arb) -> Law:
    """(1 - beta) mu + beta target."""
    if len(mu) == 1:
        return [arb(1)]
    return [(1 - beta) * x + beta * y for x, y in zip(mu, target, strict=True)]


def equilibrium(problem: CertifiedProblem, M: int | float) -> tuple[Rationals, arb]:
    """A population and a bound on its l2 distance to mu*: ||F(mu) - mu||_2/(1 - C_op).

    Newton's method with a Jacobian of differences refines the computed fixed point; nothing of it needs a proof.

    Raises:
        NotConvergedError: C_op < 1 is not certified (nor declared).
    """
    return problem.remember(("equilibrium", M), lambda: _located(problem, M))


def distance(problem: CertifiedProblem, mu: Population, M: int | float) -> arb:
    """||mu - mu*||_2."""
    centre, bound = equilibrium(problem, M)
    away = l2(arb(x) - arb(y) for x, y in zip(mu, centre, strict=True))
    return away if bound.is_zero() else (away + arb(0, bound)).nonnegative_part()


def _located(problem: CertifiedProblem, M: int | float) -> tuple[Rationals, arb]:
    assert problem.base is not None
    margin = problem.require_contraction(M)
    mu = problem.exact_law(problem.base.equilibrium(M).mu)
    best, smallest = mu, arb.pos_inf()
    for _ in range(NEWTON_STEPS):
        off = [x - arb(y) for x, y in zip(problem.image(mu, M), mu, strict=True)]
        size = l2(off).upper()
        if size < smallest:
            best, smallest = mu, size
        if size <= arb(2) ** (16 - ctx.prec) or size > 2 * smallest:
            break
        mu = _newton(problem, mu, off, M)
    return best, (smallest / margin).upper()


def _newton(problem: CertifiedProblem, mu: Rationals, off: Law, M: int | float) -> Rationals:
    """mu - (F' - 1)^-1 (F(mu) - mu), on the simplex; F' by differences along x -> x + h (e_i - e_n)."""
    n, h = len(mu), fmpq(1, 2 ** (ctx.prec // 3))
    base = [x + arb(y) for x, y in zip(off, mu, strict=True)]
    columns = []
    for i in range(n - 1):
        shifted = tuple(x + (h if j == i else -h if j == n - 1 else 0) for j, x in enumerate(mu))
        columns.append([(x - y) / arb(h) for x, y in zip(problem.image(shifted, M)[:-1], base[:-1], strict=True)])
    slope = arb_mat(n - 1, n - 1, [column[i] for i in range(n - 1) for column in columns]) - identity(n - 1)
    step = slope.solve(arb_mat(n - 1, 1, off[:-1]), algorithm="approx").entries()
    inside = [max(arb(x) - y, arb(0)).mid() for x, y in zip(mu[:-1], (s.mid() for s in step), strict=True)]
    masses = [exact_midpoint(x) for x in inside]
    masses.append(max(1 - sum(masses, fmpq(0)), fmpq(0)))
    total = sum(masses, fmpq(0))
    return tuple(mass / total for mass in masses)


def exact_midpoint(value: arb) -> fmpq:
    """The midpoint as the binary rational that it is."""
    mantissa, exponent = value.mid().man_exp()
    power = fmpq(2) ** int(exponent)
    return fmpq(mantissa) * power
