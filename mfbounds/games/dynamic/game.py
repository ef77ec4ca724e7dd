"""What every N-player finite-horizon dynamic game offers (P2, Definition 1), whatever its representation."""

from __future__ import annotations

from abc import ABC, abstractmethod
from collections.abc import Mapping
from dataclasses import dataclass, field
from types import MappingProxyType

import numpy as np
import numpy.typing as npt

from mfbounds.checks import FloatArray, check_rows, check_shape, frozen_array
from mfbounds.errors import InputError
from mfbounds.games.game import Origin
from mfbounds.numbers import Constant

IntArray = npt.NDArray[np.int64]
LAWS = ("alpha", "K_mu", "L_pop", "L_2", "K_sa", "K_s", "K_a", "C_1")  # what may be declared: of the dynamics,
REWARDS = ("beta", "L_mu", "L_a", "L_sa", "C_2", "slope")  # of the rewards,
DECLARABLE = (*LAWS, *REWARDS, "kappa")  # and of both
SIGNED = ("slope",)  # may be below 0


@dataclass(frozen=True, eq=False, kw_only=True)
class DynamicGame(ABC):
    """N players, each with its own state, transition law and reward; players see their own state only.

    Attributes:
        n_players: N >= 2.
        n_states, n_actions: S and A, the same for every player.
        horizon: H >= 1 steps, h = 0..H-1.
        start: rho_0, the law of every player's first state, shape (S,).
        reward_range: (r_min, r_max), reward units: every reward of every player lies inside.
        declared: what is known from the construction or vouched for by the user: alpha, beta, K_mu, L_mu, L_pop, L_2, K_sa,
            K_s, K_a, L_a, L_sa, kappa, C_1, C_2, slope (of the induced rewards, see `mfbounds.symmetry.monotonicity`).
        origin: how to build the game again, when a factory made it.
    """

    n_players: int
    n_states: int
    n_actions: int
    horizon: int
    start: FloatArray
    reward_range: tuple[float, float]
    declared: Mapping[str, Constant] = field(default_factory=lambda: MappingProxyType({}))
    name: str = ""
    origin: Origin | None = None

    @property
    def n_others(self) -> int:
        """K = N - 1."""
        return self.n_players - 1

    @property
    def n_pairs(self) -> int:
        """D = |S||A|."""
        return self.n_states * self.n_actions

    @property
    def R(self) -> float:
        """The width r_max - r_min of the reward range, reward units."""
        return self.reward_range[1] - self.reward_range[0]

    @property
    @abstractmethod
    def independent(self) -> bool:
        """Whether no player's transition law depends on the other players."""

    @property
    @abstractmethod
    def mean_kernel(self) -> FloatArray | None:
        """The players' average of P^i, (S, A, S), when the others play no role in any of them, else None."""

    @abstractmethod
    def laws(self, states: IntArray, actions: IntArray) -> FloatArray:
        """P^i(.|s^i, a^i, rho^{-i}) of all players, (B, N, S), in B joint states and actions of shape (B, N)."""

    @abstractmethod
    def rewards(self, states: IntArray, actions: IntArray) -> FloatArray:
        """R^i(s^i, a^i, rho^{-i}) of all players, (B, N), reward units, in B joint states and actions (B, N)."""

    def step(
        self, states: npt.NDArray[np.signedinteger], actions: npt.NDArray[np.signedinteger], rng: np.random.Generator
    ) -> tuple[FloatArray, npt.NDArray[np.signedinteger]]:
        """(rewards, next states), both (B, N), drawn independently given the joint state and action: for simulation.

        Games with a closed form override it; `states` and `actions` may then be of any integer type.
        """
        wide_states, wide_actions = states.astype(np.int64), actions.astype(np.int64)
        rewards = self.rewards(wide_states, wide_actions)
        thresholds = np.cumsum(self.laws(wide_states, wide_actions), axis=-1)[..., :-1]
        return rewards, (rng.random(states.shape)[..., None] >= thresholds).sum(axis=-1)

    def policy(self, policy: object, name: str = "policy") -> FloatArray:
        """`policy` as a checked, read-only time-dependent policy of one player, shape (H, S, A)."""
        return check_time_policy(policy, (self.horizon, self.n_states, self.n_actions), name)

    def __repr__(self) -> str:
        what = self.name or (str(self.origin) if self.origin else type(self).__name__)
        return f"<{what}: N={self.n_players}, S={self.n_states}, A={self.n_actions}, H={self.horizon}>"


def check_time_policy(policy: object, shape: tuple[int, int, int], name: str = "policy") -> FloatArray:
    """A time-dependent policy pi_h(a|s), shape (H, S, A), each row a distribution over actions."""
    array = frozen_array(policy, name)
    if array.shape != shape:
        raise InputError(f"{name}.shape == {array.shape}, must be {shape}: (H, S, A), one row a step and a state")
    check_rows(array, name)
    return array


def check_in_range(rewards: FloatArray, reward_range: tuple[float, float], name: str) -> None:
    """Raises unless every reward lies in the declared range (up to rounding of its ends)."""
    low, high = reward_range
    slack = 1e-12 * max(abs(low), abs(high), 1e-300)
    if rewards.size and (rewards.min() < low - slack or rewards.max() > high + slack):
        raise InputError(
            f"{name} in [{rewards.min()}, {rewards.max()}], must stay inside reward_range == ({low}, {high}): "
            "widen reward_range, every bound rests on it"
        )


def check_reward_range(reward_range: object, name: str = "reward_range") -> tuple[float, float]:
    """(r_min, r_max), finite, r_min <= r_max."""
    ends = frozen_array(reward_range, name)
    check_shape(ends, (2,), name)
    if ends[0] > ends[1]:
        raise InputError(f"{name} == ({ends[0]}, {ends[1]}), must be (r_min, r_max) with r_min <= r_max")
    return float(ends[0]), float(ends[1])
