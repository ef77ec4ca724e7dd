"""The experiments on dynamic games: their data whatever interrupts them, their claims on made-up tables, their pictures."""

from __future__ import annotations

from pathlib import Path
from typing import Any

import numpy as np
import pandas as pd
import pytest

from mfbounds.experiments import account, draw, dynamic_work, load, perform, store
from mfbounds.experiments.claim import Verdict
from mfbounds.experiments.claims_dynamic import learning_on_rps, sensitivity
from mfbounds.experiments.dynamic_part import EQUILIBRIUM, DynamicPart, rps_parts, sensitivity_parts, sis_parts
from mfbounds.experiments.dynamic_work import complete_dynamic_part
from mfbounds.experiments.scale import full_scale, reduced_scale
from mfbounds.experiments.store import read_part, write_part
from mfbounds.simulation.dynamic_exploitability import n_player_exploitability
from mfbounds.solvers import solve

NAMES = ("p2-figure-1b", "p2-figure-1c", "p2-figure-2a")


@pytest.fixture(scope="module")
def reduced(tmp_path_factory: pytest.TempPathFactory) -> Path:
    out = tmp_path_factory.mktemp("dynamic")
    perform(NAMES, out, reduced=True, seed=1)
    return out


def small_part() -> DynamicPart:
    return DynamicPart(
        game="a_rps",
        arguments={"n_players": 10, "horizon": 2},
        setting="small",
        method="symm-pmd",
        options={"M": 5},
        variant="printed",
        K=3,
        steps=(0, 1, 3),
        seed=8,
    )


def test_rows_are_those_of_the_solver(tmp_path: Path) -> None:
    part = small_part()
    complete_dynamic_part(tmp_path, part)
    found = read_part(tmp_path, part)
    assert found is not None
    assert found.complete
    history = solve(part.build(), "symm-pmd", K=3, M=5, seed=8).history
    for row in found.rows.to_dict("records"):
        for name in dynamic_work.KEPT:
            assert row[name] == history[name].iloc[int(row["step"])]


def test_an_interrupted_part_goes_on_as_if_nothing_had_happened(
    tmp_path: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    part = small_part()
    complete_dynamic_part(tmp_path / "whole", part)
    monkeypatch.setattr(store, "SAVE_EVERY", 0.0)
    written: list[int] = []

    def write_twice(out: Path, part: Any, outcome: Any) -> None:
        write_part(out, part, outcome)
        written.append(len(outcome.rows))
        if len(written) == 2:
            raise KeyboardInterrupt

    monkeypatch.setattr(store, "write_part", write_twice)
    with pytest.raises(KeyboardInterrupt):
        complete_dynamic_part(tmp_path / "broken", part)
    complete_dynamic_part(tmp_path / "broken", part)
    one, other = (read_part(tmp_path / name, part) for name in ("whole", "broken"))
    assert one is not None
    assert other is not None
    pd.testing.assert_frame_equal(one.rows, other.rows, check_exact=True)


def test_an_equilibrium_is_played_by_all_players(tmp_path: Path) -> None:
    part = next(part for part in sensitivity_parts(reduced_scale(), 0) if part.setting == "beta = 0.25")
    assert part.method == EQUILIBRIUM
    complete_dynamic_part(tmp_path, part)
    found = read_part(tmp_path, part)
    assert found is not None
    H = part.build().horizon
    uniform = n_player_exploitability(part.build(), np.full((H, 2, 2), 0.5))
    assert found.rows["mean_field_exploitability"][0] <= 1e-6 + 0.05 * H * np.log(2)  # P2, Lemma 11 sharpened
    assert 0.0 < found.rows["exploitability_mean"][0] <= found.rows["exploitability"][0] < uniform.max


def test_names_of_parts_are_different() -> None:
    for scale in (full_scale(), reduced_scale()):
        parts = [*rps_parts(scale, 0), *sis_parts(scale, 0), *sensitivity_parts(scale, 0)]
        assert len({part.name for part in parts}) == len(parts)
        assert len({part.seed for part in parts}) == scale.dynamic_seeds


def test_tables_pictures_and_claims_of_the_reduced_form(reduced: Path) -> None:
    for name in NAMES:
        table = load(name, reduced)["curves"]
        assert (table["exploitability"] >= table["exploitability_mean"]).all()
        assert len(draw(name, reduced)) == 1
    claims = account(reduced)
    assert set(claims["experiment"]) == set(NAMES)
    assert claims["source"].str.startswith("P2").all()


def test_another_seed_gives_other_draws(reduced: Path, tmp_path: Path) -> None:
    perform(["p2-figure-1b"], tmp_path, reduced=True, seed=2)
    one, other = (load("p2-figure-1b", out)["curves"]["exploitability"] for out in (reduced, tmp_path))
    assert (one != other).any()


def made_up(
    method: str, values: list[float], seed: int, variant: str = "printed", setting: str = "c = 3"
) -> pd.DataFrame:
    rows = {"setting": setting, "method": method, "variant": variant, "seed": seed, "step": range(len(values))}
    columns = ("exploitability", "exploitability_mean", "average_exploitability", "mean_field_exploitability")
    return pd.DataFrame({**rows, **dict.fromkeys(columns, values)})


def test_claims_count_the_seeds_that_end_below() -> None:
    fast = made_up("symm-pmd", [3.0, *[1.0] * 10], 0)
    slow = made_up("symm-pmd", [3.0] * 9 + [1.9, 1.9], 1)
    theirs = made_up("independent-pmd", [3.0] * 10 + [2.0], 0)
    below, soon = learning_on_rps({"curves": pd.concat([fast, slow, theirs])})
    assert (below.cases, below.met, below.verdict) == (2, 1, Verdict.PARTLY)  # 1.9 > 0.9 * 2
    assert (soon.cases, soon.met) == (2, 1)
    (alone,) = learning_on_rps({"curves": fast})
    assert (alone.name, alone.met) == ("A-RPS: Symm-PMD settles", 1)


def test_sensitivity_wants_growth_from_value_to_value() -> None:
    tables = [
        made_up(EQUILIBRIUM, [value], seed, "", f"beta = {share}")
        for seed, values in ((0, (0.1, 0.2, 0.3)), (1, (0.1, 0.3, 0.2)))
        for share, value in zip((0, 0.05, 0.1), values, strict=True)
    ]
    (claim,) = sensitivity({"curves": pd.concat(tables)})
    assert (claim.cases, claim.met) == (2, 1)
