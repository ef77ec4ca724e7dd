"""All statements, found by their numbers."""

from __future__ import annotations

import re
from functools import lru_cache
from importlib import import_module

from mfbounds.bounds.statement import Statement
from mfbounds.errors import UnknownNameError

P1 = (
    "equation_2",
    "definition_2_2",
    "appendix_b2",
    "appendix_b4",
    "theorem_c1",
    "corollary_c2",
    "proposition_c3",
    "remark_c4",
    "theorem_c5",
    "corollary_c6",
    "remark_c7",
    "theorem_w",
    "algorithm_3",
    "algorithm_8",
    "equation_21",
    "theorem_d2",
    "proposition_d3",
    "theorem_d4",
    "corollary_d5",
    "remark_d7",
    "lemma_e1",
    "proposition_e2",
    "proposition_e3",
    "corollary_e4",
    "proposition_e5",
    "lemma_e6",
)
P2 = (
    "definition_7",
    "definition_8",
    "lemma_2",
    "example_1",
    "lemma_3",
    "lemma_4",
    "lemma_5",
    "lemma_6",
    "lemma_7",
    "lemma_8",
    "lemma_9",
    "theorem_1",
    "equation_7",
    "equation_9",
    "equation_12",
    "lemma_10",
    "algorithm_1",
    "theorem_2",
    "definition_10",
    "algorithm_2",
    "theorem_3",
    "lemma_11",
    "lemma_12",
    "lemma_13",
    "lemma_14",
    "lemma_15",
)


KINDS = re.compile(r"^(prop(osition)?|cor(ollary)?|th(eore)?m|lemma|rem(ark)?|def(inition)?|app(endix)?)\b\.?\s*", re.I)


class Ledger(tuple[Statement, ...]):
    """All statements, in the order of the papers."""

    __slots__ = ()

    def to_markdown(self) -> str:
        """Every constant and statement with formulas, defects and Python name: what `paper_constants.md` holds."""
        from mfbounds.bounds.paper import to_markdown

        return to_markdown()


@lru_cache(maxsize=1)
def ledger() -> Ledger:
    """Every statement, in the order of the papers."""
    names = [*(f"p1.{name}" for name in P1), *(f"p2.{name}" for name in P2)]
    return Ledger(import_module(f"mfbounds.bounds.statements.{name}").STATEMENT for name in names)


def find_statement(name: str) -> Statement:
    """The statement of an id (``"P1.C.5"``), a short id (``"C.5"``), or a number of the paper (``"4.2"``, ``"Prop. 4.2"``).

    A short id that both papers have means P1's.

    Raises:
        UnknownNameError: no statement has that name; the message suggests the nearest.
    """
    known = {}
    for statement in ledger():
        for full in (statement.id, *statement.aliases):
            known[full.upper()] = statement
            known.setdefault(full.split(".", 1)[1].upper(), statement)
    text = str(name).strip()
    found = known.get(text.upper()) or known.get(KINDS.sub("", text).upper())
    if found is None:
        raise UnknownNameError("statement", name, known, "`mfbounds ledger` lists them all")
    return found
