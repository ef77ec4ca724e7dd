"""Extensions from the lattice to the simplex: what each promises, against second methods and searches for a breach."""

from __future__ import annotations

import itertools

import numpy as np
import pytest
from scipy.optimize import minimize
from scipy.spatial.distance import cdist

from mfbounds.errors import InputError
from mfbounds.games.dynamic import CountGame, DynamicGame, Lattice, TabularGame
from mfbounds.games.dynamic.congestion import congestion
from mfbounds.games.dynamic.random import random_dynamic
from mfbounds.games.dynamic.rps import a_rps
from mfbounds.games.dynamic.witnesses import at_own_state, unbalanced
from mfbounds.symmetry import induced_game, symmetrise
from mfbounds.symmetry.kirszbraun import kirszbraun
from mfbounds.symmetry.kuhn import kuhn_factor, kuhn_weights, sparse_first
from mfbounds.symmetry.lattice_moduli import lattice_moduli, lattice_moduli_l2, looked_at
from mfbounds.symmetry.mcshane import mcshane
from mfbounds.symmetry.moduli import moduli
from mfbounds.symmetry.spreads import spreads

COLLINEAR = np.array([[0.0], [1.0], [2.0]])
BENT = np.array([[0.0, 0.0], [1.0, 0.0], [0.5, 0.8]])  # of l2 modulus 1 on COLLINEAR


def steepest(xs: np.ndarray, values: np.ndarray) -> float:
    pairs = np.triu_indices(len(xs), 1)
    return float((cdist(values, values)[pairs] / cdist(xs, xs)[pairs]).max())


def laws_on_a_lattice(seed: int) -> tuple[np.ndarray, np.ndarray, float]:
    rng = np.random.default_rng(seed)
    lattice = Lattice(int(rng.integers(1, 5)), int(rng.integers(2, 6)))
    laws = rng.dirichlet(np.full(int(rng.integers(2, 5)), 0.3), lattice.size)
    return lattice.distributions, laws, steepest(lattice.distributions, laws)


@pytest.mark.parametrize("seed", range(12))
def test_kirszbraun_extends_keeps_the_modulus_and_the_simplex(seed: int) -> None:
    points, laws, modulus = laws_on_a_lattice(seed)
    for point, law in zip(points[:12], laws[:12], strict=True):
        found = kirszbraun(points, laws, modulus * (1 + 1e-12), point)
        assert np.linalg.norm(found.value - law) <= found.error
    xs = np.random.default_rng(seed).dirichlet(np.full(points.shape[1], 0.5), 25)
    found = [kirszbraun(points, laws, modulus, x) for x in xs]
    errors = np.array([answer.error for answer in found])
    values = np.stack([answer.value for answer in found])
    assert errors.max() <= 1e-6 * modulus
    assert values.min() >= 0.0
    assert np.abs(values.sum(axis=1) - 1.0).max() < 1e-12
    slack = errors[:, None] + errors[None]
    assert (cdist(values, values) <= modulus * cdist(xs, xs) + slack + 1e-12).all()


@pytest.mark.parametrize("seed", range(4))
def test_kirszbraun_weights_agree_with_a_general_solver(seed: int) -> None:
    points, laws, modulus = laws_on_a_lattice(seed)
    x = np.random.default_rng(seed + 100).dirichlet(np.ones(points.shape[1]))
    away = points - x

    def variance(w: np.ndarray) -> float:
        spread = w @ (laws**2).sum(axis=1) - ((w @ laws) ** 2).sum()
        return float(w @ (away**2).sum(axis=1) + ((w @ away) ** 2).sum() - spread / modulus**2)

    answer = minimize(
        variance, np.full(len(points), 1 / len(points)), method="SLSQP", bounds=[(0, 1)] * len(points),
        constraints={"type": "eq", "fun": lambda w: w.sum() - 1}, options={"ftol": 1e-14, "maxiter": 1000},
    )  # fmt: skip
    assert np.linalg.norm(answer.x @ laws - kirszbraun(points, laws, modulus, x).value) < 1e-5 * modulus


def pointwise_minimax(x: float) -> np.ndarray:
    """argmin_y max_z |y - f(z)|/|x - z| on BENT over COLLINEAR."""
    reach = np.abs(COLLINEAR[:, 0] - x)
    answers = []
    for start in (BENT.mean(axis=0), *BENT):
        worst = (np.linalg.norm(start - BENT, axis=1) / reach).max()
        answers.append(
            minimize(
                lambda v: v[2], [*start, worst], method="SLSQP", options={"ftol": 1e-15, "maxiter": 300},
                constraints={"type": "ineq", "fun": lambda v: (v[2] * reach) ** 2 - ((v[:2] - BENT) ** 2).sum(axis=1)},
            ).x[:2]
        )  # fmt: skip
    return min(answers, key=lambda y: (np.linalg.norm(y - BENT, axis=1) / reach).max())


