"""Regularity constants against definitions evaluated by plain loops, exact fractions and brute force over pairs."""

from __future__ import annotations

import itertools
import math
from fractions import Fraction

import numpy as np
import pytest
import scipy.sparse as sp

from mfbounds.bounds import regularity as module
from mfbounds.bounds import zero_mass
from mfbounds.bounds.regularity import Regularity, regularity
from mfbounds.errors import InputError
from mfbounds.games.affine import AffineGame
from mfbounds.games.game import MeanFieldGame, from_functions
from mfbounds.numbers import Constant, Provenance

KERNEL_NAMES = ("L_P", "L_P_entry", "L_P1", "kappa_A", "rho_1")
SLOPES = ("L_r", "L_r1", "L_P", "L_P_entry", "L_P1")


def random_game(n_states: int, n_actions: int, seed: int, concentration: float = 1.0) -> AffineGame:
    rng = np.random.default_rng(seed)
    kernels = rng.dirichlet(np.full(n_states, concentration), size=(n_states, n_states, n_actions))
    return AffineGame(kernels, rng.normal(size=(n_states, n_states, n_actions)), gamma=0.9, eta=0.1)


def doors() -> np.ndarray:
    return np.array([[[0.9, 0.1], [0.1, 0.9]]] * 2)


def as_functions(game: MeanFieldGame, **declared: float) -> MeanFieldGame:
    return from_functions(
        game.kernel_at,
        game.reward_at,
        n_states=game.n_states,
        n_actions=game.n_actions,
        gamma=game.gamma,
        eta=game.eta,
        reward_range=game.reward_range,
        declared=declared,
    )


def ratios(game: MeanFieldGame, mu: np.ndarray, other: np.ndarray) -> dict[str, float]:
    """The five Lipschitz ratios on one pair, from their definitions."""
    l2, l1 = np.sqrt(((mu - other) ** 2).sum()), np.abs(mu - other).sum()
    reward = np.abs(game.reward_at(mu) - game.reward_at(other)).max()
    change = np.abs(game.kernel_at(mu) - game.kernel_at(other))
    rows = change.sum(axis=-1).max()
    return {
        "L_r": reward / l2,
        "L_r1": reward / l1,
        "L_P": rows / l2,
        "L_P1": rows / l1,
        "L_P_entry": change.max() / l2,
    }


def largest_ratios(game: MeanFieldGame, seed: int, draws: int = 300) -> dict[str, float]:
    """Brute force: random pairs, pairs of vertices, and the steepest directions of every sign pattern of a row."""
    rng, n = np.random.default_rng(seed), game.n_states
    centre = np.full(n, 1.0 / n)
    pairs = [(np.eye(n)[x], np.eye(n)[y]) for x, y in itertools.combinations(range(n), 2)]
    pairs += [(rng.dirichlet(np.ones(n)), rng.dirichlet(np.ones(n))) for _ in range(draws)]
    at = np.stack([game.kernel_at(np.eye(n)[x]) for x in range(n)])
    gradients = [
        np.stack([game.reward_at(np.eye(n)[x]) for x in range(n)])[:, s, a] for s, a in np.ndindex(*at.shape[1:3])
    ]
    for signs in itertools.product((0.0, 1.0), repeat=n):
        gradients += list((at @ np.array(signs)).reshape(n, -1).T)
    for gradient in gradients:
        direction = gradient - gradient.mean()
        if np.abs(direction).max() > 1e-9:
            pairs.append((centre, centre + direction * 0.5 / n / np.abs(direction).max()))
    found = [ratios(game, mu, other) for mu, other in pairs]
    return {name: max(item[name] for item in found) for name in SLOPES}


def variation(p: np.ndarray, q: np.ndarray) -> float:
    return sum(max(x - y, 0.0) for x, y in zip(p, q, strict=True))


def looped_variations(kernels: list[np.ndarray]) -> tuple[float, float]:
    """(kappa_A, rho_1) over the given kernels by plain loops."""
    kappa = rho = 0.0
    for kernel in kernels:
        n_states, n_actions, _ = kernel.shape
        pairs = list(itertools.product(range(n_states), range(n_actions)))
        for (s, a), (t, b) in itertools.product(pairs, pairs):
            rho = max(rho, variation(kernel[s, a], kernel[t, b]))
            if s == t:
                kappa = max(kappa, variation(kernel[s, a], kernel[s, b]))
    return kappa, rho


