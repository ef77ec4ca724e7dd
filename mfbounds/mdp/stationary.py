"""The stationary law of a chain by a direct solve, with a bound on its error."""

from __future__ import annotations

import math
from collections.abc import Callable
from dataclasses import dataclass, field
from functools import cached_property
from typing import Any

import numpy as np
import numpy.typing as npt
import scipy.sparse as sp
from scipy.linalg.lapack import dgesv, dgetrf, dgetri
from scipy.sparse.csgraph import connected_components
from scipy.sparse.linalg import LinearOperator, onenormest, splu

from mfbounds.checks import FloatArray, Kernel, check_policy
from mfbounds.errors import NotUnichainError
from mfbounds.games.game import MeanFieldGame
from mfbounds.mdp.frozen import UNIT, Frozen, freeze
from mfbounds.mdp.values import row_defect

NORM_ESTIMATE_FACTOR = 10.0  # on the 1-norm estimate of a sparse inverse; observed underestimates stay below 3


@dataclass(frozen=True, eq=False, kw_only=True)
class StationaryLaw:
    """The law that a chain keeps.

    Attributes:
        law: (S,); exactly 0 at transient states.
        chain: the chain (S, S), rows read as divided by their exact sums.
        recurrent: the states of the recurrent class.
        chain_error: a bound on the l1 error of each row of `chain`.
    """

    law: FloatArray
    chain: Kernel = field(repr=False)
    recurrent: npt.NDArray[np.int64] = field(repr=False)
    chain_error: float = 0.0

    @cached_property
    def error(self) -> float:
        """A bound on the l1 error of `law`: its residual times the norm of the inverse of the solved system.

        For dense chains that norm is a rigorous bound; for sparse ones it is an estimate with a safety factor.
        """
        if self.recurrent.size == 1:
            return 0.0
        chain, law = _restricted(self.chain, self.recurrent), self.law[self.recurrent]
        sums = np.asarray(chain.sum(axis=1)).ravel()
        residual = float(np.abs(law @ chain - law).sum()) + abs(float(law.sum()) - 1.0)
        defect = float(np.abs(sums - 1.0).max()) + self.chain_error
        rounding = (2.0 * len(law) + 8.0) * UNIT
        return min(2.0, (residual + defect + rounding) * _inverse_norm(_system(chain)))


def recurrent_classes(chain: Kernel) -> list[npt.NDArray[np.int64]]:
    """The closed communicating classes of a chain (S, S), each an array of states."""
    source, target = chain.nonzero()
    starts = np.searchsorted(source, np.arange(chain.shape[0] + 1)).astype(np.int32)
    graph = sp.csr_array((np.ones(len(source)), target.astype(np.int32), starts), shape=chain.shape)
    count, label = connected_components(graph, directed=True, connection="strong")
    if count == 1:
        return [np.arange(chain.shape[0])]
    open_classes = label[source[label[source] != label[target]]]
    closed = np.setdiff1d(np.arange(count), open_classes)
    return [np.flatnonzero(label == c) for c in closed]


def stationary(chain: Kernel, *, chain_error: float = 0.0) -> StationaryLaw:
    """The stationary law of a chain (S, S), dense or sparse; transient states and periodic chains are fine.

    Args:
        chain_error: a bound on the l1 error of each row of `chain`, for the error of the law.

    Raises:
        NotUnichainError: there are several recurrent classes.
    """
    classes = recurrent_classes(chain)
    if len(classes) != 1:
        raise NotUnichainError(
            f"recurrent classes == {', '.join(map(_shown, classes))}, must be one class (A-3): no stationary law is "
            "singled out; change the kernel or the policy so that these classes communicate"
        )
    states = classes[0]
    law = np.zeros(chain.shape[0])
    system = _system(_restricted(chain, states))
    law[states] = np.maximum(_solve_last(system), 0.0)
    mass = law.sum()
    if not 0.0 < mass < math.inf:
        raise NotUnichainError(
            f"recurrent class {_shown(states)} is decoupled up to rounding, must mix within float64: "
            "raise the probabilities of its weakest links"
        )
    law /= mass
    return StationaryLaw(law=law, chain=chain, recurrent=states, chain_error=chain_error)


