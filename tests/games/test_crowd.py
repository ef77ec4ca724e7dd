"""The grids of the paper: state counts, rows checked by hand, certified constants, the equilibrium in closed form."""

from __future__ import annotations

import itertools
import time
from collections.abc import Callable

import numpy as np
import pytest

from mfbounds.errors import InputError, UnknownNameError
from mfbounds.games.crowd import BONUS, crowd_grid, four_rooms
from mfbounds.games.game import MeanFieldGame
from mfbounds.games.grid import STEPS
from mfbounds.games.islands import two_islands

OPTIONS = list(itertools.product(("all", "valid"), ("stay", "redistribute"), ("current", "next")))


def kernel_by_hand(game: MeanFieldGame, slip: float, slip_over: str, blocked: str) -> np.ndarray:
    """The rules of the docstring, one cell and action at a time: dense (S, A, S)."""
    cells = [tuple(cell) for cell in game.layout["cells"]]
    kernel = np.zeros((len(cells), 5, len(cells)))
    for s, (row, column) in enumerate(cells):
        goals = [(row + down, column + right) for down, right in STEPS]
        open_moves = [e for e in range(5) if goals[e] in cells]
        for a in range(5):
            others = [e for e in range(5) if e != a and (slip_over == "all" or e in open_moves)]
            for e in range(5):
                p = (1.0 - slip if others else 1.0) if e == a else slip / len(others) if e in others else 0.0
                if e in open_moves:
                    kernel[s, a, cells.index(goals[e])] += p
                elif blocked == "stay":
                    kernel[s, a, s] += p
                else:
                    for m in open_moves:
                        kernel[s, a, cells.index(goals[m])] += p / len(open_moves)
    return kernel


def soft_policy(kernel: np.ndarray, reward: np.ndarray, gamma: float, eta: float) -> np.ndarray:
    """Soft value iteration until rounding."""
    V = np.zeros(len(reward))
    for _ in range(int(40 / (1 - gamma))):
        Q = reward + gamma * kernel @ V
        top = Q.max(axis=1, keepdims=True)
        weights = np.exp((Q - top) / eta)
        V = top[:, 0] + eta * np.log(weights.sum(axis=1))
    return weights / weights.sum(axis=1, keepdims=True)


def stationary_islands(floor: float | None) -> MeanFieldGame:
    return two_islands(eta=0.3, floor=floor)


def dense(game: MeanFieldGame) -> np.ndarray:
    return game.fixed_kernel.toarray().reshape(game.n_states, game.n_actions, game.n_states)


def test_state_counts() -> None:
    assert crowd_grid().n_states == 22
    assert [four_rooms(size=size).n_states for size in (11, 21, 41, 81)] == [104, 404, 1604, 6404]


def test_the_largest_rooms_are_built_fast() -> None:
    before = time.perf_counter()
    four_rooms(size=81, target=(80, 80), crowding="next")
    assert time.perf_counter() - before < 2.0  # about 0.05 s; a loop over state pairs would take minutes


def test_four_rooms_layout() -> None:
    walls = {tuple(wall) for wall in four_rooms().layout["walls"]}
    picture = ["".join("#" if (row, column) in walls else "." for column in range(11)) for row in range(11)]
    assert picture == [
        ".....#.....",
        ".....#.....",
        "...........",
        ".....#.....",
        ".....#.....",
        "##.#####.##",
        ".....#.....",
        ".....#.....",
        "...........",
        ".....#.....",
        ".....#.....",
    ]


@pytest.mark.parametrize(("slip_over", "blocked", "crowding"), OPTIONS)
@pytest.mark.parametrize("size", [1, 2, 5])
def test_kernel_and_reward_follow_the_rules(size: int, slip_over: str, blocked: str, crowding: str) -> None:
    walls = ((1, 2), (2, 2), (3, 2)) if size == 5 else ()
    target = (size - 1, size - 1)
    game = crowd_grid(
        size=size, walls=walls, target=target, slip=0.3, slip_over=slip_over, blocked=blocked, crowding=crowding
    )
    kernel = kernel_by_hand(game, 0.3, slip_over, blocked)
    np.testing.assert_allclose(dense(game), kernel, rtol=0, atol=1e-15)
    mu = np.random.default_rng(0).dirichlet(np.ones(game.n_states))
    for s, (row, column) in enumerate(game.layout["cells"]):
        attraction = max(0.3 - 0.1 * (abs(row - target[0]) + abs(column - target[1])), 0.0)
        for a in range(5):
            log = -np.log(mu[s]) if crowding == "current" else -sum(kernel[s, a] * np.log(mu))
            assert game.reward(mu)[s, a] == pytest.approx(0.2 * log + BONUS[a] + attraction, abs=1e-12)


