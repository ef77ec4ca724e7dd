"""What a game needs in practice, beside what the theory asks for: smallest numbers found, and the time of a plan."""

from __future__ import annotations

import math
import time
from collections.abc import Callable
from dataclasses import dataclass, replace
from fractions import Fraction

import numpy as np

from mfbounds.bounds.planning_result import LIMIT, Plan
from mfbounds.bounds.problem import Problem
from mfbounds.bounds.statement import L1
from mfbounds.errors import InputError
from mfbounds.games.game import MeanFieldGame
from mfbounds.mdp.frozen import freeze
from mfbounds.mdp.stationary import frozen_stationary
from mfbounds.simulation.rollouts import CountRollouts
from mfbounds.solvers.run import Run
from mfbounds.solvers.sampled_trpo import shifted
from mfbounds.solvers.sampling import default_horizon
from mfbounds.solvers.solve import solve

MOST = 2**40  # trajectories beyond which the search for a small number gives up
MOST_ITERATIONS = 2**12


@dataclass(frozen=True, kw_only=True)
class Empirical:
    """Numbers at which seeded runs reached epsilon, each within a factor of 2 of the smallest that did.

    Reached is what the proof of D.5 promises: value gap at muhat_K plus C_phi times the inconsistency
    ||muhat_K - lambda||_2, which bounds the exploitability. (Exploitability alone does not see whether the population is
    consistent: one trajectory would often do.) The numbers are found, not proved: other seeds may need more.

    Attributes:
        epsilon, seeds: what all runs reached, reward units; how many runs.
        L, K, I, T, P: as in `Plan`.
        oracle_calls: expected number for these numbers.
    """

    epsilon: float
    seeds: int
    L: int
    K: int
    I: int  # noqa: E741 - the paper's name
    T: int
    P: int
    oracle_calls: int


def empirical(game: MeanFieldGame, found: Plan, *, seeds: int = 3, seed: int = 0) -> Empirical:
    """The smallest powers of 2 that reach the plan's epsilon: K and L for the exact algorithm, then I, then P.

    M, the step and the start of the trajectories are those of the plan; the horizon cuts off V_max/1000.

    Raises:
        InputError: no number up to 2^40 (2^12 iterations) reaches epsilon.
    """
    played = game.replace(start=game.restart) if found.initial == "repaired" else game
    common = {"M": found.M, "beta": found.beta}

    C_phi = float(Problem(game).constants(found.tier, L1, found.M)["C_phi"].mid())

    def reached(run: Run) -> bool:
        law = frozen_stationary(freeze(game, run.mu), run.policy).law
        gap = run.history["quality"].iloc[-1]
        return bool(gap + C_phi * float(np.linalg.norm(law - run.mu)) <= found.epsilon)

    def exact(L: int, K: int) -> bool:
        return reached(solve(played, "exact-mf-trpo", K=K, L=L, every=K, **common))  # type: ignore[arg-type]

    K = _smallest(lambda n: exact(MOST_ITERATIONS // 8, n), "K", MOST_ITERATIONS)
    horizon = default_horizon(game.gamma)

    def sampled(L: int, I: int, P: int) -> bool:  # noqa: E741
        for s in range(seed, seed + seeds):
            numbers = {"K": K, "L": L, "I": I, "T": horizon, "P": P, "seed": s, "every": K, "initial": found.initial}
            if not reached(solve(played, "sampled-mf-trpo", **common, **numbers)):  # type: ignore[arg-type]
                return False
        return True

    L = _smallest(lambda n: sampled(n, MOST, MOST), "L", MOST_ITERATIONS)
    I = _smallest(lambda n: sampled(L, n, MOST), "I", MOST)  # noqa: E741
    P = _smallest(lambda n: sampled(L, I, n), "P", MOST)
    rollout = 1 / (1 - Fraction(game.gamma)) + horizon + 1
    levels = 0 if found.initial == "reset" else Fraction(found.beta) * K * (K - 1) / 2
    calls = math.ceil(K * L * I * rollout + P * (K + int(found.M) * (K + levels)))
    return Empirical(epsilon=found.epsilon, seeds=seeds, L=L, K=K, I=I, T=horizon, P=P, oracle_calls=calls)


def _smallest(reached: Callable[[int], bool], name: str, most: int) -> int:
    """The smallest power of 2 that reaches the accuracy."""
    number = 1
    while not reached(number):
        number *= 2
        if number > most:
            raise InputError(f"{name} == {most}, must suffice for a search: epsilon was not reached; take a larger one")
    return number


def with_time(game: MeanFieldGame, found: Plan) -> Plan:
    """The plan with an estimate of the seconds that count-level simulation takes here, from one timed batch.

    A plan of more than 2^53 draws a batch gets none: no batch holds them.
    """
    if found.L is None or found.K is None or not found.runnable:
        return found
    assert found.I is not None
    assert found.T is not None
    rollouts = CountRollouts(shifted(game, game.start), game.restart)
    log_policy = np.full((game.n_states, game.n_actions), -math.log(game.n_actions))
    began = time.perf_counter()
    for i in range(3):
        rollouts(log_policy, min(found.I, LIMIT), min(found.T, 200), np.random.SeedSequence(i))
    batch = (time.perf_counter() - began) / 3 * max(1.0, found.T / 200)
    return replace(found, seconds=batch * found.L * (found.K + 1))
