"""The hypotheses A-1, A-2, A-3 of P1, executable: on one game each holds, fails, or is not decided, with the number."""

from __future__ import annotations

import math
from collections.abc import Iterator

import numpy as np
import numpy.typing as npt
import scipy.sparse as sp

from mfbounds.bounds.mixing import known_kernels
from mfbounds.bounds.problem import Problem
from mfbounds.bounds.search import WorstPair, worst_pair
from mfbounds.bounds.statement import Case, HypothesisResult
from mfbounds.bounds.zero_mass import flat_rows
from mfbounds.checks import Kernel, SparseKernel
from mfbounds.errors import NotUnichainError
from mfbounds.games.game import kernel_sizes
from mfbounds.mdp.chains import recurrent_classes
from mfbounds.numbers import Constant, Provenance

SEARCH_EFFORT = 60  # evaluations of the population step when A-2 is not certified
SEARCH_STATES = 600  # beyond it one evaluation takes too long for a hypothesis
CLASS_VERTICES = 32  # vertex kernels looked at for separate recurrent classes


def a1(problem: Problem, case: Case) -> HypothesisResult:  # noqa: ARG001
    """A-1: reward and kernel are Lipschitz in mu. Its number is the larger of L_r and L_P, which must be finite.

    Constants that were only estimated leave it open: a search finds slopes, not a bound on all of them.
    """
    constants = {"L_r": problem.regularity.L_r, "L_P": problem.regularity.L_P}
    name, worst = max(constants.items(), key=lambda item: item[1].value)
    provenance = _weakest(*constants.values())
    reason = ", ".join(f"{key} = {constant.value:.4g} ({constant.argument})" for key, constant in constants.items())
    holds: bool | None = math.isfinite(worst.value)
    if holds and provenance is Provenance.ESTIMATED:
        holds = None
        reason = f"not proved: {reason}; declare an upper bound with the game"
    return HypothesisResult(
        name="A-1",
        holds=holds,
        value=worst.value,
        margin=math.inf if holds else (0.0 if holds is None else -math.inf),
        provenance=provenance,
        reason=reason if holds is not False else f"{name} is not finite: {reason}",
    )


def a2(problem: Problem, case: Case) -> HypothesisResult:
    """A-2 at the case's M (or the problem's): F_M is monotone with a constant C_op < 1.

    Certified by the smallest proved C_op, or declared by the user; refuted by a measured slope that is at least 1, or at
    least the declared C_op; otherwise open.
    """
    M = case.get("M", problem.M)
    known = problem.c_op(M)
    if known.certified and known.value < 1.0:
        return _a2(True, known, f"C_op = {known.value:.4g} < 1 at M = {M}: {known.argument}")
    pair = _cheap_search(problem, M)
    seen = "no slope was searched for" if pair is None else f"largest slope seen {pair.C_op.value:.4g}"
    limit = min(1.0, known.value) if known.provenance is Provenance.DECLARED else 1.0
    if pair is not None and pair.C_op.value - pair.C_op.error >= limit:
        return _refuted(pair.C_op.value, limit, f"at M = {M}; {known.argument}: {known.value:.4g}")
    if known.provenance is Provenance.DECLARED and known.value < 1.0:
        return _a2(True, known, f"C_op = {known.value:.4g} < 1 at M = {M}: {known.argument}; {seen}")
    return _a2(None, known, f"C_op <= {known.value:.4g} at M = {M} ({known.argument}) does not prove it; {seen}")


def _refuted(slope: float, limit: float, where: str) -> HypothesisResult:
    return HypothesisResult(
        name="A-2",
        holds=False,
        value=slope,
        margin=limit - slope,
        provenance=Provenance.CERTIFIED,
        reason=f"measured slope {slope:.4g} >= {limit:.4g} {where}",
    )


def _a2(holds: bool | None, constant: Constant, reason: str) -> HypothesisResult:
    return HypothesisResult(
        name="A-2",
        holds=holds,
        value=constant.value,
        margin=1.0 - constant.value,
        provenance=constant.provenance,
        reason=reason,
    )


