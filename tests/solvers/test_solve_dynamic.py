from __future__ import annotations

from copy import copy
from pathlib import Path
from typing import Any

import numpy as np
import pandas as pd
import pytest
from flint import arb, ctx
from scipy.optimize import brentq

from mfbounds.errors import InputError, NotConvergedError, UnknownNameError
from mfbounds.games.dynamic import DynamicGame, FiniteHorizonGame
from mfbounds.games.dynamic.random import random_dynamic
from mfbounds.games.dynamic.rps import a_rps
from mfbounds.games.dynamic.sis import a_sis
from mfbounds.games.random import two_doors
from mfbounds.mdp.finite_horizon import Flow, flow_exploitability, flow_of
from mfbounds.mdp.joint import JointGame
from mfbounds.simulation.streams import generator, seed_sequence
from mfbounds.solvers import Run, load_run, solve, td_learning
from mfbounds.solvers.dynamic_history import players_exploitability
from mfbounds.solvers.regularised_equilibrium import regularised_equilibrium
from mfbounds.symmetry import induced_game

WEIGHTS = np.array([1.0, 2.0, 5.0])


def crowded_doors(horizon: int = 2) -> FiniteHorizonGame:
    """One state, three doors; each pays minus its weight times the share of players there: strictly monotone."""
    return FiniteHorizonGame.of(
        np.ones((1, 3, 1)),
        lambda mu: -WEIGHTS * mu,
        n_states=1,
        n_actions=3,
        horizon=horizon,
        reward_range=(-5.0, 0.0),
    )


def soft_shares(tau: float) -> np.ndarray:
    """The p with tau log p_a + w_a p_a the same for all a, by nested root finding."""

    def share(level: float, w: float) -> float:
        return brentq(lambda p: tau * np.log(p) + w * p - level, 1e-300, 50.0, xtol=1e-15)

    level = brentq(lambda c: sum(share(c, w) for w in WEIGHTS) - 1.0, tau * np.log(1e-200), 10.0, xtol=1e-15)
    return np.array([share(level, w) for w in WEIGHTS])


def same(first: Run, second: Run) -> None:
    pd.testing.assert_frame_equal(first.history, second.history, check_exact=True)
    assert first.policy.tobytes() == second.policy.tobytes()
    assert first.mu.tobytes() == second.mu.tobytes()


def test_exact_methods_find_the_equilibrium_of_a_monotone_game() -> None:
    game, shares = crowded_doors(), 1 / WEIGHTS / (1 / WEIGHTS).sum()
    mirror = solve(game, "online-mirror-descent", K=400, learning_rate=0.3)
    assert np.abs(mirror.policy - shares).max() < 1e-9
    assert mirror.history.exploitability.iloc[-1] < 1e-8
    play = solve(game, "fictitious-play", K=2000, every=2000)
    assert np.abs(play.policy - shares).max() < 5e-3
    assert np.abs(play.mu[0, 0] - shares).max() < 5e-3


@pytest.mark.parametrize("tau", [0.05, 0.5])
def test_the_regularised_equilibrium_is_the_known_one(tau: float) -> None:
    found = regularised_equilibrium(crowded_doors(), tau=tau, tol=1e-12)
    assert np.abs(found.policy - soft_shares(tau)).max() < 1e-5
    mirror = solve(crowded_doors(), "online-mirror-descent", K=500, learning_rate=0.3, tau=tau)
    assert np.abs(mirror.policy - soft_shares(tau)).max() < 1e-5


def test_the_regularised_equilibrium_comes_with_its_exploitability() -> None:
    game = a_rps(n_players=50, horizon=4)
    found = regularised_equilibrium(game, tau=0.2, tol=1e-7)
    induced = induced_game(game)
    assert flow_exploitability(induced, found.policy, 0.2) == pytest.approx(found.exploitability, abs=1e-12)
    assert found.exploitability <= 1e-7
    plain = flow_exploitability(induced, found.policy)
    assert plain == pytest.approx(found.plain_exploitability, abs=1e-12)
    assert plain <= found.exploitability + 0.2 * 4 * np.log(3)
    with pytest.raises(NotConvergedError, match="must be <= tol"):
        regularised_equilibrium(game, tau=0.2, tol=1e-7, K=3)


