"""Right sides about learning one policy's values and steps of mirror descent, a second time: attained, or added up by steps."""

from __future__ import annotations

import math
from collections.abc import Mapping
from typing import Any

import numpy as np
import pytest

from mfbounds.bounds import td_errors
from mfbounds.bounds.dynamic_problem import DynamicParameters, DynamicProblem
from mfbounds.bounds.statements.p2 import algorithm_1, algorithm_2, lemma_11, lemma_14, lemma_15
from mfbounds.games.dynamic.tabular import TabularGame
from mfbounds.games.dynamic.witnesses import motionless

from .right_sides import POINTS, Numbers, drifts, right_side

Point = Mapping[str, float]
ANY: Any = DynamicProblem(motionless())
EVERY_POINT = pytest.mark.parametrize("at", POINTS, ids=lambda at: f"N = {at['N']}")
SIZES = [(1, 2, 1.0, 0.3), (3, 2, 0.5, 2.0), (4, 5, 7.0, 0.1)]  # H, |A|, R, tau


def close(found: float, expected: float, rel: float = 1e-10) -> None:
    assert found == pytest.approx(expected, rel=rel, abs=1e-14)


def idle(*, H: int, n_A: int, R: float, tau: float, least: float = -1.0) -> DynamicProblem:
    """Two players who are always paid all that there is, in one state."""
    rewards = np.full((2, 1, n_A), least + R)
    game = TabularGame.of(np.ones((2, 1, n_A, 1)), rewards, horizon=H, reward_range=(least, least + R))
    return DynamicProblem(game, DynamicParameters(tau=tau))


@pytest.mark.parametrize(("H", "n_A", "R", "tau"), SIZES)
def test_idle_players_who_play_at_random_attain_the_range_of_the_tables_and_the_entropy(
    H: int, n_A: int, R: float, tau: float
) -> None:
    problem, policy = idle(H=H, n_A=n_A, R=R, tau=tau), np.full((H, 1, n_A), 1 / n_A)
    at = {"H": H, "n_A": n_A, "R": R, "tau": tau}
    for h in range(H):
        top = algorithm_1.measure(problem, {"policy": policy, "h": h})["top"].value
        close(right_side("P2.Alg.1", "repaired", {**at, "h": h}), top)
    bonus = lemma_11.measure(problem, {"policy": policy, "policy_2": policy})["shift"].value
    close(right_side("P2.L.11", "sharpened / equilibrium", {**at, "regular": 0.4}), 0.4 + bonus)


@pytest.mark.parametrize("n_A", [2, 3, 7])
def test_an_action_that_never_pays_has_the_floor_of_algorithm_2(n_A: int) -> None:
    rewards = np.broadcast_to(np.eye(n_A)[0] * 1000.0, (2, 1, n_A))
    game = TabularGame.of(np.ones((2, 1, n_A, 1)), rewards, horizon=1)
    problem = DynamicProblem(game, DynamicParameters(tau=0.1, T=6))
    for t in (2, 3, 6):
        least = algorithm_2.measure(problem, {"t": t})["least"].value
        bound = algorithm_2.STATEMENT.bound("repaired / floor")
        close(
            float(bound.left.subs({symbol: {"t": t, "n_A": n_A}[symbol.name] for symbol in bound.left.free_symbols})),
            least,
        )


@pytest.mark.parametrize("w", [0.01, 0.5, 0.9])
def test_mixing_of_very_many_actions_costs_what_lemma_14_says(w: float) -> None:
    """Of the uniform law that is mixed in, a millionth comes back to the action that is taken."""
    p = np.eye(1, 10**6).ravel()
    found = lemma_14.measure(ANY, {"p": p, "p_star": p, "w": w})["moved"].value
    close(right_side("P2.L.14", "sharpened / shift", {"w": w}), found, rel=1e-4)


@pytest.mark.parametrize("span", [0.5, 1.0, 3.0])
def test_a_short_step_between_two_equal_actions_attains_hoeffding(span: float) -> None:
    """log cosh(x)/x^2 is 1/2 - O(x^2), x = eta span/2."""
    for eta in (0.01, 0.002):
        case = {"p": np.array([0.5, 0.5]), "p_star": np.array([0.3, 0.7]), "g": np.array([span + 2, 2.0]), "eta": eta}
        found = {name: quantity.value for name, quantity in lemma_15.measure(ANY, case).items()}
        close(right_side("P2.L.15", "sharpened", {**found, "eta": eta}), found["lead"], rel=1e-4)


