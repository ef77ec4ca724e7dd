"""Whether a finite-horizon mean-field game is monotone (P2, Definition 10), and by how much.

As printed, with < 0 for all mu and mu', no game is: at mu = mu' the inner product <R(mu) - R(mu'), mu - mu'> is 0. Read
here: P ignores mu, and the inner product is at most 0 (weak), below 0 for mu != mu' (strict), or its sum over h is at
most 0 for flows mu_h, mu'_h of policies (flow; all that Lemma 12 uses, and less than weak).

With rewards affine in mu, R(mu) = J mu, the inner product is the quadratic form of J on differences of distributions: the
largest eigenvalue of its symmetric part there decides. Differences of flows obey d_0(s, .) summed = 0 and d_{h+1}(s', .)
summed = sum_x d_h(x) P(s'|x): on that subspace the form of diag(J, .., J) decides. Eigenvalues come with the bound on
their rounding; 0 within it counts as at most 0, since changing the rewards by that much makes it so, but not as below 0.
By how much an inner product may then be above 0 all the same is `Monotonicity.allowance`.
Other rewards are only searched for a violation: a search refutes, it proves nothing. Where one evaluation of a game means
evaluating its players at many points of a large lattice, it looks at as many populations as `probes.WORK` allows, and says
so.
"""

from __future__ import annotations

import math
from dataclasses import dataclass
from itertools import islice

import numpy as np
from scipy.linalg import null_space

from mfbounds.checks import FloatArray
from mfbounds.errors import InputError
from mfbounds.games.dynamic.finite_horizon import FiniteHorizonGame
from mfbounds.mdp.finite_horizon import flow_of
from mfbounds.symmetry.probes import (
    PROBES,
    Pair,
    affordable_evaluations,
    largest_slope,
    pair_along,
    pairs_around,
    populations,
    slopes_at_vertices,
    vertices_apart,
)
from mfbounds.words import size_text

AFFINE = 1e-11  # distance from affine, relative to the largest reward, that counts as rounding
EPS = float(np.finfo(float).eps)


@dataclass(frozen=True)
class Monotonicity:
    """Each of `weak`, `strict`, `flow` is True, False, or None where open.

    Attributes:
        slope: largest <R(mu)-R(mu'), mu-mu'>/||mu-mu'||_2^2, reward units: the number (affine rewards), a bound from above
            (declared) or the largest found (searched); NaN where the dynamics depend on mu or nothing could be looked at.
        flow_slope: the same for flows, sums over h above and below.
        error: by how much rounding may have changed the slopes, reward units.
        bent: by how much the rewards, taken as affine, may differ from affine ones, reward units.
        argument: how this is known, in words.
        witness: populations mu, mu' (S, A) with an inner product above 0, where `weak` is refuted by one.
        flow_witness: policies (H, S, A) whose flows have one, where `flow` is refuted by them.
    """

    weak: bool | None
    strict: bool | None
    flow: bool | None
    slope: float
    flow_slope: float
    argument: str
    error: float = 0.0
    bent: float = 0.0
    witness: Pair | None = None
    flow_witness: Pair | None = None

    def allowance(self, mu: FloatArray, other: FloatArray) -> float:
        """By how much <R(mu) - R(mu'), mu - mu'> may be above 0 where the game counts as monotone, reward units.

        That is what the changes of the rewards that make it so, at most `bent` and an `error` times mu, do to the inner
        product; its sum over h for flows (H, S, A).
        """
        gap = mu - other
        return self.error * float((gap**2).sum()) + 2 * self.bent * float(np.abs(gap).sum())


