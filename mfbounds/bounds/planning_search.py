"""The searches behind a plan: each number in turn, then each as small as the others allow."""

from __future__ import annotations

import math
from collections.abc import Mapping
from dataclasses import dataclass, field
from fractions import Fraction
from functools import partial

from flint import arb

from mfbounds.bounds.definitions import formula
from mfbounds.bounds.formula import evaluate
from mfbounds.bounds.statement import Tier
from mfbounds.bounds.sufficient import Requirement, smallest


@dataclass(frozen=True, kw_only=True)
class Found:
    """What a search found: the numbers, the bound there with its terms, which term asks for which number."""

    numbers: Mapping[str, int]
    bound: arb
    terms: Mapping[str, arb] = field(default_factory=dict)
    binding: Mapping[str, str] = field(default_factory=dict)
    notes: tuple[str, ...] = ()


def find_exact(need: Requirement, epsilon: float) -> Found:
    """L and K for Exact MF-TRPO: L with half of epsilon and infinitely many rounds, then K, then L again."""
    least = 3 if need.tier is Tier.PRINTED else 0  # printed, log L/L is 0 at L = 1 and decreases from 3 on only
    L = smallest(lambda n: bool(need.exact(n, None) <= 0.5 * epsilon), "L", max(least, 1))
    K = smallest(lambda n: bool(need.exact(L, n) <= epsilon), "K")
    L = smallest(lambda n: bool(need.exact(n, K) <= epsilon), "L", max(least, 1))
    return Found(numbers={"L": L, "K": K}, bound=need.exact(L, K))


def find_sampled(need: Requirement, epsilon: float, shares: tuple[float, float, float, float]) -> Found:
    """All numbers in a proved tier: L, K, P, T, I in turn, each with what the earlier ones left of epsilon."""
    part = [share * epsilon for share in shares]
    L = smallest(lambda n: bool(need.sampled(n) <= part[0]), "L")
    K = smallest(lambda n: bool(need.sampled(L, n) <= part[1]), "K")
    P = smallest(lambda n: bool(need.sampled(L, K, P=n) <= part[2]), "P")
    T = smallest(lambda n: bool(need.sampled(L, K, P=P, T=n) <= part[3]), "T")
    least = _ceiling(need.seen(L, K))
    I = smallest(lambda n: need.suffices(epsilon, L=L, K=K, P=P, T=T, I=n), "I", least)  # noqa: E741
    numbers = _trimmed(need, epsilon, {"L": L, "K": K, "P": P, "T": T, "I": I})
    terms = need.terms(**numbers)
    return Found(
        numbers=numbers, bound=need.sampled(**numbers), terms=terms, binding=_binding(need, epsilon, numbers, terms)
    )


def _trimmed(need: Requirement, epsilon: float, numbers: dict[str, int]) -> dict[str, int]:
    """Each number as small as the others then allow, in turn: rounding up has left some room."""
    while True:
        before = dict(numbers)
        for name in ("T", "K", "P", "L", "I"):
            found = smallest(partial(_still, need, epsilon, numbers, name), name)
            numbers = {**numbers, name: min(found, numbers[name])}
        if numbers == before:
            return numbers


def _still(need: Requirement, epsilon: float, numbers: Mapping[str, int], name: str, value: int) -> bool:
    return need.suffices(epsilon, **{**numbers, name: value})


def _binding(need: Requirement, epsilon: float, numbers: Mapping[str, int], terms: Mapping[str, arb]) -> dict[str, str]:
    """For each number, the term that grows too large when there is one fewer of it."""
    L, K, I = numbers["L"], numbers["K"], numbers["I"]  # noqa: E741
    fewer = {**numbers, "I": I - 1}
    coverage = not need.seen(L, K) <= I - 1
    policy = max(("gap", "policy, law", "policy, run"), key=lambda name: float((terms[name] / epsilon).mid()))
    martingale = need.tier is Tier.SHARPENED and _form(need, fewer) == "N_M"
    noise = "the martingale" if martingale else "Bernstein's" if need.tier is Tier.SHARPENED else "Hoeffding's"
    share = float((terms[policy] / epsilon).mid())
    return {
        "L": f"the policy's error ({policy}: {share:.0%} of epsilon)",
        "K": f"the distance of the start ({float((terms['start'] / epsilon).mid()):.1%} of epsilon)",
        "I": "visits: every state must be seen" if coverage else f"sampling noise, {noise} bound",
        "T": "the truncated tail gamma^(T+1) V_max",
        "P": f"the noise of the populations ({float((terms['population'] / epsilon).mid()):.0%} of epsilon)",
    }


