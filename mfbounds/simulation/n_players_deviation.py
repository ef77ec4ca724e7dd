"""What one player among N gains by leaving the policy that all others keep."""

from __future__ import annotations

from collections.abc import Iterable, Mapping
from dataclasses import dataclass, field
from functools import partial
from typing import Any

import numpy as np
import pandas as pd
import scipy.sparse as sp

from mfbounds.checks import FloatArray, Kernel, check_count, check_policy
from mfbounds.games.game import MeanFieldGame
from mfbounds.games.kinds import check_mean_field
from mfbounds.mdp.frozen import UNIT
from mfbounds.mdp.optimum import soft_optimal
from mfbounds.numbers import Measured
from mfbounds.simulation.cells import IntArray
from mfbounds.simulation.n_players import DECADES, Asked
from mfbounds.simulation.n_players_bands import Band, standard_error, student_band
from mfbounds.simulation.n_players_dynamics import Dynamics
from mfbounds.simulation.n_players_flow import Flow, mean_field_flow
from mfbounds.simulation.n_players_play import BLOCK, play, start_counts
from mfbounds.simulation.streams import generator, seed_sequence
from mfbounds.simulation.threads import in_threads


@dataclass(frozen=True, kw_only=True)
class DeviationRow:
    """The gain of one deviating player among N, reward units.

    Attributes:
        N, horizon: players, and T, the last step played.
        gain: value of the deviator less a player's value when nobody deviates; Student's t (approximate in the
            replications), widened by `truncation`.
        gain_error: its standard error.
        truncation: a bound on what the steps after T can change.
    """

    N: int
    horizon: int
    gain: Band
    gain_error: float
    truncation: float

    @property
    def resolved(self) -> bool:
        """Whether the band of the gain excludes 0."""
        return self.gain.excludes_zero


@dataclass(frozen=True, eq=False, kw_only=True)
class NPlayerDeviation:
    """Gains of one deviating player, see `n_player_deviation`.

    Attributes:
        rows: one for each N.
        mean_field_gain: the same deviation along the mean-field flow, where one player does not count.
        deviation: the deviator's policy, (S, A).
        parameters: what was asked for.
    """

    rows: tuple[DeviationRow, ...]
    mean_field_gain: Measured
    deviation: FloatArray = field(repr=False)
    parameters: Mapping[str, Any] = field(repr=False)

    def to_pandas(self) -> pd.DataFrame:
        """One row for each N."""
        return pd.DataFrame(
            [
                {
                    "N": row.N,
                    "horizon": row.horizon,
                    "gain": row.gain.value,
                    "gain_low": row.gain.low,
                    "gain_high": row.gain.high,
                    "gain_error": row.gain_error,
                    "truncation": row.truncation,
                    "resolved": row.resolved,
                }
                for row in self.rows
            ]
        )


def n_player_deviation(
    game: MeanFieldGame,
    policy: Any,
    mu: Any,
    N: int | Iterable[int] = DECADES,
    *,
    deviation: Any = None,
    horizon: int | None = None,
    tolerance: float = 1e-3,
    replications: int = 200,
    level: float = 0.95,
    seed: int | None = None,
    workers: int = 1,
) -> NPlayerDeviation:
    """The gain of one player who leaves `policy` while the N-1 others keep it, in the game of `n_player_gap`.

    The deviator starts from `mu`, counts in the empirical measure like everybody, and uses one policy, which looks at
    the own state alone. The gain is J_1(deviation, policy, ..., policy) - J_1(policy, ..., policy).

    It errs on one side as a measure of exploitability: whatever the deviation, its gain is a *lower* bound of the gain
    of the best deviation among N players (which may use the time and the others' states). A small or negative gain
    proves nothing about other deviations. By default the deviation is the soft-optimal policy against mu, the best
    response to the mean field when mu is stationary; its gain then tends to the mean-field one.

    Args:
        deviation: the deviator's policy, (S, A).
        policy, mu, N, horizon, tolerance, replications, level, seed, workers: as in `n_player_gap`.

    Raises:
        InputError: an argument breaks a rule of `n_player_gap`, or `deviation` is no policy.

    Example:
        >>> import mfbounds as mb
        >>> game = mb.games.build("two_doors", attraction=-1.0)
        >>> found = n_player_deviation(game, [[0.9, 0.1]] * 2, [0.5, 0.5], N=[100], replications=50, seed=1)
        >>> found.rows[0].gain.low <= found.rows[0].gain.high
        True
    """
    check_mean_field(game, "n_player_exploitability")
    asked = Asked.checked(N, horizon, tolerance, replications, "iid", level)
    law, kept = game.population(mu), check_policy(policy, game.n_states, game.n_actions)
    left = soft_optimal(game, law).policy if deviation is None else deviation
    left = check_policy(left, game.n_states, game.n_actions, "deviation")
    root, threads = seed_sequence(seed), check_count(workers, "workers")
    others, own = Dynamics(game, kept), Dynamics(game, left)
    horizons = [asked.horizon_at(n, game.gamma) for n in asked.N]
    flow = mean_field_flow(others, law, max(horizons))
    values = _values_along(own, flow)
    low, high = zip(others.reward_range, own.reward_range, strict=True)
    width = (max(high) - min(low)) / (1.0 - game.gamma)
    rows = []
    for n, T in zip(asked.N, horizons, strict=True):
        alone = _deviate(others, own, flow, values, (n, T, asked.replications), root, threads)
        together = play(
            others, flow, N=n, T=T, replications=asked.replications, start="iid", seed=root, workers=threads
        )
        gains = alone - (flow.value(T) + together.difference - together.martingale)
        # Both values lose what comes after T, which lies in one interval.
        truncation = game.gamma ** (T + 1) * width
        band = student_band(gains, asked.level).widened(truncation)
        rows.append(DeviationRow(N=n, horizon=T, gain=band, gain_error=standard_error(gains), truncation=truncation))
    T = max(horizons)
    # Each step of either recursion rounds sums of at most S + A products no larger than rewards and values.
    largest = max(map(abs, (*low, *high))) / (1.0 - game.gamma)
    rounding = 4.0 * (game.n_states + game.n_actions + 10) * UNIT * largest / (1.0 - game.gamma)
    return NPlayerDeviation(
        rows=tuple(rows),
        mean_field_gain=Measured(float(law @ values[0]) - flow.value(T), game.gamma ** (T + 1) * width + rounding),
        deviation=left,
        parameters={**vars(asked), "seed": root.entropy},
    )


