"""Small games that show where printed statements of P2 fail; each is known in closed form.

All are of two states; rewards in [0, 1]. They are part of the catalogue, so that a verdict on one can be stored and
replayed from its name.
"""

from __future__ import annotations

from copy import copy
from typing import TypeVar

import numpy as np

from mfbounds.checks import FloatArray, check_count, check_real
from mfbounds.errors import InputError
from mfbounds.games.dynamic.counts import CountGame
from mfbounds.games.dynamic.game import DynamicGame, IntArray
from mfbounds.games.dynamic.tabular import TabularGame
from mfbounds.games.origins import origin_of
from mfbounds.numbers import Constant, Provenance

G = TypeVar("G", bound=DynamicGame)


def ordered_pair() -> TabularGame:
    """Three players, two states: player 0 moves to state 1 iff the first of the others is in 0 and the second in 1.

    Nobody else ever moves to state 1. Where the others agree all players are alike, so that a comparison at empirical
    distributions of N players, which are those of N - 1 players only at vertices, sees nothing; the true alpha is 5/3.
    """

    def kernel(i: int, s: int, a: int, others: tuple[tuple[int, int], ...]) -> list[float]:  # noqa: ARG001
        moves = i == 0 and [state for state, _ in others] == [0, 1]
        return [0.0, 1.0] if moves else [1.0, 0.0]

    game = TabularGame.from_functions(
        kernel,
        lambda i, s, a, others: float(s),  # noqa: ARG005
        n_players=3,
        n_states=2,
        n_actions=1,
        horizon=2,
        reward_range=(0.0, 1.0),
        name="an ordered pair",
    )
    return _named(game, "ordered_pair", {})


def one_stays(*, n_players: int = 4, p: float = 0.5, horizon: int = 2) -> TabularGame:
    """All start in state 0; player 0 stays there, the others move to state 1, for ever, with probability p a step.

    Nobody looks at the others. At h = 1 player 0 is away from the average by 2 p (N-1)/N in l1, which is alpha.

    Args:
        n_players: N >= 2.
        p: in [0, 1].
        horizon: H >= 1.

    Raises:
        InputError: a number outside its range.
    """
    n = check_count(n_players, "n_players", least=2)
    if not 0.0 <= check_real(p, "p") <= 1.0:
        raise InputError(f"p == {p}, must be in [0, 1]: it is a probability")
    kernels = np.zeros((n, 2, 1, 2))
    kernels[:, 0, 0] = [1.0 - p, p]
    kernels[0, 0, 0] = [1.0, 0.0]
    kernels[:, 1, 0, 1] = 1.0
    rewards = np.broadcast_to(np.array([[0.0], [1.0]]), (n, 2, 1))
    game = TabularGame.of(
        kernels, rewards, horizon=horizon, start=[1.0, 0.0], reward_range=(0.0, 1.0), name="one player stays"
    )
    return _named(game, "one_stays", {"n_players": n, "p": p, "horizon": horizon})


def unbalanced(*, n_players: int = 10_001) -> CountGame:
    """Two steps, uniform start: action 1 leads to state 1 with probability 2|sigma_S(0) - 1/2|, action 0 to state 0.

    The reward is 1 in state 1, whatever the action (L_a = 0) and the others (L_mu = 0). In the mean field the crowd is
    balanced and action 1 gains nothing; with N players it gains 2 E|Bin(N-1, 1/2)/(N-1) - 1/2|.

    Raises:
        InputError: N < 2.
    """
    n = check_count(n_players, "n_players", least=2)

    def imbalance(share: FloatArray) -> FloatArray:
        return np.asarray(2.0 * np.abs(share - 0.5), dtype=np.float64)

    def kernel(players: IntArray, states: IntArray, actions: IntArray, others: IntArray) -> FloatArray:  # noqa: ARG001
        p = actions * imbalance((others[..., 0] + others[..., 1]) / (n - 1))
        return np.stack([1.0 - p, p], axis=-1)

    def lifted_kernel(mu: FloatArray) -> FloatArray:
        p = np.broadcast_to(np.array([0.0, 1.0]) * imbalance(mu[0].sum()), (2, 2))
        return np.stack([1.0 - p, p], axis=-1)

    game = CountGame.of(
        kernel,
        lambda players, states, actions, others: states.astype(np.float64),  # noqa: ARG005
        n_players=n,
        n_states=2,
        n_actions=2,
        horizon=2,
        reward_range=(0.0, 1.0),
        lifted_kernel=lifted_kernel,
        lifted_reward=lambda mu: np.array([[0.0, 0.0], [1.0, 1.0]]),  # noqa: ARG005
        affine_rewards=True,
        declared=_declared(alpha=0.0, beta=0.0, K_mu=2.0, L_mu=0.0, K_sa=2.0, K_s=0.0, K_a=2.0, L_a=0.0, L_sa=1.0),
        name="an unbalanced crowd",
    )
    return _named(game, "unbalanced", {"n_players": n})


