"""Exploitability in N-player dynamic games (P2, Definition 2): by how much one player gains that leaves its policy.

Deviations are policies of the own state. Each number comes with bounds and with what they rest on: rounding only, a
stated confidence, or nothing but the range of rewards.
"""

from __future__ import annotations

from collections.abc import Sequence
from dataclasses import dataclass
from typing import Any, Literal, TypeAlias

import numpy as np

from mfbounds.checks import FloatArray, check_count, check_real
from mfbounds.errors import InputError, NotEnumerableError, UnknownNameError
from mfbounds.games.dynamic.counts import CountGame
from mfbounds.games.dynamic.game import DynamicGame, IntArray
from mfbounds.games.dynamic.sis import SISGame
from mfbounds.games.dynamic.tabular import TabularGame
from mfbounds.mdp.joint import JointGame
from mfbounds.mdp.n_player_contagion import contagion_bounds, contagion_responses
from mfbounds.mdp.n_player_independent import independent_responses, terms_summed
from mfbounds.mdp.n_player_joint import joint_gains
from mfbounds.mdp.n_player_play import played_gains
from mfbounds.simulation.dynamic import Seed, generator_of, joint_policy

Method: TypeAlias = Literal["auto", "enumeration", "independent", "recursion", "monte carlo"]
METHODS = ("auto", "enumeration", "independent", "recursion", "monte carlo")
ROUNDING = "rounding only"
RANGE = "the range of rewards only"


@dataclass(frozen=True, eq=False, kw_only=True)
class NPlayerExploitability:
    """E^i of the players asked for, reward units.

    Attributes:
        players: (P,), their numbers.
        values: (P,), the best estimate of each E^i.
        lower, upper: (P,), bounds of each E^i.
        method: how they were found.
        guarantee: what the bounds rest on, in words.
        confidence: the probability with which all bounds hold together; 1 where no sampling is involved.
        responses: (P, H, S), for each player an action for each step and own state that is best, or best known; None
            where the method does not single one out.
    """

    players: IntArray
    values: FloatArray
    lower: FloatArray
    upper: FloatArray
    method: str
    guarantee: str
    confidence: float = 1.0
    responses: IntArray | None = None

    @property
    def errors(self) -> FloatArray:
        """How far each true value may be from `values`, (P,), reward units."""
        return np.maximum(self.upper - self.values, self.values - self.lower)

    @property
    def max(self) -> float:
        """The largest value: the exploitability of the whole profile as P2 measures it, where all players were asked."""
        return float(self.values.max())

    @property
    def mean(self) -> float:
        """The average over the players asked for."""
        return float(self.values.mean())

    def __repr__(self) -> str:
        return (
            f"<exploitability of {len(self.players)} players, {self.method}: max {self.max:.6g}, mean {self.mean:.6g}, "
            f"error <= {self.errors.max():.2g} ({self.guarantee})>"
        )


def n_player_exploitability(
    game: DynamicGame,
    policy: Any,
    *,
    players: Sequence[int] | None = None,
    method: Method = "auto",
    trajectories: int = 0,
    confidence: float = 0.999,
    seed: Seed = 0,
) -> NPlayerExploitability:
    """What each player could gain at most by another policy of its own state, the others keeping theirs.

    Methods ("auto" takes the first that fits):

    - "independent": dynamics ignore the others; backward induction, exact for any N where rewards are affine in the
      counts, else where the law of the counts can be listed.
    - "recursion": A-SIS; a recursion of N probabilities, with a bias of order 1/N. With `trajectories` > 0 simulated
      monotone epidemics bound every E^i with the stated confidence; without, only the range of rewards does.
    - "enumeration": joint states; exact where deviations can be enumerated, else between a concrete deviation and the
      best response of a player that sees all states.
    - "monte carlo": any game; the gain of one concrete deviation, the best response in the induced mean-field game, is
      played `trajectories` times: a lower bound with the stated confidence, the range of rewards above.

    Args:
        policy: (H, S, A) for all players, or (N, H, S, A), one policy a player.
        players: their numbers; all by default.
        trajectories: sampled joint trajectories where the method samples.
        confidence: in (0, 1), for all bounds together.
        seed: an integer, a `SeedSequence` or a `Generator`.

    Raises:
        UnknownNameError: another method.
        InputError: no dynamic game, a policy of wrong shape or off the simplex, a player that is not in it, a method that
            does not fit it.
        NotEnumerableError: a game too large for every exact method; the message names the alternative.

    Example:
        >>> from mfbounds.games.dynamic.rps import a_rps
        >>> n_player_exploitability(a_rps(n_players=200), np.full((10, 3, 3), 1 / 3)).method
        'independent'
    """
    if method not in METHODS:
        raise UnknownNameError("method", method, METHODS)
    level = check_real(confidence, "confidence")
    if not 0.0 < level < 1.0:
        raise InputError(f"confidence == {confidence}, must be in (0, 1)")
    if not isinstance(game, DynamicGame):
        raise InputError(
            f"game == {game!r}, must be a dynamic game of N players; for a mean-field game use n_player_gap"
        )
    policies, asked = joint_policy(game, policy), _players(game, players)
    runs = check_count(trajectories, "trajectories", least=0)
    chosen = _fitting(game) if method == "auto" else method
    if chosen == "independent":
        return _independent(game, policies, asked)
    if chosen == "recursion":
        return _recursion(game, policies, asked, (runs, level, seed))
    if chosen == "enumeration":
        return _enumeration(game, policies, asked)
    lower, values, responses = played_gains(
        game, policies, asked, trajectories=runs, confidence=level, rng=generator_of(seed)
    )
    return NPlayerExploitability(
        players=asked,
        values=values,
        lower=lower,
        upper=np.full(len(asked), game.horizon * game.R),
        method="monte carlo",
        guarantee=f"lower bounds with confidence {level}, upper bounds by {RANGE}",
        confidence=level,
        responses=responses,
    )


