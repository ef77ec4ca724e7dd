"""Monotonicity of induced games: eigenvalues against closed forms and random pairs, refutations replayed."""

from __future__ import annotations

import math

import numpy as np
import pytest

from mfbounds.errors import InputError
from mfbounds.games.dynamic import CountGame, DynamicGame, FiniteHorizonGame, TabularGame, affine_game
from mfbounds.games.dynamic.random import random_dynamic
from mfbounds.games.dynamic.rps import a_rps
from mfbounds.games.dynamic.sis import a_sis
from mfbounds.games.dynamic.witnesses import one_shot
from mfbounds.games.random import two_doors
from mfbounds.mdp.finite_horizon import population_flow
from mfbounds.symmetry import induced_game, sampled_heterogeneity
from mfbounds.symmetry.monotonicity import inner_product, monotonicity
from mfbounds.verification.check import check

CRITICAL = 1 + math.sqrt(21) / 3  # crowding from which on A-RPS is monotone along flows


@pytest.mark.parametrize(("crowding", "expected"), [(CRITICAL - 1e-3, False), (CRITICAL + 1e-3, True), (3.0, True)])
def test_rock_paper_scissors_is_monotone_along_flows_from_the_known_crowding_on(
    crowding: float, expected: bool
) -> None:
    game = induced_game(a_rps(n_players=2000, beta=0.0, crowding=crowding))
    found = monotonicity(game)
    assert found.flow is expected
    assert found.weak is False  # flows cannot have equal action and different state marginals; populations can
    assert found.strict is False
    assert found.witness is not None
    assert inner_product(game, *found.witness) > 0.01
    if not expected:
        flows = [population_flow(game, policy).mu for policy in found.flow_witness]
        assert inner_product(game, *flows) > 0.0


@pytest.mark.parametrize("seed", range(8))
def test_slopes_of_affine_rewards_bound_all_pairs_and_are_attained(seed: int) -> None:
    """Independent dynamics; a random slope matrix is monotone or not, and the witness attains the eigenvalue."""
    rng = np.random.default_rng(seed)
    S, A = 2, 2
    matrix = rng.normal(size=(4, 4)) - (seed % 3) * 2 * np.eye(4)
    kernel = rng.dirichlet(np.ones(S), (1, S, A))
    bound = float(np.abs(matrix).max())
    game = induced_game(
        CountGame.of(
            kernel,
            lambda players, states, actions, others: (matrix[states * A + actions] * others).sum(axis=-1) / 3,
            n_players=4, n_states=S, n_actions=A, horizon=3, reward_range=(-bound, bound), affine_rewards=True,
        )
    )  # fmt: skip
    found = monotonicity(game)
    pairs = rng.dirichlet(np.full(4, 0.5), (200, 2)).reshape(200, 2, S, A)
    steepest = max(inner_product(game, *pair) / ((pair[0] - pair[1]) ** 2).sum() for pair in pairs)
    assert steepest <= found.slope + 1e-9
    assert found.weak is (found.slope < 0.0)
    assert found.strict is found.weak
    policies = rng.dirichlet(np.full(A, 0.5), (100, 2, 3, S))
    for first, second in policies:
        flows = population_flow(game, first).mu, population_flow(game, second).mu
        product, far = inner_product(game, *flows), ((flows[0] - flows[1]) ** 2).sum()
        assert product <= found.flow_slope * far + 1e-9
    for witness, slope in ((found.witness, found.slope),):
        if witness is not None:
            far = ((witness[0] - witness[1]) ** 2).sum()
            assert inner_product(game, *witness) == pytest.approx(slope * far, rel=1e-6)
    if found.flow is False:
        flows = [population_flow(game, policy).mu for policy in found.flow_witness]
        far = ((flows[0] - flows[1]) ** 2).sum()
        assert inner_product(game, *flows) == pytest.approx(found.flow_slope * far, rel=1e-6)


def test_a_reward_that_ignores_the_others_is_weakly_monotone_and_strictness_stays_open() -> None:
    game = FiniteHorizonGame.of(
        np.full((2, 1, 2), 0.5), lambda mu: np.array([[0.0], [1.0]]), n_states=2, n_actions=1, horizon=2,
        reward_range=(0.0, 1.0),
    )  # fmt: skip
    assert monotonicity(game).weak is None  # a function may hide anything
    known = induced_game(random_dynamic("independent", 3))
    assert monotonicity(known).weak is True


