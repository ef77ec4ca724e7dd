"""Sample-Based MF-TRPO: where trajectories begin and end, its limit, its interruption, wrong input."""

from __future__ import annotations

from pathlib import Path
from typing import Any

import numpy as np
import pandas as pd
import pytest

from mfbounds.checks import FloatArray
from mfbounds.errors import InputError, UnknownNameError
from mfbounds.games import AffineGame, MeanFieldGame
from mfbounds.mdp import freeze
from mfbounds.simulation import RestartOracle
from mfbounds.solvers import Run, load_run, solve, trpo_iterates
from mfbounds.solvers.sampled_mf_trpo import level_law
from tests.simulation.statistics import ERROR_RATE, assert_counts, assert_same_law, show_seed, smallest_tail

METHOD = "sampled-mf-trpo"
SEED = 4_242


def game(seed: int = 0, n_states: int = 3, n_actions: int = 2) -> MeanFieldGame:
    rng = np.random.default_rng(seed)
    nu = rng.dirichlet(np.ones(n_states))
    return AffineGame(
        rng.dirichlet(np.ones(n_states), size=(n_states, n_states, n_actions)),
        rng.uniform(-1.0, 1.0, size=(n_states, n_states, n_actions)),
        gamma=0.7,
        eta=0.5,
        restart=nu,
        start=nu,
    )


def ring() -> MeanFieldGame:
    """No choice and no interaction: the population moves round a ring, so its laws are known by hand."""
    kernel = 0.05 * np.ones((4, 1, 4)) + 0.8 * np.roll(np.eye(4), 1, axis=1)[:, None]
    nu = np.array([0.7, 0.1, 0.1, 0.1])
    return AffineGame(kernel, np.zeros((4, 1)), gamma=0.5, eta=1.0, restart=nu, start=nu)


@pytest.mark.parametrize(
    ("initial", "by_particles"),
    [("reset", False), ("repaired", False), ("repaired", True), ("printed", False), ("printed", True)],
)
def test_two_levels_separate_the_rules_of_starting(initial: str, by_particles: bool) -> None:
    """nu P1 P2 has weight b_1 b_2 in truth and b_2 as printed: trajectories of step 3 tell the difference."""
    played, P, M, betas = ring(), 400_000, 1, [0.5, 0.4, 0.3]
    step, nu = np.asarray(played.kernel(played.start))[:, 0], played.restart
    weights = {
        "repaired": (0.5 * 0.6, 0.5 * 0.6 + 0.5 * 0.4, 0.5 * 0.4),
        "printed": (0.5 * 0.6, 0.5 * 0.6, 0.4),
    }
    laws = {
        name: sum(w * nu @ np.linalg.matrix_power(step, i) for i, w in enumerate(ws)) for name, ws in weights.items()
    }
    ends, before = _last_ends(played, by_particles, initial, P, M, betas)
    laws["reset"] = before
    found = {name: smallest_tail(ends, law @ step) for name, law in laws.items()}
    assert found[initial] >= ERROR_RATE, (f"seed {SEED}", found)
    for other in ("repaired", "reset") if initial == "printed" else ("printed",):
        assert found[other] < ERROR_RATE**2


def _last_ends(
    played: MeanFieldGame, by_particles: bool, initial: str, P: int, M: int, betas: list[float]
) -> tuple[FloatArray, FloatArray]:
    """Counts of the ends of the last step's trajectories, and the population before it."""
    runs = [
        solve(
            RestartOracle(played, seed=SEED) if by_particles else played,
            METHOD,
            K=K,
            L=1,
            M=M,
            beta=betas[:K],
            I=10,
            T=1,
            P=P,
            initial=initial,
            seed=SEED,
        )
        for K in (len(betas) - 1, len(betas))
    ]
    before, after = (run.mu for run in runs)
    ends = P * (before + (after - before) / betas[-1])
    assert np.abs(ends - ends.round()).max() < 1e-3
    return ends.round(), before


def test_the_law_of_the_printed_level() -> None:
    steps = np.array([0.2, 0.5, 0.3])
    by_hand = [0.8 * 0.5 * 0.7, 0.2 * 0.5 * 0.7, 0.5 * 0.7, 0.3]
    assert level_law(steps) == pytest.approx(by_hand, abs=1e-15)


