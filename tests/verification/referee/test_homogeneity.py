"""Scaling: degrees against measurements on rescaled games, planted clashes, and silence on proved formulas."""

from __future__ import annotations

from dataclasses import replace
from itertools import islice

import numpy as np
import pytest
import sympy as sp

from mfbounds.bounds.definitions import DEFINITIONS
from mfbounds.bounds.ledger import find_statement, ledger
from mfbounds.bounds.problem import Parameters, Problem
from mfbounds.bounds.regularity import regularity
from mfbounds.bounds.statement import Tier
from mfbounds.bounds.symbols import LEGEND, R, V_max, beta, eta, gamma, kappa_A, n_A
from mfbounds.games.affine import AffineGame
from mfbounds.verification.referee import shift
from mfbounds.verification.referee.homogeneity import (
    Clash,
    check_bound,
    definition_clashes,
    degree,
    formula_clashes,
    population_unit,
    reward_unit,
)
from mfbounds.verification.trial import TROUBLE

SCALE = 4.0  # a power of two: the rescaled game has the same rounding
# Statements that are certain and whose quantities are no counts or orders.
MEASURED = [
    item.id
    for item in ledger()
    if item.paper == "P1"
    and item.id not in ("P1.C.4", "P1.C.7", "P1.D.7")
    and all(b.failure is None for b in item.bounds)
]


def crowded(scale: float) -> AffineGame:
    """Two doors whose kernel and reward move a little with the population; rewards and temperature times `scale`."""
    base = np.array([[[0.8, 0.2], [0.3, 0.7]], [[0.6, 0.4], [0.1, 0.9]]])
    shift = 0.02 * np.array([1.0, -1.0]) * np.ones((2, 2, 1))
    reward = np.array([[1.0, 0.25], [0.5, 0.0]]) - 0.125 * np.eye(2)[:, :, None] * np.ones((2, 2, 2))
    return AffineGame(np.stack([base + shift, base - shift]), scale * reward, gamma=0.5, eta=2.0 * scale)


@pytest.mark.parametrize("name", MEASURED)
def test_measured_quantities_scale_as_their_units_say(name: str) -> None:
    """An oracle that knows nothing of formulas: play the game and the rescaled game, and compare."""
    statement = find_statement(name)
    parameters = Parameters(L=(1, 2, 5), K=3, draws=2, M=1)
    plain, scaled = (Problem(crowded(scale), parameters) for scale in (1.0, SCALE))
    unit, compared = reward_unit(statement), 0
    for case in islice(statement.cases(plain), 6):
        try:
            before, after = statement.measure(plain, case), statement.measure(scaled, case)
        except TROUBLE:
            continue
        for key, quantity in before.items():
            expected = SCALE ** float(unit.of(key)) * quantity.value
            slack = 4 * (after[key].error + SCALE * quantity.error) + 1e-9 * abs(expected)
            assert abs(after[key].value - expected) <= slack, (key, quantity, after[key])
            compared += 1
    assert compared > 0


def test_regularity_constants_scale_as_the_legend_says() -> None:
    before, after = regularity(crowded(1.0)), regularity(crowded(SCALE))
    unit = reward_unit()
    for name in ("L_r", "L_P", "L_P_entry", "L_r1", "L_P1", "kappa_A"):
        expected = SCALE ** float(unit.of(name)) * getattr(before, name).value
        assert getattr(after, name).value == pytest.approx(expected, rel=1e-12)


def test_degrees_of_simple_formulas() -> None:
    unit = reward_unit()
    assert degree(R**2 / eta, unit) == 1
    assert degree(sp.sqrt(R / eta) * sp.log(n_A), unit) == sp.Rational(1, 2) - sp.Rational(1, 2)
    assert degree(sp.Min(R, V_max) * gamma ** (beta + 1), unit) == 1
    assert degree(sp.Integer(0), unit) is None
    with pytest.raises(Clash, match="R scales like"):
        degree(R + eta**2, unit)
    with pytest.raises(Clash):
        degree(sp.log(R), unit)
    with pytest.raises(Clash):
        degree(R**beta, unit)
    assert degree(sp.Symbol("d_mu"), population_unit(find_statement("E.1"))) == 1


def test_the_missing_squares_are_found() -> None:
    c1 = find_statement("C.1")
    assert all(check_bound(c1, bound) for bound in c1.bounds if bound.tier is Tier.PRINTED)
    assert definition_clashes("I_l_algorithm", Tier.PRINTED)
    assert not definition_clashes("I_l", Tier.PRINTED)  # Theorem D.2 has the square


def test_one_constant_before_two_kinds_of_distance_is_found() -> None:
    e1 = find_statement("E.1")
    texts = [finding.text for bound in e1.bounds for finding in check_bound(e1, bound)]
    assert len(texts) == sum(bound.tier is Tier.PRINTED for bound in e1.bounds)
    assert all("population unit" in text for text in texts)


def test_every_defined_constant_of_a_proved_tier_is_homogeneous() -> None:
    for name in DEFINITIONS:
        for tier in (Tier.REPAIRED, Tier.SHARPENED):
            assert not definition_clashes(name, tier), (name, tier)
    assert set(DEFINITIONS) <= set(LEGEND)


def test_a_planted_clash_is_found_and_a_harmless_change_is_not() -> None:
    e2 = find_statement("E.2")
    bound = e2.bound("sharpened")
    assert not check_bound(e2, replace(bound, right=3 * kappa_A * bound.right))
    assert check_bound(e2, replace(bound, right=eta * bound.right))
    assert formula_clashes("K_pi", R / eta)  # K_pi is per distance of populations, R/eta is not


def test_a_side_that_knows_the_level_of_the_reward_is_found() -> None:
    """Single returns move with a constant added to the reward; Q_max, which sees only the width, does not."""
    rollouts, gaps = find_statement("Alg.3"), find_statement("C.1")
    found = [bound.key for bound in rollouts.bounds if shift.check_bound(rollouts, bound)]
    assert found == ["printed / shift / TV = l1"]
    bound = gaps.bound("sharpened")
    assert shift.check_bound(gaps, bound) == []
    planted = replace(rollouts.bound("repaired / range"), left=sp.Symbol("top_unshifted", nonnegative=True))
    assert shift.check_bound(rollouts, planted)