def monotonicity(game: FiniteHorizonGame, rng: np.random.Generator | None = None) -> Monotonicity:
    """What is known of the monotonicity of a game.

    Args:
        rng: of the search where rewards are not affine; seeded with 0 by default.

    Raises:
        InputError: another kind of game; that of a dynamic game is known from the game that it induces.
    """
    if not isinstance(game, FiniteHorizonGame):
        raise InputError(f"game == {game!r}, must be a FiniteHorizonGame: a dynamic game has one, induced_game(game)")
    generator = np.random.default_rng(0) if rng is None else rng
    if game.fixed_kernel is None:
        return _with_moving_kernel(game, generator)
    known = game.declared.get("slope")
    if known is not None and known.certified and known.value <= 0.0:
        strict = True if known.value < 0.0 else None
        return Monotonicity(True, strict, True, known.value, known.value, f"declared: {known.argument}")
    affine = game.declared.get("affine")
    if affine is None or not affine.certified:
        return _searched(game, generator)
    slopes = slopes_at_vertices(game)
    if affine.value > AFFINE * max(float(np.abs(slopes).max()), 1e-300):
        return _searched(game, generator)
    return _affine(game, slopes, affine.value)


def inner_product(game: FiniteHorizonGame, mu: FloatArray, other: FloatArray) -> float:
    """<R(mu) - R(mu'), mu - mu'>, reward units; its sum over h for flows (H, S, A)."""
    if mu.ndim == 3:
        return sum(inner_product(game, *pair) for pair in zip(mu, other, strict=True))
    return float(((game.reward_at(mu) - game.reward_at(other)) * (mu - other)).sum())


def _with_moving_kernel(game: FiniteHorizonGame, rng: np.random.Generator) -> Monotonicity:
    """Definition 10 wants P to ignore mu; a kernel given as a function may still be constant."""
    affordable = affordable_evaluations(game)
    if not affordable:
        return _unseen("P is a function of mu that is too long to look at: not known to ignore mu")
    kernels = [game.kernel_at(mu) for mu in islice(populations(game, rng), game.n_states * game.n_actions + affordable)]
    moved = max(float(np.abs(kernel - kernels[0]).max()) for kernel in kernels)
    if moved > 1e-12:
        return Monotonicity(
            False, False, False, math.nan, math.nan, f"P depends on mu: entries change by up to {moved:.3g}"
        )
    return _unseen(f"P is a function of mu that was the same at {len(kernels)} populations: not known to ignore mu")


def _unseen(argument: str) -> Monotonicity:
    return Monotonicity(None, None, None, math.nan, math.nan, argument)


def _affine(game: FiniteHorizonGame, slopes: FloatArray, bent: float) -> Monotonicity:
    D, H, form = len(slopes), game.horizon, (slopes + slopes.T) / 2
    error = 8 * EPS * H * D * float(np.abs(slopes).sum(axis=1).max())
    slope, direction = largest_slope(form, null_space(np.ones((1, D))))
    flow_slope, flow_direction = largest_slope(
        np.asarray(np.kron(np.eye(H), form), dtype=np.float64), _flow_differences(game)
    )
    weak, flow = slope <= error, flow_slope <= error
    return Monotonicity(
        weak=weak,
        strict=(True if slope < -error else None) if weak else False,
        flow=flow,
        slope=slope,
        flow_slope=flow_slope,
        argument=f"rewards affine in mu: largest eigenvalue of the symmetrised slope, +- {error:.1g}",
        error=error,
        bent=bent,
        witness=None if weak else pair_along(np.full(D, 1 / D), direction, (game.n_states, game.n_actions)),
        flow_witness=None if flow else _policies(game, flow_direction),
    )


def _policies(game: FiniteHorizonGame, direction: FloatArray) -> Pair:
    """Two policies whose flows differ along `direction`, a difference of flows (H D,)."""
    uniform = np.full((game.horizon, game.n_states, game.n_actions), 1.0 / game.n_actions)
    centre, gap = flow_of(game, uniform).mu, direction.reshape(uniform.shape)
    reach = np.where(np.abs(gap) > 1e-13, centre / np.maximum(np.abs(gap), 1e-13), np.inf)
    flows = [np.maximum(centre + sign * 0.9 * reach.min() * gap, 0.0) for sign in (1.0, -1.0)]
    masses = [flow.sum(axis=2, keepdims=True) for flow in flows]
    first, second = (
        np.where(mass > 0.0, flow / np.where(mass > 0.0, mass, 1.0), uniform)
        for flow, mass in zip(flows, masses, strict=True)
    )
    return first, second


