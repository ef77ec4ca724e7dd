"""Example 1 and Appendix D.1: asymmetric congestion games, R^i = h_i(s, a, number in (s, a)) + r_i(s, a).

Everything is said of one pair (s, a): h_i(k) for k = 0..N players in it, non-increasing and in [0, 1], and r_i in [0, 1].
The number counts the player itself, so that the lifted reward is h_i(1 + K mu(s,a)) + r_i, K = N - 1. Repaired: linear
interpolation in K mu(s,a), of modulus K max |h(k+1) - h(k)|, and beta from h_i + r_i. Computed in exact fractions.
"""

from __future__ import annotations

from collections.abc import Iterator, Sequence
from fractions import Fraction

import numpy as np
import sympy as sp

from mfbounds.bounds.dynamic_problem import DynamicProblem
from mfbounds.bounds.dynamic_symbols import N
from mfbounds.bounds.statement import Bound, Case, Defect, DefectKind, Quantities, Statement, Tier, Witness
from mfbounds.bounds.statements.p2.lemma_3 import exactly
from mfbounds.bounds.symbols import measured
from mfbounds.games.dynamic.witnesses import one_stays

off_printed, off, lifted_printed = map(measured, ("off_printed", "off", "lifted_printed"))
rise_printed, rise = measured("rise_printed", signed=True), measured("rise", signed=True)
change_printed, change, d_u, slope = map(measured, ("change_printed", "change", "d_u", "slope"))
beta_i, spread_h, spread_hr = map(measured, ("beta_i", "spread_h", "spread_hr"))

PLAYERS = 100  # in exact fractions
GRID = 1024  # values are multiples of its inverse: products of them stay exact in float64, and equalities are decided

QUANTITIES = {
    "off_printed": (r"|\tilde h_i(k/N)-h_i(k)|", "distance of the printed interpolation from h where it should be h"),
    "off": (r"|g_i(k/K)-h_i(1+k)|", "the same of linear interpolation in K mu(s,a)"),
    "lifted_printed": (r"|h_i(N\mu)-h_i(1+K\mu)|_{\mu=0}", "error of the printed lifted reward where nobody else is"),
    "rise_printed": (
        r"\tilde h_i(u_1)-\tilde h_i(u_2)",
        "by how much the printed interpolation rises from u_2 to u_1 > u_2",
    ),
    "rise": (r"g_i(u_1)-g_i(u_2)", "the same of linear interpolation"),
    "change_printed": (r"|\tilde h_i(u_1)-\tilde h_i(u_2)|", "change of the printed interpolation"),
    "change": (r"|g_i(u_1)-g_i(u_2)|", "change of linear interpolation"),
    "d_u": (r"|u_1-u_2|", "distance of the two shares"),
    "slope": (r"\max_k|h_i(k+1)-h_i(k)|", "largest change of h by one player"),
    "beta_i": (r"\max_{i,k}|h_i(k)+r_i-\tfrac1N\sum_j(h_j(k)+r_j)|", "beta of the pair, by its definition"),
    "spread_h": (r"\max_{i,j,k}|h_i(k)-h_j(k)|", "largest difference of two players' h"),
    "spread_hr": (r"\max_{i,j,k}|h_i(k)+r_i-h_j(k)-r_j|", "largest difference of two players' h + r"),
}


def cases(problem: DynamicProblem) -> Iterator[Case]:
    """Random non-increasing h_i, players near each other and far apart in turn, with r_i."""
    n, rng = problem.game.n_players, problem.rng("Ex.1")
    if n > PLAYERS:
        return
    for i in range(2 + problem.parameters.draws):
        own, common = (-np.sort(-rng.integers(GRID + 1, size=(size, n + 1)), axis=1) for size in (n, 1))
        share = (1, 16)[i % 2]  # sixteenths of each player's own
        u_2, u_1 = np.sort(rng.choice(GRID + 1, size=2, replace=False)) / GRID
        yield {
            "h": ((16 - share) * common + share * own) / (16 * GRID),
            "r": share * rng.integers(GRID + 1, size=n) / (16 * GRID) if i % 3 else np.zeros(n),
            "k": int(rng.integers(n)),
            "player": int(rng.integers(n)),
            "u_1": float(u_1),
            "u_2": float(u_2),
        }


