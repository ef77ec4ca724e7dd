"""The ledger as a document."""

from __future__ import annotations

from pathlib import Path

from mfbounds.bounds.definitions import DEFINITIONS
from mfbounds.bounds.ledger import ledger
from mfbounds.bounds.paper import to_markdown

ROOT = Path(__file__).parents[1]


def test_the_committed_document_is_the_one_that_the_formulas_give() -> None:
    written = (ROOT / "paper_constants.md").read_text(encoding="utf-8")
    assert written == to_markdown(), "run `make paper`: a formula changed and paper_constants.md did not"


def test_every_constant_statement_and_defect_is_in_the_document() -> None:
    text = to_markdown()
    for name in DEFINITIONS:
        assert f"`{name}`" in text
    for statement in ledger():
        assert f"### {statement.id}" in text
        for defect in statement.defects:
            assert f"- defect {defect.name} " in text


def test_every_statement_has_its_file_under_verify() -> None:
    files = "".join(path.read_text(encoding="utf-8") for path in (ROOT / "verify").glob("test_*.py"))
    missing = [statement.id for statement in ledger() if f'STATEMENT = "{statement.id}"' not in files]
    assert missing == []
