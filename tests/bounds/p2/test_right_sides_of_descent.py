"""Right sides of Theorem 3 and of plans, a second time: epoch by epoch and step by step, from what each inequality adds."""

from __future__ import annotations

import math
from collections.abc import Callable, Mapping
from typing import Any

import numpy as np
import pytest
from flint import arb

from mfbounds.bounds import pmd_bounds, pmd_measures
from mfbounds.bounds.dynamic_problem import DynamicParameters, DynamicProblem
from mfbounds.bounds.pmd_runs import pmd_run, top_value
from mfbounds.bounds.pmd_sufficient import Reach, rarest_visit
from mfbounds.bounds.regularised import Reference, reference
from mfbounds.bounds.statement import Tier
from mfbounds.games.dynamic.catalogue import build_dynamic
from mfbounds.games.dynamic.game import DynamicGame
from mfbounds.games.dynamic.random import random_dynamic
from mfbounds.games.dynamic.tabular import TabularGame
from mfbounds.numbers import Measured

from .right_sides import POINTS, Numbers, drifts, right_side
from .test_right_sides_of_learning import errors_of_td, noises_of_td

Point = Mapping[str, float]
EVERY_POINT = pytest.mark.parametrize("at", POINTS, ids=lambda at: f"N = {at['N']}")
W = (0.3, 0.02, 0.11, 0.2, 0.05, 0.01, 0.4, 0.1, 0.07)  # w_h: how far the output is from the reference at each step


def close(found: float, expected: float, rel: float = 1e-10) -> None:
    assert found == pytest.approx(expected, rel=rel, abs=1e-14)


def steps(at: Point) -> range:
    return range(int(at["H"]))


def spread_of_scores(at: Point, t: float) -> float:
    """G_t: all rewards, the entropies of all steps but the first, and -tau log of the least probability 1/(|A| t)."""
    values = sum(at["R"] + (at["tau"] * math.log(at["n_A"]) if h else 0.0) for h in steps(at))
    return values - at["tau"] * math.log(1 / (at["n_A"] * t))


def epoch(at: Point, before: float, t: int, noise: float) -> float:
    """Hoeffding and mixing at every step, once the divergence has shrunk."""
    xi, beta = 1 / math.sqrt(t + 1), 1 / (t + 1)
    hoeffding = sum((xi * spread_of_scores(at, t)) ** 2 / 8 for _ in steps(at))
    mixing = sum(math.log(1 / (1 - beta)) for _ in steps(at))
    return before - xi * at["tau"] * before + hoeffding + mixing + xi * noise


def average(at: Point, noise: float) -> float:
    """Abel summation: sums of (Delta_t - Delta_{t+1})/xi_t, of xi_t G_t^2/8 and of log(1 + 1/t)/xi_t <= sqrt 2/sqrt t.

    The first is at most the largest Delta times 1/xi_T <= sqrt(2T); sqrt(2T) bounds half of the sum of xi_t as well, and
    half of that of the last.
    """
    T, H = at["T"], at["H"]
    room = math.sqrt(2 * T)
    largest = sum(math.log(at["n_A"] * T) for _ in steps(at))
    hoeffding, mixing = spread_of_scores(at, T) ** 2 / 8 * H * (2 * room), H * (2 * room)
    return ((largest * room + hoeffding + mixing) / T + noise) / at["tau"]


def of_all(at: Point, noise: float) -> float:
    """The same with pi_0, which is uniform, counted in."""
    start = sum(math.log(at["n_A"]) for _ in steps(at))
    return (start + at["T"] * average(at, noise)) / (at["T"] + 1)


@EVERY_POINT
@pytest.mark.parametrize("t", [1, 2, 30])
def test_one_epoch(at: Point, t: int) -> None:
    values = {**at, "D_t": 0.9, "t": t, "eps_t": 0.3, "g": 0.04}
    close(right_side("P2.T.3", "repaired / one epoch", values), epoch(at, 0.9, t, 0.34))
    numbers: Any = Numbers(at)  # a run clips values to what the scores span without the policy's logarithm
    close(top_value(numbers), spread_of_scores(at, t) - at["tau"] * math.log(at["n_A"] * t))