def measure(problem: DynamicProblem, case: Case) -> Quantities:
    """Everything in fractions; numbers that are 0 are exactly 0."""
    tables = [[Fraction(float(value)) for value in row] for row in case["h"]]
    prices = [Fraction(float(value)) for value in case["r"]]
    h, n, k = tables[case["player"]], len(tables), case["k"]
    u_1, u_2 = Fraction(case["u_1"]), Fraction(case["u_2"])
    printed = [printed_interpolation(h, u) for u in (Fraction(k, n), u_1, u_2)]
    repaired = [interpolation(h, u) for u in (Fraction(k, n - 1), u_1, u_2)]
    found: dict[str, Fraction] = {
        "off_printed": abs(printed[0] - h[k]),
        "off": abs(repaired[0] - h[1 + k]),
        "lifted_printed": abs(h[0] - h[1]),
        "change_printed": abs(printed[1] - printed[2]),
        "change": abs(repaired[1] - repaired[2]),
        "d_u": abs(u_1 - u_2),
        "slope": max(abs(h[j + 1] - h[j]) for j in range(1, n)),
        "rise_printed": printed[1] - printed[2],
        "rise": repaired[1] - repaired[2],
        **_betas(tables, prices),
    }
    return {name: exactly(value) for name, value in found.items()}


def printed_interpolation(h: Sequence[Fraction], u: Fraction) -> Fraction:
    """D.1, literally: (Nu - floor(Nu)) h(floor(Nu)) + (ceil(Nu) - Nu) h(ceil(Nu)); h has the entries 0..N."""
    place = (len(h) - 1) * u
    low, high = place.__floor__(), place.__ceil__()
    return (place - low) * h[low] + (high - place) * h[high]


def interpolation(h: Sequence[Fraction], u: Fraction) -> Fraction:
    """(1 - f) h(1 + k) + f h(2 + k), k = floor(K u), f = K u - k: what the player sees when the share u is with it."""
    place = (len(h) - 2) * u
    k = min(place.__floor__(), len(h) - 3) if len(h) > 2 else 0
    f = place - k
    return (1 - f) * h[1 + k] + f * h[min(2 + k, len(h) - 1)]


def _betas(tables: Sequence[Sequence[Fraction]], prices: Sequence[Fraction]) -> dict[str, Fraction]:
    """beta of the pair by definition, and the largest differences of two players, with at least the player in it."""
    n = len(tables)
    columns = [[row[k] for row in tables] for k in range(1, n + 1)]
    paid = [[value + price for value, price in zip(column, prices, strict=True)] for column in columns]
    return {
        "beta_i": max(abs(value - sum(column, Fraction(0)) / n) for column in paid for value in column),
        "spread_h": max(max(column) - min(column) for column in columns),
        "spread_hr": max(max(column) - min(column) for column in paid),
    }


def _witness(form: str, **case: object) -> Witness:
    """h(k) = 1 - k/4 for all of four players, r = 0 unless told."""
    h = np.tile(1 - np.arange(5) / 4, (4, 1))
    known = {"h": h, "r": np.zeros(4), "k": 1, "player": 0, "u_1": 0.26, "u_2": 0.25, **case}
    return Witness(game=one_stays(), case=known, bound=f"printed / {form} / TV = l1")


def _zero_at_integers() -> Witness:
    return _witness("extension")


def _rising() -> Witness:
    """0 at u = .25 and .04 x .75 + .96 x .5 = .51 at u = .26."""
    return _witness("non-increasing")


def _steep() -> Witness:
    return _witness("Lipschitz")


def _alone() -> Witness:
    """h(1) - h(0): a player that is alone counts itself."""
    return _witness("lifted")


def _prices() -> Witness:
    """h_i equal, r = (1, 0, 0, 0): printed 0, beta 3/4."""
    return _witness("beta", r=np.array([1.0, 0.0, 0.0, 0.0]))