@pytest.mark.parametrize(("n_states", "n_actions", "seed"), [(2, 2, 0), (3, 2, 1), (4, 3, 2), (5, 1, 3), (6, 2, 4)])
def test_affine_constants_bound_every_pair_and_are_attained(n_states: int, n_actions: int, seed: int) -> None:
    game = random_game(n_states, n_actions, seed, concentration=0.5)
    known, seen = regularity(game), largest_ratios(game, seed)
    for name in SLOPES:
        constant = getattr(known, name)
        assert constant.certified
        assert constant.exact
        assert seen[name] <= constant.value * (1 + 1e-9), name  # 1e-9: rounding of the ratios
        assert seen[name] >= 0.95 * constant.value, name


@pytest.mark.parametrize("seed", range(4))
def test_variations_agree_with_plain_loops_at_the_vertices(seed: int) -> None:
    game = random_game(4, 3, seed)
    kappa, rho = looped_variations(list(game.vertex_kernels))
    known = regularity(game)
    assert kappa <= known.kappa_A.value <= kappa + 1e-13
    assert rho <= known.rho_1.value <= rho + 1e-13


def test_variations_at_mixed_populations_stay_below_the_vertices() -> None:
    game, rng = random_game(4, 2, 7), np.random.default_rng(7)
    known = regularity(game)
    for _ in range(30):
        kappa, rho = looped_variations([game.kernel_at(rng.dirichlet(np.full(4, 0.5)))])
        assert kappa <= known.kappa_A.value
        assert rho <= known.rho_1.value


def test_certified_floats_are_above_exact_fractions() -> None:
    """Three states, entries with exact binary values, every constant from its definition in rational arithmetic."""
    sixteenths = np.array(
        [
            [[[4, 4, 8], [16, 0, 0]], [[1, 2, 13], [5, 5, 6]], [[0, 0, 16], [8, 8, 0]]],
            [[[2, 6, 8], [15, 1, 0]], [[1, 2, 13], [6, 5, 5]], [[0, 3, 13], [8, 8, 0]]],
            [[[4, 4, 8], [10, 3, 3]], [[3, 0, 13], [5, 5, 6]], [[0, 0, 16], [7, 2, 7]]],
        ]
    )
    game = AffineGame(sixteenths / 16, np.arange(18.0).reshape(3, 3, 2) ** 2, gamma=0.5, eta=1.0)
    known = regularity(game)
    P = [[[[Fraction(int(v), 16) for v in row] for row in rows] for rows in vertex] for vertex in sixteenths]
    tv = lambda p, q: sum(abs(a - b) for a, b in zip(p, q, strict=True)) / 2  # noqa: E731
    pairs = [(s, a) for s in range(3) for a in range(2)]
    kappa = max(tv(P[x][s][0], P[x][s][1]) for x in range(3) for s in range(3))
    rho = max(tv(P[x][s][a], P[x][t][b]) for x in range(3) for s, a in pairs for t, b in pairs)
    l1 = max(tv(P[x][s][a], P[y][s][a]) for x in range(3) for y in range(3) for s, a in pairs)

    def squared(values: list[Fraction]) -> Fraction:
        """Squared norm of the part of a vector that zero-mass vectors see."""
        return sum(v * v for v in values) - sum(values) ** 2 / len(values)

    entry = max(squared([P[x][s][a][t] for x in range(3)]) for s, a in pairs for t in range(3))
    signs = list(itertools.product((-1, 1), repeat=3))
    rows = max(
        squared([sum(e * v for e, v in zip(sign, P[x][s][a], strict=True)) for x in range(3)])
        for s, a in pairs
        for sign in signs
    )
    reward = max(squared([Fraction((6 * x + 2 * s + a) ** 2) for x in range(3)]) for s, a in pairs)
    spread = max(Fraction((12 + 2 * s + a) ** 2 - (2 * s + a) ** 2, 2) for s, a in pairs)
    for name, exact in (("kappa_A", kappa), ("rho_1", rho), ("L_P1", l1), ("L_r1", spread)):
        value = getattr(known, name).value
        assert exact <= Fraction(value) <= exact * (1 + Fraction(1, 10**12)), name
    for name, exact in (("L_P_entry", entry), ("L_P", rows), ("L_r", reward)):
        value = Fraction(getattr(known, name).value)
        assert exact <= value**2 <= exact * (1 + Fraction(1, 10**12)), name


def test_a_game_without_interaction_has_exact_zeros() -> None:
    known = regularity(AffineGame(doors(), np.zeros((2, 2)), gamma=0.9, eta=0.1))
    for name in SLOPES:
        constant = getattr(known, name)
        assert constant.value == 0.0
        assert constant.certified
        assert constant.exact