@EVERY_POINT
@pytest.mark.parametrize("T", [2, 9, 400])
def test_the_average_over_epochs(at: Point, T: int) -> None:
    at = {**at, "T": T}
    found = right_side("P2.T.3", "repaired / average", {**at, "eps_mean": 0.3, "g": 0.04})
    close(found, average(at, 0.34))
    # whatever the run: all terms of the sum, with the largest divergences that there may be
    xi = [1 / math.sqrt(t + 1) for t in range(T + 1)]
    most = [0.0, *(at["H"] * math.log(at["n_A"] * t) for t in range(1, T + 1))]
    total = most[1] / xi[1] + sum(most[t] * (1 / xi[t] - 1 / xi[t - 1]) for t in range(2, T + 1))
    total += sum((epoch(at, 0.0, t, 0.0)) / xi[t] for t in range(1, T + 1))
    assert total / (at["tau"] * T) + 0.34 / at["tau"] <= found


@EVERY_POINT
@pytest.mark.parametrize("T", [1, 2, 9, 50])
def test_the_last_policy(at: Point, T: int) -> None:
    at = {**at, "T": T}
    numbers: Any = Numbers(at, {"reference": Reference(np.empty(0), Measured(0.01))})
    found = pmd_measures.run_down(numbers, {})["run_down"].value
    expected = at["H"] * math.log(at["n_A"])
    for t in range(1, T):
        expected = epoch(at, expected, t, 0.01)
    close(found, expected)


@EVERY_POINT
def test_the_output_is_near_the_reference(at: Point) -> None:
    """Pinsker at every step, the same divergence at each: then Cauchy-Schwarz over the steps loses nothing."""
    divergence = 0.37
    pinsker = sum(math.sqrt(2 * divergence / at["H"]) for _ in steps(at))
    close(right_side("P2.T.3", "repaired / policies", {**at, "D_all": divergence}), pinsker)


def from_distances(at: Point, width: float) -> float:
    """The flow at h is off by the w_k until then: in rewards of two policies, and in the law of the output."""
    off = [sum(W[: h + 1]) for h in steps(at)]
    bonus = sum(at["tau"] * math.log(at["n_A"]) for _ in off)
    return bonus + 0.04 + sum(at["L_mu"] * flow + at["L_mu"] * flow + width * flow / 2 for flow in off)


def twice_the_returns(at: Point, *, affine: bool) -> float:
    e, d = drifts(at, independent=True)
    if affine:
        N, alpha = at["N"], at["alpha"]
        mean = [sum(alpha**2 for later in range(h) for _ in range(later)) for h in steps(at)]
        e = [(N * mean[h] + sum(alpha for _ in range(h))) / (N - 1) for h in steps(at)]
    off = [at["L_sa"] * moved / 2 + at["L_mu"] * far + at["beta"] for far, moved in zip(e, d, strict=True)]
    return sum(off) + sum(off)


@EVERY_POINT
def test_exploitability_from_the_distances_of_the_output(at: Point) -> None:
    ahead = sum((at["H"] - h) * W[h] for h in steps(at))
    values = {**at, "g": 0.04, "w_steps": ahead}
    close(right_side("P2.T.3", "repaired / exploitability, from w_h", values), from_distances(at, at["R"]))
    close(right_side("P2.T.3", "sharpened / exploitability, from w_h", values), from_distances(at, at["L_sa"]))
    for affine, key, width in (
        (False, "repaired / N players", "R"),
        (True, "sharpened / N players, affine rewards", "L_sa"),
    ):
        two_B = twice_the_returns(at, affine=affine)
        close(right_side("P2.T.3", key, values, {"h": 0}), from_distances(at, at[width]) + two_B)
        numbers = {name: arb(value) for name, value in at.items()}
        close(float(pmd_bounds.players_bound(numbers, affine=affine).mid()), two_B)


def a_priori(at: Point, noise: float, width: float, gap: float) -> float:
    """All of sum_h w_h at the first step, where it counts for H."""
    distance = sum(math.sqrt(2 * of_all(at, noise + gap) / at["H"]) for _ in steps(at))
    bonus = sum(at["tau"] * math.log(at["n_A"]) for _ in steps(at))
    return bonus + gap + at["H"] * (2 * at["L_mu"] + width / 2) * distance


