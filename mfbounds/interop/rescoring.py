"""Runs of bench-mfg-suite scored again, with both numbers side by side.

Its exploitability pushes a given mean field 50 times through the chain of the policy, each time with the kernel at the
mean field reached, takes rewards at the last one and backs values up horizon - 1 times from zero, all in float32 and
without entropy. Ours takes the law that the chain keeps, values over the infinite horizon, in float64 with an error bound.
The steps between the two are taken one at a time, so that each difference has one cause.
"""

from __future__ import annotations

import os
from collections.abc import Callable
from dataclasses import dataclass, field
from typing import Any

import numpy as np
import pandas as pd

from mfbounds.checks import FloatArray, check_count, check_positive, frozen_array
from mfbounds.errors import InputError, NotUnichainError
from mfbounds.games.game import MeanFieldGame
from mfbounds.interop.bench_mfg import read_environment
from mfbounds.interop.run_folder import CONFIG, RunFolder, read_run
from mfbounds.mdp import Frozen, StationaryLaw, freeze, frozen_quality, frozen_stationary, push
from mfbounds.mdp.exploitability import frozen_gap, measured_at
from mfbounds.numbers import Measured

PUSHES = 50  # MEAN_FIELD_FIXED_POINT_ITERATIONS of bench-mfg-suite
SINGLE = 1e-4  # of the largest value: more than float32 loses over some hundred backups
MOST_LAWS = 50  # rounds of law <- law kept at the kernel of the last law, where mu plays a role in the kernel


@dataclass(frozen=True, eq=False, kw_only=True)
class Rescore:
    """A run's exploitability as recorded and as measured here; reward units, without entropy.

    A residual is ||mu P_mu^pi - mu||_1, pi the final policy: 0 where mu is stationary.

    Attributes:
        run: what was read of the folder.
        game: which game the policy was scored in.
        horizon: of the recipe of bench-mfg-suite.
        recorded: the last of `exploitabilities.npz`.
        recipe: the same recipe in float64, from the run's final mean field. The run itself may have started elsewhere:
            particle swarms record the score from the mean field before their last update.
        pushed, pushed_residual: the mean field after the recipe's 50 pushes, (S,), and its residual.
        given_residual: of the run's final mean field.
        law, law_residual: the law that the policy keeps, (S,), and its residual; None where none is singled out.
        truncated: the recipe's values, over its horizon, at that law.
        exploitability: P1, eq. (7) at that law: infinite horizon, with its error bound; for an environment, whose rewards
            at other populations nothing is known of, that of the game frozen at `law`.
        at_given: the gain of deviating at the run's final mean field, infinite horizon, with its error bound. Equal to
            `exploitability` where that mean field is stationary; defined where no law is singled out.
        remark: in words, what to know before the numbers are compared; empty where there is nothing.
    """

    run: RunFolder
    game: str
    horizon: int
    recorded: float
    recipe: float
    pushed: FloatArray = field(repr=False)
    pushed_residual: float
    given_residual: float
    law: FloatArray | None = field(repr=False)
    law_residual: float | None
    truncated: float | None
    exploitability: Measured | None
    at_given: Measured
    remark: str

    def to_pandas(self) -> pd.DataFrame:
        """One row a number: value, error bound (NaN: none), residual, change from the row above, and what it is."""
        ours, steps = self.exploitability, f"horizon {self.horizon}"
        rows: list[tuple[str, float | None, float | None, float | None, str]] = [
            ("recorded", self.recorded, None, None, f"the run's own: float32, {PUSHES} pushes, {steps}"),
            ("recipe", self.recipe, None, self.pushed_residual, f"float64, {PUSHES} pushes, {steps}"),
            ("truncated", self.truncated, None, self.law_residual, f"float64, stationary law, {steps}"),
            (
                "exploitability",
                ours.value if ours else None,
                ours.error if ours else None,
                self.law_residual,
                "float64, stationary law, infinite horizon",
            ),
        ]
        given, what = self.at_given, "float64, the run's mean field, infinite horizon"
        rows.append(("at_given", given.value, given.error, self.given_residual, what))
        table = pd.DataFrame(rows, columns=["number", "value", "error", "residual", "what"]).set_index("number")
        for column in ("value", "error", "residual"):
            table[column] = table[column].astype(float)
        table.insert(3, "change", table["value"].diff())
        table.loc["at_given", "change"] = np.nan
        return table


