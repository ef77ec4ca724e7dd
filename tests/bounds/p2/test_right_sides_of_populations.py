"""Right sides about populations, a second time: added up over steps and players, or attained by games made for it."""

from __future__ import annotations

import itertools
import math
from collections.abc import Mapping
from typing import Any

import mpmath as mp
import numpy as np
import pytest

import mfbounds as mb
from mfbounds.bounds.dynamic_problem import DynamicProblem
from mfbounds.bounds.dynamic_structure import found_sparsity
from mfbounds.bounds.dynamic_sums import C
from mfbounds.bounds.formula import evaluate
from mfbounds.bounds.statements.p2 import example_1, lemma_5, lemma_9
from mfbounds.games.dynamic.affine import affine_game
from mfbounds.games.dynamic.tabular import TabularGame
from mfbounds.games.dynamic.witnesses import motionless

from .right_sides import POINTS, drifts, right_side

Point = Mapping[str, float]
ANY: Any = DynamicProblem(motionless())
STEPS = (0, 1, 2, 3)
EVERY_POINT = pytest.mark.parametrize("at", POINTS, ids=lambda at: f"N = {at['N']}")


def close(found: float, expected: float, rel: float = 1e-10) -> None:
    assert found == pytest.approx(expected, rel=rel, abs=1e-14)


@EVERY_POINT
@pytest.mark.parametrize("h", STEPS)
def test_inequality_7_is_what_a_step_adds_times_what_it_has_grown_by_since(at: Point, h: int) -> None:
    N, K_mu, alpha = (at[name] for name in ("N", "K_mu", "alpha"))
    step = sum(1 / N**0.5 for _ in range(int(at["D"]))) + K_mu * (3 / N) + alpha
    close(right_side("P2.eq7", "repaired", at, {"h": h}), sum(at["L_pop"] ** j * step for j in range(h + 1)))


@EVERY_POINT
@pytest.mark.parametrize("h", STEPS)
def test_lemma_10_repaired(at: Point, h: int) -> None:
    """(x + y)^2 <= (1 + 1/(1+k^2)) x^2 + (k^2 + 2) y^2 at step k, y = alpha + 3 K_mu/N; then k^2 + 2 as if k were H."""
    D, N, K_mu, alpha = (at[name] for name in ("D", "N", "K_mu", "alpha"))
    product = float(mp.nprod(lambda k: 1 + 1 / (1 + k**2), [0, mp.inf]))
    added = sum(1 / N for _ in range(int(D))) + (at["H"] ** 2 + 2) * (2 * (3 * K_mu / N) ** 2 + 2 * alpha**2)
    right = right_side("P2.L.10", "repaired", at, {"h": h})
    close(right, product * sum(at["L_2"] ** (2 * j) * added for j in range(h + 1)), rel=1e-8)
    close(float(evaluate(C, {}).mid()), product, rel=1e-8)
    walked = D / N
    for k in range(h):
        walked = D / N + (1 + 1 / (1 + k * k)) * at["L_2"] ** 2 * walked + (k * k + 2) * (alpha + 3 * K_mu / N) ** 2
    assert walked <= right


@EVERY_POINT
@pytest.mark.parametrize("h", STEPS)
def test_lemma_10_sharpened(at: Point, h: int) -> None:
    """l1: Minkowski. l2: what is random is orthogonal to what is not, which has no mass: ||x||_2 <= ||x||_1/sqrt 2."""
    D, N, L = (at[name] for name in ("D", "N", "L_2"))
    scatter, off = (1 - 1 / D) / N, at["alpha"] + at["K_mu"] * (2 / N)
    l1, square = (D * scatter) ** 0.5, scatter
    for _ in range(h):
        l1 = (D * scatter) ** 0.5 + at["L_pop"] * l1 + off
        square = scatter + L**2 * square + off**2 / 2 + 2 * L * (square * off**2 / 2) ** 0.5
    close(right_side("P2.L.10", "sharpened / l1", at, {"h": h}), l1)
    close(right_side("P2.L.10", "sharpened / l2", at, {"h": h}), square)


@EVERY_POINT
@pytest.mark.parametrize("h", STEPS)
def test_drifts_of_those_who_do_not_deviate_and_of_the_one_who_does(at: Point, h: int) -> None:
    e, d = drifts(at)
    close(right_side("P2.eq7", "sharpened", at, {"h": h}), e[h])
    close(right_side("P2.eq9", "sharpened / a priori", at, {"h": h}), d[h])
    e, d = drifts(at, independent=True)
    close(right_side("P2.eq7", "sharpened / independent dynamics", at, {"h": h}), e[h])
    close(right_side("P2.eq9", "sharpened / a priori, independent dynamics", at, {"h": h}), d[h])
    twice = sum(
        at["alpha"] ** 2 for later in range(h) for _ in range(later)
    )  # off when off before, P^i - P adds up to 0
    close(right_side("P2.eq7", "sharpened / independent dynamics, mean", at, {"h": h}), twice)


