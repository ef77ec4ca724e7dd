"""Algorithms 3 and 6, line by line: the horizon T_l, the rollouts' mean, and the range of a single return.

Repaired: T >= log(V_max/epsilon)/log(1/gamma) - 1 leaves a tail of at most epsilon; rollouts go on from
s_1 ~ P(.|s_i, a_i, mu); with the entropy eta H(pi(.|s)) as bonus, of the same mean, every return lies in [0, Q_max].
"""

from __future__ import annotations

import math
from collections.abc import Iterator
from typing import Any

import numpy as np
from flint import arb

from mfbounds.bounds.cases import policies, populations
from mfbounds.bounds.definitions import formula
from mfbounds.bounds.formula import evaluate
from mfbounds.bounds.problem import Problem
from mfbounds.bounds.statement import L1, Bound, Case, Defect, DefectKind, Quantities, Statement, Tier, Witness
from mfbounds.bounds.symbols import Q_max, T, V_max, gamma, measured
from mfbounds.checks import FloatArray
from mfbounds.games.affine import AffineGame
from mfbounds.mdp.frozen import Frozen
from mfbounds.mdp.values import policy_values
from mfbounds.numbers import Measured
from mfbounds.simulation.rollouts import bonus_reward, truncated_values
from mfbounds.solvers.sampled_trpo import shifted

tail, off_printed, off_repaired = map(measured, ("tail", "off_printed", "off_repaired"))
top_log, top_entropy, top_unshifted = map(measured, ("top_log", "top_entropy", "top_unshifted"))
share = measured("share")  # epsilon/V_max: the horizon depends on this ratio alone
BIAS = gamma ** (T + 1) * V_max
SHARE = 0.05
MOST_STEPS = 3000


def cases(problem: Problem) -> Iterator[Case]:
    """Policies at a few populations, with the printed and the repaired horizon for epsilon = V_max/20."""
    level = float(problem.constants(Tier.REPAIRED, L1)["V_max"].mid())
    pairs = zip(populations(problem, "Alg.3"), policies(problem, "Alg.3"), strict=False)
    for (mu, policy), _ in zip(pairs, range(3), strict=False):
        if policy.min() > 0.0 and level > 0.0:
            for tier in (Tier.PRINTED, Tier.REPAIRED):
                yield {
                    "mu": mu,
                    "policy": policy,
                    "share": SHARE,
                    "T": horizon(problem, tier, SHARE * level),
                    "sizes": tier.value,
                }


def horizon(problem: Problem, tier: Tier, accuracy: float) -> int:
    """The smallest horizon >= 1 that a tier asks for."""
    if problem.game.gamma == 0.0:
        return 1
    values = {**problem.constants(tier, L1), "epsilon": arb(accuracy)}
    return min(MOST_STEPS, max(1, int(evaluate(formula("T_l", tier), values).upper().ceil().unique_fmpz())))


def measure(problem: Problem, case: Case) -> Quantities:
    """What the truncation cuts off, how far the rollouts' means are from Q, and the largest single returns."""
    frozen, log_policy = shifted(problem.game, case["mu"]), np.log(case["policy"])
    values = policy_values(frozen, case["policy"])
    kept = truncated_values(frozen, log_policy, case["T"])
    rounding = 2 * values.error + 2 * case["T"] * frozen.rounding(values.V)
    forgotten = frozen.reward + frozen.gamma * _repeat(frozen, log_policy, case["T"])[:, None]
    return {
        "tail": Measured(max(float((values.Q - kept).max()), 0.0), rounding),
        "off_repaired": Measured(float(np.abs(values.Q - kept).max()), rounding),
        "off_printed": Measured(float(np.abs(values.Q - forgotten).max()), rounding),
        "top_log": _largest(frozen, log_policy, "log-prob"),
        "top_entropy": _largest(frozen, log_policy, "entropy"),
        "top_unshifted": _largest(problem.frozen(case["mu"]), log_policy, "entropy"),
    }


def _repeat(frozen: Frozen, log_policy: FloatArray, T: int) -> FloatArray:
    """Line 8 as printed: sum_{t=1..T} gamma^(t-1) of E[r + bonus] under s_t ~ delta_s (P^pi)^t: the action a_i is lost."""
    policy = np.exp(log_policy)
    mean = (policy * bonus_reward(frozen.reward, log_policy, frozen.eta, "entropy")).sum(axis=1)
    chain, total = frozen.chain(policy), np.zeros(frozen.n_states)
    for _ in range(T):
        total = chain @ (mean + frozen.gamma * total)
    return total


def _largest(frozen: Frozen, log_policy: FloatArray, bonus: str) -> Measured:
    """The largest return that a single rollout of any length can bring: a lower bound, by value iteration from 0."""
    gain = bonus_reward(frozen.reward, log_policy, frozen.eta, bonus)
    later = np.zeros(frozen.n_states)
    reached = _supports(frozen)
    for _ in range(search_steps(frozen.gamma)):
        later = (gain + frozen.gamma * np.where(reached, later, -np.inf).max(axis=2)).max(axis=1)
    total = frozen.reward + frozen.gamma * np.where(reached, later, -np.inf).max(axis=2)
    value = max(float(total.max()), 0.0)
    return Measured(value, 1e-12 * (1.0 + value))


