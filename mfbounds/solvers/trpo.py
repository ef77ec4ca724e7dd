"""Exact TRPO at a fixed population (P1, Algorithm 1)."""

from __future__ import annotations

from collections.abc import Iterator
from dataclasses import dataclass
from typing import Any

import numpy as np
import numpy.typing as npt
import pandas as pd

from mfbounds.checks import FloatArray, check_count, check_policy
from mfbounds.errors import InputError, UnknownNameError
from mfbounds.games.game import MeanFieldGame
from mfbounds.games.kinds import check_mean_field
from mfbounds.mdp.exploitability import frozen_gap
from mfbounds.mdp.frozen import Frozen, freeze
from mfbounds.mdp.optimum import certify, frozen_optimum
from mfbounds.mdp.soft_optimum import SoftOptimum
from mfbounds.mdp.values import Values, log_softmax, policy_values, uniform_log_policy
from mfbounds.simulation.simulator import Simulator
from mfbounds.solvers.run import Run, describe

UPDATES = ("all", "support")


@dataclass(frozen=True, eq=False)
class Iterate:
    """pi_l with its values; policy and log policy (S, A)."""

    l: int  # noqa: E741 - the paper's name
    log_policy: FloatArray
    policy: FloatArray
    values: Values


def trpo_update(log_policy: FloatArray, Q: FloatArray, eta: float, step: int) -> FloatArray:
    """log pi_{l+1}: eta (l+2) log pi_{l+1} = (l+1) eta log pi_l + Q_l + const, for l = `step` (P1, eq. (10))."""
    return log_softmax(((step + 1) * log_policy + Q / eta) / (step + 2))


def trpo_iterates(
    frozen: Frozen, L: int, log_policy: FloatArray | None = None, states: npt.NDArray[np.bool_] | None = None
) -> Iterator[Iterate]:
    """pi_0, ..., pi_L with their values, L + 1 iterates; for inner loops: nothing is validated.

    Args:
        log_policy: the start, uniform by default; the step counter begins at 0 in either case.
        states: mask of the states to update, all by default.
    """
    log_policy = uniform_log_policy(frozen.n_states, frozen.n_actions) if log_policy is None else log_policy
    for step in range(L + 1):
        policy = np.exp(log_policy)
        values = policy_values(frozen, policy)
        yield Iterate(step, log_policy, policy, values)
        if step < L:
            updated = trpo_update(log_policy, values.Q, frozen.eta, step)
            log_policy = updated if states is None else np.where(states[:, None], updated, log_policy)


def trpo_policy(frozen: Frozen, L: int, log_policy: FloatArray | None = None) -> FloatArray:
    """log pi_L after L updates, without the values of pi_L; for inner loops."""
    log_policy = uniform_log_policy(frozen.n_states, frozen.n_actions) if log_policy is None else log_policy
    for step in range(L):
        values = policy_values(frozen, np.exp(log_policy))
        log_policy = trpo_update(log_policy, values.Q, frozen.eta, step)
    return log_policy


def trpo(game: MeanFieldGame, mu: Any, L: int, *, start: Any = None, every: int = 1, update: str = "all") -> Run:
    """L exact TRPO steps at the population `mu`, with step size 1/(eta (l+2)) (P1, Algorithm 1).

    Args:
        mu: population, (S,).
        L: number of updates, >= 0; the run's policy is pi_L.
        start: pi_0 with all entries positive, (S, A); uniform by default. The step counter begins at 0 either way.
        every: the expensive columns (`quality`, `gap`) are computed at each `every`-th step and at the last.
        update: "all" updates every state. "support" updates the states that d_nu reaches, as Algorithm 1 is printed:
            then V_l need not converge to V* at the states that nu does not reach.

    Returns:
        A run whose history has one row for each l = 0..L: `step`; `value` = J(pi_l, mu, mu); `quality` =
        max J(., mu, mu) - J(pi_l, mu, mu); `gap`, a certified bound on max_s V* - V_l that knows no V*;
        `policy_change` = max_s ||pi_l - pi_{l-1}||_1. Reward units but for the last.

    Raises:
        InputError: an argument is out of range.
        UnknownNameError: `update` is not known.

    Example:
        >>> from mfbounds.games import AffineGame
        >>> game = AffineGame([[[1.0], [1.0]]], [[1.0, 0.0]], gamma=0.5, eta=1.0)
        >>> run = trpo(game, [1.0], 50)
        >>> bool(run.history.quality.iloc[-1] < run.history.gap.iloc[-1] < 1e-3)
        True
    """
    check_mean_field(game)
    mu, L, every = game.population(mu), check_count(L, "L", least=0), check_count(every, "every")
    if update not in UPDATES:
        raise UnknownNameError("update", update, UPDATES)
    frozen = freeze(game, mu)
    best = frozen_optimum(frozen)
    states = reachable(frozen, game.restart) if update == "support" else None
    rows: list[dict[str, float]] = []
    last: Iterate | None = None
    for iterate in trpo_iterates(frozen, L, check_start(game, start), states):
        rows.append(_row(iterate, last, best, mu, full=iterate.l % every == 0 or iterate.l == L))
        last = iterate
    assert last is not None
    return Run(
        method="trpo",
        policy=last.policy,
        mu=mu,
        history=pd.DataFrame(rows),
        parameters={"L": L, "every": every, "update": update},
        game=describe(game),
        state={"log_policy": last.log_policy},
    )


def check_start(game: MeanFieldGame | Simulator, start: Any) -> FloatArray | None:
    """The logarithm of a policy (S, A) to start at, all of whose entries must be positive; None for None."""
    if start is None:
        return None
    policy = check_policy(start, game.n_states, game.n_actions, "start")
    if (policy <= 0.0).any():
        raise InputError("start.min() == 0.0, must be > 0: a multiplicative update never revives an action")
    return np.log(policy)


def reachable(frozen: Frozen, start: FloatArray) -> npt.NDArray[np.bool_]:
    """The states that d_start reaches under a policy that plays every action: its support, a mask (S,)."""
    chain = frozen.chain(np.exp(uniform_log_policy(frozen.n_states, frozen.n_actions)))
    reached = start > 0.0
    while True:
        wider = reached | ((reached.astype(np.float64) @ chain) > 0.0)
        if (wider == reached).all():
            return reached
        reached = wider


def _row(iterate: Iterate, last: Iterate | None, best: SoftOptimum, mu: FloatArray, *, full: bool) -> dict[str, float]:
    change = np.nan if last is None else float(np.abs(iterate.policy - last.policy).sum(axis=1).max())
    row = {"step": iterate.l, "value": float(mu @ iterate.values.V), "quality": np.nan, "gap": np.nan}
    if full:
        frozen = iterate.values.frozen
        row["quality"] = frozen_gap(frozen, iterate.policy, values=iterate.values, best=best).mean(mu).value
        row["gap"] = certify(iterate.values, iterate.log_policy).gap
    return {**row, "policy_change": change}
