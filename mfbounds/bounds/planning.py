"""Sample sizes: how many iterations and trajectories suffice for an epsilon-equilibrium, and what they cost.

A plan is found by monotone searches on the bounds of Corollaries C.6 and D.5 in ball arithmetic, so its numbers
certainly suffice, and one fewer of any of them does not.
"""

from __future__ import annotations

import math
from collections.abc import Mapping
from dataclasses import dataclass, field, replace
from typing import TYPE_CHECKING, Any, overload

from flint import arb

from mfbounds.bounds.concentrability import a4
from mfbounds.bounds.definitions import formula
from mfbounds.bounds.hypotheses import a1, a2, a3
from mfbounds.bounds.outer import step_limit
from mfbounds.bounds.planning_search import find_exact, find_printed, find_sampled, oracle_calls
from mfbounds.bounds.problem import STEPS, Parameters, Problem
from mfbounds.bounds.sampled_bounds import INITIAL
from mfbounds.bounds.statement import L1, Tier
from mfbounds.bounds.sufficient import Requirement
from mfbounds.checks import check_positive, check_real, check_steps
from mfbounds.errors import InputError, UnknownNameError
from mfbounds.games.dynamic.game import DynamicGame
from mfbounds.games.game import MeanFieldGame

if TYPE_CHECKING:
    from mfbounds.bounds.planning_dynamic import DynamicPlan
    from mfbounds.bounds.planning_empirical import Empirical

LIMIT = 2**53  # draws of one batch that count-level simulation can run
SHARES = (0.6, 0.65, 0.85, 0.87)  # of epsilon that L; L, K; L, K, P; L, K, P, T may use up together


@dataclass(frozen=True, kw_only=True)
class Plan:
    """Numbers that suffice for an epsilon-equilibrium; one fewer of any of them is no longer promised to.

    Attributes:
        game, tier, epsilon, delta, M, beta, initial: what was asked; epsilon in reward units.
        exact_L, exact_K: for Exact MF-TRPO, by Corollary C.6.
        L, K: inner and outer iterations of Sample-Based MF-TRPO, by Corollary D.5; None without a delta.
        I, T, P: trajectories per TRPO iteration, their horizon, trajectories per population step.
        oracle_calls: expected number of calls of the restart oracle, resets included.
        bound: the bound on the exploitability at these numbers, reward units, at most epsilon.
        terms: the parts of `bound`.
        binding: for each number, the term that asks for it.
        notes: what a reader should know before trusting the numbers.
        seconds: estimated time of the sampled run on this machine; NaN where it cannot be run.
        empirical: numbers at which seeded runs reached epsilon, when they were searched for.
    """

    game: str
    tier: Tier
    epsilon: float
    delta: float | None
    M: int | float
    beta: float
    initial: str
    exact_L: int
    exact_K: int
    L: int | None = None
    K: int | None = None
    I: int | None = None  # noqa: E741 - the paper's name
    T: int | None = None
    P: int | None = None
    oracle_calls: int | None = None
    bound: float
    terms: Mapping[str, float] = field(default_factory=dict)
    binding: Mapping[str, str] = field(default_factory=dict)
    notes: tuple[str, ...] = ()
    seconds: float = math.nan
    empirical: Empirical | None = None

    @property
    def runnable(self) -> bool:
        """Whether count-level simulation can draw batches of this size."""
        return self.I is not None and self.P is not None and max(self.I, self.P) <= LIMIT

    def to_dict(self) -> dict[str, Any]:
        """One flat row: numbers, their decimal logarithms, bound."""
        names = ("epsilon", "exact_L", "exact_K", "L", "K", "I", "T", "P", "oracle_calls", "bound")
        row: dict[str, Any] = {"tier": self.tier.value, **{name: getattr(self, name) for name in names}}
        logs = ("exact_L", "exact_K", "L", "K", "I", "P", "oracle_calls")
        return row | {f"log10_{name}": math.nan if row[name] is None else math.log10(row[name]) for name in logs}

    def __str__(self) -> str:
        lines = [
            f"Plan for {self.game}: exploitability <= {self.epsilon:g} (bound {self.bound:.6g}), {self.tier} tier, "
            f"M = {self.M}, beta = {self.beta:.4g}",
            f"  exact    L = {show_count(self.exact_L)}, K = {show_count(self.exact_K)}  (Corollary C.6)",
        ]
        if self.L is not None:
            numbers = ", ".join(f"{name} = {show_count(getattr(self, name))}" for name in "LKITP")
            lines.append(f"  sampled  {numbers}, with probability >= 1 - {self.delta:g}  (Corollary D.5)")
            time = "" if math.isnan(self.seconds) else f", about {self.seconds:.2g} s here"
            lines.append(f"  oracle calls {show_count(self.oracle_calls)} expected{time}")
        if self.empirical is not None:
            numbers = ", ".join(f"{name} = {show_count(getattr(self.empirical, name))}" for name in "LKITP")
            lines.append(f"  found    {numbers} reached it in {self.empirical.seeds} seeded runs")
            lines.append(f"  oracle calls {show_count(self.empirical.oracle_calls)} expected for these")
        lines += [f"  {name} is set by {why}" for name, why in self.binding.items()]
        return "\n".join([*lines, *(f"  note: {note}" for note in self.notes)])

    __repr__ = __str__


