"""The stationary law of a chain by a direct solve, with a rigorous bound on the error of each of its entries.

Fix a recurrent state r and scale the law to y(r) = 1: the other entries solve (I - P)^T y = P(r,.) without r, whose matrix
is an M-matrix. Its inverse is nonnegative. So any w >= 0 with (I - P)^T w >= |residual| bounds the error of y entry by
entry, and any h with (I - P) h >= 1, hitting times of r, turns a residual in l1 into an error in l1. That w and h do so is
checked by one product each, however they were computed.
"""

from __future__ import annotations

import math
from dataclasses import dataclass, field, replace
from functools import cached_property
from typing import Any

import numpy as np
import numpy.typing as npt

from mfbounds.checks import FloatArray, Kernel, check_policy
from mfbounds.errors import NotUnichainError
from mfbounds.games.game import MeanFieldGame
from mfbounds.games.kinds import check_mean_field
from mfbounds.games.pattern import ChainPattern
from mfbounds.mdp.balance import balanced
from mfbounds.mdp.chains import inflow, inflow_sums, most_terms, outflow_sums, recurrent_classes, row_of
from mfbounds.mdp.frozen import UNIT, Frozen, freeze
from mfbounds.mdp.linear import Solver, chain_factors
from mfbounds.mdp.values import row_defect

MARGIN = 1.0 + 2.0**-10  # the bounds w and h are computed this much too large, so that rounding does not spoil them


@dataclass(frozen=True, eq=False)
class KnownLaw:
    """A law (S,), bounds on the errors of its entries (S,), and one on their sum."""

    law: FloatArray
    entry_error: FloatArray
    error: float


@dataclass(frozen=True, eq=False, kw_only=True)
class StationaryLaw:
    """The law that a chain keeps.

    Attributes:
        law: (S,); exactly 0 at transient states.
        chain: the chain (S, S), rows read as divided by their exact sums.
        recurrent: the states of the recurrent class.
        relative_error: a bound on the relative error of each entry of `chain`.
        chain_error: a bound on the l1 error of each row of `chain`, on top of that.
        terms: a bound on how many products, zeros left out, one entry of P x or x P adds up.
        source: the process and the policy that make the chain, where they are known.
    """

    law: FloatArray
    chain: Kernel = field(repr=False)
    recurrent: npt.NDArray[np.int64] = field(repr=False)
    relative_error: float = 0.0
    chain_error: float = 0.0
    terms: int
    solver: Solver = field(repr=False)
    root: int = field(repr=False)
    source: tuple[Frozen, FloatArray] | None = field(default=None, repr=False)

    @cached_property
    def entry_error(self) -> FloatArray:
        """A bound on the error of each entry of `law`, (S,); infinite where nothing is certified."""
        size = len(self.law)
        if self.recurrent.size == 1 and self.chain_error == 0.0:
            return np.zeros(size)
        y = self.law / self.law[self.root]
        flow = inflow(y, self.chain)
        residual = np.abs(y - flow) + self._relative * (y + flow)
        residual[self.root] = 0.0
        error = self._spread(residual, y) if self.chain_error else self._by_entry(residual)
        rounding = abs(math.fsum(self.law) - 1.0) + 8 * UNIT  # of the law's own division by its sum, and of y
        return _normalised(self.law, float(y.sum()), error, rounding, same=bool(self.chain_error))

    @cached_property
    def error(self) -> float:
        """A bound on the l1 error of `law`; at most 2."""
        if self.chain_error and self.entry_error.size:
            # There an entry's bound is that of the sum over all entries.
            return min(2.0, 2.0 * float(self.entry_error.max()))
        return min(2.0, float(self.entry_error.sum()) * MARGIN)

    @cached_property
    def refined(self) -> KnownLaw:
        """The law to more digits, from the balance of its flows; for a closer bound on the error of `law` itself.

        Only where the process and the policy are known, and neither has an error of its own: else it is this law.
        """
        if self.source is None or self.source[0].defect or self.chain_error or self.recurrent.size == 1:
            return KnownLaw(self.law, self.entry_error, self.error)
        z, residual = balanced(*self.source, self.law / self.law[self.root], self.solver, self.root)
        residual[self.root] = 0.0
        total = z.sum()
        law: FloatArray = (z / total).astype(np.float64)
        sums = self._sum_defect + (self.terms + self.source[0].n_actions + 4) * UNIT
        # The rows are normalised where mass stays; the law's entries then move by as much, and no further.
        error = self._by_entry(residual) * (1.0 + 4.0 * sums)
        entries = _normalised(law, float(total), error, 4.0 * sums + 8 * UNIT)
        return KnownLaw(law, entries, min(2.0, float(entries.sum()) * MARGIN))

    @cached_property
    def _sum_defect(self) -> float:
        """How far the computed sums of the chain's rows are from 1."""
        return float(np.abs(outflow_sums(self.chain) - 1.0).max())

    @property
    def _relative(self) -> float:
        """A bound on the relative error of an entry of the chain with normalised rows, and of a product with it."""
        return self.relative_error + self._sum_defect + (2 * self.terms + 8) * UNIT

    def _by_entry(self, residual: FloatArray) -> FloatArray:
        """w >= 0 with (I - P)^T w >= residual off the root, for every chain within the relative error."""
        w = self.solver(residual * MARGIN, True).clip(min=0.0)
        w[self.root] = 0.0
        flow = inflow(w, self.chain)
        met = w - flow - self._relative * (w + flow) >= residual
        met[self.root] = True
        return w if met.all() else np.full_like(w, math.inf)

    def _spread(self, residual: FloatArray, y: FloatArray) -> FloatArray:
        """The same bound for every entry, that of their sum: <h, residual> + max(h) * chain_error * sum(y)."""
        h = self.solver(np.full_like(residual, MARGIN), False).clip(min=0.0)
        h[self.root] = 0.0
        ahead = self.chain @ h
        met = h - ahead - self._relative * (h + ahead) - self.chain_error * float(h.max()) >= 1.0
        met[self.root] = True
        total = float(h @ residual) + float(h.max()) * self.chain_error * float(y.sum())
        return np.full_like(residual, total * MARGIN if met.all() else math.inf)


