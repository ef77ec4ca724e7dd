from __future__ import annotations

import json
from pathlib import Path

import numpy as np
import pytest
from typer.testing import CliRunner, Result

import mfbounds as mb
from mfbounds.cli import app

from .stand_ins import CONFIG, BenchChain
from .test_rescoring import run_of

MODULE = """
from stand_ins import BenchChain

def chain(gamma=0.8):
    return BenchChain(gamma=gamma)

def broken():
    raise RuntimeError("no such thing")
"""


@pytest.fixture
def module(tmp_path: Path, monkeypatch) -> Path:
    monkeypatch.syspath_prepend(Path(__file__).parent)
    path = tmp_path / "environments.py"
    path.write_text(MODULE)
    return path


def run(*arguments: object) -> Result:
    return CliRunner().invoke(app, ["rescore", *map(str, arguments)])


def test_the_table_shows_both_numbers(tmp_path: Path, module: Path) -> None:
    folder = run_of(tmp_path / "run", BenchChain())
    expected = mb.interop.rescore(folder, BenchChain())
    shown = run(folder, "--env", f"{module}:chain")
    assert shown.exit_code == 0, shown.output
    for value in (expected.recorded, expected.recipe, expected.exploitability.value):
        assert f"{value:.9g}" in shown.stdout
    document = json.loads(run(folder, "--env", f"{module}:chain", "--json").stdout)
    numbers = {row["number"]: row for row in document["numbers"]}
    assert numbers["exploitability"]["value"] == expected.exploitability.value
    assert numbers["recipe"]["residual"] == expected.pushed_residual
    assert document["game"] == "BenchChain"


def test_a_saved_game_will_do(tmp_path: Path) -> None:
    folder = run_of(tmp_path / "run", BenchChain())
    game = mb.interop.from_bench_mfg(BenchChain(), eta=0.1, affine=True)
    mb.games.save(game, tmp_path / "game.npz")
    shown = run(folder, "--env", tmp_path / "game.npz", "--horizon", 60)
    assert shown.exit_code == 0, shown.output


def test_refusals_are_one_line(tmp_path: Path, module: Path) -> None:
    folder = run_of(tmp_path / "run", BenchChain(), config=CONFIG)
    for arguments, message in (
        ([tmp_path / "none", "--env", f"{module}:chain"], "must be a folder"),
        ([tmp_path / "none"], "must be a folder"),
        ([folder, "--env", f"{module}:chain", "--set", "gamma=0.5"], "the run is of another environment"),
        ([folder, "--env", f"{module}:broken"], "no such thing"),
        ([folder, "--set", "gamma=0.5"], "--env is missing"),
        ([folder, "--env", "two_doors"], "another environment"),
    ):
        result = run(*arguments)
        assert result.exit_code == 2, result.output
        assert message in result.stderr
        assert result.stderr.count("\n") == 1
    assert np.load(folder / "final_policy.npz")["policy"].shape == (5, 3)
