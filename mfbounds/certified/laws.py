"""How a population moves, in balls and in rational numbers: M steps, the stationary law, the occupation law."""

from __future__ import annotations

import math
from collections.abc import Sequence

import numpy as np
from flint import arb, arb_mat, fmpq, fmpq_mat

from mfbounds.certified.policy import Policy
from mfbounds.certified.process import Process, identity
from mfbounds.errors import NotUnichainError
from mfbounds.mdp.chains import recurrent_classes

SQUARED = 64  # from so many steps on, the chain's power is computed by squaring


def push(chain: arb_mat, xi: Sequence[arb] | Sequence[fmpq], M: int | float) -> list[arb]:
    """xi P^M, (S,); the stationary law where M is infinite."""
    n = chain.nrows()
    if n == 1:
        return [arb(1)]
    if M == math.inf:
        return stationary(chain)
    law = arb_mat(1, n, list(xi))
    if M > SQUARED:
        return list((law * chain ** int(M)).entries())
    for _ in range(int(M)):
        law = law * chain
    return list(law.entries())


def stationary(chain: arb_mat) -> list[arb]:
    """The stationary law, (S,). That the system has one solution is part of what the solver proves.

    Raises:
        NotUnichainError: the chain has several recurrent classes.
        ZeroDivisionError: this precision does not prove the solution to be unique.
    """
    n = chain.nrows()
    check_unichain(chain)
    if n == 1:
        return [arb(1)]
    return list(_balance(identity(n), chain).solve(arb_mat(n, 1, [0] * (n - 1) + [1])).entries())


def exact_stationary(chain: fmpq_mat) -> list[fmpq]:
    """The stationary law of a rational chain (S, S), in rational numbers."""
    n = chain.nrows()
    check_unichain(chain)
    unit = fmpq_mat(n, n, [1 if i % (n + 1) == 0 else 0 for i in range(n * n)])
    return list(_balance(unit, chain).solve(fmpq_mat(n, 1, [0] * (n - 1) + [1])).entries())


def check_unichain(chain: arb_mat | fmpq_mat) -> None:
    """Raises `NotUnichainError` unless the chain has one recurrent class; its zeros are exact zeros."""
    n = chain.nrows()
    support = np.array([float(entry != 0 or not _is_zero(entry)) for entry in chain.entries()]).reshape(n, n)
    classes = recurrent_classes(support)
    if len(classes) > 1:
        raise NotUnichainError(
            f"recurrent classes == {len(classes)}, must be one class (A-3): states {int(classes[0][0])} and "
            f"{int(classes[1][0])} never communicate"
        )


def _is_zero(entry: arb | fmpq) -> bool:
    return bool(entry.is_zero()) if isinstance(entry, arb) else entry == 0


def _balance(unit: arb_mat | fmpq_mat, chain: arb_mat | fmpq_mat) -> arb_mat | fmpq_mat:
    """(I - P)^T with its last row replaced by ones: regular exactly when there is one stationary law."""
    n = chain.nrows()
    system = (unit - chain).transpose()
    for column in range(n):
        system[n - 1, column] = 1
    return system


def occupation(process: Process, policy: Policy, xi: Sequence[arb]) -> list[arb]:
    """The normalised discounted occupation law (1-gamma) xi (I - gamma P^pi)^-1, (S,)."""
    n = process.n_states
    if n == 1:
        return [arb(1)]
    start = arb_mat(n, 1, [(1 - process.gamma) * mass for mass in xi])
    return list(process.resolvent(policy).transpose().solve(start).entries())
