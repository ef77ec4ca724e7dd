"""Players on a line of cells who react to where the others are: a monotone chain and a potential ring.

Moves do not depend on mu, and r(s,a,mu) = base(s,a) + sum_x W(s,x) mu(x) is affine in it. What W is decides the class:

- -W positive definite: <r(mu) - r(mu'), mu - mu'> < 0 for mu != mu', the monotonicity of Lasry and Lions. With discounted
  rewards this does not make the equilibrium unique: see `mfbounds.games.delay`.
- W symmetric: the reward is the gradient in mu of F(mu) = sum_s base(s) mu(s) + <mu, W mu>/2. Consider the policies of full
  support, each with its stationary law mu, and add to F(mu) the mean entropy bonus less the mean effort under that law.
  The critical points of that are the equilibria of the average reward. A discounted equilibrium need not be one of them.
"""

from __future__ import annotations

import numpy as np

from mfbounds.checks import FloatArray, check_count, check_positive, check_real
from mfbounds.errors import InputError
from mfbounds.games.affine import AffineGame
from mfbounds.games.crowding import check_kappa
from mfbounds.games.options import check_entries
from mfbounds.games.origins import origin_of

MOVES = (-1, 0, 1)
EFFORT = 0.05  # cost of a move, reward units


def monotone_chain(
    *,
    n_states: int = 10,
    kappa: float = 1.0,
    reach: float = 1.0,
    slip: float = 0.1,
    gamma: float = 0.9,
    eta: float = 0.1,
) -> AffineGame:
    """A line of cells with a slope towards its end and aversion to crowds nearby: W(s,x) = -kappa exp(-|s-x|/reach).

    The kernel exp(-|s-x|/reach) is positive definite, so the reward is monotone in the sense of Lasry and Lions (for
    kappa > 0 strictly). That makes the equilibrium of the average reward unique, and says nothing for gamma < 1: see
    `mfbounds.games.delay`. From 20 starts one equilibrium was found, with the default values.

    Args:
        n_states: number of cells S.
        kappa: crowd-aversion weight >= 0, reward units.
        reach: distance > 0, in cells, over which crowds are felt.
        slip: probability in [0, 1] that one of the three moves (left, stay, right), drawn evenly, replaces the chosen one.
        gamma, eta: discount factor in [0, 1), entropy temperature > 0.

    Raises:
        InputError: a value breaks an input rule.

    Example:
        >>> monotone_chain()
        <monotone_chain: S=10, A=3, gamma=0.9, eta=0.1>
    """
    arguments = dict(locals())
    n_states, kappa, reach = _cells(n_states), check_kappa(kappa), check_positive(reach, "reach")
    cells = np.arange(n_states)
    weights = -kappa * np.exp(-np.abs(cells[:, None] - cells) / reach)
    kernel = _moves(np.clip(cells[:, None] + MOVES, 0, n_states - 1), slip)
    return AffineGame(
        kernel,
        _rewards(np.linspace(0.0, 1.0, n_states), weights),
        gamma=gamma,
        eta=eta,
        start=np.eye(n_states)[0],
        name="monotone_chain",
        origin=origin_of("monotone_chain", arguments),
    )


def potential_ring(
    *,
    n_states: int = 8,
    attraction: float = 1.0,
    repulsion: float = 2.0,
    slip: float = 0.1,
    gamma: float = 0.9,
    eta: float = 0.1,
) -> AffineGame:
    """A ring of cells: drawn to company in one's own cell, repelled by the two next ones.

    W(s,s) = attraction and W(s,x) = -repulsion/2 for neighbours is symmetric, so the reward has a potential. By default
    it is neither convex nor concave: the game is not monotone, and there are several equilibria. In general
    they are critical points of the potential in the limit gamma -> 1 only: over the logits of the policy its slope
    (largest entry) at the one with most players in the first cell is .014 at gamma = .5, 1.5e-6 at gamma = .9, and 1.8e-8
    at gamma = .99.

    Args:
        n_states: number of cells S >= 3.
        attraction, repulsion: weights, reward units; any sign. The potential is concave on populations of equal mass, and
            the reward monotone, where attraction <= repulsion cos(2 pi j/S) for j = 1, ..., S/2.
        slip: as in `monotone_chain`.
        gamma, eta: discount factor in [0, 1), entropy temperature > 0.

    Raises:
        InputError: a value breaks an input rule.

    Example:
        >>> game = potential_ring()
        >>> game.reward([0.5, 0.5, 0, 0, 0, 0, 0, 0])[:, 1]      # staying costs nothing
        array([ 0. ,  0. , -0.5,  0. ,  0. ,  0. ,  0. , -0.5])
    """
    arguments = dict(locals())
    n_states = _cells(n_states, least=3)
    attraction, repulsion = check_real(attraction, "attraction"), check_real(repulsion, "repulsion")
    cells, one = np.arange(n_states), np.eye(n_states)
    weights = attraction * one - repulsion / 2.0 * (np.roll(one, 1, axis=1) + np.roll(one, -1, axis=1))
    return AffineGame(
        _moves((cells[:, None] + MOVES) % n_states, slip),
        _rewards(np.zeros(n_states), weights),
        gamma=gamma,
        eta=eta,
        start=one[0],
        name="potential_ring",
        origin=origin_of("potential_ring", arguments),
    )


def _cells(n_states: int, least: int = 2) -> int:
    check_entries(check_count(n_states, "n_states", least=least) ** 2 * len(MOVES), "n_states", n_states)
    return n_states


def _moves(goals: np.ndarray, slip: float) -> FloatArray:
    """The kernel of moves to `goals` (S, A), replaced by an even draw among them with probability `slip`; (S, A, S)."""
    if not 0.0 <= check_real(slip, "slip") <= 1.0:
        raise InputError(f"slip == {slip}, must be in [0, 1]: it is a probability")
    chosen = np.eye(len(goals))[goals]
    kernel: FloatArray = (1.0 - slip) * chosen + slip * chosen.mean(axis=1, keepdims=True)
    return kernel


def _rewards(base: FloatArray, weights: FloatArray) -> FloatArray:
    """base(s) - effort of the move + sum_x W(s,x) mu(x) at the vertices, (S, S, A): [x, s, a]."""
    effort = EFFORT * np.abs(MOVES)
    rewards: FloatArray = weights.T[:, :, None] + (base[:, None] - effort)
    return rewards