@pytest.mark.parametrize("kappa", [0.0, 0.2, 1.0])
@pytest.mark.parametrize(("size", "walls"), [(5, ((1, 2), (2, 2), (3, 2))), (4, ((0, 0), (2, 1))), (2, ())])
@pytest.mark.parametrize("crowding", ["current", "next"])
def test_without_target_the_equilibrium_is_uniform(kappa: float, size: int, walls: tuple, crowding: str) -> None:
    game = crowd_grid(kappa=kappa, eta=0.3, size=size, walls=walls, crowding=crowding)
    uniform = np.full(game.n_states, 1.0 / game.n_states)
    kernel, reward = dense(game), game.reward(uniform)
    policy = soft_policy(kernel, reward, game.gamma, game.eta)
    expected = np.exp(np.array(BONUS) / 0.3)
    np.testing.assert_allclose(policy, np.broadcast_to(expected / expected.sum(), policy.shape), rtol=0, atol=1e-12)
    chain = np.einsum("sa,sat->st", policy, kernel)
    np.testing.assert_allclose(uniform @ chain, uniform, rtol=0, atol=1e-15)


def test_slips_over_valid_moves_break_the_symmetry() -> None:
    game = crowd_grid(eta=0.3, slip_over="valid")
    policy = np.exp(np.array(BONUS) / 0.3)
    chain = np.einsum("a,sat->st", policy / policy.sum(), dense(game))
    assert np.abs(chain.sum(axis=0) - 1.0).max() > 1e-3


def test_exploitability_of_the_uniform_policy_is_exactly_3_2() -> None:
    game = crowd_grid()
    mu = np.full(22, 1.0 / 22)
    kernel, reward = dense(game), game.reward(mu)
    values = np.linalg.solve(np.eye(22) - 0.9 * kernel.mean(axis=1), reward.mean(axis=1))
    best = np.zeros(22)
    for _ in range(500):
        best = (reward + 0.9 * kernel @ best).max(axis=1)
    assert mu @ (best - values) == pytest.approx(3.2, abs=1e-12)  # (0.2 - (0.2 - 4 * 0.2)/5) / (1 - 0.9)


@pytest.mark.parametrize("crowding", ["current", "next"])
def test_certified_constants_dominate_and_are_approached(crowding: str) -> None:
    """Steep pairs (one density at the floor) and random ones: never above L; the steepest come close to it."""
    game = crowd_grid(floor=0.01, crowding=crowding)
    rng = np.random.default_rng(3)
    best = {"L_r": 0.0, "L_r1": 0.0}
    for trial in range(600):
        if trial < 22:  # all cells but one share the mass above the floor, then a little mass moves to that cell
            base = np.full(22, 0.99 / 21)
            base[trial] = 0.01
            other = base + 1e-7 * (np.eye(22)[trial] - 1.0 / 22)
        else:
            base, other = rng.dirichlet(np.full(22, rng.choice([0.05, 1.0])), size=2)
            other = base + rng.choice([1e-6, 1.0]) * (other - base)
        change = np.abs(game.reward(other) - game.reward(base)).max()
        step = other - base
        for key, order in (("L_r", 2), ("L_r1", 1)):
            bound = game.declared[key].value * np.linalg.norm(step, order)
            assert change <= bound * (1 + 1e-6) + 1e-14
            best[key] = max(best[key], change / bound)
    assert best["L_r"] > (0.999 if crowding == "current" else 0.8)
    assert best["L_r1"] > 0.8


def test_reward_range_is_attained() -> None:
    game = crowd_grid(target=(4, 4))
    extremes = [game.reward(np.eye(22)[s]) for s in range(22)]
    assert min(reward.min() for reward in extremes) == pytest.approx(game.reward_range[0], abs=1e-12)
    assert max(reward.max() for reward in extremes) == pytest.approx(game.reward_range[1], abs=1e-12)