def frozen_stationary(frozen: Frozen, policy: FloatArray, policy_error: float = 0.0) -> StationaryLaw:
    """The stationary law of P^pi; `policy_error` bounds the l1 error of each row of `policy`."""
    mixing = (frozen.n_actions + 2) * UNIT + row_defect(policy)
    return stationary(frozen.chain(policy), chain_error=mixing + policy_error)


def stationary_distribution(game: MeanFieldGame, policy: Any, mu: Any) -> FloatArray:
    """lambda_{pi,mu}: the law that P_mu^pi keeps, at the fixed population `mu`, shape (S,).

    Args:
        policy: pi(a|s), (S, A).
        mu: population, (S,).

    Raises:
        InputError: an argument is not a distribution.
        NotUnichainError: P_mu^pi has several recurrent classes; the message names them.

    Example:
        >>> from mfbounds.games import AffineGame
        >>> game = AffineGame([[[0.5, 0.5]], [[0.25, 0.75]]], [[0.0], [0.0]], gamma=0.9, eta=1.0)
        >>> stationary_distribution(game, [[1.0], [1.0]], [1.0, 0.0]).round(12)
        array([0.33333333, 0.66666667])
    """
    checked = check_policy(policy, game.n_states, game.n_actions)
    return frozen_stationary(freeze(game, game.population(mu)), checked).law


def _shown(states: npt.NDArray[np.int64]) -> str:
    inside = ", ".join(str(s) for s in states[:8])
    return "{" + inside + (f", ... ({states.size} states)" if states.size > 8 else "") + "}"


def _restricted(chain: Kernel, states: npt.NDArray[np.int64]) -> Kernel:
    if states.size == chain.shape[0]:
        return chain
    return chain[states][:, states] if sp.issparse(chain) else chain[np.ix_(states, states)]


def _system(chain: Kernel) -> Any:
    """(I - P)^T with its last row, which the others imply, replaced by ones: it maps the law to (0, ..., 0, 1)."""
    size = chain.shape[0]
    if sp.issparse(chain):
        balance: Any = sp.csr_array(sp.eye_array(size) - chain.T)
        return sp.csc_array(sp.vstack([balance[:-1], sp.csr_array(np.ones((1, size)))]))
    system = -chain.T
    system.flat[:: size + 1] += 1.0
    system[-1] = 1.0
    return system


def _solve_last(system: Any) -> FloatArray:
    rhs = np.zeros(system.shape[0])
    rhs[-1] = 1.0
    if isinstance(system, sp.csc_array):
        try:
            return splu(system).solve(rhs)
        except RuntimeError:  # a pivot is exactly 0
            return np.full_like(rhs, np.nan)
    *_, law, info = dgesv(system, rhs, overwrite_a=True)
    return law if info == 0 else np.full_like(rhs, np.nan)


def _inverse_norm(system: Any) -> float:
    """A bound on the l1 operator norm of the inverse."""
    if isinstance(system, sp.csc_array):
        return NORM_ESTIMATE_FACTOR * _estimated_norm(splu(system), system.shape[0])
    factors, pivots, _ = dgetrf(system)
    inverse, info = dgetri(factors, pivots)
    if info != 0:
        return math.inf
    size = len(system)
    norm = float(np.abs(inverse).sum(axis=0).max())
    product = 2.0 * size * UNIT * float((np.abs(inverse) @ np.abs(system)).sum(axis=0).max())
    off = float(np.abs(inverse @ system - np.eye(size)).sum(axis=0).max()) + product
    return norm * (1.0 + size * UNIT * 2.0) / (1.0 - off) if off < 1.0 else math.inf


def _estimated_norm(factors: Any, size: int) -> float:
    solve: Callable[[FloatArray], FloatArray] = factors.solve
    inverse = LinearOperator(
        (size, size), matvec=solve, rmatvec=lambda x: factors.solve(x, trans="T"), dtype=np.dtype(np.float64)
    )
    return float(onenormest(inverse))
