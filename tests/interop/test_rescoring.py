from __future__ import annotations

from pathlib import Path

import numpy as np
import pytest

import mfbounds as mb
from mfbounds.errors import FileFormatError, InputError

from .stand_ins import CONFIG, BenchChain, write_run

POLICY = np.array([[0.1, 0.2, 0.7], [0.2, 0.3, 0.5], [0.3, 0.4, 0.3], [0.6, 0.2, 0.2], [0.8, 0.1, 0.1]])


def peer_push(environment: BenchChain, policy: np.ndarray, mu: np.ndarray) -> np.ndarray:
    """One step as bench-mfg-suite takes it: scattered over states, actions and atoms, then divided by the sum."""
    moved = np.zeros(environment.N_states)
    for s, a, n in np.ndindex(*policy.shape, environment.N_noises):
        moved[environment.transition(mu, s, a, n)] += policy[s, a] * mu[s] * environment.noise_prob[n]
    return moved / moved.sum()


def peer_exploitability(environment: BenchChain, policy: np.ndarray, mu: np.ndarray, pushes: int = 50) -> float:
    """The recipe of bench-mfg-suite, `MFGStationary.exploitability`, spelled out in loops."""
    for _ in range(pushes):
        mu = peer_push(environment, policy, mu)
    best, kept = np.zeros(environment.N_states), np.zeros(environment.N_states)
    for _ in range(environment.horizon - 1):
        q_best, q_kept = np.zeros(policy.shape), np.zeros(policy.shape)
        for s, a in np.ndindex(policy.shape):
            reward = environment.reward(mu, s, a)
            ahead = [environment.transition(mu, s, a, n) for n in range(environment.N_noises)]
            q_best[s, a] = reward + environment.gamma * (environment.noise_prob @ best[ahead])
            q_kept[s, a] = reward + environment.gamma * (environment.noise_prob @ kept[ahead])
        best, kept = q_best.max(axis=1), (policy * q_kept).sum(axis=1)
    return float(mu @ best - mu @ kept)


def as_read(values: np.ndarray) -> np.ndarray:
    """What float32 leaves of distributions, divided by their sums."""
    rows = values.astype(np.float32).astype(np.float64)
    return rows / rows.sum(axis=-1, keepdims=True)


def run_of(folder: Path, environment: BenchChain, policy: np.ndarray = POLICY, config: str | None = CONFIG) -> Path:
    start = environment.stationary_mean_field
    recorded = np.float32(peer_exploitability(environment, policy, start))
    return write_run(folder, policy, start, [9.0, recorded], config)


def test_every_number_stands_beside_the_one_recorded(tmp_path: Path) -> None:
    environment = BenchChain()
    result = mb.interop.rescore(run_of(tmp_path, environment), environment)
    policy = as_read(POLICY)
    assert result.recorded == pytest.approx(result.recipe, rel=1e-6)
    assert result.recipe == pytest.approx(peer_exploitability(environment, policy, as_read(np.full(5, 0.2))), rel=1e-12)
    # enough pushes and backups for the recipe to be ours
    environment.horizon = 400
    limit = peer_exploitability(environment, policy, np.full(5, 0.2), pushes=2000)
    assert abs(result.exploitability.value - limit) <= result.exploitability.error + 1e-12
    assert result.exploitability.error < 1e-10
    assert result.law_residual <= 1e-15 < result.given_residual
    assert result.remark == ""


def test_a_game_gives_the_same_numbers_as_its_environment(tmp_path: Path) -> None:
    environment = BenchChain()
    game = mb.interop.from_bench_mfg(environment, eta=0.7, affine=True)
    folder = run_of(tmp_path, environment)
    by_game, by_environment = mb.interop.rescore(folder, game), mb.interop.rescore(folder, environment)
    assert by_game.horizon == 60  # of config.yaml
    assert by_game.recipe == pytest.approx(by_environment.recipe, rel=1e-13)
    expected = mb.exploitability(game, by_game.run.policy, game.start, regularised=False)
    assert abs(by_game.exploitability.value - expected) <= by_game.exploitability.error
    assert by_environment.exploitability.value == pytest.approx(expected, rel=1e-12)


def test_the_table_adds_up(tmp_path: Path) -> None:
    environment = BenchChain(horizon=10)
    table = mb.interop.rescore(run_of(tmp_path, environment, config=None), environment).to_pandas()
    assert list(table.index) == ["recorded", "recipe", "truncated", "exploitability", "at_given"]
    changes = table.change[["recipe", "truncated", "exploitability"]].sum()
    assert changes == pytest.approx(table.value["exploitability"] - table.value["recorded"], abs=1e-15)
    assert abs(table.change["exploitability"]) > 1e-3  # what ten steps cut off


