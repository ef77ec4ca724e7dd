from __future__ import annotations

import math
from pathlib import Path
from typing import Any

import numpy as np
import pandas as pd
import pytest

from mfbounds.errors import FileFormatError, InputError, NotUnichainError, UnknownNameError
from mfbounds.games import AffineGame
from mfbounds.games.crowd import four_rooms
from mfbounds.games.dynamic.catalogue import build_dynamic
from mfbounds.games.random import random_affine, two_doors
from mfbounds.mdp import exploitability, freeze, quality, soft_optimal
from mfbounds.solvers import METHODS, Run, load_run, solve, step_sizes, trpo, trpo_iterates
from mfbounds.solvers.solve import WITH_TRPO
from mfbounds.symmetry import induced_game


def game(seed: int = 0, **changes: Any) -> AffineGame:
    return random_affine(seed=seed, n_states=4, n_actions=3).replace(start=[0.7, 0.1, 0.1, 0.1], **changes)


def same(first: Run, second: Run) -> None:
    pd.testing.assert_frame_equal(first.history, second.history, check_exact=True)
    assert first.parameters == second.parameters
    for a, b in ((first.policy, second.policy), (first.mu, second.mu)):
        assert a.tobytes() == b.tobytes()


def dense_step(played: AffineGame, policy: np.ndarray, mu: np.ndarray, M: int, beta: float) -> np.ndarray:
    chain = np.einsum("sa,sat->st", policy, played.kernel(mu))
    return mu + beta * (mu @ np.linalg.matrix_power(chain, M) - mu)


@pytest.mark.parametrize("M", [1, 4])
@pytest.mark.parametrize("warm_start", [False, True])
def test_mf_trpo_follows_algorithm_2(M: int, warm_start: bool) -> None:
    played = game()
    run = solve(played, "exact-mf-trpo", K=6, L=5, M=M, beta=lambda k: 1 / k, warm_start=warm_start)
    mu, log_policy = played.start, None
    for k in range(1, 7):
        last = list(trpo_iterates(freeze(played, mu / mu.sum()), 5, log_policy))[-1]
        log_policy = last.log_policy if warm_start else None
        before, mu = mu, dense_step(played, last.policy, mu, M, 1 / k)
        assert run.history.delta_mu[k] == pytest.approx(float(np.linalg.norm(mu - before)), abs=1e-14)
    assert np.abs(run.mu - mu).sum() < 1e-13
    assert np.abs(run.policy - last.policy).max() < 1e-12


@pytest.mark.parametrize("M", [1, 3])
def test_the_exact_iteration_follows_algorithm_5(M: int) -> None:
    played = game(1)
    run = solve(played, "exact-best-response", K=5, M=M, beta=[0.5, 0.4, 0.3, 0.2, 0.1])
    mu = played.start
    for beta in (0.5, 0.4, 0.3, 0.2, 0.1):
        mu = dense_step(played, soft_optimal(played, mu / mu.sum()).policy, mu, M, beta)
    assert np.abs(run.mu - mu).sum() < 1e-11


def test_infinitely_many_population_steps_aim_at_the_stationary_law() -> None:
    played = game(2)
    run = solve(played, "exact-mf-trpo", K=1, L=4, M=math.inf, beta=1.0)
    chain = np.einsum("sa,sat->st", run.policy, played.kernel(played.start))
    assert np.abs(run.mu @ chain - run.mu).sum() < 1e-13


def test_the_columns_are_what_they_say() -> None:
    played = game(3)
    history = solve(played, "exact-mf-trpo", K=4, L=3, beta=0.5).history
    run = solve(played, "exact-mf-trpo", K=3, L=3, beta=0.5)
    last = run.history.iloc[-1]
    assert history.step.tolist() == [0, 1, 2, 3, 4]
    assert last.exploitability == exploitability(played, run.policy, run.mu)
    assert last.quality == pytest.approx(quality(played, run.policy, run.mu), abs=1e-13)
    assert last.exploitability == history.exploitability[3]
    assert math.isnan(history.delta_mu[0])
    assert (history.delta_mu_l1[1:] >= history.delta_mu[1:]).all()


