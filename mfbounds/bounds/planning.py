"""Sample sizes: how many iterations and trajectories suffice for an epsilon-equilibrium, and what they cost.

A plan is found by monotone searches on the bounds of Corollaries C.6 and D.5 in ball arithmetic, so its numbers
certainly suffice, and one fewer of any of them does not.
"""

from __future__ import annotations

from collections.abc import Mapping
from dataclasses import replace
from typing import TYPE_CHECKING, Any, overload

from mfbounds.bounds.planning_mean_field import planned
from mfbounds.bounds.planning_result import Plan
from mfbounds.bounds.problem import Parameters, Problem
from mfbounds.bounds.sampled_bounds import INITIAL
from mfbounds.bounds.statement import Tier
from mfbounds.checks import check_positive, check_real
from mfbounds.errors import InputError, UnknownNameError
from mfbounds.games.dynamic.game import DynamicGame
from mfbounds.games.game import MeanFieldGame
from mfbounds.games.kinds import check_mean_field

if TYPE_CHECKING:
    from mfbounds.bounds.planning_dynamic import DynamicPlan


@overload
def plan(
    game: DynamicGame, *, epsilon: float, tier: Tier | str = "repaired", tau: float | None = None
) -> DynamicPlan: ...


@overload
def plan(
    game: MeanFieldGame,
    *,
    epsilon: float,
    delta: float | None = None,
    M: int | float | None = None,
    tier: Tier | str = "repaired",
    beta: float | None = None,
    initial: str = "repaired",
    C_op: float | None = None,
    empirical: bool = False,
) -> Plan: ...


def plan(
    game: MeanFieldGame | DynamicGame,
    *,
    epsilon: float,
    delta: float | None = None,
    M: int | float | None = None,
    tier: Tier | str = "repaired",
    beta: float | None = None,
    initial: str = "repaired",
    C_op: float | None = None,
    empirical: bool = False,
    tau: float | None = None,
) -> Plan | DynamicPlan:
    """Numbers of iterations and trajectories that suffice for exploitability at most `epsilon`.

    For a dynamic game epochs and trajectories of Symm-PMD: see `mfbounds.bounds.planning_dynamic.plan_dynamic`, which takes
    epsilon, tier and tau only.

    Args:
        epsilon: exploitability to reach, reward units.
        delta: allowed failure probability in (0, 1); None plans the exact algorithm only.
        M: population steps; by default the first of 1, 2, 5, 10, 50 (and infinity, without delta) with a certified C_op < 1.
        tier: of the bounds; "printed" takes the paper's formulas with the constants C' it leaves open set to the
            values that `mfbounds.constants` shows.
        beta: constant outer step; by default the largest that the tier admits.
        initial: where a population trajectory of round k starts: "repaired" (Algorithm 8 with each level applied
            independently) or "reset" (a draw from muhat_{k-1}, which needs more than a restart oracle).
        C_op: constant for A-2 that you vouch for.
        empirical: also search for small numbers at which seeded runs reach epsilon (seconds to minutes).
        tau: entropy weight, for dynamic games only.

    Raises:
        InputError: an argument is out of range, or a hypothesis of the bound is not established: the message names it
            with its number.
        UnknownNameError: `tier` or `initial` is not known.

    Example:
        >>> from mfbounds.games import random_game
        >>> game = random_game("contractive", 3, n_states=3, n_actions=2, gamma=0.3, eta=2.0)
        >>> found = plan(game, epsilon=0.5, delta=0.05, tier="sharpened")
        >>> found.bound <= 0.5, found.L > found.exact_L
        (True, True)
    """
    if isinstance(game, DynamicGame):
        others = {"delta": delta, "M": M, "beta": beta, "C_op": C_op, "empirical": empirical or None}
        return _dynamic(game, epsilon, tau, tier, others)
    check_mean_field(game, "mfbounds.plan with a dynamic game")
    if tau is not None:
        raise InputError(f"tau == {tau}, must not be given for {game!r}: it is the entropy weight of dynamic games")
    check_plan_arguments(epsilon, delta, tier, initial)
    problem = Problem(game, Parameters(C_op=C_op, beta=beta))
    found = planned(problem, float(epsilon), delta, M, Tier(tier), initial)
    if delta is None:
        return found
    from mfbounds.bounds import planning_empirical  # it imports every solver

    found = planning_empirical.with_time(game, found)
    return replace(found, empirical=planning_empirical.empirical(game, found)) if empirical else found


def _dynamic(
    game: DynamicGame, epsilon: float, tau: float | None, tier: Tier | str, others: Mapping[str, Any]
) -> DynamicPlan:
    """`plan` for a dynamic game."""
    from mfbounds.bounds.planning_dynamic import plan_dynamic  # it imports the statements of P2

    for name, value in others.items():
        if value is not None:
            raise InputError(
                f"{name} == {value}, must not be given for {game!r}: a plan for a dynamic game has no such number"
            )
    return plan_dynamic(game, epsilon=epsilon, tau=tau, tier=tier)


def check_plan_arguments(epsilon: float, delta: float | None, tier: Tier | str, initial: str) -> None:
    """Raises unless the arguments of a plan are in range and known."""
    check_positive(epsilon, "epsilon")
    if tier not in list(Tier):
        raise UnknownNameError("tier", str(tier), [t.value for t in Tier])
    if initial not in INITIAL:
        raise UnknownNameError("initial", initial, INITIAL)
    if delta is not None and not 0.0 < check_real(delta, "delta") < 1.0:
        raise InputError(f"delta == {delta}, must be in (0, 1): it is the probability allowed to fail")
