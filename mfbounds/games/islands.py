"""Two islands joined by a narrow bridge (P1, Appendix F).

The paper asks for a single bridge and for exactly two neighbours a state. No connected graph has both: with two
neighbours everywhere it is one cycle, and a cycle that joins two islands does so twice. `topology` chooses what gives:

- "bridge" (default): each island is a cycle and one bridge joins them; its two ends have three neighbours.
- "ring": one cycle through both islands; two neighbours everywhere, and two links between the islands.
- "path": one line through both islands; one bridge, and the two outermost states have one neighbour.

The rest of what the paper leaves open: the weights over {itself} and the neighbours are uniform on the simplex, drawn
for each state and action; locations are counted from 0, as the cells of its grids are.
"""

from __future__ import annotations

import numpy as np
import scipy.sparse as sp

from mfbounds.checks import FloatArray, SparseKernel, check_count
from mfbounds.errors import InputError
from mfbounds.games.crowding import Crowding, check_floor, check_kappa, own_density
from mfbounds.games.game import MeanFieldGame, from_functions
from mfbounds.games.options import check_choice, check_entries
from mfbounds.games.origins import origin_of

TOPOLOGIES = ("bridge", "ring", "path")


def two_islands(
    *,
    kappa: float = 0.2,
    eta: float = 0.05,
    gamma: float = 0.9,
    n_states: int = 14,
    n_actions: int = 2,
    seed: int = 0,
    topology: str = "bridge",
    location: int = 2,
    floor: float | None = None,
) -> MeanFieldGame:
    """Players on two islands; r(s,mu) = -kappa log max(mu(s), floor), and twice that on the second island.

    Moves do not depend on mu, so L_P = 0. States 0 to S/2 - 1 are the first island, where all players start.

    Args:
        kappa: crowd-aversion weight >= 0, reward units; 0 gives zero rewards.
        eta: entropy temperature > 0 (reward units per nat).
        gamma: discount factor in [0, 1).
        n_states: S, even and >= 2; half of the states on each island.
        n_actions: A.
        seed: of the transition weights, an integer >= 0.
        topology: "bridge", "ring" or "path"; see the module.
        location: the state of the first island where all players start, 0 to S/2 - 1.
        floor: densities below it count as equal to it, in (0, 1); default 1e-3/S. See `mfbounds.games.crowding`.

    Raises:
        InputError: a value breaks an input rule.
        UnknownNameError: the topology is not known.

    Example:
        >>> game = two_islands()
        >>> game
        <two_islands: S=14, A=2, gamma=0.9, eta=0.05>
        >>> f"{game.declared['L_r'].value:.0f}"       # 2 * 0.2 / floor * sqrt(1 - 1/14)
        '5396'
    """
    arguments = dict(locals())
    kappa, half = check_kappa(kappa), check_count(n_states, "n_states", least=2) // 2
    if n_states % 2:
        raise InputError(f"n_states == {n_states}, must be even: half of the states lie on each island")
    if check_count(location, "location", least=0) >= half:
        raise InputError(f"location == {location}, must be a state of the first island, 0 to {half - 1}")
    check_entries(n_states**2 * check_count(n_actions, "n_actions"), "n_states", n_states)
    edges = _edges(half, check_choice(topology, "topology", TOPOLOGIES))
    kernel = _random_kernel(edges, n_states, n_actions, check_count(seed, "seed", least=0))
    weights: FloatArray = kappa * np.where(np.arange(n_states) < half, 1.0, 2.0)
    arguments["floor"] = check_floor(floor, n_states)  # a game states the floor that it has
    reward = Crowding(exposure=own_density(weights), base=np.zeros((n_states, n_actions)), floor=arguments["floor"])
    return from_functions(
        kernel,
        reward if kappa > 0.0 else reward.base,
        n_states=n_states,
        n_actions=n_actions,
        gamma=gamma,
        eta=eta,
        reward_range=reward.reward_range,
        start=np.eye(n_states)[location],
        declared=reward.constants if kappa > 0.0 else {},
        name="two_islands",
        origin=origin_of("two_islands", arguments),
        layout={"kind": "graph", "edges": [list(edge) for edge in edges], "positions": _positions(half).tolist()},
    )


def _edges(half: int, topology: str) -> list[tuple[int, int]]:
    """The undirected edges, without repetition."""
    n_states = 2 * half
    edges = [(s, s + 1) for s in range(n_states - 1)]  # (half - 1, half) is the bridge
    if topology == "ring":
        edges.append((0, n_states - 1))
    elif topology == "bridge":
        edges += [(0, half - 1), (half, n_states - 1)]
    return sorted({edge for edge in edges if edge[0] != edge[1]})


def _random_kernel(edges: list[tuple[int, int]], n_states: int, n_actions: int, seed: int) -> SparseKernel:
    """Weights uniform on the simplex over {itself} and the neighbours, CSR (S*A, S)."""
    reachable: list[list[int]] = [[s] for s in range(n_states)]
    for s, t in edges:
        reachable[s].append(t)
        reachable[t].append(s)
    rng = np.random.default_rng(seed)
    kernel: FloatArray = np.zeros((n_states, n_actions, n_states))
    for s, states in enumerate(reachable):
        kernel[s][:, sorted(states)] = rng.dirichlet(np.ones(len(states)), size=n_actions)
    return sp.csr_array(kernel.reshape(-1, n_states))


def _positions(half: int) -> FloatArray:
    """Where to draw each state: two circles side by side, the bridge between them; shape (S, 2), (x, y)."""
    angles = np.pi / half + 2.0 * np.pi * np.arange(half) / half
    first = np.stack([np.cos(angles) - 1.5, np.sin(angles)], axis=1)
    second = first[::-1] * (-1.0, 1.0)
    return np.concatenate([first, second])
