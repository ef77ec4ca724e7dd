"""The constants' formulas: complete, ordered as proved, scaling like their units, and right against plain sums."""

from __future__ import annotations

import math
from fractions import Fraction

import numpy as np
import pytest
import sympy as sp
from flint import arb

from mfbounds.bounds.constants import ConstantSet, constant_set
from mfbounds.bounds.definitions import DEFINITIONS, L_DEPENDENT, formula
from mfbounds.bounds.formula import evaluate, symbols_of
from mfbounds.bounds.regularity import regularity
from mfbounds.bounds.statement import Tier
from mfbounds.bounds.symbols import LEGEND
from mfbounds.games.affine import AffineGame
from mfbounds.games.random import families, random_game

PROVED = (Tier.REPAIRED, Tier.SHARPENED)
GAMES = [(family, seed) for family in families() for seed in range(3)]


def values_at(game: AffineGame, tier: Tier, M: int | float = 1, L: int = 7) -> dict[str, arb]:
    """All constants of a tier, those that depend on L included."""
    values = dict(constant_set(game, regularity(game), M=M).values(tier))
    for name in L_DEPENDENT:
        if DEFINITIONS[name].formula(tier) is not None:
            values[name] = evaluate(formula(name, tier), {**values, "L": arb(L)})
    return values


def at_most(low: arb, high: arb) -> bool:
    """Not certainly above; a tie counts."""
    return not low > high * (1 + arb(2) ** -60)


def test_every_symbol_is_in_the_legend() -> None:
    for name, definition in DEFINITIONS.items():
        assert name in LEGEND
        for expression in definition.formulas.values():
            assert set(symbols_of(expression)) <= LEGEND.keys()


def test_a_defective_printed_formula_says_what_is_wrong() -> None:
    for name in ("C_pi_mu", "C_Erg_M", "C_Erg_inf", "C_op", "beta_max", "b_0", "C_TRPO_0", "C_MF_0", "B"):
        assert DEFINITIONS[name].defect


def test_formula_writes_out_what_depends_on_L() -> None:
    for name in L_DEPENDENT:
        for tier in PROVED:
            assert not set(symbols_of(formula(name, tier))) & set(L_DEPENDENT)
    with pytest.raises(KeyError, match="K_pi"):
        formula("K_pi", Tier.PRINTED)


@pytest.mark.parametrize(("family", "seed"), GAMES)
def test_tiers_are_ordered_and_K_pi_is_below_C_pi_mu(family: str, seed: int) -> None:
    game = random_game(family, seed)
    for M in (1, 5, math.inf):
        printed, repaired, sharpened = (values_at(game, tier, M) for tier in Tier)
        for name in ("L_J", "C_phi"):
            assert at_most(sharpened[name], repaired[name])
            assert at_most(repaired[name], printed[name])
        assert at_most(sharpened["K_pi"], repaired["K_pi"])
        assert at_most(repaired["K_pi"], printed["C_pi_mu"])
        assert at_most(sharpened["V_sp"], sharpened["V_max"])
        assert at_most(sharpened["Q_sp"], sharpened["Q_max"])
        assert at_most(sharpened["G"], 1 / (1 - sharpened["gamma"]))
        assert at_most(sharpened["S0"], repaired["V_max"])
        if repaired["K_F"].is_finite():
            assert at_most(sharpened["K_F"], repaired["K_F"])


UNITS = {"": 0, "steps": 0, "reward": 1, "reward per nat": 1}


@pytest.mark.parametrize(("family", "seed"), GAMES)
def test_proved_constants_scale_like_their_units(family: str, seed: int) -> None:
    """(r, eta) -> (8 r, 8 eta) is exact in binary: rewards scale by 8, everything else stays."""
    game = random_game(family, seed)
    rewards = game.fixed_reward if game.vertex_rewards is None else game.vertex_rewards
    kernels = game.fixed_kernel if game.vertex_kernels is None else game.vertex_kernels
    large = AffineGame(kernels, 8.0 * rewards, gamma=game.gamma, eta=8.0 * game.eta)
    for tier in PROVED:
        small_values, large_values = values_at(game, tier), values_at(large, tier)
        names = [n for n, d in DEFINITIONS.items() if any(t in d.formulas for t in PROVED)]
        for name in {*names, "V_max", "Q_max", "tau"} & small_values.keys():
            one, two = small_values[name], large_values[name] / 8 ** UNITS[LEGEND[name].unit]
            if one.is_finite():
                assert float(two.mid()) == pytest.approx(float(one.mid()), rel=1e-11, abs=1e-13), (name, tier)


