"""What the imports have in common: a source of kernels and rewards is probed, then made a game.

A function of another library can be evaluated, not read, so that the population plays no role in it is a finding of
probes: the value is the same, bit for bit, at several populations drawn at random, at vertices of the simplex, and where
every mass is NaN. NaN spoils whatever is computed from it, so a part that plays a role only at populations which no probe
meets is noticed all the same; what hides from all of these is a branch that compares masses and treats NaN like the
probes. Everything that is not found to be constant is evaluated at each population anew.
"""

from __future__ import annotations

import warnings
from collections.abc import Callable, Iterator, Mapping
from dataclasses import dataclass
from typing import Any, Protocol

import numpy as np
import scipy.sparse as sp

from mfbounds.checks import FloatArray, Kernel, check_count, frozen_array
from mfbounds.errors import InputError
from mfbounds.games.affine import AffineGame
from mfbounds.games.game import MeanFieldGame, from_functions
from mfbounds.games.options import check_entries
from mfbounds.numbers import Constant

GRAIN = 2**12  # masses of probes are multiples of 1/GRAIN: exact in float32, and so are their sums
MOST_VERTICES = 4  # probed beside the random populations


class Source(Protocol):
    """Kernels and rewards by evaluation; dimension letters as everywhere: kernel (S, A, S), reward (S, A)."""

    @property
    def n_states(self) -> int: ...
    @property
    def n_actions(self) -> int: ...
    def kernel(self, mu: FloatArray) -> Kernel: ...
    def reward(self, mu: FloatArray) -> FloatArray: ...


@dataclass(frozen=True, kw_only=True)
class Choices:
    """What the importing user decides; see `from_bench_mfg`."""

    gamma: float
    eta: float
    reward_range: tuple[float, float] | None
    affine: bool
    declared: Mapping[str, float | Constant] | None
    probes: int
    seed: int
    name: str


def populations(n_states: int, probes: int, seed: int) -> Iterator[FloatArray]:
    """`probes` random populations and a few vertices, all with masses that are multiples of 1/`GRAIN`."""
    rng = np.random.default_rng(seed)
    for number in range(check_count(probes, "probes", least=2)):
        weights = rng.dirichlet(np.full(n_states, 10.0 if number % 2 else 0.3))
        yield frozen_array(rng.multinomial(GRAIN, weights) / GRAIN, "probe")
    for state in rng.permutation(n_states)[:MOST_VERTICES]:
        yield frozen_array(np.eye(n_states)[state], "probe")


def imported_game(source: Source, choices: Choices, *, start: FloatArray, layout: Mapping[str, Any]) -> MeanFieldGame:
    """The game of a source: affine by its vertices, otherwise by functions, constant where the probes find it so.

    Raises:
        InputError: two evaluations at one population differ; the reward range is missing, or a probe leaves it; the source
            is not affine although `affine` says so.
    """
    _check_repeatable(source, start)
    common: dict[str, Any] = {"gamma": choices.gamma, "eta": choices.eta, "start": start, "name": choices.name}
    kernel = _constant_or_function(source.kernel, source, choices)
    reward = _constant_or_function(source.reward, source, choices)
    if choices.affine:
        return _affine(source, kernel, reward, choices, {**common, "layout": layout})
    if callable(reward):
        reward_range = choices.reward_range or _missing_range(source, choices)
    else:
        reward_range = choices.reward_range or (float(reward.min()), float(reward.max()))
    game = from_functions(
        kernel,
        reward,
        n_states=source.n_states,
        n_actions=source.n_actions,
        reward_range=reward_range,
        declared=choices.declared,
        layout=layout,
        **common,
    )
    for mu in populations(source.n_states, choices.probes, choices.seed):
        game.reward_at(mu)
        game.kernel_at(mu)
    return game


def same(left: Any, right: Any) -> bool:
    """Bitwise equality of two kernels or two rewards."""
    if sp.issparse(left):
        return bool(abs(left - right).max() == 0.0)
    return bool(np.array_equal(left, right))


def ignores_population(function: Callable[[FloatArray], Any], n_states: int, probes: int, seed: int) -> bool:
    """Whether the probes find that the population plays no role; see the module's docstring."""
    tried = populations(n_states, probes, seed)
    value = function(next(tried))
    if not all(same(value, function(mu)) for mu in tried):
        return False
    with warnings.catch_warnings():
        warnings.simplefilter("ignore")
        try:
            return same(value, function(np.full(n_states, np.nan)))
        except Exception:  # whatever the other library's code raises at NaN: it looked at the population
            return False


def _constant_or_function(function: Callable[[FloatArray], Any], source: Source, choices: Choices) -> Any:
    constant = ignores_population(function, source.n_states, choices.probes, choices.seed)
    return function(np.full(source.n_states, 1.0 / source.n_states)) if constant else function


def _check_repeatable(source: Source, mu: FloatArray) -> None:
    for part, function in (("transition", source.kernel), ("reward", source.reward)):
        if not same(function(mu), function(mu)):
            raise InputError(
                f"{part} == two different values at one population, must be a function of it: a game that changes from "
                "call to call (random numbers, a clock) is not stationary and cannot be imported"
            )


def _missing_range(source: Source, choices: Choices) -> tuple[float, float]:
    seen = [source.reward(mu) for mu in populations(source.n_states, choices.probes, choices.seed)]
    low, high = min(float(r.min()) for r in seen) + 0.0, max(float(r.max()) for r in seen) + 0.0
    raise InputError(
        f"reward_range is missing, must be (least, largest) reward over all populations: bounds rest on it and probes cannot "
        f"find it (they saw [{low:.6g}, {high:.6g}]); or give affine=True if kernel and reward are affine in mu"
    )


def _affine(source: Source, kernel: Any, reward: Any, choices: Choices, common: Mapping[str, Any]) -> AffineGame:
    if choices.declared or choices.reward_range:
        raise InputError("declared, reward_range == given, must be left out with affine=True: the vertices give them")
    entries = source.n_states**2 * source.n_actions * (source.n_states if callable(kernel) else 1)
    check_entries(entries, "n_states", source.n_states, advice="import it with affine=False")
    corners = np.eye(source.n_states)
    if callable(kernel):
        kernels = [kernel(corner) for corner in corners]
        kernel = kernels if sp.issparse(kernels[0]) else np.array(kernels)
    game = AffineGame(kernel, np.array([reward(c) for c in corners]) if callable(reward) else reward, **common)
    for mu in populations(source.n_states, choices.probes, choices.seed):
        _check_affine("reward", source.reward(mu), game.reward_at(mu))
        _check_affine("kernel", source.kernel(mu), game.kernel_at(mu))
    return game


def _check_affine(part: str, found: Any, expected: Any) -> None:
    off, size = float(abs(found - expected).max()), max(float(abs(expected).max()), 1.0)
    if off > 1e-6 * size:
        raise InputError(
            f"{part} == {off:.3g} away from the mixture of its values at the vertices, must be affine in mu with "
            "affine=True: import it with affine=False and a reward_range"
        )
