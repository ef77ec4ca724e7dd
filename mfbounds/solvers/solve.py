"""One entrance to the population iterations: `solve(game, method, ...)`."""

from __future__ import annotations

import math
from collections.abc import Collection, Mapping
from types import MappingProxyType
from typing import Any

from mfbounds.checks import check_count, check_flag, check_steps
from mfbounds.errors import InputError, UnknownNameError
from mfbounds.games.dynamic.finite_horizon import FiniteHorizonGame
from mfbounds.games.dynamic.game import DynamicGame
from mfbounds.games.game import MeanFieldGame
from mfbounds.mdp.values import uniform_log_policy
from mfbounds.simulation.simulator import Simulator
from mfbounds.solvers.baseline import BASELINES, check_baseline
from mfbounds.solvers.best_response import exact_step
from mfbounds.solvers.damped_fixed_point import damped_fixed_point_step
from mfbounds.solvers.fictitious_play import fictitious_play_step
from mfbounds.solvers.history import History
from mfbounds.solvers.iteration import Options, State, StepFunction
from mfbounds.solvers.mf_trpo import mf_trpo_step
from mfbounds.solvers.mirror_descent import mirror_descent_step
from mfbounds.solvers.policy_iteration import policy_iteration_step
from mfbounds.solvers.progress import Progress, reporter
from mfbounds.solvers.resume import check_resume, check_schedule, seed_to_use
from mfbounds.solvers.run import Run, describe
from mfbounds.solvers.sampled_mf_trpo import initial_memory, sampled_mf_trpo_step
from mfbounds.solvers.sampled_trpo import check_problem
from mfbounds.solvers.sampling import PopulationSampling, check_population_sampling
from mfbounds.solvers.schedule import StepSizes, averaging, shown, step_sizes
from mfbounds.solvers.solve_dynamic import DYNAMIC_METHODS, EXACT_METHODS, solve_dynamic

METHODS: Mapping[str, StepFunction] = MappingProxyType(
    {
        "exact-mf-trpo": mf_trpo_step,
        "exact-best-response": exact_step,
        "sampled-mf-trpo": sampled_mf_trpo_step,
        "fictitious-play": fictitious_play_step,
        "online-mirror-descent": mirror_descent_step,
        "damped-fixed-point": damped_fixed_point_step,
        "policy-iteration": policy_iteration_step,
    }
)

WITH_TRPO = ("exact-mf-trpo", "sampled-mf-trpo")
DEFAULT_L = 10
DEFAULT_STEP: StepSizes = 0.1
DEFAULT_STEPS: Mapping[str, StepSizes] = MappingProxyType(
    {"fictitious-play": averaging, "online-mirror-descent": 1.0, "policy-iteration": 1.0}
)
OPTIONS = ("K", "L", "M", "beta", "warm_start", "every", "progress", "seed", "resume")


