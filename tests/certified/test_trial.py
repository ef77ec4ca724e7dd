"""Certified verdicts: every witness, agreement with the computed verdicts, near ties, exact ties, and what is refused."""

from __future__ import annotations

from dataclasses import replace

import mpmath as mp
import numpy as np
import pytest
import sympy as sp

import mfbounds as mb
from mfbounds.bounds.ledger import find_statement, ledger
from mfbounds.bounds.problem import Parameters, Problem
from mfbounds.bounds.statement import Bound, Defect, Statement, Tier
from mfbounds.bounds.symbols import eta
from mfbounds.certified import MAX_PRECISION, RationalGame, certify_trial
from mfbounds.certified.measures import twins
from mfbounds.certified.trial import LADDER, certified_trials
from mfbounds.errors import NotCertifiableError
from mfbounds.games import AffineGame
from mfbounds.games.game import from_functions
from mfbounds.games.random import families, random_game, two_doors
from mfbounds.verification.check import check_case
from mfbounds.verification.findings import is_ledger_true
from mfbounds.verification.status import Status
from mfbounds.verification.trial import Trial, try_case
from mfbounds.verification.witness import replay_defect

P1 = [statement for statement in ledger() if statement.paper == "P1"]
WITNESSES = [(s, d) for s in P1 for d in s.defects if d.witness is not None]
PROBABILISTIC = {"P1.D.3", "P1.D.4", "P1.D.5"}
RANDOM_WITNESS = "D.4(a)"  # its two sides are random: its verdict rests on runs
SLOW = {"P1.D.7", "P1.C.7"}  # exponents of formulas, the same for every game


@pytest.mark.parametrize(("statement", "defect"), WITNESSES, ids=[defect.name for _, defect in WITNESSES])
def test_every_witness_is_certified(statement: Statement, defect: Defect) -> None:
    assert defect.witness is not None
    witness = defect.witness()
    ask = lambda: certify_trial(  # noqa: E731
        statement, witness.bound, witness.game, witness.case, parameters=witness.parameters
    )
    if defect.name == RANDOM_WITNESS:
        with pytest.raises(NotCertifiableError, match="probabilistic"):
            ask()
        return
    verdict = ask()
    assert verdict.status is Status.VIOLATED
    assert verdict.certified
    assert all(text.startswith("C_TRPO_") for text in verdict.certificate["assumes"]), "what the paper leaves open"
    assert f"certified at {verdict.certificate['precision']} bits" in verdict.reason


def test_every_measure_has_a_twin_or_is_probabilistic() -> None:
    assert {statement.id for statement in P1 if statement.measure not in twins()} == PROBABILISTIC


def pairs(family: str, seed: int) -> list[tuple[Statement, Bound, Trial, Trial]]:
    """Computed and certified trials of every certain inequality on the first cases of each statement."""
    problem = Problem(random_game(family, seed), Parameters(L=(1, 2, 20), K=8, draws=1))
    found = []
    for statement in P1:
        if statement.id in PROBABILISTIC | SLOW | {"P1.D.2", "P1.Alg.3"}:
            continue
        for case, _ in zip(statement.cases(problem), range(4), strict=False):
            bounds = [b for b in statement.bounds if b.failure is None and (b.where is None or b.where(case))]
            computed = try_case(statement, bounds, problem, case)
            certified = list(certified_trials(statement, bounds, problem, case))
            both = zip(bounds, computed, certified, strict=True)
            found += [(statement, b, one, two) for b, one, two in both if isinstance(two, Trial)]
    return found


@pytest.mark.parametrize("family", families())
def test_computed_and_certified_verdicts_agree(family: str) -> None:
    """The enclosure and the value with its error budget share a number; what one excludes the other does not assert."""
    trials = pairs(family, 7)
    assert len(trials) > 40
    for statement, bound, computed, certified in trials:
        where = f"{statement.id} [{bound.key}] {computed.case}"
        assert {computed.status, certified.status} not in (
            {Status.VIOLATED, Status.HOLDS},
            {Status.VIOLATED, Status.VACUOUS},
        ), where
        claimed = certified.status is not Status.NOT_APPLICABLE
        assert claimed == (computed.status is not Status.NOT_APPLICABLE), where
        same_state = statement.id != "P1.E.2"  # one looks at the worst state, the other at all of them
        if claimed and same_state and computed.left.is_finite() and certified.left.is_finite():
            assert computed.left.overlaps(certified.left), where


