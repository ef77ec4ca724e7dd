"""From the mean field to N players: what a policy earns when the population is a finite number of players."""

from __future__ import annotations

import itertools
import math
from collections.abc import Iterable, Sequence
from dataclasses import dataclass
from fractions import Fraction
from typing import Any

import numpy as np

from mfbounds.checks import FloatArray, check_count, check_policy, check_positive, check_real
from mfbounds.errors import InputError
from mfbounds.games.game import MeanFieldGame
from mfbounds.games.kinds import check_mean_field
from mfbounds.games.options import check_choice
from mfbounds.mdp.frozen import UNIT, freeze
from mfbounds.mdp.values import policy_values
from mfbounds.numbers import Measured
from mfbounds.simulation.counts import check_draws
from mfbounds.simulation.n_players_bands import (
    Slope,
    bernstein_band,
    fit_slope,
    median_band,
    standard_error,
    student_band,
)
from mfbounds.simulation.n_players_dynamics import Dynamics
from mfbounds.simulation.n_players_flow import Flow, mean_field_flow
from mfbounds.simulation.n_players_play import STARTS, Played, play
from mfbounds.simulation.n_players_result import NPlayerGap, PlayersRow
from mfbounds.simulation.streams import seed_sequence
from mfbounds.simulation.truncation import steps_until

DECADES = tuple(10**k for k in range(1, 10))


def n_player_gap(
    game: MeanFieldGame,
    policy: Any,
    mu: Any,
    N: int | Iterable[int] = DECADES,
    *,
    horizon: int | None = None,
    tolerance: float = 1e-3,
    replications: int = 200,
    start: str = "iid",
    level: float = 0.95,
    seed: int | None = None,
    workers: int = 1,
) -> NPlayerGap:
    r"""The value of a policy among N players, against its mean-field value.

    N players start in states drawn from `mu` and all use `policy`. At each step t the population is their empirical
    measure mu_t^N = (1/N) sum_i delta(s_t^i), player i earns r(s_t^i, a_t^i, mu_t^N) + eta H(pi(.|s_t^i)) and moves by
    P(.|s_t^i, a_t^i, mu_t^N); players are independent given mu_t^N, and each counts itself. With rewards averaged over
    the players' actions, one play of the game has the value

        J^ = sum_{t>=0} gamma^t <mu_t^N, r_pi(mu_t^N)>,     r_pi(s, m) = sum_a pi(a|s) r(s,a,m) + eta H(pi(.|s)).

    Its mean E J^N is the expected discounted reward of a player, averaged over the players. The luck of a single
    action is in the moves, not in the rewards: this changes no mean and lessens the spread. Two mean-field values stand
    beside it: J_frozen = J(pi, mu, mu) with the population frozen at mu (the stationary formulation, P1, eq. (7)), and
    J_flow along mu_t = mu (P^pi)^t, each step at its own population. They are equal when mu is stationary under the
    policy; what separates them otherwise (`drift`) is no effect of N. Two distances to J_flow are measured:

    - the bias E J^N - J_flow, of order 1/N in smooth games, 0 without interaction;
    - the deviation E|J^ - J_flow| of one play, of order 1/sqrt(N).

    The bias is far below the spread. It is seen after subtracting a martingale whose mean is exactly 0 and which
    follows the spread to first order (`mfbounds.simulation.n_players_flow`); a band that contains 0 is reported as not
    resolved. Players in one state are exchangeable, so the counts are moved by multinomial draws: the exact law, at a
    cost that does not depend on N.

    Args:
        policy: pi(a|s), (S, A).
        mu: population at the start, (S,).
        N: numbers of players, integers in 1..2^53.
        horizon: T, the last step played; by default the smallest with gamma^(T+1) <= tolerance/N.
        tolerance: share of the range of values, divided by N, that may be lost after the last step.
        replications: independent plays for each N, >= 2.
        start: "iid" draws the first states from mu; "proportions" takes the integers closest to N mu, so that the
            error of that rounding is part of the bias.
        level: confidence of each band, in (0, 1); for each number alone, not for all N together.
        seed: same seed, same result; a row does not depend on the other N.
        workers: threads; they change nothing but the time.

    Raises:
        InputError: an argument breaks a rule above.

    Example:
        Two doors that repel crowds: in a population of N the expected square of a share is larger by (1-share)share/N.

        >>> import numpy as np
        >>> from mfbounds.games import AffineGame
        >>> doors = np.full((2, 1, 2), 0.5)                      # every step draws a new door
        >>> crowd = -np.eye(2)[:, :, None]                        # r(s, mu) = -mu(s)
        >>> game = AffineGame(doors, crowd, gamma=0.5, eta=1.0)
        >>> found = n_player_gap(game, np.ones((2, 1)), [0.5, 0.5], N=[100, 10**6], level=0.999, seed=1)
        >>> for row in found.rows:                                # exactly -(1/2)/N/(1-gamma)
        ...     print(row.bias.low <= -1 / row.N <= row.bias.high, row.resolved)
        True True
        True True
    """
    check_mean_field(game, "n_player_exploitability")
    asked = Asked.checked(N, horizon, tolerance, replications, start, level)
    law, checked = game.population(mu), check_policy(policy, game.n_states, game.n_actions)
    root, threads = seed_sequence(seed), check_count(workers, "workers")
    dynamics = Dynamics(game, checked)
    horizons = [asked.horizon_at(n, game.gamma) for n in asked.N]
    flow = mean_field_flow(dynamics, law, max(horizons))
    frozen, steady = _frozen_value(game, checked, law), _flow_value(dynamics, flow)
    sigma = flow.sigma if start == "iid" else flow.sigma_moves
    rows = []
    for n, T in zip(asked.N, horizons, strict=True):
        played = play(dynamics, flow, N=n, T=T, replications=replications, start=start, seed=root, workers=threads)
        rows.append(_row(dynamics, flow, played, n, T, level, (frozen, steady), sigma))
    return NPlayerGap(
        rows=tuple(rows),
        frozen=frozen,
        flow=steady,
        sigma=sigma,
        bias_slope=_bias_slope(rows, level),
        deviation_slope=_deviation_slope(rows, level),
        parameters={**vars(asked), "seed": root.entropy},
        game={"name": game.name or repr(game), "n_states": game.n_states, "gamma": game.gamma, "eta": game.eta},
    )