def solve(
    game: MeanFieldGame | Simulator | DynamicGame | FiniteHorizonGame,
    method: str,
    *,
    K: int | None = None,
    L: int | None = None,
    M: int | float | None = None,
    beta: StepSizes | None = None,
    warm_start: bool = False,
    every: int = 1,
    progress: Progress = False,
    seed: int | None = None,
    resume: Run | None = None,
    **others: Any,
) -> Run:
    """K steps of a population iteration from ``game.start`` and the uniform policy.

    Args:
        game: a game; for "sampled-mf-trpo" it may be a `Simulator`. For the dynamic games of P2 and finite-horizon
            mean-field games see `mfbounds.solvers.solve_dynamic`: other methods and options, the same `Run`.
        method: "exact-mf-trpo" (P1, Algorithm 2), "exact-best-response" (P1, Algorithm 5), "sampled-mf-trpo" (P1,
            Algorithms 4 and 8), or a baseline: "fictitious-play" (after Perrin et al. 2020), "online-mirror-descent"
            (after Perolat et al. 2022), "damped-fixed-point", "policy-iteration" (both after Lauriere et al. 2022).
        K: number of outer steps, in total also when resuming; it must be given.
        L: TRPO updates an outer step, 10 by default (for the two MF-TRPO alone).
        M: population steps an outer step, an integer >= 1 or ``math.inf``: towards the stationary law (exact
            methods and baselines). By default 1, and ``math.inf`` for the baselines.
        beta: step sizes in (0, 1]: a number, K numbers, a function k -> beta_k for k = 1..K, or its name,
            "1/(k+1)" or "2/(k+2)". By default 0.1; 1/(k+1) for fictitious play, whose averages it weighs;
            1 for online-mirror-descent and policy-iteration.
        warm_start: start each TRPO at the previous policy in place of the uniform one (for the two MF-TRPO alone).
        every: the expensive columns are computed at each `every`-th step and at the last, else they are NaN.
        progress: True shows a bar; a function is called as ``progress(k, K)`` after each step.
        seed: an integer >= 0; None for that of the run resumed, or else for a fresh one. It is recorded; the exact methods
            draw nothing.
        resume: an earlier run of the same game, method, L, M, warm_start, every and step sizes. The result equals that
            of an uninterrupted call bit for bit (with a simulator only if it goes on as it would have).
        others: for the baselines: `regularised` (True), with the entropy bonus or without; `temperature` of
            softmax(Q/temperature), 1.0 for online-mirror-descent, else None or a number where not regularised;
            `learning_rate` (0.1), online-mirror-descent alone. For "sampled-mf-trpo": `I`, `T`, `rollouts`, `bonus`,
            `estimator` and `workers` of `sampled_trpo`; `P` trajectories a step (10,000); `play`, "mixture" (the uniform
            mixture of pi_0..pi_L, one drawn for each trajectory) or "last" (pi_L); `initial`, where trajectories begin:
            "reset" at a draw from muhat_{k-1}, "repaired" or "printed" at nu with the levels of
            `mfbounds.solvers.sampled_mf_trpo`; both need mu0 = nu.

    Returns:
        A run with pi_K and mu_K, and one row for each k = 0..K about the pair (pi_k, mu_k), pi_k being the policy that
        moved mu_{k-1}: `step`; `exploitability` (P1, eq. (7); NaN where the chain has several recurrent classes) and
        `exploitability_error`, a bound on its error as in `measured_exploitability` (of the order R/(1-gamma) where a game
        given by functions declares no Lipschitz constants: declare them); `quality` = max J(., mu, mu) - J(pi, mu, mu);
        `value` = J(pi, mu, mu); `delta_mu`, `delta_mu_l1` = ||mu_k - mu_{k-1}|| in l2 and l1. The first four after `step`
        are in reward units, NaN with a simulator, and with the entropy bonus also for methods that play without it.
        Fictitious play: pi_k and mu_k are the averages. The sampled method adds `oracle_calls`, resets and steps so far,
        and its pi_k is the Markov mixture mean_l pi_l(a|s) where the mixture is played.

    Raises:
        InputError: an argument is missing or out of range, the method is not for such a game, or `resume` is a run of
            something else.
        UnknownNameError: `method` is not known.
        NotUnichainError: M is infinite and a chain has several recurrent classes.

    Example:
        >>> from mfbounds.games.random import two_doors
        >>> run = solve(two_doors(attraction=-1.0), "exact-mf-trpo", K=20, L=5, beta=0.5, every=10)
        >>> bool(run.history.exploitability.iloc[-1] < 1e-3)
        True
    """
    steps = _steps(game, method, K)
    if isinstance(game, DynamicGame | FiniteHorizonGame):
        _check_trpo(f"for {game!r}: it has", L, warm_start)
        given: dict[str, Any] = {name: value for name, value in (("M", M), ("beta", beta)) if value is not None}
        given |= {"every": every, "progress": progress, "seed": seed, "resume": resume}
        return solve_dynamic(game, method, K=steps, **given, **others)
    seed = seed_to_use(seed, resume)
    if method not in WITH_TRPO:
        _check_trpo(f"with {method}: it takes", L, warm_start)
    baseline = check_baseline(method, game.eta, **others) if method in BASELINES else None
    M = check_steps(M if M is not None else 1 if baseline is None else math.inf)
    options = Options(
        L=check_count(DEFAULT_L if L is None else L, "L"),
        M=M,
        warm_start=check_flag(warm_start, "warm_start"),
        sampling=_sampling(game, method, M, seed, {} if baseline else others),
        baseline=baseline,
    )
    betas = step_sizes(DEFAULT_STEPS.get(method, DEFAULT_STEP) if beta is None else beta, steps)
    every = check_count(every, "every")
    parameters = _parameters(options, every, seed)
    description, history = describe(game), History(every)
    if resume is None:
        state = _first(game, options)
        history.add(game, state, None, last=False)
    else:
        check_resume(resume, method, description["fingerprint"], parameters)
        check_schedule("beta", resume.state["beta"], betas, first=1)
        state, history = _state(resume), History.of(resume, every, steps)
    with reporter(progress, method) as report:
        for k in range(len(history.rows), steps + 1):
            before, state = state.mu, METHODS[method](game, state, float(betas[k - 1]), options)
            history.add(game, state, before, last=k == steps)
            report(k, steps)
    return Run(
        method=method,
        policy=state.policy,
        mu=state.mu,
        history=history.table(),
        parameters={"K": len(betas), "beta": shown(betas), **parameters},
        game=description,
        state={"mu": state.mu, "log_policy": state.log_policy, "beta": betas, **history.memory, **state.memory},
    )


