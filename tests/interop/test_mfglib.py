from __future__ import annotations

import numpy as np
import pytest

import mfbounds as mb
from mfbounds.errors import InputError

from .stand_ins import LibEnvironment, Tensor, install_mfglib, tensor


def lib_environment(prob, reward, *, T: int = 3, S=(2,), A=(2,), mu0=None, r_max: float = 5.0) -> LibEnvironment:
    start = np.full(S, 1.0 / np.prod(S)) if mu0 is None else mu0
    return LibEnvironment(
        T=T,
        S=S,
        A=A,
        mu0=start if isinstance(start, Tensor) else tensor(start),
        r_max=r_max,
        reward_fn=lambda *at: reward(*at[1:]),
        transition_fn=lambda *at: prob(*at[1:]),
    )


DOORS = np.array([[[0.75, 0.25], [0.25, 0.75]]] * 2)  # (S, A, S)


def doors(t: int, law: Tensor) -> Tensor:
    return tensor(np.moveaxis(DOORS, -1, 0))


def crowd(t: int, law: Tensor) -> Tensor:
    mu = law.reshape(2, 2).sum(-1)
    return tensor(np.stack([-mu, -2.0 * mu], axis=1))


def refused(message: str, prob=doors, reward=crowd, **options) -> None:
    with pytest.raises(InputError, match=message):
        mb.interop.from_mfglib(lib_environment(prob, reward, **options), gamma=0.9, eta=0.1)


@pytest.mark.parametrize(
    "game",
    [
        mb.games.random_affine(seed=3),
        mb.games.garnet(seed=4),
        mb.games.crowd_grid(),
        mb.games.two_islands(),
        mb.games.sis(),
        mb.games.kinetic_congestion(),
        mb.games.rock_paper_scissors(),
    ],
    ids=lambda game: game.name,
)
def test_a_game_exported_and_imported_again_is_the_same(game: mb.MeanFieldGame, monkeypatch) -> None:
    install_mfglib(monkeypatch)
    environment = mb.interop.to_mfglib(game, 3, discounted=False)
    again = mb.interop.from_mfglib(
        environment, gamma=game.gamma, eta=game.eta, reward_range=game.reward_range, renormalise=True
    )
    assert (again.n_states, again.n_actions) == (game.n_states, game.n_actions)
    assert np.abs(again.start - game.start).max() <= 2e-16
    for seed in range(4):
        mu = np.random.default_rng(seed).dirichlet(np.ones(game.n_states))
        kernel = game.kernel(mu)
        dense = kernel.reshape(again.kernel(mu).shape) if isinstance(kernel, np.ndarray) else kernel.toarray()
        assert np.abs(again.kernel(mu).reshape(dense.shape) - dense).max() <= 1e-14
        assert np.abs(again.reward(mu) - game.reward(mu)).max() <= 1e-12 * max(1.0, game.R)


def test_fixed_arrays_come_back_bit_for_bit(monkeypatch) -> None:
    install_mfglib(monkeypatch)
    game = mb.AffineGame(DOORS, np.arange(4.0).reshape(2, 2), gamma=0.5, eta=1.0, start=[0.25, 0.75])
    again = mb.interop.from_mfglib(mb.interop.to_mfglib(game, 2, discounted=False), gamma=0.5, eta=1.0)
    assert np.array_equal(again.fixed_kernel, game.fixed_kernel)
    assert np.array_equal(again.fixed_reward, game.fixed_reward)
    assert np.array_equal(again.start, game.start)


def test_the_next_state_comes_first_and_rewards_are_discounted(monkeypatch) -> None:
    install_mfglib(monkeypatch)
    game = mb.AffineGame(
        [[[0.75, 0.25], [1.0, 0.0]], [[0.0, 1.0], [0.5, 0.5]]], [[1.0, 2.0], [3.0, 4.0]], gamma=0.5, eta=1.0
    )
    environment = mb.interop.to_mfglib(game, 4)
    law = tensor([[0.25, 0.25], [0.5, 0.0]])
    assert (environment.T, environment.S, environment.A, environment.r_max) == (3, (2,), (2,), 4.0)
    assert environment.prob(0, law)[1, 0, 0] == 0.25  # to state 1 from state 0 with action 0
    assert environment.prob(0, law)[0, 1, 1] == 0.5
    assert np.array_equal(environment.reward(2, law), [[0.25, 0.5], [0.75, 1.0]])


def test_states_and_actions_of_several_dimensions_are_numbered_in_order() -> None:
    table = np.random.default_rng(0).dirichlet(np.ones(6), size=(2, 3, 2, 2))  # (*S, *A, S')
    prob = tensor(np.moveaxis(table, -1, 0).reshape(2, 3, 2, 3, 2, 2))
    reward = tensor(np.arange(24.0).reshape(2, 3, 2, 2))
    environment = lib_environment(lambda *_: prob, lambda *_: reward, S=(2, 3), A=(2, 2), r_max=23.0)
    game = mb.interop.from_mfglib(environment, gamma=0.9, eta=0.1)
    assert np.array_equal(game.fixed_kernel, table.reshape(6, 4, 6))
    assert np.array_equal(game.fixed_reward, np.arange(24.0).reshape(6, 4))


