"""TD learning of a policy's Q values from N-player trajectories (P2, Algorithm 1).

All tables start at 0; after trajectory m every visited pair (h, s, a) moves, with the table as it was before, by

    eta_m (r + tau H(pi_h(.|s)) + Qhat_{h+1}(s', a') - Qhat_h(s, a)).

As printed one agent is followed. "pooled", what P2 recommends in practice, uses all: the target of a pair is the mean
over the agents in it. Pairs that are never visited stay at 0, wherever 0 lies among the rewards.
"""

from __future__ import annotations

from dataclasses import asdict, dataclass
from typing import Any

import numpy as np
from scipy.special import entr

from mfbounds.checks import FloatArray, check_count, check_flag, check_positive, check_real
from mfbounds.errors import InputError, UnknownNameError
from mfbounds.games.dynamic.counts import CountGame
from mfbounds.games.dynamic.game import DynamicGame, IntArray
from mfbounds.simulation.dynamic import PooledBatch, Seed, SmallInts, Trajectories, generator_of, simulate
from mfbounds.simulation.dynamic_counts import simulate_agent, simulate_counts

DATA = ("pooled", "agent")
RULES = ("printed", "counts")
LEVELS = ("auto", "agents", "counts")


@dataclass(frozen=True, kw_only=True)
class TDOptions:
    """How Algorithm 1 learns; see `td_learning` for the meaning of each option."""

    M: int
    tau: float
    data: str
    agent: int
    rule: str
    u: float
    level: str
    from_minimum: bool

    @property
    def parameters(self) -> dict[str, Any]:
        return asdict(self)


@dataclass(frozen=True, eq=False, kw_only=True)
class TDResult:
    """What TD learning found.

    Attributes:
        Q: (H, S, A), reward units, with the entropy bonus of the current step; 0 where `visits` is 0.
        visits: (H, S, A), in how many trajectories the pair was visited.
        trajectories: M.
    """

    Q: FloatArray
    visits: IntArray
    trajectories: int


def td_learning(game: DynamicGame, policy: Any, *, M: int, seed: Seed = None, **options: Any) -> TDResult:
    """Q values of a policy that all players play, from M joint trajectories (P2, Algorithm 1).

    Args:
        policy: (H, S, A).
        M: trajectories, each followed by one update.
        seed: an integer, a `SeedSequence` or a `Generator`.
        options: `tau` (0.0), the weight of the entropy bonus, reward units a nat; `data`, "pooled" (default) or "agent" as
            printed; `agent` (0), which one; `rule`, "printed": eta_m = u/(m+u), m = 0, 1, ..., or "counts": the same with
            m the number of earlier visits of the pair, each pair by itself; `u`, by default 2 S A with the printed rule,
            that is 2/delta of P2, Theorem 2, where all pairs are visited equally often, and H + 1 with counts;
            `level`, "counts" moves players that are alike as counts (exact in law, with the mean reward of the agents in
            a pair replaced by its conditional expectation), "agents" one by one, "auto" counts wherever players are alike;
            `from_minimum` (False), whether rewards are counted from r_min, which is as if they were in [0, R]: pairs that are
            never visited then look like the worst, else like a pair that pays 0.

    Raises:
        InputError, UnknownNameError: an option is not known or out of range, a policy of wrong shape or off the simplex.

    Example:
        >>> from mfbounds.games.dynamic.rps import a_rps
        >>> found = td_learning(a_rps(horizon=2), np.full((2, 3, 3), 1 / 3), M=50, seed=0)
        >>> found.Q.shape, int(found.visits.min())
        ((2, 3, 3), 50)
    """
    chosen = check_td(game, M=M, **options)
    return learn(game, game.policy(policy), chosen, generator_of(seed))


def check_td(
    game: DynamicGame,
    *,
    M: Any,
    tau: Any = 0.0,
    data: Any = "pooled",
    agent: Any = 0,
    rule: Any = "printed",
    u: Any = None,
    level: Any = "auto",
    from_minimum: Any = False,
    **others: Any,
) -> TDOptions:
    """The options of `td_learning`, or an error that names the wrong one."""
    for name in others:
        raise UnknownNameError("argument", name, TDOptions.__dataclass_fields__)
    for name, value, known in (("data", data, DATA), ("rule", rule, RULES), ("level", level, LEVELS)):
        if value not in known:
            raise UnknownNameError(name, value, known)
    if check_real(tau, "tau") < 0.0:
        raise InputError(f"tau == {tau}, must be >= 0: it weighs the entropy bonus")
    if check_count(agent, "agent", least=0) >= game.n_players:
        raise InputError(f"agent == {agent}, must be < n_players == {game.n_players}")
    counted = isinstance(game, CountGame) and game.alike
    if level == "counts" and not counted:
        raise InputError(f"level == 'counts', must be 'agents' for {game!r}: its players do not move alike")
    if u is None:
        u = 2.0 * game.n_pairs if rule == "printed" else game.horizon + 1.0
    return TDOptions(
        M=check_count(M, "M"),
        tau=float(tau),
        data=data,
        agent=int(agent),
        rule=rule,
        u=check_positive(u, "u", why="the step size is u/(m+u)"),
        level=level if level != "auto" else "counts" if counted else "agents",
        from_minimum=check_flag(from_minimum, "from_minimum"),
    )


