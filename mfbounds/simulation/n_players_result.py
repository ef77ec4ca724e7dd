"""What playing N players brought: one row for each N, and how the rows shrink."""

from __future__ import annotations

import math
from collections.abc import Mapping
from dataclasses import dataclass, field
from typing import TYPE_CHECKING, Any

import pandas as pd

from mfbounds.numbers import Measured
from mfbounds.simulation.n_players_bands import Band, Slope

if TYPE_CHECKING:
    from matplotlib.figure import Figure

SHOWN = ("N", "value", "bias", "bias_low", "bias_high", "deviation", "deviation_low", "deviation_high", "resolved")


@dataclass(frozen=True, kw_only=True)
class PlayersRow:
    """N players against the mean field; all numbers but counts in reward units.

    Attributes:
        N: players.
        horizon: T; steps 0..T are played.
        value: E J^N, the bias band around the value of the flow.
        bias: E J^N - J_flow; Student's t on the replications less their control variate, widened by `truncation` and
            `rounding`. Approximate in the replications.
        bias_error: its standard error.
        bias_certain: the same number's band that holds for every law on the known range of values (empirical
            Bernstein). No such band can shrink below width/replications, whatever N.
        gap: E J^N - J_frozen: the bias plus what the mean field itself loses because `mu` does not stay.
        deviation: E|J^ - J_flow| of the value J^ in one play; Student's t, widened likewise.
        deviation_error: its standard error.
        deviation_predicted: its limit sigma sqrt(2/(pi N)) by the central limit theorem.
        deviation_median: the median of |J^ - J_flow|, with a band that holds for every law (order statistics).
        truncation: a bound on what the steps after T can change in bias, gap and deviation.
        rounding: a bound on the rounding errors of one replication, relative to the game's float64 numbers.
    """

    N: int
    horizon: int
    value: Band
    bias: Band
    bias_error: float
    bias_certain: Band
    gap: Band
    deviation: Band
    deviation_error: float
    deviation_predicted: float
    deviation_median: Band
    truncation: float
    rounding: float

    @property
    def resolved(self) -> bool:
        """Whether the band of the bias excludes 0."""
        return self.bias.excludes_zero


@dataclass(frozen=True, eq=False, kw_only=True)
class NPlayerGap:
    """How far N players under one policy are from their mean field, see `n_player_gap`.

    Attributes:
        rows: one for each N.
        frozen: J(pi, mu, mu), the value with the population frozen at mu (P1, eq. (7)), reward units.
        flow: the value along the mean-field flow mu_t = mu (P^pi)^t, reward units; equal to `frozen` when mu stays.
        sigma: the standard deviation of sqrt(N) J^ in the limit of large N, reward units; from finite differences where
            the game interacts, so to about six digits. Where it vanishes the deviation is of order 1/N as well.
        bias_slope: b in |bias| ~ N^b, at the largest of the N that are resolved with the sign of the last of them;
            -1 is what a smooth game has. See `fit_slope` of `mfbounds.simulation.n_players_bands`.
        deviation_slope: b in E|J^ - J_flow| ~ N^b; -1/2 by the central limit theorem.
        parameters, game: what was asked for, and of which game.
    """

    rows: tuple[PlayersRow, ...]
    frozen: Measured
    flow: Measured
    sigma: float
    bias_slope: Slope
    deviation_slope: Slope
    parameters: Mapping[str, Any] = field(repr=False)
    game: Mapping[str, Any] = field(repr=False)

    @property
    def drift(self) -> Measured:
        """flow - frozen: the part of every gap that comes from mu not being stationary under the policy."""
        return Measured(self.flow.value - self.frozen.value, self.flow.error + self.frozen.error)

    def to_pandas(self) -> pd.DataFrame:
        """One row for each N; bands as three columns, ``bias``, ``bias_low`` and ``bias_high``."""
        return pd.DataFrame([_flat(row) for row in self.rows])

    def __str__(self) -> str:
        head = [
            f"N players and the mean field: J frozen {self.frozen.value:.6g}, J flow {self.flow.value:.6g} (reward units)"
        ]
        slopes = {"bias": self.bias_slope.value, "deviation": self.deviation_slope.value}
        head += [f"{name} ~ N^{slope:.2f}" for name, slope in slopes.items() if not math.isnan(slope)]
        shown = self.to_pandas()[list(SHOWN)]
        return "\n".join((*head, shown.to_string(index=False, float_format="{:.4g}".format)))

    __repr__ = __str__

    def plot(self) -> Figure:
        """Bias and deviation against N on logarithmic axes, with bands, fitted slopes and the guides 1/sqrt(N), 1/N."""
        from mfbounds.plots.players import plot_n_players

        return plot_n_players(self)


def _flat(row: PlayersRow) -> dict[str, Any]:
    flat: dict[str, Any] = {}
    for name, value in vars(row).items():
        if isinstance(value, Band):
            flat |= {name: value.value, f"{name}_low": value.low, f"{name}_high": value.high}
        else:
            flat[name] = value
    return {**flat, "resolved": row.resolved}