def _flow_differences(game: FiniteHorizonGame) -> FloatArray:
    """An orthonormal basis of the differences of flows, (H D, dimension): linear, since P ignores mu."""
    assert game.fixed_kernel is not None
    H, S, A = game.horizon, game.n_states, game.n_actions
    D = S * A
    kernel = game.fixed_kernel.reshape(D, S)
    states = np.repeat(np.eye(S), A, axis=1)  # (S, D): sums over actions
    rows = np.zeros((H * S, H * D))
    for h in range(H):
        rows[h * S : (h + 1) * S, h * D : (h + 1) * D] = states
        if h:
            rows[h * S : (h + 1) * S, (h - 1) * D : h * D] = -kernel.T
    everywhere = flow_of(game, np.full((H, S, A), 1.0 / A)).mu.reshape(H * D)
    never = np.eye(H * D)[everywhere == 0.0]  # pairs that no policy reaches
    return np.asarray(null_space(np.concatenate([rows, never])))


def _searched(game: FiniteHorizonGame, rng: np.random.Generator) -> Monotonicity:
    """Pairs along the steepest direction of the local slope, and random pairs of policies, looked at for a violation.

    At most half of the evaluations that are affordable go to the former; where not all are, vertices are looked at too.
    """
    affordable, H, D = affordable_evaluations(game), game.horizon, game.n_states * game.n_actions
    if not affordable:
        return _unseen("rewards not known to be affine in mu, and too long to look at")
    each = D + 5  # evaluations of `pairs_around` and for the two pairs that it yields
    n_populations = affordable // 2 // each
    plays = min(2 * PROBES, (affordable - n_populations * each) // (4 * H))  # a flow asks R, as its inner product does
    pairs = [pair for mu in islice(populations(game, rng), n_populations) for pair in pairs_around(game, mu)]
    if n_populations < D + PROBES:
        pairs += vertices_apart(game)
    policies = [rng.dirichlet(np.full(game.n_actions, 0.3), (2, H, game.n_states)) for _ in range(plays)]
    slope, witness = _steepest(game, pairs)
    flows = [(flow_of(game, first).mu, flow_of(game, second).mu) for first, second in policies]
    flow_slope, found = _steepest(game, flows)
    flow_witness = next(
        ((p[0], p[1]) for p, f in zip(policies, flows, strict=True) if found is not None and f[0] is found[0]), None
    )
    refuted = None if witness is None else False
    all_told = n_populations >= D + PROBES and plays == 2 * PROBES
    few = (
        "" if all_told else f" and {len(flows)} of flows, few since an evaluation takes {size_text(game.work)} entries,"
    )
    return Monotonicity(
        weak=refuted,
        strict=refuted,
        flow=None if flow_witness is None else False,
        slope=slope,
        flow_slope=flow_slope if flows else math.nan,
        argument=f"rewards not known to be affine in mu: a search over {len(pairs)} pairs{few} can only refute",
        witness=witness,
        flow_witness=flow_witness,
    )


def _steepest(game: FiniteHorizonGame, pairs: list[Pair]) -> tuple[float, Pair | None]:
    """The largest slope over pairs, and the pair when its inner product is above 0 beyond rounding."""
    largest, witness = -math.inf, None
    size = max(map(abs, game.reward_range))
    for mu, other in pairs:
        gap = mu - other
        far = float((gap**2).sum())
        if far < 1e-16:
            continue
        product = inner_product(game, mu, other)
        if product / far > largest:
            largest = product / far
            certain = product > 64 * EPS * size * float(np.abs(gap).sum())
            witness = (mu, other) if certain else None
    return largest, witness
