"""Counts have the law of particles: against enumeration of all paths, known moments, and particles themselves."""

from __future__ import annotations

import numpy as np
import pytest
from scipy.stats import binom, nbinom

from mfbounds.errors import InputError
from mfbounds.mdp import freeze, occupation
from mfbounds.simulation import CountRollouts, ExpectedRollouts, ParticleRollouts, Particles, RestartOracle
from mfbounds.simulation.cells import PolicyCells, kernel_cells
from mfbounds.simulation.counts import MOST_DRAWS, check_draws, draw_law, draw_starts, sum_returns
from mfbounds.simulation.rollouts import BONUSES, bonus_reward, truncated_values
from mfbounds.simulation.streams import child

from .statistics import (
    ERROR_RATE,
    assert_counts,
    assert_same_law,
    random_log_policy,
    return_law,
    show_seed,
    sum_law,
    tiny_game,
)

SEED = 20_240_501


@pytest.mark.parametrize("bonus", BONUSES)
@pytest.mark.parametrize("particles", [1, 2])
def test_sums_of_returns_have_the_enumerated_law(bonus: str, particles: int) -> None:
    show_seed(SEED)
    game, T, draws = tiny_game(1, n_states=2), 2, 40_000
    frozen, log_policy = freeze(game, game.start), random_log_policy(2, game)
    reward = bonus_reward(frozen.reward, log_policy, frozen.eta, bonus)
    later = PolicyCells(frozen, merge=bonus == "entropy").at(np.exp(log_policy), reward)
    rng, first = np.random.default_rng(SEED), kernel_cells(frozen.kernel, frozen.reward)
    origins = np.repeat([0, 3], draws)  # each a batch of its own
    totals = sum_returns(rng, origins, np.full(2 * draws, particles), first, later, gamma=frozen.gamma, T=T).reshape(
        2, draws
    )
    for drawn, (s, a) in zip(totals, ((0, 0), (1, 1)), strict=True):
        values, law = sum_law(return_law(frozen, np.exp(log_policy), reward, s, a, T), particles)
        place = np.abs(drawn[:, None] - values).argmin(axis=1)
        assert np.abs(drawn - values[place]).max() < 1e-9
        assert_counts(np.bincount(place, minlength=len(values)), law)


def test_starts_have_the_occupation_law_and_their_steps_the_negative_binomial_one() -> None:
    show_seed(SEED + 1)
    game, n, draws = tiny_game(3), 12, 4_000
    frozen, log_policy, gamma = freeze(game, game.start), random_log_policy(4, game), game.gamma
    policy, rng = np.exp(log_policy), np.random.default_rng(SEED + 1)
    chain = PolicyCells(frozen).at(policy, frozen.reward)
    drawn = [draw_starts(rng, n, game.restart, chain, gamma) for _ in range(draws)]
    starts, steps = np.array([counts for counts, _ in drawn]), np.array([int(taken) for _, taken in drawn])
    law = occupation(game, policy, game.start, game.restart)
    assert (starts.sum(axis=1) == n).all()
    assert_counts(starts.sum(axis=0), law)
    for here, p in zip(starts.T, law, strict=True):
        assert_counts(np.bincount(here, minlength=n + 1), binom.pmf(np.arange(n + 1), n, p))
    total = nbinom(n * draws, 1.0 - gamma)
    assert total.ppf(ERROR_RATE / 2) <= steps.sum() <= total.isf(ERROR_RATE / 2)
    most = 10 * n
    law_of_steps = np.append(nbinom.pmf(np.arange(most), n, 1.0 - gamma), nbinom.sf(most - 1, n, 1.0 - gamma))
    assert_counts(np.bincount(np.minimum(steps, most), minlength=most + 1), law_of_steps)
    one = [draw_starts(rng, 1, game.restart, chain, gamma)[0].argmax() for _ in range(draws)]
    assert_counts(np.bincount(one, minlength=game.n_states), law)


def test_counts_and_particles_agree_in_law() -> None:
    show_seed(SEED + 2)
    game, I, T, draws = tiny_game(5), 8, 4, 2_500  # noqa: E741
    frozen, log_policy = freeze(game, game.start), random_log_policy(6, game)
    root = np.random.SeedSequence(SEED + 2)
    by_counts = CountRollouts(frozen, game.restart)
    by_particles = ParticleRollouts(Particles(RestartOracle(game, seed=SEED + 3)), game.start)
    batches = [
        [rollouts(log_policy, I, T, child(root, way, i)) for i in range(draws)]
        for way, rollouts in enumerate((by_counts, by_particles))
    ]
    for what in ("visits", "totals"):
        assert_same_law(*(np.array([getattr(batch, what) for batch in part], dtype=float) for part in batches))
    assert_same_law(*(np.array([batch.steps for batch in part], dtype=float) for part in batches))
    assert_same_law(*(np.array([batch.totals.sum() for batch in part]) for part in batches))
    law = np.repeat(occupation(game, np.exp(log_policy), game.start, game.restart) / game.n_actions, game.n_actions)
    for part in batches:
        assert_counts(sum(batch.visits.ravel() for batch in part), law)


