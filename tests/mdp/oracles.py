"""Independent oracles: ball arithmetic at 300 bits, exact rationals, elimination without subtraction, enumeration."""

from __future__ import annotations

import itertools
from collections.abc import Callable
from dataclasses import replace
from fractions import Fraction

import numpy as np
from flint import arb, arb_mat, ctx, fmpq, fmpq_mat

from mfbounds.checks import FloatArray
from mfbounds.mdp import Frozen

BITS = 300


def random_frozen(seed: int) -> tuple[Frozen, FloatArray]:
    """A small process with a random policy; discount, temperature and reward scale over the whole allowed range."""
    rng = np.random.default_rng(seed)
    n_states, n_actions = int(rng.integers(1, 5)), int(rng.integers(1, 4))
    kernel = rng.dirichlet(np.full(n_states, 0.3), size=(n_states, n_actions))
    frozen = Frozen(
        kernel=kernel / kernel.sum(axis=-1, keepdims=True),
        reward=rng.choice([1e-9, 1.0, 1e9]) * rng.normal(size=(n_states, n_actions)),
        gamma=float(rng.choice([0.0, 0.5, 0.9, 0.9999])),
        eta=float(rng.choice([1e-4, 0.1, 1.0, 1e3])),
    )
    return frozen, rng.dirichlet(np.full(n_actions, 0.3), size=n_states)


def with_uneven_rows(frozen: Frozen, seed: int, off: float = 9e-13) -> Frozen:
    """The same process with rows that miss mass 1 by `off`, up or down, as an input check lets pass."""
    rng = np.random.default_rng(seed)
    return replace(frozen, kernel=frozen.kernel * (1.0 + off * rng.choice([-1.0, 1.0], size=(*frozen.reward.shape, 1))))


def meant(frozen: Frozen) -> Frozen:
    """The process whose rows are divided by their exact sums, as fractions: for the functions below alone."""
    rows = np.frompyfunc(lambda p: Fraction(float(p)), 1, 1)(frozen.kernel)
    return replace(frozen, kernel=rows / rows.sum(axis=-1, keepdims=True))


def ball(number: float | Fraction) -> arb:
    if isinstance(number, Fraction):
        return arb(fmpq(number.numerator, number.denominator))
    return arb(float(number))


def at_high_precision(function: Callable[..., list[arb]]) -> Callable[..., list[arb]]:
    def run(*args: object) -> list[arb]:
        with ctx.workprec(BITS):
            return function(*args)

    return run


@at_high_precision
def exact_values(frozen: Frozen, policy: FloatArray) -> list[arb]:
    """V^pi, the policy's rows divided by their exact sums."""
    rows = []
    for row in policy:
        total = sum((arb(float(p)) for p in row), arb(0))
        rows.append([arb(float(p)) / total for p in row])
    return _evaluate(frozen, rows)


@at_high_precision
def exact_soft_values(frozen: Frozen) -> list[arb]:
    """V* by soft policy iteration, until TV - V is far below 1e-60 of V's size."""
    values = [arb(0)] * frozen.n_states
    for _ in range(200):
        rows = [_softmax(row, frozen.eta) for row in _backup(frozen, values)]
        following = [v.mid() for v in _evaluate(frozen, rows)]
        moved = max(abs(float(a - b)) for a, b in zip(following, values, strict=True))
        values = following
        if moved <= 1e-60 * (1e-9 + max(abs(float(v)) for v in values)):
            return values
    raise AssertionError("soft policy iteration at 300 bits did not converge")


@at_high_precision
def exact_soft_policy(frozen: Frozen, values: list[arb]) -> list[list[arb]]:
    return [_softmax(row, frozen.eta) for row in _backup(frozen, values)]


def _backup(frozen: Frozen, values: list[arb]) -> list[list[arb]]:
    def q(s: int, a: int) -> arb:
        mean = sum((ball(p) * v for p, v in zip(frozen.kernel[s, a], values, strict=True)), arb(0))
        return (arb(float(frozen.reward[s, a])) + arb(frozen.gamma) * mean).mid()

    return [[q(s, a) for a in range(frozen.n_actions)] for s in range(frozen.n_states)]


