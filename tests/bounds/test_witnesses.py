"""Every recorded defect is shown by its witness; the quoted numbers are computed here a second time, by hand."""

from __future__ import annotations

import math
from fractions import Fraction

import mpmath as mp
import numpy as np
import pytest

from mfbounds.bounds.ledger import find_statement, ledger
from mfbounds.bounds.problem import Parameters, Problem
from mfbounds.bounds.statement import Defect, DefectKind, Statement, Tier
from mfbounds.bounds.statements.p1.theorem_c1 import scaling_witness
from mfbounds.verification.check import check_case
from mfbounds.verification.status import Status
from mfbounds.verification.verdict import Verdict

mp.mp.dps = 50  # as in exact.py: the setting is global
FALSE = [(s, d) for s in ledger() for d in s.defects if d.kind is DefectKind.FALSE and s.paper == "P1"]


def replay(statement: Statement, defect: Defect) -> Verdict:
    assert defect.witness is not None
    witness = defect.witness()
    problem = Problem(witness.game, Parameters(**witness.parameters))
    return check_case(statement, statement.bound(witness.bound), problem, witness.case)


def verdict(name: str) -> Verdict:
    statement, defect = next((s, d) for s, d in FALSE if d.name == name)
    return replay(statement, defect)


@pytest.mark.parametrize(("statement", "defect"), FALSE, ids=[d.name for _, d in FALSE])
def test_witness_violates_a_bound_that_the_defect_names(statement: Statement, defect: Defect) -> None:
    assert defect.witness is not None
    assert defect.witness().bound in defect.bounds
    found = replay(statement, defect)
    assert found.status is Status.VIOLATED
    assert found.lhs > 1.2 * found.rhs, "a witness should not be a matter of rounding"


def test_defects_name_printed_bounds_only() -> None:
    names = [d.name for s in ledger() for d in s.defects]
    assert len(names) == len(set(names))
    for statement in ledger():
        for defect in statement.defects:
            assert (defect.kind is DefectKind.FALSE) == bool(defect.bounds)
            for key in defect.bounds:
                assert statement.bound(key).tier is Tier.PRINTED


def test_proved_tiers_hold_on_every_witness() -> None:
    """Where the printed bound breaks, the repaired and sharpened ones do not."""
    for statement, defect in FALSE:
        assert defect.witness is not None
        witness = defect.witness()
        problem = Problem(witness.game, Parameters(**witness.parameters))
        for bound in statement.bounds:
            if bound.tier is not Tier.PRINTED:
                found = check_case(statement, bound, problem, witness.case)
                assert found.status is not Status.VIOLATED, (defect.name, found.reason)


def test_sign() -> None:
    """gamma = 0, r = (1, 0), eta = 1: with + log pi the action 0 is worth 1; softmax is worth <p, r> - H(p)."""
    p = mp.e / (1 + mp.e)
    softmax_worth = p + p * mp.log(p) + (1 - p) * mp.log(1 - p)
    assert verdict("sign").lhs == pytest.approx(float(1 - softmax_worth), rel=1e-12)


def test_C1_first_iteration() -> None:
    """S = 1, r = (1, 0), gamma = 1/2, eta = 1: pi_1 = softmax(Q_0/2) plays action 0 with odds sqrt(e). Gap .0559."""
    p = mp.sqrt(mp.e) / (1 + mp.sqrt(mp.e))
    entropy = -p * mp.log(p) - (1 - p) * mp.log(1 - p)
    gap = 2 * mp.log(1 + mp.e) - 2 * (p + entropy)
    found = verdict("C.1(a)")
    assert found.rhs == 0
    assert found.lhs == pytest.approx(float(gap), abs=1e-10)
    assert round(found.lhs, 4) == 0.0559
    optimal = mp.e / (1 + mp.e)
    assert verdict("C.2(a)").lhs == pytest.approx(float((2 * (optimal - p)) ** 2), rel=1e-9)


@pytest.mark.parametrize("C_prime", [1e-3, 1.0, 1.721, 1e3, 1e6])
def test_C1_no_constant_is_universal(C_prime: float) -> None:
    witness = scaling_witness(C_prime)
    statement = find_statement("C.1")
    problem = Problem(witness.game, Parameters(**witness.parameters))
    assert check_case(statement, statement.bound(witness.bound), problem, witness.case).status is Status.VIOLATED


def test_C3_factor() -> None:
    """Eigenvalue -.9, beta = .99: the distance is multiplied by 1 - .99 * 1.9 = -.881, its square by .776; promised .01."""
    factor = (1 - Fraction(99, 100) * Fraction(19, 10)) ** 2
    start = Fraction(1, 2)  # ||(1,0) - (1/2,1/2)||_2^2
    found = verdict("C.3(a)")
    assert found.lhs == pytest.approx(float(factor * start), rel=1e-9)
    assert found.rhs == pytest.approx(float(Fraction(1, 100) * start), rel=1e-9)
    assert round(float(factor), 3) == 0.776


