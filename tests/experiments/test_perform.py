"""Whole experiments in their reduced form: the command's data, whatever the workers, the order, the interruptions."""

from __future__ import annotations

import json
import os
import signal
import subprocess
import sys
import time
from pathlib import Path
from typing import Any

import pandas as pd
import pytest

from mfbounds.errors import FileFormatError, InputError, UnknownNameError
from mfbounds.experiments import account, draw, experiments, load, perform, work
from mfbounds.experiments.figures import FIGURES, write_figures
from mfbounds.experiments.files import read_manifest
from mfbounds.experiments.parts import sampled_parts
from mfbounds.experiments.scale import reduced_scale
from mfbounds.experiments.store import part_file
from mfbounds.experiments.work import complete_part

PNG = b"\x89PNG\r\n\x1a\n"


@pytest.fixture(scope="module")
def islands(tmp_path_factory: pytest.TempPathFactory) -> Path:
    """Figures 2 and 5 in their reduced form."""
    out = tmp_path_factory.mktemp("experiments")
    perform(["figure-2", "figure-5"], out, reduced=True, seed=3)
    return out


def files(out: Path, name: str) -> dict[str, bytes]:
    return {path.name: path.read_bytes() for path in sorted((out / name).iterdir()) if path.suffix != ".png"}


def test_tables_do_not_depend_on_workers_nor_on_company(islands: Path, tmp_path: Path) -> None:
    """Sampled and exact: the same bytes from two processes, and without the other experiment."""
    (done,) = perform(["figure-2"], tmp_path, reduced=True, seed=3, workers=2)
    assert (done.parts, done.computed, done.missing) == (2, 2, 0)
    assert files(tmp_path, "figure-2") == files(islands, "figure-2")


def test_another_seed_gives_other_draws(islands: Path, tmp_path: Path) -> None:
    perform(["figure-2"], tmp_path, reduced=True, seed=4)
    one, other = (load("figure-2", out)["populations"] for out in (islands, tmp_path))
    assert (one["mass"] != other["mass"]).any()


