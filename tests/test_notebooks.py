"""The renderings of the notebooks were made from their present sources, and are complete.

That the notebooks run, and still say what the renderings say, is what `notebooks/build.py --check` finds out.
"""

from __future__ import annotations

import hashlib
import re
from pathlib import Path

import pytest

ROOT = Path(__file__).parent.parent
SOURCES = sorted((ROOT / "notebooks").glob("[0-9]_*.py"))
RENDERED = ROOT / "docs" / "notebooks"


def test_there_is_a_rendering_of_every_notebook_and_of_nothing_else():
    assert [path.stem for path in sorted(RENDERED.glob("[0-9]*.md"))] == [path.stem for path in SOURCES]
    assert {path.name for path in RENDERED.iterdir() if path.is_dir()} <= {path.stem for path in SOURCES}


@pytest.mark.parametrize("source", SOURCES, ids=lambda path: path.stem)
def test_a_rendering_is_of_the_present_source(source):
    text = (RENDERED / f"{source.stem}.md").read_text()
    digest = hashlib.sha256(source.read_bytes()).hexdigest()
    assert digest in text.splitlines()[0], f"notebooks/{source.name} has changed: run `make notebooks`"


@pytest.mark.parametrize("source", SOURCES, ids=lambda path: path.stem)
def test_a_rendering_shows_every_picture_that_is_kept_beside_it(source):
    shown = set(re.findall(r"!\[[^\]]*\]\(([^)]+)\)", (RENDERED / f"{source.stem}.md").read_text()))
    kept = {f"{source.stem}/{path.name}" for path in (RENDERED / source.stem).glob("*")}
    assert shown == kept
    assert all((RENDERED / name).read_bytes().startswith(b"\x89PNG") for name in kept)


@pytest.mark.parametrize("source", SOURCES, ids=lambda path: path.stem)
def test_a_notebook_imports_public_names_only(source):
    imported = re.findall(r"^(?:from (\S+) )?import (.+)$", source.read_text(), flags=re.M)
    assert imported
    for module, names in imported:
        assert not any(part.startswith("_") for part in (*module.split("."), *re.split(r"[\s,.]+", names)))


def test_the_renderings_stay_small():
    assert sum(path.stat().st_size for path in RENDERED.rglob("*")) < 1_500_000
