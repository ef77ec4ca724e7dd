"""Parts that are interrupted anywhere go on to the numbers of an uninterrupted run."""

from __future__ import annotations

import math
from pathlib import Path
from typing import Any

import numpy as np
import pandas as pd
import pytest

from mfbounds.errors import FileFormatError, InputError
from mfbounds.experiments import store, work
from mfbounds.experiments.part import Part
from mfbounds.experiments.parts import exact_part
from mfbounds.experiments.scale import reduced_scale
from mfbounds.experiments.store import Outcome, part_file, read_part, write_part
from mfbounds.experiments.work import complete_part
from mfbounds.mdp import measured_exploitability, quality, stationary_distribution
from mfbounds.solvers import solve

STEPS = (0, 1, 2, 3, 5, 8)


def small_part(**changes: Any) -> Part:
    options: dict[str, Any] = {"L": 3, "beta": 0.1, "M": 2, "warm_start": True}
    settings: dict[str, Any] = {
        "game": "two_islands",
        "arguments": {"kappa": 0.2, "eta": 0.3, "gamma": 0.9},
        "label": "two islands",
        "method": "exact-mf-trpo",
        "options": options,
        "K": 8,
        "steps": STEPS,
        "snapshots": (0, 5, 8),
        "laws": True,
    }
    return Part(**{**settings, **changes})


SAMPLED = {"L": 2, "beta": 0.1, "M": 3, "I": 500, "P": 500, "warm_start": True}
PARTS = {
    "exact": small_part(),
    "sampled": small_part(method="sampled-mf-trpo", options=SAMPLED, seed=5, laws=False),
    "schedule": small_part(method="fictitious-play", options={"beta": "1/(k+1)"}, laws=False),
}


def result(out: Path, part: Part) -> Outcome:
    found = read_part(out, part)
    assert found is not None
    assert found.complete
    return found


def assert_same(one: Outcome, other: Outcome) -> None:
    pd.testing.assert_frame_equal(one.rows, other.rows, check_exact=True)
    assert list(one.populations) == list(other.populations)
    for step, mu in one.populations.items():
        np.testing.assert_array_equal(mu, other.populations[step])


class Interrupted(BaseException):
    """Stands for whatever ends a process: nothing in the library may catch it."""


