"""`mfbounds experiment`: what it lists, runs, draws and refuses."""

from __future__ import annotations

import json
import shutil
import sys
from pathlib import Path

import pytest
from typer.testing import CliRunner, Result

from mfbounds.cli import app


def run(*arguments: object) -> Result:
    return CliRunner().invoke(app, ["experiment", *map(str, arguments)])


@pytest.fixture(scope="module")
def islands(tmp_path_factory: pytest.TempPathFactory) -> Path:
    out = tmp_path_factory.mktemp("command")
    result = run("figure-5", "--reduced", "--out", out)
    assert result.exit_code == 0, result.output
    assert "figure-5: 3 parts, 3 computed now, complete" in result.stderr
    assert "two islands: concentrates on the second" in result.stdout
    assert "reproduced" not in result.stdout  # a rehearsal decides nothing
    return out


def test_the_list_names_every_experiment() -> None:
    shown = json.loads(run("--list", "--json").stdout)
    assert [item["name"] for item in shown][:3] == ["figure-1", "figure-2", "figure-3"]
    assert "P1, Table 1" in run("--list").stdout


def test_a_second_call_computes_nothing_and_says_so_in_json(islands: Path) -> None:
    shown = json.loads(run("figure-5", "--reduced", "--out", islands, "--json").stdout)
    (item,) = shown["experiments"]
    assert (item["name"], item["parts"], item["computed"], item["missing"]) == ("figure-5", 3, 0, 0)
    assert all(Path(path).is_file() for path in item["figures"])
    assert {claim["reading"] for claim in shown["claims"]} == {"M=1", "M=100", "M=inf"}
    assert (islands / "account.csv").read_text().startswith("experiment,claim,source,reading")


def test_the_claims_shown_are_those_of_the_experiments_named(islands: Path, tmp_path: Path) -> None:
    shutil.copytree(islands, tmp_path, dirs_exist_ok=True)
    shown = run("figure-6", "--reduced", "--out", tmp_path).stdout
    assert "four rooms: gathers" in shown
    assert "two islands" not in shown
    assert "two islands" in (tmp_path / "account.csv").read_text()


def test_an_interruption_is_told(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    def interrupted(*_: object, **__: object) -> None:
        raise KeyboardInterrupt

    monkeypatch.setattr(sys.modules["mfbounds.experiments.perform"], "complete_part", interrupted)
    result = run("figure-5", "--reduced", "--out", tmp_path)
    assert result.exit_code == 130
    assert "the same command goes on from there" in " ".join(result.stderr.split())


def test_pictures_are_drawn_again_without_the_parts(islands: Path, tmp_path: Path) -> None:
    (tmp_path / "figure-5").mkdir()
    for name in ("populations.csv", "manifest.json"):
        (tmp_path / "figure-5" / name).write_bytes((islands / "figure-5" / name).read_bytes())
    assert run("figure-5", "--figures-only", "--out", tmp_path).exit_code == 0
    assert (tmp_path / "figure-5" / "figure-5.png").is_file()


@pytest.mark.parametrize(
    ("arguments", "message"),
    [
        ((), "NAME is missing"),
        (("figure-9",), "must be a known name"),
        (("figure-5", "--figures-only", "--finished-only"), "one at a time"),
        (("figure-5", "--figures-only"), "run `mfbounds experiment figure-5` first"),
        (("figure-5", "--workers", "0"), "workers == 0"),
        (("--page", "nowhere.md"), "must be an existing page"),
        (("all", "--page", "nowhere.md"), "must be an existing page"),
    ],
)
def test_bad_input_is_told_in_one_line(arguments: tuple[str, ...], message: str, tmp_path: Path) -> None:
    result = run(*arguments, "--out", tmp_path)
    assert result.exit_code == 2
    assert message in result.stderr
    assert result.stderr.count("\n") == 1
    assert not list(tmp_path.iterdir())  # nothing was run, nothing is left behind
