"""Limits: planted vanishing sides are refuted by a game, those that vanish on both sides are not, sizes must grow."""

from __future__ import annotations

from dataclasses import replace

import pytest
import sympy as sp

from mfbounds.bounds.definitions import DEFINITIONS
from mfbounds.bounds.ledger import find_statement
from mfbounds.bounds.statement import Tier
from mfbounds.bounds.symbols import L_P, L, epsilon, eta, gamma, kappa_A, n_A
from mfbounds.verification.referee.corners import LIMITS
from mfbounds.verification.referee.findings import Weight
from mfbounds.verification.referee.limits import SIZES, Behaviour, behaviour, check_bound, check_size
from mfbounds.verification.referee.orders import check_claims, exponents

BY_NAME = {limit.name: limit for limit in LIMITS}
C1, E1, E2 = map(find_statement, ("C.1", "E.1", "E.2"))


@pytest.mark.parametrize(
    ("expression", "limit", "word", "power"),
    [
        (sp.log(L), "L = 1", "zero", 0.0),
        (sp.log(L) / (L + 1), "L -> infinity", "zero", -1.0),
        (L_P * eta, "L_P = 0", "zero", 0.0),
        (1 / L_P, "L_P = 0", "undefined", 0.0),
        (1 / eta**2 + eta, "eta -> 0", "infinite", 2.0),
        (eta / (1 + eta**2), "eta -> infinity", "zero", -1.0),
        (1 - n_A, "|A| = 1", "zero", 0.0),
        (gamma - 1, "gamma = 0", "negative", 0.0),
        (kappa_A + 1, "|S| = 1", "regular", 0.0),
    ],
)
def test_behaviour_of_simple_formulas(expression: sp.Expr, limit: str, word: str, power: float) -> None:
    found = behaviour(expression, C1.bound("repaired"), BY_NAME[limit])
    assert found.word == word or {found.word, word} == {"infinite", "undefined"}
    assert found.power == pytest.approx(power, abs=0.03)
    assert isinstance(found, Behaviour)


def mistakes(statement, bound) -> list[str]:
    return [f.text for f in check_bound(statement, bound) if f.weight is Weight.MISTAKE]


def test_planted_zeros_are_refuted_by_a_game() -> None:
    bound = C1.bound("sharpened")
    assert mistakes(C1, bound) == []
    assert any("L = 1" in text for text in mistakes(C1, replace(bound, right=bound.right * sp.log(L))))
    law = E1.bound("repaired")
    assert mistakes(E1, law) == []
    assert any("L_P = 0" in text for text in mistakes(E1, replace(law, right=law.right * L_P)))
    assert any(
        "eta -> inf" in text
        for text in mistakes(E2, replace(E2.bound("sharpened"), right=E2.bound("sharpened").right / eta))
    )


def test_sides_that_vanish_together_are_no_mistake() -> None:
    """With one action the sharpened gap bound is 0, and so is the gap."""
    assert behaviour(sp.sympify(C1.bound("sharpened").right), C1.bound("sharpened"), BY_NAME["|A| = 1"]).word == "zero"
    assert mistakes(C1, C1.bound("sharpened")) == []


def test_sizes_grow_as_the_accuracy_shrinks() -> None:
    for name in SIZES:
        for tier, formula in DEFINITIONS[name].formulas.items():
            assert bool(check_size(name, tier, formula)) == ((name, tier) == ("T_l", Tier.PRINTED))
    assert check_size("P_k", Tier.SHARPENED, epsilon * 5)


def test_exponents_are_those_that_the_formula_shows() -> None:
    printed = C1.bound("printed / L >= 2 / TV = l1")
    assert exponents(printed) == {"L": -1.0, "1/eta": 1.0, "1/(1-gamma)": 3.0}
    assert exponents(find_statement("E.4").bound("repaired")) == {"1/eta": 1.0, "1/(1-gamma)": 2.0}
    assert exponents(find_statement("E.5").bound("sharpened"))["|S|"] == 0.5
    assert exponents(find_statement("D.2").bound("repaired"))["|A|"] == 2.0


def test_the_cost_of_the_population_step_is_found_to_be_misprinted() -> None:
    d7 = find_statement("D.7")
    assert [finding.place for finding in check_claims(d7, Tier.PRINTED)] == ["population"]
    assert not [f for tier in Tier for f in check_claims(find_statement("C.7"), tier)]