ONE, ZERO = sp.Integer(1), sp.Integer(0)

STATEMENT = Statement(
    id="P2.Ex.1",
    title="Asymmetric congestion games",
    source="Section 3, Example 1; Appendix D.1",
    claim="Congestion games with players' own prices are extended by interpolation to the simplex, with a non-increasing and "
    "Lipschitz h, and beta is at most the largest difference of two players' h.",
    quantities=QUANTITIES,
    cases=cases,
    measure=measure,
    bounds=(
        Bound(tier=Tier.PRINTED, form="extension", left=off_printed, right=ZERO, trivial=ONE),
        Bound(tier=Tier.PRINTED, form="non-increasing", left=rise_printed, right=ZERO, trivial=ONE),
        Bound(tier=Tier.PRINTED, form="Lipschitz", left=change_printed, right=d_u, trivial=ONE),
        Bound(tier=Tier.PRINTED, form="lifted", left=lifted_printed, right=ZERO, trivial=ONE),
        Bound(tier=Tier.PRINTED, form="beta", left=beta_i, right=spread_h, trivial=sp.Integer(2)),
        Bound(tier=Tier.REPAIRED, form="extension", left=off, right=ZERO, trivial=ONE),
        Bound(tier=Tier.REPAIRED, form="non-increasing", left=rise, right=ZERO, trivial=ONE),
        Bound(tier=Tier.REPAIRED, form="Lipschitz", left=change, right=(N - 1) * slope * d_u, trivial=ONE),
        Bound(tier=Tier.REPAIRED, form="beta", left=beta_i, right=spread_hr, trivial=sp.Integer(2)),
        Bound(tier=Tier.SHARPENED, form="beta", left=beta_i, right=(1 - 1 / N) * spread_hr, trivial=sp.Integer(2)),
    ),
    defects=(
        Defect(
            name="Ex.1(a)",
            text="The weights of the interpolation are swapped, and both are 0 at integers: it is no extension of h.",
            kind=DefectKind.FALSE,
            bounds=("printed / extension / TV = l1",),
            witness=_zero_at_integers,
        ),
        Defect(
            name="Ex.1(b)",
            text="'Clearly monotonically decreasing': for h(k) = 1 - k/4 the printed interpolation is 0 at u = .25 and .51 at "
            "u = .26.",
            kind=DefectKind.FALSE,
            bounds=("printed / non-increasing / TV = l1",),
            witness=_rising,
        ),
        Defect(
            name="Ex.1(c)",
            text="As printed, 'h(u_1) - h(u_2) <= |u_1 - u_2| for u_1 > u_2' says nothing of a non-increasing function. Read "
            "with an absolute value it is false: the modulus of an interpolation is K max |h(k+1) - h(k)|, and the printed "
            "one jumps.",
            kind=DefectKind.FALSE,
            bounds=("printed / Lipschitz / TV = l1",),
            witness=_steep,
        ),
        Defect(
            name="Ex.1(d)",
            text="The sum over j = 1..N counts the player itself, so the lifted reward is h_i(1 + K mu(s,a)), not h_i(N mu(s,a)); "
            "N mu is not even an integer on Delta_{X,N-1}.",
            kind=DefectKind.FALSE,
            bounds=("printed / lifted / TV = l1",),
            witness=_alone,
        ),
        Defect(
            name="Ex.1(e)",
            text="The printed beta ignores the prices r_i: with equal h_i it is 0, and players with different prices differ.",
            kind=DefectKind.FALSE,
            bounds=("printed / beta / TV = l1",),
            witness=_prices,
        ),
        Defect(
            name="Ex.1(f)",
            text="alpha is announced and never given: it is max ||P^i - mean_j P^j||_1. A bracket is missing in R^i, which lies in "
            "[0, 2]; non-increasing h make the game weakly monotone only, which Definition 10 is not.",
            kind=DefectKind.UNDEFINED,
        ),
    ),
    aliases=("P2.D.1", "P2.Example 1"),
)