@pytest.mark.parametrize("by_particles", [False, True], ids=["counts", "particles"])
@pytest.mark.parametrize("play", ["mixture", "last"])
def test_trajectories_keep_the_policy_they_drew(play: str, by_particles: bool) -> None:
    """With enormous batches the policies are those of exact TRPO; the ends then have a law that loops give."""
    played, P, M, L = game(1), 20_000 if by_particles else 200_000, 3, 2  # fewer than rollouts: policies are not exact
    frozen = freeze(played, played.start)
    policies = [iterate.policy for iterate in trpo_iterates(frozen, L)]
    chains = [np.einsum("sa,sax->sx", pi, np.asarray(frozen.kernel)) for pi in policies]
    chains = chains if play == "mixture" else chains[-1:]
    law = np.mean([played.start @ np.linalg.matrix_power(chain, M) for chain in chains], axis=0)
    problem = RestartOracle(played, seed=SEED) if by_particles else played
    arguments = {"I": 300_000, "T": 20} if by_particles else {"I": 10**14, "T": 100, "rollouts": "expected"}
    run = solve(
        problem, METHOD, K=1, L=L, M=M, beta=1.0, P=P, seed=SEED, play=play, initial="repaired",
        estimator="mean", **arguments
    )  # fmt: skip
    show_seed(SEED)
    counts = P * run.mu
    assert np.abs(counts - counts.round()).max() < 1e-6
    assert_counts(counts.round(), law)


@pytest.mark.parametrize("warm_start", [False, True])
def test_enormous_samples_follow_the_exact_iteration(warm_start: bool) -> None:
    played = game(2)
    arguments: dict[str, Any] = {"K": 8, "L": 6, "M": 3, "beta": 0.4, "warm_start": warm_start}
    exact = solve(played, "exact-mf-trpo", **arguments)
    run = solve(played, METHOD, **arguments, I=10**14, P=10**14, T=100, rollouts="expected", play="last", seed=SEED)
    assert run.mu == pytest.approx(exact.mu, abs=1e-5)
    assert run.policy == pytest.approx(exact.policy, abs=1e-4)
    columns = ["exploitability", "quality", "value", "delta_mu"]
    pd.testing.assert_frame_equal(run.history[columns], exact.history[columns], atol=1e-4)


def test_oracle_calls_are_those_that_the_oracle_counts() -> None:
    oracle = RestartOracle(game(3), seed=SEED)
    run = solve(oracle, METHOD, K=3, L=2, M=4, I=50, T=6, P=70, initial="printed", seed=SEED)
    assert run.history.oracle_calls.iloc[-1] == oracle.resets + oracle.steps
    assert oracle.resets == 3 * (2 * 50 + 70)
    assert run.history.drop(columns=["step", "delta_mu", "delta_mu_l1", "oracle_calls"]).isna().all(axis=None)


@pytest.mark.parametrize("initial", ["repaired", "printed"])
def test_calls_drawn_with_counts_have_the_law_of_calls_made_by_particles(initial: str) -> None:
    played, repeats = game(4), 60
    arguments: dict[str, Any] = {"K": 4, "L": 2, "M": 3, "I": 40, "T": 5, "P": 60, "beta": 0.4, "initial": initial}
    calls = np.array(
        [
            [
                solve(problem, METHOD, seed=SEED + i, **arguments).history.oracle_calls.iloc[-1]
                for problem in (played, RestartOracle(played, seed=i))
            ]
            for i in range(repeats)
        ]
    )
    show_seed(SEED)
    assert_same_law(*calls.T)


def same(one: Run, two: Run) -> None:
    assert (one.mu == two.mu).all()
    assert (one.policy == two.policy).all()
    assert one.parameters == two.parameters
    pd.testing.assert_frame_equal(one.history, two.history, check_exact=True)