@pytest.mark.parametrize("family", ["dense", "contractive", "zero-rewards", "one-state", "ties"])
def test_the_ledger_is_true_of_certified_verdicts(family: str) -> None:
    for name in ("C.1", "C.2", "C.5", "E.1", "E.2", "E.6"):
        for verdict in mb.check(name, random_game(family, 4), certify=True, draws=1, L=(1, 5), K=5):
            assert is_ledger_true(verdict, find_statement(name)), str(verdict)
            assert verdict.certified or verdict.status in (Status.NOT_APPLICABLE, Status.INCONCLUSIVE)


def one_state() -> tuple[AffineGame, dict[str, object], sp.Rational, int]:
    """A game whose gap at L = 1 is known in 100 digits: 2 log(1+e) - 2 (p + H(p)), p = softmax of the halved scores."""
    game = AffineGame(np.ones((1, 2, 1)), np.array([[1.0, 0.0]]), gamma=0.5, eta=1.0)
    with mp.workdps(100):
        p = mp.sqrt(mp.e) / (1 + mp.sqrt(mp.e))
        gap = 2 * mp.log(1 + mp.e) - 2 * (p - p * mp.log(p) - (1 - p) * mp.log(1 - p))
        return game, {"mu": np.array([1.0]), "L": 1}, sp.Rational(int(mp.floor(gap * mp.mpf(10) ** 90)), 10**90), 90


@pytest.mark.parametrize("digits", [8, 25, 50])
def test_near_ties_are_decided_by_more_bits(digits: int) -> None:
    """The gap against its own value moved by 10^-digits: above it holds, below it is violated."""
    game, case, value, _ = one_state()
    statement = find_statement("C.1")
    (left,) = {bound.left for bound in statement.bounds if bound.key == "repaired"}
    for sign, status in ((1, Status.HOLDS), (-1, Status.VIOLATED)):
        bound = Bound(tier=Tier.REPAIRED, left=left, right=value + sign * sp.Rational(1, 10**digits), trivial=sp.oo)
        found = replace(statement, bounds=(bound,))
        verdict = certify_trial(found, bound.key, game, case)
        assert verdict.status is status
        assert verdict.certificate["precision"] == next(b for b in LADDER if b > digits * 3.33 + 2)
        if digits > 15:
            assert check_case(found, bound, Problem(game), case).status is Status.INCONCLUSIVE


def test_a_tie_of_transcendental_numbers_stays_open_and_tells_the_widths() -> None:
    """The gap against its own closed form at eta = 1: equal, and no precision shows it."""
    game, case, _, _ = one_state()
    statement = find_statement("C.1")
    gap = next(bound.left for bound in statement.bounds if bound.key == "repaired")
    half = sp.exp(eta / 2)
    closed = 2 * sp.log(1 + sp.exp(eta)) - half / (1 + half) - 2 * sp.log(1 + half)
    bound = Bound(tier=Tier.REPAIRED, left=gap, right=closed, trivial=sp.oo)
    verdict = certify_trial(replace(statement, bounds=(bound,)), bound.key, game, case)
    assert verdict.status is Status.INCONCLUSIVE
    assert not verdict.certified
    assert verdict.certificate["precision"] == MAX_PRECISION
    assert "the sides overlap at 848 bits, their widths" in verdict.reason


def test_exact_ties_count_as_true() -> None:
    """kappa_A ||pi - pi'||_1 is attained: two doors, and the two policies that name them. All numbers are rational."""
    game = RationalGame([[["9/10", "1/10"], ["1/10", "9/10"]]] * 2, [[0, 0], [0, 0]], gamma="1/3", eta=1)
    mu = np.array([0.5, 0.5])
    policies = {"policy": np.array([[1.0, 0.0]] * 2), "policy_2": np.array([[0.0, 1.0]] * 2)}
    case = {**policies, "mu": mu, "mu_2": mu, "xi": mu, "M": 1}
    verdict = certify_trial("E.1", "repaired", game, case)
    assert verdict.status is Status.HOLDS
    assert verdict.certificate["exactly"] == "equality"
    assert "certified exactly" in verdict.reason
    assert check_case(find_statement("E.1"), find_statement("E.1").bound("repaired"), Problem(game), case).status is (
        Status.INCONCLUSIVE
    )


@pytest.mark.parametrize("family", ["one-state", "zero-rewards", "one-action"])
def test_ties_of_degenerate_games_are_decided(family: str) -> None:
    """Both sides are exactly 0: the gap of C.1 without rewards or without a choice, the distances of C.3 on one state."""
    game = random_game(family, 3)
    names = ("C.3", "C.5", "E.5") if family == "one-state" else ("C.1", "C.2", "E.2")
    for name in names:
        for verdict in mb.check(name, game, certify=True, L=(1, 2, 5), K=3, draws=1):
            assert verdict.counts.get("inconclusive", 0) == 0, str(verdict)


