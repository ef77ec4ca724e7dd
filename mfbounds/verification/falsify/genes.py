"""Populations of games and cases as named arrays over a leading axis, and how a search varies them.

Every gene is an array of distributions (its last axis sums to 1) or of numbers in [0, 1]; gamma and eta are kept as
they are and vary on a logarithmic scale. `exact` genes of one game come without the leading axis.
"""

from __future__ import annotations

import math
from collections.abc import Mapping
from typing import Any, TypeAlias

import numpy as np
import numpy.typing as npt

from mfbounds.checks import FloatArray
from mfbounds.verification.falsify.fields import N_POLICIES, Recipe

Genes: TypeAlias = "dict[str, FloatArray]"

UNITS = ("rewards", "near", "ties", "beta")
LARGEST_GAMMA, ETA_DECADES = 0.999, 3.0  # eta lies within 10^-3 and 10^3 times the reward's scale
NEAR_DECADES = 4.0  # the second population may come this many decades closer to the first
TIED = 0.7  # a gene "ties" above it makes two policies agree at the state
FLOOR = 1e-6  # of a policy that must have full support


def draw(rng: np.random.Generator, size: int, settings: Mapping[str, Any], recipe: Recipe) -> Genes:
    """A first population: spread out, near the vertices, at the vertices, and barely varying, in equal shares."""
    S, A = settings["n_states"], settings["n_actions"]
    coupling = settings["coupling"]
    X, Y = (S if coupling in ("both", "kernel") else 1), (S if coupling in ("both", "reward") else 1)
    genes = {"kernels": _kernels(rng, (size, X, S, A, S)), "rewards": _rewards(rng, (size, Y, S, A))}
    genes["gamma"] = gamma_of(rng.random(size))
    genes["eta"] = eta_of(rng.random(size))
    genes |= {name: laws(rng, (size, S)) for name in recipe.laws}
    for name in recipe.policies:
        genes[name] = laws(rng, (size, N_POLICIES, S, A) if name == "policies" else (size, S, A))
    if "mu_2" in genes:
        genes["near"] = rng.random(size)
    if "policy_2" in genes:
        genes["ties"] = rng.random((size, S))
    if recipe.step:
        genes["beta"] = 1.0 - rng.random(size) ** 2
    return genes


def laws(rng: np.random.Generator, shape: tuple[int, ...]) -> FloatArray:
    """Random distributions, each game with a concentration of its own; one game in five has point masses only."""
    per_game = (shape[0],) + (1,) * (len(shape) - 1)
    concentration = 10.0 ** rng.uniform(-1.0, 0.5, per_game)
    found = normalised(rng.gamma(np.broadcast_to(concentration, shape)) + 1e-12)
    pure = rng.random(per_game) < 0.2
    return np.where(pure, point_masses(found), found)


