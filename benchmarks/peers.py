"""Fictitious play and online mirror descent against the packages of the field, on the paper's four rooms.

    python benchmarks/peers.py [--python INTERPRETER] [--sizes 11 21 41 81] [--rounds 2] [--limit 30] [--out benchmarks/data]

Each measurement is a process of its own, held to one core and one thread, with a limit on its processor time and memory;
the contenders take turns, and what is slow is run once. `--python` names the interpreter of the environment that has the
peers; by default they are looked for where mfbounds runs, and where one is missing nothing is measured: the message says what
to install. All is written from one run: the table (peers.md), the curves (peers.csv) and their picture (peers.png). A run of
fewer contenders, methods or sizes needs an `--out` of its own, as the data on record are those of a whole run. See
`benchmarks/contenders.py` for what is run.
"""

from __future__ import annotations

import argparse
import csv
import json
import os
import signal
import subprocess
import sys
import tempfile
from collections import defaultdict
from pathlib import Path
from typing import Any

import numpy as np
from contenders import CHECKPOINTS, LENGTH
from peers_figure import draw

from mfbounds.games import MeanFieldGame
from mfbounds.games.crowd import four_rooms
from mfbounds.games.crowding import FLOOR_SHARE
from mfbounds.games.grid import Grid, room_walls
from mfbounds.mdp import measured_exploitability

OURS = ("mfbounds", "mfbounds, no bonus")
CONTENDERS = (*OURS, "bench-mfg-suite", "mfglib", "open_spiel")
SIZES = (11, 21, 41, 81)
MODULES = {"bench-mfg-suite": "benchmfg", "mfglib": "mfglib", "open_spiel": "pyspiel"}
METHODS = ("online-mirror-descent", "fictitious-play")
SLOW_MS = 1000.0  # what takes longer an iteration is measured in the first round alone
KAPPA, SLIP = 0.2, 0.1
ONE_THREAD = dict.fromkeys(("OPENBLAS_NUM_THREADS", "OMP_NUM_THREADS", "MKL_NUM_THREADS"), "1") | {
    "XLA_FLAGS": "--xla_cpu_multi_thread_eigen=false intra_op_parallelism_threads=1",
    "JAX_PLATFORMS": "cpu",
    "TQDM_DISABLE": "1",
}
COLUMNS = (
    *("contender", "method", "states", "iteration", "seconds", "processor_seconds"),
    *("own_exploitability", "stationary_exploitability"),
)
Key = tuple[str, str, int]  # contender, method, states


def the_game(size: int) -> MeanFieldGame:
    return four_rooms(size=size, target=(size - 1, size - 1), kappa=KAPPA, slip=SLIP)


def export(size: int, path: Path) -> None:
    """The game as arrays; that the successors and the slip give its kernel is checked."""
    game, grid = the_game(size), Grid.with_walls(size, room_walls(size))
    moves = grid.neighbours
    successors = np.where(moves < 0, np.arange(game.n_states)[:, None], moves)
    kernel = np.zeros((game.n_states, game.n_actions))
    probe = np.random.default_rng(0).random(game.n_states)
    for action in range(game.n_actions):
        shares = np.full(game.n_actions, SLIP / (game.n_actions - 1))
        shares[action] = 1.0 - SLIP
        kernel[:, action] = probe[successors] @ shares
    assert np.allclose(kernel, (game.kernel_at(game.start) @ probe).reshape(kernel.shape), rtol=0.0, atol=1e-12)
    floor = FLOOR_SHARE / game.n_states
    uniform = np.full(game.n_states, 1.0 / game.n_states)
    base = game.reward_at(uniform) - KAPPA * np.log(game.n_states)
    np.savez(
        path,
        size=size,
        successors=successors,
        slip=SLIP,
        kappa=KAPPA,
        floor=floor,
        gamma=game.gamma,
        base=base,
        attraction=base[:, 0] - base[:, 0].min(),
        start=game.start,
        cells=grid.cells,
        walls=np.array(grid.walls),
    )


