"""Witness files: what is written can be judged again, and nothing else is believed."""

from __future__ import annotations

import math

import numpy as np
import pytest

from mfbounds.bounds.dynamic_problem import DynamicParameters
from mfbounds.bounds.ledger import ledger
from mfbounds.bounds.problem import Parameters
from mfbounds.bounds.symbols import R
from mfbounds.errors import FileFormatError, InputError
from mfbounds.games.dynamic.random import random_dynamic
from mfbounds.games.game import from_functions
from mfbounds.games.random import random_game
from mfbounds.numbers import Measured
from mfbounds.verification.check import check
from mfbounds.verification.records import from_line, to_line
from mfbounds.verification.status import Status
from mfbounds.verification.witness import (
    load_witness,
    parameters_from,
    replay,
    replay_defect,
    save_witness,
)

from . import fakes


def largest_entry(problem, case):
    return {"x": Measured(float(case["policy"].max()))}


def policy_case(problem):
    yield {
        "policy": problem.rng("policy").dirichlet(np.ones(problem.game.n_actions), size=problem.game.n_states),
        "M": math.inf,
        "note": "any",
    }


@pytest.fixture
def false():
    """x = the largest probability of a policy, claimed to be at most R/4."""
    return fakes.statement(fakes.bound(R / 4), measure=largest_entry, cases=policy_case)


@pytest.mark.parametrize("game", [fakes.two_doors(), random_game("garnet", 3)], ids=["no origin", "origin"])
def test_round_trip(false, game, tmp_path):
    (verdict,) = check(false, game, seed=7)
    path = tmp_path / "new" / "witness.npz"
    save_witness(verdict, path)
    stored = load_witness(path)
    assert stored.witness.case["policy"].tobytes() == verdict.case["policy"].tobytes()
    assert stored.witness.case["M"] == math.inf
    assert stored.found["versions"] == dict(verdict.versions)
    again = replay(path, statement=false)
    assert (again.status, again.lhs, again.rhs) == (verdict.status, verdict.lhs, verdict.rhs)
    assert again.parameters == verdict.parameters


def test_records_are_replayed_when_the_game_has_an_origin(false):
    (verdict,) = check(false, random_game("garnet", 3))
    again = replay(from_line(to_line(verdict.to_record())), statement=false)
    assert (again.status, again.lhs) == (verdict.status, verdict.lhs)
    (nameless,) = check(false, fakes.two_doors())
    with pytest.raises(InputError, match="must have an origin"):
        replay(nameless.to_record(), statement=false)


def test_a_record_cannot_choose_code_to_run(false):
    (verdict,) = check(false, random_game("garnet", 3))
    record = from_line(to_line(verdict.to_record()))
    record["game"]["origin"]["factory"] = "evil.py:run"
    with pytest.raises(InputError, match=r"must be one of mfbounds\.games"):
        replay(record, statement=false)


def test_games_of_functions_cannot_be_saved_and_nothing_is_left(false, tmp_path):
    doors = np.array([[[0.9, 0.1], [0.1, 0.9]]] * 2)
    game = from_functions(
        doors, lambda mu: np.stack([mu, mu], axis=1), n_states=2, n_actions=2, gamma=0.5, eta=1.0, reward_range=(0, 1),
        declared={"L_r": 1.0},
    )  # fmt: skip
    (verdict,) = check(false, game)
    with pytest.raises(InputError, match="functions of mu cannot be stored"):
        save_witness(verdict, tmp_path / "witness.npz")
    assert list(tmp_path.iterdir()) == []


@pytest.mark.parametrize("content", [b"", b"not a zip", b"PK\x03\x04 truncated"])
def test_corrupt_files_are_refused(content, tmp_path):
    path = tmp_path / "witness.npz"
    path.write_bytes(content)
    with pytest.raises(FileFormatError, match="must be a witness file"):
        load_witness(path)


def test_foreign_and_missing_files_are_refused(tmp_path):
    np.savez(tmp_path / "other.npz", a=np.ones(2))
    with pytest.raises(FileFormatError, match="must be a witness file in the format"):
        load_witness(tmp_path / "other.npz")
    with pytest.raises(InputError, match="must be an existing file"):
        load_witness(tmp_path / "none.npz")


def test_files_with_pickles_are_refused(tmp_path):
    np.savez(tmp_path / "pickle.npz", format=np.array([{"a": 1}], dtype=object))
    with pytest.raises(FileFormatError):
        load_witness(tmp_path / "pickle.npz")


def test_parameters_come_back():
    for parameters in (Parameters(), Parameters(M=math.inf, L=(3, 5), beta=0.25, seed=9)):
        assert parameters_from(fakes.two_doors(), from_line(to_line(parameters.to_dict()))) == parameters
    recorded = from_line(to_line(DynamicParameters(tau=0.3, seed=9).to_dict()))
    assert parameters_from(random_dynamic("dense", 1), recorded) == DynamicParameters(tau=0.3, seed=9)


def test_recorded_defect_is_replayed():
    statement = fakes.printed_false()
    verdict = replay_defect(statement, statement.defects[0])
    assert verdict.status is Status.VIOLATED
    assert (verdict.lhs, verdict.rhs) == (1.0, 0.25)


@pytest.mark.parametrize(
    ("statement", "defect"),
    [(statement, defect) for statement in ledger() for defect in statement.defects],
    ids=lambda item: getattr(item, "name", getattr(item, "id", "")),
)
def test_every_defect_of_the_ledger_is_reproduced_or_says_why_it_cannot_be(statement, defect):
    if defect.witness is None:
        with pytest.raises(InputError, match="must have a witness"):
            replay_defect(statement, defect)
    else:
        assert replay_defect(statement, defect).status is Status.VIOLATED