def search_steps(gamma: float) -> int:
    """How many steps the search for a large return looks ahead: what comes later weighs less than exp(-40)."""
    return min(MOST_STEPS, 1 + math.ceil(40 / max(1e-9, -math.log(max(gamma, 1e-9)))))


def _supports(frozen: Frozen) -> np.ndarray:
    kernel = frozen.kernel if isinstance(frozen.kernel, np.ndarray) else frozen.kernel.toarray()
    return np.asarray(kernel).reshape(frozen.n_states, frozen.n_actions, frozen.n_states) > 0.0


def printed_sizes(case: Case) -> bool:
    return bool(case["sizes"] == Tier.PRINTED)


def repaired_sizes(case: Case) -> bool:
    return bool(case["sizes"] == Tier.REPAIRED)


def _two_rooms(shift: float = 0.0) -> AffineGame:
    """The action names the next room; only room 0 pays."""
    kernel = np.array([[[0.9, 0.1], [0.1, 0.9]]] * 2)
    return AffineGame(
        kernel, shift + np.array([[1.0, 1.0], [0.0, 0.0]]), gamma=0.9, eta=0.1, name=f"room 0 pays, shift {shift:g}"
    )


def _witness(form: str, shift: float = 0.0, horizon: int = 1) -> Witness:
    game = _two_rooms(shift)
    policy = np.array([[0.99, 0.01], [0.99, 0.01]])
    case = {"mu": np.array([0.5, 0.5]), "policy": policy, "share": SHARE, "T": horizon, "sizes": "printed"}
    return Witness(game=game, case=case, bound=f"printed / {form} / TV = l1")


def _bound(tier: Tier, form: str, left: object, right: object) -> Bound:
    where = {"horizon": printed_sizes if tier is Tier.PRINTED else repaired_sizes}.get(form)
    return Bound(tier=tier, form=form, left=left, right=right, trivial=V_max, where=where)


def _defect(name: str, text: str, form: str, **witness: Any) -> Defect:
    return Defect(
        name=name,
        text=text,
        kind=DefectKind.FALSE,
        bounds=(f"printed / {form} / TV = l1",),
        witness=lambda: _witness(form, **witness),
    )


STATEMENT = Statement(
    id="P1.Alg.3",
    title="Rollouts of Sample-Based TRPO",
    source="Section 5, Algorithm 3; Appendix D.1, Algorithm 6",
    claim="Rollouts of the asked horizon have mean Q up to epsilon, and each single return lies in [0, Q_max].",
    quantities={
        "share": (r"\epsilon/V_{\max}", "accuracy that the horizon is for, relative to V_max"),
        "tail": (r"\max(Q-Q_T)", "what the horizon cuts off, reward units"),
        "off_printed": (
            r"\max|Q-\mathbb E\hat Q^{\mathrm{printed}}|",
            "error of the printed rollouts' mean, reward units",
        ),
        "off_repaired": (r"\max|Q-\mathbb E\hat Q|", "error of the repaired rollouts' mean, reward units"),
        "top_log": (r"\sup X^{\log\pi}", "largest single return with -eta log pi as bonus, reward units"),
        "top_entropy": (r"\sup X^{H}", "largest single return with the entropy as bonus, reward units"),
        "top_unshifted": (r"\sup X^{r}", "largest single return when rewards are not shifted, reward units"),
    },
    cases=cases,
    measure=measure,
    bounds=(
        _bound(Tier.PRINTED, "horizon", tail, share * V_max),
        _bound(Tier.PRINTED, "mean", off_printed, BIAS),
        _bound(Tier.PRINTED, "range", top_log, Q_max),
        _bound(Tier.PRINTED, "shift", top_unshifted, Q_max),
        _bound(Tier.REPAIRED, "horizon", tail, share * V_max),
        _bound(Tier.REPAIRED, "mean", off_repaired, BIAS),
        _bound(Tier.REPAIRED, "range", top_entropy, Q_max),
    ),
    defects=(
        _defect(
            "T_l",
            "The ratio is upside down: T_l is negative for every useful epsilon, every horizon will do.",
            "horizon",
        ),
        _defect(
            "line 8",
            "The mean over s_t ~ delta_s (P^pi)^t forgets the first action: it is r(s,a) + C(s).",
            "mean",
            horizon=200,
        ),
        _defect(
            "rollout", "With -eta log pi(a|s) as bonus single returns are unbounded: concentration fails.", "range"
        ),
        _defect(
            "shift",
            "Exact TRPO is invariant under r + c, the estimator is not: without the shift returns leave [0, Q_max].",
            "shift",
            shift=100.0,
        ),
    ),
)