def test_what_is_finished_is_not_run_again(islands: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setattr(work, "solve", None)
    (done,) = perform(["figure-5"], islands, reduced=True, seed=3)
    assert (done.computed, done.missing) == (0, 0)


def test_a_killed_command_goes_on(islands: Path, tmp_path: Path) -> None:
    """kill -9 as soon as the first part is there; then the same command again."""
    code = (
        "import sys; from pathlib import Path; from mfbounds.experiments import perform; "
        "perform(['figure-2', 'figure-5'], Path(sys.argv[1]), reduced=True, seed=3)"
    )
    process = subprocess.Popen([sys.executable, "-c", code, str(tmp_path)], start_new_session=True)
    while not list(tmp_path.glob("parts/*.npz")) and process.poll() is None:
        time.sleep(0.001)
    if process.poll() is None:
        os.killpg(process.pid, signal.SIGKILL)
    process.wait()
    kept = len(list(tmp_path.glob("parts/*.npz")))
    assert kept >= 1
    done = perform(["figure-2", "figure-5"], tmp_path, reduced=True, seed=3)
    assert sum(item.computed for item in done) <= 5 - min(kept, 5) + 1  # at most the one in progress again
    for name in ("figure-2", "figure-5"):
        assert files(tmp_path, name) == files(islands, name)


def test_tables_of_what_is_finished(islands: Path, tmp_path: Path) -> None:
    with pytest.raises(InputError, match="must hold a finished part of figure-2: there is none yet"):
        perform(["figure-2"], tmp_path, reduced=True, seed=3, finished_only=True)
    complete_part(tmp_path, next(sampled_parts(reduced_scale(), 3)))
    (done,) = perform(["figure-2"], tmp_path, reduced=True, seed=3, finished_only=True)
    assert (done.parts, done.computed, done.missing) == (2, 0, 1)
    assert load("figure-2", tmp_path)["populations"]["seed"].nunique() == 1
    (done,) = perform(["figure-2"], tmp_path, reduced=True, seed=3)  # and then the rest
    assert (done.computed, done.missing) == (1, 0)
    assert files(tmp_path, "figure-2") == files(islands, "figure-2")


@pytest.fixture(scope="module")
def everything(tmp_path_factory: pytest.TempPathFactory) -> Path:
    """All experiments in their reduced form."""
    out = tmp_path_factory.mktemp("everything")
    perform(experiments(), out, reduced=True, seed=3)
    return out


def take(parts: list[Any], source: Path, out: Path) -> None:
    """Copies finished parts."""
    (out / "parts").mkdir(exist_ok=True)
    for part in parts:
        part_file(out, part).write_bytes(part_file(source, part).read_bytes())


@pytest.mark.parametrize("end", [slice(0, 1), slice(-1, None)], ids=["first part", "last part"])
@pytest.mark.parametrize("name", experiments())
def test_what_is_finished_can_be_drawn(name: str, end: slice, everything: Path, tmp_path: Path) -> None:
    plan = list(experiments()[name].parts(reduced_scale(), 3))
    take(plan[end], everything, tmp_path)
    (done,) = perform([name], tmp_path, reduced=True, seed=3, finished_only=True)
    assert done.missing == len(plan) - 1
    for path in write_figures(tmp_path, name):
        assert path.read_bytes().startswith(PNG)
    account(tmp_path)


def test_figures_of_some_readings_say_which(everything: Path, tmp_path: Path) -> None:
    """Figure 5 without M = 100; Figure 2(a) of P2 without beta."""
    islands, sweep = (list(experiments()[name].parts(reduced_scale(), 3)) for name in ("figure-5", "p2-figure-2a"))
    take([part for part in islands if part.variant != "M=100"], everything, tmp_path)
    take([part for part in sweep if not part.setting.startswith("beta")], everything, tmp_path)
    perform(["figure-5", "p2-figure-2a"], tmp_path, reduced=True, seed=3, finished_only=True)
    (populations,) = draw("figure-5", tmp_path).values()
    assert [label for axes in populations.axes if (label := axes.get_ylabel())] == ["M=1", "M=inf"]
    (curves,) = draw("p2-figure-2a", tmp_path).values()
    assert [text.get_text() for text in curves.axes[1].get_legend().get_texts()] == ["alpha varied"]


def test_figure_1_says_what_is_drawn() -> None:
    def legends(counts: dict[float, int]) -> list[list[str]]:
        rows = [
            {"eta": eta, "seed": seed, "step": step, "exploitability": 1.0 + seed}
            for eta, count in counts.items()
            for seed in range(count)
            for step in range(3)
        ]
        (figure,) = FIGURES["figure-1"]({"curves": pd.DataFrame(rows)}).values()
        return [[text.get_text() for text in axes.get_legend().get_texts()] for axes in figure.axes]

    assert legends({0.05: 4, 0.3: 3}) == [
        ["mean of 4 seeds, band: lowest to highest"],
        ["each seed", "mean of 3 seeds"],
    ]
    assert legends({0.3: 1}) == [["one seed"]]


def test_a_value_below_its_error_is_not_drawn() -> None:
    rows = {
        "step": [1, 2, 3, 4],
        "exploitability": [1.0, 2.0, 3.0, 1e-20],
        "exploitability_error": [0.1, 2.1, 0.0, 1e-9],
    }
    named = {"game": "two islands", "kappa": 0.2, "eta": 0.3, "method": "exact-mf-trpo", "variant": "M=1"}
    (figure,) = FIGURES["figure-3"]({"curves": pd.DataFrame({**named, **rows})}).values()
    (panel,) = figure.axes
    _, line = panel.lines
    assert line.get_xydata().tolist() == [[1.0, 1.0], [3.0, 3.0], [4.0, 1e-8]]
    assert panel.get_legend() is not None  # of eta = 0.3 alone


def test_data_of_other_settings_is_refused(islands: Path) -> None:
    with pytest.raises(InputError, match=r"made by `mfbounds experiment figure-2 --reduced --seed 3`.*another --out"):
        perform(["figure-2"], islands, reduced=True, seed=4)


def test_unknown_names_and_bad_numbers(tmp_path: Path) -> None:
    with pytest.raises(UnknownNameError, match="did you mean 'figure-"):
        perform(["figure-7"], tmp_path)
    with pytest.raises(UnknownNameError):
        load("nothing", tmp_path)
    with pytest.raises(InputError, match="workers == 0"):
        perform(["figure-2"], tmp_path, workers=0)
    with pytest.raises(InputError, match="seed == -1"):
        perform(["figure-2"], tmp_path, seed=-1)
    with pytest.raises(InputError, match="run `mfbounds experiment figure-2` first"):
        load("figure-2", tmp_path)
    assert not list(tmp_path.iterdir())


def test_a_table_says_what_made_it_and_a_changed_one_is_refused(islands: Path, tmp_path: Path) -> None:
    for file, content in files(islands, "figure-5").items():
        (tmp_path / "figure-5").mkdir(exist_ok=True)
        (tmp_path / "figure-5" / file).write_bytes(content)
    table = tmp_path / "figure-5" / "populations.csv"
    lines = table.read_text().splitlines()
    assert lines[1] == "# made by: mfbounds experiment figure-5 --reduced --seed 3"
    pd.testing.assert_frame_equal(load("figure-5", tmp_path)["populations"], load("figure-5", islands)["populations"])
    table.write_text("\n".join(lines[:-1]))
    with pytest.raises(FileFormatError, match="its content is not what the manifest says"):
        load("figure-5", tmp_path)
    table.unlink()
    with pytest.raises(FileFormatError, match="it is missing"):
        load("figure-5", tmp_path)
    (tmp_path / "figure-5" / "manifest.json").write_text(json.dumps([1]))
    with pytest.raises(FileFormatError, match="must be a manifest"):
        read_manifest(tmp_path, "figure-5")


def test_populations_are_distributions_that_begin_at_the_start(islands: Path) -> None:
    table = load("figure-5", islands)["populations"]
    sums = table.groupby(["variant", "step"])["mass"].sum()
    assert ((sums - 1.0).abs() < 1e-5).all()  # the tables keep seven digits
    first = table[table["step"] == 0]
    assert set(first[first["mass"] == 1.0]["state"]) == {2}  # "location 2 on the first island"


def test_pictures_come_from_the_tables_alone(islands: Path, tmp_path: Path) -> None:
    for name in ("figure-2", "figure-5"):
        (tmp_path / name).mkdir()
        for file, content in files(islands, name).items():
            (tmp_path / name / file).write_bytes(content)
        (path,) = write_figures(tmp_path, name)
        assert path.read_bytes().startswith(PNG)
        assert list(draw(name, tmp_path)) == [name]
    assert not (tmp_path / "parts").exists()


def test_the_account_covers_what_was_run(islands: Path, tmp_path: Path) -> None:
    assert set(account(islands)["experiment"]) == {"figure-2", "figure-5"}
    assert account(tmp_path).empty


def test_every_experiment_of_the_paper_has_a_name() -> None:
    wanted = [*(f"figure-{number}" for number in range(1, 7)), "table-1", "slides"]
    assert list(experiments())[: len(wanted)] == wanted