def _softmax(row: list[arb], eta: float) -> list[arb]:
    weights = [((q - row[0]) / arb(eta)).exp() for q in row]
    return [w / sum(weights, arb(0)) for w in weights]


def _evaluate(frozen: Frozen, rows: list[list[arb]]) -> list[arb]:
    size, gamma, eta = frozen.n_states, arb(frozen.gamma), arb(frozen.eta)
    system, right = [], []
    for s, row in enumerate(rows):
        played = [(a, p) for a, p in enumerate(row) if p > 0]
        right.append(sum((p * (arb(float(frozen.reward[s, a])) - eta * p.log()) for a, p in played), arb(0)))
        for t in range(size):
            mass = sum((p * ball(frozen.kernel[s, a, t]) for a, p in played), arb(0))
            system.append(arb(int(s == t)) - gamma * mass)
    solution = arb_mat(size, size, system).solve(arb_mat(size, 1, right))
    return [solution[s, 0] for s in range(size)]


def distance(values: list[arb], computed: FloatArray) -> float:
    """max_s |values(s) - computed(s)|, the difference taken at high precision."""
    with ctx.workprec(BITS):
        return max(float(abs(v - arb(float(c))).upper()) for v, c in zip(values, computed, strict=True))


def mean_gap(upper: list[arb], lower: list[arb], weights: FloatArray) -> arb:
    with ctx.workprec(BITS):
        return sum((arb(float(w)) * (a - b) for w, a, b in zip(weights, upper, lower, strict=True)), arb(0))


def exact_stationary(chain: FloatArray) -> list[Fraction]:
    """The stationary law of the chain whose rows are divided by their exact sums, in rational arithmetic."""
    size = len(chain)
    rows = [[p if isinstance(p, Fraction) else Fraction(float(p)) for p in row] for row in chain]
    rows = [[p / sum(row) for p in row] for row in rows]
    system = [[rows[s][t] - (s == t) for s in range(size)] for t in range(size - 1)] + [[Fraction(1)] * size]
    matrix = fmpq_mat(size, size, [fmpq(x.numerator, x.denominator) for row in system for x in map(Fraction, row)])
    solution = matrix.solve(fmpq_mat(size, 1, [0] * (size - 1) + [1]))
    return [Fraction(int(solution[s, 0].p), int(solution[s, 0].q)) for s in range(size)]


def gth(chain: FloatArray) -> FloatArray:
    """Grassmann, Taksar and Heyman's elimination for an irreducible chain: no subtraction, so no cancellation."""
    p = chain.copy()
    for n in range(len(p) - 1, 0, -1):
        p[:n, n] /= p[n, :n].sum()
        p[:n, :n] += np.outer(p[:n, n], p[n, :n])
    law = np.ones(len(p))
    for n in range(1, len(p)):
        law[n] = law[:n] @ p[:n, n]
    return law / law.sum()


def exact_law(frozen: Frozen, rows: list[list[arb]], mu: FloatArray, M: int) -> list[arb]:
    """mu, divided by its exact sum, after M steps under the policy `rows`."""
    size = frozen.n_states
    with ctx.workprec(BITS):
        chain = arb_mat(size, size, [
            sum((p * ball(frozen.kernel[s, a, t]) for a, p in enumerate(rows[s])), arb(0))
            for s in range(size) for t in range(size)
        ])  # fmt: skip
        law = arb_mat(1, size, [arb(float(m)) for m in mu]) * chain**M
        total = sum((law[0, s] for s in range(size)), arb(0))
        return [law[0, s] / total for s in range(size)]


def best_deterministic(frozen: Frozen) -> FloatArray:
    """max over all deterministic policies of the unregularised V, by enumeration."""
    size = frozen.n_states
    best = np.full(size, -np.inf)
    for actions in itertools.product(range(frozen.n_actions), repeat=size):
        rows = np.arange(size), np.array(actions)
        system = np.eye(size) - frozen.gamma * frozen.kernel[rows]
        best = np.maximum(best, np.linalg.solve(system, frozen.reward[rows]))
    return best
