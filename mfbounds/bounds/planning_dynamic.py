"""Plans for dynamic games: how many epochs of how many trajectories bring Symm-PMD to an epsilon-equilibrium (P2).

The bound is that of Theorem 3 repaired, in expectation over the run, and worst case: its numbers certainly suffice, and are
enormous. Below a floor, set by tau, alpha, beta and N, no numbers do; then the message names what sets it.
"""

from __future__ import annotations

import math
from collections.abc import Mapping
from dataclasses import dataclass, field
from typing import Any

import numpy as np
from flint import arb

from mfbounds.bounds.dynamic_hypotheses import independent, monotone_flow
from mfbounds.bounds.dynamic_problem import DynamicParameters, DynamicProblem
from mfbounds.bounds.planning_result import show_count
from mfbounds.bounds.pmd_sufficient import Reach
from mfbounds.bounds.statement import Tier
from mfbounds.bounds.sufficient import smallest
from mfbounds.checks import check_positive
from mfbounds.errors import InputError, UnknownNameError
from mfbounds.games.dynamic.game import DynamicGame

SHARES = (0.5, 0.8, 0.95)  # of the room above the floor that T epochs without noise may use up
GRID = 25  # values of tau that are tried
LEAST_TAU = 1e-4  # of the largest useful one


@dataclass(frozen=True, kw_only=True)
class DynamicPlan:
    """Numbers that suffice for an epsilon-equilibrium of the N-player game in expectation; one trajectory fewer does not.

    Attributes:
        game, tier, epsilon: what was asked, epsilon in reward units.
        tau: entropy weight, reward units per nat.
        T, M: epochs of Symm-PMD, and trajectories of N players in each.
        trajectories: T M.
        bound: the bound on the expected largest exploitability at these numbers, reward units, at most epsilon.
        floor: its limit for T, M -> infinity at this tau, reward units.
        terms: its parts: regularisation, learning, players (these three add up to it, reward units), and of learning the
            shares optimisation, sampling, bias.
        binding: for each number, what asks for it.
        notes: what a reader should know before trusting the numbers.
    """

    game: str
    tier: Tier
    epsilon: float
    tau: float
    T: int
    M: int
    trajectories: int
    bound: float
    floor: float
    terms: Mapping[str, float] = field(default_factory=dict)
    binding: Mapping[str, str] = field(default_factory=dict)
    notes: tuple[str, ...] = ()

    def to_dict(self) -> dict[str, Any]:
        """One flat row: numbers, their decimal logarithms, bound."""
        names = ("epsilon", "tau", "T", "M", "trajectories", "bound", "floor")
        row: dict[str, Any] = {"tier": self.tier.value, **{name: getattr(self, name) for name in names}}
        return row | {f"log10_{name}": math.log10(row[name]) for name in ("T", "M", "trajectories")}

    def __str__(self) -> str:
        lines = [
            f"Plan for {self.game}: expected exploitability <= {self.epsilon:g} (bound {self.bound:.6g}), {self.tier} tier, "
            f"tau = {self.tau:.4g}",
            f"  Symm-PMD  T = {show_count(self.T)}, M = {show_count(self.M)}, "
            f"{show_count(self.trajectories)} trajectories  (Theorem 3)",
            f"  floor at this tau {self.floor:.4g}: no T and M go below it",
        ]
        lines += [f"  {name} is set by {why}" for name, why in self.binding.items()]
        return "\n".join([*lines, *(f"  note: {note}" for note in self.notes)])


def plan_dynamic(
    game: DynamicGame, *, epsilon: float, tau: float | None = None, tier: Tier | str = "repaired"
) -> DynamicPlan:
    """T and M that suffice for exploitability at most `epsilon` in expectation, and tau unless given.

    Args:
        epsilon: exploitability to reach in the N-player game, reward units.
        tau: entropy weight in (0, 1), reward units per nat; by default the one with the fewest trajectories.
        tier: "repaired" or "sharpened"; the paper gives no constants, so that "printed" has no numbers.

    Raises:
        InputError: an argument is out of range, a hypothesis of Theorem 3 is not established, or the floor forbids epsilon:
            the message names what sets it.
        UnknownNameError: the tier is not known.

    Example:
        >>> from mfbounds.games.dynamic.catalogue import build_dynamic
        >>> found = plan_dynamic(build_dynamic("at_own_state"), epsilon=0.5, tau=0.1, tier="sharpened")
        >>> found.bound <= 0.5, round(found.floor, 4)
        (True, 0.1386)
    """
    check_positive(epsilon, "epsilon")
    if tier not in list(Tier):
        raise UnknownNameError("tier", str(tier), [t.value for t in Tier])
    if Tier(tier) is Tier.PRINTED:
        raise InputError(
            "tier == 'printed', must be 'repaired' or 'sharpened': Theorem 3 gives orders without constants, and its "
            "hypothesis (Definition 10) holds for no game"
        )
    if tau is not None and not 0.0 < tau < 1.0:
        raise InputError(f"tau == {tau}, must be in (0, 1): Symm-PMD needs tau xi_0 < 1 with xi_0 = 1")
    if game.n_actions == 1:
        raise InputError("n_actions == 1, must be >= 2: with one action there is nothing to learn")
    problem = DynamicProblem(game, DynamicParameters(tau=tau or 0.1))
    for hypothesis in (independent, monotone_flow):
        result = hypothesis(problem, {})
        if not result.holds:
            state = "fails" if result.holds is False else "not established"
            raise InputError(f"{result.name} == {state}, must hold for a plan: {result.reason}")
    reach = Reach(problem, Tier(tier))
    weights = [tau] if tau is not None else _weights(reach, epsilon)
    reaches = [reach.at(weight) for weight in weights]
    allowed = [item for item in reaches if item.floor() < epsilon]
    if not allowed:
        anywhere = reaches if tau is not None else [*reaches, *map(reach.at, _weights(reach, math.inf))]
        best = min(anywhere, key=lambda item: float(item.floor().mid()))
        raise InputError(_forbidden(best, epsilon, "this tau" if tau is not None else "the best tau tried"))
    return min((_planned(item, epsilon) for item in allowed), key=lambda found: found.trajectories)