def run(contender: str, method: str, size: int, given: argparse.Namespace, folder: Path) -> dict[str, Any]:
    """One measurement in its own process, and the exploitability of its policies in the stationary game."""
    policies = folder / "policies.npz"
    policies.unlink(missing_ok=True)
    interpreter = sys.executable if contender in OURS else given.python
    script = Path(__file__).with_name("contenders.py")
    command = [interpreter, str(script), contender, method, str(folder / f"{size}.npz"), str(policies)]
    command += ["--seconds", str(given.seconds), "--limit", str(given.limit), "--memory-gb", str(given.memory_gb)]
    done = subprocess.run(command, env=os.environ | ONE_THREAD, capture_output=True, text=True, check=False)
    if done.returncode in (-signal.SIGKILL, -signal.SIGXCPU):
        return {"failed": f"> {given.limit:.0f} s for start and one iteration"}
    lines = done.stdout.splitlines()
    if done.returncode or not lines:
        why = (done.stderr.strip().splitlines() or ["no output"])[-1][:200]
        return {"failed": f"not finished: status {done.returncode} under {given.memory_gb:g} GB, {why}"}
    result: dict[str, Any] = json.loads(lines[-1])
    if policies.exists():
        result["stationary"] = _rescored(the_game(size), policies)
    return result


def _rescored(game: MeanFieldGame, path: Path) -> dict[str, float]:
    """Iteration -> exploitability without the entropy bonus at the law that the policy keeps, reward units."""
    scores = {}
    with np.load(path) as file:
        for name in file.files:
            policy = file[name].reshape(game.n_states, game.n_actions)
            policy = policy / policy.sum(axis=1, keepdims=True)  # float32 rows do not add up to 1 in float64
            scores[name] = measured_exploitability(game, policy, game.start, regularised=False).value
    return scores


def collect(given: argparse.Namespace, folder: Path) -> dict[Key, list[dict[str, Any]]]:
    results: dict[Key, list[dict[str, Any]]] = defaultdict(list)
    for turn in range(given.rounds):
        for size in given.sizes:
            states = the_game(size).n_states
            for method in given.methods:
                for contender in given.contenders:
                    seen = results[contender, method, states]
                    if turn and seen[0].get("wall_ms", np.inf) > SLOW_MS:
                        continue
                    result = run(contender, method, size, given, folder)
                    seen.append(result)
                    print(f"{turn} {states:5} {method:22} {contender:18} {_brief(result)}", file=sys.stderr, flush=True)
    return results


def _brief(result: dict[str, Any]) -> str:
    if "failed" in result:
        return str(result["failed"])
    return f"{result['wall_ms']:10.2f} ms, processor {result['cpu_ms']:10.2f} ms, {result['memory_mb']:7.0f} MB"


def middle(results: list[dict[str, Any]], name: str) -> float:
    return float(np.median([result[name] for result in results if name in result] or [np.nan]))


def table(results: dict[Key, list[dict[str, Any]]], given: argparse.Namespace) -> str:
    """Processor time per iteration, as a ratio to mfbounds as well, and memory: Markdown."""
    states = [the_game(size).n_states for size in given.sizes]
    lines = []
    for method in given.methods:
        lines += [f"| {method} | " + " | ".join(f"{n} states" for n in states) + " |", "|---|" + "---:|" * len(states)]
        for contender in given.contenders:
            cells = []
            for n in states:
                found = results[contender, method, n]
                spent, unit = (middle(f, "cpu_ms") for f in (found, results[OURS[0], method, n]))
                if np.isfinite(spent):
                    compiling = middle(found, "compiling_ms")
                    more = f", {compiling:.3g} ms where it compiles" if np.isfinite(compiling) else ""
                    cells.append(f"{spent:.3g} ms ({spent / unit:.3g}), {middle(found, 'memory_mb'):.0f} MB{more}")
                else:
                    cells.append(_brief(found[0]) if found else "not run")
            lines.append(f"| {contender} | " + " | ".join(cells) + " |")
        lines.append("")
    lines += [
        "Processor time an iteration, in brackets over that of mfbounds with the bonus; memory beyond the imports. "
        f"Limits: {given.limit:g} s of processor time and {given.memory_gb:g} GB a measurement; medians of {given.rounds} "
        f"rounds, one of what takes more than {SLOW_MS / 1e3:g} s an iteration. bench-mfg-suite's fictitious play, which "
        f"compiles for each length of its list of policies, is timed at lengths 1 to {LENGTH}, all compiled before.",
        "",
    ]
    versions = {c: r["version"] for (c, _, _), found in results.items() for r in found if "version" in r}
    return "\n".join([*lines, "Versions: " + ", ".join(f"{c} {v}" for c, v in versions.items())])


