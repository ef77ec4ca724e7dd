"""The verifier verified: statements whose findings are known beforehand must each be called what they are."""

from __future__ import annotations

import math

import numpy as np
import pytest
import sympy as sp

from mfbounds.bounds.problem import Parameters, Problem
from mfbounds.bounds.statement import Tier
from mfbounds.bounds.symbols import L, R, gamma, tau
from mfbounds.errors import InputError, NotConvergedError, NotUnichainError, UnknownNameError
from mfbounds.numbers import Cause, Measured
from mfbounds.verification.check import check, check_case, check_problem
from mfbounds.verification.status import Status

from . import fakes


@pytest.fixture
def game():
    return fakes.two_doors()


def only(verdicts):
    (verdict,) = verdicts
    return verdict


def test_true_statement_holds(game):
    verdict = only(check(fakes.statement(fakes.bound(2 * R)), game))
    assert verdict.status is Status.HOLDS
    assert (verdict.lhs, verdict.rhs, verdict.lhs_error) == (1.0, 2.0, 0.0)
    assert verdict.slack == pytest.approx(2.0, rel=1e-12)
    assert verdict.trivial == pytest.approx(10.0, rel=1e-15)


def test_false_statement_is_violated(game):
    verdict = only(check(fakes.statement(fakes.bound(R / 2)), game))
    assert verdict.status is Status.VIOLATED
    assert "left 1 > right 0.5" in verdict.reason
    assert verdict.slack_decades == pytest.approx(math.log10(0.5), rel=1e-12)


def test_vacuous_statement_is_vacuous(game):
    verdict = only(check(fakes.statement(fakes.bound(R / (1 - gamma) ** 3)), game))
    assert verdict.status is Status.VACUOUS
    assert verdict.vacuity_decades == pytest.approx(2.0, abs=1e-9)


def test_bound_equal_to_the_trivial_one_is_vacuous(game):
    assert only(check(fakes.statement(fakes.bound(fakes.TRIVIAL)), game)).status is Status.VACUOUS


@pytest.mark.parametrize("holds", [False, None])
def test_failing_or_open_hypothesis_is_not_applicable_and_shows_the_number(game, holds):
    inequality = fakes.bound(R / 2, hypotheses=(fakes.hypothesis(True, 0.5), fakes.hypothesis(holds, 1.25)))
    verdict = only(check(fakes.statement(inequality), game))
    assert verdict.status is Status.NOT_APPLICABLE
    assert verdict.reason == "A-0: C_op == 1.25, must be < 1"
    assert [result.holds for result in verdict.hypotheses] == [True, holds]


def test_nothing_is_measured_when_no_inequality_applies(game):
    def fail(problem, case):
        raise AssertionError("measured for nothing")

    inapplicable = fakes.bound(R, hypotheses=(fakes.hypothesis(False, 2.0),))
    assert only(check(fakes.statement(inapplicable, measure=fail), game)).status is Status.NOT_APPLICABLE


@pytest.mark.parametrize("cause", list(Cause))
def test_error_budget_that_does_not_decide_is_inconclusive_and_names_the_cause(game, cause):
    verdict = only(check(fakes.statement(fakes.bound(R), measure=fakes.always(0.99, 0.02, cause)), game))
    assert verdict.status is Status.INCONCLUSIVE
    assert cause.value in verdict.reason
    assert "below 0.01 decides" in verdict.reason
    assert verdict.errors == {cause.value: pytest.approx(0.02, rel=1e-6)}


def test_error_shares_are_split_by_cause(game):
    def measure(problem, case):
        return {"x": Measured(1.0, 0.25, Cause.MONTE_CARLO), "y": Measured(3.0, 1e-3)}

    inequality = fakes.bound(2 * fakes.measured("y") - sp.Rational(11, 2))
    errors = only(check(fakes.statement(inequality, measure=measure), game)).errors
    assert errors == {
        "Monte Carlo": pytest.approx(0.25, rel=1e-6),
        "rounding": pytest.approx(2e-3, rel=1e-6),
    }


def test_exact_zeros_on_both_sides_are_fine_but_zero_up_to_rounding_is_not(game):
    nothing = fakes.bound(0 * R, trivial=1)
    assert only(check(fakes.statement(nothing, measure=fakes.always(0.0)), game)).status is Status.HOLDS
    verdict = only(check(fakes.statement(nothing, measure=fakes.always(0.0, 1e-16)), game))
    assert verdict.status is Status.INCONCLUSIVE
    assert "only exact values decide" in verdict.reason