def test_vertices_that_are_all_equal_give_exact_zeros() -> None:
    kernels = np.stack([doors()] * 2)
    known = regularity(AffineGame(kernels, np.full((2, 2, 2), 0.3), gamma=0.9, eta=0.1))
    assert [getattr(known, name).value for name in SLOPES] == [0.0] * 5


def test_one_action_and_one_state() -> None:
    known = regularity(AffineGame(np.ones((1, 1, 1)), np.zeros((1, 1)), gamma=0.9, eta=0.1))
    assert known.kappa_A.value == 0.0
    assert known.rho_1.value == 0.0
    assert known.mixing.contraction == 0.0


def test_disjoint_supports_give_one_exactly_and_no_constant_exceeds_its_cap() -> None:
    kernel = np.zeros((3, 2, 3))
    kernel[:, 0, 0] = kernel[:, 1, 2] = 1.0
    known = regularity(AffineGame(kernel, np.zeros((3, 2)), gamma=0.9, eta=0.1))
    assert known.kappa_A.value == 1.0
    assert known.rho_1.value == 1.0
    assert "disjoint" in known.rho_1.argument


@pytest.mark.parametrize("interaction", [False, True])
def test_sparse_and_dense_kernels_give_the_same(interaction: bool) -> None:
    game = random_game(6, 3, 5, concentration=0.3)
    dense = game.vertex_kernels if interaction else game.vertex_kernels[0]
    sparse = [sp.csr_array(k.reshape(18, 6)) for k in dense] if interaction else sp.csr_array(dense.reshape(18, 6))
    one, two = (regularity(AffineGame(kernels, game.vertex_rewards, gamma=0.9, eta=0.1)) for kernels in (dense, sparse))
    for name in (*SLOPES, "kappa_A", "rho_1"):
        assert getattr(one, name).value == pytest.approx(getattr(two, name).value, rel=1e-13)


@pytest.mark.parametrize("limit", ["rows", "signs", "fine"])
def test_cheaper_bounds_for_large_games_stay_above_and_near_the_exact_ones(
    limit: str, monkeypatch: pytest.MonkeyPatch
) -> None:
    game = random_game(7, 2, 11)
    exact = regularity(game)
    monkeypatch.setattr(zero_mass, "SIGN_BUDGET", 0.0)
    if limit == "fine":
        monkeypatch.setattr(module, "FINE_BUDGET", 0.0)
    if limit == "rows":
        monkeypatch.setattr(module, "ROW_BUDGET", 0.0)
    cheap = regularity(game)
    for name in ("L_P", "L_P_entry", "L_P1"):
        assert getattr(exact, name).value <= getattr(cheap, name).value * (1 + 1e-12), name
        assert getattr(cheap, name).value <= 2.0 * getattr(exact, name).value, name
    assert not cheap.L_P.exact
    assert cheap.L_P.certified