def _weights(reach: Reach, epsilon: float) -> list[float]:
    """Values of tau in (0, 1) up to the largest whose regularisation bias alone is below epsilon; to nearly 1 for infinity."""
    game = reach.problem.game
    bias = game.horizon * math.log(game.n_actions)
    most = min(0.99, 0.99 * epsilon / bias if bias else 0.99)
    return [float(weight) for weight in most * np.logspace(math.log10(LEAST_TAU), 0.0, GRID)]


def _planned(reach: Reach, epsilon: float) -> DynamicPlan:
    floor, game = reach.floor(), reach.problem.game
    found = []
    for share in SHARES:
        aim = floor + (epsilon - floor) * share
        T = smallest(lambda n: bool(reach.bound(n, None) <= aim), "T", 2)  # noqa: B023
        M = smallest(lambda n: bool(reach.bound(T, n) <= epsilon), "M")  # noqa: B023
        found.append((T * M, T, M))
    total, T, M = min(found)
    bound = reach.bound(T, M)
    return DynamicPlan(
        game=repr(game)[1:-1],
        tier=reach.tier,
        epsilon=float(epsilon),
        tau=reach.problem.parameters.tau,
        T=T,
        M=M,
        trajectories=total,
        bound=float(bound.upper()),
        floor=float(floor.upper()),
        terms=_terms(reach, T, M, bound),
        binding={
            "T": "the average divergence of mirror descent, of order log(T)^2/(tau sqrt T)",
            "M": f"sampling noise, with visits as rare as {float(reach.visits(T).mid()):.2g}",
        },
        notes=_notes(reach, epsilon),
    )


def _terms(reach: Reach, T: int, M: int, bound: arb) -> dict[str, float]:
    values = reach.values
    regularisation = values["tau"] * values["H"] * values["n_A"].log()
    noise = reach.noise(T, M)
    whole = reach.divergence(T, noise + reach.bias)
    silent = reach.divergence(T, arb(0))
    unbiased = reach.divergence(T, noise)
    parts = {
        "regularisation": regularisation,
        "learning": bound - regularisation - reach.players,
        "players": reach.players,
        "learning: optimisation": silent / whole,
        "learning: sampling": (unbiased - silent) / whole,
        "learning: bias": (whole - unbiased) / whole,
    }
    return {name: float(part.mid()) for name, part in parts.items()}


def _notes(reach: Reach, epsilon: float) -> tuple[str, ...]:
    game = reach.problem.game
    notes = ["TD on a player drawn anew, uniformly, for each trajectory; the bound is on an expectation over the run"]
    if epsilon >= game.horizon * game.R:
        notes.append(f"epsilon is no smaller than H R = {game.horizon * game.R:.4g}: every policy will do")
    return tuple(notes)


def _forbidden(reach: Reach, epsilon: float, where: str) -> str:
    """What sets the floor: by how much it falls when each of alpha, beta, 1/N, tau log|A| is taken away."""
    floor = float(reach.floor().mid())
    shown = {name: reach.problem.primitives[name].value for name in ("alpha", "beta")}
    without = {
        f"{name} = {value:.4g}": floor - _floor_with(reach, {name: arb(0)})
        for name, value in shown.items()
        if value > 1e-12
    }
    many = arb(10) ** 40
    without[f"N = {reach.problem.game.n_players}"] = floor - _floor_with(reach, {"N": many})
    tau = reach.problem.parameters.tau
    without[f"tau = {tau:.4g}"] = tau * reach.problem.game.horizon * math.log(reach.problem.game.n_actions)
    parts = ", ".join(
        f"{gain:.3g} by {name}" for name, gain in sorted(without.items(), key=lambda item: -item[1]) if gain > 0
    )
    return (
        f"epsilon == {epsilon:g}, must be > {floor:.4g}: the floor that no numbers T, M go below ({reach.tier} tier, at {where}); "
        f"taking each away alone, it would fall {parts}; H R = {reach.problem.game.horizon * reach.problem.game.R:.4g} is what "
        "every policy keeps"
    )


def _floor_with(reach: Reach, changed: Mapping[str, arb]) -> float:
    """The floor with some constants replaced."""
    problem = _Changed(reach.problem.game, reach.problem.parameters, changed=changed)
    return float(Reach(problem, reach.tier).floor().mid())


@dataclass(frozen=True, eq=False)
class _Changed(DynamicProblem):
    """A problem some of whose constants are replaced, to see what they cost."""

    changed: Mapping[str, arb] = field(default_factory=dict)

    def constants(self, *arguments: Any, **more: Any) -> Mapping[str, arb]:
        return {**super().constants(*arguments, **more), **self.changed}
