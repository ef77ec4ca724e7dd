"""The regularity constants of a game in exact numbers: suprema over the simplex, attained at its vertices.

They are the constants of `mfbounds.bounds.regularity` without its outward rounding. Where an enumeration would take too
long, the rounded constant stands in: an upper bound that is proved, taken as the number it is.
"""

from __future__ import annotations

from collections.abc import Iterator, Mapping
from itertools import combinations

from flint import fmpq, fmpq_mat

from mfbounds.bounds.regularity import Regularity
from mfbounds.certified.exact import ExactGame, binary
from mfbounds.certified.numbers import Number, Root

SIGN_STATES = 8  # up to it, the norm of A-1 is the largest over all 2^(S-1) sign vectors

Rows = list[list[fmpq]]


def exact_regularity(game: ExactGame, known: Regularity) -> Mapping[str, Number]:
    """L_r, L_r1, L_P, L_P_entry, L_P1, kappa_A, q; `known` are the rounded constants and the length of the block of q."""
    kernels = [_rows(kernel) for kernel in game.kernels]
    found: dict[str, Number] = {**_rewards(game), **_lipschitz(kernels, known)}
    found["kappa_A"] = _variation(kernels, _of_actions(game))
    found["q"] = _contraction(game, kernels, known)
    return found


def _rows(matrix: fmpq_mat) -> Rows:
    return [list(row) for row in matrix.tolist()]


def _rewards(game: ExactGame) -> dict[str, Number]:
    if len(game.rewards) == 1:
        return {"L_r": fmpq(0), "L_r1": fmpq(0)}
    columns = [[reward[pair, 0] for reward in game.rewards] for pair in range(game.rewards[0].nrows())]
    return {"L_r": Root(max(map(_spread, columns))), "L_r1": max((max(c) - min(c)) / 2 for c in columns)}


def _spread(values: list[fmpq]) -> fmpq:
    """The squared l2 norm of the values less their mean."""
    mean = sum(values, fmpq(0)) / len(values)
    return sum(((value - mean) ** 2 for value in values), fmpq(0))


def _lipschitz(kernels: list[Rows], known: Regularity) -> dict[str, Number]:
    if len(kernels) == 1:
        return {"L_P": fmpq(0), "L_P_entry": fmpq(0), "L_P1": fmpq(0)}
    n_states, n_rows = len(kernels), len(kernels[0])
    blocks = [[kernel[row] for kernel in kernels] for row in range(n_rows)]  # rows of the vertices, for each pair
    entry = max(_spread([row[y] for row in block]) for block in blocks for y in range(n_states))
    total = max(_l1(one, two) / 2 for block in blocks for one, two in combinations(block, 2))
    norm: Number = binary(known.L_P.value) + fmpq(n_states, 2**50)  # entries may have been rounded to float64
    if n_states <= SIGN_STATES:
        norm = Root(max(_sign_norm(block) for block in blocks))
    return {"L_P": norm, "L_P_entry": Root(entry), "L_P1": total}


def _sign_norm(block: Rows) -> fmpq:
    """The largest squared norm of K sigma over sign vectors sigma, K the block less its mean over the vertices."""
    n = len(block)
    signs = [[-1 if code >> y & 1 else 1 for code in range(2 ** (n - 1))] for y in range(n)]
    products = fmpq_mat(n, n, [x for row in block for x in row]) * fmpq_mat(
        n, 2 ** (n - 1), [x for row in signs for x in row]
    )
    return max(_spread([products[i, code] for i in range(n)]) for code in range(2 ** (n - 1)))


def _of_actions(game: ExactGame) -> Iterator[tuple[int, int]]:
    for s in range(game.n_states):
        yield from combinations(range(s * game.n_actions, (s + 1) * game.n_actions), 2)


def _variation(kernels: list[Rows], pairs: Iterator[tuple[int, int]]) -> fmpq:
    """The largest total variation between the rows of the pairs, over the vertices."""
    places = list(pairs)
    return max((_l1(kernel[i], kernel[j]) / 2 for kernel in kernels for i, j in places), default=fmpq(0))


def _l1(one: list[fmpq], two: list[fmpq]) -> fmpq:
    return sum((abs(x - y) for x, y in zip(one, two, strict=True)), fmpq(0))


def _contraction(game: ExactGame, kernels: list[Rows], known: Regularity) -> fmpq:
    """q over the block that `known` chose: rho_1 for one step, the Doeblin bound for more."""
    block = known.mixing.block
    if known.mixing.contraction >= 1.0:
        return fmpq(1)
    if block == 1 and known.rho_1.exact:
        distinct = [list({tuple(map(_key, row)): row for row in kernel}.values()) for kernel in kernels]
        return max(_variation([rows], combinations(range(len(rows)), 2)) for rows in distinct)
    reach = [[fmpq(int(s == y)) for y in range(game.n_states)] for s in range(game.n_states)]
    for _ in range(block):
        reach = _worst_step(game, kernels, reach)
    overlap = min(sum(map(min, one, two), fmpq(0)) for one in reach for two in reach)
    return max(1 - overlap, fmpq(1, 2**52)) if block > 1 else 1 - overlap  # formulas divide by powers of q


def _worst_step(game: ExactGame, kernels: list[Rows], reach: Rows) -> Rows:
    """min over actions and vertices of sum_s' P_x(s'|s,a) reach(s',y), rounded down: still a lower bound."""
    n, n_actions = game.n_states, game.n_actions
    ahead = fmpq_mat(n, n, [x for row in reach for x in row])
    products = [fmpq_mat(n * n_actions, n, [x for row in kernel for x in row]) * ahead for kernel in kernels]
    return [
        [_down(min(p[s * n_actions + a, y] for p in products for a in range(n_actions))) for y in range(n)]
        for s in range(n)
    ]


def _down(number: fmpq) -> fmpq:
    """At most the number, with a denominator of 256 bits: entries would otherwise grow with every step."""
    return fmpq((number * 2**256).floor(), 2**256) if number.q > 2**256 else number


def _key(number: fmpq) -> tuple[int, int]:
    return int(number.p), int(number.q)