def write_curves(results: dict[Key, list[dict[str, Any]]], path: Path) -> None:
    """Exploitability against wall clock and processor time of each first run, one row a checkpoint; the latter is drawn."""
    with path.open("w", newline="") as stream:
        rows = csv.writer(stream, lineterminator="\n")
        rows.writerow(COLUMNS)
        for (contender, method, states), found in results.items():
            if not found or "seconds" not in found[0]:
                continue
            first = found[0]
            last = len(first["seconds"]) - 1
            for k in sorted({k for k in CHECKPOINTS if k < last} | {last}):
                numbers = [f"{first[name][k]:.6g}" for name in ("seconds", "processor_seconds", "exploitability")]
                rows.writerow((contender, method, states, k, *numbers, first.get("stationary", {}).get(str(k), "")))


def _refusal(given: argparse.Namespace) -> str | None:
    """Why these measurements cannot be made; nothing is measured or written then."""
    whole = (given.contenders, given.methods, given.sizes) == (list(CONTENDERS), list(METHODS), list(SIZES))
    if not whole and given.out is None:
        return "--out is missing, must be given for a part of the contenders, methods or sizes"
    if given.rounds < 1 or min(given.sizes) < 5 or min(given.seconds, given.limit, given.memory_gb) <= 0.0:
        return "--rounds must be at least 1, --sizes at least 5, --seconds, --limit and --memory-gb above 0"
    wanted = {MODULES[name]: name for name in given.contenders if name in MODULES}
    script = "import sys, importlib.util as u; print(*(n for n in sys.argv[1:] if u.find_spec(n) is None))"
    try:
        asked = subprocess.run([given.python, "-c", script, *wanted], capture_output=True, text=True, check=True)
    except (OSError, subprocess.CalledProcessError) as error:
        return f"--python == {given.python!r}, must be a Python interpreter: {error}"
    missing = [wanted[module] for module in asked.stdout.split()]
    if missing:
        return (
            f"{', '.join(missing)} missing where {given.python} looks: install them with pip install 'mfbounds[peers]', or "
            "name the others with --contenders, and an --out"
        )
    return None


def main() -> None:
    parser = argparse.ArgumentParser(description=__doc__, formatter_class=argparse.RawDescriptionHelpFormatter)
    parser.add_argument("--python", default=sys.executable)
    parser.add_argument("--sizes", type=int, nargs="+", default=list(SIZES))
    parser.add_argument("--contenders", nargs="+", default=list(CONTENDERS), choices=CONTENDERS)
    parser.add_argument("--methods", nargs="+", default=list(METHODS), choices=METHODS)
    parser.add_argument("--rounds", type=int, default=2)
    parser.add_argument("--seconds", type=float, default=2.5)
    parser.add_argument("--limit", type=float, default=30.0)
    parser.add_argument("--memory-gb", type=float, default=8.0)
    parser.add_argument("--out", type=Path)
    given = parser.parse_args()
    why = _refusal(given)
    if why is not None:
        parser.error(why)
    given.out = given.out or Path(__file__).with_name("data")
    given.out.mkdir(parents=True, exist_ok=True)
    with tempfile.TemporaryDirectory() as name:
        for size in given.sizes:
            export(size, Path(name) / f"{size}.npz")
        results = collect(given, Path(name))
    write_curves(results, given.out / "peers.csv")
    draw(given.out / "peers.csv", given.out / "peers.png")
    text = table(results, given)
    (given.out / "peers.md").write_text(f"{text}\n")
    print(text)


if __name__ == "__main__":
    main()