def one_shot(*, n_players: int = 101) -> CountGame:
    """One step, uniform start: action 0 pays 1/2, action 1 pays 1/2 + |sigma_S(0) - 1/2|; the action is the next state.

    In the mean field both pay 1/2; with N players action 1 gains E|Bin(N-1, 1/2)/(N-1) - 1/2|. The population update
    has the modulus 1.

    Raises:
        InputError: N < 2.
    """
    n = check_count(n_players, "n_players", least=2)

    def reward(players: IntArray, states: IntArray, actions: IntArray, others: IntArray) -> FloatArray:  # noqa: ARG001
        share = (others[..., 0] + others[..., 1]) / (n - 1)
        return np.asarray(0.5 + actions * np.abs(share - 0.5), dtype=np.float64)

    def lifted_reward(mu: FloatArray) -> FloatArray:
        gain = abs(float(mu[0].sum()) - 0.5)
        return np.array([[0.5, 0.5 + gain]] * 2)

    game = CountGame.of(
        np.broadcast_to(np.eye(2), (1, 2, 2, 2)),
        reward,
        n_players=n,
        n_states=2,
        n_actions=2,
        horizon=1,
        reward_range=(0.5, 1.0),
        lifted_reward=lifted_reward,
        declared=_declared(
            alpha=0.0, beta=0.0, K_mu=0.0, L_mu=0.5, K_sa=2.0, K_s=0.0, K_a=2.0, L_a=0.5, L_sa=0.5, L_pop=1.0
        ),
        name="one shot",
    )
    return _named(game, "one_shot", {"n_players": n})


def motionless(*, n_players: int = 4, horizon: int = 1) -> CountGame:
    """Two states, one action, uniform start, and nobody moves: the population update is the identity, in any norm.

    Raises:
        InputError: N < 2, H < 1.
    """
    n = check_count(n_players, "n_players", least=2)
    game = CountGame.of(
        np.eye(2)[None, :, None, :],
        lambda players, states, actions, others: states.astype(np.float64),  # noqa: ARG005
        n_players=n,
        n_states=2,
        n_actions=1,
        horizon=horizon,
        reward_range=(0.0, 1.0),
        lifted_reward=lambda mu: np.array([[0.0], [1.0]]),  # noqa: ARG005
        affine_rewards=True,
        declared=_declared(
            alpha=0.0, beta=0.0, K_mu=0.0, L_mu=0.0, K_sa=2.0, K_s=2.0, K_a=0.0, L_a=0.0, L_sa=1.0, L_pop=1.0, L_2=1.0
        ),
        name="nobody moves",
    )
    return _named(game, "motionless", {"n_players": n, "horizon": game.horizon})


def at_own_state(*, n_players: int = 3, n_states: int = 2, n_actions: int = 2) -> CountGame:
    """A beach bar in small: the action is the place to go to, and a place pays 1 less the share of others in it.

    Rewards look at the crowd at the own state only, whatever its actions.

    Raises:
        InputError: N < 2, a size < 1, or more states than actions lead to.
    """
    n = check_count(n_players, "n_players", least=2)
    S, A = check_count(n_states, "n_states"), check_count(n_actions, "n_actions")

    def reward(players: IntArray, states: IntArray, actions: IntArray, others: IntArray) -> FloatArray:  # noqa: ARG001
        present = others.reshape(*others.shape[:-1], S, A).sum(axis=-1)
        share: FloatArray = np.take_along_axis(present, states[..., None], axis=-1)[..., 0] / (n - 1)
        return 1.0 - share

    kernel = np.zeros((1, S, A, S))
    kernel[0, :, np.arange(A), np.arange(A) % S] = 1.0
    game = CountGame.of(
        kernel,
        reward,
        n_players=n,
        n_states=S,
        n_actions=A,
        horizon=2,
        reward_range=(0.0, 1.0),
        affine_rewards=True,
        name="crowd at the own state",
    )
    return _named(game, "at_own_state", {"n_players": n, "n_states": S, "n_actions": A})


def _declared(**values: float) -> dict[str, Constant]:
    argument = "by construction"
    return {
        name: Constant(value=value, provenance=Provenance.CERTIFIED, argument=argument, exact=True)
        for name, value in values.items()
    }


def _named(game: G, factory: str, arguments: dict[str, object]) -> G:
    """The game with the origin that builds it again."""
    named = copy(game)
    object.__setattr__(named, "origin", origin_of(factory, arguments))
    return named