@pytest.mark.parametrize("initial", ["reset", "repaired", "printed"])
@pytest.mark.parametrize("rollouts", ["sampled", "expected"])
@pytest.mark.parametrize("play", ["mixture", "last"])
def test_an_interrupted_run_goes_on_as_it_would_have(initial: str, rollouts: str, play: str, tmp_path: Path) -> None:
    arguments: dict[str, Any] = {
        "L": 3, "M": 2, "beta": lambda k: 1 / (k + 1), "I": 200, "T": 5, "P": 300, "every": 2,
        "initial": initial, "rollouts": rollouts, "play": play, "warm_start": True,
    }  # fmt: skip
    whole = solve(game(5), METHOD, K=7, **arguments, seed=SEED)
    part = solve(game(5), METHOD, K=3, **arguments, seed=SEED)
    part.save(tmp_path / "part.npz")
    same(whole, solve(game(5), METHOD, K=7, **arguments, seed=SEED, resume=load_run(tmp_path / "part.npz")))
    same(whole, solve(game(5), METHOD, K=7, **arguments, resume=part, workers=2))
    for changes in ({"seed": SEED + 1}, {"I": 201}, {"P": 301}, {"T": 6}):
        with pytest.raises(InputError, match=f"resume.{next(iter(changes))}"):
            solve(game(5), METHOD, K=7, **{**arguments, "seed": SEED, **changes}, resume=part)


def test_a_simulator_that_goes_on_lets_its_run_go_on() -> None:
    arguments: dict[str, Any] = {"L": 2, "I": 30, "T": 4, "P": 50, "initial": "repaired", "seed": SEED}
    whole = solve(RestartOracle(game(6), seed=1), METHOD, K=5, **arguments)
    oracle = RestartOracle(game(6), seed=1)
    part = solve(oracle, METHOD, K=2, **arguments)
    same(whole, solve(oracle, METHOD, K=5, **arguments, resume=part))


def test_the_seed_decides_and_a_fresh_one_is_recorded() -> None:
    arguments: dict[str, Any] = {"K": 2, "L": 2, "I": 100, "P": 100}
    fresh = solve(game(7), METHOD, **arguments)
    same(fresh, solve(game(7), METHOD, **arguments, seed=fresh.parameters["seed"]))
    assert (fresh.mu != solve(game(7), METHOD, **arguments).mu).any()


@pytest.mark.parametrize(
    ("name", "values"),
    [
        ("I", (0, 1.5, 2**53 + 1)),
        ("T", (0, "long")),
        ("P", (0, -5, 10.0, True, 2**53 + 1)),
        ("L", (0, 2.5)),
        ("K", (0, -1, 3.0)),
        ("M", (0, 1.5, float("inf"))),
        ("seed", (-1, 0.5)),
        ("initial", ("uniform",)),
        ("play", ("first",)),
        ("rollouts", ("both",)),
        ("workers", (0,)),
    ],
)
def test_wrong_arguments_are_named(name: str, values: tuple[Any, ...]) -> None:
    for value in values:
        with pytest.raises(InputError, match=name):
            solve(game(), METHOD, **{"K": 2, "L": 2, "I": 10, "P": 10, name: value})


def test_options_of_another_method_and_simulators_of_an_exact_one_are_refused() -> None:
    with pytest.raises(UnknownNameError, match="argument == 'P'"):
        solve(game(), "exact-mf-trpo", K=1, P=10)
    with pytest.raises(UnknownNameError, match="argument == 'p'"):
        solve(game(), METHOD, K=1, p=10)
    with pytest.raises(InputError, match="needs the kernel"):
        solve(RestartOracle(game()), "exact-mf-trpo", K=1)
    with pytest.raises(InputError, match="initial == 'reset'"):
        solve(RestartOracle(game()), METHOD, K=1)
    with pytest.raises(InputError, match="rollouts == 'expected'"):
        solve(RestartOracle(game()), METHOD, K=1, initial="repaired", rollouts="expected")


@pytest.mark.parametrize("initial", ["repaired", "printed"])
def test_trajectories_from_nu_need_a_population_from_nu(initial: str) -> None:
    moved = game().replace(start=[1.0, 0.0, 0.0])
    with pytest.raises(InputError, match="mu_0 = nu"):
        solve(moved, METHOD, K=1, initial=initial)


@pytest.mark.parametrize("play", ["mixture", "last"])
def test_a_warm_start_may_end_in_a_deterministic_policy(play: str) -> None:
    """At rewards 10^7 times eta the odds against the worse action underflow: its logarithm is -inf, and no warning."""
    doors = np.array([[[0.9, 0.1], [0.1, 0.9]]] * 2)
    steep = AffineGame(doors, 1e4 * np.eye(2), gamma=0.9, eta=1e-3)
    run = solve(steep, METHOD, K=3, L=5, I=1000, P=1000, seed=SEED, warm_start=True, play=play)
    assert run.policy.tolist() == [[1.0, 0.0], [0.0, 1.0]]
    assert run.history.exploitability.iloc[-1] == 0.0
