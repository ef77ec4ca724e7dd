"""N players against enumeration of their joint chain, closed forms, and players simulated one by one."""

from __future__ import annotations

import itertools
import math

import numpy as np
import pytest
from matplotlib.figure import Figure
from scipy.stats import norm

import mfbounds as mb
from mfbounds.checks import FloatArray
from mfbounds.errors import InputError
from mfbounds.games.game import MeanFieldGame
from mfbounds.simulation.n_players_dynamics import Dynamics
from mfbounds.simulation.n_players_flow import Flow, mean_field_flow
from mfbounds.simulation.n_players_play import Played, play, proportions

from .statistics import assert_mean, assert_same_law, random_log_policy, show_seed, tiny_game

SEED = 20_240_620


def crowded_game(seed: int, n_states: int = 3, gamma: float = 0.7) -> MeanFieldGame:
    """Affine kernel and rewards that are not affine: both depend on mu."""
    rng = np.random.default_rng(seed)
    vertices = rng.dirichlet(np.full(n_states, 0.8), size=(n_states, n_states, 2))
    base = rng.normal(size=(n_states, 2))
    return mb.from_functions(
        lambda mu: np.tensordot(mu, vertices, axes=1),
        lambda mu: base - mu[:, None] ** 2,
        n_states=n_states,
        n_actions=2,
        gamma=gamma,
        eta=0.3,
        reward_range=(float(base.min()) - 1.0, float(base.max())),
    )


def joint_value(game: MeanFieldGame, policy: FloatArray, mu: FloatArray, N: int, T: int) -> float:
    """E J^N over steps 0..T by enumerating the states of all players and all their actions, player by player."""
    states = list(itertools.product(range(game.n_states), repeat=N))
    law = np.array([math.prod(mu[s] for s in players) for players in states])
    value = 0.0
    for t in range(T + 1):
        after = np.zeros_like(law)
        for weight, players in zip(law, states, strict=True):
            m = np.bincount(players, minlength=game.n_states) / N
            kernel, reward = np.asarray(game.kernel(m)), game.reward(m)
            earned = 0.0
            for s in players:
                row = policy[s]
                earned += sum(p * (reward[s, a] - game.eta * math.log(p)) for a, p in enumerate(row)) / N
            value += game.gamma**t * weight * earned
            moves = [sum(policy[s, a] * kernel[s, a] for a in range(game.n_actions)) for s in players]
            after += weight * np.array([math.prod(m[s] for m, s in zip(moves, to, strict=True)) for to in states])
        law = after
    return value


def plays(game: MeanFieldGame, policy: FloatArray, N: int, T: int, replications: int, seed: int) -> tuple[Played, Flow]:
    dynamics = Dynamics(game, policy)
    flow = mean_field_flow(dynamics, game.start, T)
    root = np.random.SeedSequence(seed)
    return play(dynamics, flow, N=N, T=T, replications=replications, start="iid", seed=root), flow


@pytest.mark.parametrize("N", [1, 2, 3])
@pytest.mark.parametrize(
    ("game", "replications"), [(crowded_game(1), 6_000), (tiny_game(3), 60_000)], ids=["functions", "affine"]
)
def test_the_mean_is_that_of_the_enumerated_joint_chain(game: MeanFieldGame, replications: int, N: int) -> None:
    show_seed(SEED + N)
    policy, T = np.exp(random_log_policy(2, game)), 4
    played, flow = plays(game, policy, N, T, replications, SEED + N)
    exact = joint_value(game, policy, game.start, N, T) - flow.value(T)
    weights = game.gamma ** np.arange(T + 1)
    values = float(weights.sum()) * (game.R + game.eta * math.log(game.n_actions))  # how far two values may be apart
    gains = 2.0 * float(weights @ np.ptp(flow.slopes, axis=1))  # each step adds at most its slopes' span, up or down
    assert_mean(played.difference, exact, values)
    assert_mean(played.martingale, 0.0, gains)
    assert_mean(played.difference - played.martingale, exact, values + gains)


def test_counts_and_players_one_by_one_have_the_same_law() -> None:
    show_seed(SEED + 10)
    game, N, T, draws = crowded_game(4), 7, 6, 2_000
    policy = np.exp(random_log_policy(5, game))
    by_counts, flow = plays(game, policy, N, T, draws, SEED + 10)
    rng = np.random.default_rng(SEED + 11)
    one_by_one = np.array([_play_players(game, policy, N, T, rng) for _ in range(draws)])
    assert_same_law(by_counts.difference, one_by_one - flow.value(T))