def test_rows_too_many_to_enumerate_leave_the_trivial_bound(monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setattr(zero_mass, "PAIR_BUDGET", 0.0)
    rho_1 = regularity(random_game(3, 2, 0)).rho_1
    assert rho_1.value == 1.0
    assert rho_1.certified
    assert not rho_1.exact


@pytest.mark.parametrize("seed", range(3))
def test_search_errs_below_and_finds_affine_constants(seed: int) -> None:
    game = random_game(4, 2, 20 + seed)
    exact, searched = regularity(game), regularity(as_functions(game))
    for name in (*SLOPES, "kappa_A", "rho_1"):
        found: Constant = getattr(searched, name)
        assert found.provenance is Provenance.ESTIMATED
        assert "search" in found.argument
        assert found.value <= getattr(exact, name).value
        assert found.value >= 0.95 * getattr(exact, name).value, name
    assert searched.mixing.constant.provenance is Provenance.ESTIMATED


def test_search_repeats_itself() -> None:
    game = as_functions(random_game(3, 2, 1))
    assert regularity(game) == regularity(game)


def test_declared_constants_pass_through_and_what_follows_from_them_is_declared_too() -> None:
    exact = regularity(random_game(4, 2, 3))
    game = as_functions(random_game(4, 2, 3), L_r=9.0, L_P=1.05 * exact.L_P.value, rho_1=exact.rho_1.value)
    known = regularity(game)
    assert (known.L_r.value, known.L_P.value) == (9.0, 1.05 * exact.L_P.value)
    assert known.rho_1.value == known.mixing.contraction == exact.rho_1.value
    for name in (*SLOPES, "kappa_A", "rho_1"):
        assert getattr(known, name).provenance is Provenance.DECLARED, name
    assert known.mixing.constant.provenance is Provenance.DECLARED


def test_consequences_of_declared_constants_hold_on_affine_games() -> None:
    """Each rule in `FOLLOWS`, fed with the exact constant, must bound the exact other one.

    1e-12 allows for the outward rounding of the exact values.
    """
    for seed, n in itertools.product(range(5), (2, 3, 6)):
        exact = regularity(random_game(n, 2, 30 + seed, concentration=0.4))
        for name, rules in module.FOLLOWS.items():
            for source, rule in rules.items():
                follows = rule(getattr(exact, source).value, n)
                assert follows * (1 + 1e-12) >= getattr(exact, name).value, (name, source)


def test_a_declared_total_variation_above_one_is_capped() -> None:
    known = regularity(as_functions(random_game(3, 2, 3), L_r=9.0, L_P=9.0, rho_1=1.5))
    assert known.rho_1.value == 1.0
    assert known.rho_1.certified


@pytest.mark.parametrize("name", ["L_r", "L_P", "rho_1"])
def test_a_declared_constant_that_a_search_refutes_is_refused(name: str) -> None:
    exact = regularity(random_game(4, 2, 3))
    declared = {key: getattr(exact, key).value for key in ("L_r", "L_P", "rho_1")}
    with pytest.raises(InputError, match=rf"declared {name} == .*, must be >= "):
        regularity(as_functions(random_game(4, 2, 3), **declared | {name: 0.5 * declared[name]}))


def test_a_factory_may_declare_a_certified_constant() -> None:
    certified = Constant(value=1.0, provenance=Provenance.CERTIFIED, argument="-mu(s) is 1-Lipschitz")
    game = from_functions(
        doors(),
        lambda mu: np.stack([-mu, -mu], axis=1),
        n_states=2,
        n_actions=2,
        gamma=0.9,
        eta=0.1,
        reward_range=(-1.0, 0.0),
        declared={"L_r": certified},
    )
    known: Regularity = regularity(game)
    assert known.L_r == certified
    assert known.L_r1.certified
    assert known.L_P.value == 0.0
    assert known.L_P.certified
    assert known.kappa_A.value == pytest.approx(0.8)


@pytest.mark.parametrize("declared", [{"L_P1": 3.0}, {"L_P": 3.0 * math.sqrt(2.0)}])
def test_a_kernel_that_is_not_affine_may_change_faster_than_mu(declared: dict[str, float]) -> None:
    """P(0|s,a,mu) moves by 3 |mu(0) - mu'(0)|: rows in l1 by three times the l1 distance of mu and mu'."""

    def kernel(mu: np.ndarray) -> np.ndarray:
        first = np.clip(0.5 + 3.0 * (mu[0] - 0.5), 0.1, 0.9)
        return np.full((2, 1, 2), [first, 1.0 - first])

    game = from_functions(
        kernel,
        np.zeros((2, 1)),
        n_states=2,
        n_actions=1,
        gamma=0.5,
        eta=1.0,
        reward_range=(0.0, 0.0),
        declared=declared,
    )
    slope = ratios(game, np.array([0.5, 0.5]), np.array([0.55, 0.45]))["L_P1"]
    assert slope == pytest.approx(3.0)
    known = regularity(game).L_P1
    assert known.value >= slope * (1.0 - 1e-12)
    assert known.provenance is Provenance.DECLARED


@pytest.mark.parametrize("seed", range(5))
def test_eigenvalue_and_norm_bounds_are_above_and_near(seed: int) -> None:
    matrix = np.random.default_rng(seed).normal(size=(7, 7))
    symmetric = matrix + matrix.T
    top, norm = np.linalg.eigvalsh(symmetric)[-1], np.linalg.norm(matrix, 2)
    assert top <= zero_mass.eigenvalue_bound(symmetric) <= top + 1e-11
    assert norm <= zero_mass.spectral_norm_bound(matrix) <= norm + 1e-11
    low = zero_mass.eigenvalue_bound(symmetric - 100 * np.eye(7))
    assert top - 100 <= low <= top - 100 + 1e-9


def test_outward_rounding_keeps_zero_and_moves_up() -> None:
    assert zero_mass.outward(0.0, 100, slack=1.0) == 0.0
    assert zero_mass.outward(1.0, 1) > 1.0
    assert zero_mass.outward(1.0, 1, slack=1e-3) >= 1.001
