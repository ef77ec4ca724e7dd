"""One entrance to the iterations for dynamic games and finite-horizon mean-field games (P2)."""

from __future__ import annotations

import hashlib
from collections.abc import Callable, Mapping
from types import MappingProxyType
from typing import Any

import numpy as np

from mfbounds.checks import FloatArray, check_count
from mfbounds.errors import InputError, UnknownNameError
from mfbounds.games.dynamic.finite_horizon import FiniteHorizonGame
from mfbounds.games.dynamic.game import DynamicGame
from mfbounds.mdp.finite_horizon import flow_of
from mfbounds.simulation.streams import generator, seed_sequence
from mfbounds.solvers.dynamic_history import DynamicHistory, average_policy
from mfbounds.solvers.dynamic_iteration import DynamicMethod, DynamicState
from mfbounds.solvers.finite_horizon_fp import FictitiousPlay
from mfbounds.solvers.finite_horizon_omd import MirrorDescent
from mfbounds.solvers.independent_pmd import IndependentPMD, check_independent
from mfbounds.solvers.progress import Progress, reporter
from mfbounds.solvers.resume import check_resume, check_schedule, seed_to_use
from mfbounds.solvers.run import Run
from mfbounds.solvers.symm_pmd import SymmPMD, check_pmd
from mfbounds.symmetry.induced import induced_game

# of N-player trajectories: a dynamic game and K epochs
SAMPLED_METHODS: Mapping[str, Callable[..., DynamicMethod]] = MappingProxyType(
    {
        "symm-pmd": lambda game, K, **options: SymmPMD(game, check_pmd(game, K, **options)),
        "independent-pmd": lambda game, K, **options: IndependentPMD(game, check_independent(game, K, **options)),
    }
)
# with exact values: a finite-horizon mean-field game, that of a dynamic game being the one it induces
EXACT_METHODS: Mapping[str, Callable[..., DynamicMethod]] = MappingProxyType(
    {"fictitious-play": FictitiousPlay.of, "online-mirror-descent": MirrorDescent.of}
)
DYNAMIC_METHODS = (*SAMPLED_METHODS, *EXACT_METHODS)


def solve_dynamic(
    game: DynamicGame | FiniteHorizonGame,
    method: str,
    *,
    K: int,
    every: int = 1,
    progress: Progress = False,
    seed: int | None = None,
    resume: Run | None = None,
    **options: Any,
) -> Run:
    """K epochs of a policy iteration from the uniform policy: what `mfbounds.solve` does for these games.

    Args:
        game: a dynamic game; for the exact methods also a finite-horizon mean-field game.
        method: "symm-pmd" (P2, Algorithm 2), "independent-pmd" (every player learns for itself), and, with exact values
            in the mean-field game, "fictitious-play" and "online-mirror-descent".
        K: epochs, in total also when resuming.
        every: exploitabilities are computed at each `every`-th epoch and at the last, else they are NaN.
        progress, seed, resume: as in `solve`; a resumed run equals an uninterrupted one bit for bit.
        options: for "symm-pmd" and "independent-pmd": `M` (200) trajectories an epoch; `tau` (0.05), the weight of the
            entropy bonus, reward units a nat; `xi`, step sizes with tau xi_t < 1: a number, K numbers or a function of
            t = 0..K-1, by default `xi_0`/sqrt(t+1), printed with xi_0 = 1; `mixing` with the uniform policy, "printed":
            1/(t+1), "none", or numbers as for xi; `output`, "average" of pi_0..pi_K as printed, or "last"; and of TD
            learning `data`, `agent`, `rule`, `u`, `level`, `from_minimum`: see `mfbounds.solvers.td.td_learning`.
            For "fictitious-play": `beta` in (0, 1], 1/(k+1) by default, and `tau` (0). For "online-mirror-descent":
            `learning_rate` (1.0), `tau` (0), `output` ("last").

    Returns:
        A run whose policy is (H, S, A), or (N, H, S, A) for "independent-pmd", whose mu is the mean-field flow (H, S, A)
        of that policy ("independent-pmd": the law of the pairs in the last epoch's trajectories), and whose history has
        one row for each t = 0..K about pi_t. `exploitability`: the largest over all players (P2, Definition 2), for a
        mean-field game its own (Definition 5); `exploitability_error`, a bound on its error, and
        `exploitability_mean`, over the players: NaN where no exact method fits (`mfbounds.n_player_exploitability`);
        `average_...`: of the average of pi_0..pi_t, where a method returns it; `mean_field_exploitability`, in the
        induced game; `policy_change`: max over rows of ||pi_t - pi_{t-1}||_1; `trajectories` sampled so far. All
        exploitabilities in reward units, without the entropy bonus.

    Raises:
        InputError: an argument is out of range, or `resume` is a run of something else.
        UnknownNameError: the method or an option is not known for this game.
    """
    built = _method(game, method, check_count(K, "K"), options)
    every = check_count(every, "every")
    sequence = seed_sequence(seed_to_use(seed, resume))
    parameters = {**built.parameters, "every": every, "seed": sequence.entropy if method in SAMPLED_METHODS else None}
    description = describe_dynamic(game)
    history = DynamicHistory(game, every, built.averages)
    if resume is None:
        state = built.first()
        history.add(state, None, last=False)
    else:
        others = {name: value for name, value in parameters.items() if name not in built.schedules}
        check_resume(resume, method, description["fingerprint"], others)
        for name, numbers in built.schedules.items():
            check_schedule(name, resume.state[f"schedule {name}"], numbers, first=0)
        state = _state(resume)
        history.resume(resume, K)
    with reporter(progress, method) as report:
        for t in range(len(history.rows) - 1, K):
            before, state = state, built.step(state, t, generator(sequence, t))
            history.add(state, before, last=t + 1 == K)
            report(t + 1, K)
    policy = average_policy(state.total, K + 1) if built.averages else state.policy
    return Run(
        method=method,
        policy=policy,
        mu=state.memory["flow"] if "flow" in state.memory else flow_of(history.induced, policy).mu,
        history=history.table(),
        parameters={"K": K, **parameters},
        game=description,
        state=_saved(state, built.schedules),
    )