@pytest.mark.parametrize("method", sorted(METHODS))
@pytest.mark.parametrize("warm_start", [False, True])
def test_a_resumed_run_equals_an_uninterrupted_one(method: str, warm_start: bool, tmp_path: Path) -> None:
    arguments: dict[str, Any] = {"beta": lambda k: 1 / (k + 1), "every": 3, "seed": 5}
    if method in WITH_TRPO:
        arguments |= {"L": 3, "warm_start": warm_start}
    whole = solve(game(), method, K=11, **arguments)
    part = solve(game(), method, K=4, **arguments)
    part.save(tmp_path / "part.npz")
    for stored in (part, load_run(tmp_path / "part.npz")):
        same(whole, solve(game(), method, K=11, resume=stored, **arguments))
    same(whole, solve(game(), method, K=11, resume=whole, **arguments))


@pytest.mark.parametrize("method", ["fictitious-play", "online-mirror-descent", "damped-fixed-point"])
@pytest.mark.parametrize("regularised", [True, False])
@pytest.mark.parametrize("every", [1, 3])
def test_a_resumed_run_finds_what_the_first_had_at_hand(
    method: str, regularised: bool, every: int, tmp_path: Path
) -> None:
    """On a grid, where factors and values found before are used again: the run that lost them ends at the same bits."""
    rooms = four_rooms(size=15, target=(14, 14))
    arguments: dict[str, Any] = {"regularised": regularised, "every": every}
    whole = solve(rooms, method, K=9, **arguments)
    for K in (1, 5, 6):
        solve(rooms, method, K=K, **arguments).save(tmp_path / "part.npz")
        same(whole, solve(rooms, method, K=9, resume=load_run(tmp_path / "part.npz"), **arguments))


def test_only_a_run_of_the_same_thing_is_resumed() -> None:
    run = solve(game(), "exact-mf-trpo", K=4, L=3)
    for changes in ({"L": 4}, {"M": 2}, {"warm_start": True}, {"beta": 0.2}, {"K": 3}, {"every": 2}):
        with pytest.raises(InputError, match=next(iter(changes))):
            solve(game(), "exact-mf-trpo", resume=run, **{"K": 8, "L": 3, **changes})
    with pytest.raises(InputError, match="game"):
        solve(game(1), "exact-mf-trpo", K=8, L=3, resume=run)
    with pytest.raises(InputError, match="method"):
        solve(game(), "exact-best-response", K=8, resume=run)
    with pytest.raises(InputError, match="method"):
        solve(game(), "exact-mf-trpo", K=8, L=3, resume=trpo(game(), game().start, 3))


@pytest.mark.parametrize("method", sorted(METHODS))
@pytest.mark.parametrize("seed", [5, np.int64(5), None])
def test_the_seed_need_not_be_told_again(method: str, seed: int | None, tmp_path: Path) -> None:
    whole = solve(game(), method, K=3, seed=seed)
    part = whole if seed is None and method == "sampled-mf-trpo" else solve(game(), method, K=2, seed=seed)
    part.save(tmp_path / "part.npz")
    same(whole, solve(game(), method, K=3, resume=load_run(tmp_path / "part.npz")))
    if seed is not None:
        with pytest.raises(InputError, match=r"resume\.seed == 5, must be 6"):
            solve(game(), method, K=3, seed=6, resume=part)


@pytest.mark.parametrize("method", ["exact-mf-trpo", "sampled-mf-trpo", "fictitious-play"])
@pytest.mark.parametrize(
    ("wrong", "message"),
    [
        ({"seed": "abc"}, "seed == 'abc', must be an integer >= 0"),
        ({"seed": -1}, "seed == -1, must be an integer >= 0"),
        ({"resume": "run.npz"}, r"resume == 'run\.npz', must be a Run: mfbounds\.load_run"),
        ({"M": np.array([1, 2])}, r"M == array\(\[1, 2\]\), must be an integer >= 1, or math\.inf"),
        ({"M": "inf"}, r"M == 'inf', must be an integer >= 1, or math\.inf"),
        ({"beta": np.full((2, 2), 0.5)}, r"len\(beta\) == 2, must be K == 4"),
        ({"beta": np.full((4, 1), 0.5)}, r"beta\[1\] == .*, must be a real number"),
        ({"beta": [[0.5], [0.5, 0.5], 0.5, 0.5]}, r"beta\[1\] == .*, must be a real number"),
    ],
)
def test_what_is_no_seed_no_run_no_steps_is_named(method: str, wrong: dict[str, Any], message: str) -> None:
    with pytest.raises(InputError, match=message):
        solve(game(), method, K=4, **wrong)


