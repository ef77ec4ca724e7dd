"""The regularity of a game: Lipschitz constants of A-1, the influence of actions, mixing; each with how it is known.

Where the game's kernels or rewards are known in full (mu plays no role, or the game is affine in mu) every supremum is
attained at a vertex of the simplex and is found by enumeration, or bounded where enumeration would take too long. Where
they are code, constants declared with the game are taken, then what follows from them, then a search that errs below.
"""

from __future__ import annotations

import math
from collections.abc import Callable, Mapping, Sequence
from dataclasses import dataclass

import numpy as np
import scipy.sparse as sp

from mfbounds.bounds import zero_mass
from mfbounds.bounds.estimation import estimated_regularity
from mfbounds.bounds.mixing import Mixing, certified_mixing, known_kernels
from mfbounds.bounds.zero_mass import Kernels
from mfbounds.errors import InputError
from mfbounds.games.affine import AffineGame
from mfbounds.games.game import MeanFieldGame
from mfbounds.numbers import Constant, Provenance

ROW_BUDGET = 5e9  # operations on the S x S matrices of all rows, S^3 each: some seconds
FINE_BUDGET = 5e8  # the same for eigenvalue decompositions


@dataclass(frozen=True, kw_only=True)
class Regularity:
    """What is known of a game's regularity (symbols as in `mfbounds.bounds.symbols`).

    Attributes:
        L_r, L_r1: Lipschitz constants of the reward in the l2 and the l1 norm of mu, reward units.
        L_P, L_P_entry, L_P1: of the kernel: rows in l1 over mu in l2, entries over l2, rows in l1 over l1.
        kappa_A: largest total variation between the next-state laws of two actions.
        rho_1: largest total variation between the next-state laws of any two state-action pairs.
        mixing: how fast every chain of the game forgets its start.
    """

    L_r: Constant
    L_P: Constant
    L_P_entry: Constant
    L_r1: Constant
    L_P1: Constant
    kappa_A: Constant
    rho_1: Constant
    mixing: Mixing


def regularity(game: MeanFieldGame) -> Regularity:
    """The regularity constants of a game; certified ones are rounded outward, and their argument says why they hold.

    Example:
        >>> import numpy as np
        >>> doors = np.array([[[0.9, 0.1], [0.1, 0.9]]] * 2)
        >>> crowd = -np.eye(2)[:, :, None] * np.ones((2, 2, 2))
        >>> known = regularity(AffineGame(doors, crowd, gamma=0.9, eta=0.1))
        >>> round(known.L_r.value, 12), known.L_P.value, round(known.rho_1.value, 12)
        (0.707106781187, 0.0, 0.8)
        >>> known.kappa_A.argument
        'exact: enumeration of pairs of actions at 4 rows'

    Raises:
        InputError: a search finds a declared constant too small.
    """
    known = _reward_constants(game) | _kernel_constants(game)
    missing = [name for name in ("L_r", "L_r1", "L_P", "L_P1", "L_P_entry", "kappa_A", "rho_1") if name not in known]
    if missing:
        known |= _declared_constants(game, missing)
        _refuse_refuted(game, known)
        missing = [name for name in missing if name not in known]
    if missing:
        known |= estimated_regularity(game, missing)
    return Regularity(**known, mixing=certified_mixing(game, known["rho_1"]))


def _refuse_refuted(game: MeanFieldGame, known: dict[str, Constant]) -> None:
    """Raises when a search finds more than the user declared: a bound that rests on it would be no bound."""
    words = [name for name, constant in known.items() if constant.provenance is Provenance.DECLARED]
    for name, found in estimated_regularity(game, words).items() if words else ():
        if found.value > known[name].value:
            raise InputError(
                f"declared {name} == {known[name].value:.6g}, must be >= {found.value:.6g} ({found.argument}); "
                "declare a larger constant, every bound rests on it"
            )


