"""One measurement of `benchmarks/peers.py`: one package plays one game by one method, in a process of its own.

Everything that a peer needs to know of the game comes from a file of arrays, so that this module runs in an environment
that has the peer and not mfbounds. Nothing of a peer is changed: its own solver runs its own loop, and is watched.
"""

from __future__ import annotations

import argparse
import importlib.metadata
import json
import math
import os
import resource
import time
from collections.abc import Callable
from dataclasses import dataclass, field
from typing import Any

import numpy as np

HORIZON = 40  # of the peers that know finite horizons alone
TRUNCATION = 100  # bench-mfg-suite's own default: how many steps of the discounted sum it adds up
LEARNING_RATE = 1.0
LENGTH = 10  # iterations of a peer that compiles anew for each length of its list of policies; see `measure`
PATIENCE = 15.0  # seconds that one iteration, compilation included, may take before a second run is left out


@dataclass
class Watch:
    """What happened when: one row an iteration, the first about the uniform policy."""

    seconds: list[float] = field(default_factory=list)
    cpu: list[float] = field(default_factory=list)
    exploitability: list[float] = field(default_factory=list)
    policies: dict[int, Any] = field(default_factory=dict)
    later: Callable[[int], Any] | None = None  # the policy of an iteration, computed after all is measured

    def row(self, exploitability: float, policy: Any = None) -> None:
        iteration = len(self.seconds)
        self.seconds.append(time.perf_counter())
        self.cpu.append(time.process_time())
        self.exploitability.append(float(exploitability))
        if policy is not None and iteration in CHECKPOINTS:
            self.policies[iteration] = policy


CHECKPOINTS = (0, 1, 2, 5, 10, 20, 50, 100, 200, 500, 1000)
Play = Callable[[str, int, Watch], None]  # method, iterations


def mfbounds_plays(game: dict[str, Any], regularised: bool) -> Play:
    """This package, with the entropy bonus or without."""
    from mfbounds.games.crowd import four_rooms
    from mfbounds.solvers import solve

    size = int(game["size"])
    ours = four_rooms(size=size, target=(size - 1, size - 1))

    def play(method: str, iterations: int, watch: Watch) -> None:
        options: dict[str, Any] = {"learning_rate": LEARNING_RATE} if method == "online-mirror-descent" else {}
        options["regularised"] = regularised
        marks = [(time.perf_counter(), time.process_time())]

        def mark(_: int, __: int) -> None:
            marks.append((time.perf_counter(), time.process_time()))

        run = solve(ours, method, K=iterations, progress=mark, **options)
        watch.seconds, watch.cpu = [list(column) for column in zip(*marks, strict=True)]
        watch.exploitability = run.history.exploitability.tolist()
        watch.later = lambda k: solve(ours, method, K=k, every=k, **options).policy

    return play


def bench_mfg_suite_plays(game: dict[str, Any]) -> Play:
    """bench-mfg-suite: the same stationary game, each of its five outcomes of a move an atom of the noise."""
    import jax
    import jax.numpy as jnp
    from benchmfg.envs.mfg_model_class import MFGStationary
    from benchmfg.envs.mfg_model_class_jit import EnvSpec
    from benchmfg.learner.jax import fp_jax, omd_jax

    n_states, n_actions = game["base"].shape
    atoms = np.arange(n_actions)
    successors = jnp.asarray(game["successors"][:, (atoms[:, None] + atoms) % n_actions].astype(np.int32))
    base = jnp.asarray(game["base"], dtype=jnp.float32)
    kappa, floor, slip = float(game["kappa"]), float(game["floor"]), float(game["slip"])
    uniform = np.full(n_states, 1.0 / n_states, dtype=np.float32)
    noise = np.array([1.0 - slip] + [slip / (n_actions - 1)] * (n_actions - 1), dtype=np.float32)

    class FourRooms(MFGStationary):
        def __init__(self) -> None:
            super().__init__(n_states, n_actions, n_actions, TRUNCATION, uniform, noise, float(game["gamma"]))

    def reward(mean_field: Any, state: Any, action: Any, _: Any) -> Any:
        return base[state, action] - kappa * jnp.log(jnp.maximum(mean_field[state], floor))

    spec = EnvSpec(FourRooms(), lambda _, state, action, noise, __: successors[state, action, noise], reward)
    start = np.full((n_states, n_actions), 1.0 / n_actions, dtype=np.float32)
    own = omd_jax.exploitability_jax

    def play(method: str, iterations: int, watch: Watch) -> None:
        def watched(policy: Any, spec: Any, initial_mean_field: Any) -> Any:
            value = own(policy, spec, initial_mean_field=initial_mean_field)
            watch.row(float(value), policy)
            return value

        spec.environment.stationary_mean_field = uniform
        omd_jax.exploitability_jax = fp_jax.exploitability_jax = watched
        if method == "online-mirror-descent":
            omd_jax.OMD_jax(spec, start, LEARNING_RATE, iterations, temperature=1.0).eval()
        else:
            fp_jax.DampedFP_jax(spec, start, iterations, lambda_schedule="fictitious_play").eval()
            for rows in (watch.seconds, watch.cpu, watch.exploitability):  # it measures its last policy twice
                del rows[iterations + 1 :]
        jax.block_until_ready(jnp.zeros(1))

    return play