@pytest.mark.parametrize("h", range(9))
def test_a_deviator_is_never_further_than_2_and_no_kernel_expands(h: int) -> None:
    at = {**POINTS[2], "K_sa": 2.6}
    assert max(drifts(at)[1]) == 2.0
    for key, independent in (("a priori", False), ("a priori, independent dynamics", True)):
        close(right_side("P2.eq9", f"sharpened / {key}", at, {"h": h}), drifts(at, independent=independent)[1][h])


@EVERY_POINT
def test_the_deviators_law_given_the_distances(at: Point) -> None:
    far = [0.3, 0.05, 0.4]
    everybody = sum(at["alpha"] + at["K_mu"] * (distance + 3 / at["N"]) for distance in far)
    others = sum(at["alpha"] + at["K_mu"] * distance for distance in far)
    close(right_side("P2.eq9", "repaired", {**at, "sum_all": sum(far)}, {"h": 3}), everybody)
    close(right_side("P2.eq9", "sharpened / given the others", {**at, "sum_others": sum(far)}, {"h": 3}), others)


@EVERY_POINT
@pytest.mark.parametrize("key", ["repaired", "sharpened", "sharpened / independent dynamics"])
def test_exploitability_is_off_by_the_returns_of_two_policies(at: Point, key: str) -> None:
    once = right_side("P2.eq12", key, at, {"h": 0})
    close(right_side("P2.T.1", key, {**at, "delta": 0.4}, {"h": 0}), 0.4 + once + once)


@EVERY_POINT
def test_independent_drifts_in_theorem_1(at: Point) -> None:
    e, d = drifts(at, independent=True)
    steps = zip(e, d, strict=True)
    expected = sum(at["L_sa"] / 2 * moved + at["L_mu"] * off + at["beta"] for off, moved in steps)
    close(right_side("P2.eq12", "sharpened / independent dynamics", at, {"h": 0}), expected)


@pytest.mark.parametrize(("D", "kappa"), [(2, 1), (3, 1), (4, 1), (4, 3), (5, 1), (5, 2), (5, 4)])
def test_how_many_players_must_move_in_lemma_2(D: int, kappa: int) -> None:
    """n(d)/||d|| at its largest over all whole displacements of up to D players a pair."""
    moves = np.array([d for d in itertools.product(range(-D, D + 1), repeat=D) if sum(d) == 0 and any(d)], dtype=float)
    ranked = np.sort(moves, axis=1)
    arriving = np.maximum(ranked[:, ::-1], 0.0)[:, :kappa].sum(axis=1)
    leaving = np.maximum(-ranked, 0.0)[:, :kappa].sum(axis=1)
    least = np.maximum(arriving, leaving)  # of the pairs that are looked at, the kappa that gain or lose most
    by_l1, by_l2 = (float((least / np.linalg.norm(moves, order, axis=1)).max()) for order in (1, 2))
    for N in (3, 20):
        at = {"D": D, "kappa": kappa, "N": N, "C_1": 0.7, "C_2": 1.9, "d_mu": 0.3, "d_mu_1": 0.6}
        moved_1, moved_2 = (N - 1) * by_l1 * 0.6, (N - 1) * by_l2 * 0.3
        close(right_side("P2.L.2", "sharpened / laws, l1", at), 0.7 * moved_1)
        close(right_side("P2.L.2", "sharpened / laws, l2", at), 0.7 * moved_2 / 2**0.5)
        close(right_side("P2.L.2", "sharpened / rewards, l1", at), 1.9 * moved_1)
        close(right_side("P2.L.2", "sharpened / rewards, l2", at), 1.9 * moved_2)


def drawn(n_players: int = 4, n_actions: int = 1) -> TabularGame:
    rng, D = np.random.default_rng(11), 2 * n_actions
    shape = (n_players, 2, n_actions, D ** (n_players - 1))
    return TabularGame.of(rng.dirichlet([1.0, 1.0], size=shape), rng.random(shape), horizon=2)


def test_moduli_and_heterogeneity_by_all_permutations() -> None:
    """Four players in two states: the lattice is a line, on which interpolation keeps the largest slope."""
    game = drawn()
    problem = DynamicProblem(game)
    crowds = list(itertools.product(range(2), repeat=3))
    values = {"kernels": game.kernels[:, :, 0], "rewards": game.reward_table[:, :, 0, :, None]}  # (N, S, D^K, m)
    bounds = {"kernels": ("laws", "d_law"), "rewards": ("rewards", "d_reward")}
    at = {name: constant.value for name, constant in problem.primitives.items()}
    for kind, table in values.items():
        mean = {k: table[:, :, [i for i, c in enumerate(crowds) if sum(c) == k]].mean(axis=(0, 2)) for k in range(4)}
        furthest = max(
            np.abs(table[player, :, i] - mean[sum(crowd)]).sum(axis=-1).max()
            for i, crowd in enumerate(crowds)
            for player in range(4)
        )
        steepest = max(np.abs(mean[k + 1] - mean[k]).sum(axis=-1).max() for k in range(3))
        close(right_side("P2.Def.7", f"repaired / {bounds[kind][0]}", at), furthest)
        close(right_side("P2.L.2", f"sharpened / {bounds[kind][0]}, extended", {**at, "d_mu_1": 2 / 3}), steepest)