@pytest.mark.parametrize("value", [math.nan, math.inf])
def test_measurement_without_a_value_is_inconclusive(game, value):
    verdict = only(check(fakes.statement(fakes.bound(R), measure=fakes.always(value, 1.0)), game))
    assert verdict.status is Status.INCONCLUSIVE


def test_division_by_zero_is_not_defined_here_and_says_where(game):
    verdict = only(check(fakes.statement(fakes.bound(1 / (R - 1))), game))
    assert verdict.status is Status.NOT_APPLICABLE
    assert verdict.reason.startswith("not defined here: ")
    assert "R - 1 == 0" in verdict.reason


def test_division_by_something_that_may_be_zero_is_inconclusive(game):
    inequality = fakes.bound(1 / fakes.measured("y"))
    measure = fakes.always(1.0)

    def both(problem, case):
        return {**measure(problem, case), "y": Measured(0.0, 1e-9)}

    assert only(check(fakes.statement(inequality, measure=both), game)).status is Status.INCONCLUSIVE


def test_infinite_constant_is_not_defined_here(game):
    inequality = fakes.bound(R + sp.Symbol("z"), extra=lambda *_: {"z": Measured(math.inf)})
    verdict = only(check(fakes.statement(inequality), game))
    assert (verdict.status, verdict.reason) == (Status.NOT_APPLICABLE, "not defined here: z infinite")


def test_right_side_beyond_float64_is_decided_and_its_logarithm_is_there(game):
    verdict = only(check(fakes.statement(fakes.bound((1 - gamma) ** -400)), game))
    assert verdict.status is Status.VACUOUS
    assert verdict.rhs == math.inf
    assert verdict.rhs_log10 == pytest.approx(400.0, abs=1e-9)
    assert verdict.slack_decades == pytest.approx(400.0, abs=1e-9)
    assert "10^400.0" in verdict.reason


def test_negative_left_side_holds_with_infinite_slack(game):
    inequality = fakes.bound(0 * R, left=fakes.SIGNED, trivial=1)
    verdict = only(check(fakes.statement(inequality, measure=fakes.always(-0.5, 1e-3)), game))
    assert verdict.status is Status.HOLDS
    assert verdict.slack == math.inf


def test_most_telling_case_violated_first(game):
    # x = 4/L against 3/L + 0.5: violated exactly for L < 2.
    verdict = only(check(fakes.statement(fakes.bound(3 / L + sp.Rational(1, 2)), measure=fakes.decaying), game))
    assert (verdict.status, verdict.case["L"]) == (Status.VIOLATED, 1)
    assert verdict.counts[Status.VIOLATED] == 1
    assert sum(verdict.counts.values()) == 8


def test_most_telling_case_is_the_tightest_of_those_that_hold(game):
    # slack of 8/L + 1/L^2 against 4/L falls with L.
    verdict = only(check(fakes.statement(fakes.bound(8 / L + 1 / L**2), measure=fakes.decaying), game, L=(3, 10, 40)))
    assert (verdict.status, verdict.case["L"]) == (Status.HOLDS, 40)


def test_useful_on_one_case_is_not_vacuous(game):
    # 40/L is below R/(1-gamma) = 10 for L > 4 only; the tightest case is L = 1.
    verdict = only(check(fakes.statement(fakes.bound(40 / L + L), measure=fakes.decaying), game, L=(1, 8)))
    assert verdict.status is Status.VACUOUS
    verdict = only(check(fakes.statement(fakes.bound(40 / L), measure=fakes.decaying), game, L=(1, 8)))
    assert (verdict.status, verdict.case["L"]) == (Status.HOLDS, 8)
    assert verdict.counts == {"vacuous": 1, "holds": 1}


def test_inequality_is_silent_on_cases_it_does_not_speak_about(game):
    late = fakes.bound(R / 2, where=lambda case: case["L"] >= 1000)
    verdict = only(check(fakes.statement(late), game))
    assert verdict.status is Status.NOT_APPLICABLE
    assert "none of the 8 cases" in verdict.reason


def test_statement_without_a_case_is_not_applicable(game):
    verdict = only(check(fakes.statement(fakes.bound(R / 2), cases=lambda *_: iter(())), game))
    assert (verdict.status, verdict.reason) == (Status.NOT_APPLICABLE, "no case on this game")


