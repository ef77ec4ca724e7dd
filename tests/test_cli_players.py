"""`mfbounds players`: what it prints, draws and refuses."""

from __future__ import annotations

import json
from pathlib import Path

import numpy as np
import pytest
from typer.testing import CliRunner, Result

import mfbounds as mb
from mfbounds.cli import app

GAME = ("two_doors", "--set", "attraction=-1")


def run(*arguments: str) -> Result:
    return CliRunner().invoke(app, ["players", *arguments])


def test_json_holds_the_numbers_of_the_library() -> None:
    result = run(*GAME, "-N", "10,1e3", "--replications", "20", "--seed", "3", "--deviate", "--json")
    assert result.exit_code == 0, result.output
    told = json.loads(result.stdout)
    game = mb.games.build("two_doors", attraction=-1)
    policy = np.full((2, 2), 0.5)
    found = mb.n_player_gap(game, policy, game.start, [10, 1000], replications=20, seed=3)
    assert [row["bias"] for row in told["rows"]] == found.to_pandas()["bias"].tolist()
    assert told["frozen"]["value"] == found.frozen.value
    gains = mb.n_player_deviation(game, policy, game.start, [10, 1000], replications=20, seed=3)
    assert [row["gain"] for row in told["deviation"]["rows"]] == gains.to_pandas()["gain"].tolist()


def test_a_run_is_played_and_drawn(tmp_path: Path) -> None:
    saved, picture = tmp_path / "run.npz", tmp_path / "players.png"
    mb.solve(mb.games.build("two_doors", attraction=-1), "exact-mf-trpo", K=3).save(saved)
    result = run(
        *GAME,
        "--run",
        str(saved),
        "--population",
        "stationary",
        "-N",
        "10:1e4",
        "--horizon",
        "5",
        "--save",
        str(picture),
    )
    assert result.exit_code == 0, result.output
    assert picture.read_bytes().startswith(b"\x89PNG")
    assert "10,000" in result.stdout
    assert "resolved" in result.stdout


def test_policy_and_population_from_files(tmp_path: Path) -> None:
    np.save(tmp_path / "policy.npy", [[0.9, 0.1], [0.2, 0.8]])
    np.save(tmp_path / "mu.npy", [0.25, 0.75])
    files = ("--policy", str(tmp_path / "policy.npy"), "--population", str(tmp_path / "mu.npy"))
    result = run(*GAME, *files, "-N", "5", "--horizon", "0", "--replications", "5", "--json")
    assert result.exit_code == 0, result.output
    game = mb.games.build("two_doors", attraction=-1)
    assert json.loads(result.stdout)["frozen"]["value"] == pytest.approx(
        float(mb.evaluate(game, [[0.9, 0.1], [0.2, 0.8]], [0.25, 0.75]).V @ [0.25, 0.75]), rel=1e-12
    )


def test_what_is_refused(tmp_path: Path) -> None:
    text = tmp_path / "policy.npy"
    text.write_text("no array")
    archive = tmp_path / "policy.npz"
    np.savez(archive, policy=np.full((2, 2), 0.5))
    for arguments, message in (
        (("-N", "0"), "N == 0"),
        (("-N", "1.5"), "must hold integers"),
        (("-N", "ten"), "'ten' is none"),
        (("-N", "nan"), "must hold integers"),
        (("-N", "1e17"), "must be <= 2^53"),
        (("-N", "100:10"), "1 <= LOW <= HIGH"),
        (("-N", "5,5"), "each number once"),
        (("--policy", str(text)), "must be a .npy file"),
        (("--policy", str(archive)), "it is an archive of several arrays; a saved run is given by --run"),
        (("--population", str(archive)), "it is an archive of several arrays"),
        (("--population", str(tmp_path / "none.npy")), "must be a .npy file"),
        (("--policy", str(text), "--run", str(text)), "must not be given with --run"),
        (("--save", "players.gif"), "must end in"),
        (("--start", "even"), "start == 'even'"),
        (("--level", "2"), "level == 2.0"),
        (("--horizon", "-1"), "horizon == -1"),
    ):
        result = run(*GAME, *arguments)
        assert result.exit_code == 2, arguments
        assert message in " ".join(result.output.split()), arguments


def test_a_run_of_another_game_is_named(tmp_path: Path) -> None:
    saved = tmp_path / "run.npz"
    mb.solve(mb.games.build("two_islands"), "exact-mf-trpo", K=1).save(saved)
    result = run(*GAME, "-N", "10", "--run", str(saved))
    assert result.exit_code == 2
    assert "it was made on two_islands" in " ".join(result.stderr.split())
