from __future__ import annotations

import numpy as np
import pytest

import mfbounds as mb
from mfbounds.errors import InputError
from mfbounds.interop.bench_mfg import SPARSE_FROM

from .stand_ins import BenchChain

RANGE = (-10.0, 0.0)


def summed_kernel(environment: BenchChain, mu: np.ndarray) -> np.ndarray:
    """P(s'|s,a,mu) by the definition: a sum over the atoms of the noise."""
    kernel = np.zeros((environment.N_states, environment.N_actions, environment.N_states))
    for s, a, n in np.ndindex(environment.N_states, environment.N_actions, environment.N_noises):
        kernel[s, a, environment.transition(mu, s, a, n)] += environment.noise_prob[n]
    return kernel


@pytest.mark.parametrize("slowed", [False, True])
def test_kernel_and_reward_are_those_of_the_environment(slowed: bool) -> None:
    environment = BenchChain(slowed=slowed)
    game = mb.interop.from_bench_mfg(environment, eta=0.1, reward_range=RANGE)
    for seed in range(5):
        mu = np.random.default_rng(seed).dirichlet(np.full(5, 0.5))
        assert np.array_equal(game.kernel(mu), summed_kernel(environment, mu))
        expected = [[environment.reward(mu, s, a) for a in range(3)] for s in range(5)]
        assert np.array_equal(game.reward(mu), expected)
    assert (game.fixed_kernel is None) == slowed
    assert (game.gamma, game.name, game.n_actions) == (0.8, "BenchChain", 3)


def test_large_kernels_are_sparse() -> None:
    environment = BenchChain(SPARSE_FROM)
    game = mb.interop.from_bench_mfg(environment, eta=0.1, reward_range=(-1000.0, 0.0))
    mu = environment.stationary_mean_field
    assert np.array_equal(game.kernel(mu).toarray().reshape(SPARSE_FROM, 3, -1), summed_kernel(environment, mu))


def test_an_affine_import_has_certified_constants() -> None:
    game = mb.interop.from_bench_mfg(BenchChain(), eta=0.1, affine=True)
    by_functions = mb.interop.from_bench_mfg(BenchChain(), eta=0.1, reward_range=RANGE)
    assert isinstance(game, mb.AffineGame)
    # r(s, a, mu) = ... - 3 mu(s): the slope in l2, over directions of zero mass, is 3 sqrt(1 - 1/S) and at most 3
    assert 2.6 < mb.constants(game, measure=False)["L_r"].sharpened <= 3.0
    mu = np.array([0.1, 0.2, 0.3, 0.15, 0.25])
    assert np.allclose(game.reward(mu), by_functions.reward(mu), rtol=0, atol=1e-14)


def test_a_reward_that_ignores_the_population_needs_no_range() -> None:
    environment = BenchChain(slowed=True)
    environment.reward = lambda **at: float(at["state"] == 2)
    game = mb.interop.from_bench_mfg(environment, eta=0.1)
    assert game.reward_range == (0.0, 1.0)
    assert game.fixed_reward is not None


def test_a_rare_interaction_is_noticed() -> None:
    """The kernel moves only where more than 99% stand in one state: random probes do not see it, NaN does."""
    environment = BenchChain(40)
    environment.transition = lambda **at: at["state"] if at["mean_field"][39] <= 0.99 else 0
    game = mb.interop.from_bench_mfg(environment, eta=0.1, reward_range=(-1000.0, 0.0), probes=2)
    assert game.fixed_kernel is None


