"""Sample-Based MF-TRPO (P1, Algorithms 4 and 8): TRPO from samples, then a damped step towards P sampled trajectories.

Where a trajectory of step k begins is the option `initial`:

- "reset": at a draw from muhat_{k-1} itself. It needs a simulator that can be put on any state, which is more than the
  restart oracle allows, and so a game.
- "repaired": at a draw from nu that goes through the levels j = 1..k-1 in order, each with probability b_j: M steps
  under (pihat_j, muhat_{j-1}). Its law is m_{k-1}, m_k = m_{k-1} ((1-b_k) I + b_k P_k^M): the noise-free muhat_{k-1}.
- "printed" (Appendix D.2): at a draw from nu that goes through all the levels 1..l in full, with l = 0..k-1 drawn with
  probability b_l prod_{j=l+1..k-1} (1-b_j). From k = 3 on this is the law of neither of the two. (For constant steps
  it is also what Algorithm 8 says in lines 6 to 12: a level of Cat_k, all levels before it.)

With a known kernel the P ends of the trajectories are independent draws from one law, which is computed; their counts
are one multinomial draw, and the numbers of steps are drawn from their own law. With a simulator each trajectory is played.
"""

from __future__ import annotations

from collections.abc import Mapping

import numpy as np

from mfbounds.checks import FloatArray
from mfbounds.errors import InputError
from mfbounds.games.game import MeanFieldGame
from mfbounds.mdp.frozen import freeze
from mfbounds.mdp.values import uniform_log_policy
from mfbounds.simulation.cells import IntArray
from mfbounds.simulation.counts import draw_law
from mfbounds.simulation.particles import draw_actions, sizes
from mfbounds.simulation.simulator import Particles, Simulator
from mfbounds.simulation.streams import child, generator
from mfbounds.solvers.iteration import Options, State, damped
from mfbounds.solvers.mixture import UniformMixture
from mfbounds.solvers.response import log_of
from mfbounds.solvers.sampled_trpo import check_problem, rollout_source, sampled_iterates
from mfbounds.solvers.sampling import PopulationSampling


def initial_memory(game: MeanFieldGame | Simulator, sampling: PopulationSampling) -> Mapping[str, FloatArray]:
    """What the first step depends on besides the population.

    Raises:
        InputError: the simulator is not one, or `initial` does not fit the game: Algorithm 8 sets mu_0 = nu, and draws
            from muhat need a game.
    """
    check_problem(game)
    uniform = uniform_log_policy(game.n_states, game.n_actions)
    memory = {"calls": np.zeros(1), "last": uniform, "steps": np.zeros(0)}
    if sampling.initial == "reset":
        if not isinstance(game, MeanFieldGame):
            raise InputError(
                "initial == 'reset', must be 'repaired' or 'printed' with a simulator: its reset draws from nu alone"
            )
        return memory
    if not isinstance(game, MeanFieldGame):
        shape = (game.n_states, game.n_actions)
        return memory | {"policies": np.zeros((0, 1, *shape)), "populations": np.zeros((0, game.n_states))}
    if not np.array_equal(game.start, game.restart):
        raise InputError(
            f"initial == {sampling.initial!r}, must be 'reset' unless start == restart: these trajectories begin at nu, "
            "so Algorithm 8 sets mu_0 = nu; take game.replace(start=game.restart), or initial='reset'"
        )
    return memory | {"start_law": game.restart, "level_law": game.restart}


def sampled_mf_trpo_step(game: MeanFieldGame | Simulator, state: State, beta: float, options: Options) -> State:
    """mu_k = mu_{k-1} + beta_k (zeta_k - mu_{k-1}), zeta_k the empirical law of P trajectories of M steps.

    Step k draws from the streams at address k of the seed, whatever was drawn before: an interrupted run goes on as it
    would have.
    """
    sampling, memory, k = _sampling(options), state.memory, len(state.memory["steps"]) + 1
    seed = child(np.random.SeedSequence(sampling.seed), k)
    start = memory["last"] if options.warm_start else uniform_log_policy(game.n_states, game.n_actions)
    rollouts = rollout_source(game, state.mu, sampling)
    iterates = list(sampled_iterates(rollouts, start, game.eta, options.L, sampling, child(seed, 0)))
    kept = iterates if sampling.play == "mixture" else iterates[-1:]
    played = UniformMixture(np.exp([iterate.log_policy for iterate in kept]))
    rng = generator(seed, 1)
    if isinstance(game, MeanFieldGame):
        ends, calls, changed = _draw_ends(game, state, beta, options, played, rng)
    else:
        ends, calls, changed = _play_out(game, state, options, played, rng)
    return State(
        mu=damped(state.mu, ends / sampling.P, beta),
        log_policy=log_of(played.by_state()) if len(kept) > 1 else iterates[-1].log_policy,
        memory={
            **memory,
            **changed,
            "last": iterates[-1].log_policy,
            "steps": np.append(memory["steps"], beta),
            "calls": memory["calls"] + iterates[-1].calls + calls,
        },
    )


