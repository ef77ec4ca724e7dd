from __future__ import annotations

import math

import numpy as np
import pytest
from scipy.special import entr, rel_entr

from mfbounds.errors import InputError
from mfbounds.solvers.pmd import learning_rates, mixing_weights, pmd_update


def test_the_closed_form_solves_the_printed_maximisation() -> None:
    """The objective is strictly concave: where its derivative is the same in all directions is its only maximum."""
    rng = np.random.default_rng(0)
    for _ in range(20):
        policy, q = rng.dirichlet(np.ones(4)), rng.normal(size=4) * 3
        xi, tau = rng.uniform(0.1, 1.5), rng.uniform(0.0, 0.6)
        found = np.exp(pmd_update(np.log(policy), q, xi=xi, tau=tau))

        def objective(
            u: np.ndarray, q: np.ndarray = q, p: np.ndarray = policy, xi: float = xi, tau: float = tau
        ) -> float:
            return float(xi / (1 - tau * xi) * (q @ u + tau * entr(u).sum()) - rel_entr(u, p).sum())

        slope = xi / (1 - tau * xi) * (q - tau * np.log(found)) - np.log(found / policy)
        assert np.ptp(slope) < 1e-10
        assert found.sum() == pytest.approx(1.0, abs=1e-14)
        assert all(objective(u) <= objective(found) + 1e-12 for u in rng.dirichlet(np.ones(4), size=50))


def test_mixing_is_a_convex_combination() -> None:
    log_policy, q = np.log([[0.2, 0.3, 0.5]]), np.array([[1.0, 0.0, -1.0]])
    plain = np.exp(pmd_update(log_policy, q, xi=0.5, tau=0.1))
    for weight in (0.0, 0.25, 1.0):
        mixed = np.exp(pmd_update(log_policy, q, xi=0.5, tau=0.1, mixing=weight))
        assert np.abs(mixed - ((1 - weight) * plain + weight / 3)).max() < 1e-15


def test_extreme_values_neither_overflow_nor_lose_the_logarithm() -> None:
    log_policy = pmd_update(np.log([[0.5, 0.5]]), np.array([[1e5, 0.0]]), xi=1.0, tau=0.0)
    assert log_policy[0, 1] == pytest.approx(-1e5)
    back = pmd_update(log_policy, np.array([[0.0, 1e5]]), xi=1.0, tau=0.0)
    assert np.exp(back) == pytest.approx(np.array([[0.5, 0.5]]))


def test_schedules() -> None:
    assert learning_rates(None, 3, tau=0.1).tolist() == [1.0, 1 / math.sqrt(2), 1 / math.sqrt(3)]
    assert learning_rates(None, 2, tau=0.1, xi_0=4.0).tolist() == [4.0, 4 / math.sqrt(2)]
    assert learning_rates(lambda t: 1 / (t + 2), 2, tau=0.1).tolist() == [0.5, 1 / 3]
    assert mixing_weights("none", 2).tolist() == [0.0, 0.0]
    assert mixing_weights("printed", 2).tolist() == [1.0, 0.5]
    assert mixing_weights([0.1, 0.2], 2).tolist() == [0.1, 0.2]


def test_steps_with_tau_xi_of_one_or_more_are_refused() -> None:
    assert learning_rates(math.nextafter(2.0, 0.0), 1, tau=0.5)[0] < 2.0
    with pytest.raises(InputError, match=r"tau\*xi\[0\] == 1, must be < 1"):
        learning_rates(2.0, 3, tau=0.5)
    with pytest.raises(InputError, match=r"tau\*xi\[1\] == 1\.5, must be < 1"):
        learning_rates([0.1, 3.0], 2, tau=0.5)
    for wrong in ({"xi": 0.0}, {"xi": [1.0]}, {"xi": 0.5, "xi_0": 2.0}, {"xi": None, "xi_0": -1.0}):
        with pytest.raises(InputError):
            learning_rates(wrong["xi"], 2, tau=0.1, xi_0=wrong.get("xi_0", 1.0))
    for weights in ("always", 1.5, [0.1], -0.1):
        with pytest.raises(InputError):
            mixing_weights(weights, 2)