def test_C4_counts() -> None:
    """Eigenvalue .4: with beta = .05 the distance shrinks by .97 a step; d_0^2 = 1/2 and eps = 1/100."""
    counted, squared = 0, Fraction(1, 2)
    while squared > Fraction(1, 100):
        squared *= Fraction(97, 100) ** 2
        counted += 1
    found = verdict("C.4(a)")
    assert found.lhs == counted
    # printed: log(d_0^2/eps) (1 - 2 C_op + 0) with C_op = .4, L_P = 0
    assert found.rhs == math.ceil(math.log(50) * 0.2)
    assert verdict("C.4(b)").rhs == math.ceil(50 * math.exp(0.2))


def test_C5_and_C6_floor() -> None:
    """One room pays: pi_L is softmax of known logits, its room share .1 + .8 p the limit of mu_k; the optimum's is mu*."""
    eta, gamma = mp.mpf("0.2"), mp.mpf("0.5")
    logit = (
        gamma * mp.mpf("0.8") / eta
    )  # Q(a0) - Q(a1) = gamma (.9 - .1)(V(0) - V(1)), V(0) - V(1) = 1 for every policy
    share = lambda x: mp.mpf("0.1") + mp.mpf("0.8") / (1 + mp.exp(-x))  # noqa: E731
    for name, L in (("C.5(b)", 1), ("C.5(a)", 2)):
        away = mp.sqrt(2) * abs(share(logit * L / (L + 1)) - share(logit))
        found = verdict(name)
        assert found.lhs == pytest.approx(float(away**2), rel=1e-6), name
        assert found.rhs < 1e-12
    p, best = 1 / (1 + mp.exp(-logit / 2)), 1 / (1 + mp.exp(-logit))
    divergence = p * mp.log(p / best) + (1 - p) * mp.log((1 - p) / (1 - best))
    assert verdict("C.6(a)").lhs == pytest.approx(float(eta * divergence / (1 - gamma)), rel=1e-9)


def test_E1_laws() -> None:
    """Row 0 = (1/2, 1/2); row 1: a0 -> (.9, .1), a1 -> (.1, .9); the two policies differ at state 1 only."""
    assert verdict("E.1(a)").lhs == pytest.approx(1.6, rel=1e-12)
    # (b): from state 0, two steps: the first by (1/2, 1/2) under both, the second differs by .8 at state 1: 2 * .5 * .8.
    assert verdict("E.1(b)").lhs == pytest.approx(0.8, rel=1e-12)
    # (c): stationary shares of state 0: 9/(9+5) and 1/(1+5), so the l1 distance is 2 (9/14 - 1/6).
    assert verdict("E.1(c)").lhs == pytest.approx(float(2 * (Fraction(9, 14) - Fraction(1, 6))), rel=1e-12)
    assert verdict("E.1(b)").rhs == 0
    assert verdict("E.1(c)").rhs == 0


def test_E3_entrywise_ratio() -> None:
    """All rows agree, so V = r + gamma <row, r>/(1-gamma); <row, r> = 1/2 + 2x changes by .2 while mu moves by 1."""
    dV = Fraction(1, 10) * Fraction(2, 10) / Fraction(9, 10)
    entry, discount = Fraction(1, 10), Fraction(1, 10)  # each entry moves by .1
    L_J = discount / (1 - discount) * entry / (1 - discount)
    found = verdict("A-1")
    assert found.lhs == pytest.approx(float(dV), rel=1e-9)
    assert found.rhs == pytest.approx(float(L_J), rel=1e-9)
    assert found.lhs / found.rhs == pytest.approx(1.8, rel=1e-9)


def test_E6_two_doors() -> None:
    """The next population is (1 + .8 tanh(3.6 t))/2 with t = 2 mu_0 - 1, whatever the present one: slope .8 * 3.6 = 2.88."""
    found = verdict("E.6(a)")
    distance_sq = 2 * 0.001**2
    image = lambda t: mp.mpf("0.8") * mp.tanh(mp.mpf("3.6") * t)  # noqa: E731
    slope = image(mp.mpf("0.002")) / mp.mpf("0.002")
    assert found.lhs / distance_sq == pytest.approx(float(slope), rel=1e-6)
    assert round(found.lhs / distance_sq, 2) == 2.88
    assert slope == pytest.approx(0.32 * 0.9 / 0.1, rel=1e-4)
    equilibrium = mp.findroot(lambda t: image(t) - t, 0.8)
    assert round(float((1 - equilibrium) / 2), 5) == 0.10261
    assert round(float((1 + equilibrium) / 2), 5) == 0.89739
    far = verdict("E.6(b)")
    assert far.lhs == pytest.approx(float(2 * equilibrium**2), rel=1e-4)
    assert far.rhs < 1e-80


def test_appendix_B() -> None:
    """Reward 1 in every state: J_gamma/(1-gamma) = 1/(1-gamma)^2 against J_erg = 1."""
    found = verdict("App. B")
    gap = 1 - Fraction(0.9999)
    assert found.lhs == pytest.approx(float(1 / gap**2 - 1), rel=1e-9)
    assert verdict("B.4").lhs == 2
    assert verdict("Def. 2.2").lhs == pytest.approx(float(np.sqrt(0.5)), rel=1e-12)
