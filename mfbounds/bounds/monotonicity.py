"""Whether a finite-horizon mean-field game is monotone (P2, Definition 10), and by how much.

With rewards affine in mu, R(mu) = r + J mu, the inner product <R(mu) - R(mu'), mu - mu'> is the quadratic form of J on
differences of distributions: the largest eigenvalue of its symmetric part there decides. Differences of flows obey
d_{h+1}(s', .) summed = sum_x d_h(x) P(s'|x) and d_0(s, .) summed = 0: on that subspace the form of diag(J, .., J) decides.
Other rewards are only searched for a violation.
"""

from __future__ import annotations

import math
from dataclasses import dataclass

import numpy as np
from scipy.linalg import null_space

from mfbounds.checks import FloatArray
from mfbounds.games.dynamic.finite_horizon import FiniteHorizonGame
from mfbounds.mdp.finite_horizon import flow_of

PROBES = 24  # random distributions at which affine rewards are confirmed
AFFINE = 1e-11  # relative deviation that still counts as rounding
MARGIN = 1e-9  # eigenvalues closer to 0 than this, relative to |J|, are open for `strict`, and 0 for `weak`


@dataclass(frozen=True)
class Monotonicity:
    """Each of `weak`, `strict`, `flow` is True, False, or None where open.

    Attributes:
        slope: largest <R(mu)-R(mu'), mu-mu'>/||mu-mu'||_2^2, reward units; NaN where the dynamics depend on mu.
        flow_slope: the same for flows, sums over h above and below.
        argument: how this is known, in words.
    """

    weak: bool | None
    strict: bool | None
    flow: bool | None
    slope: float
    flow_slope: float
    argument: str


def monotonicity(game: FiniteHorizonGame, rng: np.random.Generator) -> Monotonicity:
    """What is known of the monotonicity of a game; `rng` draws the probes."""
    if game.fixed_kernel is None:
        return Monotonicity(False, False, False, math.nan, math.nan, "P depends on mu")
    jacobian = _jacobian(game, rng)
    if jacobian is None:
        return _searched(game, rng)
    size, D = float(np.abs(jacobian).max()), len(jacobian)
    form = (jacobian + jacobian.T) / 2
    slope = _largest(form, null_space(np.ones((1, D)))) if D > 1 else -math.inf
    basis = _flow_differences(game)
    flow_slope = _largest(np.kron(np.eye(game.horizon), form), basis) if basis.shape[1] else -math.inf
    zero = MARGIN * size
    return Monotonicity(
        weak=slope <= zero,
        strict=slope < -zero or None if slope <= zero else False,
        flow=flow_slope <= zero,
        slope=slope,
        flow_slope=flow_slope,
        argument="rewards affine in mu: largest eigenvalue of the symmetrised slope",
    )


def _jacobian(game: FiniteHorizonGame, rng: np.random.Generator) -> FloatArray | None:
    """J with R(mu) = J mu on the simplex, (D, D) (columns are the rewards at the vertices); None where R is not affine."""
    D, shape = game.n_states * game.n_actions, (game.n_states, game.n_actions)
    columns = np.stack([game.reward_at(vertex.reshape(shape)).ravel() for vertex in np.eye(D)], axis=1)
    size = float(np.abs(columns).max())
    for _ in range(PROBES):
        mu = rng.dirichlet(np.full(D, 0.7))
        if float(np.abs(game.reward_at(mu.reshape(shape)).ravel() - columns @ mu).max()) > AFFINE * size:
            return None
    return columns


def _largest(form: FloatArray, basis: FloatArray) -> float:
    return float(np.linalg.eigvalsh(basis.T @ form @ basis)[-1])


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
    D, shape = game.n_states * game.n_actions, (game.n_states, game.n_actions)
    found = flows = -math.inf
    for _ in range(PROBES * 4):
        mu, nu = (rng.dirichlet(np.full(D, rng.choice([0.2, 1.0]))).reshape(shape) for _ in range(2))
        gap = mu - nu
        found = max(found, float(((game.reward_at(mu) - game.reward_at(nu)) * gap).sum() / (gap**2).sum()))
        policies = rng.dirichlet(np.full(game.n_actions, 0.3), (2, game.horizon, game.n_states))
        first, second = (flow_of(game, policy) for policy in policies)
        far = first.mu - second.mu
        if (far**2).sum() > 1e-12:
            flows = max(flows, float(((first.rewards - second.rewards) * far).sum() / (far**2).sum()))
    broken, broken_flows = found > MARGIN, flows > MARGIN
    return Monotonicity(
        weak=False if broken else None,
        strict=False if broken else None,
        flow=False if broken_flows else None,
        slope=found,
        flow_slope=flows,
        argument="rewards not affine in mu: a search for a violation",
    )
