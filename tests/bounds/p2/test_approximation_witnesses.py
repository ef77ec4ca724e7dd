"""The witnesses against printed statements of P2 on approximation: their numbers a second time, in fractions."""

from __future__ import annotations

import math
from fractions import Fraction

import numpy as np
import pytest

from mfbounds.bounds.ledger import find_statement, ledger
from mfbounds.bounds.problems import problem_of
from mfbounds.bounds.statement import DefectKind, Tier
from mfbounds.games.dynamic.catalogue import build_dynamic
from mfbounds.symmetry.heterogeneity import heterogeneity
from mfbounds.verification.check import check_case
from mfbounds.verification.status import Status
from mfbounds.verification.verdict import Verdict
from mfbounds.verification.witness import replay, replay_defect, save_witness

OWN = ("P2.Def.7", "P2.Def.8", "P2.L.2", "P2.Ex.1", "P2.T.1", "P2.eq7", "P2.eq9", "P2.eq12", "P2.L.10")
FALSE = {d.name: (s, d) for s in ledger() if s.id in OWN for d in s.defects if d.kind is DefectKind.FALSE}


def verdict(name: str) -> Verdict:
    return replay_defect(*FALSE[name])


def mean_imbalance(n_others: int) -> Fraction:
    """E|Bin(K, 1/2)/K - 1/2|, K even: de Moivre's closed form."""
    half = n_others // 2
    return Fraction(half * math.comb(n_others, half), 2**n_others) / n_others


@pytest.mark.parametrize("name", FALSE)
def test_witness_violates_by_more_than_rounding_and_no_proved_bound_with_it(name: str) -> None:
    statement, defect = FALSE[name]
    assert defect.witness is not None
    witness = defect.witness()
    assert witness.bound in defect.bounds
    found = verdict(name)
    assert found.status is Status.VIOLATED
    assert found.lhs > 1.2 * found.rhs
    problem = problem_of(witness.game)
    for bound in statement.bounds:
        if bound.tier is not Tier.PRINTED:
            assert check_case(statement, bound, problem, witness.case).status is not Status.VIOLATED


@pytest.mark.parametrize("name", ["T.1(a)", "T.1(b)", "Def.7(a)", "eq9(a)", "L.10(a)"])
def test_witness_survives_a_file(name: str, tmp_path: object) -> None:
    path = f"{tmp_path}/witness.npz"
    save_witness(verdict(name), path)
    again = replay(path)
    assert (again.status, again.lhs) == (Status.VIOLATED, verdict(name).lhs)


def test_W1_ordered_pair() -> None:
    """At one other in each state the average of Sym P^i over the players moves with (1/3)(1/2) = 1/6."""
    found = verdict("Def.7(a)")
    assert found.lhs == pytest.approx(float(2 * (1 - Fraction(1, 6))), rel=1e-14)
    assert abs(found.rhs) < 1e-12
    assert heterogeneity(build_dynamic("ordered_pair")).alpha.value == pytest.approx(5 / 3, rel=1e-13)


@pytest.mark.parametrize(("n", "p"), [(4, 0.5), (7, 0.25)])
def test_W2_one_player_stays(n: int, p: float) -> None:
    statement = find_statement("P2.eq9")
    problem = problem_of(build_dynamic("one_stays", n_players=n, p=p))
    policy = np.ones((2, 2, 1))
    case = {"policy": policy, "deviation": policy, "player": 0, "h": 1}
    found = check_case(statement, statement.bound("printed / TV = l1"), problem, case)
    assert found.status is Status.VIOLATED
    assert found.rhs == 0.0
    assert found.lhs == pytest.approx(2 * p * (n - 1) / n, rel=1e-12)
    assert problem.primitives["alpha"].value == pytest.approx(2 * p * (n - 1) / n, rel=1e-12)


def test_W3_unbalanced_crowd() -> None:
    found = verdict("T.1(b)")
    assert found.lhs == pytest.approx(float(2 * mean_imbalance(10_000)), rel=1e-10)
    assert found.rhs == pytest.approx(48 / 10_001, rel=1e-9)
    assert (round(found.lhs, 5), round(found.rhs, 5)) == (0.00798, 0.00480)
    assert verdict("eq12(a)").rhs == pytest.approx(24 / 10_001, rel=1e-9)


def test_W3_the_ratio_grows_like_the_square_root_of_N() -> None:
    """E|Bin(K, 1/2)/K - 1/2| ~ 1/sqrt(2 pi K), so that 2 E/(48/N) ~ sqrt(N/(2 pi))/24, about sqrt N/60."""
    statement = find_statement("P2.T.1")
    always_0 = np.tile([1.0, 0.0], (2, 2, 1))
    for n, violated in ((2_001, False), (5_001, True), (20_001, True)):
        problem = problem_of(build_dynamic("unbalanced", n_players=n))
        found = check_case(statement, statement.bounds[0], problem, {"policy": always_0})
        assert (found.status is Status.VIOLATED) is violated
        assert found.lhs / found.rhs == pytest.approx(math.sqrt(n / (2 * math.pi)) / 24, rel=1e-3)


def test_W4_one_shot() -> None:
    found = verdict("T.1(a)")
    assert found.lhs == pytest.approx(float(mean_imbalance(100)), rel=1e-10)
    assert found.rhs == pytest.approx(3 / 101, rel=1e-9)
    assert (round(found.lhs, 5), round(found.rhs, 5)) == (0.03979, 0.02970)


def test_W6_interpolation_that_jumps() -> None:
    assert verdict("Ex.1(a)").lhs == 0.75  # h(1) = 3/4, interpolated 0
    found = verdict("Ex.1(b)")
    assert found.lhs == pytest.approx(0.04 * 0.75 + 0.96 * 0.5, rel=1e-12)
    assert round(found.lhs, 2) == 0.51


def test_first_steps_of_a_population_that_never_moves() -> None:
    """Four players in two states: E|n/4 - 1/2| * 2 = 3/8 in l1; l2: the variance 1/4/4 of both shares, 1/8."""
    counts = [Fraction(math.comb(4, k), 16) for k in range(5)]
    assert verdict("eq7(a)").lhs == pytest.approx(
        float(sum(p * 2 * abs(Fraction(k, 4) - Fraction(1, 2)) for k, p in enumerate(counts))), rel=1e-11
    )
    assert verdict("L.10(a)").lhs == pytest.approx(1 / 8, rel=1e-10)
    assert verdict("eq7(a)").rhs == verdict("L.10(a)").rhs == 0.0