def shares(row: np.ndarray) -> list[arb]:
    total = sum((arb(float(p)) for p in row), arb(0))
    return [arb(float(p)) / total for p in row]


def exact_gap(flow: Flow, policy: np.ndarray, tau: float) -> arb:
    """<start, V* - V> against the flow's rewards, the start and all rows divided by their exact sums."""
    horizon, n_states, n_actions = policy.shape
    best, own = [arb(0)] * n_states, [arb(0)] * n_states
    for h in reversed(range(horizon)):
        now = []
        for s in range(n_states):
            mine, weights, played = arb(0), arb(0), shares(policy[h, s])
            for a in range(n_actions):
                ahead = shares(flow.kernels[h, s, a])
                reward, p = arb(float(flow.rewards[h, s, a])), played[a]
                mine += p * (reward + sum((q * v for q, v in zip(ahead, own, strict=True)), arb(0)) - tau * p.log())
                weights += ((reward + sum((q * v for q, v in zip(ahead, best, strict=True)), arb(0))) / arb(tau)).exp()
            now.append((arb(tau) * weights.log(), mine))
        best, own = [b for b, _ in now], [m for _, m in now]
    return sum((m * (b - o) for m, b, o in zip(shares(flow.start), best, own, strict=True)), arb(0))


@pytest.mark.parametrize("game", [crowded_doors(), induced_game(a_rps(n_players=50, horizon=4))])
@pytest.mark.parametrize(("tau", "tol"), [(0.05, 1e-3), (0.05, 1e-8), (0.5, 1e-8), (0.5, 1e-12)])
def test_the_regularised_exploitability_lies_within_its_error_of_exact_arithmetic(
    game: FiniteHorizonGame, tau: float, tol: float
) -> None:
    found = regularised_equilibrium(game, tau=tau, tol=tol)
    with ctx.workprec(300):
        truth = exact_gap(flow_of(game, found.policy), found.policy, tau)
        assert abs(truth - arb(found.exploitability)) <= arb(found.exploitability_error)
        assert truth <= arb(tol)


@pytest.mark.parametrize("uneven", ["kernel", "start of the game", "start of the policy"])
@pytest.mark.parametrize("seed", range(8))
def test_the_error_covers_rows_that_are_normalised_only_to_1e_12(seed: int, uneven: str) -> None:
    """`tol` is so large that the start itself is the answer."""
    rng = np.random.default_rng(seed)
    S, A, H = 3, 2, 5
    rows = {
        "kernel": rng.dirichlet(np.ones(S), size=(S, A)),
        "start of the game": rng.dirichlet(np.ones(S)),
        "start of the policy": rng.dirichlet(np.ones(A), size=(H, S)),
    }
    rows[uneven] = rows[uneven] * (1.0 + 9e-13 * rng.choice([-1.0, 1.0], size=(*rows[uneven].shape[:-1], 1)))
    base = rng.uniform(100.0, 101.0, size=(S, A))
    game = FiniteHorizonGame.of(
        rows["kernel"],
        lambda mu: base - mu,
        n_states=S,
        n_actions=A,
        horizon=H,
        reward_range=(99.0, 101.0),
        start=rows["start of the game"],
    )
    policy = rows["start of the policy"]
    found = regularised_equilibrium(game, tau=0.1, tol=1e3, start=policy)
    assert found.steps == 0
    with ctx.workprec(300):
        truth = exact_gap(flow_of(game, policy), policy, 0.1)
        assert abs(truth - arb(found.exploitability)) <= arb(found.exploitability_error)
    assert found.exploitability_error < 1e-7


@pytest.mark.parametrize("game", [crowded_doors(), a_rps(n_players=50, horizon=4)])
def test_no_equilibrium_is_certified_below_rounding(game: FiniteHorizonGame | DynamicGame) -> None:
    with pytest.raises(NotConvergedError, match="tol == 1e-300, must be >"):
        regularised_equilibrium(game, tau=0.5, tol=1e-300)