class TestBadInput:
    def test_a_reward_range_is_asked_for(self) -> None:
        with pytest.raises(InputError, match=r"reward_range is missing, .* affine=True"):
            mb.interop.from_bench_mfg(BenchChain(), eta=0.1)

    def test_a_reward_range_that_a_probe_leaves(self) -> None:
        with pytest.raises(InputError, match=r"must stay inside reward_range == \(-1.0, 0.0\)"):
            mb.interop.from_bench_mfg(BenchChain(), eta=0.1, reward_range=(-1.0, 0.0))

    def test_not_affine(self) -> None:
        with pytest.raises(InputError, match="must be affine in mu"):
            mb.interop.from_bench_mfg(BenchChain(slowed=True), eta=0.1, affine=True)

    def test_a_missing_attribute(self) -> None:
        environment = BenchChain()
        del environment.noise_prob
        with pytest.raises(InputError, match=r"BenchChain.noise_prob is missing"):
            mb.interop.from_bench_mfg(environment, eta=0.1, reward_range=RANGE)

    def test_a_missing_discount_is_asked_for_unless_it_is_given(self) -> None:
        environment = BenchChain()
        del environment.gamma
        with pytest.raises(InputError, match=r"BenchChain.gamma is missing"):
            mb.interop.from_bench_mfg(environment, eta=0.1, reward_range=RANGE)
        assert mb.interop.from_bench_mfg(environment, eta=0.1, reward_range=RANGE, gamma=0.7).gamma == 0.7

    def test_an_environment_that_is_not_stationary(self) -> None:
        environment, rng = BenchChain(), np.random.default_rng(0)
        environment.transition = lambda **_: int(rng.integers(5))
        with pytest.raises(InputError, match=r"transition == two different values at one population.*not stationary"):
            mb.interop.from_bench_mfg(environment, eta=0.1, reward_range=RANGE)

    @pytest.mark.parametrize("state", [5, -1, 0.5])
    def test_a_next_state_that_is_none(self, state: float) -> None:
        environment = BenchChain()
        environment.transition = lambda **_: state
        with pytest.raises(InputError, match="must be a state, an integer from 0 to 4"):
            mb.interop.from_bench_mfg(environment, eta=0.1, reward_range=RANGE)

    def test_wrong_shapes(self) -> None:
        environment = BenchChain()
        environment.stationary_mean_field = np.full(4, 0.25)
        with pytest.raises(InputError, match=r"stationary_mean_field.shape == \(4,\), must be \(5,\)"):
            mb.interop.from_bench_mfg(environment, eta=0.1, reward_range=RANGE)

    def test_float32_laws_are_divided_by_their_sum_only_when_told(self) -> None:
        environment = BenchChain(7)
        environment.stationary_mean_field = np.full(7, 1.0 / 7.0, dtype=np.float32)
        with pytest.raises(InputError, match="renormalise=True"):
            mb.interop.from_bench_mfg(environment, eta=0.1, reward_range=RANGE)
        game = mb.interop.from_bench_mfg(environment, eta=0.1, reward_range=(-20.0, 0.0), renormalise=True)
        assert game.start.sum() == pytest.approx(1.0, abs=1e-15)
        assert 0.0 < game.layout["imported"]["correction"] < 1e-6

    @pytest.mark.parametrize("renormalise", [False, True])
    def test_what_float32_does_not_explain_is_refused(self, renormalise: bool) -> None:
        environment = BenchChain()
        environment.noise_prob = np.array([0.1, 0.5, 0.1, 0.25])
        with pytest.raises(InputError, match=r"noise_prob.*sum\(\) == 0.9"):
            mb.interop.from_bench_mfg(environment, eta=0.1, reward_range=RANGE, renormalise=renormalise)

    def test_no_discount(self) -> None:
        with pytest.raises(InputError, match=r"gamma == 1.0, must be in \[0, 1\)"):
            mb.interop.from_bench_mfg(BenchChain(gamma=1.0), eta=0.1, reward_range=RANGE)


def test_a_grid_keeps_its_cells() -> None:
    environment = BenchChain(6)
    environment.grid_dim = np.array([2, 3])
    environment.obstacle_mask = np.array([[True, False, False], [False, False, False]])
    game = mb.interop.from_bench_mfg(environment, eta=0.1, reward_range=RANGE)
    # their row 0 is at the bottom, ours at the top
    assert game.layout["cells"][0] == [1, 0]
    assert game.layout["walls"] == [[1, 0]]


@pytest.mark.parametrize("value", [np.nan, np.inf, None, "1", np.array([1.0, 2.0])])
def test_a_reward_that_is_no_number_is_said_to_be_so(value: object) -> None:
    environment = BenchChain()
    environment.reward = lambda mean_field, state, action: value if (state, action) == (2, 1) else 0.0
    with pytest.raises(InputError, match=r"reward\(state=2, action=1\) == .*, must be a finite number"):
        mb.interop.from_bench_mfg(environment, eta=0.1, reward_range=RANGE)


def test_functions_of_other_arguments_are_refused() -> None:
    environment = BenchChain()
    environment.reward = lambda mu, s, a: 0.0
    with pytest.raises(
        InputError, match=r"reward == a function of other .*, must take mean_field, state, action by name"
    ):
        mb.interop.from_bench_mfg(environment, eta=0.1, reward_range=RANGE)