def test_what_is_looked_at_is_as_much_as_it_may_be() -> None:
    crowd = TabularGame.from_functions(
        lambda i, s, a, others: [0.5, 0.5],
        lambda i, s, a, others: float(sum(state == s for state, _ in others) ** 2),
        n_players=3, n_states=2, n_actions=3, horizon=1,
    )  # fmt: skip
    for game, key in ((crowd, "crowd at the own state"), (drawn(3, 2), "any game")):
        kappa = found_sparsity(DynamicProblem(game)).kappa
        close(right_side("P2.Def.8", f"repaired / {key}", {"D": game.n_pairs, "n_A": game.n_actions}), kappa)


@pytest.mark.parametrize("n", [3, 8])
def test_a_straight_line_is_as_steep_as_example_1_allows_and_one_dear_player_as_far_off(n: int) -> None:
    h = np.tile(1 - np.arange(n + 1) / 16, (n, 1))
    case = {"h": h, "r": np.eye(n)[0] / 2, "k": 1, "player": 0, "u_1": 0.75, "u_2": 0.125}
    found = {name: quantity.value for name, quantity in example_1.measure(ANY, case).items()}
    at = {"N": n, "slope": 1 / 16, "d_u": 0.625, "spread_hr": 0.5, "spread_h": 0.0}
    assert all(found[name] == value for name, value in at.items() if name != "N")
    close(right_side("P2.Ex.1", "repaired / Lipschitz", at), found["change"])
    close(right_side("P2.Ex.1", "sharpened / beta", at), found["beta_i"])
    close(right_side("P2.Ex.1", "repaired / beta", at), max(abs(x - y) for x in case["r"] for y in case["r"]))


def test_lemma_5_is_attained_where_the_laws_or_the_policies_agree() -> None:
    rng = np.random.default_rng(2)
    (mu, nu), (pi, other) = rng.dirichlet(np.ones(3), 2), rng.dirichlet(np.ones(2), (2, 3))
    for laws, policies in (((mu, mu), (pi, other)), ((mu, nu), (pi, pi))):
        case = {"mu": laws[0], "mu_2": laws[1], "policy": policies[0], "policy_2": policies[1]}
        found = {name: quantity.value for name, quantity in lemma_5.measure(ANY, case).items()}
        close(right_side("P2.L.5", "sharpened", found), found["composed"])


@pytest.mark.parametrize(("N", "D"), [(4, 2), (3, 3), (4, 5)])
def test_lemma_7_at_the_most_random_players(N: int, D: int) -> None:
    """One pair or not: a fair coin each. All pairs: a uniform pair each; l1 by Cauchy-Schwarz over the D pairs."""
    fair = sum(math.comb(N, k) / 2**N * (k / N - 1 / 2) ** 2 for k in range(N + 1))
    spread = 0.0
    for pairs in itertools.product(range(D), repeat=N):
        spread += sum((pairs.count(x) / N - 1 / D) ** 2 for x in range(D)) / D**N
    at = {"N": N, "D": D}
    close(right_side("P2.L.7", "sharpened / square", at), fair)
    close(right_side("P2.L.7", "sharpened / mean", at), fair**0.5)
    close(right_side("P2.L.7", "sharpened / all pairs, l2", at), spread)
    close(right_side("P2.L.7", "sharpened / all pairs, l1", at), D * spread)


def test_a_population_whose_next_step_is_as_far_as_lemma_9_allows() -> None:
    """P(1 | s, others) = .1 + .3 s + .4 sigma(1): a shift of mu(1) is multiplied by .7 = K_sa/2 + K_mu."""
    laws = np.array(
        [[0.1 + 0.3 * s + 0.4 * x for x in (0, 0, 1, 1)] for s in (0, 1)]
    )  # pairs x = (0,0), (0,1), (1,0), (1,1)
    kernels = np.broadcast_to(np.stack([1 - laws, laws], axis=-1)[None, :, None], (3, 2, 2, 4, 2))
    game = affine_game(kernels, np.zeros((3, 2, 2, 4)), horizon=3).tabular()
    problem = DynamicProblem(game)
    at = {name: constant.value for name, constant in problem.primitives.items()}
    pi, other = np.array([[0.2, 0.8], [0.5, 0.5]]), np.array([[0.7, 0.3], [0.5, 0.5]])
    mu = np.array([[1.0, 0.0], [0.0, 0.0]])
    for mu_2, pi_2, expected in ((mu[::-1], pi, 2 * 0.7), (mu, other, 0.9 * 1.0)):
        case = {"mu": mu, "mu_2": mu_2, "policy": pi, "policy_2": pi_2}
        found = {name: quantity.value for name, quantity in lemma_9.measure(problem, case).items()}
        close(found["d_next"], expected)
        close(right_side("P2.L.9", "sharpened", {**at, **found}), expected)
    row = mb.constants(game)["L_pop"]
    assert row.sharpened is not None
    for modulus in (row.sharpened, at["L_pop"], at["L_2"] / 2**0.5):  # l2 to l2: sqrt(D/2) times as much
        close(modulus, 0.7)