def _values_along(own: Dynamics, flow: Flow) -> FloatArray:
    """The deviator's values from each step on when the population is the mean-field flow, (T+1, S)."""
    values = np.zeros_like(flow.laws)
    for t in range(len(flow.laws) - 1, -1, -1):
        m = flow.laws[t][None]
        values[t] = own.rewards(m)[0]
        if t + 1 < len(values):
            values[t] += flow.gamma * (own.chains(m)[0] @ values[t + 1])
    return values


def _deviate(
    others: Dynamics,
    own: Dynamics,
    flow: Flow,
    values: FloatArray,
    sizes: tuple[int, int, int],
    seed: np.random.SeedSequence,
    workers: int,
) -> FloatArray:
    """Values of the deviator less a control variate of mean 0, (replications,); `sizes` are N, T and replications."""
    N, T, replications = sizes

    def block(first: int) -> FloatArray:
        rng = generator(seed, N, first // BLOCK, 1)
        return _block(others, own, flow, values, N, T, min(BLOCK, replications - first), rng)

    return np.concatenate(in_threads([partial(block, first) for first in range(0, replications, BLOCK)], workers))


def _block(
    others: Dynamics,
    own: Dynamics,
    flow: Flow,
    values: FloatArray,
    N: int,
    T: int,
    size: int,
    rng: np.random.Generator,
) -> FloatArray:
    every = np.arange(size)
    counts = start_counts(rng, N - 1, flow.laws[0], size, "iid")
    at = start_counts(rng, 1, flow.laws[0], size, "iid").argmax(axis=1)
    # Return less the martingale of the deviator's own moves: mean first, then what the population adds at each step.
    total: FloatArray = float(flow.laws[0] @ values[0]) - values[0][at]
    weight = 1.0
    for t in range(T + 1):
        m = _with(counts, at) / N
        total = total + weight * own.rewards(m)[every, at]
        if t == T:
            return total
        rows = _rows(own, m, at)
        weight *= flow.gamma
        counts, _ = others.move(rng, counts, m)
        at = _draw(rng, rows)
        total = total + weight * ((rows * values[t + 1]).sum(axis=1) - values[t + 1][at])
    return total


def _with(counts: IntArray, at: IntArray) -> IntArray:
    """The counts with one more player, in state `at`."""
    together = counts.copy()
    together[np.arange(len(at)), at] += 1
    return together


def _rows(own: Dynamics, m: FloatArray, at: IntArray) -> FloatArray:
    """The laws of the deviator's next state, (B, S)."""
    rows = [_dense(chain[[s]]) for s, chain in zip(at, own.chains(m), strict=True)]
    return np.concatenate(rows)


def _dense(rows: Kernel) -> FloatArray:
    dense: FloatArray = rows.toarray() if sp.issparse(rows) else rows
    return dense


def _draw(rng: np.random.Generator, rows: FloatArray) -> IntArray:
    """One state from each law, (B,); never one of mass 0."""
    cumulative = np.cumsum(rows, axis=1)
    drawn = (cumulative <= rng.random(len(rows))[:, None] * cumulative[:, -1:]).sum(axis=1)
    last_possible = rows.shape[1] - 1 - (rows[:, ::-1] > 0.0).argmax(axis=1)
    states: IntArray = np.minimum(drawn, last_possible)
    return states
