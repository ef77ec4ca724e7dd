"""Against bench-mfg-suite itself: `pip install bench-mfg-suite`, then `pytest tests_peers -rs -W default`."""

from __future__ import annotations

from pathlib import Path
from typing import Any

import numpy as np
import pytest

import mfbounds as mb

benchmfg = pytest.importorskip("benchmfg", reason="bench-mfg-suite is missing: pip install bench-mfg-suite")

import jax.numpy as jnp  # noqa: E402
from benchmfg.envs import mfg_model_class  # noqa: E402
from benchmfg.envs.mfg_model_class_jit import _reward_matrix, _transition_tensor, exploitability_jax  # noqa: E402
from benchmfg.utility.create_solver import get_env_spec  # noqa: E402

GARNET = ["environment=mf_garnet", "environment.num_states=6", "environment.num_noises=8"]
GARNET += ["environment.reward.mfgarnet.branching_factor=3"]
FIXED_KERNEL = ["contraction_game", "four_rooms_obstacles", "lasry_lions_chain", "multiple_equilibria"]
FIXED_KERNEL += ["no_interaction_game", "rock_paper_scissors"]
MOVING_KERNEL = ["kinetic_congestion", "sis_epidemic", "mf_garnet"]
RANGE = (-1000.0, 1000.0)


def configured(name: str) -> Any:
    return benchmfg.load_config(GARNET if name == "mf_garnet" else [f"environment={name}"])


@pytest.fixture(autouse=True)
def one_process(monkeypatch: pytest.MonkeyPatch) -> None:
    """Its tables are built by a pool of processes; the same calls in one process are faster here."""
    monkeypatch.setattr(mfg_model_class, "_map_rows_with_fallback", lambda work, rows: [work(row) for row in rows])


@pytest.mark.parametrize("name", [*FIXED_KERNEL, *MOVING_KERNEL])
def test_kernel_and_reward(name: str) -> None:
    config = configured(name)
    environment, _ = benchmfg.make_environment(config)
    game = mb.interop.from_bench_mfg(environment, eta=0.1, reward_range=RANGE, probes=3)
    assert (game.fixed_kernel is None) == (name in MOVING_KERNEL)
    mu = np.random.default_rng(1).dirichlet(np.ones(game.n_states))
    table = environment._build_transition_matrix(mu)
    expected = np.zeros((game.n_states, game.n_actions, game.n_states))
    for s, a, n in np.ndindex(table.shape):
        expected[s, a, table[s, a, n]] += environment.noise_prob[n]
    kernel = game.kernel(mu)
    found = kernel if isinstance(kernel, np.ndarray) else kernel.toarray().reshape(expected.shape)
    assert np.abs(found - expected).max() <= 1e-15
    spec = get_env_spec(environment, config.environment.name)
    scale = max(1.0, float(np.abs(game.reward(mu)).max()))
    assert np.abs(np.asarray(_reward_matrix(jnp.asarray(mu), spec)) - game.reward(mu)).max() <= 1e-6 * scale
    if name in FIXED_KERNEL:
        assert np.array_equal(np.asarray(_transition_tensor(jnp.asarray(mu), spec)), table)


@pytest.mark.parametrize("name", [*FIXED_KERNEL, "sis_epidemic"])
def test_the_recipe_is_theirs_and_ours_is_its_limit(name: str, tmp_path: Path) -> None:
    """Their float64 reference gives our recipe; with more backups and pushes it tends to our exploitability."""
    config = configured(name)
    environment, _ = benchmfg.make_environment(config)
    rng = np.random.default_rng(2)
    policy = rng.dirichlet(np.full(environment.N_actions, 5.0), size=environment.N_states).astype(np.float32)
    start = environment.stationary_mean_field.astype(np.float32)
    spec = get_env_spec(environment, config.environment.name)
    recorded = float(exploitability_jax(jnp.asarray(policy), spec, initial_mean_field=jnp.asarray(start)))
    for key, values in {"policy": policy, "mean_field": start}.items():
        np.savez(tmp_path / f"final_{key}.npz", **{key: values})
    np.savez(tmp_path / "exploitabilities.npz", exploitabilities=[recorded])
    result = mb.interop.rescore(tmp_path, environment)
    environment.stationary_mean_field = result.run.mean_field
    theirs = environment.exploitability(result.run.policy)
    assert result.recipe == pytest.approx(theirs, rel=1e-11)
    assert result.recorded == pytest.approx(theirs, rel=1e-4)
    environment.horizon = 400
    for _ in range(4 if name == "four_rooms_obstacles" else 2):
        environment.stationary_mean_field = environment.mean_field_by_transition_kernel(result.run.policy)
    law = environment.stationary_mean_field
    values = environment.Vpi_opt(law)[0] - environment.V_eval(result.run.policy, law)
    away = float(np.abs(law - result.law).sum())
    slope = 2.0 * float(np.abs(values).max()) + 1e3 * (name == "four_rooms_obstacles")  # log rewards move with the law
    assert abs(law @ values - result.exploitability.value) <= result.exploitability.error + 1e-9 + slope * away


def test_a_run_of_theirs(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.chdir(tmp_path)
    options = ["algorithm=omd", "environment=lasry_lions_chain", "experiment.make_plots=false"]
    benchmfg.run_experiment([*options, "device=cpu", "algorithm.omd.num_iterations=5"])
    (config,) = tmp_path.glob("outputs/**/config.yaml")
    result = mb.interop.rescore(config.parent, mb.interop.environment_of(config.parent))
    assert result.game == "LasryLionsChain"
    assert len(result.run.exploitabilities) == 6
    assert result.recipe == pytest.approx(result.recorded, rel=1e-4)
    assert result.law_residual < 1e-14
    bound = 0.9**99 / 0.1 * 200.0  # rewards within a range of 40 + 27 + 2, cut off after 99 backups
    assert abs(result.exploitability.value - result.truncated) <= bound
