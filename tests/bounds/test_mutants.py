"""Corrupted bounds: a short adversarial sweep must call the tight ones violated, or it could not see a real mistake.

The partition into mutants that the sweep refutes and those that it misses is asserted exactly.
"""

from __future__ import annotations

from itertools import groupby

import pytest

from mfbounds.bounds.ledger import find_statement
from mfbounds.bounds.statement import Tier
from mfbounds.verification.status import Status
from mfbounds.verification.trial import try_case

from .mutants import MISSED, MUTANTS, cases_of, problems, refuted


@pytest.mark.parametrize("statement", [name for name, _ in groupby(m[0] for m in MUTANTS.values())])
def test_exactly_the_tight_bounds_betray_their_mutants(statement: str) -> None:
    names = {name for name, mutant in MUTANTS.items() if mutant[0] == statement}
    assert refuted(statement) == names - MISSED.keys()


def test_most_mutants_are_caught() -> None:
    assert MISSED.keys() <= MUTANTS.keys()
    assert len(MUTANTS) - len(MISSED) >= 40


@pytest.mark.parametrize("statement", sorted({m[0] for m in MUTANTS.values()}))
def test_the_originals_survive_the_same_sweep(statement: str) -> None:
    found = find_statement(statement)
    bounds = [bound for bound in found.bounds if bound.tier is not Tier.PRINTED]
    for label, problem in problems():
        for case in cases_of(found, label, problem):
            for trial in try_case(found, bounds, problem, case):
                assert trial.status is not Status.VIOLATED, (label, trial.bound.key, trial.left, trial.right)
