"""Random games whose constants are certified: all are affine in mu, so that enumeration over vertices gives them.

`random_game(family, seed)` draws a game of a named family, with its sizes, gamma and eta. `random_affine` and `garnet`
leave these to the caller. The same arguments give the same game. Rewards are of order one unless the family says
otherwise.
"""

from __future__ import annotations

import math
import zlib

import numpy as np

from mfbounds.checks import check_count, check_eta, check_gamma, check_positive, check_real
from mfbounds.errors import InputError
from mfbounds.games.affine import AffineGame
from mfbounds.games.families import FAMILIES, Draw, Parts, dense, doors
from mfbounds.games.families import garnet as garnet_parts
from mfbounds.games.game import Origin
from mfbounds.games.options import check_choice
from mfbounds.games.origins import origin_of

ETAS = (0.05, 5.0)  # drawn log-uniformly, in units of the reward's scale
COUPLINGS = {"both": (True, True), "kernel": (True, False), "reward": (False, True), "none": (False, False)}


def random_affine(
    *,
    seed: int,
    n_states: int = 4,
    n_actions: int = 3,
    gamma: float = 0.9,
    eta: float = 0.1,
    coupling: str = "both",
    concentration: float = 1.0,
) -> AffineGame:
    """A dense random game: Dirichlet rows, rewards uniform in [0, 1], drawn anew for each vertex of the simplex.

    Args:
        seed: an integer >= 0.
        n_states, n_actions: S and A.
        gamma, eta: discount factor in [0, 1), entropy temperature > 0.
        coupling: where mu plays a role: "both", "kernel", "reward" or "none".
        concentration: of the symmetric Dirichlet law of the rows; well below 1 they are nearly deterministic.

    Raises:
        InputError: a value breaks an input rule.
        UnknownNameError: the coupling is not known.

    Example:
        >>> random_affine(seed=1)
        <random_affine(seed=1): S=4, A=3, gamma=0.9, eta=0.1>
    """
    arguments = dict(locals())
    draw = _draw("random_affine", seed, n_states, n_actions)
    in_kernel, in_reward = _coupled(coupling)
    draw.check_size(draw.n_states ** (1 + in_kernel))
    parts = dense(draw, in_kernel, in_reward, check_positive(concentration, "concentration"))
    return _game(parts, gamma, eta, origin_of("random_affine", arguments), f"random_affine(seed={seed})")


def garnet(
    *,
    seed: int,
    n_states: int = 20,
    n_actions: int = 3,
    branching: int = 3,
    gamma: float = 0.9,
    eta: float = 0.1,
    coupling: str = "both",
    strength: float = 0.5,
    sparse: bool | None = None,
) -> AffineGame:
    """A mean-field Garnet: every (s,a) leads to `branching` random next states, the same ones at every mu.

    At each vertex, kernel and reward are (1 - strength) times a part without mu plus strength times a part of its own.

    Args:
        seed: an integer >= 0.
        n_states, n_actions: S and A.
        branching: number of next states of each (s,a), 1 to S.
        gamma, eta: discount factor in [0, 1), entropy temperature > 0.
        coupling: where mu plays a role: "both", "kernel", "reward" or "none". Coupled rewards are S*S*A numbers and
            coupled sparse kernels S*S*A*branching, so that the largest games need "none".
        strength: how much mu matters, in [0, 1].
        sparse: whether kernels are CSR; by default from 64 states on.

    Raises:
        InputError: a value breaks an input rule, or the game needs arrays of more than 1 GiB.
        UnknownNameError: the coupling is not known.

    Example:
        >>> garnet(seed=1, n_states=1000, coupling="none").fixed_kernel.nnz
        9000
    """
    arguments = dict(locals())
    draw = _draw("garnet", seed, n_states, n_actions)
    in_kernel, in_reward = _coupled(coupling)
    if check_count(branching, "branching") > draw.n_states:
        raise InputError(f"branching == {branching}, must be <= n_states == {n_states}: next states are distinct")
    if not 0.0 <= check_real(strength, "strength") <= 1.0:
        raise InputError(f"strength == {strength}, must be in [0, 1]: it weighs the part that depends on mu")
    if not isinstance(sparse, bool | None):
        raise InputError(f"sparse == {sparse!r}, must be True, False or None")
    sparse = draw.n_states >= 64 if sparse is None else sparse
    draw.check_size(draw.n_states**in_kernel * (branching if sparse else draw.n_states))
    draw.check_size(draw.n_states**in_reward)
    parts = garnet_parts(draw, branching, in_kernel, in_reward, strength, sparse)
    return _game(parts, gamma, eta, origin_of("garnet", arguments), f"garnet(seed={seed})")


