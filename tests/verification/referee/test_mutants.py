"""The referee and the search on corrupted formulas: who catches what, and what nobody can catch."""

from __future__ import annotations

import sys
from functools import cache

import pytest

from mfbounds.bounds.ledger import find_statement
from mfbounds.verification.referee import homogeneity, limits
from mfbounds.verification.referee.findings import Weight
from tests.bounds.mutants import MISSED, MUTANTS, mutant_of, refuted

from .mutants import CONSTANTS, constant_is_caught, step_is_caught, steps, still_true

# Of the corrupted bounds; the search misses `tests.bounds.mutants.MISSED`, for the reasons given there.
UNSEEN_CONSTANTS = {
    "K_F: sqrt|S| lost": "l2 and l1 meet in K_F, so its unit is not fixed; caught where E.6 uses it",
    "Q_sp: kappa_A lost": "a number between 0 and 1 lost: the formula stays a bound, a weaker one",
    "bias: discount lost": "the same",
}


@cache
def seen(name: str) -> bool:
    """Whether the referee calls a corrupted bound a mistake."""
    statement, bound = find_statement(MUTANTS[name][0]), mutant_of(name)
    found = homogeneity.check_bound(statement, bound) + limits.check_bound(statement, bound)
    return any(finding.weight is Weight.MISTAKE for finding in found)


def test_together_they_catch_most_corrupted_formulas(capsys: pytest.CaptureFixture[str]) -> None:
    by_referee = {name for name in MUTANTS if seen(name)}
    by_search = {name for name in MUTANTS if name in refuted(MUTANTS[name][0])}
    nobody = MUTANTS.keys() - by_referee - by_search
    constants = {name for name in CONSTANTS if constant_is_caught(name)}
    told = [
        f"corrupted bounds: {len(MUTANTS)}; referee alone {len(by_referee)}, search alone {len(by_search)}, "
        f"together {len(by_referee | by_search)}",
        f"corrupted constants, referee alone: {len(constants)} of {len(CONSTANTS)}",
        *(f"  nobody catches {name}: {MISSED[name]}" for name in sorted(nobody)),
        *(f"  not seen: {name}: {UNSEEN_CONSTANTS[name]}" for name in sorted(CONSTANTS.keys() - constants)),
    ]
    with capsys.disabled():
        sys.stdout.write("\n" + "\n".join(told) + "\n")
    assert nobody <= MISSED.keys()
    assert len(by_referee) >= 17
    assert CONSTANTS.keys() - constants == UNSEEN_CONSTANTS.keys()
    total = len(MUTANTS) + len(CONSTANTS)
    assert total >= 30
    assert len(by_referee | by_search) + len(constants) >= 0.8 * total


def test_every_corrupted_proof_step_is_refuted_unless_it_stays_true() -> None:
    corrupted = steps()
    missed = [name for name, step in corrupted.items() if not step_is_caught(step) and not still_true(step)]
    assert missed == []
    assert sum(map(step_is_caught, corrupted.values())) >= 60  # 69 of 77; the other 8 are weaker and true


def test_the_referee_sees_what_the_search_cannot() -> None:
    """Corrupted sizes enter no inequality that a game could violate; their units and growth give them away."""
    assert constant_is_caught("T_l: ratio upside down")
    assert constant_is_caught("I_l: Q_max for Q_max^2")