def errors_of_td(at: Point, *, independent: bool = False, beta: bool = True, affine: bool = False) -> list[float]:
    """T_h from the last step back: the error of a reward, and half the span of what follows times that of the next law."""
    N, alpha = at["N"], at["alpha"]
    e, _ = drifts(at, independent=independent)
    if affine:  # N players' mean less one player's share, which is off by alpha a step
        steps = range(int(at["H"]))
        mean = [sum(alpha**2 for later in range(k) for _ in range(later)) for k in steps]
        e = [(N * mean[k] + sum(alpha for _ in range(k))) / (N - 1) for k in steps]
    errors, span, after = [], 0.0, 0.0
    for e_h in reversed(e):
        law = alpha if independent else alpha + at["K_mu"] * e_h
        after += (at["beta"] if beta else 0.0) + at["L_mu"] * e_h + span * law / 2
        errors.append(after)
        span += at["R"] + at["tau"] * math.log(at["n_A"])
    return errors[::-1]


def noises_of_td(at: Point, c: float) -> list[float]:
    """A_h from the last step back: the larger of the start's square and the A with A - A/c = A_{h+1} + W^2/4."""
    found, span, after = [], 0.0, 0.0
    for _ in range(int(at["H"])):
        width = at["R"] + span
        span += at["R"] + at["tau"] * math.log(at["n_A"])
        after = max(span**2, (after + (width / 2) ** 2) / (1 - 1 / c))
        found.append(after)
    return found[::-1]


@EVERY_POINT
@pytest.mark.parametrize("c", [2, 5])
def test_bias_and_variance_of_td_at_each_step(at: Point, c: int) -> None:
    expected = {
        "T_h": errors_of_td(at),
        "T_ind": errors_of_td(at, independent=True),
        "T_aff": errors_of_td(at, independent=True, affine=True),
        "T_pool": errors_of_td(at, beta=False),
        "A_h": noises_of_td(at, c),
        "d_h": drifts(at)[1],
    }
    u, M, H = 3.7, at["M"], int(at["H"])
    for h in range(H):
        case = {"h": h, "c": c, "M": M}
        bias = ("bias", "T_h"), ("independent dynamics", "T_ind"), ("independent dynamics, affine rewards", "T_aff")
        for form, name in (*bias, ("one law for all, a random player", "T_pool")):
            tier = "repaired" if form == "bias" else "sharpened"
            close(right_side("P2.T.2", f"{tier} / {form}", at, case), expected[name][h])
        step = u / (M + u)  # eta_M
        noise = expected["A_h"][h] * step
        both = noise + expected["T_h"][h] ** 2 + 2 * expected["T_h"][h] * noise**0.5
        top = sum(at["R"] + at["tau"] * math.log(at["n_A"]) for _ in range(h, H))
        unseen = (
            expected["d_h"][h] / 2 * top**2
        )  # a pair's law is off by no more than the state's; half of it is missing
        for form, value in (("variance", noise), ("own visits", both)):
            close(right_side("P2.T.2", f"repaired / {form}", {**at, "u": u}, case), value)
            close(right_side("P2.T.2", f"sharpened / {form}, c = H+1", {**at, "u": u}, case), value)
        close(right_side("P2.T.2", "repaired / norm of the flow", {**at, "u": u}, case), both + unseen)


@EVERY_POINT
@pytest.mark.parametrize("delta", [0.5, 0.03])
def test_the_recursion_of_second_moments_stays_below_its_bound(at: Point, delta: float) -> None:
    """y' = (1 - delta eta) y + delta eta y_{h+1} + delta eta^2 W^2/4 with eta_m = u/(m+u), from y_0 = Qmax^2, c = 2."""
    c, numbers, step = 2, Numbers(at), at["R"] + at["tau"] * math.log(at["n_A"])
    H, u = int(at["H"]), c / delta
    A = [float(td_errors.variance_bound(numbers, h, c).mid()) for h in range(H)]  # type: ignore[arg-type]
    tops = [(H - h) * step for h in range(H)]
    y = np.array([*np.square(tops), 0.0])
    widths = np.array([at["R"] + top for top in [*tops[1:], 0.0]])
    for m in range(3000):
        eta = u / (m + u)
        assert (y[:-1] <= np.array(A) * eta * (1 + 1e-12)).all()
        y[:-1] += delta * eta * (y[1:] - y[:-1]) + delta * eta**2 * widths**2 / 4
