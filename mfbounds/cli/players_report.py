"""What `mfbounds players` shows."""

from __future__ import annotations

from typing import TYPE_CHECKING, Any

from mfbounds.cli.output import console, facts, grid
from mfbounds.words import number

if TYPE_CHECKING:
    from mfbounds.simulation.n_players_bands import Band, Slope
    from mfbounds.simulation.n_players_deviation import NPlayerDeviation
    from mfbounds.simulation.n_players_result import NPlayerGap

NUMERIC = ("N", "T", "value", "bias", "its band", "deviation", "its band ", "limit")
BANDS = "for each number alone; by Student's t, approximate (bands that hold for every law: --json)"


def plain_players(found: NPlayerGap, left: NPlayerDeviation | None) -> dict[str, Any]:
    """Everything, for JSON."""
    return {
        "game": found.game,
        "parameters": found.parameters,
        "frozen": vars(found.frozen) | {"cause": str(found.frozen.cause)},
        "flow": vars(found.flow) | {"cause": str(found.flow.cause)},
        "sigma": found.sigma,
        "bias_slope": vars(found.bias_slope),
        "deviation_slope": vars(found.deviation_slope),
        "rows": found.to_pandas().to_dict(orient="records"),
        "deviation": None if left is None else _plain_gains(left),
    }


def _plain_gains(left: NPlayerDeviation) -> dict[str, Any]:
    return {
        "mean_field_gain": vars(left.mean_field_gain) | {"cause": str(left.mean_field_gain.cause)},
        "rows": left.to_pandas().to_dict(orient="records"),
    }


def print_players(found: NPlayerGap) -> None:
    """The mean-field values and exponents, then a row for each N."""
    out = console()
    drift = found.drift
    out.print(
        facts(
            [
                ("game", str(found.game["name"]), f"gamma = {found.game['gamma']:g}, eta = {found.game['eta']:g}"),
                ("J frozen", number(found.frozen.value), "value with the population held at mu, reward units"),
                ("J flow", number(found.flow.value), "value along mu_t = mu (P^pi)^t"),
                ("drift", f"{drift.value:.4g} +- {drift.error:.1g}", "J flow - J frozen: 0 when mu is stationary"),
                ("sigma", number(found.sigma), "limit of the standard deviation of sqrt(N) J^"),
                ("bias", _told(found.bias_slope), "exponent b of |E J^N - J flow| ~ N^b at the largest N"),
                ("deviation", _told(found.deviation_slope), "exponent b of E|J^ - J flow| ~ N^b at the largest N"),
                ("bands", f"level {found.parameters['level']:g}", BANDS),
            ]
        )
    )
    table = grid(
        "", ("N", "T", "value", "bias", "its band", "deviation", "its band ", "limit", "bias is"), numeric=NUMERIC
    )
    for row in found.rows:
        table.add_row(
            f"{row.N:,}",
            str(row.horizon),
            f"{row.value.value:.6g}",
            f"{row.bias.value:.3g}",
            _shown(row.bias),
            f"{row.deviation.value:.3g}",
            _shown(row.deviation),
            f"{row.deviation_predicted:.3g}",
            "resolved" if row.resolved else "not resolved",
        )
    out.print(table)


def print_gains(left: NPlayerDeviation) -> None:
    """The gain of one deviator, a row for each N."""
    limit = left.mean_field_gain
    out = console()
    told = f"{limit.value:.4g} +- {limit.error:.1g} in the mean field"
    out.print(f"gain of one player who answers best to mu ({told}); a lower bound of the best deviation's gain")
    table = grid("", ("N", "gain", "its band", "gain is"), numeric=("N", "gain", "its band"))
    for row in left.rows:
        told = "resolved" if row.resolved else "not resolved"
        table.add_row(f"{row.N:,}", f"{row.gain.value:.3g}", _shown(row.gain), told)
    out.print(table)


def _shown(band: Band) -> str:
    return f"[{band.low:.3g}, {band.high:.3g}]"


def _told(slope: Slope) -> str:
    if not slope.resolved:
        return "not resolved"
    bent = "" if slope.straight else " (still bent)"
    return f"{slope.value:.3f} [{slope.low:.3f}, {slope.high:.3f}]{bent}"