def _steps(game: Any, method: str, K: int | None) -> int:
    """K, after what must hold for it to mean something: the method is known, and one for such a game."""
    fitting: Collection[str] = METHODS
    if isinstance(game, DynamicGame | FiniteHorizonGame):
        fitting = DYNAMIC_METHODS if isinstance(game, DynamicGame) else EXACT_METHODS
    if method not in (*METHODS, *DYNAMIC_METHODS):
        raise UnknownNameError("method", method, fitting)
    if method not in fitting:
        wanted = "a MeanFieldGame" if method in METHODS else "a dynamic game of N players"
        advice = "a_rps() is one" if fitting is METHODS else f"for this one there are {', '.join(fitting)}"
        raise InputError(f"game == {game!r}, must be {wanted} for {method}: {advice}")
    if fitting is METHODS and method != "sampled-mf-trpo" and not isinstance(game, MeanFieldGame):
        raise InputError(f"game == {game!r}, must be a MeanFieldGame: {method} needs the kernel")
    if K is None:
        raise InputError(f"K is missing, must be given: the number of steps of {method}")
    return check_count(K, "K")


def _check_trpo(where: str, L: int | None, warm_start: bool) -> None:
    """Raises where an option of TRPO is given that would go unheard."""
    if L is not None:
        raise InputError(f"L == {L}, must be left out {where} no TRPO steps")
    if warm_start:
        raise InputError(f"warm_start == {warm_start}, must be left out {where} no TRPO steps")


def _sampling(
    game: MeanFieldGame | Simulator, method: str, M: int | float, seed: int | None, given: dict[str, Any]
) -> PopulationSampling | None:
    if method != "sampled-mf-trpo":
        if given:
            raise UnknownNameError("argument", next(iter(given)), OPTIONS)
        return None
    check_problem(game)
    return check_population_sampling(game.gamma, check_steps(M), seed, **given)


def _parameters(options: Options, every: int, seed: int | None) -> dict[str, Any]:
    own = options.sampling.parameters if options.sampling else {"seed": seed}
    own = own | (options.baseline.parameters if options.baseline else {})
    return {"L": options.L, "M": options.M, "warm_start": options.warm_start, "every": every, **own}


def _first(game: MeanFieldGame | Simulator, options: Options) -> State:
    uniform = uniform_log_policy(game.n_states, game.n_actions)
    memory = initial_memory(game, options.sampling) if options.sampling else {}
    return State(mu=game.start, log_policy=uniform, memory=memory)


def _state(run: Run) -> State:
    memory = {name: array for name, array in run.state.items() if name not in ("mu", "log_policy", "beta", "guess")}
    return State(mu=run.state["mu"], log_policy=run.state["log_policy"], memory=memory)