def _play_players(game: MeanFieldGame, policy: FloatArray, N: int, T: int, rng: np.random.Generator) -> float:
    """One value J^, each player drawing an action and then a state."""
    entropy = -(policy * np.log(policy)).sum(axis=1) * game.eta
    players, value = rng.choice(game.n_states, size=N, p=game.start), 0.0
    for t in range(T + 1):
        m = np.bincount(players, minlength=game.n_states) / N
        kernel, mean = game.kernel(m), (policy * game.reward(m)).sum(axis=1) + entropy
        value += game.gamma**t * float(mean[players].mean())
        actions = [rng.choice(game.n_actions, p=policy[s]) for s in players]
        players = np.array([rng.choice(game.n_states, p=kernel[s, a]) for s, a in zip(players, actions, strict=True)])
    return value


def fresh_doors(n: int, gamma: float = 0.5) -> MeanFieldGame:
    """Every step draws a new one of n states: E mu_N(s)^2 = 1/n^2 + (1/n)(1 - 1/n)/N, so the bias is known exactly."""
    return mb.AffineGame(np.full((n, 1, n), 1.0 / n), -np.eye(n)[:, :, None], gamma=gamma, eta=1.0)


def test_the_bias_of_fresh_doors_is_its_closed_form_and_falls_as_one_over_N() -> None:
    show_seed(SEED + 20)
    n, N = 4, [10, 1000, 10**6, 10**9, 2**53]
    level = 1.0 - 1e-7
    found = mb.n_player_gap(
        fresh_doors(n), np.ones((n, 1)), np.full(n, 1.0 / n), N, replications=2_000, level=level, seed=SEED + 20
    )
    for row in found.rows:
        exact = -(1.0 - 1.0 / n) / row.N / (1.0 - 0.5)
        assert row.bias.low <= exact <= row.bias.high
        assert row.bias_certain.low <= exact <= row.bias_certain.high
    assert all(row.resolved for row in found.rows[:-1])
    assert found.bias_slope.low <= -1.0 <= found.bias_slope.high
    assert found.frozen.value == pytest.approx(-0.5, abs=1e-12)
    assert abs(found.drift.value) <= found.drift.error


def test_deviation_has_the_limit_of_the_central_limit_theorem() -> None:
    """Two states redrawn as (p, 1-p) with reward 1 in the first: N Var = p(1-p)/(1-gamma^2), by independence."""
    show_seed(SEED + 30)
    p, gamma, level = 0.3, 0.6, 1.0 - 1e-7
    game = mb.AffineGame(np.tile([p, 1.0 - p], (2, 1, 1)), [[1.0], [0.0]], gamma=gamma, eta=1.0)
    found = mb.n_player_gap(
        game, np.ones((2, 1)), [p, 1.0 - p], [10**4, 10**6, 10**8], replications=2_000, level=level, seed=SEED + 30
    )
    assert found.sigma == pytest.approx(math.sqrt(p * (1.0 - p) / (1.0 - gamma**2)), rel=1e-6)
    for row in found.rows:
        normal = found.sigma * math.sqrt(2.0 / math.pi / row.N)
        assert row.deviation_predicted == pytest.approx(normal, rel=1e-12)
        assert row.deviation.low <= normal * 1.01  # Berry-Esseen: the law is normal to within 1%
        assert row.deviation.high >= normal * 0.99
        quartile = found.sigma * float(norm.isf(0.25)) / math.sqrt(row.N)
        assert row.deviation_median.low <= quartile * 1.02
        assert row.deviation_median.high >= quartile * 0.98
    assert found.deviation_slope.low <= -0.5 <= found.deviation_slope.high
    # Without interaction the bias is 0: what is left is rounding, and it is reported as such.
    for row in found.rows:
        assert abs(row.bias.value) <= row.rounding
        assert not row.resolved
    assert not found.bias_slope.resolved


def test_without_interaction_the_gap_is_what_the_frozen_value_has_at_every_population() -> None:
    game = mb.games.no_interaction(seed=3)
    policy = np.exp(random_log_policy(6, game))
    found = mb.n_player_gap(game, policy, game.start, [10, 10**5], replications=20, seed=1)
    assert abs(found.drift.value) <= found.drift.error  # no interaction: the flow does not matter
    for row in found.rows:  # the control variate knows of the steps after the last one
        assert abs(row.bias.value) <= row.rounding + row.truncation
        assert not row.resolved


def redrawn(law: list[float]) -> MeanFieldGame:
    """Whatever a player does, the next state is drawn from `law`; a state costs what it is crowded. gamma = 0.5."""
    n = len(law)
    return mb.AffineGame(np.tile(law, (n, 1, 1)), -np.eye(n)[:, :, None], gamma=0.5, eta=1.0)