def test_attained_certificates_are_recognised() -> None:
    """gap == bellman/(1-gamma) where all states offer the same choices, and at a state that no action leaves."""
    trap = RationalGame(
        [[["1/2", "1/2"], ["1/3", "2/3"]], [[0, 1], [0, 1]]], [[0, "1/10"], [0, 5]], gamma="1/2", eta=1, name="trap"
    )
    for game in (two_doors().replace(start=[0.75, 0.25]), trap):
        found = [v for v in mb.check("C.1", game, certify=True, L=(2,)) if "Bellman" in v.bound]
        assert [verdict.certificate.get("exactly") for verdict in found] == ["equality"]
        assert [verdict.status for verdict in found] == [Status.HOLDS]
    bandits = random_game("no-interaction", 43)
    assert bandits.gamma == 0.0
    for name in ("C.1", "W"):
        assert not [v for v in mb.check(name, bandits, certify=True, L=(1, 3)) if v.status is Status.INCONCLUSIVE]


def test_mutated_statements_are_certified_as_well() -> None:
    """The enclosure belongs to the measure, so that a statement with other inequalities keeps it."""
    statement = find_statement("E.4")
    bound = replace(statement.bound("sharpened"), right=statement.bound("sharpened").right / 10**6)
    game = random_game("dense", 1)
    found = [v for v in mb.check(replace(statement, bounds=(bound,)), game, certify=True) if v.certified]
    assert [verdict.status for verdict in found] == [Status.VIOLATED]


def test_probabilistic_statements_say_that_they_are_not_certified() -> None:
    game = random_game("contractive", 3, n_states=3, n_actions=2, gamma=0.3, eta=1.0)
    for verdict in mb.check("D.3", game, certify=True):
        assert not verdict.certified
        assert "not certified: P1.D.3" in verdict.reason
        assert "probabilistic" in verdict.reason


def test_games_given_by_code_are_judged_without_a_proof() -> None:
    crowd = from_functions(
        np.array([[[0.9, 0.1], [0.1, 0.9]]] * 2),
        lambda mu: np.stack([-mu, -mu], axis=1),
        n_states=2,
        n_actions=2,
        gamma=0.9,
        eta=0.1,
        reward_range=(-1.0, 0.0),
        declared={"L_r": 1.0},
    )
    for verdict in mb.check("E.3", crowd, certify=True):
        assert not verdict.certified
        assert "must be data" in verdict.reason
    with pytest.raises(NotCertifiableError, match="must be data"):
        certify_trial("E.3", "repaired / optimal values", crowd, {"mu": crowd.start, "mu_2": crowd.start})


def test_what_the_caller_vouches_for_is_named() -> None:
    """Rooms that repel: C_op = 1/2 is true and not proved. A verdict that rests on it says so."""
    game = two_doors(attraction=-1.0).replace(start=[0.9, 0.1])
    found = mb.check("C.3", game, certify=True, C_op=0.5, M=1, tiers=["repaired"])
    assert [verdict.certified for verdict in found] == [True]
    assert "assuming A-2: C_op = 0.5 < 1 at M = 1: C_op of the caller" in found[0].reason


def test_records_keep_the_certificate() -> None:
    verdict = mb.check("E.1", two_doors(), certify=True)[0]
    record = verdict.to_record()
    assert record["certificate"]["certified"] is True
    assert record["certificate"]["precision"] in LADDER
    assert "float64 numbers" in record["certificate"]["reading"]
    assert ("game read as", record["certificate"]["reading"]) in verdict._rows()
    assert mb.check("E.1", two_doors())[0].to_record()["certificate"] == {}


@pytest.mark.parametrize(
    ("name", "assumed"), [("C.1(a)", []), ("C.1(b)", ["C_TRPO_0_prime = 1.721"]), ("E.1(a)", []), ("C.6(a)", [])]
)
def test_a_value_for_what_the_paper_leaves_open_is_named_where_it_matters(name: str, assumed: list[str]) -> None:
    statement = find_statement(name[:3])
    (defect,) = (defect for defect in statement.defects if defect.name == name)
    verdict = replay_defect(statement, defect, certify=True)
    assert verdict.certified
    assert verdict.certificate["assumes"] == assumed
    assert ("assuming" in verdict.reason) == bool(assumed)
