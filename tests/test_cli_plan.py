"""`mfbounds plan`: what it prints, and what it refuses."""

from __future__ import annotations

import json

from typer.testing import CliRunner, Result

import mfbounds as mb
from mfbounds.cli import app

GAME = ("random_game", "--set", "family=contractive", "--set", "seed=3")


def run(*arguments: str) -> Result:
    return CliRunner().invoke(app, ["plan", *arguments])


def test_json_holds_the_numbers_of_the_library():
    result = run(*GAME, "--epsilon", "0.2", "--delta", "0.05", "--json")
    assert result.exit_code == 0, result.output
    (row,) = json.loads(result.stdout)["plans"]
    found = mb.plan(mb.games.random_game("contractive", 3), epsilon=0.2, delta=0.05)
    assert [row[name] for name in "LKITP"] == [getattr(found, name) for name in "LKITP"]


def test_several_plans_are_a_table(tmp_path):
    target = tmp_path / "plan.png"
    result = run(
        *GAME, "--epsilon", "0.5", "--epsilon", "0.2", "--delta", "0.1", "--tier", "all", "--plot", str(target)
    )
    assert result.exit_code == 0, result.output
    assert (
        sum(line.lstrip().startswith(("printed", "repaired", "sharpened")) for line in result.stdout.splitlines()) == 6
    )
    assert "T_l as printed is" in result.stdout
    assert target.read_bytes().startswith(b"\x89PNG")


def test_what_is_refused():
    for arguments, message in (
        (("two_doors", "--epsilon", "0.1"), "K_F = 15.09"),
        ((*GAME, "--delta", "0.1"), "exactly one of them"),
        ((*GAME, "--budget", "1000"), "--delta is missing"),
        ((*GAME, "--epsilon", "0.1", "--tier", "best"), "tier == 'best'"),
    ):
        result = run(*arguments)
        assert result.exit_code == 2
        assert message in result.output