def learn(game: DynamicGame, policy: FloatArray, options: TDOptions, rng: np.random.Generator) -> TDResult:
    """`td_learning` with options that were checked."""
    bonus = tau_bonus(policy, options.tau)
    if options.data == "pooled":
        if options.level == "counts":
            batch = simulate_counts(game, policy, trajectories=options.M, seed=rng)
        else:
            batch = simulate(game, policy, trajectories=options.M, seed=rng).pooled
        return pooled_tables(batch, bonus, options, origin_of_rewards(game, options))
    if options.level == "counts":
        one = simulate_agent(game, policy, trajectories=options.M, player=options.agent, seed=rng)
        paths = one.states[:, :, None], one.actions[:, :, None], one.rewards[:, :, None]
    else:
        paths = paths_of(
            simulate(game, policy, trajectories=options.M, seed=rng), slice(options.agent, options.agent + 1)
        )
    states, actions, rewards = paths
    Q, visits = agent_tables(
        states, actions, rewards - origin_of_rewards(game, options), bonus[None], options, game.n_actions
    )
    return TDResult(Q=Q[0], visits=visits[0], trajectories=options.M)


def tau_bonus(policy: FloatArray, tau: float) -> FloatArray:
    """tau H(pi_h(.|s)), shape (..., H, S), reward units."""
    bonus: FloatArray = tau * entr(policy).sum(axis=-1)
    return bonus


def origin_of_rewards(game: DynamicGame, options: TDOptions) -> float:
    """What is subtracted from every reward before learning, reward units: r_min with `from_minimum`, else 0."""
    return game.reward_range[0] if options.from_minimum else 0.0


def paths_of(batch: Trajectories, agents: slice) -> tuple[SmallInts, SmallInts, FloatArray]:
    """States, actions and rewards (M, H, P) of some agents."""
    return batch.states[:, :, agents], batch.actions[:, :, agents], batch.rewards[:, :, agents]


def pooled_tables(batch: PooledBatch, bonus: FloatArray, options: TDOptions, origin: float) -> TDResult:
    """One table from all agents, after all trajectories of a batch, in their order."""
    runs, horizon, S, A = batch.counts.shape
    seen = batch.counts > 0
    known = np.where(seen, batch.rewards - origin + bonus[:, :, None], 0.0)
    shares = batch.transitions / np.maximum(batch.counts[:, :-1], 1)[..., None, None]
    shares = shares.reshape(runs, horizon - 1, S * A, S * A)
    steps = _steps(seen, options)
    Q = np.zeros((horizon, S * A))
    known, steps = known.reshape(runs, horizon, -1), steps.reshape(runs, horizon, -1)
    for m in range(runs):
        target = known[m].copy()
        target[:-1] += (shares[m] @ Q[1:, :, None])[:, :, 0]
        Q += steps[m] * (target - Q)
    return TDResult(Q=Q.reshape(horizon, S, A), visits=seen.sum(axis=0), trajectories=runs)


def agent_tables(
    states: SmallInts, actions: SmallInts, rewards: FloatArray, bonus: FloatArray, options: TDOptions, n_actions: int
) -> tuple[FloatArray, IntArray]:
    """One table for each of P agents, from its own path alone.

    Args:
        states, actions, rewards: (M, H, P).
        bonus: tau H(pi_h(.|s)), (P, H, S), or (1, H, S) where all agents share a policy.

    Returns:
        Q and visits, both (P, H, S, A).
    """
    runs, horizon, agents = states.shape
    S, A = bonus.shape[2], n_actions
    base = ((np.arange(agents) * horizon)[None, :] + np.arange(horizon)[:, None]) * S  # (H, P)
    own = base if len(bonus) > 1 else (np.arange(horizon) * S)[:, None]
    Q, visits = np.zeros(agents * horizon * S * A), np.zeros(agents * horizon * S * A, dtype=np.int64)
    for m in range(runs):
        place = base + states[m]
        pair = place * A + actions[m]
        before = Q[pair]
        target = rewards[m] + bonus.ravel()[own + states[m]]
        target[:-1] += before[1:]
        steps = options.u / (m + options.u) if options.rule == "printed" else options.u / (visits[pair] + options.u)
        Q[pair] = before + steps * (target - before)
        visits[pair] += 1
    shape = (agents, horizon, S, A)
    return Q.reshape(shape), visits.reshape(shape)


def _steps(seen: np.ndarray[tuple[int, ...], np.dtype[np.bool_]], options: TDOptions) -> FloatArray:
    """eta of every trajectory and pair, (M, H, S, A); 0 where nobody is."""
    before = np.arange(len(seen)).reshape(-1, 1, 1, 1) if options.rule == "printed" else np.cumsum(seen, axis=0) - seen
    steps: FloatArray = np.where(seen, options.u / (before + options.u), 0.0)
    return steps
