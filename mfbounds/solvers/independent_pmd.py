"""IPMD: every player learns its own policy by policy mirror descent on its own path.

P2 compares Symm-PMD with IPMD but does not define it. Here: one batch of M joint trajectories an epoch, in which player i
plays its own pi^i; Algorithm 1 on player i's own states, actions and rewards; its own step of Algorithm 2, with the same
step sizes, entropy weight, uniform weights and start for all.
"""

from __future__ import annotations

from typing import Any

import numpy as np

from mfbounds.checks import FloatArray
from mfbounds.errors import InputError
from mfbounds.games.dynamic.game import DynamicGame
from mfbounds.simulation.dynamic import simulate
from mfbounds.solvers.dynamic_iteration import DynamicState, first_state, uniform_policy
from mfbounds.solvers.symm_pmd import PMDOptions, PolicyMirrorDescent, check_pmd, rows
from mfbounds.solvers.td import agent_tables, origin_of_rewards, paths_of, tau_bonus

TABLE_LIMIT = 50_000_000  # entries N H S A of the players' tables


def check_independent(game: DynamicGame, K: int, **options: Any) -> PMDOptions:
    """The options of IPMD.

    Raises:
        InputError, UnknownNameError: as `check_pmd`; "pooled" data, another agent or the count level; too many tables.
    """
    wanted = {"data": "agent", "agent": 0, "level": "agents"}
    for name, value in wanted.items():
        if options.get(name, value) != value:
            raise InputError(
                f"{name} == {options[name]!r}, must be {value!r} for independent-pmd: each player learns from its path"
            )
    entries = game.n_players * game.horizon * game.n_pairs
    if entries > TABLE_LIMIT:
        raise InputError(
            f"{game!r}: one policy a player has {entries:.3g} entries, must be <= {TABLE_LIMIT:.3g}: use symm-pmd"
        )
    return check_pmd(game, K, **{**options, **wanted})


class IndependentPMD(PolicyMirrorDescent):
    """Policies (N, H, S, A); `memory` holds their logarithms and the law of the pairs in the last trajectories."""

    def first(self) -> DynamicState:
        policies = np.repeat(uniform_policy(self.game)[None], self.game.n_players, axis=0)
        return first_state(policies, log_policy=np.log(policies), flow=np.zeros(policies.shape[1:]))

    def step(self, state: DynamicState, t: int, rng: np.random.Generator) -> DynamicState:
        game, options = self.game, self.options
        batch = simulate(game, state.policy, trajectories=options.td.M, seed=rng)
        states, actions, rewards = paths_of(batch, slice(None))
        Q, _ = agent_tables(
            states,
            actions,
            rewards - origin_of_rewards(game, options.td),
            tau_bonus(state.policy, options.td.tau),
            options.td,
            game.n_actions,
        )
        log_policy = self.updated(state, Q, t)
        return state.moved(
            rows(log_policy), trajectories=options.td.M, log_policy=log_policy, flow=_law(game, states, actions)
        )


def _law(game: DynamicGame, states: Any, actions: Any) -> FloatArray:
    """The share of agents in each pair at each step, (H, S, A), over all trajectories."""
    pairs = states.astype(np.int64) * game.n_actions + actions
    law = np.stack([np.bincount(pairs[:, h].ravel(), minlength=game.n_pairs) for h in range(game.horizon)])
    shares: FloatArray = law / law.sum(axis=1, keepdims=True)
    return shares.reshape(game.horizon, game.n_states, game.n_actions)