def _players(game: DynamicGame, players: Sequence[int] | None) -> IntArray:
    if players is None:
        return np.arange(game.n_players)
    asked = np.array([check_count(i, "players", least=0) for i in players], dtype=np.int64)
    if not asked.size or asked.max() >= game.n_players:
        raise InputError(f"players == {list(players)}, must be one or more numbers in 0..{game.n_players - 1}")
    return asked


def _fitting(game: DynamicGame) -> str:
    if game.independent and isinstance(game, CountGame | TabularGame):
        return "independent"
    return "recursion" if isinstance(game, SISGame) else "enumeration"


def _independent(game: DynamicGame, policies: FloatArray, players: IntArray) -> NPlayerExploitability:
    found = independent_responses(game, policies, players)
    values = np.maximum(found.best - found.values, 0.0)
    error = _rounding(game, terms_summed(game))
    return NPlayerExploitability(
        players=players,
        values=values,
        lower=np.maximum(values - error, 0.0),
        upper=values + error,
        method="independent",
        guarantee=ROUNDING,
        responses=found.actions,
    )


def _recursion(
    game: DynamicGame, policies: FloatArray, players: IntArray, sampling: tuple[int, float, Seed]
) -> NPlayerExploitability:
    if not isinstance(game, SISGame):
        raise InputError(f"game == {game!r}, must be A-SIS for method='recursion': use 'enumeration' or 'monte carlo'")
    runs, confidence, seed = sampling
    found = contagion_responses(game, policies, players)
    lower, upper = np.zeros(len(players)), np.full(len(players), game.horizon * game.R)
    if runs:
        lower, upper = contagion_bounds(
            game,
            policies,
            players,
            actions=found.actions,
            trajectories=check_count(runs, "trajectories", least=2),
            confidence=confidence,
            rng=generator_of(seed),
        )
    return NPlayerExploitability(
        players=players,
        values=np.maximum(found.best - found.values, 0.0),
        lower=lower,
        upper=upper,
        method="recursion",
        guarantee=f"monotone epidemics, {runs} paths, confidence {confidence}" if runs else f"bounds by {RANGE}",
        confidence=confidence if runs else 1.0,
        responses=found.actions,
    )


def _enumeration(game: DynamicGame, policies: FloatArray, players: IntArray) -> NPlayerExploitability:
    if isinstance(game, CountGame):
        game = game.tabular()
    if not isinstance(game, TabularGame):
        raise NotEnumerableError(f"game == {game!r}, must be a TabularGame or a CountGame: use method='monte carlo'")
    joint = JointGame(game)
    profile = np.broadcast_to(policies, (game.n_players, *policies.shape[1:]))
    lower, upper = np.array([joint_gains(joint, profile, int(i)) for i in players]).T
    error = _rounding(game, game.n_pairs**game.n_players + game.n_states**game.n_players)
    exact = bool((lower == upper).all())
    return NPlayerExploitability(
        players=players,
        values=np.maximum(lower, 0.0),
        lower=np.maximum(lower - error, 0.0),
        upper=np.maximum(upper, 0.0) + error,
        method="enumeration",
        guarantee=ROUNDING if exact else "a concrete deviation below, a player that sees all states above",
    )


def _rounding(game: DynamicGame, further: int) -> float:
    """A bound of the rounding error of a difference of two values: sums of at most N D + H (D + S) terms a step.

    Args:
        further: terms that are summed over as well, such as joint states.
    """
    largest = max(abs(end) for end in game.reward_range)
    terms = game.n_players * game.n_pairs + game.horizon * (game.n_pairs + game.n_states) + further
    return 4 * float(np.finfo(np.float64).eps) * terms * game.horizon * largest
