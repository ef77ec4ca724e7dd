"""Nothing is claimed from a constant that was only found by search: it errs below the truth."""

from __future__ import annotations

import numpy as np
import pytest

from mfbounds.bounds.ledger import find_statement
from mfbounds.bounds.problem import Parameters, Problem
from mfbounds.games.game import MeanFieldGame, from_functions
from mfbounds.verification.check import check, check_case
from mfbounds.verification.verdict import Status

SPIKE = 0.31371


def spiked_game(**declared: float) -> MeanFieldGame:
    """Actions matter only in a window of width 1/2000 around mu_0 = SPIKE, which a search over populations misses."""
    doors, blind = np.array([[[0.9, 0.1], [0.1, 0.9]]] * 2), np.full((2, 2, 2), 0.5)

    def kernel(mu: np.ndarray) -> np.ndarray:
        weight = float(np.clip(1.0 - abs(mu[0] - SPIKE) * 4000.0, 0.0, 1.0))
        return (1.0 - weight) * blind + weight * doors

    reward = np.array([[1.0, 1.0], [0.0, 0.0]])
    sizes = {"n_states": 2, "n_actions": 2, "gamma": 0.9, "eta": 0.1}
    return from_functions(kernel, reward, reward_range=(0.0, 1.0), declared={"L_P": 6400.0, **declared}, **sizes)


@pytest.mark.parametrize("tier", ["repaired", "sharpened"])
def test_an_estimate_does_not_make_a_theorem_fail(tier: str) -> None:
    problem = Problem(spiked_game(), Parameters(draws=0))
    assert problem.regularity.kappa_A.value < 0.8, "the search found the spike: the test needs a narrower one"
    mu = np.array([SPIKE, 1.0 - SPIKE])
    stay, leave = np.array([[1.0, 0.0]] * 2), np.array([[0.0, 1.0]] * 2)
    case = {"policy": stay, "policy_2": leave, "mu": mu, "mu_2": mu, "xi": np.array([1.0, 0.0]), "M": 1}
    statement = find_statement("E.1")
    verdict = check_case(statement, statement.bound(tier), problem, case)
    assert verdict.status is Status.NOT_APPLICABLE
    assert "kappa_A" in verdict.reason
    assert "only estimated" in verdict.reason


def test_a_declared_bound_lets_the_theorem_be_claimed() -> None:
    statuses = {verdict.status for verdict in check("E.1", spiked_game(rho_1=1.0), tiers=["repaired"])}
    assert statuses <= {Status.HOLDS, Status.VACUOUS}