def show_count(count: int | None) -> str:
    """A count as text; a power of ten where it is long.

    Example:
        >>> show_count(1234), show_count(10**30)
        ('1234', '10^30.0')
    """
    if count is None:
        return "-"
    return str(count) if count < 10**9 else f"10^{math.log10(count):.1f}"


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
    if tau is not None:
        raise InputError(f"tau == {tau}, must not be given for {game!r}: it is the entropy weight of dynamic games")
    check_plan_arguments(epsilon, delta, tier, initial)
    problem = Problem(game, Parameters(C_op=C_op, beta=beta))
    found = planned(problem, float(epsilon), delta, M, Tier(tier), initial)
    if delta is None:
        return found
    from mfbounds.bounds import planning_empirical  # it runs plans, which are defined here

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


def planned(
    problem: Problem, epsilon: float, delta: float | None, M: int | float | None, tier: Tier, initial: str
) -> Plan:
    """`plan` for callers that plan several times on one game."""
    steps = _steps(problem, M, delta)
    _check_hypotheses(problem, steps, sampled=delta is not None)
    beta = _step(problem, tier, steps, sampled=delta is not None)
    need = Requirement(problem=problem, tier=tier, M=steps, beta=beta, initial=initial, delta=delta)
    exact = find_exact(need, epsilon)
    asked: dict[str, Any] = {
        "game": repr(problem.game)[1:-1],
        "tier": tier,
        "epsilon": epsilon,
        "delta": delta,
        "M": steps,
    }
    asked |= {"beta": beta, "initial": initial, "exact_L": exact.numbers["L"], "exact_K": exact.numbers["K"]}
    notes = _notes(problem, tier, epsilon, steps)
    if delta is None:
        return Plan(**asked, bound=_upper(exact.bound), notes=notes)
    found = find_printed(need, epsilon) if tier is Tier.PRINTED else find_sampled(need, epsilon, SHARES)
    return Plan(
        **asked,
        **dict[str, Any](found.numbers),
        oracle_calls=oracle_calls(need, found.numbers),
        bound=_upper(found.bound),
        terms={name: _upper(term) for name, term in found.terms.items()},
        binding=found.binding,
        notes=(*notes, *found.notes, *_size_notes(found.numbers)),
    )


def _steps(problem: Problem, M: int | float | None, delta: float | None) -> int | float:
    if M is not None:
        if delta is not None and M == math.inf:
            raise InputError("M == inf, must be finite: no number of oracle calls draws from a stationary law")
        return check_steps(M)
    choices = [steps for steps in STEPS if delta is None or steps < math.inf]
    return next((steps for steps in choices if problem.c_op(steps).value < 1.0), 1)


def _check_hypotheses(problem: Problem, M: int | float, *, sampled: bool) -> None:
    for hypothesis in (a1, a2, a3, a4) if sampled else (a1, a2, a3):
        result = hypothesis(problem, {"M": M})
        if not result.holds:
            raise InputError(
                f"{result.name} == {'fails' if result.holds is False else 'not certified'}, must hold for a plan: "
                f"{result.reason}; {_floor(problem, result.name, M)}"
            )


def _floor(problem: Problem, name: str, M: int | float) -> str:
    """What forbids a plan, with its number, and what to change."""
    if name == "A-2":
        K_F = float(problem.constants(Tier.SHARPENED, L1, M)["K_F"].mid())
        return f"K_F = {K_F:.4g}; take a larger eta or a smaller gamma, another M, or vouch for a C_op < 1"
    if name == "A-3":
        return "without mixing the inconsistency of the population is not bounded (Sigma_inf is infinite)"
    if name == "A-4":
        return "take a restart law with mass on every state: game.replace(restart=...)"
    return "declare finite L_r and L_P with the game"


def _step(problem: Problem, tier: Tier, M: int | float, *, sampled: bool) -> float:
    """The caller's step if it is admissible, else the largest admissible one, rounded down."""
    name = ("b_1" if sampled else "b_0") if tier is Tier.PRINTED else "beta_max"
    limit = step_limit(formula(name, tier), tier, problem, M)
    asked = problem.parameters.beta
    strict = tier is Tier.PRINTED
    if asked is not None:
        if not (arb(asked) < limit if strict else arb(asked) <= limit):
            relation = "<" if strict else "<="
            raise InputError(f"beta == {asked}, must be {relation} {name} == {float(limit.mid()):.6g} ({tier} tier)")
        return asked
    if not limit > 0:
        raise InputError(f"{name} == {float(limit.mid())}, must be > 0: no step is admissible in the {tier} tier")
    return min(1.0, float(limit.lower()) * (0.999 if strict else 1.0 - 1e-12))


def _notes(problem: Problem, tier: Tier, epsilon: float, M: int | float) -> tuple[str, ...]:
    values = problem.constants(Tier.REPAIRED, L1, M)
    notes = []
    if values["V_max"] <= epsilon:
        notes.append(f"epsilon is no smaller than V_max = {float(values['V_max'].mid()):.4g}: every policy will do")
    if tier is Tier.PRINTED:
        notes.append("the constants C' of C.1 and D.2 are assumed: the paper gives no values")
    if not problem.c_op(M).certified:
        notes.append(f"C_op = {problem.c_op(M).value:.4g} is {problem.c_op(M).provenance}, not certified")
    return tuple(notes)


def _size_notes(numbers: Mapping[str, int]) -> tuple[str, ...]:
    large = [name for name in ("I", "P") if numbers[name] > LIMIT]
    if not large:
        return ()
    return (f"{' and '.join(large)} above 2^53 = {LIMIT}: more draws than one batch can hold, a plan but not a run",)


def _upper(ball: arb) -> float:
    """A float that is certainly not below the number (up to its own rounding)."""
    return float(ball.upper())