def _method(game: DynamicGame | FiniteHorizonGame, method: str, K: int, options: dict[str, Any]) -> DynamicMethod:
    if method not in DYNAMIC_METHODS:
        raise UnknownNameError("method", method, DYNAMIC_METHODS)
    build = (SAMPLED_METHODS if method in SAMPLED_METHODS else EXACT_METHODS)[method]
    if method in EXACT_METHODS:
        known = {"fictitious-play": ("beta", "tau"), "online-mirror-descent": ("learning_rate", "tau", "output")}[
            method
        ]
        for name in options:
            if name not in known:
                raise UnknownNameError("argument", name, known)
        return build(induced_game(game) if isinstance(game, DynamicGame) else game, K, **options)
    if not isinstance(game, DynamicGame):
        raise InputError(
            f"game == {game!r}, must be a game of N players for {method}: it learns from their trajectories"
        )
    return build(game, K, **options)


def describe_dynamic(game: DynamicGame | FiniteHorizonGame) -> dict[str, Any]:
    """A JSON description of a game; the fingerprint covers its numbers at a few joint states or distributions."""
    players: dict[str, Any] = {"origin": None}
    if isinstance(game, DynamicGame):
        players = {"n_players": game.n_players, "origin": str(game.origin) if game.origin else None}
    return {
        "name": game.name or repr(game),
        **players,
        "n_states": game.n_states,
        "n_actions": game.n_actions,
        "horizon": game.horizon,
        "fingerprint": _fingerprint(game),
    }


def _fingerprint(game: DynamicGame | FiniteHorizonGame) -> str:
    S, A = game.n_states, game.n_actions
    digest = hashlib.sha256(np.array([S, A, game.horizon, *game.reward_range, *game.start]).tobytes())
    if isinstance(game, DynamicGame):
        rng = np.random.default_rng(0)
        states, actions = (rng.integers(size, size=(4, game.n_players)) for size in (S, A))
        parts = [game.laws(states, actions), game.rewards(states, actions)]
    else:
        laws = [np.full((S, A), 1.0 / (S * A)), np.repeat(game.start[:, None] / A, A, axis=1)]
        parts = [array for mu in laws for array in (game.kernel_at(mu), game.reward_at(mu))]
    for part in parts:
        digest.update(np.ascontiguousarray(part).tobytes())
    return digest.hexdigest()


def _saved(state: DynamicState, schedules: Mapping[str, FloatArray]) -> dict[str, FloatArray]:
    return {
        "last_policy": state.policy,
        "total": state.total,
        "trajectories": np.array([state.trajectories], dtype=np.float64),
        **{f"memory {name}": array for name, array in state.memory.items()},
        **{f"schedule {name}": array for name, array in schedules.items()},
    }


def _state(run: Run) -> DynamicState:
    memory = {name.removeprefix("memory "): a for name, a in run.state.items() if name.startswith("memory ")}
    return DynamicState(
        policy=run.state["last_policy"],
        total=run.state["total"],
        trajectories=int(run.state["trajectories"][0]),
        memory=MappingProxyType(memory),
    )
