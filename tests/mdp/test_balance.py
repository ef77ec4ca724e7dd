"""Stationary laws to more digits, against detailed balance in exact arithmetic: a birth-death chain's law is a product."""

from __future__ import annotations

from fractions import Fraction

import numpy as np
import pytest
import scipy.sparse as sp

from mfbounds.checks import FloatArray
from mfbounds.mdp import Frozen, frozen_stationary, stationary
from mfbounds.mdp.balance import WIDE_UNIT, Wide, flows

WIDER = WIDE_UNIT < 2.0**-60  # else the platform's long double is no better than float64


def line(size: int, sparse: bool) -> tuple[Frozen, FloatArray]:
    """A walk on a line, two actions: it takes about size^2 steps from one end to the other."""
    kernel = np.zeros((size, 2, size))
    for action, up in enumerate((0.36, 0.33)):
        for s in range(size):
            kernel[s, action, min(s + 1, size - 1)] += up
            kernel[s, action, max(s - 1, 0)] += 0.7 - up
            kernel[s, action, s] += 1.0 - kernel[s, action].sum()
    policy = np.random.default_rng(size).dirichlet(np.ones(2), size=size)
    given = sp.csr_array(kernel.reshape(-1, size)) if sparse else kernel
    return Frozen(kernel=given, reward=np.zeros((size, 2)), gamma=0.9, eta=1.0), policy


def exact_law(frozen: Frozen, policy: FloatArray) -> list[Fraction]:
    """By detailed balance, the float64 numbers taken as they are and the rows of the chain divided by their sums."""
    kernel = frozen.kernel.toarray() if sp.issparse(frozen.kernel) else frozen.kernel
    rows = np.asarray(kernel).reshape(frozen.n_states, 2, frozen.n_states)
    law = [Fraction(1)]

    def moved(s: int, t: int) -> Fraction:
        out = {
            x: sum(Fraction(policy[s, a]) * Fraction(rows[s, a, x]) for a in range(2))
            for x in (s - 1, s, s + 1)
            if 0 <= x < len(rows)
        }
        return out[t] / sum(out.values())

    for s in range(frozen.n_states - 1):
        law.append(law[-1] * moved(s, s + 1) / moved(s + 1, s))
    total = sum(law)
    return [entry / total for entry in law]


@pytest.mark.parametrize(("size", "sparse"), [(12, False), (60, True), (260, True)])
def test_both_laws_lie_within_their_bounds_of_the_exact_one(size: int, sparse: bool) -> None:
    frozen, policy = line(size, sparse)
    exact, law = exact_law(frozen, policy), frozen_stationary(frozen, policy)
    for known in (law, law.refined):
        off = [abs(Fraction(known.law[s]) - exact[s]) for s in range(size)]
        assert all(off[s] <= Fraction(known.entry_error[s]) for s in range(size))
        assert sum(off) <= Fraction(known.error)
        assert known.error < 1e-9


def test_the_refined_law_is_known_to_rounding() -> None:
    frozen, policy = line(260, sparse=True)
    law = frozen_stationary(frozen, policy)
    assert law.refined.error < law.error / (20.0 if WIDER else 0.1)
    assert (law.refined.entry_error <= (1e-13 if WIDER else 1e-9) * law.refined.law).all()


@pytest.mark.parametrize("sparse", [False, True])
def test_flows_add_up_what_moves(sparse: bool) -> None:
    frozen, policy = line(7, sparse)
    law = np.random.default_rng(1).dirichlet(np.ones(7))
    inflow, outflow = flows(frozen, policy, law.astype(Wide))
    chain = np.asarray(frozen.chain(policy))
    moving = law[:, None] * (chain - np.diag(np.diag(chain)))
    np.testing.assert_allclose(inflow.astype(float), moving.sum(axis=0), rtol=1e-14)
    np.testing.assert_allclose(outflow.astype(float), moving.sum(axis=1), rtol=1e-14)


def test_transient_states_stay_empty_and_a_bare_chain_is_not_refined() -> None:
    kernel = np.array([[[0.5, 0.25, 0.25]], [[0.0, 0.25, 0.75]], [[0.0, 0.5, 0.5]]])
    frozen = Frozen(kernel=kernel, reward=np.zeros((3, 1)), gamma=0.9, eta=1.0)
    refined = frozen_stationary(frozen, np.ones((3, 1))).refined
    assert refined.law[0] == 0.0
    assert np.abs(refined.law[1:] - (0.4, 0.6)).max() <= refined.entry_error.max() < 1e-14
    bare = stationary(kernel[:, 0])
    assert bare.refined.error == bare.error