@dataclass(frozen=True, kw_only=True)
class Asked:
    """The checked arguments of `n_player_gap` and `n_player_deviation` that are not a game's."""

    N: tuple[int, ...]
    horizon: int | None
    tolerance: float
    replications: int
    start: str
    level: float

    @staticmethod
    def checked(N: Any, horizon: Any, tolerance: Any, replications: Any, start: Any, level: Any) -> Asked:
        share = check_positive(tolerance, "tolerance")
        if share >= 1.0:
            raise InputError(f"tolerance == {share}, must be < 1: it is a share of the range of values")
        confidence = check_real(level, "level")
        if not 0.0 < confidence < 1.0:
            raise InputError(f"level == {confidence}, must be in (0, 1): it is a probability, for instance 0.95")
        return Asked(
            N=numbers_of_players(N),
            horizon=None if horizon is None else check_count(horizon, "horizon", least=0),
            tolerance=share,
            replications=check_count(replications, "replications", least=2),
            start=check_choice(start, "start", STARTS),
            level=confidence,
        )

    def horizon_at(self, N: int, gamma: float) -> int:
        """T for N players."""
        if self.horizon is not None:
            return self.horizon
        return max(0, steps_until(gamma, Fraction(self.tolerance) / N) - 1)


def numbers_of_players(N: Any) -> tuple[int, ...]:
    """Different integers in 1..2^53, in increasing order.

    Raises:
        InputError: there is none, one is no such integer, or one is given twice.
    """
    listed = list(N) if isinstance(N, Iterable) and not isinstance(N, str | bytes) else [N]
    numbers = sorted(check_draws(n, "N") for n in listed)
    if not numbers:
        raise InputError("N == [], must name a number of players, for instance [10, 100, 1000]")
    for one, two in itertools.pairwise(numbers):
        if one == two:
            raise InputError(f"N == {numbers}, must hold each number once: {one} is there twice")
    return tuple(numbers)