@pytest.mark.parametrize("name", PARTS)
@pytest.mark.parametrize("after", [1, 3, 5])
def test_resumes_after_an_interruption(name: str, after: int, tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    part = PARTS[name]
    complete_part(tmp_path / "whole", part)
    monkeypatch.setattr(store, "SAVE_EVERY", -1.0)
    calls = 0

    def measures(*arguments: Any) -> dict[str, float]:
        nonlocal calls
        calls += 1
        if calls == after:
            raise Interrupted
        return original(*arguments)

    original = work.measures
    monkeypatch.setattr(work, "measures", measures)
    with pytest.raises(Interrupted):
        complete_part(tmp_path / "cut", part)
    partial = read_part(tmp_path / "cut", part)
    assert (partial is None) == (after == 1)
    if partial is not None:
        assert not partial.complete
        assert len(partial.rows) == after - 1
    complete_part(tmp_path / "cut", part)
    assert calls == len(STEPS) + 1  # no finished step is measured again: only the one that was cut
    assert_same(result(tmp_path / "whole", part), result(tmp_path / "cut", part))
    assert [path.name for path in part_file(tmp_path / "cut", part).parent.iterdir()] == [f"{part.name}.npz"]


@pytest.mark.parametrize("cut", ["run", "part"])
def test_resumes_after_an_interruption_in_the_middle_of_a_write(
    cut: str, tmp_path: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    """The run is written and the part that names it is not; or the file of either is cut short."""
    part = small_part()
    complete_part(tmp_path / "whole", part)
    monkeypatch.setattr(store, "SAVE_EVERY", -1.0)
    writes = 0

    def write_arrays(path: Path, arrays: Any) -> None:
        nonlocal writes
        writes += 1
        if writes == 3:
            if cut == "part":
                Path(path).with_name(f".{Path(path).name}.1.tmp").write_bytes(b"half of a fi")
            raise Interrupted
        original(path, arrays)

    original = store.write_arrays
    with monkeypatch.context() as patch:
        patch.setattr(store, "write_arrays", write_arrays)
        with pytest.raises(Interrupted):
            complete_part(tmp_path / "cut", part)
    found = read_part(tmp_path / "cut", part)
    assert found is not None
    assert len(found.rows) == 2  # the last write that was finished
    complete_part(tmp_path / "cut", part)
    assert_same(result(tmp_path / "whole", part), result(tmp_path / "cut", part))
    assert [path.name for path in part_file(tmp_path / "cut", part).parent.iterdir()] == [f"{part.name}.npz"]


def test_a_complete_part_is_not_computed_again(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    part = small_part()
    complete_part(tmp_path, part)
    before = part_file(tmp_path, part).read_bytes()
    monkeypatch.setattr(work, "solve", None)
    complete_part(tmp_path, part)
    assert part_file(tmp_path, part).read_bytes() == before


def test_a_part_of_other_settings_is_refused(tmp_path: Path) -> None:
    complete_part(tmp_path, small_part())
    other = small_part(options={"L": 4, "beta": 0.1, "M": 2, "warm_start": True})
    assert other.name == small_part().name
    with pytest.raises(InputError, match=r"must be a part of these settings: its options is .*'L': 3.*'L': 4.*--out"):
        complete_part(tmp_path, other)


def test_a_part_of_another_version_is_refused(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    part = small_part()
    complete_part(tmp_path, part)
    monkeypatch.setattr("mfbounds.experiments.part.version", lambda _: "0.0.0")
    with pytest.raises(InputError, match="its version is"):
        complete_part(tmp_path, part)


@pytest.mark.parametrize("content", [b"", b"not a zip", None], ids=["empty", "text", "cut short"])
def test_a_damaged_part_is_refused(content: bytes | None, tmp_path: Path) -> None:
    part = small_part()
    complete_part(tmp_path, part)
    path = part_file(tmp_path, part)
    path.write_bytes(path.read_bytes()[:200] if content is None else content)
    with pytest.raises(FileFormatError, match=r"must be a part of an experiment: (?!.*unsafe).*remove the file"):
        complete_part(tmp_path, part)


def test_a_foreign_archive_is_refused(tmp_path: Path) -> None:
    part = small_part()
    part_file(tmp_path, part).parent.mkdir()
    np.savez(part_file(tmp_path, part), policy=np.ones(3))
    with pytest.raises(FileFormatError, match="must be a part of an experiment"):
        read_part(tmp_path, part)


def test_a_folder_that_cannot_be_written_is_told(tmp_path: Path) -> None:
    (tmp_path / "parts").write_text("a file")
    part, outcome = small_part(), Outcome(rows=pd.DataFrame({"step": [0.0]}), complete=True)
    with pytest.raises(InputError, match="must be a folder that can be written"):
        write_part(tmp_path, part, outcome)


def test_measures_are_those_of_one_uninterrupted_run(tmp_path: Path) -> None:
    """Against a single call of `solve`, and the measures computed from its last pair by the public functions."""
    part = small_part()
    complete_part(tmp_path, part)
    rows, game = result(tmp_path, part).rows, part.build()
    run = solve(game, part.method, K=8, **part.options)
    shown = run.history.loc[list(STEPS), ["exploitability", "quality", "delta_mu"]].reset_index(drop=True)
    pd.testing.assert_frame_equal(rows[shown.columns.to_list()], shown, rtol=1e-12)
    last = rows.iloc[-1]
    measured = measured_exploitability(game, run.policy, run.mu)
    plain = measured_exploitability(game, run.policy, run.mu, regularised=False)
    law = stationary_distribution(game, run.policy, run.mu)
    before = solve(game, part.method, K=7, **part.options)
    moved = np.linalg.norm(law - stationary_distribution(game, before.policy, before.mu))
    assert abs(last["exploitability"] - measured.value) <= measured.error + last["exploitability_error"]
    assert abs(last["plain_exploitability"] - plain.value) <= 2.0 * plain.error
    assert math.isclose(last["quality"], quality(game, run.policy, run.mu), rel_tol=1e-9)
    assert math.isclose(last["consistency"], np.abs(law - run.mu).sum(), rel_tol=1e-9)
    assert math.isclose(last["delta_law"], moved, rel_tol=1e-9)
    np.testing.assert_array_equal(result(tmp_path, part).populations[8], run.mu)


def test_a_method_of_the_field_stops_where_it_is_certified(tmp_path: Path) -> None:
    part = exact_part("two islands", 0.2, 0.3, reduced_scale(), "online-mirror-descent", "fast", learning_rate=1.0)
    part = Part(
        **{name: getattr(part, name) for name in part.__dataclass_fields__} | {"K": 60, "steps": (0, 20, 40, 60)}
    )
    assert part.stops
    complete_part(tmp_path, part)
    rows = result(tmp_path, part).rows
    total = rows["exploitability"] + rows["exploitability_error"]
    assert total.iloc[-1] <= 1e-8
    assert (total.iloc[:-1] > 1e-8).all()
    assert rows["step"].iloc[-1] < 60
