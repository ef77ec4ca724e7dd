"""The decision procedure: known truths and falsehoods, exact counterexamples, honest silence."""

from __future__ import annotations

from fractions import Fraction

import pytest
import sympy as sp
from hypothesis import given, settings
from hypothesis import strategies as st

from mfbounds.bounds.statement import Tier
from mfbounds.verification.referee.algebra import Outcome, Relation, Step, decide
from mfbounds.verification.referee.signs import nonnegative, rises
from mfbounds.verification.referee.steps import all_steps

x, y, z, b = sp.symbols("x y z beta")
POSITIVE, SHARE, REAL = (0, sp.oo), (0, 1), (-sp.oo, sp.oo)


def step(left, relation, right, **domain) -> Step:
    intervals = {sp.Symbol(name): interval for name, interval in domain.items()}
    return Step(
        statement="P1.C.5", tier=Tier.PRINTED, name="", source="", left=sp.sympify(left), right=sp.sympify(right),
        relation=Relation(relation), domain=intervals,
    )  # fmt: skip


TRUE = {
    "square": step((x + y) ** 2, "=", x**2 + 2 * x * y + y**2, x=REAL, y=REAL),
    "means": step(x * y, "<=", (x**2 + y**2) / 2, x=REAL, y=REAL),
    "on an interval": step(x**2, "<=", x, x=SHARE),
    "dependent ends": step(y, "<", x, x=POSITIVE, y=(0, x)),
    "discriminant": step(2 * x * y, "<=", x**2 + 2 * y**2 + z, x=REAL, y=REAL, z=POSITIVE),
    "roots": step(0, "<=", x**4 - 2 * x**2 + sp.Rational(11, 10), x=POSITIVE),
    "exponential": step(1 + x, "<=", sp.exp(x), x=POSITIVE),
    "logarithm": step(sp.log(1 + x), "<=", x, x=POSITIVE),
}
FALSE = {
    "a lost factor": step(x * y, "<=", (x**2 + y**2) / 3, x=POSITIVE, y=POSITIVE),
    "a wrong identity": step((x + y) ** 2, "=", x**2 + y**2, x=POSITIVE, y=POSITIVE),
    "strict at equality": step(x, "<", x, x=SHARE),
    "beyond the interval": step(x**2, "<=", x, x=(0, 2)),
    "logarithm": step(x, "<=", sp.log(1 + x), x=POSITIVE),
    "of numbers": step(2, "<=", 1),
}


@pytest.mark.parametrize("name", TRUE)
def test_true_claims_are_proved(name: str) -> None:
    assert decide(TRUE[name]).outcome is Outcome.PROVED, decide(TRUE[name])


@pytest.mark.parametrize("name", FALSE)
def test_false_claims_are_refuted(name: str) -> None:
    assert decide(FALSE[name]).outcome is Outcome.REFUTED


def test_counterexamples_are_exact_and_inside_the_domain() -> None:
    for claim in (FALSE["a lost factor"], FALSE["beyond the interval"]):
        found = {sp.Symbol(key): sp.Rational(value) for key, value in decide(claim).counterexample.items()}
        assert claim.left.subs(found) > claim.right.subs(found)
        assert all(0 < value for value in found.values())


def test_what_cannot_be_decided_is_left_open() -> None:
    """Motzkin's polynomial is >= 0 and no sum of squares; sin is not in the language of the derivatives' signs."""
    motzkin = step(3 * x**2 * y**2, "<=", x**4 * y**2 + x**2 * y**4 + 1, x=REAL, y=REAL)
    assert decide(motzkin).outcome is not Outcome.REFUTED


@settings(max_examples=60, deadline=None, derandomize=True)
@given(st.lists(st.integers(-3, 3), min_size=6, max_size=6))
def test_a_proved_quadratic_is_nonnegative_on_a_grid(numbers: list[int]) -> None:
    a, c, d, e, f, g = numbers
    form = a * x**2 + c * y**2 + d * x * y + e * x + f * y + g
    if nonnegative(sp.expand(form), [x, y]):
        grid = [Fraction(i, 3) for i in range(13)]
        values = sp.lambdify((x, y), form)
        assert min(values(s, t) for s in grid for t in grid) >= 0


def test_the_printed_slips_are_found_and_the_true_steps_are_proved() -> None:
    outcomes = {(item.statement, item.tier, item.name): decide(item).outcome for item in all_steps()}
    for key in (
        ("P1.C.5", Tier.PRINTED, "the coefficients of T_2 add up"),  # 3/2 beta for 2 beta
        ("P1.D.4", Tier.PRINTED, "the coefficients of E_2 add up"),  # - 3 beta for + 3 beta
        ("P1.D.4", Tier.PRINTED, "the coefficients of T_2 add up"),
        ("P1.E.2", Tier.PRINTED, "(37): J(pi) - J(pi_mu) = eta D"),
    ):
        assert outcomes[key] is Outcome.REFUTED
    assert Outcome.OPEN not in outcomes.values()
    assert all(outcome is Outcome.PROVED for (_, tier, _), outcome in outcomes.items() if tier is not Tier.PRINTED)
    assert sum(outcome is Outcome.PROVED for outcome in outcomes.values()) >= 30


def test_nothing_is_concluded_beyond_a_pole() -> None:
    """1/2/(13/10 - x) + log(1 + x) is positive at 0 and rises on both sides of its pole; right of it, it is negative."""
    claim = step(0, "<=", sp.Rational(1, 2) / (sp.Rational(13, 10) - x) + sp.log(1 + x), x=POSITIVE)
    assert claim.right.subs(x, sp.Rational(131, 100)).evalf() < -40
    assert decide(claim).outcome is not Outcome.PROVED
    t = sp.Symbol("t", positive=True)
    assert not rises(sp.log((2 - t) ** 2) + t, t)
    assert not rises(sp.Abs(t - 1), t)
    assert rises(t - sp.log(1 + t), t)


def test_a_strict_claim_is_not_proved_by_a_difference_that_may_vanish() -> None:
    claim = step(sp.log(x) + sp.log(1 + x), "<", sp.log(x * (1 + x)), x=POSITIVE)
    assert decide(claim).outcome is not Outcome.PROVED


def test_values_that_are_not_positive_are_not_taken_for_positive_ones() -> None:
    assert decide(step(0, "<=", x + 1, x=[-2, 3])).outcome is Outcome.REFUTED
    assert decide(step(0, "<", x, x=[3] * 40 + [0])).outcome is not Outcome.PROVED
