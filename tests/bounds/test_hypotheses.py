"""A-1, A-2 and A-3 on games where the answer is known by hand."""

from __future__ import annotations

import math

import numpy as np
import pytest
import scipy.sparse as sp

from mfbounds.bounds.hypotheses import a1, a2, a3
from mfbounds.bounds.problem import Parameters, Problem
from mfbounds.games.affine import AffineGame
from mfbounds.games.crowd import crowd_grid
from mfbounds.games.game import from_functions
from mfbounds.numbers import Constant, Provenance

DOORS = np.array([[[0.9, 0.1], [0.1, 0.9]]] * 2)
OWN_MASS = np.eye(2)[:, :, None] * np.ones((2, 2, 2))


def two_doors(attraction: float) -> AffineGame:
    return AffineGame(DOORS, attraction * OWN_MASS, gamma=0.9, eta=0.1)


def chain_game(chain: list[list[float]]) -> AffineGame:
    rows = np.array(chain)
    return AffineGame(rows[:, None, :], np.zeros((len(rows), 1)), gamma=0.9, eta=0.1)


def test_a1_holds_on_affine_games_with_certified_numbers() -> None:
    result = a1(Problem(two_doors(1.0)), {})
    assert result.holds is True
    assert result.provenance is Provenance.CERTIFIED
    assert result.value == pytest.approx(math.sqrt(0.5))
    assert "L_r" in result.reason
    assert "L_P" in result.reason


def test_a1_tells_that_a_crowd_reward_is_lipschitz_by_its_floor_only() -> None:
    result = a1(Problem(crowd_grid()), {})
    assert result.holds is True
    assert "floor" in result.reason


@pytest.mark.parametrize(("declared", "holds"), [({}, None), ({"L_r": 1.0}, True)])
def test_a1_of_code_is_open_until_declared(declared: dict[str, float], holds: bool | None) -> None:
    game = from_functions(
        DOORS,
        lambda mu: np.stack([-mu, -mu], axis=1),
        n_states=2,
        n_actions=2,
        gamma=0.9,
        eta=0.1,
        reward_range=(-1.0, 0.0),
        declared=declared,
    )
    result = a1(Problem(game), {})
    assert result.holds is holds
    assert result.provenance is (Provenance.DECLARED if holds else Provenance.ESTIMATED)


def test_a1_is_never_certified_by_a_search() -> None:
    game = from_functions(
        DOORS,
        lambda mu: np.stack([-np.sqrt(mu)] * 2, axis=1),
        n_states=2,
        n_actions=2,
        gamma=0.9,
        eta=0.1,
        reward_range=(-1.0, 0.0),
    )
    result = a1(Problem(game), {})
    assert result.holds is not True  # a square root is not Lipschitz at 0; a search cannot prove that


def test_a1_fails_for_an_infinite_constant() -> None:
    infinite = Constant(value=math.inf, provenance=Provenance.CERTIFIED, argument="-log mu(s) has no floor")
    game = from_functions(
        DOORS,
        lambda mu: np.stack([-mu, -mu], axis=1),
        n_states=2,
        n_actions=2,
        gamma=0.9,
        eta=0.1,
        reward_range=(-1.0, 0.0),
        declared={"L_r": infinite, "L_r1": infinite},
    )
    result = a1(Problem(game), {})
    assert result.holds is False
    assert result.margin == -math.inf
    assert "no floor" in result.reason


def test_a2_is_certified_for_weak_interaction() -> None:
    result = a2(Problem(two_doors(0.01), Parameters(M=20)), {})
    assert result.holds is True
    assert result.provenance is Provenance.CERTIFIED
    assert 0.0288 <= result.value < 1.0
    assert result.margin == pytest.approx(1.0 - result.value)


def test_a2_is_refuted_by_attraction() -> None:
    """The slope at (1/2, 1/2) is 0.32 gamma/eta = 2.88."""
    result = a2(Problem(two_doors(1.0), Parameters(M=1)), {})
    assert result.holds is False
    assert result.value == pytest.approx(2.88, rel=1e-2)
    assert result.margin < 0.0


def test_a2_stays_open_between_proof_and_counterexample() -> None:
    result = a2(Problem(two_doors(-1.0), Parameters(M=1)), {})
    assert result.holds is None
    assert "largest slope seen" in result.reason


@pytest.mark.parametrize(("attraction", "holds"), [(-1.0, True), (0.2, False), (1.0, False)])
def test_a2_takes_the_callers_word_unless_a_slope_contradicts_it(attraction: float, holds: bool) -> None:
    """Slopes: negative, 0.576 (below 1, above the declared 0.5), 2.88."""
    result = a2(Problem(two_doors(attraction), Parameters(M=1, C_op=0.5)), {})
    assert result.holds is holds
    if holds:
        assert result.provenance is Provenance.DECLARED
        assert result.value == 0.5


def test_a2_of_a_game_without_interaction_is_an_eigenvalue() -> None:
    problem = Problem(chain_game([[0.05, 0.95], [0.95, 0.05]]), Parameters(M=1))
    result = a2(problem, {})
    assert result.holds is True
    assert result.value == pytest.approx(-0.9)
    assert a2(problem, {"M": 2}).value == pytest.approx(0.81)


def test_a3_is_certified_for_mixing_rows() -> None:
    result = a3(Problem(two_doors(1.0)), {})
    assert result.holds is True
    assert result.value == pytest.approx(0.8)
    assert result.margin == pytest.approx(0.2)


@pytest.mark.parametrize(
    ("game", "words"),
    [
        (chain_game([[1.0, 0.0], [0.0, 1.0]]), "every policy"),
        (
            AffineGame(np.stack([np.eye(3), np.full((3, 3), 1 / 3)], axis=1), np.zeros((3, 2)), gamma=0.9, eta=0.1),
            "action 0",
        ),
        (
            # State 0 stays under action 0, state 1 under action 1: only a mixed choice keeps them apart.
            AffineGame(
                np.array([[[1.0, 0.0], [0.5, 0.5]], [[0.5, 0.5], [0.0, 1.0]]]), np.zeros((2, 2)), gamma=0.9, eta=0.1
            ),
            "stay for ever",
        ),
    ],
)
def test_a3_fails_when_a_policy_keeps_states_apart(game: AffineGame, words: str) -> None:
    result = a3(Problem(game), {})
    assert result.holds is False
    assert words in result.reason
    assert result.margin == 0.0


def test_a3_fails_at_a_vertex_only() -> None:
    kernels = np.stack([np.eye(2)[:, None, :], np.full((2, 1, 2), 0.5)])
    result = a3(Problem(AffineGame(kernels, np.zeros((2, 1)), gamma=0.9, eta=0.1)), {})
    assert result.holds is False
    assert "vertex 0" in result.reason


def test_a3_leaves_a_periodic_chain_open() -> None:
    result = a3(Problem(chain_game([[0.0, 1.0], [1.0, 0.0]])), {})
    assert result.holds is None


def test_looking_for_separate_classes_leaves_the_game_alone() -> None:
    explicit_zero = sp.csr_array((np.array([1.0, 0.0, 1.0]), np.array([0, 1, 1]), np.array([0, 2, 3])), shape=(2, 2))
    game = AffineGame(explicit_zero, np.zeros((2, 1)), gamma=0.9, eta=0.1)
    before = game.fixed_kernel.nnz
    assert a3(Problem(game), {}).holds is False
    assert game.fixed_kernel.nnz == before
