"""The one-page account: its tables are those of the data that is kept."""

from __future__ import annotations

from pathlib import Path

import pandas as pd
import pytest

from mfbounds.errors import InputError
from mfbounds.experiments import account, experiments, load
from mfbounds.experiments.account import page_with_tables
from mfbounds.experiments.files import read_manifest
from mfbounds.experiments.page import BEGIN, END, markdown, short

ROOT = Path(__file__).parents[2]
DATA = ROOT / "reports" / "experiments"
PAGE = ROOT / "docs" / "experiments.md"


def test_the_page_shows_the_kept_data() -> None:
    text = PAGE.read_text(encoding="utf-8")
    assert page_with_tables(text, DATA) == text, "run `mfbounds experiment --page docs/experiments.md`"


def test_the_kept_account_is_that_of_the_kept_tables() -> None:
    kept = pd.read_csv(DATA / "account.csv")
    pd.testing.assert_frame_equal(kept, account(DATA), check_dtype=False)


def test_kept_data_is_that_of_the_papers_counts() -> None:
    kept = {name: manifest for name in experiments() if (manifest := read_manifest(DATA, name)) is not None}
    assert {*(f"figure-{number}" for number in range(1, 7)), "table-1", "slides", "readings"} <= set(kept)
    for name, manifest in kept.items():
        assert manifest["command"] == f"mfbounds experiment {name} --seed 0"
        assert set(load(name, DATA))


def test_kept_data_is_small() -> None:
    kept = [file for file in DATA.rglob("*") if file.is_file() and "parts" not in file.parts]
    assert sum(file.stat().st_size for file in kept) < 4e6


def test_a_page_without_markers_is_refused() -> None:
    with pytest.raises(InputError, match="must hold the markers"):
        page_with_tables(f"{BEGIN} and no end", DATA)
    with pytest.raises(InputError, match="must hold the markers"):
        page_with_tables(f"{END} before {BEGIN}", DATA)


def test_cells() -> None:
    assert markdown(["a"], [["b|c"]]) == "| a |\n| --- |\n| b/c |\n"
    assert [short(value, 0.0) for value in (1e-8, 1.01e-8, 1234.0)] == ["< 1e-8", "1e-08", "1.2e+03"]
    assert short(9e-9, 2e-9) == "9e-09"  # not certified to be below
    assert short(9e-9, 2e-8) == "9e-09 +- 2e-08"


def test_every_run_of_table_1_is_on_the_page() -> None:
    table = load("table-1", DATA)["table"]
    assert set(table[table["method"] == "sampled-mf-trpo"]["variant"]) == {""}
    part = PAGE.read_text(encoding="utf-8").split("How the runs of Table 1 ended")[1].split("</details>")[0]
    rows = part.splitlines()
    assert sum(row.startswith("| exact |") for row in rows) == (table["method"] == "exact-mf-trpo").sum()
    sampled = [row for row in rows if row.startswith("| sampled |")]
    assert [row.split(" | ")[3:5] for row in sampled] == [["0.05", "M = 100, 10 seeds"], ["0.3", "M = 100, 3 seeds"]]