@pytest.mark.parametrize(
    ("law", "start", "frozen", "flow"),
    [
        # all players pay 1 at first; after that, state 0 of mass 0.8 (frozen: 1), and state 1 of mass 0.2 (frozen: 0)
        ([0.8, 0.2], [1.0, 0.0], -1.0 - 0.8, -1.0 - (0.64 + 0.04)),
        ([0.0, 1.0], [1.0, 0.0], -1.0, -2.0),  # frozen, state 1 stays empty; in the flow everybody is there
        ([0.1, 0.2, 0.7], [0.5, 0.5, 0.0], -0.5 - 0.3 * 0.5, -0.5 - (0.01 + 0.04 + 0.49)),
    ],
)
def test_the_flow_and_the_frozen_value_differ_where_the_population_does_not_stay(
    law: list[float], start: list[float], frozen: float, flow: float
) -> None:
    """Later steps weigh 0.5 + 0.25 + ... = 1 in all."""
    found = mb.n_player_gap(redrawn(law), np.ones((len(law), 1)), start, [100], replications=10, seed=1)
    assert abs(frozen - flow) > 0.1
    assert found.frozen.value == pytest.approx(frozen, abs=1e-12)
    assert abs(found.flow.value - flow) <= found.flow.error
    assert abs(found.drift.value - (flow - frozen)) <= found.drift.error


def test_the_gap_of_a_population_that_knows_no_chance_is_the_drift() -> None:
    """All players start in state 0 and then are in state 1: J^N is the flow's value."""
    found = mb.n_player_gap(redrawn([0.0, 1.0]), np.ones((2, 1)), [1.0, 0.0], [100], replications=10, seed=1)
    assert found.rows[0].gap.value == pytest.approx(-1.0, abs=found.flow.error + 1e-12)


def test_same_seed_same_rows_whatever_the_workers_and_the_other_numbers() -> None:
    game = crowded_game(8)
    policy = np.exp(random_log_policy(9, game))
    options = {"replications": 60, "seed": 5}
    one = mb.n_player_gap(game, policy, game.start, [10, 1000], workers=1, horizon=9, **options).to_pandas()
    two = mb.n_player_gap(game, policy, game.start, [1000, 10], workers=3, horizon=9, **options).to_pandas()
    alone = mb.n_player_gap(game, policy, game.start, 1000, horizon=9, **options).to_pandas()
    assert one.equals(two)
    assert one.iloc[[1]].reset_index(drop=True).equals(alone)


def test_sparse_and_dense_kernels_and_affine_batches_draw_the_same_counts() -> None:
    """The same game three ways: dense affine (batched), sparse affine, and functions."""
    import scipy.sparse as sp

    rng = np.random.default_rng(12)
    kernels, rewards = rng.dirichlet(np.ones(3), size=(3, 3, 2)), rng.normal(size=(3, 3, 2))
    dense = mb.AffineGame(kernels, rewards, gamma=0.6, eta=0.2)
    sparse = mb.AffineGame([sp.csr_array(k.reshape(6, 3)) for k in kernels], rewards, gamma=0.6, eta=0.2)
    functions = mb.from_functions(
        lambda mu: np.tensordot(mu, kernels, axes=1),
        lambda mu: np.tensordot(mu, rewards, axes=1),
        n_states=3,
        n_actions=2,
        gamma=0.6,
        eta=0.2,
        reward_range=dense.reward_range,
    )
    policy = np.exp(random_log_policy(13, dense))
    tables = [
        mb.n_player_gap(game, policy, dense.start, [50], replications=30, horizon=8, seed=2).to_pandas()
        for game in (dense, sparse, functions)
    ]
    for table in tables[1:]:
        np.testing.assert_allclose(table["bias"], tables[0]["bias"], rtol=1e-4)
        np.testing.assert_allclose(table["deviation"], tables[0]["deviation"], rtol=1e-9)


@pytest.mark.parametrize("crowding", ["current", "next"])
def test_rewards_at_many_populations_are_those_at_each(crowding: str) -> None:
    game = mb.games.crowd_grid(crowding=crowding)
    policy = np.exp(random_log_policy(7, game))
    m = np.random.default_rng(8).multinomial(40, game.restart, size=5) / 40
    entropy = -(policy * np.log(policy)).sum(axis=1) * game.eta
    expected = [(policy * game.reward(law)).sum(axis=1) + entropy for law in m]
    np.testing.assert_allclose(Dynamics(game, policy).rewards(m), expected, rtol=1e-13)


def test_proportions_are_the_closest_integers() -> None:
    assert proportions(10, np.array([0.25, 0.25, 0.5])).tolist() == [3, 2, 5]
    assert proportions(1, np.array([0.2, 0.0, 0.8])).tolist() == [0, 0, 1]
    for N in (7, 10**9, 2**53):
        law = np.array([0.0, 1.0 / 3.0, 0.1, 1.0 - 1.0 / 3.0 - 0.1])
        counts = proportions(N, law)
        assert counts.sum() == N
        assert counts[0] == 0
        assert np.abs(counts - N * law).max() <= 4