def _cheap_search(problem: Problem, M: int | float) -> WorstPair | None:
    """A short search for a large slope, once per M; None where it would take long or F_M is undefined."""
    game, seed = problem.game, problem.parameters.seed
    if not 2 <= game.n_states <= SEARCH_STATES:
        return None

    def search() -> WorstPair | None:
        try:
            return worst_pair(game, M, seed=seed, effort=SEARCH_EFFORT)
        except NotUnichainError:
            return None

    return problem.remember(("worst pair", M), search)


def a3(problem: Problem, case: Case) -> HypothesisResult:  # noqa: ARG001
    """A-3, uniformly over policies and populations: every chain forgets its start geometrically.

    Its number is the l1 contraction q over n steps, which must be below 1 (rho = q^(1/n), C_Erg = 2 q^(1/n - 1)). It
    fails when some policy keeps two sets of states apart for ever.
    """
    mixing = problem.regularity.mixing
    known = mixing.constant
    if mixing.contraction < 1.0:
        rho = mixing.contraction ** (1.0 / mixing.block)
        reason = (
            f"q = 1 - {1.0 - mixing.contraction:.3g} over n = {mixing.block} steps, rho = {rho:.6g}: {known.argument}"
        )
        holds: bool | None = None if known.provenance is Provenance.ESTIMATED else True
        return _a3(holds, mixing.contraction, known.provenance, reason if holds else f"not proved: {reason}")
    apart = problem.remember("separate classes", lambda: next(_separations(problem), None))
    if apart is not None:
        return _a3(False, 1.0, Provenance.CERTIFIED, apart)
    return _a3(None, 1.0, known.provenance, known.argument)


def _a3(holds: bool | None, contraction: float, provenance: Provenance, reason: str) -> HypothesisResult:
    return HypothesisResult(
        name="A-3",
        holds=holds,
        value=contraction,
        margin=1.0 - contraction,
        provenance=provenance,
        reason=reason,
    )


def _separations(problem: Problem) -> Iterator[str]:
    """Reasons why some policy's chain at some population has several recurrent classes (not all are found)."""
    game = problem.game
    known = known_kernels(game)
    kernels = [game.kernel_at(game.start)] if known is None else list(known)
    where = "" if game.fixed_kernel is not None else " at the start" if known is None else " at vertex {x}"
    for x, kernel in enumerate(kernels[:CLASS_VERTICES]):
        reason = _separated(kernel)
        if reason is not None:
            yield reason + where.format(x=x)


def _separated(kernel: Kernel) -> str | None:
    """Two sets of states that some policy keeps apart: closed under all actions, one action, or staying put."""
    _, n_actions = kernel_sizes(kernel)
    support = sp.csr_array(flat_rows(kernel), copy=True)
    support.eliminate_zeros()
    rows = [support[a::n_actions] for a in range(n_actions)]
    named = [("every policy", sum(rows[1:], rows[0]))]
    named += [(f"action {a} everywhere", row) for a, row in enumerate(rows)] if n_actions > 1 else []
    for policy, chain in named:
        classes = recurrent_classes(chain)
        if len(classes) > 1:
            return (
                f"{policy}: {len(classes)} recurrent classes, of states {int(classes[0][0])} and {int(classes[1][0])}"
            )
    alone = np.flatnonzero(_can_stay(support, n_actions))
    if alone.size > 1:
        return f"a policy can stay for ever at state {int(alone[0])}, and at state {int(alone[1])}"
    return None


def _can_stay(support: SparseKernel, n_actions: int) -> npt.NDArray[np.bool_]:
    """Whether some action keeps a state where it is with probability 1, shape (S,)."""
    n_states = support.shape[1]
    single = np.diff(support.indptr) == 1
    target = np.full(support.shape[0], -1)
    target[single] = support.indices[support.indptr[:-1][single]]
    stays: npt.NDArray[np.bool_] = (target.reshape(n_states, n_actions) == np.arange(n_states)[:, None]).any(axis=1)
    return stays


def _weakest(*constants: Constant) -> Provenance:
    """Estimated if one is estimated, else declared if one is declared, else certified."""
    kinds = {constant.provenance for constant in constants}
    order = (Provenance.ESTIMATED, Provenance.DECLARED, Provenance.CERTIFIED)
    return next(kind for kind in order if kind in kinds)