def test_visits_of_pairs_are_uniform_over_actions() -> None:
    show_seed(SEED + 4)
    game = tiny_game(7, n_actions=3)
    frozen, log_policy = freeze(game, game.start), random_log_policy(8, game)
    law = occupation(game, np.exp(log_policy), game.start, game.restart)
    expected = np.repeat(law / 3, 3)
    for rollouts in (CountRollouts(frozen, game.restart), ExpectedRollouts(frozen, game.restart)):
        batch = rollouts(log_policy, 300_000, 1, np.random.SeedSequence(SEED + 4))
        assert_counts(batch.visits.ravel(), expected)


@pytest.mark.parametrize("bonus", BONUSES)
def test_means_of_astronomical_batches_are_the_truncated_values(bonus: str) -> None:
    show_seed(SEED + 5)
    game, I, T = tiny_game(9, n_states=4, n_actions=3), 10**15, 12  # noqa: E741
    frozen, log_policy = freeze(game, game.start), random_log_policy(10, game)
    batch = CountRollouts(frozen, game.restart, bonus=bonus)(log_policy, I, T, np.random.SeedSequence(SEED + 5))
    assert batch.visits.sum() == I
    assert batch.resets == I
    mean, width = batch.totals / batch.visits, 60.0
    deviation = np.abs(mean - truncated_values(frozen, log_policy, T))
    # Hoeffding for means of returns of that width, at 1e-8 over all pairs.
    assert (deviation <= width * np.sqrt(np.log(2 * mean.size / 1e-8) / 2 / batch.visits) + 1e-12).all()


def test_workers_change_nothing() -> None:
    game = tiny_game(11, n_states=5, n_actions=3)
    frozen, log_policy, seed = freeze(game, game.start), random_log_policy(12, game), np.random.SeedSequence(13)
    batches = [CountRollouts(frozen, game.restart, workers=w)(log_policy, 10_000, 9, seed) for w in (1, 2, 5)]
    for batch in batches[1:]:
        assert (batch.totals == batches[0].totals).all()
        assert (batch.visits == batches[0].visits).all()


def test_actions_with_the_same_reward_are_merged_without_changing_the_law() -> None:
    game = tiny_game(14, n_actions=6)  # three reward values for six actions
    frozen, policy = freeze(game, game.start), np.exp(random_log_policy(15, game))
    merged, split = (PolicyCells(frozen, merge=merge).at(policy, frozen.reward) for merge in (True, False))
    assert merged.target.shape[1] < split.target.shape[1]
    for s in range(game.n_states):
        laws = []
        for cells in (merged, split):
            law: dict[tuple[int, float], float] = {}
            for p, t, r in zip(cells.probability[s], cells.target[s], cells.reward[s], strict=True):
                law[int(t), float(r)] = law.get((int(t), float(r)), 0.0) + p
            laws.append(law)
        assert laws[0].keys() == laws[1].keys()
        assert all(abs(laws[0][key] - laws[1][key]) < 1e-14 for key in laws[0])


def test_a_law_with_zeros_never_yields_them() -> None:
    law = np.array([0.0, 0.1, 0.2, 0.7 - 1e-13, 0.0])
    for seed in range(50):
        counts = draw_law(np.random.default_rng(seed), MOST_DRAWS, law)
        assert counts.sum() == MOST_DRAWS
        assert counts[0] == counts[4] == 0


@pytest.mark.parametrize("wrong", [0, -1, 1.0, True, "3", None, MOST_DRAWS + 1])
def test_numbers_of_draws_are_checked(wrong: object) -> None:
    assert check_draws(MOST_DRAWS, "I") == MOST_DRAWS
    with pytest.raises(InputError, match="I == "):
        check_draws(wrong, "I")


def test_the_largest_batch_near_gamma_one_still_counts_its_calls() -> None:
    played = tiny_game(16, gamma=0.9999)
    rollouts = ExpectedRollouts(freeze(played, played.start), played.restart)
    batch = rollouts(random_log_policy(17, played), MOST_DRAWS, 3, np.random.SeedSequence(SEED))
    assert batch.steps == pytest.approx(MOST_DRAWS * 9999.0, rel=1e-6)