@pytest.mark.parametrize(
    ("error", "status"),
    [(NotUnichainError, Status.NOT_APPLICABLE), (NotConvergedError, Status.INCONCLUSIVE)],
)
@pytest.mark.parametrize("place", ["measure", "cases"])
def test_games_that_cannot_be_measured_are_findings_not_crashes(game, error, status, place):
    def fail(*arguments):
        raise error("residual == 0.1, must be < 1e-9")

    def failing_cases(problem):
        yield from ()
        fail()

    more = {"measure": fail} if place == "measure" else {"cases": failing_cases}
    verdict = only(check(fakes.statement(fakes.bound(R), **more), game))
    assert verdict.status is status
    assert "residual == 0.1" in verdict.reason


def test_each_case_is_measured_once_for_all_inequalities(game):
    calls = []

    def measure(problem, case):
        calls.append(case["L"])
        return fakes.decaying(problem, case)

    bounds = [fakes.bound(8 / L, tier=tier) for tier in Tier]
    assert len(check(fakes.statement(*bounds, measure=measure), game)) == 3
    assert calls == list(Parameters().L)


def test_violation_that_does_not_come_back_is_not_believed(game):
    values = iter([5.0, 1.0])

    def unstable(problem, case):
        return {"x": Measured(next(values))}

    verdict = only(check(fakes.statement(fakes.bound(2 * R), measure=unstable), game, L=3))
    assert verdict.status is Status.INCONCLUSIVE
    assert "violated at first" in verdict.reason


def test_violation_is_replayed_from_the_serialised_case(game):
    seen = []

    def measure(problem, case):
        seen.append(case)
        return {"x": Measured(float(case["policy"][0, 0]))}

    case = {"policy": np.array([[1 / 3, 2 / 3], [0.1, 0.9]]), "M": math.inf}
    false = fakes.statement(fakes.bound(R / 10), measure=measure, cases=lambda *_: iter([case]))
    assert only(check(false, game)).status is Status.VIOLATED
    assert seen[1] is not seen[0]
    assert seen[1]["policy"].tobytes() == case["policy"].tobytes()
    assert seen[1]["M"] == math.inf


def test_hypotheses_are_evaluated_once_per_problem(game):
    calls = []

    def counted(problem, case):
        calls.append(case)
        return fakes.hypothesis(True, 0.5)(problem, case)

    cases = [{"mu": np.array([0.5, 0.5])}] * 5
    truth = fakes.statement(fakes.bound(2 * R, hypotheses=(counted,)), cases=lambda *_: iter(cases))
    check_problem(truth, Problem(game))
    assert len(calls) == 1


def test_tiers_select(game):
    verdicts = check(fakes.printed_false(), game, tiers=["printed", Tier.SHARPENED])
    assert [(v.tier, v.status) for v in verdicts] == [
        (Tier.PRINTED, Status.VIOLATED),
        (Tier.SHARPENED, Status.HOLDS),
    ]
    assert verdicts[0].defects == ("F(a)",)
    assert verdicts[1].defects == ()


def test_check_case_respects_where(game):
    statement = fakes.statement(fakes.bound(R, where=lambda case: case["L"] > 1))
    problem = Problem(game)
    assert check_case(statement, statement.bounds[0], problem, {"L": 2}).status is Status.HOLDS
    assert check_case(statement, statement.bounds[0], problem, {"L": 1}).status is Status.NOT_APPLICABLE


def test_unknown_names_are_refused(game):
    truth = fakes.statement(fakes.bound(R))
    with pytest.raises(UnknownNameError, match=r"tier == 'printd'.*'printed'"):
        check(truth, game, tiers=["printd"])
    with pytest.raises(UnknownNameError, match="parameter == 'm'"):
        check(truth, game, m=3)
    with pytest.raises(UnknownNameError):
        check("P1.C.55", game)


def test_undefined_symbol_of_a_missing_quantity_is_a_mistake_of_the_statement(game):
    with pytest.raises(InputError, match="'nowhere' is missing"):
        check(fakes.statement(fakes.bound(sp.Symbol("nowhere"))), game)


def test_constants_enter_by_tier(game):
    # tau = 1 - C_op differs between tiers; here it only has to be found and finite.
    verdicts = check(fakes.statement(fakes.bound(R + abs(tau))), game)
    assert math.isfinite(only(verdicts).rhs)
