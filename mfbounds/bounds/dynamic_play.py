"""What N players do when all but one play one policy, exactly, with rounding bounds: the left sides of P2.

Small games are enumerated over joint states (`JointGame`); games of two states whose players are alike are followed at
count level (`ExchangeableGame`), whatever N is.
"""

from __future__ import annotations

import math
from collections.abc import Iterator
from functools import partial
from itertools import chain, islice

import numpy as np

from mfbounds.bounds.dynamic_cases import near_equilibrium, time_policies
from mfbounds.bounds.dynamic_problem import DynamicProblem
from mfbounds.bounds.norms import UNIT
from mfbounds.bounds.statement import Case, HypothesisResult
from mfbounds.checks import FloatArray
from mfbounds.errors import InputError
from mfbounds.games.dynamic.counts import CountGame
from mfbounds.games.dynamic.tabular import TabularGame
from mfbounds.mdp.exchangeable import ExchangeableGame, can_be_followed
from mfbounds.mdp.finite_horizon import flow_optimum, flow_values
from mfbounds.mdp.joint import ENTRIES, JointGame
from mfbounds.mdp.n_player_independent import can_respond
from mfbounds.numbers import Measured, Provenance
from mfbounds.simulation.dynamic_exploitability import n_player_exploitability


def joint_game(problem: DynamicProblem) -> JointGame | None:
    """The game over joint states; None where it is too large to be enumerated."""
    game = problem.game
    if game.n_players * np.log(game.n_pairs * game.n_states) > np.log(ENTRIES):
        return None
    if isinstance(game, TabularGame):
        return JointGame(game)
    return problem.remember("joint", lambda: JointGame(game.tabular())) if isinstance(game, CountGame) else None


def enumerated(problem: DynamicProblem) -> JointGame:
    """`joint_game`, computed once.

    Raises:
        InputError: the game is too large to be enumerated.
    """
    found = problem.remember("joint game", lambda: joint_game(problem))
    if found is None:
        raise InputError(f"game == {problem.game!r}, must be small enough to enumerate joint states for this statement")
    return found


def play(problem: DynamicProblem) -> JointGame | ExchangeableGame | None:
    """Whatever plays the game exactly; None where it is neither small nor one of two states with players who are alike."""
    if problem.remember("joint game", lambda: joint_game(problem)) is not None:
        return enumerated(problem)
    game = problem.game
    if isinstance(game, CountGame) and can_be_followed(game):
        return problem.remember("exchangeable", lambda: ExchangeableGame(game))
    return None


def enumerable(problem: DynamicProblem, case: Case) -> HypothesisResult:  # noqa: ARG001
    """The joint states are few enough to be enumerated: the left side is known exactly."""
    entries = problem.game.n_players * math.log10(problem.game.n_pairs * problem.game.n_states)
    holds = problem.remember("joint game", lambda: joint_game(problem)) is not None
    return _known(holds, entries, f"a joint kernel of 10^{entries:.1f} entries, at most {ENTRIES:.0e} are enumerated")


def playable(problem: DynamicProblem, case: Case) -> HypothesisResult:  # noqa: ARG001
    """The game is played exactly, by enumeration or at count level."""
    holds = play(problem) is not None
    return _known(
        holds, float(holds), "exact play" if holds else "neither enumerable nor of two states and one kind of player"
    )


def responses_known(problem: DynamicProblem, case: Case) -> HypothesisResult:  # noqa: ARG001
    """Best responses are computed exactly: of few enough deviations, or by induction where dynamics ignore the others."""
    exact = play(problem)
    holds = (exact is not None and exact.responds) or can_respond(problem.game)
    told = "best responses are exact" if holds else "no exact best responses: n_player_exploitability has bounds"
    return _known(holds, float(holds), told)


def inductive(problem: DynamicProblem, case: Case) -> HypothesisResult:  # noqa: ARG001
    """Best responses are found by backward induction: dynamics ignore the others, whose counts can be averaged over."""
    holds = can_respond(problem.game)
    told = (
        "exact by backward induction"
        if holds
        else "dynamics depend on the others, or too many counts of theirs to list"
    )
    return _known(holds, float(holds), told)


def _known(holds: bool, value: float, reason: str) -> HypothesisResult:
    return HypothesisResult(
        name="left side known exactly",
        holds=holds,
        value=value,
        margin=0.0 if holds else -1.0,
        provenance=Provenance.CERTIFIED,
        reason=reason,
    )


def played_policies(problem: DynamicProblem, label: str) -> Iterator[FloatArray]:
    """A policy near the mean-field equilibrium, a deterministic one and the uniform one; at count level, pure ones."""
    exact = play(problem)
    if isinstance(exact, ExchangeableGame):
        game = exact.game
        same = (np.tile(np.eye(game.n_actions)[a], (game.horizon, 2, 1)) for a in range(game.n_actions))
        yield from filter(exact.can_follow, chain(same, islice(time_policies(problem, label), 1)))
        return
    yield near_equilibrium(problem)
    yield from islice(time_policies(problem, label), 2)


def with_deviator(problem: DynamicProblem, player: int, deviation: FloatArray, policy: FloatArray) -> FloatArray:
    """The policies (N, H, S, A) of all players when one deviates."""
    policies = np.repeat(policy[None], problem.game.n_players, axis=0)
    policies[player] = deviation
    return policies