def test_the_printed_bound_of_C1_does_not_scale() -> None:
    """Its two summands R and eta^2 log^2|A| have different units: over eta they give 1/1 and 8^2/8."""
    base = {name: arb(1) for name in ("R", "eta", "C_TRPO_0_prime")} | {"gamma": arb(0), "n_A": arb(1), "L": arb(4)}
    printed = formula("B", Tier.PRINTED)
    ratio = evaluate(printed, {**base, "R": arb(8), "eta": arb(8)}) / evaluate(printed, base)
    assert abs(ratio - 1) < 1e-12, "a bound on a value gap should grow by 8"


@pytest.mark.parametrize("block", [1, 2, 3, 4, 5, 12])
@pytest.mark.parametrize("q", [Fraction(0), Fraction(1, 4), Fraction(63, 64), Fraction(1)])
def test_mixing_sums_are_the_sums_of_the_contractions(block: int, q: Fraction) -> None:
    """delta_t = q^floor(t/n): the closed forms of Sigma_M and G against the terms added one by one."""
    game = random_game("dense", 0)
    for M in (1, 2, 3, 11, 12, 24):
        values = with_mixing(game, M, block, q).values(Tier.REPAIRED)
        delta = [q ** (t // block) for t in range(M + 1)]
        for name, truth in (("Sigma_M", sum(delta[:M])), ("delta_M", delta[M])):
            with_error = values[name] - arb(int(truth.numerator)) / int(truth.denominator)
            assert with_error.contains(0) or abs(with_error) < 1e-14
            assert float(values[name].rad()) < 1e-28
    total = sum(game.gamma**t * float(q) ** (t // block) for t in range(6000))
    assert float(with_mixing(game, 1, block, q).values(Tier.SHARPENED)["G"]) == pytest.approx(total, rel=1e-11)


@pytest.mark.parametrize("block", [1, 3, 8])
@pytest.mark.parametrize("q", [Fraction(1, 4), Fraction(63, 64)])
def test_rho_and_C_Erg_cover_the_block_contraction(block: int, q: Fraction) -> None:
    """A-3 with TV = l1 needs C_Erg rho^t >= 2 delta_t for every t, with TV = l1/2 half of it; equality is reached."""
    values = with_mixing(random_game("dense", 0), 1, block, q).values(Tier.PRINTED)
    excess = [float(values["C_Erg"] * values["rho"] ** t) / (2.0 * float(q) ** (t // block)) for t in range(40)]
    assert min(excess) == pytest.approx(1.0, rel=1e-12)


def with_mixing(game: AffineGame, M: int, block: int, q: Fraction) -> ConstantSet:
    """The constants that the game would have if it mixed by q over `block` steps."""
    known = regularity(game)
    constants = constant_set(game, known, M=M)
    changed = {"n": block, "q": float(q)}
    primitives = {
        name: type(c)(value=float(changed.get(name, c.value)), provenance=c.provenance, argument=c.argument)
        for name, c in constants.primitives.items()
    }
    return ConstantSet(primitives=primitives, M=M)


def test_the_norm_form_of_C5_is_never_above_the_squared_form() -> None:
    """(P d + (1-P) x)^2 <= P d^2 + x^2 for P in [0, 1]: C.5 sharpened against C.5 repaired, the same e."""
    rng = np.random.default_rng(5)
    for _ in range(200):
        tau, beta, d, e = rng.uniform(0.05, 1, 4)
        product = (1 - tau * beta / 2) ** int(rng.integers(1, 60))
        assert (product * d + 2 / tau * (1 - product) * e) ** 2 <= product * d**2 + 4 / tau**2 * e**2 + 1e-12


def test_lookups_refuse_unknown_names() -> None:
    with pytest.raises(KeyError):
        formula("C_unknown", Tier.PRINTED)
    assert isinstance(formula("B", Tier.SHARPENED), sp.Expr)