def two_doors(*, gamma: float = 0.9, eta: float = 0.1, slip: float = 0.1, attraction: float = 1.0) -> AffineGame:
    """Two states; the action names the next one, reached with probability 1 - slip; r(s,a,mu) = attraction * mu(s).

    The smallest game with several equilibria although L_P = 0: three, with the default values.

    Raises:
        InputError: a value breaks an input rule.

    Example:
        >>> two_doors().kernel([0.5, 0.5])[0]
        array([[0.9, 0.1],
               [0.1, 0.9]])
    """
    arguments = dict(locals())
    if not 0.0 <= check_real(slip, "slip") <= 1.0:
        raise InputError(f"slip == {slip}, must be in [0, 1]: it is a probability")
    parts = doors(_draw("two_doors", 0, 2, 2), slip, check_real(attraction, "attraction"))
    return _game(parts, gamma, eta, origin_of("two_doors", arguments), "two_doors")


def families() -> tuple[str, ...]:
    """The names that `random_game` takes."""
    return tuple(FAMILIES)


def random_game(
    family: str,
    seed: int,
    *,
    n_states: int | None = None,
    n_actions: int | None = None,
    gamma: float | None = None,
    eta: float | None = None,
) -> AffineGame:
    """A game of the family, with whatever is not given drawn from the seed.

    Args:
        family: one of `families()`.
        seed: an integer >= 0.
        n_states, n_actions: S and A; by default 2 to 6 and 2 to 4.
        gamma: by default one of 0, .3, .5, .9, .99.
        eta: by default log-uniform in [0.05, 5] times the scale of the reward.

    Raises:
        UnknownNameError: there is no such family.
        InputError: a value breaks an input rule, or the family has no such game.

    Example:
        >>> random_game("garnet", 7).origin
        Origin(factory='random_game', arguments={'family': 'garnet', 'seed': 7})
        >>> random_game("contractive", 3, n_states=5).n_states
        5
    """
    kind = FAMILIES[check_choice(family, "family", FAMILIES)]
    rng = _rng(family, seed)
    # Everything is drawn, given or not, so that giving one value leaves the others as they were.
    drawn_states, drawn_actions = (int(rng.integers(low, high + 1)) for low, high in (kind.states, kind.actions))
    drawn_gamma, drawn_eta = float(rng.choice(kind.gammas)), math.exp(rng.uniform(*np.log(ETAS))) * kind.scale
    n_s = _size(n_states, drawn_states, kind.states, "n_states", family)
    n_a = _size(n_actions, n_s if kind.square else drawn_actions, kind.actions, "n_actions", family)
    if kind.square and n_a != n_s:
        raise InputError(f"n_actions == {n_a}, must be n_states == {n_s} in the family {family!r}")
    chosen_gamma = drawn_gamma if gamma is None else check_gamma(gamma)
    if chosen_gamma == 0.0 and 0.0 not in kind.gammas:
        raise InputError(f"gamma == {chosen_gamma}, must be > 0 in the family {family!r}")
    chosen_eta = drawn_eta if eta is None else check_eta(eta)
    draw = Draw(rng=rng, n_states=n_s, n_actions=n_a, gamma=chosen_gamma, eta=chosen_eta / kind.scale)
    draw.check_size(n_s * n_s)
    given = {"n_states": n_states, "n_actions": n_actions, "gamma": gamma, "eta": eta}
    arguments = {"family": family, "seed": seed} | {key: value for key, value in given.items() if value is not None}
    origin = origin_of("random_game", arguments)
    return _game(kind.build(draw), chosen_gamma, chosen_eta, origin, f"{family} {seed}", kind.scale, kind.shift)


def _size(value: int | None, drawn: int, limits: tuple[int, int], name: str, family: str) -> int:
    if value is None:
        return drawn
    low, high = limits
    if check_count(value, name, least=low) > low == high:
        raise InputError(f"{name} == {value}, must be {low} in the family {family!r}")
    return value


def _coupled(coupling: str) -> tuple[bool, bool]:
    """Whether mu plays a role in (the kernel, the reward)."""
    return COUPLINGS[check_choice(coupling, "coupling", COUPLINGS)]


def _rng(salt: str, seed: int) -> np.random.Generator:
    """A generator of its own for each factory or family."""
    return np.random.default_rng([zlib.crc32(salt.encode()), check_count(seed, "seed", least=0)])


def _draw(salt: str, seed: int, n_states: int, n_actions: int) -> Draw:
    return Draw(
        rng=_rng(salt, seed),
        n_states=check_count(n_states, "n_states"),
        n_actions=check_count(n_actions, "n_actions"),
    )


def _game(
    parts: Parts, gamma: float, eta: float, origin: Origin, name: str, scale: float = 1.0, shift: float = 0.0
) -> AffineGame:
    return AffineGame(
        parts.kernels,
        parts.rewards * scale + shift,
        gamma=gamma,
        eta=eta,
        restart=parts.restart,
        start=parts.start,
        name=name,
        origin=origin,
    )