def test_kernels_that_jump_say_how_far_from_stationary_the_law_is(tmp_path: Path) -> None:
    environment = BenchChain(slowed=True)
    crowding = np.tile([0.0, 0.0, 1.0], (5, 1))
    crowding[3:] = [0.9, 0.1, 0.0]
    result = mb.interop.rescore(run_of(tmp_path, environment, crowding), environment)
    law = result.law
    found = sum(abs(peer_push(environment, as_read(crowding), law) - law))
    assert result.law_residual == pytest.approx(found, abs=1e-14)
    assert (result.remark == "") == (found <= 1e-10)


def test_a_run_of_an_environment_with_other_rewards_is_remarked_upon(tmp_path: Path) -> None:
    environment = BenchChain()
    folder = run_of(tmp_path, environment)
    environment.reward = lambda **at: float(at["state"] == 2)
    assert "another environment" in mb.interop.rescore(folder, environment).remark


def test_a_policy_that_keeps_many_laws(tmp_path: Path) -> None:
    environment = BenchChain()
    environment.transition = lambda **at: at["state"] if at["action"] == 1 else 2
    staying = np.tile([0.0, 1.0, 0.0], (5, 1))
    folder = write_run(tmp_path, staying, np.full(5, 0.2), [1.0])
    result = mb.interop.rescore(folder, environment)
    assert result.exploitability is None
    assert result.law is None
    assert "no law is singled out" in result.remark
    assert result.given_residual <= 1e-15
    # moving to state 2 for good costs 0.1 now and saves 0.2 (s - 2)^2 a step from the next on: -0.1 + 0.8 (s - 2)^2
    assert result.at_given.value == pytest.approx((3.1 + 0.7 + 0.0 + 0.7 + 3.1) / 5.0, abs=1e-7)
    assert np.isnan(result.to_pandas().value["exploitability"])


class TestBadInput:
    def refused(
        self, folder: Path, message: str, kind: type[Exception] = InputError, environment=None, **options
    ) -> None:
        with pytest.raises(kind, match=message):
            mb.interop.rescore(folder, environment or BenchChain(), **options)

    def test_no_folder(self, tmp_path: Path) -> None:
        self.refused(tmp_path / "none", "must be a folder: there is none")

    @pytest.mark.parametrize("name", ["final_policy.npz", "final_mean_field.npz", "exploitabilities.npz"])
    def test_a_missing_file(self, tmp_path: Path, name: str) -> None:
        (run_of(tmp_path, BenchChain()) / name).unlink()
        self.refused(tmp_path, f"'{name}' is missing in")

    def test_pickled_objects_are_never_loaded(self, tmp_path: Path) -> None:
        folder = run_of(tmp_path, BenchChain())
        np.savez(folder / "final_policy.npz", policy=np.array([{"run": "this"}], dtype=object))
        self.refused(folder, "holds pickled objects, which are never loaded", FileFormatError)

    @pytest.mark.parametrize("content", [b"", b"PK\x03\x04 cut short", b"no archive"])
    def test_damaged_files(self, tmp_path: Path, content: bytes) -> None:
        folder = run_of(tmp_path, BenchChain())
        (folder / "final_mean_field.npz").write_bytes(content)
        self.refused(folder, "final_mean_field.npz", FileFormatError)

    def test_another_array(self, tmp_path: Path) -> None:
        folder = run_of(tmp_path, BenchChain())
        np.savez(folder / "final_policy.npz", other=POLICY)
        self.refused(folder, "it has no array 'policy'", FileFormatError)

    def test_a_run_of_another_size(self, tmp_path: Path) -> None:
        folder = run_of(tmp_path, BenchChain(), config=None)
        self.refused(
            folder, r"has shape \(5, 3\), must have shape \(6, 3\).*another environment", environment=BenchChain(6)
        )

    @pytest.mark.parametrize("options", [{"gamma": 0.9}, {"horizon": 50}])
    def test_a_run_of_another_environment(self, tmp_path: Path, options: dict[str, float]) -> None:
        (name,) = options
        folder = run_of(tmp_path, BenchChain())
        self.refused(folder, f"{name} == .*the run is of another environment", environment=BenchChain(**options))

    def test_no_horizon(self, tmp_path: Path) -> None:
        game = mb.interop.from_bench_mfg(BenchChain(), eta=0.1, affine=True)
        folder = run_of(tmp_path, BenchChain(), config=None)
        self.refused(folder, "horizon is missing", environment=game)
        assert mb.interop.rescore(folder, game, horizon=60).horizon == 60

    @pytest.mark.parametrize("written", ["1e400", "30.7", "0", "-5", "nan"])
    def test_a_saved_horizon_that_is_no_count(self, tmp_path: Path, written: str) -> None:
        game = mb.interop.from_bench_mfg(BenchChain(), eta=0.1, affine=True)
        folder = run_of(tmp_path, BenchChain(), config=CONFIG.replace("horizon: 60", f"horizon: {written}"))
        self.refused(folder, r"horizon in .*config.yaml == .*, must be an integer >= 1", environment=game)
        self.refused(folder, "horizon == .*the run is of another environment")

    def test_rows_that_float32_does_not_explain(self, tmp_path: Path) -> None:
        folder = write_run(tmp_path, POLICY * 0.999, np.full(5, 0.2), [1.0])
        self.refused(folder, r"final_policy.npz: policy.*sum\(\) == 0.99")

    def test_numbers_that_are_none(self, tmp_path: Path) -> None:
        folder = write_run(tmp_path, np.full((5, 3), np.nan), np.full(5, 0.2), [1.0])
        self.refused(folder, "must be finite")