def _form(need: Requirement, numbers: Mapping[str, int]) -> str:
    """Which of the two sharpened noise bounds is smaller."""
    values = {**need.values, **{name: arb(number) for name, number in numbers.items()}}
    values["delta"] = need.values["delta"] / (2 * (numbers["K"] + 1))
    sizes = {name: evaluate(formula(name, Tier.SHARPENED), values) for name in ("N_M", "N_B")}
    return "N_M" if sizes["N_M"] <= sizes["N_B"] else "N_B"


def find_printed(need: Requirement, epsilon: float) -> Found:
    """The paper's own numbers: L and K, then the largest inner accuracy, which sets I (Thm D.2), P (24) and T (26)."""
    nothing = arb(0)
    L = smallest(lambda n: bool(need.printed(n, None, nothing) <= 0.5 * epsilon), "L", 3)
    K = smallest(lambda n: bool(need.printed(L, n, nothing) <= 0.6 * epsilon), "K")
    depth = smallest(lambda n: bool(need.printed(L, K, arb(2) ** -n) <= epsilon), "log2(1/epsilon)", 0)
    low, high = arb(2) ** -depth, arb(2) ** (1 - depth)
    for _ in range(60):
        middle = (low + high) / 2
        low, high = (middle, high) if need.printed(L, K, middle) <= epsilon else (low, middle)
    values = {**need.values, "L": arb(L), "K": arb(K), "epsilon": low}
    asked = {name: evaluate(formula(name, Tier.PRINTED), values) for name in ("I_l", "P_k", "T_l")}
    horizon = float(asked["T_l"].mid())
    notes: tuple[str, ...] = (
        f"the inner accuracy epsilon of D.2 and D.4 is {float(low.mid()):.3g}",
        "printed, log L/L is 0 at L = 1, so that one iteration would do: the search starts at L = 3",
    )
    if horizon < 0.0:
        notes += (
            f"T_l as printed is {horizon:.4g}, negative: its ratio is upside down, every horizon satisfies it; T = 1 here",
        )
    numbers = {
        "L": L,
        "K": K,
        "I": _ceiling(asked["I_l"]),
        "T": _ceiling(asked["T_l"]),
        "P": _ceiling(asked["P_k"]),
    }
    return Found(numbers=numbers, bound=need.printed(L, K, low), notes=notes)


def _ceiling(ball: arb) -> int:
    """A positive integer that is certainly at least the number."""
    return max(1, int(ball.upper().ceil().unique_fmpz()))


def oracle_calls(need: Requirement, numbers: Mapping[str, int]) -> int:
    """The expected number of calls of the restart oracle, resets included, rounded up.

    A trajectory of TRPO: a start drawn from the discounted occupation costs 1/(1-gamma) calls, the rollout T + 1 steps.
    A population trajectory of round k: a reset and M steps, and before it M beta (k-1) steps through the earlier levels
    (Algorithm 8 repaired) or none (a generative reset).
    """
    L, K, I, T, P = (numbers[name] for name in "LKITP")  # noqa: E741
    game = need.problem.game
    rollout = 1 / (1 - Fraction(game.gamma)) + T + 1
    levels = 0 if need.initial == "reset" else Fraction(need.beta) * K * (K - 1) / 2
    return math.ceil((K + 1) * L * I * rollout + P * (K + int(need.M) * (K + levels)))