@pytest.mark.parametrize("mixing", ["printed", "none"])
def test_symm_pmd_is_algorithm_2_line_by_line(mixing: str) -> None:
    game, T, tau = a_rps(n_players=30, horizon=3), 4, 0.1
    run = solve(game, "symm-pmd", K=T, M=20, tau=tau, mixing=mixing, seed=9)
    policies = [np.full((3, 3, 3), 1 / 3)]
    for t in range(T):
        Q = td_learning(game, policies[-1], M=20, tau=tau, seed=generator(seed_sequence(9), t)).Q
        xi, weight = (t + 1) ** -0.5, 1 / (t + 1) if mixing == "printed" else 0.0
        moved = policies[-1] ** (1 - tau * xi) * np.exp(xi * Q)
        moved /= moved.sum(axis=2, keepdims=True)
        mixed = (1 - weight) * moved + weight / 3
        policies.append(mixed / mixed.sum(axis=2, keepdims=True))
    assert np.abs(run.policy - np.mean(policies, axis=0)).max() < 1e-12
    last = solve(game, "symm-pmd", K=T, M=20, tau=tau, mixing=mixing, seed=9, output="last")
    assert np.abs(last.policy - policies[-1]).max() < 1e-12
    if mixing == "printed":
        assert run.history.policy_change[1] < 1e-15  # at t = 0 the step is thrown away
    assert run.history.trajectories.tolist() == [20 * t for t in range(T + 1)]


@pytest.mark.parametrize("player", [0, 3])
def test_the_first_epoch_of_independent_pmd_is_symm_pmd_on_each_agent(player: int) -> None:
    """All start with one policy, so that the first trajectories are the same, and so is what a player makes of its own."""
    game = a_sis(n_players=5, horizon=3)
    alone = solve(game, "independent-pmd", K=1, M=15, mixing="none", output="last", seed=4)
    shared = solve(
        game, "symm-pmd", K=1, M=15, mixing="none", output="last", seed=4, data="agent", agent=player, level="agents"
    )
    assert np.abs(alone.policy[player] - shared.policy).max() < 1e-14
    assert np.abs(alone.policy - shared.policy).max() > 1e-3


def test_what_identical_players_learn_has_one_law() -> None:
    """Exchangeable players: the difference of two players' policies after two epochs has mean zero.

    Error rate 1e-6 (Hoeffding over 60 seeds 0..59, differences in [-1, 1], 4 cells).
    """
    game = a_sis(n_players=2, horizon=2, alpha=0.0, beta=0.0)
    runs = 60
    policies = [
        solve(game, "independent-pmd", K=2, M=5, mixing="none", output="last", seed=seed, every=9).policy
        for seed in range(runs)
    ]
    gap = np.mean([policy[0] - policy[1] for policy in policies], axis=0)[..., 0]
    assert np.abs(gap).max() <= np.sqrt(2 * np.log(2 * gap.size / 1e-6) / runs)


def test_the_history_tells_the_exploitability_of_the_last_policy() -> None:
    game = random_dynamic(seed=1, family="dense")
    run = solve(game, "symm-pmd", K=3, M=10, seed=0, output="last")
    profile = np.repeat(run.policy[None], game.n_players, axis=0)
    exact = JointGame(game).exploitability(profile)  # type: ignore[arg-type]
    last = run.history.iloc[-1]
    assert last.exploitability == pytest.approx(exact.max(), abs=1e-12)
    assert last.exploitability_mean == pytest.approx(exact.mean(), abs=1e-12)
    assert last.mean_field_exploitability == pytest.approx(
        flow_exploitability(induced_game(game), run.policy), abs=1e-14
    )


CASES: list[tuple[str, dict[str, Any]]] = [
    ("symm-pmd", {"M": 8, "seed": 5}),
    ("independent-pmd", {"M": 8, "seed": 5}),
    ("fictitious-play", {}),
    ("online-mirror-descent", {"learning_rate": 0.5, "tau": 0.1}),
]


@pytest.mark.parametrize(("method", "options"), CASES)
def test_an_interrupted_run_goes_on_as_if_nothing_had_happened(
    method: str, options: dict[str, Any], tmp_path: Path
) -> None:
    game = a_rps(n_players=8, horizon=3)
    whole = solve(game, method, K=5, every=2, **options)
    first = solve(game, method, K=3, every=2, **options)
    first.save(tmp_path / "run.npz")
    options.pop("seed", None)
    same(solve(game, method, K=5, every=2, resume=load_run(tmp_path / "run.npz"), **options), whole)


