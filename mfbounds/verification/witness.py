"""Witnesses: a game and a case on which an inequality was judged, kept in a file that can be judged again."""

from __future__ import annotations

import math
import tempfile
import zipfile
import zlib
from collections.abc import Mapping
from dataclasses import dataclass
from pathlib import Path
from typing import Any

import numpy as np

from mfbounds.bounds.ledger import find_statement
from mfbounds.bounds.problems import (
    AnyGame,
    AnyParameters,
    AnyProblem,
    check_case_of,
    check_subject,
    parameters_for,
    problem_of,
)
from mfbounds.bounds.statement import Bound, Defect, Statement, Witness
from mfbounds.errors import FileFormatError, InputError, UnknownNameError
from mfbounds.games import files
from mfbounds.games.catalogue import catalogue, from_origin
from mfbounds.games.dynamic.catalogue import dynamic_catalogue, dynamic_from_origin
from mfbounds.games.game import Origin
from mfbounds.output import write_arrays
from mfbounds.verification.check import check_case, check_problem
from mfbounds.verification.given import nothing_missing
from mfbounds.verification.records import from_line, restored, to_line
from mfbounds.verification.verdict import Verdict, package_versions

FORMAT = "mfbounds witness 1"
CASE = "case "  # prefix of the case's arrays in the file


@dataclass(frozen=True, kw_only=True)
class StoredWitness:
    """What a witness file holds.

    Attributes:
        statement: id of the statement.
        witness: game, case, key of the inequality, parameters.
        found: the record of the verdict at the time of saving, with the versions of that time.
    """

    statement: str
    witness: Witness
    found: Mapping[str, Any]


def save_witness(verdict: Verdict, path: str | Path) -> None:
    """Write the verdict's game, case, inequality and parameters to an .npz file (no pickle), in one step.

    Raises:
        InputError: the game can be written neither as arrays nor by its origin, or the place is not writable.
    """
    record = verdict.to_record()
    arrays = {CASE + key: value for key, value in verdict.case.items() if isinstance(value, np.ndarray)}
    record["case"] = {key: value for key, value in record["case"].items() if CASE + key not in arrays}
    content = {"format": FORMAT, "record": to_line(record), "game": _game_bytes(verdict.game), **arrays}
    write_arrays(path, content)


def load_witness(path: str | Path) -> StoredWitness:
    """Read what `save_witness` wrote.

    Raises:
        FileFormatError: the file is corrupt or something else.
        InputError: there is no such file.
    """
    try:
        with Path(path).open("rb") as stream, np.load(stream, allow_pickle=False) as stored:
            content = dict(stored)
    except FileNotFoundError:
        raise InputError(f"path == '{path}', must be an existing file") from None
    except (OSError, ValueError, zipfile.BadZipFile, zlib.error, EOFError, AttributeError, TypeError) as error:
        why = "it is no .npz archive, or holds more than arrays" if "pickle" in str(error) else error
        raise FileFormatError(f"path == '{path}', must be a witness file: {why}") from None
    if str(content.get("format")) != FORMAT or "record" not in content or "game" not in content:
        raise FileFormatError(f"path == '{path}', must be a witness file in the format {FORMAT!r}")
    record = _whole(from_line(str(content["record"])))
    arrays = {key.removeprefix(CASE): value for key, value in content.items() if key.startswith(CASE)}
    return stored_witness(record, _game_from_bytes(content["game"]), {**record["case"], **arrays})


def stored_witness(record: Mapping[str, Any], game: AnyGame, case: Mapping[str, Any]) -> StoredWitness:
    """The witness that a verdict's record describes, on a given game."""
    witness = Witness(game=game, case=case, bound=record["bound"], parameters=record["parameters"])
    return StoredWitness(statement=record["statement"], witness=witness, found=record)


def replay(
    source: StoredWitness | Mapping[str, Any] | str | Path,
    *,
    statement: Statement | None = None,
    certify: bool = False,
) -> Verdict:
    """Judge a stored case again: from a witness file, a loaded one, or a record of ``verification.jsonl``.

    Args:
        statement: overrides the statement that the id names.
        certify: judge in ball arithmetic, as `mfbounds.verification.check.check` does.

    Raises:
        InputError: the record's game has no origin, so that only a witness file can bring it back; or what it names is not
            known in this version (the message says which version wrote it).
        FileFormatError: the file or the record is damaged.
    """
    if isinstance(source, str | Path):
        source = load_witness(source)
    if isinstance(source, Mapping):
        record = _whole(restored(source))
        source = stored_witness(record, recorded_game(record["game"]), record["case"])
    try:
        return replay_witness(statement or find_statement(source.statement), source.witness, certify=certify)
    except InputError as error:
        written, here = _written_by(source.found), package_versions()["mfbounds"]
        if written == here:
            raise
        raise InputError(f"{error} (written by mfbounds {written}; this is {here})") from None