def mfglib_plays(game: dict[str, Any]) -> Play:
    """mfglib: the same kernel and reward over a horizon, the discount in the reward."""
    import torch
    from mfglib.alg import FictitiousPlay, OnlineMirrorDescent
    from mfglib.alg import abc as loop
    from mfglib.env import Environment

    torch.set_num_threads(1)
    n_states, n_actions = game["base"].shape
    kernel = torch.zeros(n_states, n_states, n_actions)  # s', s, a
    for action in range(n_actions):
        for move in range(n_actions):
            share = 1.0 - game["slip"] if move == action else game["slip"] / (n_actions - 1)
            kernel[game["successors"][:, move], np.arange(n_states), action] += float(share)
    base = torch.as_tensor(game["base"], dtype=torch.float32)
    kappa, floor, gamma = float(game["kappa"]), float(game["floor"]), float(game["gamma"])

    def reward(_: Any, t: int, law: Any) -> Any:
        crowd = -kappa * torch.log(law.sum(dim=-1, keepdim=True).clamp(min=floor))
        return gamma**t * (base + crowd)

    environment = Environment(
        T=HORIZON - 1,
        S=(n_states,),
        A=(n_actions,),
        mu0=torch.as_tensor(game["start"], dtype=torch.float32),
        r_max=float(np.abs(game["base"]).max() - kappa * math.log(floor)),
        reward_fn=reward,
        transition_fn=lambda *_: kernel,
    )
    own = loop.expl_score

    def play(method: str, iterations: int, watch: Watch) -> None:
        def watched(env: Any, policy: Any) -> float:
            value = own(env, policy)
            watch.row(value)
            return value

        loop.expl_score = watched
        solver = OnlineMirrorDescent(LEARNING_RATE) if method == "online-mirror-descent" else FictitiousPlay()
        solver.solve(environment, max_iter=iterations, atol=None, rtol=None)

    return play


def open_spiel_plays(game: dict[str, Any]) -> Play:
    """OpenSpiel's own crowd game in C++ on the same floor plan: a slip is added to the move, there is no discount."""
    import pyspiel
    from open_spiel.python.mfg.algorithms import fictitious_play, mirror_descent, nash_conv

    walls = ";".join(f"{row}|{column}" for row, column in game["walls"])
    row, column = game["cells"][int(game["start"].argmax())]
    rewards = [(cell, value) for cell, value in zip(game["cells"], game["attraction"], strict=True) if value > 0.0]
    spiel = pyspiel.load_game(
        "mfg_crowd_modelling_2d",
        {
            "size": int(game["size"]),
            "horizon": HORIZON,
            "forbidden_states": f"[{walls}]",
            "initial_distribution": f"[{row}|{column}]",
            "initial_distribution_value": "[1.0]",
            "positional_reward": "[" + ";".join(f"{r}|{c}" for (r, c), _ in rewards) + "]",
            "positional_reward_value": "[" + ";".join(f"{value:.6f}" for _, value in rewards) + "]",
            "noise_intensity": 1.25 * float(game["slip"]),  # a fifth of it keeps the cell
            "crowd_aversion_coef": float(game["kappa"]),
        },
    )

    def play(method: str, iterations: int, watch: Watch) -> None:
        solver = (
            mirror_descent.MirrorDescent(spiel, lr=LEARNING_RATE)
            if method == "online-mirror-descent"
            else fictitious_play.FictitiousPlay(spiel)
        )
        for k in range(iterations + 1):
            if k:
                solver.iteration()
            watch.row(nash_conv.NashConv(spiel, solver.get_policy()).nash_conv())

    return play