def exploitability(problem: DynamicProblem, policy: FloatArray) -> Measured:
    """The largest exploitability over the players when all play `policy`, reward units.

    Raises:
        InputError: best responses of this game are not computed exactly.
    """
    game, exact = problem.game, play(problem)
    mixed = isinstance(exact, ExchangeableGame) and not np.isin(policy, (0.0, 1.0)).all()
    if exact is None or mixed or not exact.responds:  # counts follow pure policies only
        return inductive_exploitability(problem, policy)
    if isinstance(exact, ExchangeableGame):
        return Measured(exact.exploitability(policy), exact.rounding * game.horizon * _scale(problem))
    policies = np.repeat(policy[None], game.n_players, axis=0)
    own = [_joint_return(problem, i, policy, policy) for i in range(game.n_players)]
    best = [exact.best_deviation(i, policies) for i in range(game.n_players)]
    gain = max(float(most - kept) for most, kept in zip(best, own, strict=True))
    return Measured(gain, 2 * joint_rounding(exact) * _scale(problem))


def inductive_exploitability(problem: DynamicProblem, policy: FloatArray) -> Measured:
    """The same by backward induction, for dynamics that ignore the others and any number of players.

    Raises:
        InputError: the dynamics do not.
        NotEnumerableError: rewards are not affine in the counts of the others, which are too many to list.
    """
    found = n_player_exploitability(problem.game, policy, method="independent")
    low, high = float(found.lower.max()), float(found.upper.max())
    return Measured((low + high) / 2, (high - low) / 2 + UNIT * abs(high))


def returns(problem: DynamicProblem, deviation: FloatArray, policy: FloatArray) -> tuple[FloatArray, float]:
    """(J^i(deviation, policy, ..., policy) of every player i or of one who stands for all, error), reward units."""
    game, exact = problem.game, play(problem)
    if isinstance(exact, ExchangeableGame):
        value = np.array([exact.value(deviation, policy)])
        return value, exact.rounding * game.horizon * _scale(problem)
    values = np.array([_joint_return(problem, i, deviation, policy) for i in range(game.n_players)])
    return values, joint_rounding(enumerated(problem)) * _scale(problem)


def _joint_return(problem: DynamicProblem, player: int, deviation: FloatArray, policy: FloatArray) -> float:
    """J of one player who plays `deviation` while all others play `policy`."""
    rewards = enumerated(problem).pairs[1][player]
    return float((joint_laws(problem, player, deviation, policy) @ rewards).sum())


def flow_return(problem: DynamicProblem, deviation: FloatArray, policy: FloatArray) -> Measured:
    """V(Lambda(policy), deviation), reward units."""
    flow = problem.flow(policy)
    value = float(problem.game.start @ flow_values(flow, deviation).V[0])
    return Measured(value, _value_error(problem))


def flow_gain(problem: DynamicProblem, policy: FloatArray) -> Measured:
    """delta: the exploitability of `policy` in the mean-field game, reward units."""
    flow = problem.flow(policy)
    best, own = flow_optimum(flow)[1][0], flow_values(flow, policy).V[0]
    return Measured(max(float(problem.game.start @ (best - own)), 0.0), 2 * _value_error(problem))


def flow_states(problem: DynamicProblem, deviation: FloatArray, policy: FloatArray) -> FloatArray:
    """The law of the state of one player who plays `deviation` against the flow of `policy`, (H, S)."""
    flow, laws = problem.flow(policy), [problem.game.start]
    for h in range(problem.game.horizon - 1):
        laws.append(np.einsum("s,sa,sat->t", laws[-1], deviation[h], flow.kernels[h]))
    return np.array(laws)


def joint_laws(problem: DynamicProblem, player: int, deviation: FloatArray, policy: FloatArray) -> FloatArray:
    """The law of the joint state-action at every step, (H, D^N), when one player deviates."""
    key = ("joint laws", player, deviation.tobytes(), policy.tobytes())
    profile = partial(with_deviator, problem, player, deviation, policy)
    return problem.remember(key, lambda: enumerated(problem).pair_laws(profile()))


def joint_rounding(joint: JointGame) -> float:
    """Rounding of a sum over joint state-actions through all steps, relative to the largest term."""
    game = joint.game
    terms = game.n_pairs**game.n_players + game.n_states**game.n_players + 16 * game.n_players
    return float(4 * game.horizon * terms * UNIT)


def flow_errors(problem: DynamicProblem) -> FloatArray:
    """l1 rounding of mu_h, (H,): every step adds some and multiplies what is there by L_pop at most."""
    game, L = problem.game, problem.primitives["L_pop"].value
    step = 16 * (game.n_pairs + game.n_states) * UNIT
    errors = [step]
    for _ in range(game.horizon - 1):
        errors.append(L * errors[-1] + step)
    return np.array(errors)


def _value_error(problem: DynamicProblem) -> float:
    """Rounding of a value along a flow: that of the recursion, and that of mu through rewards and kernels."""
    H, constants = problem.game.horizon, problem.primitives
    slope = constants["L_mu"].value + constants["K_mu"].value * H * problem.game.R / 2
    own = 16 * H * (problem.game.n_pairs + H) * UNIT * _scale(problem)
    return H * slope * float(flow_errors(problem).max()) + own


def _scale(problem: DynamicProblem) -> float:
    """The largest return in absolute value, reward units."""
    return problem.game.horizon * max(map(abs, problem.game.reward_range))