def _frozen_value(game: MeanFieldGame, policy: FloatArray, mu: FloatArray) -> Measured:
    """J(pi, mu, mu)."""
    values = policy_values(freeze(game, mu), policy)
    return Measured(float(mu @ values.V), values.error + len(mu) * UNIT * float(np.abs(values.V).max()))


def _flow_value(dynamics: Dynamics, flow: Flow) -> Measured:
    """The value of the flow: what comes after the last step lies in an interval, whose middle is added."""
    gamma, T = dynamics.game.gamma, len(flow.laws) - 1
    tail = gamma ** (T + 1) / (1.0 - gamma)
    low, high = dynamics.reward_range
    value = flow.value(T) + tail * (low + high) / 2.0
    return Measured(value, tail * (high - low) / 2.0 + _rounding(dynamics, flow, T))


def _rounding(dynamics: Dynamics, flow: Flow, T: int) -> float:
    """A bound on the rounding errors of one replication, reward units.

    Each of the T+1 terms is a few sums of S (or A) products, none larger than the rewards or the span of the slopes,
    and the chain that is drawn from is off by as many roundings; the terms are then added.
    """
    gamma = dynamics.game.gamma
    size = max(map(abs, dynamics.reward_range)) + 4.0 * float(np.ptp(flow.slopes, axis=1).max())
    terms = 4 * (dynamics.size + dynamics.game.n_actions) + T + 20
    return terms * UNIT * size * (1.0 - gamma ** (T + 1)) / (1.0 - gamma)


def _row(
    dynamics: Dynamics,
    flow: Flow,
    played: Played,
    N: int,
    T: int,
    level: float,
    values: tuple[Measured, Measured],
    sigma: float,
) -> PlayersRow:
    frozen, steady = values
    gamma, (low, high) = dynamics.game.gamma, dynamics.reward_range
    all_steps = (high - low) / (1.0 - gamma)
    truncation, rounding = gamma ** (T + 1) * all_steps, _rounding(dynamics, flow, T)
    spread, residual = np.abs(played.difference), played.difference - played.martingale
    doubt, width = truncation + rounding, (1.0 - gamma ** (T + 1)) * all_steps
    bias = student_band(residual, level).widened(doubt)
    return PlayersRow(
        N=N,
        horizon=T,
        value=bias.shifted(steady.value).widened(steady.error),
        bias=bias,
        bias_error=standard_error(residual),
        bias_certain=bernstein_band(played.difference, width, level).widened(doubt),
        gap=bias.shifted(steady.value - frozen.value).widened(steady.error + frozen.error),
        deviation=student_band(spread, level).widened(doubt),
        deviation_error=standard_error(spread),
        deviation_predicted=sigma * math.sqrt(2.0 / (math.pi * N)),
        deviation_median=median_band(spread, level, (0.0, width)).widened(doubt),
        truncation=truncation,
        rounding=rounding,
    )


def _bias_slope(rows: Sequence[PlayersRow], level: float) -> Slope:
    resolved = [row for row in rows if row.resolved]
    used = [row for row in resolved if row.bias.value * resolved[-1].bias.value > 0.0]
    doubts = [math.hypot(row.bias_error, row.truncation + row.rounding) for row in used]
    return fit_slope([row.N for row in used], [abs(row.bias.value) for row in used], doubts, level)


def _deviation_slope(rows: Sequence[PlayersRow], level: float) -> Slope:
    used = [row for row in rows if row.deviation.low > 0.0]
    doubts = [math.hypot(row.deviation_error, row.truncation + row.rounding) for row in used]
    return fit_slope([row.N for row in used], [row.deviation.value for row in used], doubts, level)