def test_the_best_value_at_each_point_by_itself_is_not_an_extension() -> None:
    """It jumps back just beyond the middle point, where Azagra, Le Gruyer and Mudarra's values do not."""
    assert steepest(COLLINEAR, BENT) == 1.0
    xs = np.linspace(1.003, 1.033, 16)[:, None]
    assert steepest(xs, np.stack([pointwise_minimax(float(x[0])) for x in xs])) > 1.2
    assert steepest(xs, np.stack([kirszbraun(COLLINEAR, BENT, 1.0, x).value for x in xs])) <= 1.0 + 1e-4


@pytest.mark.parametrize("norm", [1, 2])
@pytest.mark.parametrize("seed", range(6))
def test_mcshane_extends_and_keeps_the_modulus(seed: int, norm: int) -> None:
    rng = np.random.default_rng(seed)
    lattice = Lattice(int(rng.integers(1, 5)), int(rng.integers(2, 6)))
    points, values = lattice.distributions, rng.normal(size=(lattice.size, 3))
    pairs = list(itertools.combinations(range(lattice.size), 2))
    distances = np.array([np.linalg.norm(points[i] - points[j], ord=norm) for i, j in pairs])
    known = np.array([(np.abs(values[i] - values[j]) / d) for (i, j), d in zip(pairs, distances, strict=True)]).max(0)
    extended = mcshane(points, values, known * (1 + 1e-12), norm=norm)
    assert np.allclose([extended(x) for x in points], values, rtol=0, atol=1e-11)
    xs = rng.dirichlet(np.full(lattice.cells, 0.5), 20)
    found = np.stack([extended(x) for x in xs])
    assert (found >= values.min(axis=0)).all()
    assert (found <= values.max(axis=0)).all()
    for i, j in itertools.combinations(range(20), 2):
        change = np.abs(found[i] - found[j])
        assert (change <= known * np.linalg.norm(xs[i] - xs[j], ord=norm) + 1e-11).all()


def test_l2_moduli_are_not_those_of_single_moves() -> None:
    """Two agents of one pair that move to two others change mu by sqrt 6/K only, less than twice one move, sqrt 2/K."""
    lattice = Lattice(4, 3)
    values = np.maximum(lattice.points[:, 0], 1).astype(float)[:, None, None]
    points = lattice.distributions
    slow = max(
        abs(values[i, 0, 0] - values[j, 0, 0]) / np.linalg.norm(points[i] - points[j])
        for i, j in itertools.combinations(range(lattice.size), 2)
    )
    assert lattice_moduli_l2(lattice, values)[0] == pytest.approx(slow, rel=1e-13)
    assert slow > 4 / np.sqrt(2) * 1.1


