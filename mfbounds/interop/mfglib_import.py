"""Environments of mfglib as games.

Such an environment has a horizon `T` (times 0, ..., T), shapes `S` and `A` of states and actions, a first law `mu0` of
shape S, a bound `r_max` on rewards, and functions of the time and of the joint law L_t of states and actions, shape (*S,
*A): ``prob(t, L_t)`` of shape (*S, *S, *A) in the order next state, state, action, and ``reward(t, L_t)`` of shape (*S, *A).
A game here depends on neither the time nor the actions of the others. Both are probed: an environment that fails is
refused; one that passes may still differ where no probe looked, except in t, of which all values are tried at each probe.
"""

from __future__ import annotations

import math
from collections.abc import Callable, Iterator, Mapping
from dataclasses import dataclass, replace
from typing import Any

import numpy as np

from mfbounds.checks import FloatArray, check_count, check_shape
from mfbounds.errors import InputError
from mfbounds.games.game import MeanFieldGame
from mfbounds.interop.importing import Choices, imported_game, populations
from mfbounds.interop.rows import as_array, read_rows
from mfbounds.numbers import Constant

SHARES = 8  # action laws of probes are multiples of 1/SHARES, so that masses of states stay exact in float32
ROUNDING = 1e-5  # of a table's size: float32 sums in another order; a larger difference is a dependence


@dataclass(frozen=True, eq=False, kw_only=True)
class LibEnvironment:
    """What was read of an environment; states and actions of several dimensions are numbered in C order."""

    environment: Any
    n_states: int
    n_actions: int
    steps: int
    start: FloatArray
    correction: float
    renormalise: bool

    @property
    def name(self) -> str:
        module = getattr(getattr(self.environment, "reward_fn", None), "__module__", None)
        return str(module or type(self.environment).__name__).rpartition(".")[2]

    def kernel(self, mu: FloatArray) -> FloatArray:
        """P(s'|s,a,mu), shape (S, A, S)."""
        table = self.transition_table(0, self.joint(mu))
        return read_rows(table, "prob(t, L_t)", renormalise=self.renormalise)[0]

    def reward(self, mu: FloatArray) -> FloatArray:
        """r(s,a,mu), shape (S, A)."""
        return self.reward_table(0, self.joint(mu))

    def joint(self, mu: FloatArray, rule: FloatArray | None = None) -> FloatArray:
        """mu(s) rule(a|s), shape (S, A), with the uniform rule by default."""
        return mu[:, None] * (np.full((1, self.n_actions), 1.0 / self.n_actions) if rule is None else rule)

    def transition_table(self, t: int, joint: FloatArray) -> FloatArray:
        """prob at time t, reordered to (S, A, S)."""
        sizes = (*self.environment.S, *self.environment.S, *self.environment.A)
        table = self._evaluated("prob", t, joint, sizes).reshape(self.n_states, self.n_states, self.n_actions)
        return np.ascontiguousarray(table.transpose(1, 2, 0))

    def reward_table(self, t: int, joint: FloatArray) -> FloatArray:
        """reward at time t, shape (S, A)."""
        table = self._evaluated("reward", t, joint, (*self.environment.S, *self.environment.A))
        return table.reshape(self.n_states, self.n_actions)

    def _evaluated(self, part: str, t: int, joint: FloatArray, shape: tuple[int, ...]) -> FloatArray:
        law = self.environment.mu0.new_tensor(joint.reshape(*self.environment.S, *self.environment.A))
        table = as_array(getattr(self.environment, part)(t, law))
        check_shape(table, shape, f"{part}(t, L_t)")
        if not np.isfinite(table).all():
            place = tuple(int(i) for i in np.argwhere(~np.isfinite(table))[0])
            raise InputError(
                f"{part}({t}, L_t)[{', '.join(map(str, place))}] == {table[place]}, must be a finite number"
            )
        return table


def read_lib_environment(environment: Any, *, renormalise: bool) -> LibEnvironment:
    """Reads sizes and the first law of an environment of mfglib, and checks them.

    Raises:
        InputError: an attribute is missing or breaks a rule.
    """
    for needed in ("T", "S", "A", "mu0", "r_max", "prob", "reward"):
        if not hasattr(environment, needed):
            raise InputError(
                f"{type(environment).__name__}.{needed} is missing, must be there: an environment of mfglib has it"
            )
    mu0 = as_array(environment.mu0)
    check_shape(mu0, tuple(environment.S), "mu0")
    start, correction = read_rows(mu0.ravel(), "mu0", renormalise=renormalise)
    return LibEnvironment(
        environment=environment,
        n_states=math.prod(check_count(size, "S") for size in environment.S),
        n_actions=math.prod(check_count(size, "A") for size in environment.A),
        steps=check_count(environment.T, "T", least=0),
        start=start,
        correction=correction,
        renormalise=renormalise,
    )