def test_dynamics_that_see_the_population_are_not_monotone_in_the_papers_sense() -> None:
    found = monotonicity(induced_game(a_sis(n_players=10)))
    assert (found.weak, found.strict, found.flow) == (False, False, False)
    assert "P depends on mu" in found.argument
    constant = FiniteHorizonGame.of(
        lambda mu: np.full((2, 1, 2), 0.5), lambda mu: -mu, n_states=2, n_actions=1, horizon=1, reward_range=(-1.0, 0.0)
    )
    assert monotonicity(constant).weak is None


def test_a_search_refutes_with_a_pair_and_proves_nothing() -> None:
    def game(sign: float) -> FiniteHorizonGame:
        return FiniteHorizonGame.of(
            np.full((2, 2, 2), 0.5), lambda mu: sign * mu**2, n_states=2, n_actions=2, horizon=2,
            reward_range=(min(0.0, sign), max(0.0, sign)),
        )  # fmt: skip

    attracted = monotonicity(game(1.0))
    assert (attracted.weak, attracted.strict, attracted.flow) == (False, False, False)
    assert inner_product(game(1.0), *attracted.witness) > 0.0
    flows = [population_flow(game(1.0), policy).mu for policy in attracted.flow_witness]
    assert inner_product(game(1.0), *flows) > 0.0
    crowded = monotonicity(game(-1.0))
    assert (crowded.weak, crowded.strict, crowded.flow) == (None, None, None)
    assert crowded.slope < 0.0
    assert crowded.witness is None


def test_rewards_that_bend_are_refuted_where_they_rise() -> None:
    """|mu_S(0) - 1/2| for action 1 rises on one side whatever the other does."""
    game = induced_game(one_shot())
    found = monotonicity(game)
    assert found.weak is False
    assert inner_product(game, *found.witness) > 0.0


def test_another_kind_of_game_is_told_the_way() -> None:
    for game in (a_rps(n_players=5), two_doors()):
        with pytest.raises(InputError, match="must be a FiniteHorizonGame: a dynamic game has one"):
            monotonicity(game)  # type: ignore[arg-type]
    with pytest.raises(InputError, match="must be a dynamic game of N players"):
        sampled_heterogeneity(induced_game(a_rps(n_players=5)))  # type: ignore[arg-type]


@pytest.mark.parametrize("off", [1e-14, 5e-14, 2e-13])
def test_a_slope_that_counts_as_0_is_no_violation_of_what_rests_on_it(off: float) -> None:
    """R = (1 + off I) mu: off is above 0 and within the rounding of the eigenvalue, though not of an inner product."""
    matrix = np.ones((2, 2)) + off * np.eye(2)
    game = affine_game(np.ones((3, 1, 2, 1)), np.broadcast_to(matrix, (3, 1, 2, 2)), horizon=40)
    assert monotonicity(induced_game(game)).weak is True
    assert _statuses(game) <= {"inconclusive", "not applicable"}


@pytest.mark.parametrize("off", [1e-13, 1e-12, 5e-12])
def test_rewards_that_count_as_affine_are_no_violation_of_what_rests_on_it(off: float) -> None:
    """R(0, k) = 1 + off where k = 1 of the two others are in pair 0, else 1: not affine, and not monotone, by `off`."""
    rewards = np.ones((3, 1, 2, 4))
    rewards[:, 0, 0, 1:3] += off
    game = TabularGame.of(np.ones((3, 1, 2, 1)), rewards, horizon=2)
    found = monotonicity(induced_game(game))
    assert found.weak is True
    assert off / 2 <= found.bent <= 2 * off  # no affine function is nearer than off/2
    assert _statuses(game) <= {"inconclusive", "not applicable"}


def _statuses(game: DynamicGame) -> set[str]:
    verdicts = [verdict for name in ("P2.Def.10", "P2.L.12") for verdict in check(name, game, tiers=["repaired"])]
    return {verdict.status.value for verdict in verdicts}