@pytest.mark.parametrize("extension", ["kuhn", "mcshane", "kirszbraun"])
@pytest.mark.parametrize(
    ("family", "seed"),
    [("dense", 8), ("nearly deterministic", 0), ("nearly deterministic", 4), ("followers", 2), ("dense", 6)],
)
def test_induced_games_agree_with_the_lattice_and_obey_their_moduli(family: str, seed: int, extension: str) -> None:
    game = random_dynamic(family, seed)
    if extension == "mcshane" and game.n_states > 2:
        with pytest.raises(InputError, match="'kirszbraun' or 'kuhn'"):
            induced_game(game, extension)
        return
    induced, tables = induced_game(game, extension), symmetrise(game)
    for point in range(0, tables.lattice.size, max(1, tables.lattice.size // 8)):
        mu = tables.lattice.distributions[point].reshape(game.n_states, game.n_actions)
        assert np.allclose(induced.reward(mu), tables.rewards[point], rtol=0, atol=1e-9)
        assert np.allclose(induced.kernel(mu), tables.kernels[point], rtol=0, atol=1e-5)
    slopes, rng = moduli(game, induced), np.random.default_rng(seed)
    for _ in range(12):
        near = rng.dirichlet(np.full(game.n_pairs, 0.5), size=2)
        near[1] = near[0] + rng.choice([0.05, 1.0]) * (near[1] - near[0])
        mu, other = (law / law.sum() for law in near)
        distance = np.abs(mu - other).sum()
        shape = (game.n_states, game.n_actions)
        rows = np.abs(induced.kernel(mu.reshape(shape)) - induced.kernel(other.reshape(shape))).sum(axis=-1).max()
        rewards = np.abs(induced.reward(mu.reshape(shape)) - induced.reward(other.reshape(shape))).max()
        assert rows <= slopes.K_mu.value * distance + 1e-5
        assert rewards <= slopes.L_mu.value * distance + 1e-9


@pytest.mark.parametrize("kept", [1, 2, 3])
def test_pairs_listed_first_keep_the_modulus(kept: int) -> None:
    """A function of few pairs among five, interpolated with those first and as they are: slopes against the factor."""
    lattice, rng = Lattice(3, 5), np.random.default_rng(kept)
    chosen = (1, 3, 4)[:kept]
    table = rng.random((4,) * kept)
    values = table[tuple(lattice.points[:, cell] for cell in chosen)][:, None, None]
    assert looked_at(lattice, values) == (chosen,)
    slope, order = float(lattice_moduli(lattice, values)[0]), sparse_first(chosen, 5)
    for _ in range(200):
        near = rng.dirichlet(np.ones(5), 2)
        near[1] = near[0] + 0.01 * (near[1] - near[0])
        ends = []
        for mu in near:
            counts, weights = kuhn_weights(mu, 3, order)
            assert np.allclose(weights @ counts / 3, mu, rtol=0, atol=1e-12)
            ends.append(weights @ values[lattice.index(counts), 0, 0])
        assert abs(ends[0] - ends[1]) <= kuhn_factor(kept, 5) * slope * np.abs(near[0] - near[1]).sum() + 1e-12
    assert kuhn_factor(kept, 5) == (1 if kept < 3 else 2)


def test_a_beach_bar_keeps_its_modulus_where_the_pairs_it_looks_at_come_first() -> None:
    game = at_own_state(n_players=3, n_states=2, n_actions=3)  # six pairs, each state's reward looks at three of them
    assert moduli(game, induced_game(game)).L_mu.value == pytest.approx(2 * 0.5, abs=1e-9)
    assert moduli(game, induced_game(game, "mcshane")).L_mu.value == pytest.approx(0.5, abs=1e-9)


def test_declared_moduli_belong_to_the_closed_form() -> None:
    """Another extension of the same lattice earns its own; for a lattice too large, Kuhn's factor times what is declared."""
    small = unbalanced(n_players=5)
    assert "K_mu" in induced_game(small).declared
    assert "K_mu" not in induced_game(small, "kuhn").declared
    assert moduli(small, induced_game(small, "kuhn")).K_mu.value == pytest.approx(2.0, rel=1e-9)
    large = unbalanced(n_players=2001)
    assert moduli(large, induced_game(large, "kuhn")).K_mu.value == 4.0


def test_kirszbraun_of_a_constant_and_lattices_too_large() -> None:
    assert kirszbraun(COLLINEAR, np.ones((3, 2)), 0.0, np.array([0.3])).value.tolist() == [1.0, 1.0]
    game = CountGame.of(
        lambda players, states, actions, others: np.ones((*players.shape, 1)),
        lambda players, states, actions, others: others[..., 0] / 5000,
        n_players=5001, n_states=1, n_actions=2, horizon=1, reward_range=(0.0, 1.0),
    )  # fmt: skip
    with pytest.raises(InputError, match="compares all pairs"):
        induced_game(game, "kirszbraun")


def test_a_single_state_has_nothing_to_extend_but_rewards() -> None:
    game = TabularGame.of(np.ones((3, 1, 2, 4, 1)), np.arange(24.0).reshape(3, 1, 2, 4), horizon=1)
    for extension in ("mcshane", "kirszbraun"):
        assert induced_game(game, extension).kernel(np.array([[0.2, 0.8]])).tolist() == [[[1.0], [1.0]]]


@pytest.mark.parametrize(
    "game",
    [
        at_own_state(n_players=3, n_states=2, n_actions=3),
        congestion(n_players=4, n_states=2, n_actions=2, spread=1.0).tabular(),
        random_dynamic("independent", 1),
        random_dynamic("dense", 6),
        a_rps(n_players=9, beta=0.3),
    ],
    ids=repr,
)
def test_spreads_bound_what_is_seen_off_the_lattice(game: DynamicGame) -> None:
    """Rows that are interpolated with different weights may differ by more than on the lattice."""
    induced, rng = induced_game(game), np.random.default_rng(0)
    found = spreads(game, induced, moduli(game, induced).K_sa)
    for mu in rng.dirichlet(np.full(game.n_pairs, 0.5), 200).reshape(-1, game.n_states, game.n_actions):
        reward = induced.reward(mu)
        assert np.ptp(reward) <= found.L_sa.value + 1e-12
        assert np.ptp(reward, axis=1).max() <= found.L_a.value + 1e-12
        laws = induced.kernel(mu)
        assert np.abs(laws[:, None] - laws[None]).sum(axis=-1).max() <= found.K_s.value + 1e-12
        assert np.abs(laws[:, :, None] - laws[:, None]).sum(axis=-1).max() <= found.K_a.value + 1e-12