def test_progress_is_reported_or_silent(capsys: pytest.CaptureFixture[str]) -> None:
    seen: list[tuple[int, int]] = []
    solve(game(), "exact-mf-trpo", K=3, L=2, progress=lambda k, K: seen.append((k, K)))
    assert seen == [(1, 3), (2, 3), (3, 3)]
    solve(game(), "exact-mf-trpo", K=3, L=2)
    assert capsys.readouterr().out == ""
    solve(game(), "exact-mf-trpo", K=3, L=2, progress=True)


def test_exploitability_is_nan_where_no_law_is_singled_out() -> None:
    stuck = AffineGame(np.repeat(np.eye(2)[:, None, :], 2, axis=1), np.zeros((2, 2)), gamma=0.5, eta=1.0)
    run = solve(stuck, "exact-mf-trpo", K=2, L=1)
    assert run.history.exploitability.isna().all()
    assert run.history.quality.notna().all()
    with pytest.raises(NotUnichainError):
        solve(stuck, "exact-mf-trpo", K=2, L=1, M=math.inf)


def test_runs_survive_a_round_trip(tmp_path: Path) -> None:
    for run in (solve(game(), "exact-mf-trpo", K=3, L=2, M=math.inf), trpo(game(), game().start, 5)):
        path = tmp_path / "run.npz"
        run.save(path)
        loaded = load_run(path)
        same(run, loaded)
        assert (loaded.method, loaded.game, set(loaded.state)) == (run.method, run.game, set(run.state))
        assert [p.name for p in tmp_path.iterdir()] == ["run.npz"]