def _kernels(rng: np.random.Generator, shape: tuple[int, ...]) -> FloatArray:
    """Random rows; in half of the games mixed with a row of the state, of the vertex, or of the game alone."""
    rows = laws(rng, shape)
    size = shape[0]
    axes = ((1,), (3,), (1, 3), (1, 2, 3))  # what the common row does not depend on
    for axis, chosen in zip(axes, np.array_split(rng.permutation(size)[: size // 2], len(axes)), strict=True):
        common = rows[chosen].mean(axis=axis, keepdims=True)
        weight = 10.0 ** rng.uniform(-2.5, 0.0, (len(chosen), 1, 1, 1, 1))
        rows[chosen] = (1.0 - weight) * common + weight * rows[chosen]
    return normalised(rows)


def _rewards(rng: np.random.Generator, shape: tuple[int, ...]) -> FloatArray:
    values = rng.random(shape)
    pure = rng.random((shape[0],) + (1,) * (len(shape) - 1)) < 0.5
    return np.where(pure, np.round(values), values)


def gamma_of(unit: FloatArray) -> FloatArray:
    """0 for a unit below .05, then up to .999, evenly in log(1 - gamma)."""
    decades = -math.log10(1.0 - LARGEST_GAMMA)
    return np.where(unit < 0.05, 0.0, 1.0 - 10.0 ** (-decades * (unit - 0.05) / 0.95))


def _unit_of_gamma(gamma: FloatArray) -> FloatArray:
    decades = -math.log10(1.0 - LARGEST_GAMMA)
    return np.clip(0.05 - 0.95 / decades * np.log10(1.0 - gamma), 0.0, 1.0)


def eta_of(unit: FloatArray) -> FloatArray:
    """Evenly in log(eta), in units of the reward's scale."""
    found: FloatArray = 10.0 ** (ETA_DECADES * (2.0 * unit - 1.0))
    return found


def _unit_of_eta(eta: FloatArray) -> FloatArray:
    return np.clip((np.log10(eta) / ETA_DECADES + 1.0) / 2.0, 0.0, 1.0)


def normalised(values: FloatArray) -> FloatArray:
    """Rows divided by their sums."""
    found: FloatArray = values / values.sum(axis=-1, keepdims=True)
    return found


def point_masses(values: FloatArray) -> FloatArray:
    """Each distribution replaced by the point mass at its largest entry."""
    return np.asarray(np.eye(values.shape[-1])[values.argmax(axis=-1)])


def propose(rng: np.random.Generator, genes: Genes, fitness: FloatArray) -> Genes:
    """One variation of every game: a jitter, a mixture, a jump to a vertex, a difference of two others, or a crossover."""
    move = (_jitter, _mix, _snap, _differ, _differ, _cross)[rng.integers(6)]
    share = float(rng.choice((0.1, 0.3, 1.0)))
    context = _Context(rng, fitness)
    varied = {}
    for name, values in genes.items():
        simplex = name not in (*UNITS, "gamma", "eta")
        forward = {"gamma": gamma_of, "eta": eta_of}.get(name, _same)
        unit = {"gamma": _unit_of_gamma, "eta": _unit_of_eta}.get(name, _same)(values)
        touched = rng.random(values.shape[:-1] if simplex else values.shape) < share
        if not touched.any():
            varied[name] = values
            continue
        new = _legal(move(context, unit, simplex), unit, simplex)
        varied[name] = np.where(touched[..., None] if simplex else touched, forward(new), values)
    return varied


class _Context:
    """What the moves of one generation share: step sizes, partners, the best game."""

    def __init__(self, rng: np.random.Generator, fitness: FloatArray) -> None:
        size = len(fitness)
        self.rng = rng
        self.step = 10.0 ** rng.uniform(-4.0, 0.3, size)
        self.one, self.two = rng.integers(size, size=size), rng.integers(size, size=size)
        self.best = np.full(size, int(np.argmax(np.where(np.isnan(fitness), -np.inf, fitness))))
        self.pull = np.where(rng.random(size) < 0.5, rng.random(size), 0.0)
        self.factor = rng.uniform(0.3, 1.1, size)

    def along(self, numbers: FloatArray, values: FloatArray) -> FloatArray:
        """One number a game, shaped to multiply its values."""
        return numbers.reshape((-1,) + (1,) * (values.ndim - 1))


def _jitter(context: _Context, values: FloatArray, simplex: bool) -> FloatArray:
    noise = context.along(context.step, values) * context.rng.standard_normal(values.shape)
    return values * np.exp(np.clip(noise, -50.0, 50.0)) if simplex else values + noise


def _mix(context: _Context, values: FloatArray, simplex: bool) -> FloatArray:
    weight = np.minimum(context.along(context.step, values), 1.0)
    other = context.rng.random(values.shape)
    other = point_masses(other) if simplex else np.round(other)
    return (1.0 - weight) * values + weight * other


def _snap(context: _Context, values: FloatArray, simplex: bool) -> FloatArray:
    if not simplex:
        return np.round(values)
    which = context.rng.integers(3)
    if which == 0:
        return point_masses(values)
    if which == 1:
        return np.full(values.shape, 1.0 / values.shape[-1])
    return point_masses(context.rng.random(values.shape))


def _differ(context: _Context, values: FloatArray, simplex: bool) -> FloatArray:  # noqa: ARG001
    factor, pull = context.along(context.factor, values), context.along(context.pull, values)
    found: FloatArray = values + factor * (values[context.one] - values[context.two])
    found += pull * (values[context.best] - values)
    return found


def _cross(context: _Context, values: FloatArray, simplex: bool) -> FloatArray:  # noqa: ARG001
    return values[context.one]


def _legal(values: FloatArray, before: FloatArray, simplex: bool) -> FloatArray:
    """Back to the unit interval or the simplex; a row without mass stays as it was."""
    values = values.clip(0.0, 1.0)
    if not simplex:
        return values
    total = values.sum(axis=-1, keepdims=True)
    return np.where(total > 0.0, values / np.where(total > 0.0, total, 1.0), before)


def _same(values: FloatArray) -> FloatArray:
    return values


def expressed(genes: Genes, recipe: Recipe) -> Genes:
    """The arrays of the case that the genes mean: near pairs, tied policies, policies with full support."""
    shown = {name: genes[name] for name in (*recipe.laws, *recipe.policies)}
    if "near" in genes:
        weight = 10.0 ** (-NEAR_DECADES * np.clip((genes["near"] - 0.2) / 0.8, 0.0, 1.0))[..., None]
        shown["mu_2"] = normalised((1.0 - weight) * shown["mu"] + weight * shown["mu_2"])
    if "ties" in genes:
        shown["policy_2"] = np.where((genes["ties"] > TIED)[..., None], shown["policy"], shown["policy_2"])
    if recipe.positive:
        for name in recipe.policies:
            shown[name] = normalised(shown[name] + FLOOR * (shown[name].min(axis=-1, keepdims=True) == 0.0))
    return shown


def one_of(genes: Genes, index: int) -> Genes:
    """The genes of one game, without the leading axis."""
    return {name: np.array(values[index]) for name, values in genes.items()}


def stacked(genes: Genes) -> Genes:
    """The inverse of `one_of`, for one game."""
    return {name: np.asarray(values)[None] for name, values in genes.items()}


def select(keep: npt.NDArray[np.bool_], new: Genes, old: Genes) -> Genes:
    """The new genes of the games to `keep`, the old ones of the others."""
    return {name: np.where(keep.reshape((-1,) + (1,) * (old[name].ndim - 1)), new[name], old[name]) for name in old}
