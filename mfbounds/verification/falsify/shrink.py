"""A simpler game that violates the same inequality: fewer states and actions, then simpler fractions."""

from __future__ import annotations

from collections.abc import Iterator, Mapping
from typing import Any

import numpy as np

from mfbounds.checks import FloatArray
from mfbounds.verification.falsify.edge_cases import MOST_STATES, EdgeCases, simple_laws
from mfbounds.verification.falsify.fields import Recipe
from mfbounds.verification.falsify.genes import UNITS, point_masses
from mfbounds.verification.falsify.realise import Individual
from mfbounds.verification.falsify.state import complexity

DENOMINATORS = (1, 2, 4, 10, 100)
ROUNDS = 4
SIMPLEST = 6  # distributions that a row is replaced by


def shrink(individual: Individual, recipe: Recipe, judged: EdgeCases) -> None:
    """Try simpler and simpler individuals; `judged` keeps the simplest that violates.

    Every accepted step lowers the complexity, so that the loop ends; it ends early at the deadline of `judged`.
    """
    current = individual
    for _ in range(ROUNDS):
        before = current
        for simplify in (_without_state, _without_action, _plain_settings, _rounded):
            current = _first(simplify(current, recipe), current, judged)
        for name in list(current.genes):
            for row in range(current.genes[name].size // current.genes[name].shape[-1] if _simplex(name) else 0):
                current = _first(_other_rows(current, name, row), current, judged)
        if current is before:
            return


def _first(candidates: Iterator[Individual], current: Individual, judged: EdgeCases) -> Individual:
    """The first simpler candidate that violates, else the current individual."""
    simpler = (candidate for candidate in candidates if complexity(candidate) < complexity(current))
    return next((candidate for candidate in simpler if judged.violates(candidate)), current)


def _other_rows(individual: Individual, name: str, row: int) -> Iterator[Individual]:
    """One distribution replaced by each of the simplest ones."""
    values = individual.genes[name]
    for law in simple_laws(values.shape[-1])[:SIMPLEST] if values.shape[-1] <= MOST_STATES else ():
        rows = values.reshape(-1, values.shape[-1]).copy()
        rows[row] = law
        yield _changed(individual, {name: rows.reshape(values.shape)})


def _changed(individual: Individual, genes: Mapping[str, FloatArray], **settings: Any) -> Individual:
    return Individual(genes={**individual.genes, **genes}, settings={**individual.settings, **settings})


def _simplex(name: str) -> bool:
    return name not in (*UNITS, "gamma", "eta")


def _without_state(individual: Individual, recipe: Recipe) -> Iterator[Individual]:
    """Each state left out; what led to it is spread over the others."""
    S = individual.settings["n_states"]
    for state in range(S if S > 1 else 0):
        genes = {}
        for name, values in individual.genes.items():
            genes[name] = _drop(values, state, [a for a in _state_axes(name, recipe) if values.shape[a] == S])
        yield _changed(individual, _relawed(genes), n_states=S - 1)


def _state_axes(name: str, recipe: Recipe) -> tuple[int, ...]:
    if name == "kernels":
        return 0, 1, 3
    if name == "rewards":
        return 0, 1
    if name in recipe.laws or name == "ties":
        return (0,)
    return ((1,) if name == "policies" else (0,)) if name in recipe.policies else ()


def _without_action(individual: Individual, recipe: Recipe) -> Iterator[Individual]:
    """Each action left out."""
    A = individual.settings["n_actions"]
    axes = {"kernels": (2,), "rewards": (2,)} | dict.fromkeys(recipe.policies, (-1,))
    for action in range(A if A > 1 else 0):
        genes = {name: _drop(values, action, axes.get(name, ())) for name, values in individual.genes.items()}
        yield _changed(individual, _relawed(genes), n_actions=A - 1)


def _drop(values: FloatArray, index: int, axes: Any) -> FloatArray:
    for axis in axes:
        values = np.delete(values, index, axis=axis)
    return values


def _relawed(genes: dict[str, FloatArray]) -> dict[str, FloatArray]:
    """Distributions divided by their sums again; one that lost everything becomes uniform."""
    for name, values in genes.items():
        if _simplex(name):
            total = values.sum(axis=-1, keepdims=True)
            uniform = np.full(values.shape, 1.0 / values.shape[-1])
            genes[name] = np.where(total > 0.0, values / np.where(total > 0.0, total, 1.0), uniform)
    return genes


def _plain_settings(individual: Individual, recipe: Recipe) -> Iterator[Individual]:  # noqa: ARG001
    """No scale, and rounder values of gamma and eta."""
    plain: dict[str, tuple[float, ...]] = {"gamma": (0.0, 0.5, 0.9, 0.99), "eta": (1.0, 0.1, 10.0, 0.01, 100.0)}
    yield _changed(individual, {}, scale=1.0)
    for name, values in plain.items():
        for value in values:
            yield _changed(individual, {name: np.array(value)})
    for name in ("near", "ties"):
        if name in individual.genes:
            yield _changed(individual, {name: np.zeros(individual.genes[name].shape)})


def _rounded(individual: Individual, recipe: Recipe) -> Iterator[Individual]:  # noqa: ARG001
    """All numbers, then each array alone, rounded to fractions of a small denominator."""
    for denominator in DENOMINATORS:
        every = {name: _round(name, values, denominator) for name, values in individual.genes.items()}
        yield _changed(individual, every)
    for denominator in DENOMINATORS:
        for name, values in individual.genes.items():
            yield _changed(individual, {name: _round(name, values, denominator)})


def _round(name: str, values: FloatArray, denominator: int) -> FloatArray:
    if name in ("gamma", "eta", "near", "ties"):
        return values
    if not _simplex(name):
        return np.round(values * denominator) / denominator
    if denominator == 1:
        return point_masses(values)
    return _largest_remainder(values, denominator)


def _largest_remainder(values: FloatArray, denominator: int) -> FloatArray:
    """The fractions k/denominator that sum to 1 and are nearest."""
    scaled = values * denominator
    whole = np.floor(scaled + 1e-9)
    missing = np.round(denominator - whole.sum(axis=-1, keepdims=True))
    order = np.argsort(np.argsort(-(scaled - whole), axis=-1, kind="stable"), axis=-1, kind="stable")
    found: FloatArray = (whole + (order < missing)) / denominator
    return found