def _sampling(options: Options) -> PopulationSampling:
    assert options.sampling is not None
    return options.sampling


def _draw_ends(
    game: MeanFieldGame,
    state: State,
    beta: float,
    options: Options,
    played: UniformMixture,
    rng: np.random.Generator,
) -> tuple[IntArray, int, Mapping[str, FloatArray]]:
    """Counts of the ends of P trajectories, (S,), the oracle calls, and what changes in the memory."""
    sampling, memory, M = _sampling(options), state.memory, int(options.M)
    frozen, changed = freeze(game, state.mu), {}
    first = state.mu if sampling.initial == "reset" else memory["start_law"]
    (end,) = played.push(frozen, [first], M)
    if sampling.initial == "repaired":
        changed = {"start_law": damped(first, end, beta)}
    elif sampling.initial == "printed":
        (level,) = played.push(frozen, [memory["level_law"]], M)
        changed = {"level_law": level, "start_law": damped(first, level, beta)}
    ends = draw_law(rng, sampling.P, end)
    levels = _levels_played(rng, sampling, memory["steps"])
    return ends, sampling.P * (1 + M) + levels * M, changed


def _levels_played(rng: np.random.Generator, sampling: PopulationSampling, steps: FloatArray) -> int:
    """How many levels of M steps the P trajectories go through together before they begin."""
    if sampling.initial == "reset":
        return 0
    if sampling.initial == "repaired":
        return sum(int(rng.binomial(sampling.P, beta)) for beta in steps)
    counts = draw_law(rng, sampling.P, level_law(steps))
    return sum(level * int(count) for level, count in enumerate(counts))


def level_law(steps: FloatArray) -> FloatArray:
    """The law of the printed level l = 0..k, (k+1,): b_l prod_{j>l} (1-b_j), and what is left for l = 0.

    >>> level_law(np.array([0.5, 0.5]))
    array([0.25, 0.25, 0.5 ])
    """
    stays = np.append(np.cumprod((1.0 - steps)[::-1])[::-1], 1.0)
    law: FloatArray = np.append(1.0, steps) * stays
    return law


def _play_out(
    simulator: Simulator,
    state: State,
    options: Options,
    played: UniformMixture,
    rng: np.random.Generator,
) -> tuple[IntArray, int, Mapping[str, FloatArray]]:
    """`_draw_ends` for a simulator: every trajectory is played, its first levels included."""
    sampling, memory, particles = _sampling(options), state.memory, Particles(simulator)
    ends = np.zeros(simulator.n_states, dtype=np.int64)
    for n in sizes(sampling.P, particles.batch):
        states = particles.reset(n)
        for j, which in enumerate(_levels(rng, n, sampling.initial, memory["steps"])):
            _advance(particles, states, which, memory["policies"][j], memory["populations"][j], options, rng)
        _advance(particles, states, np.arange(n), played.policies, state.mu, options, rng)
        ends += np.bincount(states, minlength=simulator.n_states)
    past = memory["policies"].reshape(-1, *played.policies.shape)
    changed = {
        "policies": np.concatenate([past, played.policies[None]]),
        "populations": np.concatenate([memory["populations"], state.mu[None]]),
    }
    return ends, particles.resets + particles.steps, changed


def _levels(rng: np.random.Generator, n: int, initial: str, steps: FloatArray) -> list[IntArray]:
    """For each level j = 1..k-1, which of n trajectories go through it."""
    if initial == "repaired":
        return [np.flatnonzero(rng.random(n) < beta) for beta in steps]
    last = rng.choice(len(steps) + 1, size=n, p=level_law(steps))
    return [np.flatnonzero(last > j) for j in range(len(steps))]


def _advance(
    particles: Particles,
    states: IntArray,
    which: IntArray,
    policies: FloatArray,
    mu: FloatArray,
    options: Options,
    rng: np.random.Generator,
) -> None:
    """Moves the particles `which` by M steps, each under one of the policies, drawn once for all its steps."""
    chosen = rng.integers(len(policies), size=len(which))
    for _ in range(int(options.M) if which.size else 0):
        actions = draw_actions(rng, policies[chosen, states[which]])
        states[which], _ = particles.step(which, actions, mu)