def test_corrections_of_float32_rows_are_kept(tmp_path: Path) -> None:
    run = mb.interop.read_run(write_run(tmp_path, POLICY, np.full(5, 0.2), [1.0], CONFIG))
    sums = POLICY.astype(np.float32).astype(np.float64).sum(axis=1)
    assert run.policy_correction == pytest.approx(np.abs(sums - 1.0).max(), abs=1e-16)
    assert 0.0 < run.policy_correction < 1e-6
    assert np.array_equal(run.policy, as_read(POLICY))
    sizes = {"num_states": 5, "num_actions": 3}
    assert dict(run.settings) == {"name": "BenchChain", **sizes, "horizon": 60, "gamma": 0.8}


@pytest.mark.parametrize("written", ["60  # steps", "'60'", '"60"', "6e1", "60.0"])
def test_numbers_of_a_config_are_read_as_yaml_may_write_them(tmp_path: Path, written: str) -> None:
    config = CONFIG.replace("horizon: 60", f"horizon: {written}")
    folder = run_of(tmp_path, BenchChain(), config=config)
    game = mb.interop.from_bench_mfg(BenchChain(), eta=0.1, affine=True)
    assert mb.interop.rescore(folder, game).horizon == 60
    with pytest.raises(InputError, match=r"horizon == 60 in .*the run is of another environment"):
        mb.interop.rescore(folder, BenchChain(horizon=50))


@pytest.mark.parametrize("written", ["${gamma}", "null", "~", "", "${oc.env:GAMMA}  # of the shell"])
def test_what_a_config_leaves_open_is_not_compared(tmp_path: Path, written: str) -> None:
    config = CONFIG.replace("  gamma: 0.8", f"  gamma: {written}").replace("horizon: 60", f"horizon: {written}")
    environment = BenchChain()
    folder = run_of(tmp_path, environment, config=config)
    assert mb.interop.rescore(folder, environment).horizon == 60
    game = mb.interop.from_bench_mfg(environment, eta=0.1, affine=True)
    with pytest.raises(InputError, match="horizon is missing"):
        mb.interop.rescore(folder, game)


def test_an_environment_without_a_horizon_takes_that_of_the_config(tmp_path: Path) -> None:
    environment = BenchChain()
    folder = run_of(tmp_path, environment)
    expected = mb.interop.rescore(folder, environment).recipe
    del environment.horizon
    assert mb.interop.rescore(folder, environment).recipe == expected
    (folder / "config.yaml").unlink()
    with pytest.raises(InputError, match="horizon is missing"):
        mb.interop.rescore(folder, environment)


def test_the_environment_needs_bench_mfg_suite_or_a_config(tmp_path: Path, monkeypatch) -> None:
    folder = run_of(tmp_path, BenchChain())
    monkeypatch.setitem(__import__("sys").modules, "omegaconf", None)
    with pytest.raises(InputError, match="pip install bench-mfg-suite"):
        mb.interop.environment_of(folder)
    (folder / "config.yaml").unlink()
    with pytest.raises(InputError, match=r"config.yaml' is missing"):
        mb.interop.environment_of(folder)