def stationary(
    chain: Kernel, *, relative_error: float = 0.0, chain_error: float = 0.0, pattern: ChainPattern | None = None
) -> StationaryLaw:
    """The stationary law of a chain (S, S), dense or sparse; transient states and periodic chains are fine.

    Args:
        relative_error: a bound on the relative error of each entry of `chain`, for the error of the law.
        chain_error: a bound on the l1 error of each row of `chain`, on top of that.
        pattern: what is known of the places of the chain's entries, if something is.

    Raises:
        NotUnichainError: there are several recurrent classes.
    """
    everything = pattern is not None and pattern.connected(chain)
    classes = [np.arange(chain.shape[0])] if everything else recurrent_classes(chain)
    if len(classes) != 1:
        raise NotUnichainError(
            f"recurrent classes == {', '.join(map(_shown, classes))}, must be one class (A-3): no stationary law is "
            "singled out; change the kernel or the policy so that these classes communicate"
        )
    states = classes[0]
    root = int(states[inflow_sums(chain)[states].argmax()])
    solver, law = _solver(chain, states, root, pattern, whole=chain_error > 0.0), np.zeros(chain.shape[0])
    out = row_of(chain, root)
    out[root] = 0.0
    law[states] = np.maximum(solver(out, True), 0.0)[states]
    law[root] = 1.0
    mass = law.sum()
    if not mass < math.inf:
        raise NotUnichainError(
            f"recurrent class {_shown(states)} is decoupled up to rounding, must mix within float64: "
            "raise the probabilities of its weakest links"
        )
    return StationaryLaw(
        law=law / mass,
        chain=chain,
        recurrent=states,
        relative_error=relative_error,
        chain_error=chain_error,
        terms=most_terms(chain) if pattern is None else pattern.terms,
        solver=solver,
        root=root,
    )


def _solver(
    chain: Kernel, states: npt.NDArray[np.int64], root: int, pattern: ChainPattern | None, *, whole: bool
) -> Solver:
    """Solves (I - P) x = b without the root; unless `whole`, in the recurrent class alone and 0 elsewhere.

    A transient state that is left with a probability below rounding would make the whole system singular.
    """
    size = chain.shape[0]
    if whole or states.size == size:
        return chain_factors(chain, 1.0, pattern.elimination if pattern is not None else None, root)
    inner = chain_factors(chain[states][:, states], 1.0, None, int(np.searchsorted(states, root)))

    def solve(right: FloatArray, transposed: bool) -> FloatArray:
        x = np.zeros(size)
        x[states] = inner(right[states], transposed)
        return x

    return solve


def frozen_stationary(frozen: Frozen, policy: FloatArray, policy_error: float = 0.0) -> StationaryLaw:
    """The stationary law of P^pi; `policy_error` bounds the l1 error of each row of `policy`."""
    mixing = (frozen.n_actions + 2) * UNIT + row_defect(policy) + frozen.defect
    pattern = frozen.chain_pattern
    law = stationary(frozen.chain(policy), relative_error=mixing, chain_error=policy_error, pattern=pattern)
    return replace(law, source=(frozen, policy))


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
    check_mean_field(game)
    checked = check_policy(policy, game.n_states, game.n_actions)
    return frozen_stationary(freeze(game, game.population(mu)), checked).law


def _shown(states: npt.NDArray[np.int64]) -> str:
    inside = ", ".join(str(s) for s in states[:8])
    return "{" + inside + (f", ... ({states.size} states)" if states.size > 8 else "") + "}"


def _normalised(law: FloatArray, total: float, error: FloatArray, rounding: float, *, same: bool = False) -> FloatArray:
    """Bounds on the errors of a law's entries: of a solution with the sum `total` and errors `error`, divided by its sum.

    `rounding` bounds a further relative error. If `same`, each entry of `error` bounds the sum of all errors.
    """
    doubt = float(error.max() if same else error.sum()) * MARGIN
    if not doubt < total:
        return np.full(len(law), math.inf)
    bound: FloatArray = ((error + law * doubt) / (total - doubt) + law * rounding) * MARGIN
    return bound
