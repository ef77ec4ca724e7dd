"""The constants of two games worked out by hand, typed here as plain arithmetic."""

from __future__ import annotations

import math

import mpmath as mp
import numpy as np
import pytest
from flint import arb

from mfbounds.bounds.constants import constant_set, smallest_c_op
from mfbounds.bounds.regularity import regularity
from mfbounds.bounds.statement import HALF, L1, Tier
from mfbounds.bounds.statements.p1.lemma_e6 import two_doors
from mfbounds.games.affine import AffineGame
from mfbounds.games.game import from_functions
from mfbounds.games.random import random_game
from mfbounds.numbers import Provenance

mp.mp.dps = 50  # as in exact.py: the setting is global
LOG2 = mp.log(2)


def close(ball: object, truth: mp.mpf) -> bool:
    """Equal up to the outward rounding of the regularity constants."""
    return abs(mp.mpf(float(ball.mid())) - truth) <= mp.mpf(10) ** -12 * (1 + abs(truth))  # type: ignore[attr-defined]


def test_two_doors() -> None:
    """S = A = 2, rows (.9,.1) and (.1,.9), r = mu(s), gamma = .9, eta = .1: L_r = 1/sqrt 2, L_P = 0, kappa_A = rho_1 = .8."""
    game, M = two_doors(), 3
    constants = constant_set(game, regularity(game), M=M)
    printed, repaired, sharpened = (constants.values(tier) for tier in Tier)
    level = 1 + LOG2 / 10
    V_max, G = 10 * level, 1 / (1 - mp.mpf("0.72"))
    L_r, kappa = 1 / mp.sqrt(2), mp.mpf("0.8")
    Sigma = 1 + kappa + kappa**2
    for tier in (printed, repaired, sharpened):
        assert close(tier["V_max"], V_max)
    assert close(printed["rho"], kappa)
    assert close(printed["C_Erg"], mp.mpf(2))
    assert close(constants.values(Tier.PRINTED, HALF)["C_Erg"], mp.mpf(1))
    assert printed["C_Erg_M"] == 0, "L_P = 0"
    assert close(printed["L_J"], 10 * L_r)
    assert close(printed["C_pi_mu"], 400 * 10 * L_r)
    assert close(printed["C_phi"], 20 * L_r + 2 * mp.sqrt(2) * V_max)
    assert close(printed["C_op"], 2 * 2 * 2 * kappa**3)
    assert close(repaired["Sigma_M"], Sigma)
    assert close(repaired["Sigma_inf"], mp.mpf(5))
    assert close(repaired["delta_M"], kappa**3)
    assert close(repaired["K_pi"], 100 * L_r)
    assert close(repaired["K_F"], (Sigma * kappa * 100 * L_r + kappa**3 * mp.sqrt(2)) / mp.sqrt(2))
    assert close(sharpened["G"], G)
    assert close(sharpened["V_sp"], level * G)
    assert close(sharpened["Q_sp"], 1 + mp.mpf("0.72") * level * G)
    K_pi = 10 * L_r * (1 + mp.mpf("0.72") * G)
    assert close(sharpened["b"], L_r)
    assert close(sharpened["K_pi"], K_pi)
    assert close(sharpened["K_pi_1"], 5 * (1 + mp.mpf("0.72") * G))
    assert close(sharpened["C_phi"], 20 * L_r + V_max / mp.sqrt(2))
    assert close(sharpened["S0"], min(10 + LOG2 / 10, 5 * (1 + mp.mpf("0.72") * G)))


def kernel_coupled() -> AffineGame:
    """S = 2, A = 1: every row is (1/2 + x, 1/2 - x) with x = (mu_0 - mu_1)/8; reward 1 in state 0."""
    kernels = np.array([[[[0.625, 0.375]]] * 2, [[[0.375, 0.625]]] * 2])
    return AffineGame(kernels, np.array([[1.0], [0.0]]), gamma=0.5, eta=1.0)