def test_foreign_and_damaged_files_are_refused(tmp_path: Path) -> None:
    good = tmp_path / "good.npz"
    solve(game(), "exact-mf-trpo", K=3, L=2).save(good)
    whole = good.read_bytes()
    (tmp_path / "short.npz").write_bytes(whole[: len(whole) // 2])
    (tmp_path / "flipped.npz").write_bytes(whole[:200] + bytes(b ^ 255 for b in whole[200:260]) + whole[260:])
    (tmp_path / "text.npz").write_text("not a run")
    (tmp_path / "empty.npz").write_bytes(b"")
    np.savez(tmp_path / "foreign.npz", policy=np.ones(2))
    np.save(tmp_path / "array.npy", np.ones(2))
    for name in ("short.npz", "flipped.npz", "text.npz", "empty.npz", "foreign.npz", "array.npy"):
        with pytest.raises(FileFormatError, match=name):
            load_run(tmp_path / name)
    with pytest.raises(InputError, match="must be an existing file"):
        load_run(tmp_path / "missing.npz")


def test_a_failed_save_leaves_the_old_file(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    run, path = solve(game(), "exact-mf-trpo", K=1, L=1), tmp_path / "run.npz"
    run.save(path)
    before = path.read_bytes()
    with monkeypatch.context() as patch:
        patch.setattr("pathlib.Path.replace", lambda *_: (_ for _ in ()).throw(OSError(28, "disk full")))
        with pytest.raises(InputError, match="disk full"):
            run.save(path)
    assert path.read_bytes() == before
    assert [p.name for p in tmp_path.iterdir()] == ["run.npz"]


def test_a_run_is_drawn_on_logarithmic_axes() -> None:
    for run in (solve(game(), "exact-mf-trpo", K=5, L=2), trpo(game(), game().start, 5)):
        (axes,) = run.plot().axes
        assert (axes.get_xscale(), axes.get_yscale()) == ("log", "log")
        assert axes.get_legend() is not None


@pytest.mark.parametrize(
    ("arguments", "message"),
    [
        ({"K": 0}, "K"),
        ({"L": 0}, "L"),
        ({"M": 0}, "M"),
        ({"M": 2.5}, "M"),
        ({"beta": 0.0}, "beta"),
        ({"beta": 1.5}, "beta"),
        ({"beta": [0.5, 0.5]}, "beta"),
        ({"beta": math.nan}, "beta"),
        ({"beta": lambda k: -k}, "beta"),
        ({"every": 0}, "every"),
        ({"warm_start": "no"}, "warm_start == 'no', must be True or False"),
        ({"warm_start": 0}, "warm_start == 0"),
        ({"progress": "no"}, "progress == 'no'"),
    ],
)
def test_arguments_out_of_range(arguments: dict[str, Any], message: str) -> None:
    with pytest.raises(InputError, match=message):
        solve(two_doors(), "exact-mf-trpo", **{"K": 3, **arguments})


@pytest.mark.parametrize("method", sorted(set(METHODS) - set(WITH_TRPO)))
def test_options_of_trpo_are_refused_where_no_trpo_steps_are_taken(method: str) -> None:
    for given, words in (({"L": 3}, "L == 3"), ({"warm_start": True}, "warm_start == True")):
        with pytest.raises(InputError, match=f"{words}, must be left out with {method}: it takes no TRPO steps"):
            solve(game(), method, K=2, **given)


def test_unknown_methods_are_answered_with_the_nearest() -> None:
    with pytest.raises(UnknownNameError, match="exact-mf-trpo"):
        solve(two_doors(), "exact-mftrpo", K=1)


@pytest.mark.parametrize("played", [two_doors(), build_dynamic("one_stays"), None])
def test_the_method_is_looked_at_before_the_steps(played: Any) -> None:
    with pytest.raises(UnknownNameError, match="method == 'foo'"):
        solve(played, "foo")


@pytest.mark.parametrize("played", [two_doors(), build_dynamic("one_stays")])
def test_steps_must_be_given(played: Any) -> None:
    with pytest.raises(InputError, match="K is missing, must be given: the number of steps of fictitious-play"):
        solve(played, "fictitious-play")


def test_methods_are_refused_for_games_of_the_other_kind() -> None:
    players = build_dynamic("one_stays")
    for played, fitting in ((players, "symm-pmd, independent-pmd"), (induced_game(players), "fictitious-play")):
        with pytest.raises(InputError, match=rf"a MeanFieldGame for exact-mf-trpo: for this one there are {fitting}"):
            solve(played, "exact-mf-trpo", K=1)  # the default method of the command line
    with pytest.raises(InputError, match="must be a dynamic game of N players for symm-pmd"):
        solve(two_doors(), "symm-pmd", K=1)
    for played in (None, "two_doors", np.ones(2)):
        for method in sorted(set(METHODS) - {"sampled-mf-trpo"}):
            with pytest.raises(InputError, match="must be a MeanFieldGame"):
                solve(played, method, K=1)


def test_a_run_shows_its_step_sizes() -> None:
    for method, beta, seen in (
        ("exact-mf-trpo", None, 0.1),
        ("exact-mf-trpo", 0.25, 0.25),
        ("exact-mf-trpo", [0.5, 0.25, 0.125, 0.1, 0.05, 0.025], "0.5, 0.25, 0.125, ..., 0.025"),
        ("fictitious-play", None, "0.5, 0.333333, 0.25, ..., 0.142857"),
    ):
        assert solve(two_doors(), method, K=6, beta=beta).parameters["beta"] == seen


def test_step_sizes() -> None:
    assert step_sizes(0.25, 3).tolist() == [0.25] * 3
    assert step_sizes([1.0, 0.5], 2).tolist() == [1.0, 0.5]
    assert step_sizes(np.array([1.0, 0.5]), 2).tolist() == [1.0, 0.5]
    assert step_sizes(lambda k: 1 / k**2, 3).tolist() == [1.0, 0.25, 1 / 9]
    with pytest.raises(InputError, match=r"beta\[2\]"):
        step_sizes([0.5, "x"], 2)  # type: ignore[list-item]


def test_a_run_tells_method_game_and_last_score_in_one_line() -> None:
    run = solve(two_doors(), "fictitious-play", K=3)
    assert repr(run).startswith("<Run of fictitious-play on two_doors: 4 rows of history, exploitability ")


def test_step_sizes_may_be_named_by_their_rule() -> None:
    game = two_doors(attraction=-1.0)
    named = solve(game, "fictitious-play", K=5, beta="2/(k+2)")
    given = solve(game, "fictitious-play", K=5, beta=[2 / 3, 1 / 2, 2 / 5, 1 / 3, 2 / 7])
    np.testing.assert_array_equal(named.history, given.history)
    with pytest.raises(
        UnknownNameError, match=r"beta == '3/k', must be a known name: known are 1/\(k\+1\), 2/\(k\+2\)"
    ):
        solve(game, "fictitious-play", K=5, beta="3/k")