@pytest.mark.parametrize("build", [lambda floor: crowd_grid(eta=0.3, target=(4, 4), floor=floor), stationary_islands])
def test_equilibria_of_the_paper_keep_above_the_floor(build) -> None:
    """Damped iteration to the stationary equilibrium: every mass above 0.2/S, so a floor of 0.1/S gives the same."""
    populations = []
    for share in (1e-3, 0.1):
        game = build(share / build(None).n_states)
        mu = np.full(game.n_states, 1.0 / game.n_states)
        for _ in range(600):
            policy = soft_policy(dense(game), game.reward(mu), game.gamma, game.eta)
            chain = np.einsum("sa,sat->st", policy, dense(game))
            system = chain.T - np.eye(game.n_states)
            system[0] = 1.0
            law = np.linalg.solve(system, np.eye(game.n_states)[0])
            if np.abs(law - mu).sum() < 1e-6:
                break
            mu = mu + 0.03 * (law - mu)
        else:
            pytest.fail("the iteration did not converge")
        assert mu.min() * game.n_states > 0.2
        populations.append(mu)
    np.testing.assert_array_equal(*populations)


def test_starts() -> None:
    cells = crowd_grid().layout["cells"]
    for start, expected in [("corner", [[0, 0]]), ("cluster", [[0, 0], [0, 1], [1, 0], [1, 1]]), ((4, 4), [[4, 4]])]:
        law = crowd_grid(start=start).start
        assert [cells[s] for s in np.flatnonzero(law)] == expected
        assert law.sum() == 1.0
    assert crowd_grid(start="uniform").start == pytest.approx(1.0 / 22)


def test_no_aversion_means_no_interaction() -> None:
    game = crowd_grid(kappa=0.0)
    assert game.fixed_reward is not None
    assert not game.declared


@pytest.mark.parametrize(
    ("arguments", "message"),
    [
        ({"size": 0}, "size == 0"),
        ({"size": 2.5}, "size == 2.5"),
        ({"walls": ((5, 0),)}, "must lie on the grid"),
        ({"walls": ((-1, 0),)}, "coordinate 0 == -1"),
        ({"walls": 3}, "walls == 3"),
        ({"walls": (3,)}, "walls == 3"),
        ({"walls": tuple((2, i) for i in range(5))}, "2 parts"),
        ({"size": 1, "walls": ((0, 0),)}, "must leave a free cell"),
        ({"target": (1, 2)}, "it is a wall"),
        ({"target": (9, 9)}, "must lie on the grid"),
        ({"target": "corner"}, "target == 'corner'"),
        ({"start": (2, 2)}, "it is a wall"),
        ({"start": "everywhere"}, "start == 'everywhere'"),
        ({"size": 3, "walls": ((0, 0), (0, 1), (1, 0), (1, 1)), "start": "cluster"}, "2x2 corner block"),
        ({"slip": 1.5}, "slip == 1.5"),
        ({"slip": float("nan")}, "slip == nan"),
        ({"floor": 0.0}, "floor == 0.0"),
        ({"floor": 1.0}, "floor == 1.0"),
        ({"kappa": -0.1}, "kappa == -0.1"),
        ({"eta": 0.0}, "eta == 0.0"),
        ({"gamma": 1.0}, "gamma == 1.0"),
    ],
)
def test_bad_input(arguments: dict, message: str) -> None:
    with pytest.raises(InputError, match=message.replace("(", r"\(")):
        crowd_grid(**arguments)


@pytest.mark.parametrize("build", [crowd_grid, four_rooms, two_islands])
def test_a_game_states_the_floor_that_it_has(build: Callable[..., MeanFieldGame]) -> None:
    game = build()
    assert f"floor={1e-3 / game.n_states!r}" in str(game.origin)
    assert build(floor=0.01).origin.arguments["floor"] == 0.01
    again = build(**game.origin.arguments)
    assert (again.reward_at(again.start) == game.reward_at(game.start)).all()


@pytest.mark.parametrize("option", ["slip_over", "blocked", "crowding"])
def test_unknown_choice(option: str) -> None:
    with pytest.raises(UnknownNameError, match=option):
        crowd_grid(**{option: "nowhere"})


@pytest.mark.parametrize("size", [10, 1])
def test_four_rooms_needs_a_middle(size: int) -> None:
    with pytest.raises(InputError, match=f"size == {size}"):
        four_rooms(size=size)


@pytest.mark.parametrize("crowding", ["current", "next"])
@pytest.mark.parametrize("scale", [1e-9, 1e-3, 1e-1])
def test_the_change_of_the_reward_is_bounded_entry_by_entry(crowding: str, scale: float) -> None:
    game = crowd_grid(crowding=crowding, floor=1e-3)
    rng = np.random.default_rng(0)
    for _ in range(50):
        mu, other = rng.dirichlet(np.full(22, 0.3), size=2)
        other = mu + scale * (other - mu)
        bound = game.reward_function.change(mu, np.abs(other - mu))
        assert np.abs(game.reward_at(other / other.sum()) - game.reward_at(mu)).max() <= bound + 1e-12