def test_proportions_remove_the_luck_of_the_start() -> None:
    """gamma = 0: only the start counts, so nothing is left to chance."""
    game = fresh_doors(2, gamma=0.0)
    found = mb.n_player_gap(game, np.ones((2, 1)), [0.5, 0.5], [10, 11], start="proportions", replications=5, seed=0)
    assert found.sigma == 0.0
    even, odd = (row.bias.value for row in found.rows)
    assert even == 0.0
    assert odd == pytest.approx(0.5 - (36 + 25) / 121, abs=1e-15)  # 6 and 5 players


def test_a_floor_on_densities_is_felt_with_few_players() -> None:
    """In the crowd games empty cells count as the floor, and players who meet pay: the bias is negative."""
    game = mb.games.crowd_grid(kappa=0.2, eta=0.3)
    found = mb.n_player_gap(game, np.full((22, 5), 0.2), np.full(22, 1 / 22), [10, 1000], seed=4, replications=40)
    assert all(row.bias.high < 0.0 for row in found.rows)
    assert found.rows[0].bias.value < found.rows[1].bias.value


def test_the_bias_of_the_crowd_grid_is_what_chance_takes_from_the_entropy_of_shares() -> None:
    """The uniform population stays uniform under a policy that is the same in all cells, so mu_t^N is multinomial at
    each t, and E[-sum m log m] = log S - (S-1)/(2N) + O(1/N^2). Each step is worth kappa times that."""
    show_seed(SEED + 40)
    game, level = mb.games.crowd_grid(kappa=0.2, eta=0.3), 1.0 - 1e-7
    found = mb.n_player_gap(
        game, np.full((22, 5), 0.2), np.full(22, 1 / 22), [10**5, 10**8], level=level, seed=SEED + 40
    )
    for row in found.rows:
        exact = -0.2 * 21 / 2 / row.N / (1.0 - 0.9)
        doubt = 0.01 * abs(exact)  # the next term, of order S/N relative to this one
        assert row.bias.low - doubt <= exact <= row.bias.high + doubt
        assert row.resolved
    assert found.sigma < 1e-6  # the entropy is largest here: no first order


def test_it_shows_itself_as_a_table_with_slopes_only_where_there_are_some() -> None:
    doors, policy = mb.games.two_doors(attraction=-1.0), np.full((2, 2), 0.5)
    shown = {
        Ns: repr(mb.n_player_gap(doors, policy, doors.start, Ns, replications=20, seed=1)) for Ns in ((10,), (10, 1000))
    }
    assert "N^" not in shown[10,]
    assert "bias ~ N^" in shown[10, 1000]
    assert [line.split()[0] for line in shown[10, 1000].splitlines()[-2:]] == ["10", "1000"]


def test_the_picture_has_both_distances_and_their_guides() -> None:
    found = mb.n_player_gap(
        fresh_doors(3), np.ones((3, 1)), [0.2, 0.3, 0.5], [10, 100, 1000, 10**4], replications=50, seed=3
    )
    figure = found.plot()
    assert isinstance(figure, Figure)
    axes = figure.axes[0]
    assert axes.get_xscale() == axes.get_yscale() == "log"
    labels = [text.get_text() for text in axes.get_legend().get_texts()]
    assert any("1/sqrt(N)" in label for label in labels)
    assert any(label.startswith("bias |E J^N - J|: slope -") for label in labels)


@pytest.mark.parametrize(
    ("change", "told"),
    [
        ({"N": 0}, "N == 0"),
        ({"N": 10.0}, "N == 10.0, must be an integer"),
        ({"N": True}, "N == True"),
        ({"N": [10, 2**53 + 1]}, "must be <= 2\\^53"),
        ({"N": []}, "must name a number of players"),
        ({"N": [10, 10]}, "must hold each number once"),
        ({"N": "10"}, "N == '10'"),
        ({"policy": np.ones((3, 1))}, "policy.shape"),
        ({"policy": np.full((2, 1), 0.5)}, "policy"),
        ({"mu": [0.5, 0.6]}, "mu"),
        ({"replications": 1}, "replications == 1"),
        ({"horizon": -1}, "horizon == -1"),
        ({"tolerance": 0.0}, "tolerance == 0"),
        ({"tolerance": 1.5}, "tolerance == 1.5"),
        ({"level": 1.0}, "level == 1"),
        ({"start": "even"}, "start"),
        ({"seed": -1}, "seed == -1"),
        ({"workers": 0}, "workers == 0"),
    ],
)
def test_bad_input_is_refused(change: dict[str, object], told: str) -> None:
    arguments: dict[str, object] = {"policy": np.ones((2, 1)), "mu": [0.5, 0.5], "N": [10], **change}
    with pytest.raises(InputError, match=told):
        mb.n_player_gap(fresh_doors(2), **arguments)  # type: ignore[arg-type]