def _certified(value: float, argument: str, *, exact: bool = True) -> Constant:
    kind = "exact" if exact else "upper bound"
    return Constant(value=value, provenance=Provenance.CERTIFIED, argument=f"{kind}: {argument}", exact=exact)


def _reward_constants(game: MeanFieldGame) -> dict[str, Constant]:
    if game.fixed_reward is not None:
        zero = _certified(0.0, "mu plays no role in the reward")
        return {"L_r": zero, "L_r1": zero}
    if not isinstance(game, AffineGame) or game.vertex_rewards is None:
        return {}
    rewards = game.vertex_rewards.reshape(1, game.n_states, -1)
    l2 = zero_mass.outward(zero_mass.largest_column(zero_mass.centred(rewards)), game.n_states)
    l1 = zero_mass.outward(0.5 * float(np.ptp(rewards, axis=1).max()), 1)
    where = f"enumeration of {game.n_states} vertices x {rewards.shape[2]} state-action pairs"
    return {"L_r": _certified(l2, where), "L_r1": _certified(l1, where)}


def _kernel_constants(game: MeanFieldGame) -> dict[str, Constant]:
    kernels = known_kernels(game)
    if kernels is None:
        return {}
    defect = zero_mass.row_defect(kernels)
    found = _variations(kernels, defect, game.n_states * game.n_actions)
    if game.fixed_kernel is not None:
        zero = _certified(0.0, "mu plays no role in the kernel")
        return found | {"L_P": zero, "L_P_entry": zero, "L_P1": zero}
    cost = float(game.n_states) ** 4 * game.n_actions
    if cost <= ROW_BUDGET:
        return found | _vertex_constants(kernels, defect, fine=cost <= FINE_BUDGET)
    return found | _coarse_constants(kernels, defect)


def _variations(kernels: Kernels, defect: float, n_rows: int) -> dict[str, Constant]:
    """kappa_A and rho_1, attained at a vertex: a norm of something affine in mu is convex."""
    n_states = kernels[0].shape[-1]
    vertices = f"{len(kernels)} vertices x " if len(kernels) > 1 else ""
    of_actions = max(zero_mass.variation_of_actions(kernel) for kernel in kernels)
    kappa_A = min(1.0, zero_mass.outward(of_actions, n_states, slack=defect))
    found = {"kappa_A": _certified(kappa_A, f"enumeration of pairs of actions at {vertices}{n_rows} rows")}
    of_rows = 0.0
    for kernel in kernels:
        pairs = zero_mass.variation_of_rows(kernel, budget=zero_mass.PAIR_BUDGET / len(kernels))
        if pairs is None:
            why = f"a total variation is at most 1 (too many pairs of {n_rows} rows to enumerate)"
            return found | {"rho_1": _certified(1.0, why, exact=False)}
        of_rows = max(of_rows, pairs)
        if of_rows == 1.0:
            break
    rho_1 = min(1.0, zero_mass.outward(of_rows, n_states, slack=defect))
    why = "two rows have disjoint supports" if of_rows == 1.0 else f"enumeration of pairs of {vertices}{n_rows} rows"
    return found | {"rho_1": _certified(rho_1, why)}


def _vertex_constants(kernels: Kernels, defect: float, *, fine: bool) -> dict[str, Constant]:
    """L_P, L_P_entry and L_P1 from the vertex kernels, a block of rows at a time."""
    n_states = kernels[0].shape[-1]
    L_P, entry, l1, exact = 0.0, 0.0, 0.0, True
    for block in zero_mass.vertex_blocks(kernels):
        centred = zero_mass.centred(block)
        entry = max(entry, zero_mass.largest_column(centred))
        l1 = max(l1, zero_mass.vertex_variation(block))
        gain, sharp = zero_mass.l2_to_l1(centred, fine=fine)
        L_P, exact = max(L_P, gain), exact and sharp
    spread = math.sqrt(n_states) * defect
    where = f"enumeration of {n_states} vertices"
    how = f"{where}, all sign vectors" if exact else f"{where}, norms of the zero-mass maps"
    return {
        "L_P": _certified(zero_mass.outward(L_P, 1, slack=spread), how, exact=exact),
        "L_P_entry": _certified(zero_mass.outward(entry, n_states, slack=spread), where),
        "L_P1": _certified(min(1.0, zero_mass.outward(l1, n_states, slack=defect)), where),
    }