def from_mfglib(
    environment: Any,
    *,
    gamma: float,
    eta: float,
    reward_range: tuple[float, float] | None = None,
    affine: bool = False,
    declared: Mapping[str, float | Constant] | None = None,
    renormalise: bool = False,
    probes: int = 8,
    seed: int = 0,
    name: str = "",
) -> MeanFieldGame:
    """An environment of mfglib as a stationary game; mfglib itself is not needed.

    Its horizon is dropped: the game goes on, discounted by `gamma`. Its `mu0` becomes the start. Kernel and reward are
    evaluated with the environment's own precision, float32 unless torch was told otherwise, and in the joint law that
    spreads each state's mass evenly over the actions.

    Args:
        environment: an `mfglib.env.Environment`, or anything with its interface (see this module).
        gamma, eta: discount in [0, 1) and entropy temperature > 0 (reward units per nat): those environments have neither.
        reward_range: (least, largest) reward over all populations; by default (-r_max, r_max) where mu plays a role in the
            reward. Not every environment keeps its `r_max`: one that a probe sees to leave it is refused.
        affine, declared, probes, seed, name: as in `from_bench_mfg`.
        renormalise: divide the rows of the kernel and `mu0` by their sums, which may be off by 1e-5 at most: float32 rows
            need it, unless all their numbers are binary fractions.

    Raises:
        InputError: an attribute is missing or breaks a rule; kernel or reward depends on the time, or on what the others
            do beyond where they are; rewards leave `reward_range`.
    """
    source = read_lib_environment(environment, renormalise=renormalise)
    choices = Choices(
        gamma=gamma,
        eta=eta,
        reward_range=reward_range,
        affine=affine,
        declared=declared,
        probes=probes,
        seed=seed,
        name=name or source.name,
    )
    for mu in populations(source.n_states, probes, seed):
        _check_times(source, mu)
        _check_actions(source, mu, np.random.default_rng(seed))
    imported = {"package": "mfglib", "class": source.name, "correction": source.correction}
    choices = _with_range(source, choices, environment.r_max)
    return imported_game(source, choices, start=source.start, layout={"imported": imported})


def _check_times(source: LibEnvironment, mu: FloatArray) -> None:
    """The reward counts at the times 0, ..., T, the kernel at 0, ..., T - 1."""
    joint = source.joint(mu)
    for part, table, last in _parts(source):
        first = table(0, joint)
        for t in range(1, last + 1):
            if not np.array_equal(first, table(t, joint)):
                state, action = np.argwhere(first != table(t, joint))[0][:2]
                raise InputError(
                    f"{part}({t}, L_t) != {part}(0, L_t) at state {state}, action {action}: must not depend on t, since a game "
                    "here is stationary. A discount gamma**t in the reward is taken out by to_mfglib(..., discounted=False); "
                    "other clocks belong into the state"
                )


def _check_actions(source: LibEnvironment, mu: FloatArray, rng: np.random.Generator) -> None:
    """Laws with the same mass in each state, bit for bit, must give the same tables."""
    rules = [rng.multinomial(SHARES, np.full(source.n_actions, 1.0 / source.n_actions), size=source.n_states) / SHARES]
    rules += [np.tile(row, (source.n_states, 1)) for row in np.eye(source.n_actions)]
    for part, table, _ in _parts(source):
        first = table(0, source.joint(mu, rules[0]))
        for rule in rules[1:]:
            off = np.abs(first - table(0, source.joint(mu, rule)))
            if not off.max() <= ROUNDING * max(1.0, float(np.abs(first).max())):
                state, action = np.argwhere(~(off < off.max()))[0][:2]
                raise InputError(
                    f"{part}(t, L_t) at state {state}, action {action} changes by {off.max():.3g} with what the others do "
                    "in the same states: must depend on the law of the states alone, since a population here is one; "
                    "a last action can be made part of the state"
                )


def _parts(source: LibEnvironment) -> Iterator[tuple[str, Callable[[int, FloatArray], FloatArray], int]]:
    """Name, table and last time of the kernel and of the reward."""
    yield "prob", source.transition_table, source.steps - 1
    yield "reward", source.reward_table, source.steps


def _with_range(source: LibEnvironment, choices: Choices, r_max: float) -> Choices:
    """The choices with (-r_max, r_max) where no range is given; refused where a probe leaves it."""
    if choices.reward_range or choices.affine:
        return choices
    seen = [source.reward(mu) for mu in populations(source.n_states, choices.probes, choices.seed)]
    low, high = min(float(r.min()) for r in seen) + 0.0, max(float(r.max()) for r in seen) + 0.0
    bound = float(r_max)
    if all(np.array_equal(seen[0], other) for other in seen[1:]):
        return choices
    if max(-low, high) > bound * (1.0 + ROUNDING):
        raise InputError(
            f"r_max == {bound}, must bound the absolute reward at every population: probes saw [{low:.6g}, {high:.6g}]; give "
            "reward_range=(least, largest)"
        )
    return replace(choices, reward_range=(-bound, bound))