def test_runs_of_something_else_are_not_resumed() -> None:
    game = a_rps(n_players=8, horizon=3)
    run = solve(game, "symm-pmd", K=3, M=8, seed=5)
    for change, word in (
        ({"M": 9}, "resume.M == 8"),
        ({"seed": 6}, "resume.seed == 5"),
        ({"xi_0": 2.0}, r"xi\[0\] == 2.0, must be 1.0"),
        ({"mixing": "none"}, r"mixing\[0\]"),
        ({"K": 2}, "K == 2, must be >= 3"),
        ({"every": 2}, "resume.every"),
    ):
        with pytest.raises(InputError, match=word):
            solve(game, "symm-pmd", **{"K": 4, "M": 8, "resume": run, **change})
    with pytest.raises(InputError, match=r"resume\.game"):
        solve(a_rps(n_players=8, horizon=3, seed=1), "symm-pmd", K=4, M=8, resume=run)


def test_progress_is_told() -> None:
    told: list[tuple[int, int]] = []
    solve(a_rps(n_players=8, horizon=2), "symm-pmd", K=3, M=2, seed=0, progress=lambda *at: told.append(at))
    assert told == [(1, 3), (2, 3), (3, 3)]


@pytest.mark.parametrize(
    ("method", "options", "message"),
    [
        ("symm-pmd", {"xi": 30.0}, r"tau\*xi\[0\] == 1.5, must be < 1"),
        ("symm-pmd", {"tau": 1.0}, r"tau\*xi\[0\] == 1, must be < 1"),
        ("symm-pmd", {"K": 0}, "K == 0"),
        ("symm-pmd", {"L": 3}, "L == 3"),
        ("independent-pmd", {"data": "pooled"}, "data == 'pooled'"),
        ("online-mirror-descent", {"tau": -1.0}, "tau == -1.0"),
        ("fictitious-play", {"beta": 2.0}, "beta"),
        ("fictitious-play", {"beta": np.full((2, 2), 0.5)}, r"beta\[1\] == .*, must be a real number"),
        ("fictitious-play", {"seed": "abc"}, "seed == 'abc'"),
        ("fictitious-play", {"resume": "run.npz"}, r"resume == 'run\.npz', must be a Run"),
        ("symm-pmd", {"resume": "run.npz"}, r"resume == 'run\.npz', must be a Run"),
        ("symm-pmd", {"xi": np.full((2, 1), 0.5)}, r"xi\[0\] == .*, must be a real number"),
        ("online-mirror-descent", {"learning_rate": 0.0}, r"learning_rate\[0\] == 0.0, must be > 0"),
        ("online-mirror-descent", {"learning_rate": [1.0]}, r"len\(learning_rate\) == 1, must be K == 2"),
        ("online-mirror-descent", {"learning_rate": 4.0, "tau": 0.5}, r"tau\*learning_rate\[0\] == 2, must be < 1"),
    ],
)
def test_options_out_of_range_are_refused(method: str, options: dict[str, Any], message: str) -> None:
    with pytest.raises(InputError, match=message):
        solve(a_rps(n_players=8, horizon=2), method, **{"K": 2, **options})


def test_methods_of_other_games_are_refused() -> None:
    with pytest.raises(InputError, match="must be a dynamic game of N players for symm-pmd"):
        solve(two_doors(attraction=-1.0), "symm-pmd", K=1)
    with pytest.raises(
        InputError, match=r"must be a dynamic game of N players for symm-pmd: .* fictitious-play, online-m"
    ):
        solve(crowded_doors(), "symm-pmd", K=1)
    with pytest.raises(
        InputError, match=r"must be a MeanFieldGame for exact-mf-trpo: .* fictitious-play, online-mirror"
    ):
        solve(crowded_doors(), "exact-mf-trpo", K=1)
    with pytest.raises(UnknownNameError):
        solve(a_rps(n_players=8), "symm-pmd", K=1, output="best")
    with pytest.raises(UnknownNameError):
        solve(a_rps(n_players=8), "fictitious-play", K=1, M=3)


def test_exploitability_is_left_out_where_a_game_is_too_large_and_only_there() -> None:
    """Nine pairs and 60 players: no table, and the law of their counts is not listed either."""
    large = copy(a_rps(n_players=60, horizon=2))
    object.__setattr__(large, "affine_rewards", False)
    uniform = np.full((2, 3, 3), 1 / 3)
    assert players_exploitability(large, uniform) is None
    with pytest.raises(InputError, match="policy"):
        players_exploitability(large, uniform[:1])