def _coarse_constants(kernels: Kernels, defect: float) -> dict[str, Constant]:
    """The same for large games: differences with the first vertex, accumulated entry by entry."""
    n_states = kernels[0].shape[-1]
    first = sp.csr_array(zero_mass.flat_rows(kernels[0]))
    total, squares = sp.csr_array(first.shape), sp.csr_array(first.shape)
    away = []
    for kernel in kernels[1:]:
        difference = sp.csr_array(zero_mass.flat_rows(kernel) - first)
        total, squares = total + difference, squares + difference.multiply(difference)
        away.append(0.5 * float(abs(difference).sum(axis=1).max()))
    # The first difference is 0, so S * squares - total^2 >= squares: subtracting costs a factor S of accuracy at most.
    columns = (squares - total.multiply(total) / n_states).maximum(0.0).sqrt()
    operations, spread = 4 * n_states**2, math.sqrt(n_states) * defect
    where = f"differences of {n_states} vertices with the first"
    away = sorted([0.0, *away])[-2:]
    return {
        "L_P": _certified(
            zero_mass.outward(float(columns.sum(axis=1).max()), operations, slack=spread),
            f"{where}, column norms",
            exact=False,
        ),
        "L_P_entry": _certified(zero_mass.outward(float(columns.max()), operations, slack=spread), where),
        "L_P1": _certified(min(1.0, zero_mass.outward(sum(away), n_states, slack=defect)), where, exact=False),
    }


def _declared_constants(game: MeanFieldGame, missing: Sequence[str]) -> dict[str, Constant]:
    """What was declared with the game, and the best of what follows from it for constants that were not."""
    found = {name: _capped(name, game.declared[name]) for name in missing if name in game.declared}
    for name in missing:
        options = [
            Constant(value=rule(found[source].value, game.n_states), provenance=found[source].provenance,
                     argument=f"follows from {source}: {found[source].argument}")
            for source, rule in FOLLOWS.get(name, {}).items() if source in found
        ]  # fmt: skip
        if name not in found and options:
            found[name] = _capped(name, min(options, key=lambda constant: constant.value))
    return found


def _capped(name: str, constant: Constant) -> Constant:
    """The constant, or what always holds: a total variation is at most 1. (A slope such as L_P1 may be steeper.)"""
    if name in ("kappa_A", "rho_1") and constant.value > 1.0:
        return _certified(1.0, "a total variation is at most 1", exact=False)
    return constant


def _up(value: float, factor: float) -> float:
    return zero_mass.outward(value * factor, 4)


# What follows from a declared constant: ||x||_2 <= ||x||_1/sqrt 2 and |x_i| <= ||x||_1/2 for zero mass, and
# ||x||_1 <= sqrt(S) ||x||_2.
FOLLOWS: Mapping[str, Mapping[str, Callable[[float, int], float]]] = {
    "L_r": {"L_r1": lambda value, n: _up(value, math.sqrt(n))},
    "L_r1": {"L_r": lambda value, _: _up(value, math.sqrt(0.5))},
    "L_P": {"L_P1": lambda value, n: _up(value, math.sqrt(n)), "L_P_entry": lambda value, n: _up(value, n)},
    "L_P1": {"L_P": lambda value, _: _up(value, math.sqrt(0.5))},
    "L_P_entry": {"L_P": lambda value, _: _up(value, 0.5)},
    "kappa_A": {"rho_1": lambda value, _: value},
}
