"""Objects with the interfaces of bench-mfg-suite 0.1.3 and mfglib 0.3.0, for tests that run without these packages.

`tests_peers/` runs against the packages themselves.
"""

from __future__ import annotations

import types
from pathlib import Path
from typing import Any

import numpy as np
import pytest


class BenchChain:
    """As `MFGStationary`: a walk on a line with noise, crowds avoided; optionally a kernel that crowds slow down."""

    grid_dim = None

    def __init__(self, n_states: int = 5, *, slowed: bool = False, horizon: int = 60, gamma: float = 0.8) -> None:
        self.N_states, self.N_actions, self.N_noises = n_states, 3, 4
        self.horizon, self.gamma, self.slowed = horizon, gamma, slowed
        self.noise_prob = np.array([0.125, 0.5, 0.125, 0.25])
        self.stationary_mean_field = np.full(n_states, 1.0 / n_states)

    def transition(self, mean_field=None, state=None, action=None, noise=None) -> int:
        target = state + action - 1 + (0, 0, 1, -1)[noise]
        target = max(0, min(target, self.N_states - 1))
        if self.slowed and noise < 2 and mean_field[target] > 0.3:
            return state
        return target

    def reward(self, mean_field=None, state=None, action=None) -> float:
        return float(-0.1 * abs(action - 1) - 0.2 * (state - 2) ** 2 - 3.0 * mean_field[state])


class Tensor(np.ndarray):
    """The part of `torch.Tensor` that environments and this package use."""

    requires_grad = False

    def new_tensor(self, data: Any) -> Tensor:
        return np.array(data, dtype=self.dtype).view(Tensor)

    def detach(self) -> Tensor:
        return self

    def cpu(self) -> Tensor:
        return self

    def numpy(self) -> np.ndarray:
        return np.asarray(self)


class LibEnvironment:
    """As `mfglib.env.Environment`."""

    def __init__(self, *, T, S, A, mu0, r_max, reward_fn, transition_fn) -> None:
        if abs(float(mu0.sum()) - 1.0) > 1e-6:
            raise ValueError("invalid distribution provided for mu0")
        self.T, self.S, self.A, self.mu0, self.r_max = T, S, A, mu0, r_max
        self.reward_fn, self.transition_fn = reward_fn, transition_fn

    def reward(self, t: int, L_t: Tensor) -> Tensor:
        return self.reward_fn(self, t, L_t)

    def prob(self, t: int, L_t: Tensor) -> Tensor:
        return self.transition_fn(self, t, L_t)


def tensor(values: Any, dtype: Any = np.float64) -> Tensor:
    return np.array(values, dtype=dtype).view(Tensor)


def install_mfglib(monkeypatch: pytest.MonkeyPatch, dtype: Any = np.float64) -> None:
    """Stand-ins for `torch` and `mfglib.env`, with that default precision."""
    torch = types.ModuleType("torch")
    torch.tensor = tensor
    torch.get_default_dtype = lambda: dtype
    library, env = types.ModuleType("mfglib"), types.ModuleType("mfglib.env")
    env.Environment = LibEnvironment
    for name, module in {"torch": torch, "mfglib": library, "mfglib.env": env}.items():
        monkeypatch.setitem(__import__("sys").modules, name, module)


def write_run(folder: Path, policy: Any, mean_field: Any, exploitabilities: Any, config: str | None = None) -> Path:
    """A run folder with the files, keys and float32 numbers of bench-mfg-suite."""
    folder.mkdir(parents=True, exist_ok=True)
    np.savez(folder / "final_policy.npz", policy=np.asarray(policy, dtype=np.float32))
    np.savez(folder / "final_mean_field.npz", mean_field=np.asarray(mean_field, dtype=np.float32))
    np.savez(folder / "exploitabilities.npz", exploitabilities=np.asarray(exploitabilities, dtype=np.float64))
    if config is not None:
        (folder / "config.yaml").write_text(config)
    return folder


CONFIG = """device: cpu
algorithm:
  _target_: OMD
  gamma: 0.1
environment:
  name: BenchChain
  grid:
    is_grid: false
    gamma: 7
  num_states: 5
  num_actions: 3
  horizon: 60
  gamma: 0.8
  dynamics:
    noise_probabilities:
    - 0.125
experiment:
  gamma: 0.5
"""