class TestRefused:
    def test_rewards_that_depend_on_the_time(self) -> None:
        refused(
            r"reward\(3, L_t\) != reward\(0, L_t\).*must not depend on t", reward=lambda t, law: crowd(t, law) * (t < 3)
        )

    def test_kernels_that_depend_on_the_time(self) -> None:
        refused(r"prob\(2, L_t\) != prob\(0", prob=lambda t, law: doors(t, law) if t < 2 else doors(t, law)[::-1])

    def test_kernels_at_the_last_time_play_no_role(self) -> None:
        environment = lib_environment(lambda t, law: doors(t, law) if t < 3 else doors(t, law)[::-1], crowd)
        assert mb.interop.from_mfglib(environment, gamma=0.9, eta=0.1).n_states == 2

    def test_discounted_exports(self, monkeypatch) -> None:
        install_mfglib(monkeypatch)
        environment = mb.interop.to_mfglib(mb.games.two_doors(), 3)
        with pytest.raises(InputError, match="discounted=False"):
            mb.interop.from_mfglib(environment, gamma=0.9, eta=0.1)

    def test_rewards_that_depend_on_the_actions_of_others(self) -> None:
        refused("must depend on the law of the states alone", reward=lambda *at: tensor(np.tile(at[1].sum(0), (2, 1))))

    def test_kernels_that_depend_on_the_actions_of_others(self) -> None:
        def prob(t: int, law: Tensor) -> Tensor:
            return tensor(np.stack([np.full((2, 2), law[:, 0].sum()), np.full((2, 2), law[:, 1].sum())]))

        refused(r"prob\(t, L_t\) .*what the others do", prob=prob)

    def test_r_max_that_does_not_bound(self) -> None:
        refused(r"r_max == 1.0, must bound .*\[-2, 0\]", r_max=1.0)

    def test_wrong_shapes(self) -> None:
        refused(
            r"prob\(t, L_t\).shape == \(2, 4\), must be \(2, 2, 2\)", prob=lambda t, law: doors(t, law).reshape(2, 4)
        )
        refused(r"reward\(t, L_t\).shape == \(2,\), must be \(2, 2\)", reward=lambda t, law: crowd(t, law)[:, 0])

    def test_rows_that_do_not_sum_to_one(self) -> None:
        refused(r"must be 1: rows are probability", prob=lambda t, law: doors(t, law) * 0.5)

    def test_a_missing_attribute(self) -> None:
        with pytest.raises(InputError, match=r"object.T is missing"):
            mb.interop.from_mfglib(object(), gamma=0.9, eta=0.1)


def test_float32_rows_are_divided_by_their_sums_only_when_told() -> None:
    rows = np.random.default_rng(1).dirichlet(np.ones(3), size=(3, 2)).astype(np.float32)
    environment = lib_environment(
        lambda *_: tensor(np.moveaxis(rows, -1, 0), np.float32),
        lambda *_: tensor(np.zeros((3, 2)), np.float32),
        S=(3,),
        mu0=tensor([0.25, 0.5, 0.25], np.float32),
    )
    with pytest.raises(InputError, match=r"sums are off by up to \S+, must sum to 1 in float64.*renormalise=True"):
        mb.interop.from_mfglib(environment, gamma=0.9, eta=0.1)
    game = mb.interop.from_mfglib(environment, gamma=0.9, eta=0.1, renormalise=True)
    exact = rows.astype(np.float64)
    assert np.abs(game.fixed_kernel - exact / exact.sum(axis=-1, keepdims=True)).max() <= 1e-15


def test_games_that_torch_cannot_differentiate_say_so(monkeypatch) -> None:
    install_mfglib(monkeypatch)
    environment = mb.interop.to_mfglib(mb.games.crowd_grid(), 3)
    law = tensor(np.full((22, 5), 1.0 / 110.0))
    law.requires_grad = True
    with pytest.raises(InputError, match="MF-OMO needs an AffineGame"):
        environment.reward(0, law)


def test_laws_that_are_none_are_refused(monkeypatch) -> None:
    install_mfglib(monkeypatch)
    environment = mb.interop.to_mfglib(mb.games.crowd_grid(), 3)
    with pytest.raises(InputError, match=r"L_t.sum"):
        environment.reward(0, tensor(np.full((22, 5), 1.0)))


def test_without_mfglib_the_export_says_what_to_install(monkeypatch) -> None:
    for name in ("torch", "mfglib", "mfglib.env"):
        monkeypatch.setitem(__import__("sys").modules, name, None)
    with pytest.raises(InputError, match="pip install mfglib"):
        mb.interop.to_mfglib(mb.games.two_doors(), 3)


def test_errors_of_the_mass_do_not_grow(monkeypatch) -> None:
    """A kernel affine in mu would turn a mass 1 + e into rows of mass 1 + e, and the next mass into 1 + 2e."""
    install_mfglib(monkeypatch)
    game = mb.games.random_affine(seed=3)
    environment = mb.interop.to_mfglib(game, 3)
    law = tensor(np.full((4, 3), (1.0 + 1e-3) / 12.0))
    assert np.abs(environment.prob(0, law).sum(axis=0) - 1.0).max() <= 1e-15
    assert np.abs(environment.reward(0, law) - game.reward(np.full(4, 0.25))).max() <= 1e-15


def test_rewards_that_are_no_numbers_are_not_taken_for_a_clock() -> None:
    refused(
        r"reward\(0, L_t\)\[1, 0\] == nan, must be a finite number",
        reward=lambda t, law: tensor([[0.0, 1.0], [np.nan, 0.0]]),
    )
    refused(r"prob\(0, L_t\)\[0, 0, 0\] == nan, must be", prob=lambda t, law: tensor(np.full((2, 2, 2), np.nan)))