def test_kernel_that_moves_with_the_population() -> None:
    """All rows agree, so rho_1 = 0 and one step forgets; L_P = sqrt(2)/4 (l1 over l2), L_P1 = 1/4, entries sqrt(2)/8."""
    constants = constant_set(kernel_coupled(), regularity(kernel_coupled()), M=2)
    repaired, sharpened = constants.values(Tier.REPAIRED), constants.values(Tier.SHARPENED)
    L_P = mp.sqrt(2) / 4
    for name, truth in {"L_P": L_P, "L_P1": mp.mpf(1) / 4, "L_P_entry": L_P / 2, "L_r": 0, "kappa_A": 0}.items():
        assert close(repaired[name], mp.mpf(truth)), name
    assert close(repaired["Sigma_M"], mp.mpf(1))
    assert close(repaired["delta_M"], mp.mpf(0))
    assert close(repaired["L_J"], 2 * mp.mpf("0.25") * L_P * 2)
    assert close(sharpened["L_J"], 2 * mp.mpf("0.25") * L_P), "the span of a value is 1: the chain forgets at once"
    assert close(repaired["K_F"], mp.mpf(1) / 4), "F(mu) = (1/2 + x, 1/2 - x) moves by exactly a quarter"
    assert close(sharpened["K_F_1"], mp.mpf(1) / 4)


def test_infinitely_many_steps() -> None:
    game = two_doors()
    values = constant_set(game, regularity(game), M=math.inf).values(Tier.REPAIRED)
    assert values["delta_M"] == 0
    assert close(values["Sigma_M"], mp.mpf(5))
    assert float(constant_set(game, regularity(game), M=math.inf).values(Tier.PRINTED)["C_op"]) == 0.0


def test_without_mixing_the_finite_sums_remain() -> None:
    frozen_in_place = AffineGame(np.eye(2)[:, None, :], np.zeros((2, 1)), gamma=0.5, eta=1.0)
    constants = constant_set(frozen_in_place, regularity(frozen_in_place), M=7)
    values = constants.values(Tier.REPAIRED)
    assert values["Sigma_M"] == 7
    assert values["delta_M"] == 1
    assert not values["Sigma_inf"].is_finite()
    assert constants.values(Tier.SHARPENED)["G"] == 2


def test_the_entrywise_reading_takes_the_entrywise_constant() -> None:
    game = kernel_coupled()
    constants = constant_set(game, regularity(game))
    entry = next(r for r in (type(L1)(a1="entry"),))
    ratio = constants.values(Tier.PRINTED, entry)["L_J"] / constants.values(Tier.PRINTED)["L_J"]
    assert float(ratio) == pytest.approx(0.5, rel=1e-12)


def test_c_op_of_a_linear_game_is_its_eigenvalue() -> None:
    """One action, rows (.05,.95), (.95,.05): P has the eigenvalue -.9 on zero mass; M = 2 gives .81."""
    chain = np.array([[[0.05, 0.95]], [[0.95, 0.05]]])
    game = AffineGame(chain, np.zeros((2, 1)), gamma=0.5, eta=1.0)
    for M in (1, 2, 5):
        found = smallest_c_op(constant_set(game, regularity(game), M=M))
        assert found.value == pytest.approx((-0.9) ** M, abs=1e-12)
        assert found.certified


def test_nothing_certified_rests_on_an_estimate() -> None:
    """A kernel given by code, nothing declared: what is computed from the search's findings says estimated."""
    game = from_functions(
        lambda mu: np.array([[[0.5 + mu[0] / 4, 0.5 - mu[0] / 4]] * 2] * 2),
        np.array([[1.0, 0.0], [0.0, 0.0]]),
        n_states=2,
        n_actions=2,
        gamma=0.5,
        eta=1.0,
        reward_range=(0.0, 1.0),
    )
    constants = constant_set(game, regularity(game))
    for name, tier in (("K_pi", Tier.REPAIRED), ("K_F", Tier.REPAIRED), ("S0", Tier.SHARPENED), ("L_J", Tier.PRINTED)):
        assert constants.provenance(name, tier) is Provenance.ESTIMATED, name
    assert constants.provenance("V_max", Tier.PRINTED) is Provenance.CERTIFIED
    assert not smallest_c_op(constants).certified


def test_a_smallest_c_op_is_rounded_outward() -> None:
    """Most are no float64 numbers, and the nearest one is below about half of them."""
    for seed in range(12):
        game = random_game("contractive", seed)
        constants = constant_set(game, regularity(game), M=1)
        found = smallest_c_op(constants)
        proved = [constants.values(tier)["C_op"] for tier in (Tier.REPAIRED, Tier.SHARPENED)]
        assert any(ball <= arb(found.value) for ball in proved)