@EVERY_POINT
def test_exploitability_a_priori(at: Point) -> None:
    values = {**at, "g": 0.04, "eps_mean": 0.3}
    close(right_side("P2.T.3", "repaired / exploitability, a priori", values), a_priori(at, 0.3, at["R"], 0.04))


def strangers() -> TabularGame:
    """Three players with laws of their own and rewards that no sum over the others gives."""
    rng = np.random.default_rng(4)
    laws, rewards = rng.dirichlet([2.0, 2.0], size=(3, 2, 2)), rng.random((3, 2, 2, 16))
    return TabularGame.of(laws, rewards, horizon=3)


GAMES: Mapping[str, tuple[Callable[[], DynamicGame], bool, bool]] = {  # with affine rewards, with one law for all
    "strangers": (strangers, False, False),
    "affine": (lambda: random_dynamic("independent", 27), True, False),
    "A-RPS": (lambda: build_dynamic("a_rps", n_players=30, horizon=3), True, True),
}


@pytest.mark.parametrize("name", GAMES)
@pytest.mark.parametrize("tier", [Tier.REPAIRED, Tier.SHARPENED])
def test_what_a_plan_certainly_reaches(name: str, tier: Tier) -> None:
    build, affine, one_law = GAMES[name]
    problem = DynamicProblem(build(), DynamicParameters(tau=0.15))
    reach, H, n_A = Reach(problem, tier), problem.game.horizon, problem.game.n_actions
    at = {symbol: constant.value for symbol, constant in problem.primitives.items()} | {"tau": 0.15}
    if tier is Tier.REPAIRED:
        affine, one_law = False, False
    width, c = (at["R"], 2) if tier is Tier.REPAIRED else (at["L_sa"], H + 1)
    bias = sum(2 * error for error in errors_of_td(at, independent=True, beta=not one_law, affine=affine))
    players = twice_the_returns(at, affine=affine)
    for T, M in ((20, 500), (3, 10**9), (10**12, 40)):
        floor = max(1 / (n_A * T), math.exp(-spread_of_scores(at, 1) / 0.15))
        u = c / rarest_visit(problem, floor)
        noise = sum(2 * math.sqrt(A * u / (M + u)) for A in noises_of_td(at, c))
        close(float(reach.noise(T, M).mid()), noise, rel=1e-7)
        expected = a_priori({**at, "T": T}, bias + noise, width, 0.0) + players
        close(float(reach.bound(T, M).mid()), expected, rel=1e-7)
    if bias > 1e-6:  # neither epochs nor trajectories remove it
        assert float(reach.bias.mid()) == pytest.approx(bias, rel=1e-9)
        far = float(reach.bound(10**60, 10**150).mid())
        assert float(reach.floor().mid()) == pytest.approx(far, rel=1e-6)


def test_what_the_right_sides_are_told_of_a_run() -> None:
    """Weights and averages of the quantities in them, in loops over epochs, steps and states."""
    problem = DynamicProblem(strangers(), DynamicParameters(tau=0.15, T=6))
    run, target = pmd_run(problem, 0.2), reference(problem).policy
    visits = problem.flow(target).mu.sum(axis=2)
    found = {name: quantity.value for name, quantity in pmd_measures.measure(problem, {"noise": 0.2}).items()}
    w, divergences = [0.0, 0.0, 0.0], [0.0] * 7
    for h, s in np.ndindex(3, 2):
        output = sum(run.policies[t, h, s] for t in range(7)) / 7
        w[h] += visits[h, s] * sum(abs(output[a] - target[h, s, a]) for a in range(2))
        for t in range(7):
            ratios = target[h, s] / run.policies[t, h, s]
            divergences[t] += visits[h, s] * sum(target[h, s, a] * math.log(ratios[a]) for a in range(2))
    close(found["w_sum"], w[0] + w[1] + w[2], rel=1e-9)
    close(found["w_steps"], 3 * w[0] + 2 * w[1] + w[2], rel=1e-9)
    close(found["D_all"], sum(divergences) / 7, rel=1e-9)
    close(found["D_mean"], sum(divergences[1:]) / 6, rel=1e-9)
    close(found["D_last"], divergences[6], rel=1e-9)
    close(found["eps_mean"], sum(run.noise[t] for t in range(1, 6)) / 6)