PLAYS: dict[str, tuple[str, Callable[[dict[str, Any]], Play]]] = {
    "mfbounds": ("mfbounds", lambda game: mfbounds_plays(game, True)),
    "mfbounds, no bonus": ("mfbounds", lambda game: mfbounds_plays(game, False)),
    "bench-mfg-suite": ("bench-mfg-suite", bench_mfg_suite_plays),
    "mfglib": ("mfglib", mfglib_plays),
    "open_spiel": ("open_spiel", open_spiel_plays),
}


def peak() -> float:
    """The most memory that this process has held, MB."""
    return resource.getrusage(resource.RUSAGE_SELF).ru_maxrss / 1024.0


def measure(contender: str, method: str, game: dict[str, Any], seconds: float, policies: str) -> dict[str, Any]:
    """One iteration first; then, after compilation, more where they fit: 300, or as many as `seconds` allow.

    bench-mfg-suite's fictitious play keeps all policies, and compiles anew for each length of that list. It is timed after
    its compilation as well: `LENGTH` iterations compile all lengths up to that, and the same iterations again are timed.
    """
    package, prepare = PLAYS[contender]
    play = prepare(game)
    before, watch = peak(), Watch()
    play(method, 1, watch)
    compiling: dict[str, float] = {}
    if (contender, method) == ("bench-mfg-suite", "fictitious-play"):
        first, watch = Watch(), Watch()
        play(method, LENGTH, first)
        compiling["compiling_ms"] = 1e3 * float(np.diff(first.cpu)[1:].mean())
        play(method, LENGTH, watch)
    else:
        for iterations, bearable in ((3, PATIENCE), (300, seconds / 2.0)):
            each = watch.seconds[-1] - watch.seconds[-2]
            if each > bearable:  # the first iteration may have been compiled, so that more of it is borne
                break
            watch = Watch()
            play(method, max(3, min(iterations, int(seconds / each))), watch)
    memory = peak() - before
    if watch.later is not None:
        watch.policies = {k: watch.later(k) for k in CHECKPOINTS if 0 < k < len(watch.seconds)}
    np.savez(policies, **{str(k): np.asarray(policy, dtype=np.float64) for k, policy in watch.policies.items()})
    rest = slice(1, None) if len(watch.seconds) > 2 else slice(None)
    return {
        "version": importlib.metadata.version(package),
        "wall_ms": 1e3 * float(np.median(np.diff(watch.seconds)[rest])),
        "cpu_ms": 1e3 * float(np.diff(watch.cpu)[rest].mean()),
        **compiling,
        "memory_mb": memory,
        "seconds": [moment - watch.seconds[0] for moment in watch.seconds],
        "processor_seconds": [moment - watch.cpu[0] for moment in watch.cpu],
        "exploitability": watch.exploitability,
    }


def main() -> None:
    parser = argparse.ArgumentParser(description=__doc__)
    for name in ("contender", "method", "game", "policies"):
        parser.add_argument(name)
    for name in ("seconds", "limit", "memory-gb"):
        parser.add_argument(f"--{name}", type=float, required=True)
    given = parser.parse_args()
    os.sched_setaffinity(0, {max(os.sched_getaffinity(0))})
    limit = int(given.memory_gb * 2**30)
    resource.setrlimit(resource.RLIMIT_DATA, (limit, limit))
    resource.setrlimit(resource.RLIMIT_CPU, (int(given.limit), int(given.limit)))
    try:
        with np.load(given.game) as file:
            game = {name: file[name] for name in file.files}
        result = measure(given.contender, given.method, game, given.seconds, given.policies)
    except (MemoryError, RuntimeError) as why:
        short = isinstance(why, MemoryError) or "memory" in str(why).lower()
        reason = f"more than {given.memory_gb:g} GB" if short else f"{type(why).__name__}: {str(why)[:200]}"
        result = {"failed": f"not finished: {reason}"}
    print(json.dumps(result))


if __name__ == "__main__":
    main()