def rescore(folder: str | os.PathLike[str], game: Any, *, horizon: int | None = None, tol: float = 1e-10) -> Rescore:
    """Scores a run folder of bench-mfg-suite again; bench-mfg-suite itself is not needed.

    Args:
        folder: holds `final_policy.npz`, `final_mean_field.npz` and `exploitabilities.npz`; read as `read_run` says.
        game: the run's environment (the interface of `MFGStationary`), or a `MeanFieldGame`.
        horizon: of the recipe; by default the environment's, or that of the folder's `config.yaml`.
        tol: residual below which the law counts as stationary. Where mu plays no role in the kernel one solve does;
            elsewhere the law kept at the kernel of the last law is taken again and again, 50 times at most, and the
            residual that is left is in the result: kernels that jump with mu may keep no law at all.

    With such a kernel `exploitability` is P1, eq. (7) at the population whose law that is, whatever its residual. Its error
    bound includes rounding and the error of the law's masses; how far the game itself moves with the law is included for a
    `MeanFieldGame` that declares its regularity.

    Raises:
        InputError: a file is missing or breaks a rule, the run is of another environment, or no horizon is known.
        FileFormatError: a file is damaged or holds pickled objects.
    """
    run, scored = read_run(folder), _scored(game)
    saved = run.settings.get("horizon")
    known = scored.horizon if horizon is None else horizon
    run.check_fits(num_states=scored.n_states, num_actions=scored.n_actions, gamma=scored.gamma, horizon=known)
    if known is None and saved is None:
        raise InputError("horizon is missing, must be given: neither the game nor the folder's config.yaml has one")
    steps = check_count(saved, f"horizon in {run.folder / CONFIG}") if known is None else check_count(known, "horizon")
    pushed, given = _pushed(scored, run, PUSHES), scored.at(run.mean_field)
    law, law_residual, truncated, exploitability, remark = _at_law(scored, run, steps, check_positive(tol, "tol"))
    at_pushed = scored.at(pushed)
    recorded, recipe = float(run.exploitabilities[-1]), _truncated_gain(at_pushed, run.policy, pushed, steps)
    return Rescore(
        run=run,
        game=scored.name,
        horizon=steps,
        recorded=recorded,
        recipe=recipe,
        pushed=pushed,
        pushed_residual=_residual(at_pushed, run.policy, pushed),
        given_residual=_residual(given, run.policy, run.mean_field),
        law=law,
        law_residual=law_residual,
        truncated=truncated,
        exploitability=exploitability,
        at_given=frozen_quality(given, run.policy, run.mean_field, False),
        remark="; ".join(filter(None, (_disagreement(at_pushed, recorded, recipe), remark))),
    )


def _disagreement(frozen: Frozen, recorded: float, recipe: float) -> str:
    """A remark where more than single precision lies between what was recorded and what the recipe gives."""
    largest = float(np.abs(frozen.reward).max()) / (1.0 - frozen.gamma)
    if abs(recorded - recipe) <= SINGLE * max(largest, 1.0):
        return ""
    return (
        f"the run recorded {recorded:.6g} where the recipe gives {recipe:.6g}: another environment (rewards, dynamics), or a "
        "score that the run took from another mean field or of another policy than its last"
    )


@dataclass(frozen=True, eq=False, kw_only=True)
class _Scored:
    """An environment or a game, as far as scoring needs it: `at` freezes it at a population."""

    game: MeanFieldGame | None
    name: str
    n_states: int
    n_actions: int
    gamma: float
    horizon: int | None
    at: Callable[[FloatArray], Frozen]


def _scored(game: Any) -> _Scored:
    if isinstance(game, MeanFieldGame):
        return _Scored(
            game=game,
            name=game.name or repr(game),
            n_states=game.n_states,
            n_actions=game.n_actions,
            gamma=game.gamma,
            horizon=None,
            at=lambda mu: freeze(game, mu),
        )
    source = read_environment(game, renormalise=True)
    return _Scored(
        game=None,
        name=source.name,
        n_states=source.n_states,
        n_actions=source.n_actions,
        gamma=source.gamma,
        horizon=source.horizon,
        at=lambda mu: Frozen(
            kernel=source.kernel(mu), reward=frozen_array(source.reward(mu), "reward"), gamma=source.gamma, eta=0.0
        ),
    )


def _pushed(scored: _Scored, run: RunFolder, pushes: int) -> FloatArray:
    """The mean field after so many steps of the population, each at the kernel of the mean field reached."""
    mu = run.mean_field
    for _ in range(pushes):
        mu = push(scored.at(mu), run.policy, mu, 1)
    return mu


def _residual(frozen: Frozen, policy: FloatArray, mu: FloatArray) -> float:
    return float(np.abs(mu @ frozen.chain(policy) - mu).sum())


def _truncated_gain(frozen: Frozen, policy: FloatArray, mu: FloatArray, horizon: int) -> float:
    """<mu, max - V^pi> where both values are backed up horizon - 1 times from zero, without entropy."""
    best, kept = np.zeros(frozen.n_states), np.zeros(frozen.n_states)
    for _ in range(horizon - 1):
        best = frozen.backup(best).max(axis=1)
        kept = (policy * frozen.backup(kept)).sum(axis=1)
    return float(mu @ (best - kept))


def _at_law(
    scored: _Scored, run: RunFolder, horizon: int, tol: float
) -> tuple[FloatArray | None, float | None, float | None, Measured | None, str]:
    """Law, residual, truncated value and exploitability at the law that the policy keeps, and a remark."""
    try:
        law, frozen, residual = _kept_law(scored, run, tol)
    except NotUnichainError as error:
        return None, None, None, None, f"no law is singled out, only at_given is defined: {error}"
    gap = frozen_gap(frozen, run.policy, False)
    if scored.game is None:
        measured = gap.mean(law.law)
        measured = Measured(measured.value, measured.error + gap.span / 2.0 * law.error)
    else:
        measured = measured_at(scored.game, frozen, law.law, law, gap)
    remark = ""
    if residual > tol:
        remark = (
            f"in {MOST_LAWS} rounds no law came nearer to stationary than {residual:.3g} (tol {tol:g}): the kernel depends "
            "on mu, and the policy may keep no law at all"
        )
    return law.law, residual, _truncated_gain(frozen, run.policy, law.law, horizon), measured, remark


def _kept_law(scored: _Scored, run: RunFolder, tol: float) -> tuple[StationaryLaw, Frozen, float]:
    """Of the laws met from the run's mean field on: that with the least residual, the game frozen at it, the residual."""
    best: tuple[StationaryLaw, Frozen, float] | None = None
    frozen = scored.at(run.mean_field)
    for _ in range(MOST_LAWS):
        law = frozen_stationary(frozen, run.policy)
        frozen = scored.at(law.law)
        residual = _residual(frozen, run.policy, law.law)
        if best is None or residual < best[2]:
            best = law, frozen, residual
        if residual <= tol:
            break
    assert best is not None
    return best