def _whole(record: Mapping[str, Any]) -> Mapping[str, Any]:
    """The record of a verdict, once all that a replay reads of it is found to be there.

    Raises:
        FileFormatError: a part is missing, or of another kind.
    """
    wanted: dict[str, Any] = dict.fromkeys(("statement", "bound", "status"), str)
    for key, kind in (wanted | dict.fromkeys(("game", "case", "parameters"), Mapping)).items():
        if not isinstance(record.get(key), kind):
            what = "a text" if kind is str else "a mapping"
            raise FileFormatError(
                f"record[{key!r}] == {record.get(key)!r}, must be {what}: give a whole record of a verdict"
            )
    if not _names_a_game(record["game"]):
        raise FileFormatError(
            f"record['game'] == {record['game']!r}, must have a name and an origin, None or factory and arguments"
        )
    return record


def _names_a_game(description: Mapping[str, Any]) -> bool:
    origin = description.get("origin", "")
    built = isinstance(origin, Mapping) and isinstance(origin.get("factory"), str)
    built = built and isinstance(origin.get("arguments"), Mapping)
    return isinstance(description.get("name"), str) and (origin is None or built)


def _written_by(record: Mapping[str, Any]) -> str:
    """The version of mfbounds that wrote a record."""
    return str(record.get("versions", {}).get("mfbounds", "of another time"))


def recorded_game(description: Mapping[str, Any]) -> AnyGame:
    """The game of a record, built again by its origin."""
    origin = description["origin"]
    if origin is None:
        raise InputError(
            f"game == {description['name']!r}, must have an origin: it was not made by a factory of mfbounds.games; "
            "keep the verdict with save_witness, which stores the game itself"
        )
    if origin["factory"] in dynamic_catalogue():
        return dynamic_from_origin(Origin(origin["factory"], origin["arguments"]))
    if origin["factory"] not in catalogue():  # a record must not choose code outside this package to run
        raise InputError(f"factory == {origin['factory']!r}, must be one of mfbounds.games: build the game yourself")
    return from_origin(Origin(origin["factory"], origin["arguments"]))


def replay_witness(statement: Statement, witness: Witness, *, certify: bool = False) -> Verdict:
    """Judge the case of a witness; without one (no case was tried on the game) the whole inequality.

    Raises:
        UnknownNameError: the statement has no such inequality.
        InputError: the case is none of the game's: a population or a policy is no distribution, or a number is missing.
    """
    check_subject(statement, witness.game)
    problem = problem_of(witness.game, parameters_from(witness.game, witness.parameters))
    known = [bound.key for bound in statement.bounds]
    if witness.bound not in known:
        raise UnknownNameError(f"inequality of {statement.id}", witness.bound, known)
    bound = statement.bound(witness.bound)
    if witness.case:
        return _judged(statement, bound, problem, witness, certify=certify)
    found = check_problem(statement, problem, tiers=[bound.tier], certify=certify)
    return next(verdict for verdict in found if verdict.bound == bound.key)


def _judged(statement: Statement, bound: Bound, problem: AnyProblem, witness: Witness, *, certify: bool) -> Verdict:
    check_case_of(witness.game, witness.case)
    with nothing_missing(statement, witness.case):
        return check_case(statement, bound, problem, witness.case, certify=certify)


def replay_defect(statement: Statement, defect: Defect, *, certify: bool = False) -> Verdict:
    """Judge the witness of a recorded defect: it is reproduced when the verdict is *violated*.

    Raises:
        InputError: the defect records no witness (an undefined or loose statement has none).
    """
    if defect.witness is None:
        raise InputError(f"defect == {defect.name!r}, must have a witness: its kind is {defect.kind.value}")
    return replay_witness(statement, defect.witness(), certify=certify)


def parameters_from(game: AnyGame, recorded: Mapping[str, Any]) -> AnyParameters:
    """The inverse of the parameters' `to_dict`."""
    return parameters_for(game, {**recorded, **({"M": math.inf} if recorded.get("M") == "inf" else {})})


def _game_bytes(game: AnyGame) -> np.ndarray[Any, Any]:
    with tempfile.TemporaryDirectory() as folder:
        path = Path(folder) / "game.npz"
        files.save(game, path)
        return np.frombuffer(path.read_bytes(), dtype=np.uint8)


def _game_from_bytes(content: np.ndarray[Any, Any]) -> AnyGame:
    with tempfile.TemporaryDirectory() as folder:
        path = Path(folder) / "game.npz"
        path.write_bytes(content.tobytes())
        return files.load_any(path)
