"""The equilibrium's certified distance against a fixed point computed at 50 digits."""

from __future__ import annotations

import math

import mpmath as mp
import numpy as np
import pytest

from mfbounds.bounds.equilibrium import equilibrium
from mfbounds.bounds.statements.p1.lemma_e6 import two_doors
from mfbounds.errors import InputError
from mfbounds.games.affine import AffineGame
from mfbounds.games.weak import no_interaction

from . import exact


@pytest.mark.parametrize("M", [1, 2, math.inf])
@pytest.mark.parametrize("seed", range(3))
def test_the_true_equilibrium_lies_within_the_distance_bound(seed: int, M: int | float) -> None:
    game = exact.contractive_game(seed)
    found = equilibrium(game, M=M)
    truth = exact.fixed_point(game, mp.inf if M == math.inf else M)
    away = exact.l2(exact.vector(found.mu), truth)
    assert math.isfinite(found.distance_bound)
    assert away <= found.distance_bound < 1e-9
    step = exact.population_step(game, exact.vector(found.mu), mp.inf if M == math.inf else M)
    assert exact.l2(step, exact.vector(found.mu)) <= found.residual


def test_a_loose_tolerance_still_bounds_the_distance() -> None:
    game = exact.contractive_game(7)
    found = equilibrium(game, tol=1e-3)
    assert exact.l2(exact.vector(found.mu), exact.fixed_point(game)) <= found.distance_bound


def test_several_equilibria_have_no_distance_bound() -> None:
    """The two doors: mu = 1/2 and, with t = 2 mu_0 - 1, t = .8 tanh(3.6 t), 3.6 = .9 * .8/(2 * .1)."""
    found = equilibrium(two_doors())
    assert found.distance_bound == math.inf
    assert "not certified" in found.reason
    t = mp.findroot(lambda t: t - mp.mpf("0.8") * mp.tanh(mp.mpf("3.6") * t), 0.8)
    assert abs(float((1 - t) / 2) - 0.10261) < 5e-6
    near = min(abs(found.mu[0] - float((1 + x) / 2)) for x in (-t, 0, t))
    assert near < 1e-9


def test_one_state_is_its_own_equilibrium() -> None:
    game = AffineGame(np.ones((1, 2, 1)), np.array([[1.0, 0.0]]), gamma=0.5, eta=1.0)
    found = equilibrium(game)
    assert found.mu.tolist() == [1.0]
    assert found.distance_bound < 1e-12


def test_it_shows_itself_in_few_lines_whatever_its_size() -> None:
    shown = repr(equilibrium(no_interaction(n_states=50)))
    assert "S=50" in shown
    assert "residual" in shown
    assert shown.count("\n") == 3


def test_refusals() -> None:
    with pytest.raises(InputError):
        equilibrium(two_doors(), M=0)
    with pytest.raises(InputError):
        equilibrium(two_doors(), tol=0.0)
