"""What one statement yields on one game, as records: verdicts, facts, and replayed defects."""

from __future__ import annotations

from collections.abc import Iterable, Mapping
from typing import Any, TypeAlias

from mfbounds.bounds.problems import AnyProblem
from mfbounds.bounds.statement import Defect, Statement, Tier
from mfbounds.verification.check import recorded_defects
from mfbounds.verification.records import plain
from mfbounds.verification.status import Status
from mfbounds.verification.trial import TROUBLE
from mfbounds.verification.verdict import Verdict, game_name
from mfbounds.verification.witness import replay_defect

Record: TypeAlias = dict[str, Any]


def facts_record(statement: Statement, problem: AnyProblem) -> Record | None:
    """The statement's further numbers on a game; None where it has none."""
    if statement.facts is None:
        return None
    try:
        facts = statement.facts(problem)
    except TROUBLE:
        return None
    if not facts:
        return None
    return {"kind": "facts", "statement": statement.id, "game": game_name(problem.game), "facts": plain(facts)}


def defect_record(statement: Statement, defect: Defect, *, certify: bool = False) -> Record:
    """A recorded defect; where it has a witness, with the verdict of its replay, certified where that is asked for."""
    record: Record = {
        "kind": "defect",
        "statement": statement.id,
        "name": defect.name,
        "text": defect.text,
        "defect": defect.kind.value,
        "bounds": list(defect.bounds),
        "replayed": None,
    }
    if defect.witness is not None:
        record["replayed"] = replay_defect(statement, defect, certify=certify).to_record()
    return record


def is_reproduced(record: Mapping[str, Any]) -> bool:
    """Whether the witness of a defect's record still shows the violation; True where no witness is possible."""
    return record["replayed"] is None or record["replayed"]["status"] == Status.VIOLATED


def is_ledger_true(verdict: Verdict | Mapping[str, Any], statement: Statement) -> bool:
    """Whether a verdict agrees with what the ledger says about the inequality.

    Repaired and sharpened inequalities are never violated; a printed one is violated only where a defect is recorded
    that makes it false.
    """
    found = verdict if isinstance(verdict, Mapping) else {"status": verdict.status, "bound": verdict.bound}
    if found["status"] != Status.VIOLATED:
        return True
    printed = statement.bound(found["bound"]).tier is Tier.PRINTED
    return printed and bool(recorded_defects(statement, found["bound"]))


def problem_records(statement: Statement, verdicts: Iterable[Verdict], problem: AnyProblem) -> list[Record]:
    """The records of one statement on one game: its verdicts, then its facts."""
    facts = facts_record(statement, problem)
    return [verdict.to_record() for verdict in verdicts] + ([facts] if facts else [])
